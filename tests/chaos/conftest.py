"""A whole town: the stand-in, the bot, and the real backend behind a proxy that can do it harm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import BotSettings
from discord_sandbox import Channel, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from tests.bot.conftest import Life, TestClock
from tests.chaos.invariants import Truth, look
from tests.chaos.mortality import Mortality
from tests.chaos.person import Person
from tests.chaos.planting import KEY, backend_settings, plant
from tests.chaos.process_life import ProcessLife
from tests.chaos.proxy import Proxy
from tests.made_databases import bot_database
from tests.writes import writes_in

REST_SECONDS = 20.0
"""How long it may take until nothing is left to do."""

UNDONE = """
    SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'waiting' OR announced = 0)
    OR EXISTS (SELECT 1 FROM sessions WHERE closing = 1 OR state IN ('offered', 'submitted'))
"""
REQUESTED = "SELECT EXISTS (SELECT 1 FROM task_requests)"
SETTLES_AFTER = timedelta(minutes=2)
"""What the bot gives others a moment for, it does itself after that."""


@dataclass
class Town:
    """Everything that runs, and everybody who takes part."""

    settings: BotSettings
    sandbox: Sandbox
    proxy: Proxy
    life: Life | ProcessLife
    mortality: Mortality
    clock: TestClock
    backend_clock: TestClock
    folder: Path
    people: list[Person] = field(default_factory=list)

    async def tidy(self) -> None:
        """Have the bot do what it does from time to time; a process of its own does it at its start."""
        if self.life.bot is not None:
            await self.life.bot.tidy()

    async def newcomer(
        self, kind: str, channel: Channel | None = None, *, is_hasty: bool = False, knows_terms: bool = True
    ) -> Person:
        """Let somebody join, who has accepted the terms unless told otherwise."""
        actor = self.sandbox.guild.add_member(f"P{len(self.people) + 1}")
        if knows_terms and self.life.bot is not None:
            await self.life.bot.services.store.people.record_terms(
                int(actor.id), version=1, locale="en-US", interaction_id=int(actor.id), now=self.clock.now()
            )
        where = channel or self.sandbox.guild.channel("general")
        person = Person(actor, where, kind, is_hasty=is_hasty)
        self.people.append(person)
        return person

    async def rest(self, *more: str) -> None:
        """Wait until the bot has nothing left to do or dies, but not for ever: the rest says `faults`.

        Args:
            more: statements that give 1 as long as there is something else to do.
        """
        writes = writes_in(self.folder)
        try:
            async with asyncio.timeout(REST_SECONDS), aclosing(writes):
                while not self.life.killed and self._is_busy(UNDONE, *more):
                    await self.tidy()
                    await anext(writes)
        except TimeoutError:
            return

    async def come_to_rest(self) -> None:
        """Let a bot in this process do what a bot does only after a while."""
        if isinstance(self.life, ProcessLife):
            await self.life.end()
            self.life = self.mortality.life = Life(self.settings, self.sandbox, self.clock, self.folder)
            await self.life.begin()
        self.clock.ahead += SETTLES_AFTER
        await self.rest(REQUESTED)

    def _is_busy(self, *questions: str) -> bool:
        return any(look(self.life.memory, question)[0][0] for question in questions)

    def faults(self) -> list[str]:
        """Say what does not hold."""
        truth = Truth(
            sandbox=self.sandbox,
            bot=self.life.memory,
            backend=self.folder / "backend.db",
            now=self.backend_clock.now(),
            confirmed=[text for person in self.people for text in person.confirmed],
            sent=[text for person in self.people for text in person.texts.values()],
        )
        return truth.faults()


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    """Give a Discord in which more new people are written to than the real one allows in ten minutes."""
    sandbox.dm_openings = 1000
    return sandbox


@pytest.fixture
def clock() -> TestClock:
    """Give the bot's time."""
    return TestClock()


@pytest.fixture
def backend_clock() -> TestClock:
    """Give the backend's time."""
    return TestClock()


@pytest.fixture
async def server(tmp_path: Path, backend_clock: TestClock) -> AsyncIterator[BackendServer]:
    """Run the real backend, with work for everybody."""
    settings: BackendSettings = backend_settings(tmp_path)
    running = await asyncio.to_thread(BackendServer(settings, clock=backend_clock.now).start)
    await plant(running, settings, tmp_path)
    yield running
    await asyncio.to_thread(running.close)


@pytest.fixture
async def proxy(server: BackendServer) -> AsyncIterator[Proxy]:
    """Stand in front of the backend."""
    listening = Proxy(server.url)
    await listening.start()
    yield listening
    await listening.close()


@pytest.fixture
def settings(sandbox: Sandbox, proxy: Proxy, tmp_path: Path) -> BotSettings:
    """Give the bot's settings."""
    return BotSettings(
        _env_file=None,
        bot_token=sandbox.token,
        discord_rest_url=sandbox.rest_url,
        oasst_api_url=proxy.url,
        oasst_api_key=KEY,
        bot_database_url=bot_database(tmp_path / "bot.db"),
        # These people act in fast motion.
        cooldown_commands=1000,
        cooldown_clicks=1000,
    )


@pytest.fixture
async def town(
    settings: BotSettings,
    sandbox: Sandbox,
    proxy: Proxy,
    clock: TestClock,
    backend_clock: TestClock,
    tmp_path: Path,
) -> AsyncIterator[Town]:
    """Run everything, with a bot in this process that can be killed."""
    life = Life(settings, sandbox, clock, tmp_path)
    await life.begin()
    mortality = Mortality(life, sandbox, proxy)
    yield Town(settings, sandbox, proxy, life, mortality, clock, backend_clock, tmp_path)
    await life.end()


@pytest.fixture
async def process_town(
    settings: BotSettings,
    sandbox: Sandbox,
    proxy: Proxy,
    clock: TestClock,
    backend_clock: TestClock,
    tmp_path: Path,
) -> AsyncIterator[Town]:
    """Run everything, with a bot in a process of its own that can be killed."""
    life = ProcessLife(sandbox, settings, tmp_path)
    await life.open()
    await life.begin()
    mortality = Mortality(life, sandbox, proxy)
    made = Town(settings, sandbox, proxy, life, mortality, clock, backend_clock, tmp_path)
    yield made
    await made.life.end()
    await life.close()
