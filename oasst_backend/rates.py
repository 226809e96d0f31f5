"""How often something may be done: the rate as a setting names it, and the sliding window that keeps it."""

import re
from collections import OrderedDict, deque
from collections.abc import Hashable
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import Final, NamedTuple

MAX_TIMES: Final = 100_000
"""So many moments are remembered at most for one key or person."""

MAX_SUBJECTS: Final = 10_000
"""So many keys or persons are remembered at most, see `SlidingWindow`."""

_COMPARED: Final = 16
"""So many of them are compared before one is forgotten."""

_WRITTEN: Final = re.compile(r"(\d{1,6})/(\d{1,4})([smh])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


class Rate(NamedTuple):
    """How many times something may be done within any span of so many seconds."""

    times: int
    seconds: int


def read_rate(value: object) -> object:
    """Read `30/4m` as 30 times in any 4 minutes; the unit is s, m or h.

    Raises:
        ValueError: the text is no rate.
    """
    if not isinstance(value, str):
        return value
    written = _WRITTEN.fullmatch(value.strip())
    if written is None:
        raise ValueError("must be like 30/4m: how many times, and in how many s, m or h")
    rate = Rate(int(written[1]), int(written[2]) * _SECONDS[written[3]])
    if not 1 <= rate.times <= MAX_TIMES or not rate.seconds:
        raise ValueError(f"must name 1 to {MAX_TIMES} times and a span that is not 0")
    return rate


class SlidingWindow:
    """Keeps a rate exactly: for each subject it remembers the moments that lie within the span.

    What is refused is not remembered, so that whoever waits as long as they are told to gets through.

    When there are too many subjects, one of those that were quiet for long is forgotten: the one that did it
    least of late, and never one that has to wait. So nobody gets rid of what they did by calling under many
    other names. Where all have to wait, a new subject is not remembered.

    Args:
        rate: the rate that each subject has for itself.
    """

    def __init__(self, rate: Rate) -> None:
        self._times = rate.times
        self._span = timedelta(seconds=rate.seconds)
        self._moments: OrderedDict[Hashable, deque[datetime]] = OrderedDict()

    def wait(self, subject: Hashable, now: datetime) -> int:
        """Tell the whole seconds until the subject may do it again; 0 when it may now."""
        moments = self._moments.get(subject)
        if moments is None:
            return 0
        # A moment in the future was noted before the clock was set back.
        while moments and not timedelta(0) <= now - moments[0] < self._span:
            moments.popleft()
        if len(moments) < self._times:
            return 0
        return ceil((moments[0] + self._span - now) / timedelta(seconds=1))

    def note(self, subject: Hashable, now: datetime) -> None:
        """Remember that the subject did it."""
        moments = self._moments.get(subject)
        if moments is None:
            if len(self._moments) >= MAX_SUBJECTS and not self._forget_one(now):
                return
            moments = self._moments[subject] = deque()
        moments.append(now)
        self._moments.move_to_end(subject)

    def _forget_one(self, now: datetime) -> bool:
        """Forget one of those that were quiet for long; says whether one of them could be forgotten."""
        quiet = list(islice(self._moments, _COMPARED))
        forgotten = min(
            (subject for subject in quiet if not self.wait(subject, now)),
            key=lambda subject: len(self._moments[subject]),
            default=None,
        )
        for subject in quiet:
            # The others have their turn only after all that were not compared yet.
            self._moments.move_to_end(subject)
        if forgotten is None:
            return False
        del self._moments[forgotten]
        return True
