"""/task from the command to the backend, by what people see."""

import asyncio
from typing import Any

import pytest

from bot.app import BotApp
from discord_sandbox import Sandbox
from discord_sandbox.rest.call import Call
from tests.bot.conftest import Backend, Join, appears, said, shown_task, task, write
from tests.meeting import welcomed

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
    await controls.choose("Choose if it applies", ["Private person"])
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


async def test_a_late_done_does_not_close_the_thread_of_the_next_task(
    sandbox: Sandbox, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    await alice.command("task")
    first = await shown_task(alice)
    await write(first, TEXT)
    await first.click("Send")
    await alice.until(lambda: "Next task" in first.buttons, what="thanks")
    done_was_pressed = asyncio.Event()

    async def buttons_stay(_: Call) -> None:
        await done_was_pressed.wait()

    sandbox.faults.before("PATCH /webhooks/{}/{}/messages/{}", buttons_stay)
    await first.click("Next task")
    second = await shown_task(alice, after=first)
    await first.click("Done")
    done_was_pressed.set()
    await write(second, TEXT)
    assert TEXT in second.text
    assert alice.threads(archived=True) == []


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


async def test_only_the_owner_can_click(sandbox: Sandbox, backend: Backend, join: Join) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    thread = alice.threads()[0]
    sandbox.guild.owner.add_to_thread(thread, bob)  # members cannot: the bot's threads are not invitable
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


async def test_a_double_click_sends_one_answer(backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, TEXT)
    await asyncio.gather(controls.click("Send"), controls.click("Send"))
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert len(backend.answers) == 1


async def test_who_asks_twice_at_once_gets_one_task(bot: BotApp, backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    await asyncio.gather(alice.command("task"), alice.command("task"))
    await bot.services.delivery.drained(int(alice.id), 5)
    assert len(alice.threads()) == 1
    assert len(backend.acks) == 1
    assert backend.nacks == []


async def test_a_task_of_an_unknown_type_goes_back(bot: BotApp, backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    body = {**task("initial_prompt"), "type": "paint_a_picture"}
    backend.tasks.append(body)
    reply = await alice.command("task")
    assert reply.message is not None
    assert "do not know yet" in reply.message.content
    await bot.services.delivery.drained(int(alice.id), 5)
    assert backend.nacks == [(body["id"], "unknown task type")]


async def test_a_task_in_a_direct_message_is_answered_there(backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    here = alice.open_dm()
    await alice.command("task", channel=here)
    controls = await appears(
        alice,
        lambda: next((one for one in alice.messages(here) if "Skip" in one.buttons), None),
        "the controls",
    )
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["text"] for answer in backend.answers] == [TEXT]


async def test_the_terms_come_first(backend: Backend, bot: BotApp, sandbox: Sandbox) -> None:
    newcomer = sandbox.guild.add_member("Newcomer")
    backend.tasks.append(task("initial_prompt"))
    reply = await newcomer.command("task", type="initial_prompt", language="fr")
    assert reply.message is not None
    assert backend.asked == []
    await welcomed(newcomer, reply.message)
    await shown_task(newcomer)
    assert [(asked["type"], asked["lang"]) for asked in backend.asked] == [("initial_prompt", "fr")]
    assert await bot.services.store.people.accepted_terms(int(newcomer.id)) is not None


async def test_nobody_is_mentioned_by_anything_that_is_sent(
    sandbox: Sandbox, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    text = f"@everyone @here {alice.mention} <@&{sandbox.guild.everyone.id}>"
    sent: list[Any] = []

    async def note(call: Call) -> None:
        if call.method in {"POST", "PATCH"} and isinstance(call.payload, dict):
            sent.append(call.payload.get("data", call.payload))

    sandbox.faults.before("*", note)
    backend.tasks.append(task("assistant_reply", conversation={"messages": [said(text)]}))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, text)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await alice.command("leaderboard")
    messages = [one for one in sent if one.keys() & {"content", "embeds"}]
    assert len(messages) > 5
    assert [one for one in messages if one.get("allowed_mentions") != {"parse": []}] == []
    assert [message.pings for message in alice.messages(alice.threads()[0]) if message.pings] == []


async def test_long_conversations_are_shown_whole(backend: Backend, join: Join) -> None:
    alice = await join("Alice")
    words = [f"word{number}" for number in range(3000)]
    body = task("assistant_reply", conversation={"messages": [said(" ".join(words))]})
    backend.tasks.append(body)
    await alice.command("task")
    await shown_task(alice)
    thread = alice.threads()[0]
    shown = " ".join(message.text for message in alice.messages(thread))
    assert [word for word in words if word not in shown] == []


async def test_a_thread_that_closes_under_a_click_leaves_no_error(
    sandbox: Sandbox, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    (thread,) = alice.threads()
    await write(controls, "How do bees find home?")
    await controls.click("Send")
    await alice.until(lambda: "Done" in controls.buttons, what="thanks")

    async def close_first(_: Call) -> None:
        sandbox.guild.owner.change_thread(thread, archived=True)

    sandbox.faults.before("*", close_first, times=1)
    answer = await controls.click("Done")
    assert [refusal.code for refusal in sandbox.refusals] == [50083]
    assert answer.message == controls, "no word of an error"
    assert thread.archived
