"""Rows about replies and forwarded messages."""

from discord_sandbox import Permission
from discord_sandbox.intents import Intent
from tests.calling import Json
from tests.conformance.given import each, making, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import same
from tests.conformance.table import Case, refused

REFERENCE = "resources/message#message-reference-object"
CODES = "topics/opcodes-and-status-codes#json"
MESSAGES = "/channels/{general}/messages"


def replying(name: str = "alices", **more: object) -> Json:
    return {"content": "yes", "message_reference": {"message_id": f"{{{name}}}", **more}}


def forwarding(name: str = "message", channel: str = "general") -> Json:
    reference = {"type": 1, "message_id": f"{{{name}}}", "channel_id": f"{{{channel}}}"}
    return {"message_reference": reference}


def a_reply(scene: Scene, body: Json) -> None:
    assert (body["type"], body["referenced_message"]["id"]) == (19, scene.ids["alices"])
    assert body["message_reference"]["channel_id"] == scene.ids["general"]


def a_forward(scene: Scene, body: Json) -> None:
    (snapshot,) = body["message_snapshots"]
    assert snapshot["message"]["content"] == "ready"
    assert "author" not in snapshot["message"]
    assert (body["message_reference"]["type"], body["flags"], body["content"]) == (1, 1 << 14, "")
    (seen,) = scene.alice.messages(scene.channel("tasks"))
    assert seen.text.startswith("↪ ready")


def pinned(scene: Scene) -> None:
    """Let there be a notice of Discord's own."""
    scene.guild.owner.pin(scene.guild.owner.messages(scene.channel("general"))[0])
    scene.ids["notice"] = str(scene.guild.owner.messages(scene.channel("general"))[-1].id)


CASES = [
    Case(REFERENCE, "a reply", "POST", MESSAGES, replying(), shows=a_reply),
    *needs(
        REFERENCE,
        Permission.READ_MESSAGE_HISTORY,
        "POST",
        MESSAGES,
        replying(),
        code=160002,
        refused_with=400,
    ),
    refused(
        REFERENCE,
        "a reply to nothing",
        "POST",
        MESSAGES,
        replying("nothing"),
        "message_reference: REPLIES_UNKNOWN_MESSAGE",
    ),
    refused(
        REFERENCE,
        "a reply to a message of another channel",
        "POST",
        "/channels/{tasks}/messages",
        replying(channel_id="{general}"),
        "message_reference: REPLIES_UNKNOWN_MESSAGE",
    ),
    Case(
        REFERENCE,
        "a reply to nothing that may be none",
        "POST",
        MESSAGES,
        replying("nothing", fail_if_not_exists=False),
        shows=lambda _, body: same((body["type"], "message_reference" in body), (0, False)),
    ),
    refused(
        REFERENCE,
        "a reply to a notice",
        "POST",
        MESSAGES,
        replying("notice"),
        "message_reference: REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE",
        given=pinned,
    ),
    refused(
        REFERENCE,
        "an unknown type",
        "POST",
        MESSAGES,
        replying(type=2),
        "message_reference.type: BASE_TYPE_CHOICES",
    ),
    Case(
        REFERENCE, "a forwarded message", "POST", "/channels/{tasks}/messages", forwarding(), shows=a_forward
    ),
    refused(
        REFERENCE,
        "a forwarded message without its channel",
        "POST",
        MESSAGES,
        {"message_reference": {"type": 1, "message_id": "{message}"}},
        "message_reference.channel_id: BASE_TYPE_REQUIRED",
    ),
    Case(
        REFERENCE,
        "a forwarded message that does not exist",
        "POST",
        MESSAGES,
        forwarding("nothing"),
        404,
        10008,
    ),
    Case(
        CODES,
        "a message that cannot be read is not forwarded",
        "POST",
        MESSAGES,
        forwarding("alices"),
        400,
        160014,
    ),
    Case(
        CODES,
        "with the intent it is",
        "POST",
        MESSAGES,
        forwarding("alices"),
        options={"privileged_intents": Intent.MESSAGE_CONTENT},
    ),
    Case(
        CODES,
        "a notice is not forwarded",
        "POST",
        MESSAGES,
        forwarding("notice"),
        400,
        50068,
        given=pinned,
        options={"privileged_intents": Intent.MESSAGE_CONTENT},
    ),
    Case(
        REFERENCE,
        "nor from where the bot sees nothing",
        "POST",
        MESSAGES,
        forwarding("hidden", "tasks"),
        403,
        50001,
        given=each(
            making("hidden", "/channels/{tasks}/messages", {"content": "x"}),
            lambda scene: scene.guild.overwrite(
                scene.channel("tasks"), scene.guild.everyone, deny=Permission.VIEW_CHANNEL
            ),
        ),
        permissions=("VIEW_CHANNEL",),
    ),
]
