"""Rows about messages: writing, changing, deleting and reading them, files, mentions, replies and pins."""

from typing import Any

import aiohttp

from discord_sandbox import ChannelType, Permission
from discord_sandbox.intents import Intent
from tests.conformance.given import calls, each, making, may, may_not, needs
from tests.conformance.scene import Json, Scene
from tests.conformance.table import Case, Given, bounds, refused

CREATE = "resources/message#create-message"
EDIT = "resources/message#edit-message"
DELETE = "resources/message#delete-message"
BULK = "resources/message#bulk-delete-messages"
READ = "resources/message#get-channel-messages"
READ_ONE = "resources/message#get-channel-message"
ALLOWED = "resources/message#allowed-mentions-object"
REFERENCE = "resources/message#message-reference-object"
PIN = "resources/message#pin-message"
PINS = "resources/message#get-channel-pins"
CODES = "topics/opcodes-and-status-codes#json"
FILES = "reference#uploading-files"
TYPING = "resources/channel#trigger-typing-indicator"

MESSAGES = "/channels/{general}/messages"
MESSAGE = f"{MESSAGES}/{{message}}"
ALICES = f"{MESSAGES}/{{alices}}"
MEGABYTE = 1024 * 1024


def latest(scene: Scene) -> Any:  # noqa: ANN401 - the newest message as Alice sees it
    return scene.alice.messages(scene.channel("general"))[-1]


def shows_id(name: str) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda scene, body: _same(body["id"], scene.ids[name])


def _same(found: object, expected: object) -> None:
    assert found == expected


def pings(*names: str, everyone: bool = False) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show whom the newest message in general notifies."""

    def shows(scene: Scene, body: Json) -> None:
        assert {str(one) for one in latest(scene).pings} == {scene.ids[name] for name in names}
        assert body["mention_everyone"] is everyone

    return shows


def mentionable_role(scene: Scene) -> None:
    scene.ids["loud"] = str(scene.guild.create_role("Loud", mentionable=True).id)


# -- writing ------------------------------------------------------------------------------------------

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
        shows=lambda _, body: _same((body["embeds"], body["flags"]), ([], 4)),
    ),
    Case(
        CREATE,
        "a silent message",
        "POST",
        MESSAGES,
        {"content": "x", "flags": 4096},
        shows=lambda _, body: _same(body["flags"], 4096),
    ),
]


def _made(scene: Scene, kind: int) -> int:
    return scene.guild.create_channel(f"kind {kind}", kind=ChannelType(kind)).id


# -- nonces -------------------------------------------------------------------------------------------

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
        shows=lambda _, body: _same(body["nonce"], 2**63 - 1),
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

# -- files --------------------------------------------------------------------------------------------


def files(count: int, size: int = 1) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"{number}.txt", b"x" * size) for number in range(count))


def attached(count: int) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda _, body: _same(len(body["attachments"]), count)


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
        shows=lambda _, body: _same(body["attachments"][0]["description"], "x" * 1024),
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

# -- mentions -----------------------------------------------------------------------------------------

ALL_OF_THEM = "<@{alice}> <@{bob}> <@&{loud}> <@&{role}> @everyone"


def mentioning(allowed: Json | None, content: str = ALL_OF_THEM) -> Json:
    return {"content": content} | ({} if allowed is None else {"allowed_mentions": allowed})


def mention_row(name: str, body: Json, shows: Any, given: Given = mentionable_role, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return Case(ALLOWED, name, "POST", MESSAGES, body, given=given, shows=shows, **more)


loud_and_free = each(mentionable_role, may(Permission.MENTION_EVERYONE))

MENTIONS = [
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
            lambda n, kind=kind: mentioning({kind: [str(one) for one in range(1, n + 1)]}, f"{kind} x"),
            f"allowed_mentions.{kind}: BASE_TYPE_MAX_LENGTH",
        )
    ),
]

# -- replies and forwarded messages -------------------------------------------------------------------


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


REFERENCES = [
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
        shows=lambda _, body: _same((body["type"], "message_reference" in body), (0, False)),
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

# -- changing and deleting ----------------------------------------------------------------------------


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
    return lambda _, body: _same([one["filename"] for one in body["attachments"]], list(expected))


EMBEDDED = making("message", MESSAGES, {"content": "x", "embeds": [{"title": "t"}]})
SUPPRESSED = each(EMBEDDED, calls(("PATCH", MESSAGE, {"flags": 4})))
PINGED = making("message", MESSAGES, {"content": "<@{alice}>", "allowed_mentions": {"parse": []}})

CHANGING = [
    Case(
        EDIT,
        "an own message",
        "PATCH",
        MESSAGE,
        {"content": "new"},
        shows=lambda _, body: _same((body["content"], body["edited_timestamp"] is None), ("new", False)),
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
        shows=lambda _, body: _same(body["content"], ""),
    ),
    Case(
        EDIT,
        "embeds are suppressed",
        "PATCH",
        MESSAGE,
        {"flags": 4},
        given=EMBEDDED,
        shows=lambda _, body: _same((body["embeds"], body["flags"]), ([], 4)),
    ),
    Case(
        EDIT,
        "embeds are shown again",
        "PATCH",
        MESSAGE,
        {"flags": 0},
        given=SUPPRESSED,
        shows=lambda _, body: _same((len(body["embeds"]), body["flags"]), (1, 0)),
    ),
    Case(
        EDIT,
        "without flags they stay suppressed",
        "PATCH",
        MESSAGE,
        {"content": "y"},
        given=SUPPRESSED,
        shows=lambda _, body: _same((body["embeds"], body["flags"]), ([], 4)),
    ),
    Case(
        EDIT,
        "flags that cannot be set are ignored",
        "PATCH",
        MESSAGE,
        {"flags": 64 | 4096},
        shows=lambda _, body: _same(body["flags"], 0),
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
        shows=lambda _, body: _same(body["flags"], 1 << 15),
    ),
    Case(
        EDIT,
        "version 2 cannot be taken back",
        "PATCH",
        MESSAGE,
        {"flags": 0, "components": [{"type": 10, "content": "y"}]},
        given=making("message", MESSAGES, {"flags": 1 << 15, "components": [{"type": 10, "content": "x"}]}),
        shows=lambda _, body: _same(body["flags"], 1 << 15),
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
        shows=lambda scene, body: _same([one["id"] for one in body["mentions"]], [scene.ids["alice"]]),
    ),
    Case(
        EDIT,
        "mentions stay if the content does",
        "PATCH",
        MESSAGE,
        {"embeds": [{"title": "t"}]},
        given=PINGED,
        shows=lambda _, body: _same(body["mentions"], []),
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

# -- deleting many ------------------------------------------------------------------------------------

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
        shows=lambda scene, _: _same(latest(scene).content, "100"),
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

# -- reading ------------------------------------------------------------------------------------------


def counted(count: int) -> Any:  # noqa: ANN401 - a row's `shows`
    return lambda _, body: _same(len(body), count)


def numbered(*expected: int) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show which of `m0` to `m100` are given, in this order."""
    return lambda scene, body: _same([one["id"] for one in body], [scene.ids[f"m{one}"] for one in expected])


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

# -- pins and typing ----------------------------------------------------------------------------------

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


PINNING = [
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
            lambda scene: scene.ids.update(
                before=scene.channel("general")
                .messages[int(scene.ids["m1"])]
                .pinned_at.replace("+00:00", "Z")
            ),
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
        shows=lambda scene, _: _same(scene.alice.sees_typing(scene.channel("general")), ["Sandbox Bot"]),
    ),
]

CASES = [
    *WRITING,
    *NONCES,
    *UPLOADS,
    *MENTIONS,
    *REFERENCES,
    *CHANGING,
    *DELETING_MANY,
    *READING,
    *PINNING,
]
