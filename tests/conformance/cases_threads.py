"""Rows about opening threads."""

from typing import Any

from discord_sandbox import ChannelType, Permission
from discord_sandbox.world.model import Channel, ThreadInfo
from tests.calling import Json
from tests.conformance.given import calls, each, made_channel, making, needs
from tests.conformance.scene import Scene
from tests.conformance.table import Case, Given, bounds, refused

OF_MESSAGE = "resources/channel#start-thread-from-message"
ALONE = "resources/channel#start-thread-without-message"
PRIVATE = "topics/threads#public-private-threads"
CODES = "topics/opcodes-and-status-codes#json"
THREADS = "/channels/{general}/threads"
THREAD = "/channels/{thread}"
news = made_channel("news", ChannelType.ANNOUNCEMENT)
category = made_channel("category", ChannelType.CATEGORY)
archived = calls(("PATCH", THREAD, {"archived": True}))


def fresh(kind: int, metadata: Json | None = None, **more: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show a new thread of a kind, opened by the bot, with some of its metadata and fields."""

    def shows(scene: Scene, body: Json) -> None:
        expected = {"type": kind, "owner_id": scene.ids["bot"], "message_count": 0, "member_count": 1, **more}
        assert {key: body[key] for key in expected} == expected
        assert body["member"]["user_id"] == scene.ids["bot"]
        told = {"archived": False, **(metadata or {})}
        assert {key: body["thread_metadata"][key] for key in told} == told

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
    assert (notice.reference or {})["channel_id"] == body["id"]


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


CASES = [
    Case(ALONE, "private by default", "POST", THREADS, {"name": "t"}, 201, shows=fresh(12)),
    Case(ALONE, "public", "POST", THREADS, {"name": "t", "type": 11}, 201, shows=announced),
    Case(
        ALONE,
        "all that a private thread has",
        "POST",
        THREADS,
        {"name": "t", "auto_archive_duration": 60, "rate_limit_per_user": 5, "invitable": False},
        201,
        shows=fresh(12, {"auto_archive_duration": 60, "invitable": False}, rate_limit_per_user=5),
    ),
    Case(
        "resources/channel#channel-object",
        "what its channel says, if it says nothing itself",
        "POST",
        THREADS,
        {"name": "t"},
        201,
        given=inherits,
        shows=fresh(12, {"auto_archive_duration": 1440}, rate_limit_per_user=7),
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
        "a thousand and one active threads",
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
