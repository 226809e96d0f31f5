"""Slows down who floods the bot with commands and menus; one place for all of them."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import lightbulb
from lightbulb.prefab import OnCooldown, sliding_window

from bot.clock import Clock
from bot.errors import TooFastError

USES: Final = 10
"""Commands and menus, of whatever kind, that one person may use within `SECONDS`."""

SECONDS: Final = 30.0


class Cooldowns:
    """A sliding window for each person.

    lightbulb's own hook never forgets anybody whom it has seen. So each person gets a hook of their own,
    which goes once their last use has left the window: there are as many as people who used one within it.

    Args:
        clock: the time after which people are forgotten.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
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
        window, _ = self._of_people.setdefault(user_id, (sliding_window(SECONDS, USES, "user"), now))
        try:
            await window(pipeline, context)
        except OnCooldown as error:
            raise TooFastError(error.remaining) from None
        self._of_people[user_id] = (window, now)
        self._of_people.move_to_end(user_id)

    def _forget(self, now: datetime) -> None:
        while self._of_people:
            user_id, (_, last_use) = next(iter(self._of_people.items()))
            if now - last_use <= timedelta(seconds=SECONDS):
                return
            del self._of_people[user_id]


def cooling_down(cooldowns: Cooldowns) -> lightbulb.ExecutionHook:
    """Make the hook that counts every use of a command or a menu; autocompletion passes no hooks."""

    @lightbulb.hook(lightbulb.ExecutionSteps.COOLDOWNS, skip_when_failed=True)
    async def cool_down(pipeline: lightbulb.ExecutionPipeline, context: lightbulb.Context) -> None:
        await cooldowns.use(pipeline, context)

    return cool_down
