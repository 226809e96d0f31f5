"""Tells a person who waits that it takes longer than usual, while what they wait for goes on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from loguru import logger

SECONDS: Final = 3.0
"""How long a person looks at "thinking" before they are told that it may take a while."""


@asynccontextmanager
async def patience(tell: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Call `tell` once the block has taken longer than `SECONDS`; what it says comes before its end."""
    telling = asyncio.Event()

    async def wait_and_tell() -> None:
        await asyncio.sleep(SECONDS)
        telling.set()
        try:
            await tell()
        except Exception as error:  # noqa: BLE001  # whatever it is, what they wait for goes on
            logger.info("A person could not be told that it takes longer: {}", type(error).__name__)

    waiting = asyncio.create_task(wait_and_tell())
    try:
        yield
    finally:
        # Cut off half-way, the word that it takes longer might arrive after what it was about.
        if not telling.is_set():
            waiting.cancel()
        await asyncio.wait({waiting})
