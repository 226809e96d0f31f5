"""The bot's process is asked to end while something is in hand: it ends in time, and nothing is lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from discord_sandbox import Actor, Call, InteractionFailed, MessageView, Sandbox, WaitTimeout
from tests.bot.conftest import Backend, shown_task, task, write
from tests.bot.rooms import said_in
from tests.e2e.conftest import BotProcess
from tests.meeting import welcomed

IN_TIME = 10.0
"""Seconds after which container engines kill a process that was asked to end."""

ENDS = "The bot ends"
"""What the log says once the bot takes no more."""

TEXT = "How do bees find home?"


@pytest.fixture
async def scripted() -> AsyncIterator[Backend]:
    """Run a backend that does as it is told, beside the bot's process."""
    running = Backend()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def process(sandbox: Sandbox, scripted: Backend, tmp_path: Path) -> AsyncIterator[BotProcess]:
    process = BotProcess(sandbox, scripted, tmp_path)
    await process.start()
    yield process
    await process.stop()
    log = process.log.read_text()
    assert "never retrieved" not in log
    assert "was destroyed" not in log
    assert "Unexpected error" not in log
    assert "Traceback" not in log


async def ends_in_time(process: BotProcess) -> None:
    """Ask it to end, and see that it does."""
    began = time.monotonic()
    assert await process.stop() == 0
    assert time.monotonic() - began < IN_TIME


@pytest.fixture
async def alice(sandbox: Sandbox, scripted: Backend, process: BotProcess) -> Actor:
    assert process.log.exists()
    person = sandbox.guild.add_member("Alice")
    terms = (await person.command("task")).message
    assert terms is not None
    await welcomed(person, terms)
    await person.until(lambda: scripted.asked, what="the first question for a task")
    return person


async def open_task(alice: Actor, backend: Backend) -> MessageView:
    """Get a task in a thread."""
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    return await shown_task(alice)


async def test_an_idle_bot_ends_at_once(process: BotProcess) -> None:
    began = time.monotonic()
    assert await process.stop() == 0
    assert time.monotonic() - began < IN_TIME / 2


async def test_a_task_that_is_being_posted_is_posted(
    sandbox: Sandbox, process: BotProcess, scripted: Backend, alice: Actor
) -> None:
    ending: list[asyncio.Task[None]] = []

    async def end(_: Call) -> None:
        ending.append(asyncio.create_task(ends_in_time(process)))
        await process.says(ENDS)

    scripted.tasks.append(task("assistant_reply"))
    sandbox.faults.before("POST /channels/{}/threads", end, times=1)
    reply = await alice.command("task")
    controls = await shown_task(alice)
    assert f"<#{controls.channel_id}>" in reply.text
    await ending[0]
    await process.start()
    await write(controls, TEXT)
    assert len(alice.threads()) == 1


async def test_an_answer_that_is_being_sent_arrives_once(
    process: BotProcess, scripted: Backend, alice: Actor
) -> None:
    controls = await open_task(alice, scripted)
    await write(controls, TEXT)
    release, asked = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        asked.set()
        await release.wait()

    scripted.before_answer = hold
    await controls.click("Send")
    await asked.wait()
    ending = asyncio.create_task(ends_in_time(process))
    await process.says(ENDS)
    release.set()
    await ending
    assert "Next task" in controls.buttons
    assert [answer["text"] for answer in scripted.answers] == [TEXT]
    await process.start()
    assert len(scripted.answers) == 1


@pytest.mark.parametrize("what", ["a task", "an answer"])
async def test_a_backend_that_hangs_holds_nobody_up(
    process: BotProcess, scripted: Backend, alice: Actor, what: str
) -> None:
    release, asked = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        asked.set()
        await release.wait()

    if what == "an answer":
        controls = await open_task(alice, scripted)
        await write(controls, TEXT)
        scripted.before_answer = hang
        await controls.click("Send")
    else:
        scripted.before_task = hang
        waiting = asyncio.create_task(alice.command("task"))
    await asked.wait()
    await ends_in_time(process)
    scripted.before_answer = scripted.before_task = None
    release.set()
    if what == "a task":
        await waiting
        await said_in(alice, alice.channels()[0], "restarting")
    await process.start()
    if what == "an answer":
        await alice.until(lambda: "Next task" in controls.buttons, what="the thanks")
        assert [answer["text"] for answer in scripted.answers] == [TEXT]
    else:
        await open_task(alice, scripted)


async def test_who_clicks_while_the_bot_ends_is_told(
    sandbox: Sandbox, process: BotProcess, scripted: Backend, alice: Actor
) -> None:
    controls = await open_task(alice, scripted)
    modal = (await controls.click("Write")).modal
    bob = sandbox.guild.add_member("Bob")
    terms = (await bob.command("task")).message
    assert terms is not None
    release, asked = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        asked.set()
        await release.wait()

    scripted.before_task = hang
    await welcomed(bob, terms)
    await asked.wait()
    ending = asyncio.create_task(ends_in_time(process))
    await process.says(ENDS)
    assert modal is not None
    answer = await modal.submit({"Your text": TEXT})
    assert answer.message is not None
    assert "restarting" in answer.text
    assert TEXT in answer.text, "the text is not lost"
    assert "restarting" in (await controls.click("Skip")).text
    assert "restarting" in (await alice.command("leaderboard")).text
    release.set()
    await ending


async def test_a_second_signal_ends_it_at_once(process: BotProcess, scripted: Backend, alice: Actor) -> None:
    release, asked = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        asked.set()
        await release.wait()

    scripted.before_task = hang
    waiting = asyncio.create_task(alice.command("task"))
    await asked.wait()
    process.ask_to_end()
    await process.says(ENDS)
    process.ask_to_end()
    began = time.monotonic()
    assert await process.ended() == 130
    assert time.monotonic() - began < 2
    release.set()
    waiting.cancel()
    with suppress(asyncio.CancelledError, InteractionFailed, WaitTimeout):
        await waiting
