"""A simulated community: a dozen people or more who play a script until it is finished."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import count

from discord_sandbox import Sandbox
from simulation.people import Person
from simulation.script import SPAM_PROMPTS, Script
from simulation.town import CommunityError, Counts, StallError, Town

__all__ = ["Community", "CommunityError", "Counts", "StallError"]

# fmt: off
_NAMES = (
    "Ada", "Amir", "Bea", "Carlos", "Chiara", "Deniz", "Elif", "Emma", "Farid", "Grace", "Hana", "Ines",
    "Jonas", "Kofi", "Lena", "Luca", "Maja", "Mei", "Nadia", "Noor", "Olga", "Pablo", "Priya", "Quinn",
    "Ravi", "Sara", "Tomás", "Uma", "Victor", "Wanda", "Xiu", "Yara", "Zoë",
)
# fmt: on

_ASK_EVERY = 0.5
"""Seconds between two questions whether the script is finished, while things move."""

_ASK_IDLE = 2.0
"""Seconds after which that is asked even if nothing moved."""


class Community:
    """People in a sandbox who play a script through what they see.

    Attributes:
        counts: what they have done so far; always the same object.
        people: who takes part.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        script: Script,
        *,
        actors: int | None = None,
        seed: int = 0,
        patience: float = 60.0,
        stall_after: float = 60.0,
    ) -> None:
        """Let people join.

        Args:
            sandbox: a started sandbox whose bot is ready.
            script: what they play; it must not have been played before.
            actors: how many; as many as the script needs by default.
            seed: for their moods; the script has a seed of its own.
            patience: seconds that a person waits for something to show up before that is an error.
            stall_after: seconds without anything finished after which that is an error.
        """
        needed = script.requirements().actors
        self._town = Town(script, patience)
        self._stall_after = stall_after
        names = _names({member.name for member in sandbox.guild})
        channel = sandbox.guild.channel("general")
        languages = script.languages
        self.people = [
            Person(
                sandbox.guild.add_member(next(names)),
                self._town,
                channel,
                # Not all begin with the same language.
                languages[number % len(languages) :] + languages[: number % len(languages)],
                errand=number < SPAM_PROMPTS,
                seed=seed * 1000 + number,
            )
            for number in range(needed if actors is None else actors)
        ]

    @property
    def counts(self) -> Counts:
        """What has been done so far."""
        return self._town.counts

    def doing(self) -> list[str]:
        """Say who is busy with what, one line a person."""
        return self._town.report()

    async def run(
        self,
        is_finished: Callable[[], Awaitable[bool]],
        on_progress: Callable[[Counts], None] | None = None,
    ) -> Counts:
        """Play until the script is finished.

        Args:
            is_finished: whether all trees are ready and no review is open; asked again and again.
            on_progress: called after every change with the counts.

        Returns:
            The counts at the end.

        Raises:
            StallError: nothing was finished for too long; the text says who is stuck on what.
            CommunityError: somebody met something that no person should meet.
        """
        lives = [asyncio.create_task(person.live(), name=person.name) for person in self.people]
        watch = asyncio.create_task(self._watch(is_finished, on_progress), name="watch")
        try:
            done, _ = await asyncio.wait([watch, *lives], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                # A life ends only with an error, and that is the story to tell.
                task.result()
        finally:
            for task in (watch, *lives):
                task.cancel()
            await asyncio.gather(watch, *lives, return_exceptions=True)
        return self.counts

    async def _watch(
        self, is_finished: Callable[[], Awaitable[bool]], on_progress: Callable[[Counts], None] | None
    ) -> None:
        town = self._town
        while True:
            town.progress.clear()
            if on_progress is not None:
                on_progress(town.counts)
            asked = time.monotonic()
            if await is_finished():
                return
            if town.quiet_for > self._stall_after:
                raise StallError(self._story())
            with suppress(TimeoutError):
                await asyncio.wait_for(town.progress.wait(), _ASK_IDLE)
            await asyncio.sleep(max(0.0, _ASK_EVERY - (time.monotonic() - asked)))

    def _story(self) -> str:
        town = self._town
        head = (
            f"Nothing was finished for {town.quiet_for:.0f} s; {town.script.replies_left} replies "
            f"of the file are not written, {town.counts.spam_found} reviews found spam."
        )
        refusals = (f"  {times} answers refused: {reason}" for reason, times in town.refusals.most_common(3))
        people = (f"  {line}" for line in town.report())
        return "\n".join([head, *refusals, *people, *town.script.open_places()])


def _names(taken: set[str]) -> Iterator[str]:
    yield from (name for name in _NAMES if name not in taken)
    yield from (name for number in count(1) if (name := f"Member {number}") not in taken)
