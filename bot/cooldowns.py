"""Slows down who floods the bot with commands, menus or clicks, so that nobody else waits for it."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import lightbulb
from lightbulb.prefab import OnCooldown, sliding_window

from bot.clock import Clock
from bot.errors import TooFastError

COMMAND_SECONDS: Final = 30.0
"""How long the use of a command counts."""

CLICK_SECONDS: Final = 10.0
"""How long a click counts."""


class Cooldowns:
    """A sliding window of commands and menus, of whatever kind, for each person.

    lightbulb's own hook never forgets anybody whom it has seen. So each person gets a hook of their own,
    which goes once their last use has left the window: there are as many as people who used one within it.

    Args:
        clock: the time after which people are forgotten.
        most: uses that one person may make in `COMMAND_SECONDS`.
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._of_people: OrderedDict[int, tuple[lightbulb.ExecutionHook, datetime]] = OrderedDict()

    def __len__(self) -> int:
        """Count the people that are remembered."""
        return len(self._of_people)

    async def use(self, pipeline: lightbulb.ExecutionPipeline, context: lightbulb.Context) -> None:
        """Count the use of a command.

        Raises:
            TooFastError: the person has to wait; this use does not count.
        """
        now = self._clock.now()
        self._forget(now)
        user_id = int(context.user.id)
        # It is known before anything is waited for: two first uses at once share it.
        window, _ = self._of_people.setdefault(
            user_id, (sliding_window(COMMAND_SECONDS, self._most, "user"), now)
        )
        try:
            await window(pipeline, context)
        except OnCooldown as error:
            raise TooFastError(error.remaining) from None
        self._of_people[user_id] = (window, now)
        self._of_people.move_to_end(user_id)

    def _forget(self, now: datetime) -> None:
        while self._of_people:
            user_id, (_, last_use) = next(iter(self._of_people.items()))
            if now - last_use <= timedelta(seconds=COMMAND_SECONDS):
                return
            del self._of_people[user_id]


def cooling_down(cooldowns: Cooldowns) -> lightbulb.ExecutionHook:
    """Make the hook that counts every use of a command or a menu; autocompletion passes no hooks."""

    @lightbulb.hook(lightbulb.ExecutionSteps.COOLDOWNS, skip_when_failed=True)
    async def cool_down(pipeline: lightbulb.ExecutionPipeline, context: lightbulb.Context) -> None:
        await cooldowns.use(pipeline, context)

    return cool_down


@dataclass
class _Clicking:
    """One person's latest clicks that were let through, and whether they know that they have to wait."""

    times: deque[datetime]
    is_told: bool = False


class Clicks:
    """A sliding window of clicks and choices for each person; forms are not counted, as a text is in them.

    Args:
        clock: the time.
        most: clicks that one person may make in `CLICK_SECONDS`.
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._of_people: OrderedDict[int, _Clicking] = OrderedDict()

    def __len__(self) -> int:
        """Count the people that are remembered."""
        return len(self._of_people)

    def lets_through(self, user_id: int) -> bool:
        """Count a click, and say whether it is to be taken.

        Raises:
            TooFastError: it is not, and the person has still to be told so. To answer each click of a flood
                would cost as much as to take it.
        """
        now = self._clock.now()
        self._forget(now)
        clicking = self._of_people.setdefault(user_id, _Clicking(deque(maxlen=self._most)))
        times = clicking.times
        if len(times) == self._most and (age := (now - times[0]).total_seconds()) < CLICK_SECONDS:
            if clicking.is_told:
                return False
            clicking.is_told = True
            raise TooFastError(CLICK_SECONDS - age)
        times.append(now)
        clicking.is_told = False
        self._of_people.move_to_end(user_id)
        return True

    def _forget(self, now: datetime) -> None:
        while self._of_people:
            user_id, clicking = next(iter(self._of_people.items()))
            if (now - clicking.times[-1]).total_seconds() < CLICK_SECONDS:
                return
            del self._of_people[user_id]
