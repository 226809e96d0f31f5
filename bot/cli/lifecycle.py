"""The process's loop and signals: what ends it, and waiting for that."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable


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
