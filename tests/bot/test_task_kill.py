"""The bot dies at any of its calls to Discord and starts again: nothing is lost, nothing comes twice."""

from contextlib import suppress

import pytest

from discord_sandbox import InteractionFailed, WaitTimeout
from tests.bot.conftest import Backend, Join, Life, shown_task, task, write

CALLS_OF_A_TASK = 7
"""defer, thread, member, two or more messages, controls, the link; counting one too many is harmless."""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", range(2, CALLS_OF_A_TASK))
async def test_a_task_that_was_being_shown_is_shown_once(
    life: Life, backend: Backend, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    alice.patience = 0.2
    body = task("assistant_reply")
    backend.tasks.append(body)
    life.kill_at(number, before=before)
    with suppress(InteractionFailed, WaitTimeout):
        await alice.command("task")
    await life.died()
    bot = await life.reborn()
    alice.patience = 10

    controls = await shown_task(alice)
    (thread,) = alice.threads()
    texts = [message.text for message in alice.messages(thread) if message.text]
    assert len(texts) == len(set(texts))
    await write(controls, "They rest.")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [answer["message_id"] for answer in backend.answers] == [str(controls.id)]
    assert {*backend.acks} == {(body["id"], str(controls.id))}
    assert backend.nacks == []


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
async def test_a_sent_answer_arrives_once_and_is_thanked_for(
    life: Life, backend: Backend, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, "How do bees find home?")
    life.kill_at(number, before=before)
    try:
        await controls.click("Send")
    except InteractionFailed:
        assert number == 1
    await life.died()
    await life.reborn()
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["text"] for answer in backend.answers] == ["How do bees find home?"]


async def test_a_modal_that_was_open_still_arrives(life: Life, backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    written = await controls.click("Write")
    life.kill_at(1, before=True)
    with pytest.raises(InteractionFailed):
        await controls.click("Write")
    await life.reborn()
    assert written.modal is not None
    await written.modal.submit({"Your text": "How do bees find home?"})
    assert "How do bees find home?" in controls.text
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert len(backend.answers) == 1


async def test_a_stop_that_nobody_saw_leaves_no_buttons_in_the_closed_thread(
    life: Life, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    life.kill_at(1, before=True)
    with pytest.raises(InteractionFailed):
        await controls.click("Stop")
    await life.died()
    await life.reborn()
    await alice.until(lambda: alice.threads(archived=True), what="the closed thread")
    assert controls.buttons == []
