"""Rows about direct messages."""

from typing import Any

from tests.calling import Json
from tests.conformance.scene import Scene
from tests.conformance.table import Case

CODES = "topics/opcodes-and-status-codes#json"
CREATE_DM = "resources/user#create-dm"


def exhausted(scene: Scene) -> None:
    scene.sandbox.dm_openings = 0


def recipient(name: str) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, body: Json) -> None:
        assert (body["type"], [one["id"] for one in body["recipients"]]) == (1, [scene.ids[name]])
        assert (body["id"] == scene.ids["dm"]) is (name == "alice")

    return shows


CASES = [
    Case(
        CREATE_DM,
        "one that is there already",
        "POST",
        "/users/@me/channels",
        {"recipient_id": "{alice}"},
        shows=recipient("alice"),
    ),
    Case(
        CREATE_DM,
        "a new one",
        "POST",
        "/users/@me/channels",
        {"recipient_id": "{bob}"},
        shows=recipient("bob"),
    ),
    Case(
        CREATE_DM,
        "not too many in a short time",
        "POST",
        "/users/@me/channels",
        {"recipient_id": "{bob}"},
        403,
        40003,
        given=exhausted,
        limits=("DM_OPENINGS", "DM_OPENINGS_SECONDS"),
    ),
    Case(
        CREATE_DM,
        "what is open already does not count",
        "POST",
        "/users/@me/channels",
        {"recipient_id": "{alice}"},
        given=exhausted,
    ),
    Case(
        CODES,
        "not with itself",
        "POST",
        "/users/@me/channels",
        {"recipient_id": "{bot}"},
        400,
        50033,
    ),
    Case(
        CODES,
        "not with nobody",
        "POST",
        "/users/@me/channels",
        {"recipient_id": "{nothing}"},
        400,
        50033,
    ),
    Case(
        CODES,
        "somebody who takes no direct messages",
        "POST",
        "/channels/{dm}/messages",
        {"content": "hello"},
        403,
        50007,
        given=lambda scene: scene.alice.block_dms(),
    ),
    Case(
        CODES,
        "somebody without a server in common",
        "POST",
        "/channels/{dm}/messages",
        {"content": "hello"},
        403,
        50278,
        given=lambda scene: scene.alice.leave(),
    ),
    Case(
        "resources/channel#deleteclose-channel",
        "a direct message is closed",
        "DELETE",
        "/channels/{dm}",
        shows=recipient("alice"),
    ),
    Case(CODES, "a direct message has no settings", "PATCH", "/channels/{dm}", {"name": "x"}, 403, 50003),
]
