"""How often something may be done in a stretch of time, by the sandbox's clock."""

from collections import deque
from collections.abc import Callable


class Allowance:
    """Counts what was done in the latest seconds.

    Args:
        clock: Gives the time as Unix seconds.
        most: How often it may be done in the stretch of time.
        seconds: How long the stretch is.
    """

    def __init__(self, clock: Callable[[], float], most: int, seconds: float) -> None:
        self._clock = clock
        self._done: deque[float] = deque()
        self.most = most
        self.seconds = seconds

    def take(self, count: int = 1) -> bool:
        """Note that it is done so many times at once; false, and nothing is noted, if that is too often."""
        now = self._clock()
        while self._done and self._done[0] <= now - self.seconds:
            self._done.popleft()
        if len(self._done) + count > self.most:
            return False
        self._done.extend([now] * count)
        return True
