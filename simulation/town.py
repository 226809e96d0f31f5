"""What the people of a simulated community share: who is busy with what, what was done, and news of it."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from simulation.eyes import Kind
from simulation.script import Script

__all__ = ["CommunityError", "Counts", "StallError", "Town"]

WOKEN = 2
"""How many of those without a task look again when somebody finished one."""


class CommunityError(Exception):
    """A simulated person met something that no person should meet; the text says who and what."""


class StallError(CommunityError):
    """Nothing has been finished for too long; the text says who is stuck on what."""


@dataclass
class Counts:
    """What has been done so far; it is the same object all the time.

    Attributes:
        replies: replies of the file that were written; `replies_planned` is how many there are.
        spam: planted texts; `spam_found` is how many reviews called one so.
        refused: answers that were not taken; somebody else gives them again.
        skipped: tasks given back because the file has nothing (more) to say there.
        nothing_to_do: how often somebody asked for a task and there was none.
        tried_again: clicks that the bot did not answer in time.
        tasks: finished tasks by kind.
    """

    replies_planned: int
    replies: int = 0
    spam: int = 0
    spam_found: int = 0
    refused: int = 0
    skipped: int = 0
    nothing_to_do: int = 0
    tried_again: int = 0
    tasks: Counter[Kind] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.started

    @property
    def labelled(self) -> int:
        """How many label tasks were finished."""
        kinds = (Kind.label_initial_prompt, Kind.label_assistant_reply, Kind.label_prompter_reply)
        return sum(self.tasks[kind] for kind in kinds)

    @property
    def ranked(self) -> int:
        """How many ranking tasks were finished."""
        return self.tasks[Kind.rank_assistant_replies] + self.tasks[Kind.rank_prompter_replies]

    @property
    def finished(self) -> int:
        """How many tasks were finished."""
        return self.tasks.total()


class Town:
    """Shared by all people of one community; everything happens on one event loop."""

    def __init__(self, script: Script, patience: float) -> None:
        """Prepare for a script.

        Args:
            script: what is played.
            patience: seconds that a person waits for the bot before something must be wrong.
        """
        self.script = script
        self.patience = patience
        self.counts = Counts(replies_planned=script.replies_left)
        self.refusals: Counter[str] = Counter()
        self.progress = asyncio.Event()
        self._news = asyncio.Condition()
        self._doing: dict[str, tuple[str, float]] = {}
        self._last_progress = time.monotonic()

    @property
    def quiet_for(self) -> float:
        """Seconds since something was finished."""
        return time.monotonic() - self._last_progress

    def doing(self, person: str, what: str) -> None:
        """Note what a person is busy with."""
        self._doing[person] = (what, time.monotonic())

    def report(self) -> list[str]:
        """Say who is busy with what, and for how long, the longest first."""
        now = time.monotonic()
        rows = sorted(self._doing.items(), key=lambda row: row[1][1])
        return [f"{person}: {what}, for {now - since:.0f} s" for person, (what, since) in rows]

    def refused(self, reason: str) -> None:
        """Note an answer that was not taken, with the bot's words."""
        self.counts.refused += 1
        self.refusals[reason.partition("\n")[0]] += 1

    async def finished(self, kind: Kind) -> None:
        """Note a finished task, and let some who wait know."""
        self.counts.tasks[kind] += 1
        await self.moved()

    async def moved(self) -> None:
        """Note that something has changed, and let some who wait know."""
        self._last_progress = time.monotonic()
        self.progress.set()
        async with self._news:
            self._news.notify(WOKEN)

    async def news(self, timeout: float) -> None:  # noqa: ASYNC109  # it is a wait, at most so long
        """Wait until something has changed, at most `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait()
        except TimeoutError:
            return
