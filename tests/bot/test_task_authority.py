"""Whose clicks count, and what becomes of old, foreign and doubled ones: by what both persons see."""

import asyncio
from datetime import timedelta

import hikari
import pytest

from bot.app import BotApp
from bot.store.sessions import Sessions
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot.conftest import Backend, Join, Life, TestClock, appears, shown_task, task, write
from tests.meeting import welcomed

TEXT = "How do bees find home?"


async def open_task(alice: Actor, backend: Backend, kind: str = "initial_prompt") -> MessageView:
    """Get a task in a thread."""
    backend.tasks.append(task(kind))
    await alice.command("task")
    return await shown_task(alice)


async def finished_task(alice: Actor, backend: Backend) -> MessageView:
    """Get a task and answer it."""
    controls = await open_task(alice, backend)
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    return controls


async def forge(bot: BotApp, controls: MessageView, *custom_ids: str) -> None:
    """Put buttons with these ids on a task's message, labelled by them."""
    row = hikari.impl.MessageActionRowBuilder()
    for custom_id in custom_ids:
        row.add_interactive_button(hikari.ButtonStyle.SECONDARY, custom_id, label=custom_id)
    await bot.services.rest.edit_message(int(controls.channel_id), int(controls.id), components=[row])


@pytest.mark.parametrize("label", ["Write", "Skip", "Pause", "Stop"])
async def test_others_get_a_private_word_and_change_nothing(
    sandbox: Sandbox, backend: Backend, join: Join, alice: Actor, label: str
) -> None:
    bob = await join("Bob")
    controls = await open_task(alice, backend)
    before = controls.text
    thread = alice.threads()[0]
    sandbox.guild.owner.add_to_thread(thread, bob)
    seen = await appears(bob, lambda: bob.latest(thread), "the thread")
    answer = await seen.click(label)
    assert answer.message is not None
    assert answer.message.ephemeral
    assert "somebody else" in answer.text
    assert not alice.sees(answer.message.raw)
    assert controls.text == before
    assert backend.nacks == []


async def test_others_cannot_act_on_what_has_moved_or_is_over_either(
    sandbox: Sandbox, backend: Backend, join: Join, alice: Actor
) -> None:
    bob = await join("Bob")
    controls = await finished_task(alice, backend)
    thread = alice.threads()[0]
    sandbox.guild.owner.add_to_thread(thread, bob)
    seen = next(one for one in bob.messages(thread) if one.id == controls.id)
    for label in ("Next task", "Done"):
        assert "somebody else" in (await seen.click(label)).text
    assert "Next task" in controls.buttons
    assert not thread.archived
    assert len(backend.asked) == 1


@pytest.mark.parametrize(
    "custom_id",
    ["task:0:send", "task:2:send", "task:1:unheard", "task:1:scale:-1", "task:1:scale:x", "task:"],
)
async def test_controls_of_another_version_are_drawn_anew(
    bot: BotApp, backend: Backend, alice: Actor, custom_id: str
) -> None:
    controls = await open_task(alice, backend)
    await write(controls, TEXT)
    await forge(bot, controls, custom_id)
    answer = await controls.click(custom_id)
    assert answer.message == controls
    assert controls.buttons == ["Send", "Edit", "Skip", "Pause", "Stop"]
    assert TEXT in controls.text
    assert backend.answers == []
    assert backend.nacks == []


@pytest.mark.parametrize(
    ("kind", "custom_id"),
    [
        ("initial_prompt", "task:1:yes:5"),
        ("initial_prompt", "task:1:rate:0"),
        ("initial_prompt", "task:1:undo"),
        ("rank_assistant_replies", "task:1:write"),
        ("rank_assistant_replies", "task:1:scale:99"),
        ("label_initial_prompt", "task:1:yes:9999"),
        ("label_initial_prompt", "task:1:scale:99"),
        ("label_initial_prompt", "task:1:all_bad"),
    ],
)
async def test_ids_of_ours_that_do_not_fit_the_task_get_a_private_word(
    bot: BotApp, backend: Backend, alice: Actor, kind: str, custom_id: str
) -> None:
    controls = await open_task(alice, backend, kind)
    await forge(bot, controls, custom_id)
    answer = await controls.click(custom_id)
    assert answer.message is not None
    assert answer.message.ephemeral
    assert answer.message != controls
    assert "went wrong" not in answer.text
    await controls.click(custom_id)
    again = await alice.command("task")
    assert f"<#{controls.channel_id}>" in again.text, "the task is still open"


@pytest.mark.parametrize(
    "custom_id", ["task:1:send", "task:1:write", "task:1:skip", "task:1:stop", "task:1:undo"]
)
async def test_controls_of_a_finished_task_bring_it_up_to_date(
    bot: BotApp, backend: Backend, alice: Actor, custom_id: str
) -> None:
    controls = await finished_task(alice, backend)
    thanks = controls.content
    await forge(bot, controls, custom_id)
    await controls.click(custom_id)
    await alice.until(lambda: "Next task" in controls.buttons, what="the message as it should be")
    assert controls.content == thanks
    assert len(backend.answers) == 1
    assert backend.nacks == []
    assert alice.threads(archived=True) == []


async def test_a_text_for_a_task_that_is_over_is_given_back_whole(backend: Backend, alice: Actor) -> None:
    long = "Where do they sleep? " * 90
    controls = await open_task(alice, backend)
    modal = (await controls.click("Write")).modal
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert modal is not None
    answer = await modal.submit({"Your text": long.strip()})
    assert answer.message is not None
    assert answer.message.ephemeral
    assert long.strip() in answer.text
    assert len(backend.answers) == 1


@pytest.mark.parametrize("what", ["text", "skip"])
async def test_a_form_opened_on_a_message_that_was_deleted_acts_on_the_new_one(
    bot: BotApp, backend: Backend, alice: Actor, what: str
) -> None:
    first = await open_task(alice, backend)
    modal = (await first.click("Write" if what == "text" else "Skip")).modal
    await bot.services.rest.delete_message(int(first.channel_id), int(first.id))
    await alice.command("task")
    controls = await shown_task(alice)
    assert modal is not None
    answer = await modal.submit({"Your text": TEXT} if what == "text" else {})
    assert answer.message is not None
    assert answer.message.ephemeral
    if what == "skip":
        await alice.until(lambda: "Next task" in controls.buttons, what="that it went back")
        return
    await alice.until(lambda: TEXT in controls.text, what="the draft")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [one["message_id"] for one in backend.answers] == [str(first.id)]


async def test_new_terms_come_before_the_next_task(bot: BotApp, backend: Backend, alice: Actor) -> None:
    controls = await finished_task(alice, backend)
    await bot.services.store.database.execute("UPDATE terms_ledger SET version = 0")
    answer = await controls.click("Next task")
    thread = alice.threads()[0]
    await alice.until(lambda: "I accept" in alice.messages(thread)[-1].buttons, what="the terms")
    assert answer.message == controls
    assert len(backend.asked) == 1
    backend.tasks.append(task("initial_prompt"))
    await welcomed(alice, alice.messages(thread)[-1])
    await shown_task(alice, after=controls)


async def test_a_form_of_another_version_gives_its_text_back(
    backend: Backend, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = await open_task(alice, backend)
    modal = (await controls.click("Write")).modal
    assert modal is not None
    monkeypatch.setattr(modal, "custom_id", "task:0:text")
    answer = await modal.submit({"Your text": TEXT})
    assert answer.message is not None
    assert answer.message.ephemeral
    assert "expired" in answer.text
    assert TEXT in answer.text


async def test_a_form_with_other_inputs_gives_its_text_back(backend: Backend, alice: Actor) -> None:
    controls = await open_task(alice, backend)
    modal = (await controls.click("Write")).modal
    assert modal is not None
    part = {"type": 4, "id": 2, "custom_id": "another", "value": TEXT}
    row = {"type": 1, "id": 1, "components": [part]}
    answer = await alice.submit_modal(modal, {"custom_id": modal.custom_id, "components": [row]})
    assert answer.message is not None
    assert answer.message.ephemeral
    assert "expired" in answer.text
    assert TEXT in answer.text


async def test_a_form_from_before_a_restart_whose_task_is_over_gives_its_text_back(
    life: Life, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    controls = await open_task(alice, backend)
    modal = (await controls.click("Write")).modal
    await controls.click("Stop")
    await life.end()
    await life.begin()
    assert modal is not None
    answer = await modal.submit({"Your text": TEXT})
    assert TEXT in answer.text
    assert "closed" in answer.text


async def test_send_and_skip_at_once_do_one_of_both(bot: BotApp, backend: Backend, alice: Actor) -> None:
    controls = await open_task(alice, backend)
    await write(controls, TEXT)
    asked = (await controls.click("Skip")).modal
    assert asked is not None
    await asyncio.gather(controls.click("Send"), asked.submit({}))
    await alice.until(lambda: "Next task" in controls.buttons, what="one end or the other")
    await bot.services.delivery.drained(int(alice.id), 5)
    assert len(backend.answers) + len(backend.nacks) == 1


@pytest.mark.parametrize("first", ["send", "end"])
async def test_send_and_the_end_at_once_do_one_of_both(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = await open_task(alice, backend)
    await write(controls, TEXT)
    await bot.services.delivery.drained(int(alice.id), 5)
    listed, go_on = asyncio.Event(), asyncio.Event()
    overdue = Sessions.overdue

    async def slowly(self: Sessions, *arguments: object) -> object:
        found = await overdue(self, *arguments)  # type: ignore[arg-type]  # whatever it takes
        listed.set()
        await go_on.wait()
        return found

    clock.ahead += timedelta(hours=47, minutes=1)
    if first == "send":
        monkeypatch.setattr(Sessions, "overdue", slowly)
        ending = asyncio.create_task(bot.tidy())
        await listed.wait()
        await controls.click("Send")
        go_on.set()
        await ending
        await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
        assert alice.threads(archived=True) == []
    else:
        await asyncio.gather(bot.tidy(), controls.click("Send"))
    await bot.services.delivery.drained(int(alice.id), 5)
    assert len(backend.answers) + len(backend.nacks) == 1


async def test_next_twice_at_once_gives_one_task(backend: Backend, alice: Actor) -> None:
    controls = await finished_task(alice, backend)
    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    await asyncio.gather(controls.click("Next task"), controls.click("Next task"))
    await shown_task(alice, after=controls)
    await alice.until(lambda: len(backend.acks) == 2, what="the second ack")
    assert len(backend.asked) == 2
    assert backend.nacks == []
    open_ones = [one for one in alice.messages(alice.threads()[0]) if "Skip" in one.buttons]
    assert len(open_ones) == 1


async def test_done_twice_closes_once_and_says_nothing(backend: Backend, alice: Actor) -> None:
    controls = await finished_task(alice, backend)
    await asyncio.gather(controls.click("Done"), controls.click("Done"))
    await alice.until(lambda: alice.threads(archived=True), what="the closed thread")
    (thread,) = alice.threads(archived=True)
    assert [one for one in alice.messages(thread) if one.ephemeral] == []
    assert controls.buttons == []
