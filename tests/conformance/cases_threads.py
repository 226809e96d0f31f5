"""Rows about threads: opening, changing and closing them, who is in them, posts in forums, and the lists."""

from typing import Any

from discord_sandbox import ChannelType, Permission
from discord_sandbox.intents import Intent
from discord_sandbox.model import Channel, ThreadInfo
from tests.conformance.given import calls, each, making, may, may_not, needs
from tests.conformance.scene import Json, Scene
from tests.conformance.table import Case, Given, bounds, refused

OF_MESSAGE = "resources/channel#start-thread-from-message"
ALONE = "resources/channel#start-thread-without-message"
POST = "resources/channel#start-thread-in-forum-or-media-channel"
MODIFY = "resources/channel#modify-channel-json-params-thread"
METADATA = "resources/channel#thread-metadata-object"
JOIN = "resources/channel#join-thread"
ADD = "resources/channel#add-thread-member"
LEAVE = "resources/channel#leave-thread"
REMOVE = "resources/channel#remove-thread-member"
MEMBER = "resources/channel#get-thread-member"
MEMBERS = "resources/channel#list-thread-members"
PUBLIC_LIST = "resources/channel#list-public-archived-threads"
PRIVATE_LIST = "resources/channel#list-private-archived-threads"
JOINED_LIST = "resources/channel#list-joined-private-archived-threads"
ACTIVE_LIST = "resources/guild#list-active-guild-threads"
EDITING = "topics/threads#editing-deleting-threads"
ACTIVE = "topics/threads#active-archived-threads"
LOCKED = "topics/threads#locked-threads"
PERMISSIONS = "topics/threads#permissions"
PRIVATE = "topics/threads#public-private-threads"
CODES = "topics/opcodes-and-status-codes#json"

CHANNELS = "/guilds/{guild}/channels"
THREADS = "/channels/{general}/threads"
THREAD = "/channels/{thread}"
WRITING = f"{THREAD}/messages"
A_MESSAGE = f"{WRITING}/{{thread_message}}"
IN = f"{THREAD}/thread-members"


def made_channel(name: str, kind: ChannelType) -> Given:
    return lambda scene: scene.ids.update({name: str(scene.guild.create_channel(name, kind=kind).id)})


news = made_channel("news", ChannelType.ANNOUNCEMENT)
forum = made_channel("forum", ChannelType.FORUM)
category = made_channel("category", ChannelType.CATEGORY)
archived = calls(("PATCH", THREAD, {"archived": True}))
locked = calls(("PATCH", THREAD, {"locked": True}))
closed = calls(("PATCH", THREAD, {"locked": True, "archived": True}))
no_manager = may_not(Permission.MANAGE_THREADS)


def fresh(kind: int, **more: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show a new thread of a kind, opened by the bot; its fields besides may be named."""

    def shows(scene: Scene, body: Json) -> None:
        expected = {"type": kind, "owner_id": scene.ids["bot"], "message_count": 0, "member_count": 1, **more}
        assert {key: body[key] for key in expected} == expected
        assert body["member"]["user_id"] == scene.ids["bot"]
        assert body["thread_metadata"]["archived"] is False

    return shows


def metadata(**expected: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(_: Scene, body: Json) -> None:
        assert {key: body["thread_metadata"][key] for key in expected} == expected

    return shows


def of_the_message(scene: Scene, body: Json) -> None:
    fresh(11)(scene, body)
    assert body["id"] == scene.ids["alices"]
    (first,) = scene.alice.messages(scene.sandbox.store.channels[int(body["id"])])
    assert (int(first.raw.type), first.text, first.raw.content) == (21, "hello", "")
    starter = scene.channel("general").messages[int(body["id"])]
    assert starter.flags == 32


def announced(scene: Scene, body: Json) -> None:
    fresh(11)(scene, body)
    notice = scene.alice.messages(scene.channel("general"))[-1].raw
    assert (int(notice.type), notice.content) == (18, "t")
    assert notice.reference["channel_id"] == body["id"]


def a_post(scene: Scene, body: Json) -> None:
    fresh(11)(scene, body)
    assert (body["message"]["id"], body["message"]["content"]) == (body["id"], "An idea")
    assert scene.channel("forum").last_message_id == int(body["id"])


def inherits(scene: Scene) -> None:
    general = scene.channel("general")
    general.default_auto_archive_duration, general.default_thread_rate_limit_per_user = 1440, 7


def many_threads(free: int) -> Given:
    """Let the guild have so many active threads that only a few more fit."""

    def given(scene: Scene) -> None:
        guild, general = scene.guild.guild, scene.channel("general")
        for number in range(1000 - len(guild.threads) - free):
            info = ThreadInfo(scene.guild.owner.id, "", "", 60, 0.0)
            kind = ChannelType.PUBLIC_THREAD
            guild.threads[number] = Channel(number, kind, "t", guild, parent=general, thread=info)

    return given


OPENING = [
    Case(ALONE, "private by default", "POST", THREADS, {"name": "t"}, 201, shows=fresh(12)),
    Case(ALONE, "public", "POST", THREADS, {"name": "t", "type": 11}, 201, shows=announced),
    Case(
        ALONE,
        "all that a private thread has",
        "POST",
        THREADS,
        {"name": "t", "auto_archive_duration": 60, "rate_limit_per_user": 5, "invitable": False},
        201,
        shows=lambda scene, body: (
            metadata(auto_archive_duration=60, invitable=False)(scene, body),
            fresh(12, rate_limit_per_user=5)(scene, body),
        ),
    ),
    Case(
        "resources/channel#channel-object",
        "what its channel says, if it says nothing itself",
        "POST",
        THREADS,
        {"name": "t"},
        201,
        given=inherits,
        shows=lambda scene, body: (
            metadata(auto_archive_duration=1440)(scene, body),
            fresh(12, rate_limit_per_user=7)(scene, body),
        ),
    ),
    *needs(ALONE, Permission.CREATE_PRIVATE_THREADS, "POST", THREADS, {"name": "t"}, status=201),
    *needs(ALONE, Permission.CREATE_PUBLIC_THREADS, "POST", THREADS, {"name": "t", "type": 11}, status=201),
    *needs(ALONE, Permission.VIEW_CHANNEL, "POST", THREADS, {"name": "t"}, status=201, code=50001),
    *bounds(
        ALONE,
        "CHANNEL_NAME",
        100,
        "POST",
        THREADS,
        lambda n: {"name": "x" * n},
        "name: BASE_TYPE_BAD_LENGTH",
        201,
    ),
    *bounds(
        ALONE,
        "SLOWMODE",
        21600,
        "POST",
        THREADS,
        lambda n: {"name": "t", "rate_limit_per_user": n},
        "rate_limit_per_user: NUMBER_TYPE_MAX",
        201,
    ),
    *(
        Case(
            ALONE,
            f"it may stay for {minutes} minutes",
            "POST",
            THREADS,
            {"name": "t", "auto_archive_duration": minutes},
            201,
            limits=("ARCHIVE_MINUTES",),
        )
        for minutes in (60, 1440, 4320, 10080)
    ),
    refused(
        ALONE,
        "not for another time",
        "POST",
        THREADS,
        {"name": "t", "auto_archive_duration": 61},
        "auto_archive_duration: BASE_TYPE_CHOICES",
        limits=("ARCHIVE_MINUTES",),
    ),
    refused(ALONE, "no name", "POST", THREADS, {}, "name: BASE_TYPE_REQUIRED"),
    refused(ALONE, "what is no thread", "POST", THREADS, {"name": "t", "type": 0}, "type: BASE_TYPE_CHOICES"),
    Case(
        OF_MESSAGE,
        "in an announcement channel",
        "POST",
        "/channels/{news}/messages/{report}/threads",
        {"name": "t"},
        201,
        given=each(news, making("report", "/channels/{news}/messages", {"content": "x"})),
        shows=fresh(10),
    ),
    Case(
        PRIVATE,
        "an announcement thread",
        "POST",
        "/channels/{news}/threads",
        {"name": "t", "type": 10},
        201,
        given=news,
        shows=fresh(10),
    ),
    Case(
        PRIVATE,
        "private only in text channels",
        "POST",
        "/channels/{news}/threads",
        {"name": "t", "type": 12},
        400,
        50024,
        given=news,
    ),
    Case(
        PRIVATE,
        "no announcement thread in a text channel",
        "POST",
        THREADS,
        {"name": "t", "type": 10},
        400,
        50024,
    ),
    Case(
        CODES,
        "in a category",
        "POST",
        "/channels/{category}/threads",
        {"name": "t"},
        400,
        50024,
        given=category,
    ),
    Case(CODES, "in a thread", "POST", "/channels/{thread}/threads", {"name": "t"}, 400, 50024),
    Case(CODES, "in direct messages", "POST", "/channels/{dm}/threads", {"name": "t"}, 403, 50003),
    Case(
        OF_MESSAGE,
        "it has the id of the message",
        "POST",
        "/channels/{general}/messages/{alices}/threads",
        {"name": "t"},
        201,
        shows=of_the_message,
    ),
    *needs(
        OF_MESSAGE,
        Permission.CREATE_PUBLIC_THREADS,
        "POST",
        "/channels/{general}/messages/{alices}/threads",
        {"name": "t"},
        status=201,
    ),
    Case(
        CODES,
        "a second one of the message",
        "POST",
        "/channels/{general}/messages/{alices}/threads",
        {"name": "t"},
        400,
        160004,
        given=making("first", "/channels/{general}/messages/{alices}/threads", {"name": "t"}),
    ),
    Case(
        OF_MESSAGE,
        "of an unknown message",
        "POST",
        "/channels/{general}/messages/{nothing}/threads",
        {"name": "t"},
        404,
        10008,
    ),
    Case(
        CODES,
        "of a notice",
        "POST",
        "/channels/{general}/messages/{notice}/threads",
        {"name": "t"},
        403,
        50021,
        given=lambda scene: scene.ids.update(
            notice=str(scene.alice.messages(scene.channel("general"))[-1].id)
        ),
    ),
    Case(
        CODES,
        "the thousandth active thread",
        "POST",
        THREADS,
        {"name": "t"},
        201,
        given=many_threads(1),
        limits=("ACTIVE_THREADS",),
    ),
    Case(
        CODES,
        "one more",
        "POST",
        THREADS,
        {"name": "t"},
        400,
        160006,
        given=many_threads(0),
        limits=("ACTIVE_THREADS",),
    ),
    Case(
        CODES,
        "nor is one opened again then",
        "PATCH",
        THREAD,
        {"archived": False},
        400,
        160006,
        given=each(
            archived,
            many_threads(0),
            lambda scene: scene.guild.guild.threads.update(
                {-1: next(one for one in scene.guild.guild.threads.values() if not one.archived)}
            ),
        ),
        limits=("ACTIVE_THREADS",),
    ),
]

IDEA = {"name": "idea", "message": {"content": "An idea"}}
FORUM = "/channels/{forum}/threads"

POSTS = [
    Case(POST, "a post, with its message", "POST", FORUM, IDEA, 201, given=forum, shows=a_post),
    *needs(POST, Permission.SEND_MESSAGES, "POST", FORUM, IDEA, status=201, given=forum),
    Case(
        POST,
        "the permission for public threads is ignored",
        "POST",
        FORUM,
        IDEA,
        201,
        given=each(forum, may_not(Permission.CREATE_PUBLIC_THREADS, Permission.SEND_MESSAGES_IN_THREADS)),
        permissions=("CREATE_PUBLIC_THREADS",),
    ),
    *needs(
        POST,
        Permission.EMBED_LINKS,
        "POST",
        FORUM,
        {"name": "t", "message": {"embeds": [{"title": "x"}]}},
        status=201,
        given=forum,
        what="a post",
    ),
    refused(
        POST, "without a message", "POST", FORUM, {"name": "idea"}, "message: BASE_TYPE_REQUIRED", given=forum
    ),
    Case(
        POST, "with an empty message", "POST", FORUM, {"name": "idea", "message": {}}, 400, 50006, given=forum
    ),
    refused(
        POST,
        "with a message that is too long",
        "POST",
        FORUM,
        {"name": "idea", "message": {"content": "x" * 2001}},
        "message.content: BASE_TYPE_MAX_LENGTH",
        given=forum,
        limits=("CONTENT",),
    ),
    Case(
        POST,
        "with a file",
        "POST",
        FORUM,
        IDEA,
        201,
        given=forum,
        files=(("a.txt", b"x"),),
        shows=lambda _, body: _same(len(body["message"]["attachments"]), 1),
    ),
    Case(
        POST,
        "not from a message of the forum",
        "POST",
        "/channels/{forum}/messages/{nothing}/threads",
        {"name": "t"},
        404,
        10008,
        given=forum,
    ),
]


def _same(found: object, expected: object) -> None:
    assert found == expected


# -- changing -----------------------------------------------------------------------------------------


def of_alice(scene: Scene) -> None:
    """Let `thread` be a public thread that Alice opened, in which the bot is not."""
    scene.ids["thread"] = str(scene.alice.create_thread(scene.channel("general"), "talk").id)
    scene.take(Permission.MANAGE_THREADS)


def old_stamp(scene: Scene) -> None:
    scene.ids["stamp"] = str(scene.channel("thread").thread.archive_timestamp)
    scene.clock.advance(60)


def stamped(scene: Scene, body: Json) -> None:
    assert body["thread_metadata"]["archive_timestamp"] > scene.ids["stamp"]


CREATORS = [{"name": "new"}, {"archived": True}, {"auto_archive_duration": 60}]
MANAGERS = [{"locked": True}, {"rate_limit_per_user": 5}]

CHANGING = [
    *(
        Case(EDITING, f"its creator changes {next(iter(body))}", "PATCH", THREAD, body, given=no_manager)
        for body in CREATORS
    ),
    *(
        row
        for body in (*CREATORS, *MANAGERS)
        for row in needs(
            EDITING, Permission.MANAGE_THREADS, "PATCH", THREAD, body, given=of_alice, what=next(iter(body))
        )
    ),
    *(
        Case(
            EDITING,
            f"its creator alone does not change {next(iter(body))}",
            "PATCH",
            THREAD,
            body,
            403,
            50013,
            given=no_manager,
            permissions=("MANAGE_THREADS",),
        )
        for body in MANAGERS
    ),
    Case(
        EDITING,
        "who is in it opens it again",
        "PATCH",
        THREAD,
        {"archived": False},
        given=each(
            of_alice,
            calls(("PUT", f"{IN}/@me", None)),
            lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True),
            may_not(Permission.SEND_MESSAGES_IN_THREADS),
        ),
        shows=metadata(archived=False),
    ),
    Case(
        MODIFY,
        "who may write in it opens it again",
        "PATCH",
        THREAD,
        {"archived": False},
        given=each(of_alice, lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True)),
        shows=metadata(archived=False),
    ),
    Case(
        MODIFY,
        "who may not, does not",
        "PATCH",
        THREAD,
        {"archived": False},
        403,
        50013,
        given=each(
            of_alice,
            lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True),
            may_not(Permission.SEND_MESSAGES_IN_THREADS),
        ),
        permissions=("SEND_MESSAGES_IN_THREADS",),
    ),
    *needs(
        METADATA,
        Permission.MANAGE_THREADS,
        "PATCH",
        THREAD,
        {"archived": False},
        given=closed,
        what="opening a locked thread",
    ),
    Case(
        LOCKED,
        "its creator does not change a locked thread",
        "PATCH",
        THREAD,
        {"name": "new"},
        403,
        50013,
        given=each(locked, no_manager),
        permissions=("MANAGE_THREADS",),
    ),
    Case(MODIFY, "an archived thread", "PATCH", THREAD, {"name": "new"}, 400, 50083, given=archived),
    Case(
        MODIFY,
        "an archived thread that is opened in the same call",
        "PATCH",
        THREAD,
        {"name": "new", "archived": False},
        given=archived,
        shows=lambda _, body: _same(body["name"], "new"),
    ),
    Case(
        METADATA,
        "archiving changes the time stamp",
        "PATCH",
        THREAD,
        {"archived": True},
        given=old_stamp,
        shows=stamped,
    ),
    Case(
        "topics/threads#thread-fields",
        "and so does another time to stay",
        "PATCH",
        THREAD,
        {"auto_archive_duration": 60},
        given=old_stamp,
        shows=stamped,
    ),
    Case(
        "topics/threads#thread-fields",
        "another name does not",
        "PATCH",
        THREAD,
        {"name": "new"},
        given=old_stamp,
        shows=lambda scene, body: _same(body["thread_metadata"]["archive_timestamp"], scene.ids["stamp"]),
    ),
    refused(MODIFY, "an empty name", "PATCH", THREAD, {"name": ""}, "name: BASE_TYPE_BAD_LENGTH"),
    refused(
        MODIFY, "a state that is none", "PATCH", THREAD, {"archived": "yes"}, "archived: BOOLEAN_TYPE_CONVERT"
    ),
    *needs(PERMISSIONS, Permission.SEND_MESSAGES_IN_THREADS, "POST", WRITING, {"content": "x"}),
    Case(
        PERMISSIONS,
        "the permission to send messages has no effect",
        "POST",
        WRITING,
        {"content": "x"},
        given=may_not(Permission.SEND_MESSAGES),
        permissions=("SEND_MESSAGES",),
    ),
    Case(
        ACTIVE,
        "writing opens it again",
        "POST",
        WRITING,
        {"content": "x"},
        given=archived,
        shows=lambda scene, _: _same(scene.channel("thread").archived, False),
    ),
    *needs(
        LOCKED,
        Permission.MANAGE_THREADS,
        "POST",
        WRITING,
        {"content": "x"},
        given=closed,
        what="writing in a locked thread",
        code=160005,
        refused_with=400,
    ),
    *needs(
        LOCKED,
        Permission.MANAGE_THREADS,
        "PATCH",
        A_MESSAGE,
        {"content": "x"},
        given=locked,
        what="changing a message in a locked thread",
        code=160005,
        refused_with=400,
    ),
    *needs(
        LOCKED,
        Permission.MANAGE_THREADS,
        "DELETE",
        A_MESSAGE,
        given=closed,
        status=204,
        what="deleting a message in a locked and archived thread",
        code=160005,
        refused_with=400,
    ),
    Case(
        LOCKED,
        "a message in a locked thread that is open is deleted",
        "DELETE",
        A_MESSAGE,
        None,
        204,
        given=each(locked, no_manager),
        permissions=("MANAGE_THREADS",),
    ),
    Case(
        ACTIVE,
        "a message in an archived thread is not changed",
        "PATCH",
        A_MESSAGE,
        {"content": "x"},
        400,
        50083,
        given=archived,
    ),
    Case(ACTIVE, "but it is deleted", "DELETE", A_MESSAGE, None, 204, given=archived),
    Case(
        ACTIVE,
        "nor is it pinned",
        "PUT",
        f"{WRITING}/pins/{{thread_message}}",
        None,
        400,
        50083,
        given=each(may(Permission.PIN_MESSAGES), archived),
    ),
]

# -- members ------------------------------------------------------------------------------------------


def full(free: int) -> Given:
    """Let the private thread have so many members that only a few more fit."""

    def given(scene: Scene) -> None:
        info = scene.channel("thread").thread
        for number in range(1000 - len(info.members) - free):
            info.members[number] = scene.sandbox.store.now()

    return given


def inside(*names: str) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, _: object) -> None:
        members = scene.channel("thread").thread.members
        assert {str(one) for one in members} == {scene.ids[name] for name in names}

    return shows


def listed_members(*names: str, with_member: bool = False) -> Any:  # noqa: ANN401 - a row's `shows`
    def shows(scene: Scene, body: Any) -> None:  # noqa: ANN401 - JSON of any shape
        assert [one["user_id"] for one in body] == [scene.ids[name] for name in names]
        assert all(("member" in one) is with_member for one in body)

    return shows


def alices_private(scene: Scene) -> None:
    """Let `thread` be a private thread of Alice's in which the bot and Bob are."""
    openers = scene.guild.create_role("Openers", Permission.CREATE_PRIVATE_THREADS)
    scene.guild.give_role(scene.alice, openers)
    thread = scene.alice.create_thread(scene.channel("general"), "secret", private=True)
    for name in ("bot", "bob"):
        scene.alice.send(thread, f"come, <@{scene.ids[name]}>")
    scene.ids["thread"] = str(thread.id)
    scene.take(Permission.MANAGE_THREADS)


def not_invitable(scene: Scene) -> None:
    alices_private(scene)
    scene.alice.change_thread(scene.channel("thread"), invitable=False)
    scene.sandbox.guild.add_member("Mia")
    scene.ids["mia"] = str(scene.guild.member("Mia").id)


def blind_bob(scene: Scene) -> None:
    scene.guild.overwrite(scene.channel("general"), scene.bob, deny=Permission.VIEW_CHANNEL)


seeing = {"privileged_intents": Intent.GUILD_MEMBERS}

BEING_IN = [
    Case(ADD, "somebody", "PUT", f"{IN}/{{bob}}", None, 204, shows=inside("bot", "alice", "bob")),
    Case(
        ADD,
        "somebody who is in it already",
        "PUT",
        f"{IN}/{{alice}}",
        None,
        204,
        shows=inside("bot", "alice"),
    ),
    *needs(ADD, Permission.SEND_MESSAGES_IN_THREADS, "PUT", f"{IN}/{{bob}}", status=204),
    Case(ADD, "not into an archived thread", "PUT", f"{IN}/{{bob}}", None, 400, 50083, given=archived),
    Case(
        PERMISSIONS,
        "nobody who does not see the channel",
        "PUT",
        f"{IN}/{{bob}}",
        None,
        403,
        50001,
        given=blind_bob,
        permissions=("VIEW_CHANNEL",),
    ),
    Case(ADD, "an unknown user", "PUT", f"{IN}/{{nothing}}", None, 404, 10013),
    *needs(
        METADATA,
        Permission.MANAGE_THREADS,
        "PUT",
        f"{IN}/{{mia}}",
        status=204,
        given=not_invitable,
        what="adding where members may not invite",
    ),
    Case(
        CODES,
        "the thousandth member",
        "PUT",
        f"{IN}/{{bob}}",
        None,
        204,
        given=full(1),
        limits=("THREAD_MEMBERS",),
    ),
    Case(
        CODES, "one more", "PUT", f"{IN}/{{bob}}", None, 400, 30033, given=full(0), limits=("THREAD_MEMBERS",)
    ),
    Case(JOIN, "the bot", "PUT", f"{IN}/@me", None, 204, given=of_alice, shows=inside("alice", "bot")),
    Case(
        JOIN,
        "not an archived thread",
        "PUT",
        f"{IN}/@me",
        None,
        400,
        50083,
        given=each(of_alice, lambda scene: scene.alice.change_thread(scene.channel("thread"), archived=True)),
    ),
    Case(
        CODES,
        "a channel that is no thread",
        "PUT",
        "/channels/{general}/thread-members/@me",
        None,
        400,
        50024,
    ),
    Case(LEAVE, "the bot", "DELETE", f"{IN}/@me", None, 204, shows=inside("alice")),
    Case(LEAVE, "not an archived thread", "DELETE", f"{IN}/@me", None, 400, 50083, given=archived),
    *needs(REMOVE, Permission.MANAGE_THREADS, "DELETE", f"{IN}/{{bob}}", status=204, given=alices_private),
    Case(
        REMOVE,
        "by the creator of a private thread",
        "DELETE",
        f"{IN}/{{alice}}",
        None,
        204,
        given=no_manager,
        shows=inside("bot"),
    ),
    Case(
        REMOVE, "not from an archived thread", "DELETE", f"{IN}/{{alice}}", None, 400, 50083, given=archived
    ),
    Case(REMOVE, "somebody who is not in it", "DELETE", f"{IN}/{{bob}}", None, 404, 10007),
    Case(
        MEMBER,
        "who is in it",
        "GET",
        f"{IN}/{{alice}}",
        shows=lambda scene, body: _same((body["user_id"], "member" in body), (scene.ids["alice"], False)),
    ),
    Case(
        MEMBER,
        "with the member",
        "GET",
        f"{IN}/{{alice}}?with_member=true",
        shows=lambda scene, body: _same(body["member"]["user"]["id"], scene.ids["alice"]),
    ),
    Case(MEMBER, "who is not", "GET", f"{IN}/{{bob}}", None, 404, 10007),
    Case(MEMBERS, "it takes the privileged intent", "GET", IN, None, 403, 50001),
    Case(MEMBERS, "all", "GET", IN, options=seeing, shows=listed_members("bot", "alice")),
    Case(
        MEMBERS,
        "page by page with members",
        "GET",
        f"{IN}?with_member=true&limit=1&after={{bot}}",
        options=seeing,
        shows=listed_members("alice", with_member=True),
    ),
    refused(
        MEMBERS,
        "a hundred a page at most",
        "GET",
        f"{IN}?limit=101",
        None,
        "limit: NUMBER_TYPE_RANGE",
        options=seeing,
    ),
]

# -- lists --------------------------------------------------------------------------------------------

ARCHIVED = "/channels/{general}/threads/archived"
JOINED = "/channels/{general}/users/@me/threads/archived/private"


def several(kind: int, count: int = 4) -> Given:
    """Let the bot open threads `t0` and so on; the older of them are archived last, one a second."""

    async def given(scene: Scene) -> None:
        for number in range(count):
            scene.clock.advance(1)
            await making(f"t{number}", THREADS, {"name": str(number), "type": kind})(scene)
        for number in reversed(range(count)):
            scene.clock.advance(1)
            await calls(("PATCH", f"/channels/{{t{number}}}", {"archived": True}))(scene)

    return given


def listed(*expected: int, more: bool = False, own: int | None = None) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show which of `t0` and so on are listed, whether there are more, and in how many the bot is."""

    def shows(scene: Scene, body: Json) -> None:
        assert [one["id"] for one in body["threads"]] == [scene.ids[f"t{one}"] for one in expected]
        assert body["has_more"] is more
        assert len(body["members"]) == (len(expected) if own is None else own)

    return shows


def stamp_of(name: str) -> Given:
    """Remember when a thread was archived, with another sign for the same time zone."""

    def given(scene: Scene) -> None:
        written = scene.channel(name).thread.archive_timestamp
        scene.ids["stamp"] = written.replace("+00:00", "Z")

    return given


def left(name: str) -> Given:
    """Let the bot be no longer in a thread."""
    return lambda scene: scene.channel(name).thread.members.pop(int(scene.ids["bot"]))


def both_active(scene: Scene, body: Json) -> None:
    assert [one["id"] for one in body["threads"]] == [scene.ids["public"], scene.ids["thread"]]
    assert len(body["members"]) == 2


LISTS = [
    Case(ACTIVE_LIST, "the newest first", "GET", "/guilds/{guild}/threads/active", shows=both_active),
    Case(
        ACTIVE_LIST,
        "none that the bot does not see",
        "GET",
        "/guilds/{guild}/threads/active",
        given=may_not(Permission.VIEW_CHANNEL),
        shows=listed(),
        permissions=("VIEW_CHANNEL",),
    ),
    Case(
        PUBLIC_LIST,
        "those archived last first",
        "GET",
        f"{ARCHIVED}/public",
        given=several(11),
        shows=listed(0, 1, 2, 3),
    ),
    Case(
        PUBLIC_LIST,
        "a page",
        "GET",
        f"{ARCHIVED}/public?limit=3",
        given=several(11),
        shows=listed(0, 1, 2, more=True),
    ),
    Case(
        PUBLIC_LIST,
        "the next page",
        "GET",
        f"{ARCHIVED}/public?limit=3&before={{stamp}}",
        given=each(several(11), stamp_of("t2")),
        shows=listed(3),
    ),
    Case(
        PUBLIC_LIST, "none that are private", "GET", f"{ARCHIVED}/public", given=several(12), shows=listed()
    ),
    Case(
        PUBLIC_LIST,
        "those of an announcement channel",
        "GET",
        "/channels/{news}/threads/archived/public",
        given=each(
            news,
            making("t0", "/channels/{news}/threads", {"name": "t", "type": 10}),
            calls(("PATCH", "/channels/{t0}", {"archived": True})),
        ),
        shows=listed(0),
    ),
    *needs(PUBLIC_LIST, Permission.READ_MESSAGE_HISTORY, "GET", f"{ARCHIVED}/public"),
    refused(
        PUBLIC_LIST,
        "one thread is too small a page",
        "GET",
        f"{ARCHIVED}/public?limit=1",
        None,
        "limit: NUMBER_TYPE_RANGE",
    ),
    refused(
        PUBLIC_LIST,
        "a hundred at most",
        "GET",
        f"{ARCHIVED}/public?limit=101",
        None,
        "limit: NUMBER_TYPE_RANGE",
    ),
    refused(
        PUBLIC_LIST,
        "before a time",
        "GET",
        f"{ARCHIVED}/public?before=yesterday",
        None,
        "before: DATE_TIME_TYPE_PARSE",
    ),
    Case(
        PRIVATE_LIST,
        "those archived last first",
        "GET",
        f"{ARCHIVED}/private",
        given=each(several(12), left("t1")),
        shows=listed(0, 1, 2, 3, own=3),
    ),
    *needs(PRIVATE_LIST, Permission.MANAGE_THREADS, "GET", f"{ARCHIVED}/private"),
    *needs(PRIVATE_LIST, Permission.READ_MESSAGE_HISTORY, "GET", f"{ARCHIVED}/private"),
    Case(
        JOINED_LIST,
        "the newest first, none that the bot left",
        "GET",
        JOINED,
        given=each(several(12), left("t1")),
        shows=listed(3, 2, 0),
    ),
    Case(
        JOINED_LIST,
        "before a thread",
        "GET",
        f"{JOINED}?before={{t2}}&limit=2",
        given=several(12),
        shows=listed(1, 0),
    ),
    *needs(JOINED_LIST, Permission.READ_MESSAGE_HISTORY, "GET", JOINED),
]

CASES = [*OPENING, *POSTS, *CHANGING, *BEING_IN, *LISTS]
