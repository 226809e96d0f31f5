"""The sandbox's time: it runs with the machine's or stands still, and whoever holds it can move it."""

import asyncio
import heapq
import time
from collections.abc import Callable, Iterable
from itertools import count
from weakref import WeakSet

from discord_sandbox.world.snowflake import LAST_SECOND

_SAME = 1.0
"""How many seconds two clocks may be apart and still show the same time to a client of rate limits."""


class Timer:
    """Something that will happen at a moment, unless it is cancelled."""

    __slots__ = ("__weakref__", "action", "cancelled")

    def __init__(self, action: Callable[[], object]) -> None:
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        """Let it not happen; a second time does nothing."""
        self.cancelled = True


class Clock:
    """Unix time in seconds, as a call gives it, so that bot and backend can be handed the same clock.

    Everything in the sandbox that takes time goes by it: the 3 seconds and 15 minutes of an interaction, rate
    limits, heartbeats, sessions, quiet threads. `advance` moves it, and what falls due meanwhile happens at
    once, in its order.

    Args:
        start: The time at the beginning; the machine's by default.
        frozen: Whether it moves only when it is told to. A test that must not depend on how busy the machine
            is takes a frozen clock.

    Raises:
        ValueError: It would begin later than an id can say.
    """

    def __init__(self, start: float | None = None, *, frozen: bool = False) -> None:
        begin = time.time() if start is None else start
        _check(begin)
        self._offset = begin - time.time()
        self._stands_at: float | None = begin if frozen else None
        self._due: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._alarm: asyncio.TimerHandle | None = None

    def __call__(self) -> float:
        """Give the time."""
        return time.time() + self._offset if self._stands_at is None else self._stands_at

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._stands_at is not None

    @property
    def is_the_machines(self) -> bool:
        """Whether it shows the machine's time: it does not stand still, and nobody moved it."""
        return self._stands_at is None and abs(self._offset) < _SAME

    def freeze(self) -> None:
        """Let it stand still from now on."""
        self._stands_at = self()
        self._plan()

    def run(self) -> None:
        """Let it run again, from where it stands."""
        if self._stands_at is not None:
            self._offset = self._stands_at - time.time()
            self._stands_at = None
            self._plan()

    def advance(self, seconds: float) -> None:
        """Move it forward; what falls due on the way happens, each thing at its own moment.

        Raises:
            ValueError: The seconds are negative (time does not go back), or lead to where no id can be made.
        """
        if not seconds >= 0:
            raise ValueError("time does not go back")
        target = self() + seconds
        _check(target)
        while self._due and self._due[0][0] <= target:
            moment, _, timer = heapq.heappop(self._due)
            if not timer.cancelled:
                self._set(max(moment, self()))
                timer.action()
        self._set(max(target, self()))
        self._plan()

    def call_later(self, seconds: float, action: Callable[[], object]) -> Timer:
        """Let something happen after a number of seconds of this clock."""
        timer = Timer(action)
        entry = (self() + seconds, next(self._order), timer)
        heapq.heappush(self._due, entry)
        if self._due[0] is entry:
            self._plan()
        return timer

    def cancel(self, timers: Iterable[Timer]) -> None:
        """Let many things not happen."""
        for one in timers:
            one.cancel()
        self._plan()

    async def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds of this clock."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: None if over.done() else over.set_result(None))
        try:
            await over
        finally:
            timer.cancel()

    def _set(self, moment: float) -> None:
        if self._stands_at is None:
            self._offset = moment - time.time()
        else:
            self._stands_at = moment

    def _plan(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while self._due and self._due[0][2].cancelled:
            heapq.heappop(self._due)
        if self._due and self._stands_at is None:
            seconds = max(0.0, self._due[0][0] - self())
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.advance(0.0)


class SharedClock(Clock):
    """Another clock's time, with timers of its own that can be ended without that clock's others.

    Whoever moves, freezes or runs it does so with the other clock too.

    Args:
        of: The other clock.
    """

    def __init__(self, of: Clock) -> None:
        self._of = of
        self._planned: WeakSet[Timer] = WeakSet()
        self._closed = False

    def __call__(self) -> float:
        """Give the time."""
        return self._of()

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._of.frozen

    @property
    def is_the_machines(self) -> bool:
        """Whether it shows the machine's time."""
        return self._of.is_the_machines

    def freeze(self) -> None:
        """Let it stand still from now on."""
        self._of.freeze()

    def run(self) -> None:
        """Let it run again, from where it stands."""
        self._of.run()

    def advance(self, seconds: float) -> None:
        """Move it forward, as `Clock.advance`."""
        self._of.advance(seconds)

    def call_later(self, seconds: float, action: Callable[[], object]) -> Timer:
        """Let something happen after a number of seconds, unless this is closed before."""
        if self._closed:
            timer = Timer(action)
            timer.cancel()
            return timer
        timer = self._of.call_later(seconds, action)
        self._planned.add(timer)
        return timer

    def cancel(self, timers: Iterable[Timer]) -> None:
        """Let many things not happen."""
        self._of.cancel(timers)

    def close(self) -> None:
        """Let nothing happen any more that was planned here, and plan nothing from now on."""
        self._closed = True
        self.cancel(tuple(self._planned))


def _check(moment: float) -> None:
    if not moment <= LAST_SECOND:
        raise ValueError("the clock cannot go beyond the year 2154, for which there are no ids")
