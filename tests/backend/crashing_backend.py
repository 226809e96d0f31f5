"""Serves backends that die: has everything imported once, and forks a backend for each line on its stdin.

A line is JSON: `{database, port, rules, minutes, start_commit, when}`. `minutes` is how far the backend's
clock is ahead. With `start_commit` it kills itself `before` or `after` (`when`) that commit of its own start,
the first being 1. SIGUSR1 and SIGUSR2 have it die before and after its next commit. It says
`ready PID COMMITS` once it serves, `armed` after such a signal, and `ended STATUS` when it is gone.
"""

import json
import os
import random
import select
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from oasst_backend.logs import set_up_logging
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_backend.storage import database
from oasst_backend.storage.engine import open_engine

KEY = "a-key-of-the-tests"
ARMING = {signal.SIGUSR1: "before", signal.SIGUSR2: "after"}
POLL_SECONDS = 0.005


class Commits:
    """Counts the commits of the writer, and kills the process at one of them."""

    def __init__(self, at: int | None, when: str) -> None:
        self.count = 0
        self.at = at
        self.when = when

    def arm(self, when: str) -> None:
        """Die before or after the next commit."""
        self.when = when
        self.at = self.count + 1

    def commit(self, original: Callable[[Any], None], connection: object) -> None:
        """Commit, and die where it was asked for."""
        self.count += 1
        is_due = self.count == self.at
        if is_due and self.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        original(connection)
        if is_due:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_writer(self) -> None:
        """Have every engine that writes commit through here."""

        def opened(path: Path, use: Literal["write", "read"]) -> sa.Engine:
            engine = open_engine(path, use)
            if use == "write":
                original = engine.dialect.do_commit
                # SQLAlchemy tells of a commit before it is made, and not afterwards.
                vars(engine.dialect)["do_commit"] = lambda connection: self.commit(original, connection)
            return engine

        vars(database)["open_engine"] = opened


def settings_for(path: str, port: int, rules: dict[str, Any]) -> BackendSettings:
    """Build the settings, from nothing but what was asked for."""
    given: dict[str, Any] = {"_env_file": None, "tree_manager": rules}
    return BackendSettings(
        **given, backend_database_url=f"sqlite:///{path}", backend_port=port, backend_api_keys=[KEY]
    )


def say(words: str) -> None:
    """Write a line at once, whoever else writes."""
    os.write(1, f"{words}\n".encode())


def serve(order: dict[str, Any]) -> None:
    """Be a backend until it is killed, or left alone."""
    forked_from = os.getppid()
    signal.pthread_sigmask(signal.SIG_BLOCK, ARMING)
    commits = Commits(order["start_commit"], order["when"])
    commits.watch_writer()
    ahead = timedelta(minutes=order["minutes"])
    BackendServer(
        settings_for(order["database"], order["port"], order["rules"]),
        clock=lambda: datetime.now(UTC) + ahead,
        rng=random.Random(order["minutes"]),  # noqa: S311  # draws that repeat
    ).start()
    say(f"ready {os.getpid()} {commits.count}")
    while os.getppid() == forked_from:
        if (caught := signal.sigtimedwait(ARMING, 1)) is not None:
            commits.arm(ARMING[signal.Signals(caught.si_signo)])
            say("armed")


def wait_for(child: int) -> int | None:
    """Wait until a child has ended; None, and an end to it, if our own stdin was closed before."""
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if select.select([sys.stdin], [], [], 0)[0]:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(POLL_SECONDS)


def warm_up() -> None:
    """Serve once, so that everything which is imported late is there before the first fork."""
    with tempfile.TemporaryDirectory() as folder:
        BackendServer(settings_for(f"{folder}/backend.db", 0, {})).start().close()
    # A fork copies the thread that forks alone; none may be left that another one waits for.
    assert threading.active_count() == 1


def main() -> None:
    """Fork a backend for each line, one after the other."""
    set_up_logging()
    warm_up()
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            try:
                serve(json.loads(line))
            finally:
                os._exit(1)
        if (status := wait_for(child)) is None:
            return
        say(f"ended {status}")


if __name__ == "__main__":
    main()
