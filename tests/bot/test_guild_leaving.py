"""What becomes of tasks and records when a person leaves a server, or the bot does."""

from datetime import timedelta
from typing import Final

import pytest

from bot.app import BotApp
from bot.sessions.leaving import KEPT, LOOK_AGAIN, LOOKS_AT_A_TIME
from bot.store.left_guilds import FORGOTTEN
from bot.store.report_forms import ReportForm
from bot.store.weekly_boards import WeeklyBoard
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot.conftest import Backend, Join, Life, TestClock, shown_task, task, write
from tests.bot.guild_set_up import set_up
from tests.bot.rooms import controls_in, said_in, use_direct

TEXT = "How do bees find home?"
MEMBER = "GET /guilds/{}/members/{}"
NOT_OF_A_GUILD: Final = {"sessions", "contributions", "work_alerts", "news_threads", "outbox", "left_guilds"}
"""The tables that name a server and hold what belongs to people; or the note that the bot is not there."""


async def drafted(alice: Actor, backend: Backend) -> MessageView:
    """Get a task in a thread, and write a text for it."""
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, TEXT)
    return controls


async def hour_passes(bot: BotApp, clock: TestClock) -> None:
    clock.ahead += LOOK_AGAIN + timedelta(minutes=1)
    await bot.tidy()


# ---- a person leaves


async def test_the_task_of_who_left_goes_back_and_their_text_waits_for_them(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await set_up(bot, sandbox, when_member_leaves="give_back")
    second = sandbox.add_guild("Second", owner="Keeper")
    second.join(alice)
    await drafted(alice, backend)
    (thread,) = alice.threads()
    alice.leave(sandbox.guild)
    await bot.tidy()
    assert backend.nacks == [], "nobody looks so soon"
    await hour_passes(bot, clock)
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [reason for _, reason in backend.nacks] == ["its person has left the server"]
    assert thread.archived
    assert TEXT not in "".join(
        one.text for one in sandbox.guild.owner.messages(thread)[2:] if not one.buttons
    )

    backend.tasks.append(task("prompter_reply"))
    general = second.channel("general")
    await alice.command("task", channel=general)
    back = await said_in(alice, general, "You have left the server")
    assert TEXT in back.text
    assert back.ephemeral
    await shown_task(alice)
    await hour_passes(bot, clock)
    assert len(backend.nacks) == 1


async def test_who_uses_direct_messages_gets_the_text_there(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await use_direct(bot, alice)
    await set_up(bot, sandbox, when_member_leaves="give_back")
    sandbox.add_guild("Second", owner=alice)
    await drafted(alice, backend)
    alice.leave(sandbox.guild)
    await hour_passes(bot, clock)
    assert TEXT in (await said_in(alice, alice.open_dm(), "You have left the server")).text


async def test_where_tasks_are_kept_it_comes_to_where_they_next_ask(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    second = sandbox.add_guild("Second", owner="Keeper")
    second.join(alice)
    await drafted(alice, backend)
    alice.leave(sandbox.guild)
    await hour_passes(bot, clock)
    assert backend.nacks == []
    assert sandbox.requests_to(MEMBER) == [], "there is no need to know"
    await alice.command("task", channel=second.channel("general"))
    assert TEXT in (await shown_task(alice)).text


async def test_who_stays_keeps_the_task_and_is_looked_up_once_an_hour(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await set_up(bot, sandbox, when_member_leaves="give_back")
    controls = await drafted(alice, backend)
    await hour_passes(bot, clock)
    await bot.tidy()
    assert len(sandbox.requests_to(MEMBER)) == 1
    await hour_passes(bot, clock)
    assert len(sandbox.requests_to(MEMBER)) == 2
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await hour_passes(bot, clock)
    assert len(sandbox.requests_to(MEMBER)) == 2


async def test_few_are_looked_up_in_a_round_and_all_in_the_end(
    bot: BotApp, backend: Backend, sandbox: Sandbox, join: Join, clock: TestClock
) -> None:
    await set_up(bot, sandbox, when_member_leaves="give_back")
    people = [await join(f"Person {number}") for number in range(LOOKS_AT_A_TIME + 2)]
    for person in people:
        backend.tasks.append(task("initial_prompt"))
        await person.command("task")
        await shown_task(person)
        person.leave(sandbox.guild)
    await hour_passes(bot, clock)
    assert len(sandbox.requests_to(MEMBER)) == LOOKS_AT_A_TIME
    await bot.tidy()
    assert len(sandbox.requests_to(MEMBER)) == len(people)
    for person in people:
        await bot.services.delivery.drained(int(person.id), 5)
    assert len(backend.nacks) == len(people)


async def test_a_look_that_fails_takes_no_task_away(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await set_up(bot, sandbox, when_member_leaves="give_back")
    await drafted(alice, backend)
    sandbox.faults.status(500, MEMBER, times=4)
    await hour_passes(bot, clock)
    assert backend.nacks == []
    assert (await alice.command("task")).message is not None


# ---- the bot leaves


async def kept_for(bot: BotApp, guild_id: int) -> set[str]:
    """Name the tables in which something is kept for a server."""
    found = set()
    for table in FORGOTTEN:
        row = await bot.services.store.database.fetch_one(
            f"SELECT 1 FROM {table} WHERE guild_id = ?",  # noqa: S608  # the names are the store's
            (guild_id,),
        )
        if row is not None:
            found.add(table)
    return found


async def lived_in(bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor) -> int:
    """Let something be kept of everything that is kept for a server; leaves an open task in it."""
    guild_id, store, now = int(sandbox.guild.id), bot.services.store, bot.clock.now()
    await set_up(bot, sandbox, log_labels=True)
    await store.guild_reports.put(
        guild_id=guild_id, channel_id=1, message_id=2, author_id=3, reporter_id=4, note="rude", now=now
    )
    form = ReportForm(1, guild_id, channel_id=1, message_id=2, author_id=3, reporter_id=4)
    await store.report_forms.open(form, now=now)
    await store.weekly_boards.settle(WeeklyBoard(guild_id, "2026-W47", 1, 1, now), 2, now)
    await store.contributors.note(guild_id, int(alice.id), now)
    backend.tasks.append(task("assistant_reply"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, TEXT)
    assert await kept_for(bot, guild_id) == set(FORGOTTEN)
    return guild_id


async def goes_on(alice: Actor, backend: Backend) -> None:
    """See that an open task can be finished in direct messages."""
    room = alice.open_dm()
    await alice.command("task", room)
    controls = await controls_in(alice, room)
    assert TEXT in controls.text
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["text"] for answer in backend.answers] == [TEXT]


async def is_forgotten(bot: BotApp, alice: Actor, guild_id: int) -> None:
    async def look() -> bool:
        return await kept_for(bot, guild_id) == set()

    for _ in range(200):
        if await look():
            return
        await alice.command("task", alice.open_dm())
    raise AssertionError(await kept_for(bot, guild_id))


async def test_a_server_that_wants_to_be_forgotten_is_at_once(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    sandbox.add_guild("Second", owner=alice)
    guild_id = await lived_in(bot, backend, sandbox, alice)
    await set_up(bot, sandbox, when_bot_leaves="forget")
    sandbox.guild.remove_bot()
    await is_forgotten(bot, alice, guild_id)
    await goes_on(alice, backend)


async def test_records_are_kept_for_a_bot_that_comes_back(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    sandbox.add_guild("Second", owner=alice)
    guild_id = await lived_in(bot, backend, sandbox, alice)
    # A form that nobody sent is forgotten after a day anyhow.
    kept = set(FORGOTTEN) - {"shown", "report_forms"}
    sandbox.guild.remove_bot()
    await bot.services.sessions.guild_gone(guild_id)
    await goes_on(alice, backend)
    clock.ahead += KEPT - timedelta(hours=1)
    await bot.tidy()
    assert await kept_for(bot, guild_id) == kept

    sandbox.guild.let_bot_in()
    await bot.services.sessions.guild_joined(guild_id)
    clock.ahead += timedelta(hours=2)
    await bot.tidy()
    assert await kept_for(bot, guild_id) == kept

    sandbox.guild.remove_bot()
    await bot.services.sessions.guild_gone(guild_id)
    clock.ahead += KEPT + timedelta(hours=1)
    await bot.tidy()
    assert await kept_for(bot, guild_id) == set()


async def test_an_outage_is_no_leaving(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    guild_id = await lived_in(bot, backend, sandbox, alice)
    await set_up(bot, sandbox, when_bot_leaves="forget")
    sandbox.guild.begin_outage()
    sandbox.add_guild("Second", owner=alice)
    await alice.command("task", alice.open_dm())
    sandbox.guild.end_outage()
    clock.ahead += timedelta(hours=1)
    await bot.tidy()
    assert await kept_for(bot, guild_id) == set(FORGOTTEN)


@pytest.mark.parametrize("wanted", ["keep", "forget"])
async def test_what_happened_while_the_bot_was_not_running_is_found_out(
    life: Life, backend: Backend, join: Join, sandbox: Sandbox, clock: TestClock, wanted: str
) -> None:
    alice = await join("Alice")
    assert life.bot is not None
    sandbox.add_guild("Second", owner=alice)
    guild_id = await lived_in(life.bot, backend, sandbox, alice)
    await set_up(life.bot, sandbox, when_bot_leaves=wanted)
    await life.end()
    sandbox.guild.remove_bot()
    bot = await life.begin()
    if wanted == "keep":
        await goes_on(alice, backend)
        assert await kept_for(bot, guild_id) == set(FORGOTTEN) - {"shown"}
        clock.ahead += KEPT + timedelta(hours=1)
        await bot.tidy()
        assert await kept_for(bot, guild_id) == set()
        return
    await is_forgotten(bot, alice, guild_id)
    await goes_on(alice, backend)


async def test_a_server_that_is_there_at_the_start_is_not_forgotten(
    life: Life, backend: Backend, join: Join, sandbox: Sandbox, clock: TestClock
) -> None:
    alice = await join("Alice")
    assert life.bot is not None
    guild_id = await lived_in(life.bot, backend, sandbox, alice)
    await life.bot.services.store.left_guilds.note(guild_id, clock.now())
    await life.end()
    sandbox.guild.begin_outage()
    bot = await life.begin()
    sandbox.guild.end_outage()
    await alice.command("task")
    clock.ahead += KEPT + timedelta(hours=1)
    await bot.tidy()
    assert await kept_for(bot, guild_id) == set(FORGOTTEN) - {"report_forms"}


async def test_every_table_that_names_a_server_is_forgotten_or_belongs_to_people(bot: BotApp) -> None:
    tables = await bot.services.store.database.fetch_all(
        "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND c.name = 'guild_id'"
    )
    assert {row["name"] for row in tables} == {*FORGOTTEN} | NOT_OF_A_GUILD
