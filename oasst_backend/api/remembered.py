"""What is counted once for all who ask within a while."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class Remembered(Generic[ResultT]):
    """A result that holds for a while; who asks while it is counted waits for the same count.

    Args:
        lasts: for so long it is given out as it is.
    """

    def __init__(self, lasts: timedelta) -> None:
        self._lasts = lasts
        self._lock = asyncio.Lock()
        self._known: tuple[datetime, ResultT] | None = None

    async def get(self, now: datetime, count: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Give the result; counted anew where it is too old, or from after `now`."""
        async with self._lock:
            if self._known is None or not self._known[0] <= now < self._known[0] + self._lasts:
                self._known = now, await count()
            return self._known[1]
