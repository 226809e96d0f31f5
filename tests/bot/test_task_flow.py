"""/task from the command to the backend, by what people see."""

import pytest

from bot.app import BotApp
from tests.bot.conftest import Backend, Join, appears, shown_task, task, write

TEXT = "Bees *rest* at night."


async def test_a_text_is_written_confirmed_and_handed_in(backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("assistant_reply"))
    reply = await alice.command("task", type="assistant_reply", language="de")
    assert reply.message is not None
    assert reply.message.ephemeral
    controls = await shown_task(alice)
    assert f"<#{controls.channel_id}>" in reply.message.content

    thread = alice.threads()[0]
    shown = "\n".join(message.text for message in alice.messages(thread))
    assert "How do bees find home?" in shown
    assert "And at night?" in shown

    await write(controls, TEXT)
    assert TEXT in controls.text
    assert backend.answers == []

    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    (answer,) = backend.answers
    assert answer["text"] == TEXT
    assert answer["lang"] == "de"
    assert answer["message_id"] == str(controls.id)
    assert answer["user_message_id"] != answer["message_id"]
    assert answer["user"] == {"id": str(alice.id), "display_name": "Alice", "auth_method": "discord"}
    assert [message_id for _, message_id in backend.acks] == [str(controls.id)]


@pytest.mark.parametrize("kind", ["rank_assistant_replies", "rank_prompter_replies"])
async def test_a_ranking_is_chosen_step_by_step(backend: Backend, join: Join, kind: str) -> None:
    alice = await join("Alice")
    backend.tasks.append(task(kind))
    await alice.command("task")
    controls = await shown_task(alice)
    await controls.choose("Choose the best", ["2."])
    await controls.choose("Choose the next best", ["1."])
    if controls.selects:
        await controls.choose("Choose the next best", ["3."])
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["ranking"] for answer in backend.answers] == [[1, 0, 2]]


@pytest.mark.parametrize("kind", ["label_initial_prompt", "label_prompter_reply", "label_assistant_reply"])
async def test_labels_are_chosen_and_handed_in(backend: Backend, join: Join, kind: str) -> None:
    alice = await join("Alice")
    body = task(kind)
    backend.tasks.append(body)
    await alice.command("task")
    controls = await shown_task(alice)
    await controls.click("Spam: no")
    await controls.choose("Choose all that apply", ["Private person"])
    await controls.choose("Quality", [controls.selects[-1].options[-1][1]])
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    (answer,) = backend.answers
    assert answer["labels"] == {"spam": 0.0, "pii": 1.0, "quality": 1.0}
    assert answer["task_id"] == body["id"]
    assert answer["message_id"] == body["message_id"]


@pytest.mark.parametrize("kind", ["initial_prompt", "prompter_reply"])
async def test_the_next_task_comes_in_the_same_thread(
    bot: BotApp, backend: Backend, join: Join, kind: str
) -> None:
    alice = await join("Alice")
    backend.tasks.extend([task(kind), task("label_initial_prompt")])
    await alice.command("task")
    first = await shown_task(alice)
    await write(first, TEXT)
    await first.click("Send")
    await alice.until(lambda: "Next task" in first.buttons, what="thanks")
    await first.click("Next task")
    second = await shown_task(alice, after=first)
    assert "Spam: yes" in second.buttons
    await alice.until(lambda: first.buttons == [], what="the first task's buttons are gone")
    assert len(alice.threads()) == 1
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [message_id for _, message_id in backend.acks] == [str(first.id), str(second.id)]


async def test_a_second_task_leads_to_the_open_one(backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    await alice.command("task")
    controls = await shown_task(alice)
    again = await alice.command("task")
    assert again.message is not None
    assert f"<#{controls.channel_id}>" in again.message.content
    assert len(backend.asked) == 1


async def test_stop_gives_the_task_back_and_closes_the_thread(backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    body = task("initial_prompt")
    backend.tasks.append(body)
    await alice.command("task")
    controls = await shown_task(alice)
    await controls.click("Stop")
    await alice.until(lambda: alice.threads(archived=True), what="the closed thread")
    await alice.until(lambda: backend.nacks, what="the nack")
    assert backend.nacks[0][0] == body["id"]


async def test_skip_asks_why_and_offers_another(backend: Backend, join: Join, bot: BotApp) -> None:
    alice = await join("Alice")
    body = task("initial_prompt")
    backend.tasks.append(body)
    await alice.command("task")
    controls = await shown_task(alice)
    asked = await controls.click("Skip")
    assert asked.modal is not None
    await asked.modal.submit({"Why? (optional)": "too hard"})
    assert "Next task" in controls.buttons
    await bot.services.delivery.drained(int(alice.id), 5)
    assert backend.nacks == [(body["id"], "too hard")]
    await controls.click("Done")
    await alice.until(lambda: alice.threads(archived=True), what="the closed thread")


async def test_only_the_owner_can_click(backend: Backend, join: Join) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    thread = alice.threads()[0]
    alice.add_to_thread(thread, bob)
    seen = await appears(bob, lambda: bob.latest(thread), "the thread")
    answer = await seen.click("Stop")
    assert answer.message is not None
    assert answer.message.ephemeral
    assert "somebody else" in answer.message.content
    assert "Write" in controls.buttons


async def test_nothing_to_do_is_said(backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    reply = await alice.command("task")
    assert reply.message is not None
    assert "nothing to do" in reply.message.content
    assert alice.threads() == []
    assert backend.nacks == []
