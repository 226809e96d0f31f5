"""Texts that were written and never sent: whoever stops or skips gets them back, once."""

import sqlite3
from contextlib import closing, suppress
from datetime import timedelta

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, Channel, InteractionFailed, MessageView, Sandbox
from tests.bot.conftest import Backend, Join, Life, TestClock, shown_task, task, write
from tests.bot.rooms import controls_in, said_in, use_direct, without_threads

TEXT = "How do bees find home?"
BACK = "Your text was not handed in"


async def drafted(alice: Actor, backend: Backend, channel: Channel | None = None) -> MessageView:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel)
    controls = await shown_task(alice) if channel is None else await controls_in(alice, channel)
    await write(controls, TEXT)
    return controls


async def leave(controls: MessageView, how: str) -> None:
    modal = (await controls.click(how)).modal
    if modal is not None:
        await modal.submit({})


def given_back(alice: Actor, channel: Channel) -> list[MessageView]:
    return [one for one in alice.messages(channel) if BACK in one.content and TEXT in one.text]


def keeps(life: Life, text: str) -> bool:
    """Whether the bot's sessions still hold a text."""
    with closing(sqlite3.connect(life.memory)) as memory:
        return any(text in row[0] for row in memory.execute("SELECT form_state FROM sessions"))


@pytest.mark.parametrize("how", ["Stop", "Skip"])
async def test_a_draft_is_given_back_in_the_thread(
    life: Life, bot: BotApp, backend: Backend, alice: Actor, how: str
) -> None:
    controls = await drafted(alice, backend)
    (thread,) = alice.threads()
    await leave(controls, how)
    await said_in(alice, thread, BACK)
    await alice.until(lambda: bool(alice.threads(archived=True)) == (how == "Stop"), what="the thread's end")
    assert await bot.services.delivery.drained(int(alice.id), 5)
    await bot.tidy()
    assert len(given_back(alice, thread)) == 1
    assert len(backend.nacks) == 1
    assert bool(alice.threads(archived=True)) == (how == "Stop")
    assert not keeps(life, TEXT)


@pytest.mark.parametrize("how", ["Stop", "Skip"])
async def test_a_draft_is_given_back_in_direct_messages(
    life: Life, bot: BotApp, backend: Backend, alice: Actor, how: str
) -> None:
    room = alice.open_dm()
    await leave(await drafted(alice, backend, room), how)
    await said_in(alice, room, BACK)
    await bot.tidy()
    assert len(given_back(alice, room)) == 1
    assert not keeps(life, TEXT)


@pytest.mark.parametrize("how", ["Stop", "Skip"])
async def test_a_draft_of_a_private_answer_is_given_back_in_private(
    life: Life, bot: BotApp, backend: Backend, alice: Actor, sandbox: Sandbox, how: str
) -> None:
    quiet = without_threads(sandbox)
    await leave(await drafted(alice, backend, quiet), how)
    assert (await said_in(alice, quiet, BACK)).ephemeral
    await alice.until(lambda: not keeps(life, TEXT), what="the text forgotten")
    await bot.tidy()
    await alice.command("task", quiet)
    assert len(given_back(alice, quiet)) == 1


async def test_a_thread_that_takes_nothing_more_sends_the_draft_to_direct_messages(
    bot: BotApp, backend: Backend, alice: Actor, sandbox: Sandbox
) -> None:
    await use_direct(bot, alice)
    controls = await drafted(alice, backend)
    general = sandbox.guild.channel("general")
    sandbox.guild.overwrite(general, sandbox.guild.bot_role, deny=1 << 38)  # SEND_MESSAGES_IN_THREADS
    await leave(controls, "Stop")
    room = alice.open_dm()
    back = await said_in(alice, room, TEXT)
    assert "You gave a task back, and your text was not sent" in back.content


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_a_draft_is_given_back_once_though_the_bot_dies(
    life: Life, backend: Backend, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    controls = await drafted(alice, backend)
    alice.patience = 0.2
    (thread,) = alice.threads()
    # The answer, what stands in the thread, the text, and the end of the thread.
    life.kill_at(number, before=before)
    with suppress(InteractionFailed):
        await leave(controls, "Stop")
    await life.died()
    bot = await life.reborn()
    alice.patience = 10
    if number == 1 and before and "Skip" in controls.buttons:
        with suppress(InteractionFailed):
            await leave(controls, "Stop")
    await said_in(alice, thread, BACK)
    await bot.tidy()
    await alice.until(lambda: alice.threads(archived=True) == [thread], what="the thread's end")
    assert len(given_back(alice, thread)) == 1
    assert not keeps(life, TEXT)


async def test_who_stops_reads_how_to_go_on_and_who_skips_that_it_is_no_harm(
    backend: Backend, alice: Actor
) -> None:
    room = alice.open_dm()
    backend.tasks += [task("initial_prompt"), task("initial_prompt")]
    await alice.command("task", room)
    controls = await controls_in(alice, room)
    await leave(controls, "Stop")
    assert "Stopped." in controls.content
    assert "/task gets you another one" in controls.content
    await alice.command("task", room)
    controls = await controls_in(alice, room)
    await leave(controls, "Skip")
    assert "No harm done" in controls.content
    assert controls.buttons == ["Next task", "Done"]


async def test_why_a_text_was_not_taken_is_said_once(
    backend: Backend, alice: Actor, sandbox: Sandbox
) -> None:
    for channel in (sandbox.guild.channel("general"), without_threads(sandbox)):
        backend.trouble.append((400, 2010))
        controls = await drafted(alice, backend, None if channel.name == "general" else channel)
        await controls.click("Send")
        where = alice.threads()[0] if channel.name == "general" else channel
        await said_in(alice, where, BACK)
        read = [one.content for one in alice.messages(where)]
        assert "\n".join(read).count("takes no more messages") == 1


async def test_a_refused_text_of_a_private_task_comes_with_the_next_task(
    life: Life, bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    """Who goes on from task to task never uses /task again."""
    quiet = without_threads(sandbox)
    controls = await drafted(alice, backend, quiet)
    backend.trouble.extend([(502, 0), (400, 2010)])
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    clock.ahead += timedelta(minutes=10)
    assert await bot.services.delivery.drained(int(alice.id), 5)
    backend.tasks.append(task("initial_prompt"))
    await controls.click("Next task")
    back = await said_in(alice, quiet, "Your text could not be taken")
    assert back.ephemeral
    assert TEXT in back.text
    assert "takes no more messages" in back.content
    await alice.until(lambda: not keeps(life, TEXT), what="the text forgotten")
    await alice.command("task", quiet)
    assert len([one for one in alice.messages(quiet) if TEXT in one.text]) == 1


async def test_who_comes_too_late_to_a_private_task_reads_so_and_has_the_text(
    life: Life, bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    """The click takes the text from the message on which it stood."""
    quiet = without_threads(sandbox)
    controls = await drafted(alice, backend, quiet)
    clock.ahead += timedelta(hours=47, minutes=1)
    await bot.tidy()
    await controls.click("Send")
    assert "The time for this task is over" in controls.content
    assert (await said_in(alice, quiet, BACK)).ephemeral
    assert len(given_back(alice, quiet)) == 1
    await alice.until(lambda: not keeps(life, TEXT), what="the text forgotten")
