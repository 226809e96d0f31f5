"""What an interaction costs the sandbox, beside what it costs a lightbulb bot that echoes: CPU, in one run.

This process is the sandbox, with its people in it; each bot (`echo.py`) is a process of its own. People type
`/echo`, one at a time and many at once, in rounds by turns. Printed are the medians of the rounds: the CPU of
both processes for one interaction and their ratio; then how long an interaction took.

"default" is a bot as hikari makes it, which opens a connection for each call and is sent its own messages;
"keep-alive" keeps its connections (`force_close_transports=False`); "lean" does so and has no intents.
"without people" leaves out what an actor does: find the channel and the command, check the options, read the
answer. `--profile` prints instead where the CPU of the sandbox goes, as `cProfile` counts it.

It ends with 1 where the highest ratio with people is above what is wanted.

`python benchmarks/sandbox.py [--rounds 5] [--interactions 2000] [--at-once 64] [--profile]`
"""

import argparse
import asyncio
import contextlib
import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from discord_sandbox import Actor, Sandbox  # noqa: E402  # the path first
from discord_sandbox.world.interaction import Act, InteractionType  # noqa: E402  # as above
from discord_sandbox.world.model import Json  # noqa: E402  # as above

WARM_UP = 300
"""Interactions before anything is measured."""

WANTED = 1.5
"""The highest ratio, sandbox to bot, that is good enough."""

TEXT = "How do bees find their way home?"
PROFILE_LINES = 60

Doing = Callable[[], Awaitable[object]]


class Round(NamedTuple):
    """One round: CPU of both processes for one interaction in us, and how long each took in ms."""

    sandbox: float
    bot: float
    took: list[float]

    @property
    def ratio(self) -> float:
        """The sandbox's CPU to the bot's."""
        return self.sandbox / self.bot


class Pair:
    """A sandbox with its people, and the bot in its process."""

    def __init__(self, kind: str, people: int) -> None:
        self.kind = kind
        self._sandbox = Sandbox()
        self.people = [self._sandbox.guild.add_member(f"Person {number}") for number in range(people)]

    async def __aenter__(self) -> Self:
        await self._sandbox.start()
        self._bot = await asyncio.create_subprocess_exec(
            *(sys.executable, str(Path(__file__).with_name("echo.py"))),
            *(self._sandbox.token, self._sandbox.rest_url, self.kind),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await self._sandbox.bot_ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        # At the end of its input the bot says goodbye, for which the sandbox must be there.
        await self._bot.communicate(b"")
        await self._sandbox.close()

    async def bot_cpu(self) -> float:
        """Give the CPU seconds that the bot has used so far."""
        assert self._bot.stdin is not None
        assert self._bot.stdout is not None
        self._bot.stdin.write(b"\n")
        return float(await self._bot.stdout.readline())

    async def play(self, acts: list[Doing], interactions: int) -> Round:
        """Let each person act again and again until there were so many interactions."""
        left = iter(range(interactions))
        took: list[float] = []

        async def repeat(act: Doing) -> None:
            for _ in left:
                begun = time.perf_counter()
                await act()
                took.append(1e3 * (time.perf_counter() - begun))

        bot = await self.bot_cpu()
        own = time.process_time()
        await asyncio.gather(*(repeat(act) for act in acts))
        own = time.process_time() - own
        bot = await self.bot_cpu() - bot
        return Round(1e6 * own / interactions, 1e6 * bot / interactions, took)


def person(actor: Actor) -> Doing:
    """Give what a person does: type the command, read the answer."""
    return lambda: actor.command("echo", text=TEXT)


def nobody(actor: Actor) -> Doing:
    """Give the same interaction without what the person does for it."""
    store = actor.store
    channel = actor.channels()[0]
    command = actor.commands(channel)[0]
    option = {"name": "text", "type": 3, "value": TEXT}
    data: Json = {"id": str(command.id), "name": command.name, "type": command.kind, "options": [option]}

    async def act() -> None:
        done = Act(InteractionType.COMMAND, channel, data)
        await store.interactions.begin(actor.user, done, locale=actor.locale).finished

    return act


@dataclass
class Case:
    """One way to play, with what was measured of it."""

    pair: Pair
    at_once: int
    act: Callable[[Actor], Doing]
    rounds: list[Round] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the table calls it."""
        without = ", without people" if self.act is nobody else ""
        return f"{self.pair.kind}, {self.at_once} at once{without}"

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return statistics.median(done.ratio for done in self.rounds)

    async def play(self, interactions: int) -> Round:
        """Play one round."""
        return await self.pair.play([self.act(one) for one in self.pair.people[: self.at_once]], interactions)


async def measure(options: argparse.Namespace) -> list[Case]:
    """Play all rounds."""
    async with contextlib.AsyncExitStack() as stack:
        kinds = ("lean", "keep-alive", "default")
        pairs = [await stack.enter_async_context(Pair(kind, options.at_once)) for kind in kinds]
        cases = [
            Case(pair, at_once, act)
            for pair, act in (*((pair, person) for pair in pairs), (pairs[0], nobody))
            for at_once in (1, options.at_once)
        ]
        if options.profile:
            await _profile(cases[:2], options.interactions)
            return []
        for case in cases:
            await case.play(min(WARM_UP, options.interactions))
        for _ in range(options.rounds):
            for case in cases:
                case.rounds.append(await case.play(options.interactions))
        return cases


async def _profile(cases: list[Case], interactions: int) -> None:
    for case in cases:
        await case.play(min(WARM_UP, interactions))
        with cProfile.Profile(time.process_time) as profile:
            await case.play(interactions)
        print(case.name)
        pstats.Stats(profile).sort_stats("tottime").print_stats(PROFILE_LINES)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--interactions", type=int, default=2000, help="in each round")
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--profile", action="store_true", help="print where the CPU of the sandbox goes")
    options = parser.parse_args()
    cases = asyncio.run(measure(options))
    if cases and _report(cases) > WANTED:
        sys.exit(1)


def _report(cases: list[Case]) -> float:
    """Print, and give the highest ratio with people."""
    print(f"{'':>42} {'sandbox us':>10} {'bot us':>7} {'ratio':>6} {'p50 ms':>7} {'p95 ms':>7}")
    for case in cases:
        took = sorted(one for done in case.rounds for one in done.took)
        print(
            f"{case.name:>42} {statistics.median(done.sandbox for done in case.rounds):10.0f} "
            f"{statistics.median(done.bot for done in case.rounds):7.0f} {case.ratio:6.2f} "
            f"{took[len(took) // 2]:7.2f} {took[len(took) * 95 // 100]:7.2f}"
        )
    worst = round(max(case.ratio for case in cases if case.act is person), 2)
    print(f"highest ratio with people: {worst:.2f} (wanted: {WANTED} or less)")
    return worst


if __name__ == "__main__":
    main()
