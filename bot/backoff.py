"""Remembers what failed, and for how long it is let alone before it is tried again."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from bot.clock import Clock

KeyT = TypeVar("KeyT", bound=Hashable)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries; each pause is twice the one before, up to the longest."""


def growing_pause(failures: int) -> float:
    """Give the seconds to wait after the `failures`-th failure in a row (from 1)."""
    return min(FIRST_PAUSE * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE)


class Backoff(Generic[KeyT]):
    """Growing pauses for each of many things, in memory alone: a new process tries them all anew.

    Args:
        clock: the time that pauses are counted in.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[KeyT, tuple[int, datetime]] = {}

    def __len__(self) -> int:
        """How many things have failed and have not been forgotten."""
        return len(self._held)

    def failed(self, key: KeyT) -> int:
        """Something failed: it is held back; give how often in a row by now."""
        now = self._clock.now()
        # Who has not come back long after its pause was settled by somebody else.
        longest = timedelta(seconds=LONGEST_PAUSE)
        self._held = {one: held for one, held in self._held.items() if now < held[1] + 2 * longest}
        failures = self._held.get(key, (0, now))[0] + 1
        self._held[key] = (failures, now + timedelta(seconds=growing_pause(failures)))
        return failures

    def is_held(self, key: KeyT) -> bool:
        """Whether the pause after the last failure is not over."""
        held = self._held.get(key)
        return held is not None and self._clock.now() < held[1]

    def forget(self, key: KeyT) -> None:
        """It did not fail this time, or is over."""
        self._held.pop(key, None)
