"""Replies of Discord that break off in their body, and tasks that cannot be shown anew: no draft is lost."""

import pytest

from bot.app import BotApp
from bot.forms.writing import WritingForm
from bot.outgoing import TRIES
from discord_sandbox import Actor, Sandbox
from tests.bot.conftest import Backend, shown_task, task, write
from tests.bot.rooms import controls_in, use_direct

POST = "POST /channels/{}/messages"
TEXT = "How do bees find home?"


async def test_a_message_whose_reply_breaks_off_is_posted_once(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    sandbox.faults.break_reply(on=POST, times=2)
    await alice.command("task")
    await shown_task(alice)
    assert sandbox.faults.waiting == []
    (thread,) = alice.threads()
    assert len([one for one in alice.messages(thread) if one.buttons]) == 1


async def test_a_thread_whose_reply_breaks_off_is_not_made_twice(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    sandbox.faults.break_reply(on="POST /channels/{}/threads")
    reply = await alice.command("task")
    await alice.until(lambda: "will appear" in reply.text, what="that it comes")
    await alice.command("task")
    await shown_task(alice)
    assert len(sandbox.guild.guild.threads) == 1
    assert backend.nacks == []


@pytest.mark.parametrize("broken", ["replies", "words"])
async def test_a_draft_that_cannot_be_shown_elsewhere_is_kept(
    bot: BotApp,
    backend: Backend,
    sandbox: Sandbox,
    alice: Actor,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    first = await shown_task(alice)
    await write(first, TEXT)
    await use_direct(bot, alice)
    here = alice.open_dm()
    # The task is on its way to the direct messages, and every try to post it there goes wrong.
    moving = sandbox.faults.break_reply(on=POST, times=TRIES)
    sandbox.guild.delete_channel(alice.threads()[0])
    await moving.happened(TRIES)
    with monkeypatch.context() as patch:
        if broken == "replies":
            sandbox.faults.break_reply(on=POST, times=TRIES)
        else:
            patch.setattr(WritingForm, "shown", _fail)
        await bot.tidy()
    assert backend.nacks == []
    assert sandbox.faults.waiting == []
    await bot.tidy()
    await alice.command("task", channel=here)
    controls = await controls_in(alice, here)
    assert TEXT in controls.text
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]
    assert backend.nacks == []


def _fail(*_: object, **__: object) -> None:
    raise ValueError
