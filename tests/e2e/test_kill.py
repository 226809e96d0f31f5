"""The bot's process is killed at the worst moments; after the next start everything goes on."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from discord_sandbox import Actor, Call, LoseReply, MessageView, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from tests.e2e.conftest import BotProcess, control, first_task

PROMPT = "How do bees find their way home?"


def stored_prompts(folder: Path) -> list[str]:
    """Read the texts of all messages beside the running backend."""
    with closing(sqlite3.connect(f"file:{folder / 'backend.db'}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM messages")]


async def send(alice: Actor, controls: MessageView) -> None:
    """Confirm what was written and wait for the thanks."""
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="the thanks")


async def go_on(alice: Actor, controls: MessageView) -> None:
    """Ask for the next task, which comes once the backend knows the answer to this one."""
    thread = next(one for one in alice.threads() if one.id == controls.channel_id)
    await controls.click("Next task")
    following = await control(alice, thread, "Write")
    assert following != controls


async def write(alice: Actor, controls: MessageView) -> None:
    """Write the prompt into the modal and wait for the question whether to send it."""
    opened = await controls.click("Write")
    assert opened.modal is not None
    await opened.modal.submit({"Your text": PROMPT})
    await alice.until(lambda: "Send" in controls.buttons, what="the confirmation")


async def test_an_open_task_goes_on_from_the_same_message(
    sandbox: Sandbox, bot_process: BotProcess, tmp_path: Path
) -> None:
    alice = sandbox.guild.add_member("Alice")
    thread = await first_task(alice, "initial_prompt")
    controls = await control(alice, thread, "Write")
    seen = [message.id for message in alice.messages(thread)]

    await bot_process.kill()
    await bot_process.start()

    again = (await alice.command("task")).message
    assert again is not None
    assert f"<#{thread.id}>" in again.text, "a second /task leads to the open one"
    assert alice.threads() == [thread]
    assert [message.id for message in alice.messages(thread)] == seen
    await write(alice, controls)
    await send(alice, controls)
    await go_on(alice, controls)
    assert stored_prompts(tmp_path) == [PROMPT]


async def test_a_modal_that_was_open_arrives(
    sandbox: Sandbox, bot_process: BotProcess, tmp_path: Path
) -> None:
    alice = sandbox.guild.add_member("Alice")
    controls = await control(alice, await first_task(alice, "initial_prompt"), "Write")
    opened = await controls.click("Write")
    assert opened.modal is not None

    await bot_process.kill()
    await bot_process.start()

    await opened.modal.submit({"Your text": PROMPT})
    await alice.until(lambda: "Send" in controls.buttons, what="the confirmation")
    await send(alice, controls)
    await go_on(alice, controls)
    assert stored_prompts(tmp_path) == [PROMPT]


async def test_a_sent_answer_arrives_once_though_backend_and_bot_went_down(
    sandbox: Sandbox,
    bot_process: BotProcess,
    backend: BackendServer,
    backend_settings: BackendSettings,
    tmp_path: Path,
) -> None:
    alice = sandbox.guild.add_member("Alice")
    controls = await control(alice, await first_task(alice, "initial_prompt"), "Write")
    await write(alice, controls)
    port = int(backend.url.rsplit(":", 1)[1])
    await asyncio.to_thread(backend.close)
    await send(alice, controls)

    await bot_process.kill()
    assert stored_prompts(tmp_path) == []
    same_place = backend_settings.model_copy(update={"backend_port": port})
    server = await asyncio.to_thread(BackendServer(same_place).start)
    try:
        await bot_process.start()
        await go_on(alice, controls)
        assert stored_prompts(tmp_path) == [PROMPT]
    finally:
        await asyncio.to_thread(server.close)


@pytest.mark.parametrize("number", [1, 2], ids=["before the click is answered", "before the thanks"])
async def test_a_click_on_send_counts_once_when_the_bot_dies_over_it(
    sandbox: Sandbox, bot_process: BotProcess, tmp_path: Path, number: int
) -> None:
    alice = sandbox.guild.add_member("Alice")
    controls = await control(alice, await first_task(alice, "initial_prompt"), "Write")
    await write(alice, controls)
    killed = asyncio.Event()

    async def kill(_: Call) -> None:
        if not killed.is_set():
            await bot_process.kill()
            killed.set()
        raise LoseReply

    with sandbox.faults.before("*", kill, skip=number - 1):
        clicked = asyncio.ensure_future(controls.click("Send"))
        await killed.wait()
        await asyncio.gather(clicked, return_exceptions=True)
    await bot_process.start()
    if "Send" in controls.buttons and not stored_prompts(tmp_path):
        await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="the thanks")
    await go_on(alice, controls)
    assert stored_prompts(tmp_path) == [PROMPT]
