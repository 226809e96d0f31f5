"""Every kind of task in every place, followed by the next one, and past the end of its time."""

from datetime import timedelta
from typing import Any

import pytest

from bot.app import BotApp
from bot.forms import TASK_TYPES
from discord_sandbox import Actor, Channel, MessageView, Sandbox
from tests.bot.conftest import Backend, TestClock, shown_task, task
from tests.bot.rooms import controls_in, said_in, use_direct, without_threads
from tests.bot.test_every_kind import begun, way

OVER = timedelta(hours=48)


async def sent(alice: Actor, controls: MessageView, kind: str) -> None:
    """Answer a task, think again, and send it."""
    answer, edit, _, _ = way(kind)
    await answer(controls)
    await edit(controls)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")


def assert_taken(backend: Backend, body: dict[str, Any], controls: MessageView, kind: str) -> None:
    """Assert that the backend has the answer, to the task that it knows by these controls."""
    _, _, field, value = way(kind)
    (given,) = backend.answers
    assert given[field] == value
    assert backend.acks == [(body["id"], str(controls.id))]
    assert backend.nacks == []


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_the_next_one_comes_in_the_same_thread(alice: Actor, backend: Backend, kind: str) -> None:
    _, controls = await begun(alice, backend, kind)
    await sent(alice, controls, kind)
    backend.tasks.append(task(kind))
    await controls.click("Next task")
    following = await shown_task(alice, after=controls)
    assert following.channel_id == controls.channel_id
    assert [one["type"] for one in backend.asked] == [kind, kind]
    await alice.until(lambda: "Next task" not in controls.buttons, what="the last task to be closed")


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_its_time_runs_out(
    bot: BotApp, clock: TestClock, alice: Actor, backend: Backend, kind: str
) -> None:
    body, controls = await begun(alice, backend, kind)
    await way(kind)[0](controls)
    clock.ahead = OVER
    await bot.tidy()
    (thread,) = await alice.until(lambda: alice.threads(archived=True), what="the closed thread")
    assert "time for this task is over" in controls.content
    assert "Send" not in controls.buttons
    if way(kind)[2] == "text":
        assert "First thoughts." in (await said_in(alice, thread, "Your text was not handed in")).text
    assert await bot.services.delivery.drained(int(alice.id), 5)
    assert backend.nacks == [(body["id"], "expired")]
    assert backend.answers == []


async def offered(alice: Actor, backend: Backend, kind: str, where: Channel) -> dict[str, Any]:
    """Ask for a task where no thread can be had."""
    body = task(kind)
    backend.tasks.append(body)
    await alice.command("task", channel=where, type=kind)
    return body


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_in_direct_messages(
    bot: BotApp, sandbox: Sandbox, alice: Actor, backend: Backend, kind: str
) -> None:
    await use_direct(bot, alice)
    body = await offered(alice, backend, kind, without_threads(sandbox))
    controls = await controls_in(alice, alice.open_dm())
    await sent(alice, controls, kind)
    assert_taken(backend, body, controls, kind)


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_in_an_answer_that_only_the_person_sees(
    sandbox: Sandbox, alice: Actor, backend: Backend, kind: str
) -> None:
    quiet = without_threads(sandbox)
    body = await offered(alice, backend, kind, quiet)
    controls = await controls_in(alice, quiet)
    assert controls.ephemeral
    await sent(alice, controls, kind)
    assert_taken(backend, body, controls, kind)
