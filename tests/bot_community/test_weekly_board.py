"""The board of the week in the announcement channel: what it says, and that it is posted exactly once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import uuid4

import pytest
from loguru import logger

from bot.app import BotApp
from bot.community.charts import IS_AVAILABLE
from bot.community.weekly_board import Week
from bot.guild_settings import GuildSetting
from bot.settings import BotSettings
from discord_sandbox import Actor, Channel, MessageView, Permission, Sandbox
from discord_sandbox.guild import SandboxGuild
from oasst_backend.server import BackendServer
from oasst_client import AuthMethod, OasstApiClient, User
from tests.bot.conftest import Life, TestClock

POST = "POST /channels/{}/messages"
CHANNEL = "GET /channels/{}"
HISTORY = "GET /channels/{}/messages"


@pytest.fixture
def backend(own_backend: BackendServer) -> BackendServer:
    """The project's own task backend, in place of the small one."""
    return own_backend


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def place(sandbox: Sandbox) -> Channel:
    """A channel that is there before the bot comes, as its cache need not be waited for then."""
    return sandbox.guild.create_channel("news")


@pytest.fixture
async def life(
    sandbox: Sandbox, backend: BackendServer, clock: TestClock, place: Channel, tmp_path: Path
) -> AsyncIterator[Life]:
    assert place.name == "news"
    settings = BotSettings(
        _env_file=None,
        bot_token=sandbox.token,
        discord_rest_url=sandbox.rest_url,
        oasst_api_url=backend.url,
        oasst_api_key="key",
    )
    lived = Life(settings, sandbox, clock, tmp_path)
    await lived.begin()
    yield lived
    await lived.end()


def next_monday(clock: TestClock) -> datetime:
    """Give the midnight that ends the present week."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 - midnight.weekday())


def on_monday(clock: TestClock) -> None:
    """Set the clock to just after the week."""
    clock.ahead += next_monday(clock) - clock.now() + timedelta(seconds=5)


def bot_of(life: Life) -> BotApp:
    assert life.bot is not None
    return life.bot


async def choose_channel(life: Life, guild: SandboxGuild, channel: Channel) -> None:
    await bot_of(life).services.store.guilds.replace(
        guild.id,
        {GuildSetting.announcement_channel: channel.id},
        changed_by=1,
        interaction_id=1,
        now=bot_of(life).clock.now(),
    )


async def known_to(backend: BackendServer, person: Actor, *, name: str = "", hidden: bool = False) -> None:
    async with OasstApiClient(backend.url, "key") as client:
        user = User(id=str(person.id), display_name=name or person.name, auth_method=AuthMethod.discord)
        await client.put_user(user, show_on_leaderboard=not hidden)


async def worked(
    life: Life, guild: SandboxGuild, person: Actor | int, tasks: int, *, ago: timedelta = timedelta()
) -> None:
    """Let somebody have finished tasks on a server, as deliveries leave it in the database."""
    store = bot_of(life).services.store
    user_id = person if isinstance(person, int) else person.id
    at = bot_of(life).clock.now() - ago
    for _ in range(tasks):
        await store.contributors.note(guild.id, user_id, at)
        await store.database.execute(
            "INSERT INTO sessions (code, user_id, display_name, locale, guild_id, place, parent_id,"
            " posted_after, task_id, task, lang, requested_type, state, form_state,"
            " created_at, expires_at, ended_at)"
            " VALUES (:code, :user, '', 'en-US', :guild, 'thread', 1, 1, :code, '{}', 'en', 'random',"
            " 'delivered', '', :at, :at, :at)",
            {"code": str(uuid4()), "user": user_id, "guild": guild.id, "at": at.timestamp()},
        )


async def community(
    life: Life, sandbox: Sandbox, backend: BackendServer, tasks: Sequence[tuple[str, int]]
) -> dict[str, Actor]:
    """Let people with names have finished so many tasks each on the first server."""
    found = {}
    for name, count in tasks:
        found[name] = sandbox.guild.add_member(name)
        await known_to(backend, found[name])
        await worked(life, sandbox.guild, found[name], count)
    return found


def boards(sandbox: Sandbox, channel: Channel) -> list[MessageView]:
    return sandbox.guild.owner.messages(channel)


def only_board(sandbox: Sandbox, channel: Channel) -> MessageView:
    (board,) = boards(sandbox, channel)
    return board


def rows(board: MessageView) -> list[str]:
    _, _, rest = str(board.embeds[0]["description"]).partition("\n\n")
    return rest.replace("\\", "").splitlines()


@pytest.fixture
async def news(life: Life, sandbox: Sandbox, place: Channel) -> Channel:
    """The first server's announcement channel, chosen some time before."""
    await choose_channel(life, sandbox.guild, place)
    return place


async def test_a_week_is_summed_up_on_monday_and_not_before(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3), ("Bob", 12), ("Cat", 1)])
    await bot_of(life).tidy()
    assert boards(sandbox, news) == []
    on_monday(clock)
    await bot_of(life).tidy()
    board = only_board(sandbox, news)
    assert rows(board) == ["🥇 Bob · **12**", "🥈 Ann · **3**", "🥉 Cat · **1**"]
    assert "Finished tasks on this server: **16** · people who took part: **3**" in board.text
    assert "New here: 3" in board.text
    assert "Ann · Bob · Cat" in board.text
    sunday = next_monday(clock) - timedelta(days=8)
    assert f"{sunday:%b} {sunday.day}, {sunday.year}" in board.text


async def test_it_is_posted_once_however_often_is_looked_and_after_a_restart(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    on_monday(clock)
    for _ in range(3):
        await bot_of(life).tidy()
        clock.ahead += timedelta(hours=1)
    await life.end()
    await life.begin()
    await bot_of(life).tidy()
    assert len(boards(sandbox, news)) == 1


async def test_each_week_has_its_board_and_a_quiet_one_has_none(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    people = await community(life, sandbox, backend, [("Ann", 3)])
    on_monday(clock)
    await bot_of(life).tidy()
    on_monday(clock)
    await bot_of(life).tidy()
    assert len(boards(sandbox, news)) == 1
    await worked(life, sandbox.guild, people["Ann"], 2)
    on_monday(clock)
    await bot_of(life).tidy()
    first, second = boards(sandbox, news)
    assert (rows(first), rows(second)) == (["🥇 Ann · **3**"], ["🥇 Ann · **2**"])
    assert "New here" in first.text
    assert "New here" not in second.text


async def test_a_bot_that_was_away_on_monday_makes_up_for_it(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    await life.end()
    on_monday(clock)
    clock.ahead += timedelta(days=2)
    await life.begin()
    await bot_of(life).tidy()
    assert rows(only_board(sandbox, news)) == ["🥇 Ann · **3**"]


async def test_a_server_that_chose_a_channel_in_mid_week_begins_with_the_next_monday(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock
) -> None:
    people = await community(life, sandbox, backend, [("Ann", 3)])
    on_monday(clock)
    log = sandbox.guild.channel("log")
    await choose_channel(life, sandbox.guild, log)
    await bot_of(life).tidy()
    assert boards(sandbox, log) == []
    await worked(life, sandbox.guild, people["Ann"], 1)
    on_monday(clock)
    await bot_of(life).tidy()
    assert rows(only_board(sandbox, log)) == ["🥇 Ann · **1**"]


async def test_ten_stand_there_ties_go_to_who_was_done_first_and_long_lists_are_cut(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [(f"P{number:02}", 5) for number in range(12)])
    on_monday(clock)
    await bot_of(life).tidy()
    board = only_board(sandbox, news)
    assert [row.split(" ")[1] for row in rows(board)] == [f"P{number:02}" for number in range(10)]
    assert "New here: 12" in board.text
    assert "2 who would rather not be named, or had no room here" in board.text


async def test_who_is_hidden_or_anonymous_or_unknown_is_counted_and_not_named(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    people = await community(life, sandbox, backend, [("Ann", 3), ("Hidden", 9), ("Anonymous", 8)])
    await known_to(backend, people["Hidden"], hidden=True)
    await bot_of(life).services.store.people.set_anonymous(
        people["Anonymous"].id, wanted=True, now=clock.now()
    )
    await worked(life, sandbox.guild, 4711, 2)
    on_monday(clock)
    await bot_of(life).tidy()
    board = only_board(sandbox, news)
    assert rows(board) == ["🥇 Ann · **3**"]
    assert "**22** · people who took part: **4**" in board.text
    for word in ("Hidden", "Anonymous", "4711"):
        assert word not in board.text


async def test_where_nobody_wants_to_be_named_the_work_is_thanked_for(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    people = await community(life, sandbox, backend, [("Ann", 3)])
    await known_to(backend, people["Ann"], hidden=True)
    on_monday(clock)
    await bot_of(life).tidy()
    assert "would rather not be named" in only_board(sandbox, news).text
    assert "Ann" not in only_board(sandbox, news).text


async def test_names_ring_for_nobody_and_do_nothing(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    people = await community(life, sandbox, backend, [("Ann", 3)])
    await known_to(
        backend, people["Ann"], name=f"{people['Ann'].mention} @everyone [x](https://evil.example)"
    )
    on_monday(clock)
    await bot_of(life).tidy()
    board = only_board(sandbox, news)
    assert board.pings == []
    assert not board.pings_everyone
    assert "](http" not in board.embeds[0]["description"]


async def test_it_speaks_the_servers_language(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    await life.end()
    sandbox.guild.set_locale("de")
    await life.begin()
    on_monday(clock)
    await bot_of(life).tidy()
    assert "Die Rangliste der Woche" in only_board(sandbox, news).text


async def test_each_server_has_its_own_people_and_no_other_servers_channel_is_used(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    await life.end()
    second = sandbox.add_guild("Second", owner="Zoe")
    await life.begin()
    await choose_channel(life, second, news)
    await worked(life, second, second.owner, 7)
    on_monday(clock)
    await bot_of(life).tidy()
    assert rows(only_board(sandbox, news)) == ["🥇 Ann · **3**"]
    await bot_of(life).tidy()
    assert len(boards(sandbox, news)) == 1


@pytest.mark.parametrize("death", [*product((1, 2), (True, False), (timedelta(), timedelta(hours=5)))])
async def test_a_death_at_any_call_leaves_one_board(
    life: Life,
    sandbox: Sandbox,
    backend: BackendServer,
    clock: TestClock,
    news: Channel,
    death: tuple[int, bool, timedelta],
) -> None:
    number, before, pause = death
    await community(life, sandbox, backend, [("Ann", 3)])
    on_monday(clock)
    life.kill_at(number, before=before)
    dying = asyncio.create_task(bot_of(life).tidy())
    await life.died()
    clock.ahead += pause
    await life.reborn()
    await asyncio.gather(dying, return_exceptions=True)
    sandbox.guild.owner.send(news, "Well done!")
    await bot_of(life).tidy()
    await bot_of(life).tidy()
    found = [one for one in boards(sandbox, news) if one.embeds]
    assert len(found) == 1
    assert rows(found[0]) == ["🥇 Ann · **3**"]


async def test_a_lost_reply_posts_it_once(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    on_monday(clock)
    with sandbox.faults.lose_reply(on=POST, times=None):
        await bot_of(life).tidy()
    assert len(boards(sandbox, news)) == 1
    clock.ahead += timedelta(hours=2)
    await bot_of(life).tidy()
    await bot_of(life).tidy()
    assert len(boards(sandbox, news)) == 1


async def test_where_nobody_may_look_it_is_rather_missing_than_there_twice(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    sandbox.guild.overwrite(news, sandbox.guild.bot_role, deny=Permission.READ_MESSAGE_HISTORY)
    on_monday(clock)
    with sandbox.faults.lose_reply(on=POST, times=None):
        await bot_of(life).tidy()
    clock.ahead += timedelta(hours=2)
    with sandbox.faults.status(403, on=HISTORY, times=None):
        await bot_of(life).tidy()
        await bot_of(life).tidy()
    assert len(boards(sandbox, news)) == 1


async def test_trouble_at_discord_delays_it(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    on_monday(clock)
    with sandbox.faults.status(503, on=POST, times=None):
        await bot_of(life).tidy()
    assert boards(sandbox, news) == []
    await bot_of(life).tidy()
    assert rows(only_board(sandbox, news)) == ["🥇 Ann · **3**"]


async def test_a_backend_that_is_away_delays_it(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    await asyncio.to_thread(backend.close)
    on_monday(clock)
    await bot_of(life).tidy()
    assert boards(sandbox, news) == []


async def test_a_backend_that_is_away_is_not_asked_for_each_server(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    """Each call to one that hangs takes its time, in which no task ends and nobody is reminded."""
    people = await community(life, sandbox, backend, [("Ann", 3)])
    await life.end()
    others = [sandbox.add_guild(f"Number {number}", owner=f"Owner {number}") for number in range(3)]
    places = [guild.create_channel("news") for guild in others]
    await life.begin()
    for guild, place in zip(others, places, strict=True):
        await choose_channel(life, guild, place)
        await worked(life, guild, people["Ann"], 1)
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{message}", filter="bot.community.weekly_desk")
    await asyncio.to_thread(backend.close)
    on_monday(clock)
    await bot_of(life).tidy()
    logger.remove(sink)
    assert len([line for line in lines if "has to wait" in line]) == 1
    assert boards(sandbox, news) == []


@pytest.mark.parametrize("deny", [Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL])
async def test_a_channel_that_takes_nothing_is_left_alone_until_the_next_week(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel, deny: Permission
) -> None:
    people = await community(life, sandbox, backend, [("Ann", 3)])
    sandbox.guild.overwrite(news, sandbox.guild.bot_role, deny=deny)
    on_monday(clock)
    await bot_of(life).tidy()
    tried = len(sandbox.requests_to(POST)) + len(sandbox.requests_to(CHANNEL))
    await bot_of(life).tidy()
    assert len(sandbox.requests_to(POST)) + len(sandbox.requests_to(CHANNEL)) == tried
    sandbox.guild.overwrite(news, sandbox.guild.bot_role, allow=deny)
    await worked(life, sandbox.guild, people["Ann"], 1)
    on_monday(clock)
    await bot_of(life).tidy()
    assert rows(only_board(sandbox, news)) == ["🥇 Ann · **1**"]


@pytest.mark.skipif(not IS_AVAILABLE, reason="the extra `charts` (Pillow) is not installed")
@pytest.mark.parametrize("may_attach", [True, False])
async def test_a_picture_goes_along_where_the_channel_takes_it(  # each case needs all of it
    life: Life,
    sandbox: Sandbox,
    backend: BackendServer,
    clock: TestClock,
    news: Channel,
    may_attach: bool,  # noqa: FBT001  # a case
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    if not may_attach:
        sandbox.guild.overwrite(news, sandbox.guild.bot_role, deny=Permission.ATTACH_FILES)
    on_monday(clock)
    await bot_of(life).tidy()
    board = only_board(sandbox, news)
    assert rows(board) == ["🥇 Ann · **3**"]
    assert [file["filename"] for file in board.attachments] == ["week.png"] * may_attach


async def test_a_channel_that_is_gone_spoils_nothing(
    life: Life, sandbox: Sandbox, backend: BackendServer, clock: TestClock, news: Channel
) -> None:
    await community(life, sandbox, backend, [("Ann", 3)])
    sandbox.guild.delete_channel(news)
    on_monday(clock)
    await bot_of(life).tidy()
    assert [sandbox.guild.owner.messages(channel) for channel in sandbox.guild.owner.channels()] == [
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("now", "label", "start"),
    [
        (datetime(2026, 11, 30, tzinfo=UTC), "2026-W48", datetime(2026, 11, 23, tzinfo=UTC)),
        (datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC), "2026-W47", datetime(2026, 11, 16, tzinfo=UTC)),
        (datetime(2027, 1, 4, tzinfo=UTC), "2026-W53", datetime(2026, 12, 28, tzinfo=UTC)),
        (datetime(2026, 1, 5, tzinfo=UTC), "2026-W01", datetime(2025, 12, 29, tzinfo=UTC)),
    ],
)
def test_the_week_before_is_the_last_that_is_over(now: datetime, label: str, start: datetime) -> None:
    week = Week.before(now)
    assert (week.label, week.start, week.end) == (label, start, start + timedelta(days=7))
