"""Discord's ids: 64 bits that grow with time."""

from collections.abc import Callable

EPOCH_MS = 1_420_070_400_000
"""The first millisecond of 2015, where Discord's ids begin, in Unix time."""

LAST_SECOND = ((1 << 42) - 1 + EPOCH_MS) / 1000
"""The Unix time in seconds of the last ids that fit into 64 bits, in the year 2154."""


class Snowflakes:
    """Makes ids that always grow, whatever the clock does.

    Args:
        clock: Gives the time as Unix seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Give the next id."""
        of_now = (int(self._clock() * 1000) - EPOCH_MS) << 22
        self._last = max(self._last + 1, of_now)
        return self._last


def seconds_of(snowflake: int) -> float:
    """Give the Unix time in seconds at which an id was made."""
    return ((snowflake >> 22) + EPOCH_MS) / 1000
