"""Rows about changing and deleting messages."""

from typing import Any

import aiohttp

from discord_sandbox import Permission
from tests.conformance.given import calls, each, making, may, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import latest, same
from tests.conformance.table import Case

EDIT = "resources/message#edit-message"
DELETE = "resources/message#delete-message"
CODES = "topics/opcodes-and-status-codes#json"
MESSAGES = "/channels/{general}/messages"
MESSAGE = f"{MESSAGES}/{{message}}"
ALICES = f"{MESSAGES}/{{alices}}"


def files(count: int, size: int = 1) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"{number}.txt", b"x" * size) for number in range(count))


async def with_files(scene: Scene) -> None:
    """Let the bot's message have two files."""
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "files"}', content_type="application/json")
    for number, (name, data) in enumerate(files(2)):
        form.add_field(f"files[{number}]", data, filename=name)
    answer = await scene.call("POST", MESSAGES, data=form)
    scene.ids["message"] = answer.body["id"]
    scene.ids["kept"] = answer.body["attachments"][1]["id"]


def names(*expected: str) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda _, body: same([one["filename"] for one in body["attachments"]], list(expected))


EMBEDDED = making("message", MESSAGES, {"content": "x", "embeds": [{"title": "t"}]})
SUPPRESSED = each(EMBEDDED, calls(("PATCH", MESSAGE, {"flags": 4})))
PINGED = making("message", MESSAGES, {"content": "<@{alice}>", "allowed_mentions": {"parse": []}})
CASES = [
    Case(
        EDIT,
        "an own message",
        "PATCH",
        MESSAGE,
        {"content": "new"},
        shows=lambda _, body: same((body["content"], body["edited_timestamp"] is None), ("new", False)),
    ),
    Case(EDIT, "another's message", "PATCH", ALICES, {"content": "new"}, 403, 50005),
    *needs(
        EDIT, Permission.MANAGE_MESSAGES, "PATCH", ALICES, {"flags": 4}, what="the flags of others' messages"
    ),
    Case(
        EDIT,
        "another's message, even with the right to manage",
        "PATCH",
        ALICES,
        {"content": "new", "flags": 4},
        403,
        50005,
        given=may(Permission.MANAGE_MESSAGES),
        permissions=("MANAGE_MESSAGES",),
    ),
    Case(EDIT, "an unknown message", "PATCH", f"{MESSAGES}/{{nothing}}", {"content": "x"}, 404, 10008),
    Case(
        CODES,
        "an own notice",
        "PATCH",
        f"{MESSAGES}/{{notice}}",
        {"content": "x"},
        403,
        50021,
        given=each(
            may(Permission.PIN_MESSAGES),
            calls(("PUT", "/channels/{general}/messages/pins/{alices}", None)),
            lambda scene: scene.ids.update(notice=str(latest(scene).id)),
        ),
    ),
    Case(EDIT, "nothing is left", "PATCH", MESSAGE, {"content": "", "components": []}, 400, 50006),
    Case(
        EDIT,
        "null takes away",
        "PATCH",
        MESSAGE,
        {"content": None},
        shows=lambda _, body: same(body["content"], ""),
    ),
    Case(
        EDIT,
        "embeds are suppressed",
        "PATCH",
        MESSAGE,
        {"flags": 4},
        given=EMBEDDED,
        shows=lambda _, body: same((body["embeds"], body["flags"]), ([], 4)),
    ),
    Case(
        EDIT,
        "embeds are shown again",
        "PATCH",
        MESSAGE,
        {"flags": 0},
        given=SUPPRESSED,
        shows=lambda _, body: same((len(body["embeds"]), body["flags"]), (1, 0)),
    ),
    Case(
        EDIT,
        "without flags they stay suppressed",
        "PATCH",
        MESSAGE,
        {"content": "y"},
        given=SUPPRESSED,
        shows=lambda _, body: same((body["embeds"], body["flags"]), ([], 4)),
    ),
    Case(
        EDIT,
        "flags that cannot be set are ignored",
        "PATCH",
        MESSAGE,
        {"flags": 64 | 4096},
        shows=lambda _, body: same(body["flags"], 0),
    ),
    Case(
        EDIT,
        "version 2 needs what it cannot have to be null",
        "PATCH",
        MESSAGE,
        {"flags": 1 << 15, "components": [{"type": 10, "content": "x"}]},
        400,
        50035,
        "content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    Case(
        EDIT,
        "version 2 can be set",
        "PATCH",
        MESSAGE,
        {"flags": 1 << 15, "content": None, "components": [{"type": 10, "content": "x"}]},
        shows=lambda _, body: same(body["flags"], 1 << 15),
    ),
    Case(
        EDIT,
        "version 2 cannot be taken back",
        "PATCH",
        MESSAGE,
        {"flags": 0, "components": [{"type": 10, "content": "y"}]},
        given=making("message", MESSAGES, {"flags": 1 << 15, "components": [{"type": 10, "content": "x"}]}),
        shows=lambda _, body: same(body["flags"], 1 << 15),
    ),
    Case(
        EDIT,
        "files that are listed stay",
        "PATCH",
        MESSAGE,
        {"attachments": [{"id": "{kept}"}]},
        given=with_files,
        shows=names("1.txt"),
    ),
    Case(
        EDIT,
        "files stay if none are listed",
        "PATCH",
        MESSAGE,
        {"content": "new"},
        given=with_files,
        shows=names("0.txt", "1.txt"),
    ),
    Case(
        EDIT,
        "new files are appended",
        "PATCH",
        MESSAGE,
        {},
        given=with_files,
        files=(("2.txt", b"x"),),
        shows=names("0.txt", "1.txt", "2.txt"),
    ),
    Case(
        EDIT,
        "new files beside those that are listed",
        "PATCH",
        MESSAGE,
        {"attachments": [{"id": "{kept}"}, {"id": 0}]},
        given=with_files,
        files=(("2.txt", b"x"),),
        shows=names("1.txt", "2.txt"),
    ),
    Case(
        EDIT,
        "eleven files in all",
        "PATCH",
        MESSAGE,
        {},
        400,
        30015,
        given=with_files,
        files=files(9),
        limits=("FILES",),
    ),
    Case(
        EDIT,
        "mentions are found anew, by default",
        "PATCH",
        MESSAGE,
        {"content": "again <@{alice}>"},
        given=PINGED,
        shows=lambda scene, body: same([one["id"] for one in body["mentions"]], [scene.ids["alice"]]),
    ),
    Case(
        EDIT,
        "mentions stay if the content does",
        "PATCH",
        MESSAGE,
        {"embeds": [{"title": "t"}]},
        given=PINGED,
        shows=lambda _, body: same(body["mentions"], []),
    ),
    Case(DELETE, "an own message", "DELETE", MESSAGE, None, 204),
    *needs(DELETE, Permission.MANAGE_MESSAGES, "DELETE", ALICES, status=204),
    Case(DELETE, "an unknown message", "DELETE", f"{MESSAGES}/{{nothing}}", None, 404, 10008),
    Case(
        CODES,
        "another's direct message",
        "DELETE",
        "/channels/{dm}/messages/{theirs}",
        None,
        403,
        50003,
        given=lambda scene: scene.ids.update(theirs=str(scene.alice.send(scene.channel("dm"), "hi").id)),
    ),
    Case(
        CODES,
        "what a thread begins with",
        "DELETE",
        "/channels/{about}/messages/{starter}",
        None,
        403,
        50021,
        given=each(
            making("about", f"{ALICES}/threads", {"name": "about"}),
            lambda scene: scene.ids.update(starter=str(scene.channel("about").log[0].id)),
            may(Permission.MANAGE_MESSAGES),
        ),
    ),
]
