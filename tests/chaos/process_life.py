"""A bot in a process of its own, one after the other on the same memory, each of which may be killed."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from bot.settings import BotSettings
from discord_sandbox import Sandbox, WaitTimeout
from tests.made_databases import bot_database

START_SECONDS = 30.0


class ProcessLife:
    """Lives as `Life` does, with processes of `python -m bot run` from a nursery.

    Args:
        sandbox: where the bot lives.
        settings: with the backend and its key.
        folder: for its memory, where the first `Life` has it, too.
    """

    bot = None
    """There is none in this process."""

    def __init__(self, sandbox: Sandbox, settings: BotSettings, folder: Path) -> None:
        self.memory = folder / "bot0.db"
        self._sandbox = sandbox
        self._environment = os.environ | {
            "BOT_TOKEN": settings.bot_token.get_secret_value(),
            "DISCORD_REST_URL": settings.discord_rest_url,
            "OASST_API_URL": settings.oasst_api_url,
            "OASST_API_KEY": settings.oasst_api_key.get_secret_value(),
            "BOT_DATABASE_URL": bot_database(self.memory),
            "COOLDOWN_COMMANDS": "1000",
            "COOLDOWN_CLICKS": "1000",
            "LOG_LEVEL": "WARNING",
        }
        self._nursery: asyncio.subprocess.Process | None = None
        self._process: int | None = None
        self._dead = asyncio.Event()

    async def open(self) -> None:
        """Open the nursery."""
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.nursery",
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    async def close(self) -> None:
        """End what lives, and close the nursery."""
        await self.end()
        if self._nursery is not None and self._nursery.stdin is not None:
            self._nursery.stdin.close()
            await self._nursery.wait()

    async def begin(self) -> None:
        """Start a bot on what the last one left; it may be killed before it is ready."""
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._dead.clear()
        self._nursery.stdin.write(b"\n")
        self._process = os.pidfd_open(int(await self._nursery.stdout.readline()))
        asyncio.get_running_loop().add_reader(self._process, self._gone, self._process)
        ready = asyncio.ensure_future(self._sandbox.bot_ready(START_SECONDS))
        dead = asyncio.ensure_future(self._dead.wait())
        await asyncio.wait({ready, dead}, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (ready, dead):
            waiting.cancel()
        with suppress(asyncio.CancelledError, WaitTimeout):
            await ready
        with suppress(asyncio.CancelledError):
            await dead

    def die(self) -> None:
        """Kill it as a power cut would."""
        if self._process is not None and not self.killed:
            self._dead.set()
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

    @property
    def killed(self) -> bool:
        """Whether it has been killed, or has ended by itself."""
        return self._dead.is_set()

    async def died(self, seconds: float = 10) -> None:
        """Wait until it is dead."""
        async with asyncio.timeout(seconds):
            await self._dead.wait()

    async def reborn(self) -> None:
        """Start the next one once Discord has noticed that the last one is gone."""
        await self.end()
        self._sandbox.faults.clear()
        await self.begin()

    async def end(self, seconds: float = 30) -> None:
        """End it as an operator does, if it lives; it has so long."""
        if self._process is not None and not self.killed:
            signal.pidfd_send_signal(self._process, signal.SIGTERM)
            await self.died(seconds)
        self._process = None
        await self._sandbox.bot_gone()

    def _gone(self, process: int) -> None:
        asyncio.get_running_loop().remove_reader(process)
        os.close(process)
        if process == self._process:
            self._process = None
            self._dead.set()
