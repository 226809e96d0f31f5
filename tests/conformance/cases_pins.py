"""Rows about pins, and about who is typing."""

from typing import Any

from discord_sandbox import Permission
from tests.calling import Json
from tests.conformance.given import each, may, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import latest, same
from tests.conformance.table import Case, Given, refused

PIN = "resources/message#pin-message"
PINS = "resources/message#get-channel-pins"
CODES = "topics/opcodes-and-status-codes#json"
TYPING = "resources/channel#trigger-typing-indicator"


def pinned(scene: Scene) -> None:
    """Let there be a notice of Discord's own."""
    scene.guild.owner.pin(scene.guild.owner.messages(scene.channel("general"))[0])
    scene.ids["notice"] = str(scene.guild.owner.messages(scene.channel("general"))[-1].id)


A_PIN = "/channels/{general}/messages/pins/{alices}"
ALL_PINS = "/channels/{general}/messages/pins"


def pins(count: int) -> Given:
    """Let Alice's messages `m0` and so on be pinned, one a second; the newest is not."""

    def given(scene: Scene) -> None:
        general, owner = scene.channel("general"), scene.guild.owner
        for number in range(count):
            view = scene.alice.send(general, f"pin {number}")
            owner.pin(owner.messages(general)[-1])
            scene.ids[f"m{number}"] = str(view.id)
            scene.clock.advance(1)
        scene.give(Permission.PIN_MESSAGES)

    return given


def second_pin(scene: Scene) -> None:
    """Remember when `m1` was pinned, with another sign for the same time zone."""
    pinned_at = scene.channel("general").messages[int(scene.ids["m1"])].pinned_at
    scene.ids["before"] = str(pinned_at).replace("+00:00", "Z")


def has_pins(*expected: int, more: bool = False) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, body: Json) -> None:
        assert [one["message"]["id"] for one in body["items"]] == [scene.ids[f"m{one}"] for one in expected]
        assert all(one["message"]["pinned"] for one in body["items"])
        assert body["has_more"] is more

    return shows


def a_notice(scene: Scene, _: object) -> None:
    notice = latest(scene).raw
    assert (int(notice.type), notice.reference["message_id"]) == (6, scene.ids["alices"])
    assert scene.channel("general").last_pin_timestamp is not None


CASES = [
    Case(
        PIN, "a notice says so", "PUT", A_PIN, None, 204, given=may(Permission.PIN_MESSAGES), shows=a_notice
    ),
    *needs(PIN, Permission.PIN_MESSAGES, "PUT", A_PIN, status=204),
    *needs("resources/message#unpin-message", Permission.PIN_MESSAGES, "DELETE", A_PIN, status=204),
    Case(
        PIN,
        "the right to manage messages does not suffice",
        "PUT",
        A_PIN,
        None,
        403,
        50013,
        given=may(Permission.MANAGE_MESSAGES),
        permissions=("MANAGE_MESSAGES", "PIN_MESSAGES"),
    ),
    Case(
        PIN,
        "in direct messages",
        "PUT",
        "/channels/{dm}/messages/pins/{theirs}",
        None,
        204,
        given=lambda scene: scene.ids.update(theirs=str(scene.alice.send(scene.channel("dm"), "hi").id)),
    ),
    Case(
        PIN,
        "an unknown message",
        "PUT",
        f"{ALL_PINS}/{{nothing}}",
        None,
        404,
        10008,
        given=may(Permission.PIN_MESSAGES),
    ),
    Case(
        CODES,
        "a notice is not pinned",
        "PUT",
        f"{ALL_PINS}/{{notice}}",
        None,
        403,
        50021,
        given=each(pinned, may(Permission.PIN_MESSAGES)),
    ),
    Case(CODES, "250 pins", "PUT", A_PIN, None, 204, given=pins(249), limits=("PINS",)),
    Case(CODES, "251 pins", "PUT", A_PIN, None, 400, 30003, given=pins(250), limits=("PINS",)),
    Case(PINS, "the latest pin first", "GET", ALL_PINS, given=pins(3), shows=has_pins(2, 1, 0)),
    Case(PINS, "a page", "GET", f"{ALL_PINS}?limit=2", given=pins(3), shows=has_pins(2, 1, more=True)),
    Case(
        PINS,
        "the next page",
        "GET",
        f"{ALL_PINS}?limit=2&before={{before}}",
        given=each(
            pins(3),
            second_pin,
        ),
        shows=has_pins(0),
    ),
    Case(
        PINS,
        "nothing without the permission for history",
        "GET",
        ALL_PINS,
        given=each(pins(1), may_not(Permission.READ_MESSAGE_HISTORY)),
        shows=has_pins(),
        permissions=("READ_MESSAGE_HISTORY",),
    ),
    refused(PINS, "fifty at most", "GET", f"{ALL_PINS}?limit=51", None, "limit: NUMBER_TYPE_RANGE"),
    refused(
        PINS,
        "a time that is none",
        "GET",
        f"{ALL_PINS}?before=yesterday",
        None,
        "before: DATE_TIME_TYPE_PARSE",
    ),
    *needs(TYPING, Permission.SEND_MESSAGES, "POST", "/channels/{general}/typing", status=204),
    Case(
        TYPING,
        "others see it",
        "POST",
        "/channels/{general}/typing",
        None,
        204,
        shows=lambda scene, _: same(scene.alice.sees_typing(scene.channel("general")), ["Sandbox Bot"]),
    ),
]
