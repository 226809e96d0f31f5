"""Closing while somebody waits for an answer: nothing is an unexpected error then."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from loguru import logger

from bot.app import BotApp
from bot.sessions import answering
from discord_sandbox import InteractionFailed, WaitTimeout
from tests.bot.conftest import Backend, Join, shown_task, task, write


async def test_a_click_that_outlives_the_bot_ends_quietly(
    bot: BotApp, backend: Backend, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, "How do bees find home?")
    reached = asyncio.Event()

    async def hang(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(bot.services.client, "post_interaction", hang)
    monkeypatch.setattr(answering, "SECONDS_FOR_OUTCOME", 1.0)
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", diagnose=False)
    with suppress(InteractionFailed, WaitTimeout):
        await controls.click("Send")
    await reached.wait()
    await bot.close()
    async with asyncio.timeout(5):
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
    logger.remove(sink)
    assert [line for line in lines if "Unexpected error" in line] == []


async def test_a_shard_that_swallows_the_request_to_end_is_asked_again(bot: BotApp) -> None:
    """Hikari does so where its connection breaks in the very moment of closing."""
    connection: Any = bot._bot  # noqa: SLF001  # nothing public makes it happen at will
    shard = connection.shards[0]
    running = shard._keep_alive_task  # noqa: SLF001  # as above

    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.shield(running)
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            running.cancel()
            await asyncio.wait({running})

    shard._keep_alive_task = asyncio.create_task(deaf())  # noqa: SLF001  # as above
    await bot.close()
    assert [one.get_name() for one in asyncio.all_tasks() if "(shard" in one.get_name()] == []
