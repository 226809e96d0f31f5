"""Rows about reading messages, and deleting many at once."""

from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.given import each, may, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import latest, same
from tests.conformance.table import Case, refused

BULK = "resources/message#bulk-delete-messages"
READ = "resources/message#get-channel-messages"
READ_ONE = "resources/message#get-channel-message"
MESSAGES = "/channels/{general}/messages"
MESSAGE = f"{MESSAGES}/{{message}}"


def shows_id(name: str) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda scene, body: same(body["id"], scene.ids[name])


BULK_DELETE = f"{MESSAGES}/bulk-delete"
managing = may(Permission.MANAGE_MESSAGES)


def many(scene: Scene) -> None:
    """Let there be 101 messages of Alice's: `m0` to `m100`."""
    scene.give(Permission.MANAGE_MESSAGES)
    for number in range(101):
        scene.ids[f"m{number}"] = str(scene.alice.send(scene.channel("general"), str(number)).id)


def these(count: int) -> Json:
    return {"messages": [f"{{m{number}}}" for number in range(count)]}


def old(scene: Scene) -> None:
    many(scene)
    scene.clock.advance(14 * 24 * 3600 + 1)


def almost_old(scene: Scene) -> None:
    many(scene)
    scene.clock.advance(14 * 24 * 3600 - 1)


DELETING_MANY = [
    *needs(
        BULK,
        Permission.MANAGE_MESSAGES,
        "POST",
        BULK_DELETE,
        {"messages": ["{alices}", "{message}"]},
        status=204,
    ),
    Case(BULK, "two", "POST", BULK_DELETE, these(2), 204, given=many, limits=("BULK_DELETE",)),
    refused(
        BULK,
        "one",
        "POST",
        BULK_DELETE,
        these(1),
        "messages: BASE_TYPE_BAD_LENGTH",
        given=many,
        limits=("BULK_DELETE",),
    ),
    Case(
        BULK,
        "a hundred",
        "POST",
        BULK_DELETE,
        these(100),
        204,
        given=many,
        limits=("BULK_DELETE",),
        shows=lambda scene, _: same(latest(scene).content, "100"),
    ),
    refused(
        BULK,
        "a hundred and one",
        "POST",
        BULK_DELETE,
        these(101),
        "messages: BASE_TYPE_BAD_LENGTH",
        given=many,
        limits=("BULK_DELETE",),
    ),
    refused(
        BULK,
        "one of them twice",
        "POST",
        BULK_DELETE,
        {"messages": ["{alices}", "{alices}"]},
        "messages: SET_TYPE_ALREADY_CONTAINS_VALUE",
        given=managing,
    ),
    Case(
        BULK,
        "one that is not there",
        "POST",
        BULK_DELETE,
        {"messages": ["{m0}", "{gone}"]},
        204,
        given=each(many, lambda scene: scene.ids.update(gone=str(scene.sandbox.store.snowflakes.next()))),
    ),
    Case(
        BULK,
        "older than two weeks",
        "POST",
        BULK_DELETE,
        these(2),
        400,
        50034,
        given=old,
        limits=("BULK_DELETE_SECONDS",),
    ),
    Case(
        BULK,
        "younger than two weeks",
        "POST",
        BULK_DELETE,
        these(2),
        204,
        given=almost_old,
        limits=("BULK_DELETE_SECONDS",),
    ),
    Case(
        BULK,
        "in direct messages",
        "POST",
        "/channels/{dm}/messages/bulk-delete",
        {"messages": ["1", "2"]},
        403,
        50003,
    ),
]


def counted(count: int) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda _, body: same(len(body), count)


def numbered(*expected: int) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show which of `m0` to `m100` are given, in this order."""
    return lambda scene, body: same([one["id"] for one in body], [scene.ids[f"m{one}"] for one in expected])


READING = [
    *needs(READ, Permission.VIEW_CHANNEL, "GET", MESSAGES, code=50001),
    Case(
        READ,
        "nothing without the permission for history",
        "GET",
        MESSAGES,
        given=may_not(Permission.READ_MESSAGE_HISTORY),
        shows=counted(0),
        permissions=("READ_MESSAGE_HISTORY",),
    ),
    Case(READ, "fifty by default", "GET", MESSAGES, given=many, shows=counted(50)),
    Case(READ, "a hundred at most", "GET", f"{MESSAGES}?limit=100", given=many, shows=counted(100)),
    refused(READ, "not more", "GET", f"{MESSAGES}?limit=101", None, "limit: NUMBER_TYPE_RANGE"),
    refused(READ, "not none", "GET", f"{MESSAGES}?limit=0", None, "limit: NUMBER_TYPE_RANGE"),
    Case(READ, "before one", "GET", f"{MESSAGES}?before={{m5}}&limit=2", given=many, shows=numbered(4, 3)),
    Case(READ, "after one", "GET", f"{MESSAGES}?after={{m5}}&limit=2", given=many, shows=numbered(7, 6)),
    Case(READ, "around one", "GET", f"{MESSAGES}?around={{m5}}&limit=3", given=many, shows=numbered(6, 5, 4)),
    Case(READ_ONE, "one message", "GET", MESSAGE, shows=shows_id("message")),
    *needs(READ_ONE, Permission.READ_MESSAGE_HISTORY, "GET", MESSAGE),
    Case(READ_ONE, "an unknown message", "GET", f"{MESSAGES}/{{nothing}}", None, 404, 10008),
]

CASES = [*DELETING_MANY, *READING]
