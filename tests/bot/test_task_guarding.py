"""What cannot be read, shown or done holds up nothing else of what is to be done from time to time."""

from datetime import timedelta

import pytest

from bot.app import BotApp
from discord_sandbox import Actor
from tests.bot.conftest import Backend, Join, Life, TestClock, shown_task, task, write

DAYS = timedelta(days=2)

BROKEN = {
    "form": "form_state = '{\"draft\": 5}'",
    "task": "task = '{}'",
    "type": "requested_type = 'something new'",
}
"""Columns as another version of the bot might have left them."""


async def with_task(person: Actor, backend: Backend, *, draft: str = "") -> None:
    backend.tasks.append(task("initial_prompt"))
    await person.command("task")
    controls = await shown_task(person)
    if draft:
        await write(controls, draft)


async def break_row(bot: BotApp, person: Actor, what: str) -> None:
    await bot.services.store.database.execute(
        f"UPDATE sessions SET {BROKEN[what]} WHERE user_id = ?",  # noqa: S608  # the literals above
        (int(person.id),),
    )


def told_of_the_end(person: Actor) -> bool:
    threads = [*person.threads(), *person.threads(archived=True)]
    return any(
        "time for this task is over" in one.text for place in threads for one in person.messages(place)
    )


@pytest.mark.parametrize("what", BROKEN)
async def test_a_row_that_cannot_be_read_keeps_no_other_task_from_ending(
    bot: BotApp, backend: Backend, join: Join, clock: TestClock, what: str
) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    await with_task(alice, backend, draft="Mine")
    await with_task(bob, backend)
    await break_row(bot, alice, what)
    clock.ahead = DAYS
    await bot.tidy()
    assert told_of_the_end(bob)
    assert bob.threads() == []


async def test_what_cannot_be_told_keeps_the_next_start_from_nothing(
    life: Life, backend: Backend, join: Join, bot: BotApp, clock: TestClock
) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    await with_task(alice, backend, draft="Mine")
    await with_task(bob, backend)
    await break_row(bot, alice, "form")
    clock.ahead = DAYS
    await life.end()
    bot = await life.begin()
    await bob.until(lambda: told_of_the_end(bob), what="that the time is over")
    await life.end()
    # From now on the end of Alice's task is to be told at each start, and cannot be.
    bot = await life.begin()
    await with_task(bob, backend)
    clock.ahead += DAYS
    await bot.tidy()
    assert await bot.services.store.sessions.live_of(int(bob.id)) is None


async def test_a_step_that_fails_keeps_no_other_from_being_done(
    bot: BotApp, backend: Backend, join: Join
) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    await with_task(alice, backend)
    await with_task(bob, backend)
    database = bot.services.store.database
    await database.execute("UPDATE sessions SET closing = 1, ended_at = 0 WHERE user_id = ?", (int(bob.id),))
    await database.execute(
        "CREATE TRIGGER full BEFORE UPDATE OF state ON sessions BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    await database.execute("UPDATE sessions SET expires_at = 0")
    await bot.tidy()
    assert bob.threads() == [], "what could be done was done"
    assert backend.nacks == [], "half of the end is no end"
    await database.execute("DROP TRIGGER full")
    await bot.tidy()
    assert told_of_the_end(alice)
