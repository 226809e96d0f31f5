"""News of work on servers that offer some kinds only, or want finished threads locked or deleted."""

from datetime import timedelta

import pytest

from bot.app import BotApp
from bot.sessions.alerts import THREAD_KEPT
from bot.sessions.closing import READABLE
from discord_sandbox import Actor, Channel, MessageView, Sandbox
from tests.bot.conftest import TestClock, shown_task, task, write
from tests.bot.guild_set_up import set_up
from tests.bot.work_backend import WorkBackend

BACKEND = WorkBackend
NEWS = "There is work for you"


async def time_passes(bot: BotApp, clock: TestClock, span: timedelta) -> None:
    clock.ahead += span
    await bot.tidy()


async def wants_news(person: Actor, kind: str, where: str, channel: Channel | None = None) -> None:
    """Ask for a task, get none, and ask to be told."""
    reply = await person.command("task", channel, type=kind)
    assert reply.message is not None
    await reply.message.click("Tell me when there is work")
    await reply.message.click(where)


def news(places: list[Channel], person: Actor) -> list[MessageView]:
    return [one for place in places for one in person.messages(place) if NEWS in one.content]


async def test_in_a_thread_nobody_is_told_of_work_that_the_server_does_not_offer(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox
) -> None:
    await set_up(bot, sandbox, task_types=["initial_prompt"])
    await wants_news(alice, "random", "Here")
    backend.counts = {"en": {"assistant_reply": 3}}
    await time_passes(bot, clock, timedelta(minutes=2))
    assert alice.threads() == []
    backend.counts["en"]["initial_prompt"] = 1
    await time_passes(bot, clock, timedelta(minutes=2))
    assert len(news(alice.threads(), alice)) == 1


async def test_in_direct_messages_everything_is_news(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox
) -> None:
    await set_up(bot, sandbox, task_types=["initial_prompt"])
    await wants_news(alice, "random", "By direct message")
    backend.counts = {"en": {"assistant_reply": 3}}
    await time_passes(bot, clock, timedelta(minutes=2))
    assert len(news([alice.open_dm()], alice)) == 1


@pytest.mark.parametrize("wanted", ["archive", "lock", "delete"])
async def test_news_that_lead_to_nothing_leave_the_thread_as_the_server_wants_it(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox, wanted: str
) -> None:
    await set_up(bot, sandbox, finished_threads=wanted)
    await wants_news(alice, "assistant_reply", "Here")
    backend.counts = {"en": {"assistant_reply": 3}}
    await time_passes(bot, clock, timedelta(minutes=2))
    (thread,) = alice.threads()
    await time_passes(bot, clock, THREAD_KEPT + timedelta(minutes=1))
    left = list(sandbox.guild.guild.threads.values())
    assert left == ([] if wanted == "delete" else [thread])
    assert thread.archived or wanted == "delete"
    assert thread.locked == (wanted == "lock")


@pytest.mark.parametrize("wanted", ["lock", "delete"])
async def test_news_in_a_thread_of_ones_own_that_is_closed_can_be_taken(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox, wanted: str
) -> None:
    await set_up(bot, sandbox, finished_threads=wanted)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    (thread,) = alice.threads()
    await wants_news_after(alice, controls)
    await alice.until(lambda: thread.archived, what="the end of the thread")
    backend.counts = {"en": {"initial_prompt": 3}}
    await time_passes(bot, clock, READABLE - timedelta(minutes=10))
    (told,) = news([thread], alice)
    assert not thread.locked
    await time_passes(bot, clock, timedelta(hours=2))
    backend.tasks.append(task("initial_prompt"))
    await told.click("Get this task")
    assert (await shown_task(alice)).channel_id == thread.id


async def wants_news_after(alice: Actor, controls: MessageView) -> None:
    """Skip a task with a text, ask to be told of the next in the same thread, and be done."""
    await write(controls, "How do bees find home?")
    modal = (await controls.click("Skip")).modal
    assert modal is not None
    await modal.submit({})
    await controls.click("Next task")
    thread = alice.threads()[0]

    def answer() -> MessageView | None:
        return next(
            (one for one in alice.messages(thread) if "Tell me when there is work" in one.buttons), None
        )

    found = await alice.until(answer, what="the answer")
    assert found is not None
    await found.click("Tell me when there is work")
    await found.click("Here")
    await controls.click("Done")
