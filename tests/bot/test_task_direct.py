"""Tasks in direct messages: chosen, left again, refused, and posted once whatever happens."""

import asyncio
from contextlib import suppress

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, InteractionFailed, Sandbox, WaitTimeout
from tests.bot.conftest import Backend, Join, Life, shown_task, task, write
from tests.bot.rooms import controls_in, said_in, use_direct, without_threads

TEXT = "How do bees find home?"


async def test_direct_messages_are_chosen_where_there_is_no_thread(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    reply = await alice.command("task", channel=quiet)
    first = await controls_in(alice, quiet)
    modal = (await first.click("Write")).modal
    await reply.click("Use direct messages")
    here = alice.open_dm()
    controls = await controls_in(alice, here)
    assert not controls.ephemeral
    await alice.until(lambda: f"/@me/{here.id}/{controls.id}" in reply.text, what="the way to the task")
    assert reply.buttons == ["Stop using direct messages"]

    old = await first.click("Skip")
    assert f"/@me/{here.id}/{controls.id}" in old.text
    assert modal is not None
    await modal.submit({"Your text": TEXT})
    await alice.until(lambda: TEXT in controls.text, what="the draft")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]

    await controls.click("Next task")
    await controls_in(alice, here, after=controls)
    again = await alice.command("task", channel=quiet)
    assert f"/@me/{here.id}/" in again.text


async def test_direct_messages_are_left_again(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    await use_direct(bot, alice)
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", channel=quiet)
    here = alice.open_dm()
    first = await controls_in(alice, here)
    await write(first, TEXT)
    assert "may not open private threads" in reply.text
    await reply.click("Stop using direct messages")
    controls = await controls_in(alice, quiet)
    assert controls.ephemeral
    assert TEXT in controls.text
    await alice.until(lambda: "not here any more" in first.text, what="the word that it has moved")
    assert first.buttons == []
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]


async def test_who_takes_no_direct_messages_is_told_and_asked_again(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    await use_direct(bot, alice)
    alice.block_dms()
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", channel=quiet)
    controls = await controls_in(alice, quiet)
    assert controls.ephemeral
    assert "do not take direct messages" in reply.text
    assert backend.nacks == []
    alice.allow_dms()
    again = await alice.command("task", channel=quiet)
    await controls_in(alice, quiet, after=controls)
    assert "Use direct messages" in again.buttons, "the choice was taken back"
    await again.click("Use direct messages")
    moved = await controls_in(alice, alice.open_dm())
    await write(moved, TEXT)
    await moved.click("Send")
    await alice.until(lambda: "Next task" in moved.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(controls.id)]


async def test_direct_messages_that_discord_lets_nobody_open_now_stay_chosen(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    await use_direct(bot, alice)
    sandbox.dm_openings = 0
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", channel=quiet)
    await controls_in(alice, quiet)
    assert "Discord lets me open no direct messages just now" in reply.text
    assert "You do not take" not in reply.text
    sandbox.dm_openings = 10
    await alice.command("task", channel=quiet)
    await controls_in(alice, alice.open_dm())


async def test_a_choice_without_a_task_is_for_the_next_one(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    reply = await alice.command("task", channel=quiet)
    await (await controls_in(alice, quiet)).click("Stop")
    await reply.click("Use direct messages")
    await alice.until(lambda: "From now on" in reply.text, what="the word that it is noted")
    assert reply.buttons == ["Stop using direct messages"]
    await alice.command("task", channel=quiet)
    await controls_in(alice, alice.open_dm())


async def test_a_thread_is_better_than_a_direct_message(bot: BotApp, backend: Backend, alice: Actor) -> None:
    await use_direct(bot, alice)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    await shown_task(alice)
    assert alice.dm is None


async def test_a_direct_message_is_no_servers_business(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    await use_direct(bot, alice)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=without_threads(sandbox))
    await controls_in(alice, alice.open_dm())
    session = await bot.services.store.sessions.live_of(int(alice.id))
    assert session is not None
    assert session.guild_id is None


async def test_an_answer_that_arrives_late_offers_nothing_above_the_task_that_came_since(
    backend: Backend, alice: Actor
) -> None:
    here, may_answer = alice.open_dm(), asyncio.Event()

    async def wait() -> None:
        await may_answer.wait()

    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    await alice.command("task", channel=here)
    first = await controls_in(alice, here)
    await write(first, TEXT)
    backend.trouble.append((502, 0))
    await first.click("Send")
    await alice.until(lambda: "Next task" in first.buttons, what="that it is saved")
    backend.before_answer = wait
    await first.click("Next task")
    await controls_in(alice, here, after=first)
    await alice.until(lambda: first.buttons == [], what="that the next one is below")
    may_answer.set()
    await alice.until(lambda: "Thank you" in first.content, what="thanks")
    assert first.buttons == []


async def test_direct_messages_are_never_read(
    life: Life, backend: Backend, sandbox: Sandbox, join: Join
) -> None:
    alice = await join("Alice")
    assert life.bot is not None
    await use_direct(life.bot, alice)
    here = alice.open_dm()
    alice.send(here, "Something private")
    backend.tasks.append(task("assistant_reply"))
    await alice.command("task", channel=without_threads(sandbox))
    await controls_in(alice, here)
    await life.reborn()
    await alice.command("task", channel=here)
    assert sandbox.requests_to("GET /channels/{}/messages") == []


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", range(2, 6))
async def test_a_task_that_was_being_shown_directly_is_shown_once(
    life: Life, backend: Backend, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    alice.patience = 0.2
    here = alice.open_dm()
    backend.tasks.append(task("assistant_reply"))
    life.kill_at(number, before=before)
    with suppress(InteractionFailed, WaitTimeout):
        await alice.command("task", channel=here)
    await life.died()
    bot = await life.reborn()
    alice.patience = 10
    await bot.tidy()
    controls = await controls_in(alice, here)
    await bot.services.delivery.drained(int(alice.id), 5)
    texts = [one.text for one in alice.messages(here) if one.text and not one.ephemeral]
    assert len(texts) == len(set(texts))
    await write(controls, "They rest.")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert {message_id for _, message_id in backend.acks} == {str(controls.id)}
    await said_in(alice, here, "And at night?")
