"""What happens when the time of a task runs out, and long after: reminder, end, forgetting."""

import asyncio
from datetime import timedelta

import pytest

from bot.app import BotApp
from bot.store import Store
from discord_sandbox import Actor, MessageView, Permission, Sandbox
from tests.bot.conftest import Backend, Join, Life, TestClock, shown_task, task, write
from tests.bot.rooms import controls_in, said_in, use_direct, without_threads

TEXT = "How do bees find home?"
NEARLY_OVER = timedelta(hours=42)
OVER = timedelta(hours=47, minutes=1)


def reminders(alice: Actor) -> list[MessageView]:
    """Give all reminders that somebody sees."""
    return [
        message
        for channel in [*alice.channels(), *alice.threads(archived=True)]
        for message in alice.messages(channel)
        if "⏰" in message.content
    ]


async def open_task(alice: Actor, backend: Backend) -> MessageView:
    """Get a task in a thread."""
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    return await shown_task(alice)


async def nearly_over(bot: BotApp, clock: TestClock) -> None:
    """Let the last hours of every task begin."""
    clock.ahead = NEARLY_OVER
    await bot.tidy()


async def dies_tidying(life: Life) -> None:
    """Let the bot tidy until the call comes at which it dies."""
    assert life.bot is not None
    tidying = asyncio.create_task(life.bot.tidy())
    await life.died()
    tidying.cancel()
    await asyncio.gather(tidying, return_exceptions=True)


async def test_there_is_one_reminder_in_the_last_hours(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    controls = await open_task(alice, backend)
    clock.ahead = NEARLY_OVER - timedelta(hours=1)
    await bot.tidy()
    assert reminders(alice) == []
    await nearly_over(bot, clock)
    (reminder,) = reminders(alice)
    assert reminder.channel_id == controls.channel_id
    assert f"/{controls.channel_id}/{controls.id}" in reminder.content
    assert "<t:" in reminder.content
    assert "not handed in" not in reminder.content
    assert reminder.pings == []
    await bot.tidy()
    assert reminders(alice) == [reminder]


@pytest.mark.parametrize("directly", [False, True], ids=["thread", "direct"])
@pytest.mark.parametrize("how", ["Stop", "Send", "expiry"])
async def test_a_reminder_goes_when_the_task_is_over(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor, how: str, *, directly: bool
) -> None:
    backend.tasks.append(task("initial_prompt"))
    room = alice.open_dm() if directly else None
    await alice.command("task", room)
    controls = await shown_task(alice) if room is None else await controls_in(alice, room)
    if how == "Send":
        await write(controls, TEXT)
    clock.ahead = NEARLY_OVER
    await bot.tidy()
    where = alice.threads()[0] if room is None else room

    def reminded() -> bool:
        return any("⏰" in one.content for one in alice.messages(where))

    assert reminded()
    if how == "expiry":
        clock.ahead = OVER
    else:
        await controls.click(how)
    if how == "Send":
        await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await bot.tidy()
    await bot.tidy()
    assert not reminded()
    assert "Stopped" in controls.content or how != "Stop"


async def test_a_reminder_names_the_text_that_waits(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    await write(await open_task(alice, backend), TEXT)
    await nearly_over(bot, clock)
    (reminder,) = reminders(alice)
    assert "Your text is not handed in yet" in reminder.content
    assert "**Send**" in reminder.content


async def test_a_reminder_says_that_something_is_to_be_mended(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    backend.trouble.append((400, 1009))
    controls = await open_task(alice, backend)
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "same text" in controls.content, what="what is to be mended")
    await nearly_over(bot, clock)
    assert "please mend it" in reminders(alice)[0].content


async def test_who_paused_or_finished_or_sees_the_task_alone_is_not_reminded(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, join: Join
) -> None:
    paused, finished, alone = await join("Alice"), await join("Bob"), await join("Cleo")
    await (await open_task(paused, backend)).click("Pause")
    controls = await open_task(finished, backend)
    await write(controls, TEXT)
    await controls.click("Send")
    await finished.until(lambda: "Next task" in controls.buttons, what="thanks")
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alone.command("task", channel=quiet)
    await controls_in(alone, quiet)
    await nearly_over(bot, clock)
    assert [reminders(person) for person in (paused, finished, alone)] == [[], [], []]


async def test_who_goes_on_with_a_paused_task_is_reminded(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    controls = await open_task(alice, backend)
    await controls.click("Pause")
    assert "Paused" in controls.content
    await write(controls, TEXT)
    assert "Paused" not in controls.content, "working on it ends the pause"
    await nearly_over(bot, clock)
    assert len(reminders(alice)) == 1


async def test_a_reminder_comes_in_direct_messages_too_and_in_the_persons_language(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    await use_direct(bot, alice)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=without_threads(sandbox))
    here = alice.open_dm()
    controls = await controls_in(alice, here)
    await nearly_over(bot, clock)
    assert f"/@me/{here.id}/{controls.id}" in (await said_in(alice, here, "⏰")).content


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
async def test_a_reminder_survives_a_crash_once(
    life: Life, backend: Backend, clock: TestClock, sandbox: Sandbox, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    await open_task(alice, backend)
    assert life.bot is not None
    clock.ahead = NEARLY_OVER
    life.kill_at(number, before=before)
    await dies_tidying(life)
    sandbox.clock.advance(600)
    bot = await life.reborn()
    await bot.tidy()
    assert len(reminders(alice)) == 1


async def test_a_reminder_that_discord_does_not_take_comes_the_next_time(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    await open_task(alice, backend)
    clock.ahead = NEARLY_OVER
    with sandbox.faults.status(503, on="POST /channels/{}/messages", times=None):
        await bot.tidy()
    assert reminders(alice) == []
    await bot.tidy()
    assert len(reminders(alice)) == 1


async def test_a_reminder_finds_out_that_the_bot_may_not_see_the_thread_any_more(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    await use_direct(bot, alice)
    controls = await open_task(alice, backend)
    await write(controls, TEXT)
    sandbox.guild.overwrite(
        sandbox.guild.channel("general"), sandbox.guild.bot_role, deny=Permission.VIEW_CHANNEL
    )
    await nearly_over(bot, clock)
    here = alice.open_dm()
    await said_in(alice, here, "can no longer show your task where it was")
    assert TEXT in (await controls_in(alice, here)).text


async def test_the_end_in_direct_messages_gives_the_text_back(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    here = alice.open_dm()
    body = task("initial_prompt")
    backend.tasks.append(body)
    await alice.command("task", channel=here)
    controls = await controls_in(alice, here)
    await write(controls, TEXT)
    clock.ahead = OVER
    await bot.tidy()
    assert "time for this task is over" in controls.content
    assert TEXT in alice.messages(here)[-1].text
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [(task_id, reason) for task_id, reason in backend.nacks] == [(body["id"], "expired")]


@pytest.mark.parametrize("chose_direct", [False, True], ids=["at the next command", "directly"])
async def test_a_text_that_was_seen_alone_is_given_back_in_the_end(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor, *, chose_direct: bool
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=quiet)
    controls = await controls_in(alice, quiet)
    await write(controls, TEXT)
    if chose_direct:
        await use_direct(bot, alice)
    clock.ahead = OVER
    await bot.tidy()
    if not chose_direct:
        await alice.command("task", channel=quiet)
    where = alice.open_dm() if chose_direct else quiet
    await said_in(alice, where, "The time for this task is over, and your text was not sent")
    assert TEXT in alice.messages(where)[-1].text
    late = await controls.click("Send")
    assert late.message is not None
    assert "time for this task is over" in controls.content
    assert backend.answers == []
    again = await alice.command("task", channel=quiet)
    assert "not sent" not in again.text
    assert len([one for one in alice.messages(where) if "was not sent" in one.text]) == 1


async def test_a_text_whose_thread_is_gone_is_given_back_at_the_next_command(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    await write(await open_task(alice, backend), TEXT)
    sandbox.guild.delete_channel(alice.threads()[0])
    clock.ahead = OVER
    await bot.tidy()
    await bot.tidy()
    await alice.command("task")
    general = sandbox.guild.channel("general")
    await said_in(alice, general, "your text was not sent")
    assert TEXT in alice.messages(general)[-1].text


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_the_end_survives_a_crash_once(
    life: Life, backend: Backend, clock: TestClock, sandbox: Sandbox, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    controls = await open_task(alice, backend)
    await write(controls, TEXT)
    assert life.bot is not None
    await life.bot.services.delivery.drained(int(alice.id), 5)
    clock.ahead = OVER
    life.kill_at(number, before=before)
    await dies_tidying(life)
    sandbox.clock.advance(600)
    bot = await life.reborn()
    await bot.tidy()
    await alice.until(lambda: alice.threads(archived=True), what="the closed thread")
    (thread,) = alice.threads(archived=True)
    assert "time for this task is over" in controls.content
    said = [one.text for one in alice.messages(thread)]
    assert len([text for text in said if "Your text was not handed in" in text and TEXT in text]) == 1
    assert len([text for text in said if TEXT in text]) == 1
    await bot.services.delivery.drained(int(alice.id), 5)
    assert {reason for _, reason in backend.nacks} == {"expired"}


async def test_what_is_long_over_is_forgotten(
    bot: BotApp, backend: Backend, clock: TestClock, join: Join
) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    store: Store = bot.services.store
    over = await open_task(alice, backend)
    await write(over, TEXT)
    await over.click("Send")
    await alice.until(lambda: "Next task" in over.buttons, what="thanks")
    waiting = await open_task(bob, backend)
    await write(waiting, TEXT)
    await bot.services.sessions.thread_gone(int(waiting.channel_id))
    clock.ahead = OVER
    await bot.tidy()
    clock.ahead = timedelta(days=89)
    await bot.tidy()
    assert await store.sessions.by_ack(int(over.id)) is not None
    assert await store.outbox.untold(int(bob.id)) != [], "bob has still to get his text back"
    assert await store.outbox.unannounced(10, before=clock.now()) == [], (
        "and nobody can give it to him before"
    )
    clock.ahead = timedelta(days=93)
    await bot.tidy()
    assert await store.sessions.by_ack(int(over.id)) is None
    assert await store.sessions.by_ack(int(waiting.id)) is None, "bob did not come for it"
    assert await store.outbox.untold(int(bob.id)) == []
    late = await over.click("Next task")
    assert "has expired" in late.text
