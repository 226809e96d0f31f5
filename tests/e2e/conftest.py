"""A bot in a process of its own, between the stand-in and the real backend, so that it can be killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from pydantic import SecretStr

from discord_sandbox import Actor, Channel, MessageView, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings, TreeManagerSettings
from tests.made_databases import backend_database
from tests.meeting import welcomed

KEY = "a-key-for-tests"


class Addressed(Protocol):
    """A backend of whatever kind."""

    @property
    def url(self) -> str: ...


class BotProcess:
    """`python -m bot run`, again and again on the same database.

    Attributes:
        log: the file in which everything stands that it wrote to the log.
    """

    def __init__(self, sandbox: Sandbox, backend: Addressed, folder: Path) -> None:
        self.log = folder / "bot.log"
        self._sandbox = sandbox
        self._folder = folder
        self._environment = os.environ | {
            "BOT_TOKEN": sandbox.token,
            "DISCORD_REST_URL": sandbox.rest_url,
            "OASST_API_URL": backend.url,
            "OASST_API_KEY": KEY,
            "BOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._lines: list[str] = []
        self._new_line = asyncio.Event()

    async def start(self) -> None:
        """Start it, and wait until its commands can be used."""
        self._lines.clear()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=self._folder,
            env=self._environment,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stderr is not None
        self._reading = asyncio.create_task(self._read(self._process.stderr))
        await self._sandbox.bot_ready(30)

    async def says(self, words: str) -> None:
        """Wait until it has written some words to the log, since its last start."""
        async with asyncio.timeout(10):
            while not any(words in line for line in self._lines):
                self._new_line.clear()
                await self._new_line.wait()

    async def kill(self) -> None:
        """Kill it as a power cut would, and wait until Discord has noticed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        assert await self.ended() == -signal.SIGKILL
        await self._sandbox.guild.owner.until(
            lambda: not self._sandbox.gateway.connected, what="the bot to be gone"
        )

    async def stop(self) -> int:
        """End it as an operator does, and give its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self.ask_to_end()
        return await self.ended()

    def ask_to_end(self) -> None:
        """Send the signal with which an operator ends it."""
        assert self._process is not None
        self._process.terminate()

    async def ended(self) -> int:
        """Wait for its end, and give its exit code."""
        assert self._process is not None
        assert self._reading is not None
        await self._reading
        return await self._process.wait()

    async def _read(self, stderr: asyncio.StreamReader) -> None:
        with self.log.open("ab", buffering=0) as log:
            async for line in stderr:
                log.write(line)
                self._lines.append(line.decode())
                self._new_line.set()


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and the lines it printed."""

    code: int
    lines: list[str]
    errors: list[str]


class CommandLine:
    """Runs commands in a folder of their own, with nothing in the environment that is ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def __call__(self, *command: str, **environment: str) -> Ended:
        ours = ("BOT_", "OASST_", "BACKEND_", "TREE_MANAGER", "DISCORD_REST", "LOG_LEVEL")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *command,
            cwd=self.folder,
            env=clean | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode is not None
        assert b"Traceback" not in errors, errors.decode()
        return Ended(process.returncode, output.decode().splitlines(), errors.decode().splitlines())


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
def tree_manager() -> TreeManagerSettings:
    """Give the numbers by which trees grow; a handful of people suffices."""
    return TreeManagerSettings.model_validate({"preset": "small"})


@pytest.fixture
def backend_settings(tmp_path: Path, tree_manager: TreeManagerSettings) -> BackendSettings:
    return BackendSettings(
        _env_file=None,
        backend_database_url=backend_database(tmp_path / "backend.db"),
        backend_port=0,
        backend_api_keys=[SecretStr(KEY)],
        tree_manager=tree_manager,
    )


@pytest.fixture
async def backend(backend_settings: BackendSettings) -> AsyncIterator[BackendServer]:
    server = await asyncio.to_thread(BackendServer(backend_settings).start)
    yield server
    await asyncio.to_thread(server.close)


@pytest.fixture
async def bot_process(sandbox: Sandbox, backend: BackendServer, tmp_path: Path) -> AsyncIterator[BotProcess]:
    process = BotProcess(sandbox, backend, tmp_path)
    await process.start()
    yield process
    await process.stop()
    sys.stderr.write(process.log.read_text())


async def first_task(person: Actor, kind: str) -> Channel:
    """Ask for a first task, accept the terms, and give the thread that opens."""
    before = person.threads()
    terms = (await person.command("task", type=kind)).message
    assert terms is not None
    await welcomed(person, terms)
    return (
        await person.until(lambda: [one for one in person.threads() if one not in before], what="the thread")
    )[0]


async def control(person: Actor, thread: Channel, label: str) -> MessageView:
    """Wait for a message in a thread that has a button, and give the newest."""

    def look() -> MessageView | None:
        found = [one for one in person.messages(thread) if label in one.buttons]
        return found[-1] if found else None

    found = await person.until(look, what=f"the button {label}")
    assert found is not None
    return found


async def said(person: Actor, thread: Channel, words: Callable[[str], bool], what: str) -> MessageView:
    """Wait for a message in a thread whose readable text fits."""

    def look() -> MessageView | None:
        return next((one for one in person.messages(thread) if words(one.text)), None)

    found = await person.until(look, what=what)
    assert found is not None
    return found
