"""Watches that the bot's heartbeats come (page events/gateway, sending heartbeats)."""

import asyncio
from collections.abc import Callable

from discord_sandbox.clock import Clock, Timer

_TOLERANCE = 1.5
"""How many intervals may pass between two heartbeats before one is missing."""


class HeartbeatWatch:
    """Asks for a heartbeat once when one is missing, and gives the connection up when none comes then.

    Asking first lets a clock that is moved by hours find a bot alive that could not know of it.

    Args:
        clock: The time that it goes by.
        interval: How often the bot was told to send one, in seconds.
        ask: Asks the bot for one.
        give_up: Ends the connection.
    """

    def __init__(
        self, clock: Clock, interval: float, ask: Callable[[], None], give_up: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._allowed = interval * _TOLERANCE
        self._ask = ask
        self._give_up = give_up
        self._latest = clock()
        self._asked = False
        self._stopped = False
        self._timer: Timer | None = None
        self._plan(self._allowed)

    def beat(self) -> None:
        """Note that a heartbeat came."""
        self._latest = self._clock()
        self._asked = False

    def stop(self) -> None:
        """Watch no longer."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self, seconds: float) -> None:
        if not self._stopped:
            self._timer = self._clock.call_later(seconds, self._look)

    def _look(self) -> None:
        left = self._latest + self._allowed - self._clock()
        if left > 0:
            self._plan(left)
        elif self._asked:
            self._give_up()
        else:
            self._asked = True
            self._ask()
            # Not within the same move of the clock: the bot needs a moment of its own to answer.
            asyncio.get_running_loop().call_soon(self._plan, self._allowed)
