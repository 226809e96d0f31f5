"""The process's loop and signals: start, wait for the end, close within a deadline."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from loguru import logger

CLOSE_SECONDS = 15.0
"""hikari's close can hang when a disconnect meets it in the same turn of the loop; then the process ends anyway."""


def stop_event() -> asyncio.Event:
    """Give an event that SIGINT and SIGTERM set; a second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    return stop


async def until_stopped(stop: asyncio.Event, join: Callable[[], Awaitable[None]]) -> None:
    """Wait until somebody asks the process to end, or what it runs ends by itself.

    Raises:
        Exception: whatever `join` ended with.
    """
    asked = asyncio.ensure_future(stop.wait())
    ended = asyncio.ensure_future(join())
    try:
        await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            await ended
    finally:
        asked.cancel()
        ended.cancel()
        await asyncio.gather(asked, ended, return_exceptions=True)


async def close_in_time(close: Callable[[], Awaitable[None]], what: str) -> None:
    """Close something, and go on without it when that takes too long."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await close()
    except TimeoutError:
        logger.warning("{} did not close within {} seconds; going on without it.", what, CLOSE_SECONDS)
