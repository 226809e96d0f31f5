"""Tells whoever waits that something changed; predicates are asked again only then."""

import asyncio
from collections.abc import Callable, Collection
from typing import Any

_OTHERS_DELAY = 0.05
"""Seconds after which people also look again who do not see what changed."""


class _Waiter:
    """One wait: a predicate, who asks it, and where its answer goes."""

    __slots__ = ("future", "predicate", "user_id")

    def __init__(
        self, predicate: Callable[[], Any], user_id: int | None, future: asyncio.Future[Any]
    ) -> None:
        self.predicate = predicate
        self.user_id = user_id
        self.future = future

    def look(self) -> None:
        if self.future.done():
            return
        try:
            value = self.predicate()
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits, and is raised there
            self.future.set_exception(error)
        else:
            if value:
                self.future.set_result(value)


class ChangeFeed:
    """Counts changes and wakes those who wait for one.

    Changes of one turn of the event loop wake people once. A change that only some can see wakes those at
    once and everybody else a little later, so that a dozen busy people do not wake each other all the time.
    """

    def __init__(self) -> None:
        self.version = 0
        self._waiters: set[_Waiter] = set()
        self._listeners: list[Callable[[], None]] = []
        self._to_all = False
        self._to_users: set[int] = set()
        self._flush_planned = False
        self._others_planned = False

    def notify(self, audience: Collection[int] | None = None) -> None:
        """Say that something changed.

        Args:
            audience: The ids of the users who can see it; None for everybody.
        """
        self.version += 1
        if not self._waiters and not self._listeners:
            return
        if audience is None:
            self._to_all = True
        else:
            self._to_users.update(audience)
        if not self._flush_planned:
            self._flush_planned = True
            asyncio.get_running_loop().call_soon(self._flush)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each batch of changes; gives the function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def wait(self, predicate: Callable[[], Any], user_id: int | None, seconds: float) -> Any:  # noqa: ANN401 - it gives what the predicate gives
        """Wait until the predicate is true, and give its value.

        Args:
            predicate: Asked now and after changes.
            user_id: Who waits, if it is a person: changes that others alone can see wake them a little later.
            seconds: How long to wait.

        Raises:
            TimeoutError: It was not true in time.
        """
        if value := predicate():
            return value
        waiter = _Waiter(predicate, user_id, asyncio.get_running_loop().create_future())
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter.future
        except TimeoutError:
            if value := predicate():
                return value
            raise
        finally:
            self._waiters.discard(waiter)

    def _flush(self) -> None:
        self._flush_planned = False
        to_all, users = self._to_all, self._to_users
        self._to_all, self._to_users = False, set()
        for listener in tuple(self._listeners):
            listener()
        others = False
        for waiter in tuple(self._waiters):
            if to_all or waiter.user_id is None or waiter.user_id in users:
                waiter.look()
            else:
                others = True
        if others and not self._others_planned:
            self._others_planned = True
            asyncio.get_running_loop().call_later(_OTHERS_DELAY, self._flush_others)

    def _flush_others(self) -> None:
        self._others_planned = False
        for waiter in tuple(self._waiters):
            waiter.look()
