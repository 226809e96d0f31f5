"""Rows about the lists of threads."""

from typing import Any

from discord_sandbox import ChannelType, Permission
from tests.calling import Json
from tests.conformance.given import calls, each, made_channel, making, may_not, needs
from tests.conformance.scene import Scene
from tests.conformance.shown import info
from tests.conformance.table import Case, Given, refused

PUBLIC_LIST = "resources/channel#list-public-archived-threads"
PRIVATE_LIST = "resources/channel#list-private-archived-threads"
JOINED_LIST = "resources/channel#list-joined-private-archived-threads"
ACTIVE_LIST = "resources/guild#list-active-guild-threads"
THREADS = "/channels/{general}/threads"
THREAD = "/channels/{thread}"
news = made_channel("news", ChannelType.ANNOUNCEMENT)
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
        written = info(scene, name).archive_timestamp
        scene.ids["stamp"] = written.replace("+00:00", "Z")

    return given


def left(name: str) -> Given:
    """Let the bot be no longer in a thread."""

    def given(scene: Scene) -> None:
        del info(scene, name).members[int(scene.ids["bot"])]

    return given


def both_active(scene: Scene, body: Json) -> None:
    assert [one["id"] for one in body["threads"]] == [scene.ids["public"], scene.ids["thread"]]
    assert len(body["members"]) == 2


CASES = [
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
