"""Whose turn it is: one thing after the other for each person, many people at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from weakref import WeakValueDictionary


class Turns:
    """One lock for each person: what is shown to them is shown one after the other.

    Who asks twice at once waits for themselves; what holds across processes is the table's index.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, user_id: int) -> asyncio.Lock:
        """Give the lock of a person; it is there as long as somebody holds it or waits for it."""
        return self._locks.setdefault(user_id, asyncio.Lock())

    @asynccontextmanager
    async def soon(self, user_id: int, seconds: float) -> AsyncIterator[bool]:
        """Take a person's turn; False where it would have to be waited for longer than so many seconds."""
        turn = self.of(user_id)
        is_free = False
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                is_free = await turn.acquire()
        try:
            yield is_free
        finally:
            if is_free:
                turn.release()
