"""Two things at once about one task: one ends or changes it while the other is on its way to Discord."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.app import BotApp
from bot.sessions.closing import READABLE
from discord_sandbox import Actor, Call, Sandbox
from tests.bot.conftest import Backend, Join, Life, TestClock, shown_task, task, write
from tests.bot.contributing import private
from tests.bot.guild_set_up import set_up
from tests.bot.rooms import controls_in, said_in, without_threads
from tests.bot.test_guild_threads import BACK, TEXT, becomes, begin, finish, there
from tests.bot.test_task_time import NEARLY_OVER, reminders

OVER = timedelta(hours=47, minutes=1)
POST = "POST /channels/{}/messages"


def during(sandbox: Sandbox, on: str, happens: Callable[[], Awaitable[object]]) -> None:
    """Let something happen, once, while a call of the bot is on its way."""

    async def hook(_: Call) -> None:
        await happens()

    sandbox.faults.before(on, hook, times=1)


async def test_what_is_to_be_mended_is_not_hidden_by_a_closing_that_was_planned_before(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, join: Join
) -> None:
    """Discord and the backend come back together: threads are still to be closed as outcomes come."""
    alice, bob = await join("Alice"), await join("Bob")
    ends = [await finish(alice, backend)]

    async def be_away() -> None:
        backend.trouble.append((503, 0))

    backend.before_answer = be_away
    ends.append(await finish(bob, backend))
    with sandbox.faults.status(400, on="PATCH /channels/{}", times=None):
        for controls, _ in ends:
            await controls.click("Done")
        await bob.until(
            lambda: len(sandbox.requests_to("PATCH /channels/{}")) == len(ends), what="that none closes"
        )
    controls, thread = ends[1]

    async def hears_of_it() -> None:
        backend.before_answer = None
        backend.trouble.append((400, 1009))
        clock.ahead += timedelta(minutes=10)
        bot.services.delivery.kick()
        await bob.until(lambda: "Edit" in controls.buttons, what="what is to be mended")

    during(sandbox, "PATCH /channels/{}", hears_of_it)
    await bot.tidy()
    assert "Edit" in controls.buttons
    assert not thread.archived
    await write(controls, "And at night?")
    await controls.click("Send")
    await bob.until(lambda: "Next task" in controls.buttons, what="thanks")


@pytest.mark.parametrize("how", ["draft", "skip", "expiry"])
async def test_a_task_that_goes_on_while_it_is_shown_anew_looks_so(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor, how: str
) -> None:
    controls, thread = await begin(alice, backend)
    modal = (await controls.click("Write" if how == "draft" else "Skip")).modal
    assert modal is not None
    await bot.services.rest.delete_message(int(controls.channel_id), int(controls.id))
    tidying: list[asyncio.Task[None]] = []

    async def goes_on() -> None:
        if how == "expiry":
            clock.ahead += OVER
            tidying.append(asyncio.create_task(bot.tidy()))
            await alice.until(lambda: backend.nacks, what="the end of the time")
        else:
            await modal.submit({"Your text": TEXT} if how == "draft" else {})

    during(sandbox, POST, goes_on)
    answer = await alice.command("task")
    shown = alice.latest(thread)
    assert shown is not None
    await alice.until(lambda: "Loading" not in answer.text and shown.text, what="the answer")
    await asyncio.gather(*tidying)
    await bot.tidy()
    latest = [one for one in alice.messages(thread) if not one.ephemeral][-1]
    if how == "draft":
        assert TEXT in latest.text
        return
    over = "No harm done" if how == "skip" else "The time for this task is over"
    assert over in latest.text
    assert over in answer.text
    assert "Write" not in latest.buttons
    assert thread.archived == (how == "expiry")


async def test_a_reminder_that_comes_after_the_end_leaves_no_thread_open(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    controls, thread = await begin(alice, backend)
    clock.ahead = NEARLY_OVER

    async def stops() -> None:
        await controls.click("Stop")
        await alice.until(lambda: thread.archived, what="the end of the thread")

    during(sandbox, POST, stops)
    await bot.tidy()
    await bot.tidy()
    assert reminders(alice) == []
    assert thread.archived


async def test_a_task_that_loses_its_thread_just_before_its_reminder_is_named_to_nobody_else(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, join: Join
) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    for person in (alice, bob):
        await begin(person, backend)
    (thread,) = bob.threads()
    clock.ahead = NEARLY_OVER

    async def is_deleted() -> None:
        sandbox.guild.delete_channel(thread)
        await bot.services.sessions.thread_gone(int(thread.id))

    during(sandbox, POST, is_deleted)
    await bot.tidy()
    assert len(reminders(alice)) == 1
    assert reminders(bob) == []


async def test_a_thread_that_was_to_be_deleted_stays_for_the_task_that_came_meanwhile(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    """Done is pressed while the next task is on its way, below a text that was given back."""
    await set_up(bot, sandbox, finished_threads="delete")
    controls, thread = await begin(alice, backend)
    await write(controls, TEXT)
    asked = (await controls.click("Skip")).modal
    assert asked is not None
    await asked.submit({})
    await said_in(alice, thread, BACK)

    async def be_done() -> None:
        backend.before_task = None
        await controls.click("Done")
        await alice.until(lambda: thread.archived, what="the end of the thread")

    backend.before_task = be_done
    backend.tasks.append(task("initial_prompt"))
    await controls.click("Next task")
    following = await shown_task(alice, after=controls)
    clock.ahead += READABLE + timedelta(minutes=1)
    await write(following, "And at night?")
    await following.click("Send")
    await alice.until(lambda: "Next task" in following.buttons, what="thanks")
    await bot.tidy()
    assert there(sandbox) == [thread]
    await following.click("Done")
    await becomes(alice, sandbox, "delete", thread)


async def test_who_waits_for_an_outcome_reads_it_though_the_message_is_gone(
    bot: BotApp, backend: Backend, alice: Actor
) -> None:
    controls, _ = await begin(alice, backend)
    await write(controls, TEXT)

    async def is_deleted() -> None:
        backend.before_answer = None
        await bot.services.rest.delete_message(int(controls.channel_id), int(controls.id))

    backend.before_answer = is_deleted
    await controls.click("Send")
    await alice.until(lambda: "Thank you" in private(alice) or "went wrong" in private(alice), what="a word")
    assert "went wrong" not in private(alice)


async def test_who_sends_again_what_is_on_its_way_reads_what_became_of_it(
    life: Life, backend: Backend, sandbox: Sandbox, join: Join
) -> None:
    """A private message is changed only in answer to its person, whom the bot that died has not answered."""
    alice, quiet = await join("Alice"), without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=quiet)
    controls = await controls_in(alice, quiet)
    await write(controls, TEXT)
    may_answer = asyncio.Event()

    async def wait() -> None:
        await may_answer.wait()

    backend.before_answer = wait
    life.kill_at(1, before=False)
    await controls.click("Send")
    await life.died()
    await life.reborn()
    await controls.click("Send")
    assert "Your answer is saved" in controls.text
    may_answer.set()
    await alice.until(lambda: "Thank you" in controls.text, what="the outcome")


async def test_a_click_in_a_thread_that_somebody_archived_after_the_end_is_answered(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    controls, thread = await finish(alice, backend)
    sandbox.guild.owner.change_thread(thread, archived=True)
    answer = await controls.click("Done")
    await alice.until(lambda: "Thank you" in private(alice), what="how the task ended")
    assert answer.modal is None
    assert thread.archived


@pytest.mark.parametrize("how", ["skip", "stop"])
async def test_a_task_that_ends_in_a_thread_that_somebody_archived_looks_so(
    backend: Backend, sandbox: Sandbox, alice: Actor, how: str
) -> None:
    controls, thread = await begin(alice, backend)
    modal = (await controls.click("Skip")).modal
    assert modal is not None
    sandbox.guild.owner.change_thread(thread, archived=True)
    await (modal.submit({}) if how == "skip" else controls.click("Stop"))
    await alice.until(lambda: "went back" in controls.text, what="the end of the task")
    assert "Skip" not in controls.buttons


async def test_an_outcome_that_comes_late_is_shown_though_somebody_archived_the_thread(
    life: Life, backend: Backend, sandbox: Sandbox, clock: TestClock, join: Join
) -> None:
    """The bot died before it could show that the answer was sent, and nobody has seen it since."""
    alice = await join("Alice")
    controls, thread = await begin(alice, backend)
    await write(controls, TEXT)
    life.kill_at(2, before=True)
    await controls.click("Send")
    await life.died()
    sandbox.guild.owner.change_thread(thread, archived=True)
    bot = await life.reborn()
    assert await bot.services.delivery.drained(int(alice.id), 5)
    clock.ahead += timedelta(minutes=3)
    await bot.tidy()
    await alice.until(lambda: "Thank you" in controls.text, what="thanks")
    assert "Skip" not in controls.buttons
