"""Who sends an answer sends what they see, also where the last change was never shown."""

import asyncio

from discord_sandbox import Actor, MessageView, Response
from tests.bot.conftest import Backend, Join, Life, shown_task, task, write

SEEN, UNSEEN = "How do bees find home?", "Where do bees sleep?"


async def dies_over(life: Life, act: asyncio.Task[Response]) -> None:
    """Let the bot die before it answers what somebody does, and start the next one."""
    await life.died()
    act.cancel()
    await asyncio.gather(act, return_exceptions=True)
    await life.reborn()


async def begun(alice: Actor, backend: Backend, kind: str) -> MessageView:
    backend.tasks.append(task(kind))
    await alice.command("task")
    return await shown_task(alice)


async def test_a_text_that_was_never_shown_is_shown_before_it_is_sent(
    life: Life, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    controls = await begun(alice, backend, "assistant_reply")
    await write(controls, SEEN)
    modal = (await controls.click("Edit")).modal
    assert modal is not None
    life.kill_at(1, before=True)
    await dies_over(life, asyncio.create_task(modal.submit({"Your text": UNSEEN})))
    assert SEEN in controls.text
    await controls.click("Send")
    assert UNSEEN in controls.text
    assert backend.answers == []
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["text"] for answer in backend.answers] == [UNSEEN]


async def test_a_choice_that_was_never_shown_is_shown_before_it_is_sent(
    life: Life, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    controls = await begun(alice, backend, "label_assistant_reply")
    await controls.click("Spam: no")
    life.kill_at(1, before=True)
    await dies_over(life, asyncio.create_task(controls.click("Spam: yes")))
    await controls.click("Send")
    assert backend.answers == []
    await controls.click("Spam: no")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["labels"]["spam"] for answer in backend.answers] == [0.0]
