"""Starts backends that die, and looks at what they leave behind."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal, Self

from oasst_backend.service import upkeep
from oasst_backend.service.context import Context
from oasst_backend.storage.engine import open_engine
from tests.backend.crashing_backend import settings_for
from tests.backend.ledgers import Ledger
from tests.backend.truths import answers_kept, broken_limits, unsound

When = Literal["before", "after"]

ROOT = Path(__file__).parents[2]
START_SECONDS = 20.0
SIGNALS = {"before": signal.SIGUSR1, "after": signal.SIGUSR2}

LATER = 40
"""Minutes by which the clock is ahead of itself after each start: whatever was reserved is free again."""


@dataclass
class CrashingBackends:
    """One backend after the other on one database; see `crashing_backend`.

    Attributes:
        database: the file.
        rules: the numbers that it is run with.
        minutes: how far the backend's clock is ahead.
        pid: the process of the backend that serves.
        start_commits: the commits that it took to start.
    """

    database: Path
    rules: dict[str, Any]
    minutes: int = 0
    pid: int = 0
    start_commits: int = 0
    port: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        self.database.parent.mkdir(exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._engine = open_engine(self.database, "read")
        self._log = (self.database.parent / "log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.backend.crashing_backend"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if "TREE_MANAGER" not in name},
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(START_SECONDS)
        finally:
            self._process.kill()
            self._process.stdout.close()
            self._log.close()
            self._engine.dispose()

    @property
    def url(self) -> str:
        """Where the backends listen, one after the other."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, start_commit: int | None = None, when: When = "before") -> bool:
        """Start a backend; gives whether it serves, or died at `start_commit` while it started."""
        self.minutes += LATER
        order = {
            "database": str(self.database),
            "port": self.port,
            "rules": self.rules,
            "minutes": self.minutes,
            "start_commit": start_commit,
            "when": when,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(order)}\n".encode())
        self._process.stdin.flush()
        words = self._hear()
        if words[0] == "ready":
            self.pid, self.start_commits = int(words[1]), int(words[2])
            return True
        self._assert_killed(words)
        return False

    def arm(self, when: When) -> None:
        """Have the backend die before or after its next commit."""
        os.kill(self.pid, SIGNALS[when])
        assert self._hear() == ["armed"]

    def kill(self) -> None:
        """Kill the backend at once."""
        os.kill(self.pid, signal.SIGKILL)

    def wait_until_dead(self) -> None:
        """Wait for the end of a backend that is armed or killed."""
        self._assert_killed(self._hear())

    def log(self) -> str:
        """Everything that the backends have logged."""
        self._log.flush()
        return (self.database.parent / "log").read_text(encoding="utf-8")

    def faults(self, ledger: Ledger) -> list[str]:
        """Say what is wrong with the database beside the running backend."""
        settings = settings_for(str(self.database), self.port, self.rules)
        now = datetime.now(UTC) + timedelta(minutes=self.minutes)
        context = Context(settings, now, Random(0))  # noqa: S311  # nothing is drawn
        try:
            with self._engine.connect() as connection, connection.begin():
                drifted = upkeep.check(connection, context)
        finally:
            # An open connection would keep alive what the next backend has to recover by itself.
            self._engine.dispose()
        return [
            *unsound(self.database),
            *drifted,
            *broken_limits(self.database, settings.tree_manager, ledger),
            *answers_kept(self.database, ledger),
        ]

    def _hear(self) -> list[str]:
        assert self._process.stdout is not None
        heard = b""
        while not heard.endswith(b"\n"):
            if not select.select([self._process.stdout], [], [], START_SECONDS)[0]:
                raise AssertionError(f"the backend says nothing\n{self.log()}")
            piece = os.read(self._process.stdout.fileno(), 1)
            if not piece:
                raise AssertionError(f"the backend's host is gone\n{self.log()}")
            heard += piece
        return heard.decode().split()

    def _assert_killed(self, words: list[str]) -> None:
        assert words == ["ended", str(-signal.SIGKILL)], (words, self.log())
