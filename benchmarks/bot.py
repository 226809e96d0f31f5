"""What a task costs the bot, beside a bare bot that makes the same calls and statements: CPU, in one run.

This process is the sandbox with its people, and the task backend. The bot (`python -m bot run`) is a process
of its own, and so is the floor (`bare_task_bot.py`), which plays what one person's steps made the bot do
(`task_script.py`). Sixty-four people go through a ranking and a text, step by step, one after the other and
all at once, in rounds by turns. Printed are, for each step, how many calls and statements it takes; the
medians of the rounds: the CPU of both processes for one step and their ratio; and how long a step took. Last
comes the memory of both, with one guild and with many.

It ends with 1 where the highest ratio is above what is wanted, or where the floor did not make the same
calls. `--profile` prints instead where the CPU of the bot goes, as `cProfile` counts it.

`python benchmarks/bot.py [--rounds 5] [--people 64] [--guilds 1000] [--profile]`
"""

import argparse
import asyncio
import contextlib
import json
import os
import pstats
import re
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.task_backend import KEY, TaskBackend  # noqa: E402  # the path first
from benchmarks.task_script import IN_FAST_MOTION, Thing, count, prepare, record  # noqa: E402  # as above
from benchmarks.task_steps import NAMES, STEPS, Worker  # noqa: E402  # as above
from discord_sandbox import RateLimits, Sandbox  # noqa: E402  # as above

WANTED = 2.0
"""The highest ratio, bot to floor, that is good enough."""

CHANNELS = 20
MEMBERS = 50
"""What each guild has, where there are many."""

PROFILE_LINES = 70
QUIET_SECONDS = 0.05
QUIET_CPU_SECONDS = 0.0005
"""A process that uses less than that in QUIET_SECONDS has nothing to do any more."""


class Measured(NamedTuple):
    """One step in one round: CPU for one person in us, and how long each person waited in ms."""

    cpu: float
    took: list[float]


@dataclass
class Subject:
    """A process under measurement, with a sandbox and a backend of its own.

    Attributes:
        folder: where it may keep files.
        people: how many there are to work on tasks.
        script: what the floor plays; None for the bot itself.
        profile: where the bot's profile goes, if it is wanted.
        guilds: how many the bot is in.
    """

    folder: Path
    people: int
    script: Path | None = None
    profile: Path | None = None
    guilds: int = 1
    sandbox: Sandbox = field(default_factory=lambda: Sandbox(rate_limits=RateLimits.roomy()))
    backend: TaskBackend = field(default_factory=TaskBackend)

    async def __aenter__(self) -> Self:
        self.workers = [
            Worker(self.sandbox.guild.add_member(f"Person {number}")) for number in range(self.people)
        ]
        _add_guilds(self.sandbox, self.guilds)
        path = Path(tempfile.mkdtemp(dir=self.folder)) / "bot.db"
        url = f"sqlite+aiosqlite:///{path}"
        await prepare(url, [worker.actor for worker in self.workers])
        await self.sandbox.start()
        await self.backend.__aenter__()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self._command(path)),
            cwd=path.parent,
            env=os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "BOT_TOKEN": self.sandbox.token,
                "DISCORD_REST_URL": self.sandbox.rest_url,
                "OASST_API_URL": self.backend.url,
                "OASST_API_KEY": KEY,
                "BOT_DATABASE_URL": url,
                "COOLDOWN_COMMANDS": str(IN_FAST_MOTION),
                "COOLDOWN_CLICKS": str(IN_FAST_MOTION),
                "LOG_LEVEL": "WARNING",
            },
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            await self.sandbox.bot_ready(60)
        except BaseException:
            await self.__aexit__()
            raise
        await self.quiet()
        self.begun = len(self.sandbox.requests)
        self.backend.calls.clear()
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        await self.process.wait()
        await self.backend.__aexit__()
        await self.sandbox.close()

    def _command(self, path: Path) -> list[str]:
        if self.script is not None:
            floor = str(Path(__file__).with_name("bare_task_bot.py"))
            reached = (self.sandbox.token, self.sandbox.rest_url, self.backend.url)
            return [floor, *reached, str(path), str(self.script)]
        profiled = [] if self.profile is None else ["-m", "cProfile", "-o", str(self.profile)]
        return [*profiled, "-m", "bot", "run"]

    @property
    def cpu(self) -> float:
        """The CPU seconds that the process has used so far, all its threads together."""
        # The clock of another process, as clock_getcpuclockid(3) numbers it on Linux.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    @property
    def megabytes(self) -> float:
        """The memory that the process holds now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    async def quiet(self) -> float:
        """Wait until the process has nothing to do any more; give its CPU seconds."""
        before = self.cpu
        while True:
            await asyncio.sleep(QUIET_SECONDS)
            now = self.cpu
            if now - before < QUIET_CPU_SECONDS:
                return now
            before = now

    async def play(self, *, at_once: int) -> list[Measured]:
        """Let all people go through all steps, so many at once."""
        return [await self._play_step(number, at_once) for number in range(len(STEPS))]

    async def _play_step(self, number: int, at_once: int) -> Measured:
        step = STEPS[number]
        left = iter(self.workers)
        took: list[float] = []

        async def act() -> None:
            for worker in left:
                begun = time.perf_counter()
                await step.act(worker)
                took.append(1e3 * (time.perf_counter() - begun))

        before = await self.quiet()
        await asyncio.gather(*(act() for _ in range(at_once)))
        return Measured(1e6 * (await self.quiet() - before) / len(self.workers), took)


def _add_guilds(sandbox: Sandbox, guilds: int) -> None:
    """Add guilds until there are so many; the bot comes into all of them last, which takes the least time."""
    people = [sandbox.guild.add_member(f"Member {number}") for number in range(MEMBERS)]
    made = []
    for number in range(1, guilds):
        guild = sandbox.add_guild(f"Guild {number}", sandbox.guild.owner, bot_permissions=None)
        for channel in range(len(guild.channels), CHANNELS):
            guild.create_channel(f"channel-{channel}")
        for actor in people[len(guild.members) + 1 :]:
            guild.join(actor)
        made.append(guild)
    for guild in made:
        guild.let_bot_in()


@dataclass
class Row:
    """One kind of step at one number of people at once, with what was measured of both in each round."""

    name: str
    at_once: int
    bot: list[Measured] = field(default_factory=list)
    floor: list[Measured] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return statistics.median(bot.cpu / floor.cpu for bot, floor in zip(self.bot, self.floor, strict=True))


def _by_name(steps: list[Measured]) -> dict[str, Measured]:
    """Bring steps of one name together: the mean of their CPU, and all that people waited."""
    found: defaultdict[str, list[Measured]] = defaultdict(list)
    for step, measured in zip(STEPS, steps, strict=True):
        found[step.name].append(measured)
    return {
        name: Measured(statistics.mean(one.cpu for one in some), [took for one in some for took in one.took])
        for name, some in found.items()
    }


async def measure(options: argparse.Namespace, folder: Path) -> list[Row]:
    """Play all rounds, and print what is known on the way."""
    script = await record(folder)
    path = folder / "script.json"
    path.write_text(json.dumps(script))
    _report_script(script)
    if options.profile:
        await _profile(folder, options)
        return []
    rows = {(name, at_once): Row(name, at_once) for at_once in (1, options.people) for name in NAMES}
    async with Subject(folder, options.people) as bot, Subject(folder, options.people, path) as floor:
        for subject in (bot, floor):
            await subject.play(at_once=options.people)
        _compare_calls(bot, floor)
        for _ in range(options.rounds):
            for at_once in (1, options.people):
                for name, measured in _by_name(await bot.play(at_once=at_once)).items():
                    rows[name, at_once].bot.append(measured)
                for name, measured in _by_name(await floor.play(at_once=at_once)).items():
                    rows[name, at_once].floor.append(measured)
    return list(rows.values())


def _compare_calls(bot: Subject, floor: Subject) -> None:
    """See that both made the same calls to Discord and to the backend since they were ready."""
    made = [
        Counter(f"{call.method} {call.route}" for call in list(subject.sandbox.requests)[subject.begun :])
        + Counter("backend" for _ in subject.backend.calls)
        for subject in (bot, floor)
    ]
    if made[0] != made[1]:
        sys.exit(f"the floor did not do what the bot did: {made[0] - made[1]} less, {made[1] - made[0]} more")


async def _profile(folder: Path, options: argparse.Namespace) -> None:
    path = folder / "bot.pstats"
    async with Subject(folder, options.people, profile=path) as bot:
        for _ in range(options.rounds):
            # Under the profiler all at once could come too late for Discord's three seconds.
            await bot.play(at_once=1)
    stats = pstats.Stats(str(path))
    stats.sort_stats("tottime").print_stats(PROFILE_LINES)
    print("The bot's own functions, with what they call:")
    stats.sort_stats("cumtime").print_stats(re.escape(str(ROOT / "bot")), PROFILE_LINES)


async def memory(folder: Path, guilds: int) -> tuple[float, float]:
    """Give the memory in MB of a bot and of a floor that have just started, in so many guilds."""
    held = []
    for script in (None, folder / "script.json"):
        async with Subject(folder, 1, script, guilds=guilds) as subject:
            held.append(subject.megabytes)
    return held[0], held[1]


async def run(options: argparse.Namespace) -> int:
    """Measure and print; give the exit code."""
    with tempfile.TemporaryDirectory(prefix="oasst-benchmark-") as name:
        rows = await measure(options, Path(name))
        if not rows:
            return 0
        worst = _report(rows)
        for guilds in dict.fromkeys((1, options.guilds)):
            bot, floor = await memory(Path(name), guilds)
            print(f"memory with {guilds} guilds: {bot:.0f} MB (floor: {floor:.0f} MB)")
    print(f"highest ratio: {worst:.2f} (wanted: {WANTED} or less)")
    return int(worst > WANTED)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=64)
    parser.add_argument("--guilds", type=int, default=1000)
    parser.add_argument("--profile", action="store_true", help="print where the CPU of the bot goes")
    sys.exit(asyncio.run(run(parser.parse_args())))


def _report_script(script: list[list[Thing]]) -> None:
    """Print what the bot does, and the floor after it, for one person's step."""
    kinds = ("REST", "HTTP", "statements", "commits")
    print(f"{'':>16}", *(f"{kind:>11}" for kind in kinds))
    for name in NAMES:
        counted = count(next(things for step, things in zip(STEPS, script, strict=True) if step.name == name))
        print(f"{name:>16}", *(f"{counted[kind]:11}" for kind in kinds))


def _medians(rounds: list[Measured]) -> tuple[float, tuple[float, float]]:
    """Give the median of the CPU, and p50 and p95 of what people waited."""
    took = sorted(wait for one in rounds for wait in one.took)
    return statistics.median(one.cpu for one in rounds), (took[len(took) // 2], took[len(took) * 95 // 100])


def _report(rows: list[Row]) -> float:
    """Print, and give the highest ratio."""
    print()
    heads = ("bot us", "floor us", "ratio", "p50 ms", "p95 ms", "floor p50", "p95")
    print(" " * 27, *(f"{head:>9}" for head in heads))
    for row in rows:
        (bot, bot_waits), (floor, floor_waits) = (_medians(measured) for measured in (row.bot, row.floor))
        print(
            f"{f'{row.name}, {row.at_once} at once':>27} {bot:9.0f} {floor:9.0f} {row.ratio:9.2f}",
            *(f"{wait:9.1f}" for wait in (*bot_waits, *floor_waits)),
        )
    return round(max(row.ratio for row in rows), 2)


if __name__ == "__main__":
    main()
