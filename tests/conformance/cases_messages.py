"""Rows about writing messages: what they need, nonces and files."""

from typing import Any

from discord_sandbox import ChannelType, Permission
from tests.calling import Json
from tests.conformance.given import calls, each, making, may, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import same
from tests.conformance.table import Case, Given, bounds, refused

CREATE = "resources/message#create-message"
FILES = "reference#uploading-files"
MESSAGES = "/channels/{general}/messages"
MEGABYTE = 1024 * 1024
WRITING = [
    Case(CREATE, "nothing in it", "POST", MESSAGES, {}, 400, 50006),
    Case(CREATE, "only spaces in it", "POST", MESSAGES, {"content": " \n "}, 400, 50006),
    refused(CREATE, "content that is no text", "POST", MESSAGES, {"content": 5}, "content: BASE_TYPE_STRING"),
    *needs(CREATE, Permission.VIEW_CHANNEL, "POST", MESSAGES, {"content": "x"}, code=50001),
    *needs(CREATE, Permission.SEND_MESSAGES, "POST", MESSAGES, {"content": "x"}),
    *needs(CREATE, Permission.EMBED_LINKS, "POST", MESSAGES, {"embeds": [{"title": "x"}]}),
    *needs(CREATE, Permission.SEND_TTS_MESSAGES, "POST", MESSAGES, {"content": "x", "tts": True}),
    Case(
        CREATE,
        "in a category",
        "POST",
        "/channels/{category}/messages",
        {"content": "x"},
        400,
        50008,
        given=lambda scene: scene.ids.update(category=str(_made(scene, 4))),
    ),
    Case(
        CREATE,
        "in a forum",
        "POST",
        "/channels/{forum}/messages",
        {"content": "x"},
        400,
        40058,
        given=lambda scene: scene.ids.update(forum=str(_made(scene, 15))),
    ),
    refused(
        CREATE,
        "a flag for answers only",
        "POST",
        MESSAGES,
        {"content": "x", "flags": 64},
        "flags: MESSAGE_FLAGS_INVALID",
    ),
    Case(
        CREATE,
        "suppressed embeds are not given back",
        "POST",
        MESSAGES,
        {"embeds": [{"title": "x"}], "flags": 4},
        shows=lambda _, body: same((body["embeds"], body["flags"]), ([], 4)),
    ),
    Case(
        CREATE,
        "a silent message",
        "POST",
        MESSAGES,
        {"content": "x", "flags": 4096},
        shows=lambda _, body: same(body["flags"], 4096),
    ),
]


def _made(scene: Scene, kind: int) -> int:
    return scene.guild.create_channel(f"kind {kind}", kind=ChannelType(kind)).id


ONCE = {"content": "once", "nonce": "ab:1", "enforce_nonce": True}


def wait(seconds: float) -> Given:
    return lambda scene: scene.clock.advance(seconds)


def one_message(scene: Scene, body: Json) -> None:
    assert body["id"] == scene.ids["first"]
    assert [one.content for one in scene.alice.messages(scene.channel("general"))].count("once") == 1


def two_messages(scene: Scene, body: Json) -> None:
    assert body["id"] != scene.ids["first"]


NONCES = [
    *bounds(
        CREATE,
        "NONCE",
        25,
        "POST",
        MESSAGES,
        lambda n: {"content": "x", "nonce": "n" * n},
        "nonce: BASE_TYPE_MAX_LENGTH",
    ),
    Case(
        CREATE,
        "a nonce is given back",
        "POST",
        MESSAGES,
        {"content": "x", "nonce": 2**63 - 1},
        shows=lambda _, body: same(body["nonce"], 2**63 - 1),
    ),
    refused(
        CREATE,
        "a nonce of more than 64 bits",
        "POST",
        MESSAGES,
        {"content": "x", "nonce": 2**63},
        "nonce: NONCE_TYPE",
    ),
    Case(
        CREATE,
        "an enforced nonce again",
        "POST",
        MESSAGES,
        ONCE,
        given=making("first", MESSAGES, ONCE),
        shows=one_message,
    ),
    Case(
        CREATE,
        "an enforced nonce in another channel",
        "POST",
        "/channels/{tasks}/messages",
        ONCE,
        given=making("first", MESSAGES, ONCE),
        shows=one_message,
    ),
    Case(
        CREATE,
        "a nonce that is not enforced again",
        "POST",
        MESSAGES,
        {"content": "once", "nonce": "ab:1"},
        given=making("first", MESSAGES, ONCE),
        shows=two_messages,
    ),
    Case(
        CREATE,
        "an enforced nonce after some minutes",
        "POST",
        MESSAGES,
        ONCE,
        given=each(making("first", MESSAGES, ONCE), wait(301)),
        shows=two_messages,
        limits=("NONCE_SECONDS",),
    ),
    Case(
        CREATE,
        "an enforced nonce just before that",
        "POST",
        MESSAGES,
        ONCE,
        given=each(making("first", MESSAGES, ONCE), wait(299)),
        shows=one_message,
        limits=("NONCE_SECONDS",),
    ),
    Case(
        CREATE,
        "an enforced nonce whose message is deleted",
        "POST",
        MESSAGES,
        ONCE,
        404,
        10008,
        given=each(making("first", MESSAGES, ONCE), calls(("DELETE", f"{MESSAGES}/{{first}}", None))),
    ),
]


def files(count: int, size: int = 1) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"{number}.txt", b"x" * size) for number in range(count))


def attached(count: int) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda _, body: same(len(body["attachments"]), count)


UPLOADS = [
    Case(FILES, "ten files", "POST", MESSAGES, {}, files=files(10), shows=attached(10), limits=("FILES",)),
    Case(FILES, "eleven files", "POST", MESSAGES, {}, 400, 30015, files=files(11), limits=("FILES",)),
    Case(
        FILES,
        "a file of 10 MiB",
        "POST",
        MESSAGES,
        {},
        files=files(1, 10 * MEGABYTE),
        shows=attached(1),
        limits=("FILE_BYTES",),
    ),
    Case(
        FILES,
        "a file of one byte more",
        "POST",
        MESSAGES,
        {},
        413,
        40005,
        files=files(1, 10 * MEGABYTE + 1),
        limits=("FILE_BYTES",),
    ),
    Case(
        FILES,
        "files of almost 25 MiB in all",
        "POST",
        MESSAGES,
        {},
        files=files(3, 8 * MEGABYTE),
        shows=attached(3),
        limits=("REQUEST_BYTES",),
    ),
    Case(
        FILES,
        "files of more than 25 MiB in all",
        "POST",
        MESSAGES,
        {},
        413,
        40005,
        files=files(3, 9 * MEGABYTE),
        limits=("REQUEST_BYTES",),
    ),
    Case(
        FILES,
        "a description of 1024",
        "POST",
        MESSAGES,
        {"attachments": [{"id": 0, "description": "x" * 1024}]},
        files=files(1),
        shows=lambda _, body: same(body["attachments"][0]["description"], "x" * 1024),
        limits=("ALT_TEXT",),
    ),
    Case(
        FILES,
        "a description of 1025",
        "POST",
        MESSAGES,
        {"attachments": [{"id": 0, "description": "x" * 1025}]},
        400,
        50035,
        "attachments.0.description: BASE_TYPE_MAX_LENGTH",
        files=files(1),
        limits=("ALT_TEXT",),
    ),
    Case(
        CREATE,
        "attach files: without it",
        "POST",
        MESSAGES,
        {},
        403,
        50013,
        files=files(1),
        given=may_not(Permission.ATTACH_FILES),
        permissions=("ATTACH_FILES",),
    ),
    Case(
        CREATE,
        "attach files: with it",
        "POST",
        MESSAGES,
        {},
        files=files(1),
        given=may(Permission.ATTACH_FILES),
        permissions=("ATTACH_FILES",),
    ),
]

CASES = [*WRITING, *NONCES, *UPLOADS]
