"""People who take what comes: they answer, skip, stop, pause, go on and leave, each by their own mood."""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress

from discord_sandbox import InteractionFailed, MessageView, NotVisible, WaitTimeout
from tests.chaos.conftest import Town
from tests.chaos.person import Person

KINDS = ("initial_prompt", "assistant_reply", "rank_assistant_replies", "label_initial_prompt")
MOODS = {"answer": 80, "Skip": 6, "Stop": 4, "Pause": 4, "Edit": 6}
ENDINGS = {"Next task": 60, "Done": 20, "ask": 20}
THINKING_SECONDS = 4.0
"""For how long they look at "is thinking" before they try something else."""


class Citizen:
    """One of many."""

    def __init__(self, person: Person, rng: random.Random) -> None:
        self._person = person
        self._rng = rng
        self._leaves = False
        person.actor.patience = THINKING_SECONDS

    async def live(self) -> None:
        """Do one thing after the other, until it is time to leave and no task is open."""
        person = self._person
        while not (self._leaves and person.open_task is None):
            before = person.screen()
            with suppress(InteractionFailed, WaitTimeout, NotVisible):
                await self._act()
            await person.glance(before)

    def leave(self) -> None:
        """Finish what is open, and take nothing more."""
        self._leaves = True

    async def _act(self) -> None:
        person = self._person
        controls = person.open_task
        if controls is not None:
            await self._work(controls)
            return
        over = person.newest("Next task")
        choice = self._choice(ENDINGS)
        if over is not None and choice in over.buttons:
            await over.click(choice)
        else:
            person.kind = self._rng.choice(KINDS)
            await person.ask()

    async def _work(self, controls: MessageView) -> None:
        mood = self._choice(MOODS)
        if mood not in controls.buttons or (self._leaves and mood == "Pause"):
            await self._person.answer(controls)
            return
        modal = (await controls.click(mood)).modal
        if modal is not None and mood == "Skip":
            await modal.submit({})
        elif modal is not None:
            await self._person.submit(modal)

    def _choice(self, weights: dict[str, int]) -> str:
        return self._rng.choices(list(weights), list(weights.values()))[0]


class Crowd:
    """Many citizens, who live until told to leave."""

    def __init__(self, citizens: list[Citizen]) -> None:
        self._citizens = citizens
        self._lives: list[asyncio.Task[None]] = []

    @classmethod
    async def gather(cls, town: Town, size: int, rng: random.Random) -> "Crowd":
        """Let people join."""
        people = [await town.newcomer(KINDS[0], is_hasty=True) for _ in range(size)]
        return cls([Citizen(person, random.Random(rng.random())) for person in people])  # noqa: S311  # repeatable

    def begin(self) -> None:
        """Let them live."""
        self._lives = [asyncio.create_task(one.live()) for one in self._citizens]

    async def leave(self, seconds: float) -> None:
        """Let all finish what they have in hand.

        Raises:
            TimeoutError: somebody could not.
        """
        for one in self._citizens:
            one.leave()
        async with asyncio.timeout(seconds):
            await asyncio.gather(*self._lives)

    async def during(self, event: Coroutine[object, object, None]) -> None:
        """Wait for something while they live; what ends a life too early is raised."""
        waiting = asyncio.ensure_future(event)
        try:
            await asyncio.wait({waiting, *self._lives}, return_when=asyncio.FIRST_COMPLETED)
            for life in self._lives:
                if life.done():
                    life.result()
            await waiting
        finally:
            waiting.cancel()

    async def close(self) -> None:
        """End all lives, whatever they are at."""
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
