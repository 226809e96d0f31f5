"""Rows about whom messages ping."""

from functools import partial
from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.given import each, may
from tests.conformance.scene import Scene
from tests.conformance.shown import latest, same
from tests.conformance.table import Case, Given, bounds, refused

ALLOWED = "resources/message#allowed-mentions-object"
MESSAGES = "/channels/{general}/messages"


def pings(*names: str, everyone: bool = False) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show whom the newest message in general notifies."""

    def shows(scene: Scene, body: Json) -> None:
        assert {str(one) for one in latest(scene).pings} == {scene.ids[name] for name in names}
        assert body["mention_everyone"] is everyone

    return shows


def mentionable_role(scene: Scene) -> None:
    scene.ids["loud"] = str(scene.guild.create_role("Loud", mentionable=True).id)


ALL_OF_THEM = "<@{alice}> <@{bob}> <@&{loud}> <@&{role}> @everyone"


def mentioning(allowed: Json | None, content: str = ALL_OF_THEM) -> Json:
    return {"content": content} | ({} if allowed is None else {"allowed_mentions": allowed})


def many(kind: str, number: int) -> Json:
    """Name so many users or roles."""
    return mentioning({kind: [str(one) for one in range(1, number + 1)]}, kind)


def mention_row(name: str, body: Json, shows: Any, given: Given = mentionable_role, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return Case(ALLOWED, name, "POST", MESSAGES, body, given=given, shows=shows, **more)


loud_and_free = each(mentionable_role, may(Permission.MENTION_EVERYONE))
CASES = [
    mention_row("all that is written, if nothing is said", mentioning(None), pings("alice", "bob", "loud")),
    mention_row("nobody", mentioning({"parse": []}), pings()),
    mention_row("users only", mentioning({"parse": ["users"]}), pings("alice", "bob")),
    mention_row("roles only", mentioning({"parse": ["roles"]}), pings("loud")),
    mention_row("named users only", mentioning({"users": ["{alice}", "{owner}"]}), pings("alice")),
    mention_row("named roles only", mentioning({"roles": ["{loud}"]}), pings("loud")),
    mention_row(
        "everyone, and named users",
        mentioning({"parse": ["everyone"], "users": ["{bob}"]}),
        pings("bob", everyone=True),
        loud_and_free,
        permissions=("MENTION_EVERYONE",),
    ),
    mention_row(
        "everyone and any role, with the permission",
        mentioning(None),
        pings("alice", "bob", "loud", "role", everyone=True),
        loud_and_free,
        permissions=("MENTION_EVERYONE",),
    ),
    mention_row(
        "@here, without the permission",
        mentioning(None, "@here"),
        pings(),
        permissions=("MENTION_EVERYONE",),
    ),
    mention_row(
        "an empty list beside parse", mentioning({"parse": ["users"], "users": []}), pings("alice", "bob")
    ),
    mention_row(
        "the texts of components",
        {"flags": 1 << 15, "components": [{"type": 10, "content": "<@{alice}>"}]},
        pings("alice"),
    ),
    mention_row(
        "the author of the answered message, if nothing is said",
        {"content": "yes", "message_reference": {"message_id": "{alices}"}},
        pings("alice"),
    ),
    mention_row(
        "not that author, if allowed mentions do not say so",
        {
            "content": "yes",
            "message_reference": {"message_id": "{alices}"},
            "allowed_mentions": {"parse": ["users"]},
        },
        pings(),
    ),
    mention_row(
        "that author, if allowed mentions say so",
        {
            "content": "yes",
            "message_reference": {"message_id": "{alices}"},
            "allowed_mentions": {"replied_user": True},
        },
        pings("alice"),
    ),
    refused(
        ALLOWED,
        "parse and a list of the same kind",
        "POST",
        MESSAGES,
        mentioning({"parse": ["users"], "users": ["{alice}"]}, "x"),
        "allowed_mentions: MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    refused(
        ALLOWED,
        "an unknown kind",
        "POST",
        MESSAGES,
        mentioning({"parse": ["all"]}, "x"),
        "allowed_mentions.parse.0: BASE_TYPE_CHOICES",
    ),
    refused(
        ALLOWED,
        "an id that is none",
        "POST",
        MESSAGES,
        mentioning({"users": ["Alice"]}, "x"),
        "allowed_mentions.users.0: NUMBER_TYPE_COERCE",
    ),
    *(
        row
        for kind in ("users", "roles")
        for row in bounds(
            ALLOWED,
            "MENTIONS",
            100,
            "POST",
            MESSAGES,
            partial(many, kind),
            f"allowed_mentions.{kind}: BASE_TYPE_MAX_LENGTH",
            what=f"allowed {kind}",
        )
    ),
]


def names(*expected: str) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda _, body: same([one["filename"] for one in body["attachments"]], list(expected))
