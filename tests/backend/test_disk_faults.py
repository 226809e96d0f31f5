"""A disk that is full and a database that others hold: a clear error, nothing lost, and on it goes."""

import random
import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from oasst_backend.api import operations
from oasst_backend.server import BackendServer
from oasst_backend.storage.engine import PRAGMAS
from oasst_client import TaskRequestType
from tests.backend.bare_calls import Answer, Api
from tests.backend.crashing import CrashingBackends
from tests.backend.crashing_backend import KEY
from tests.backend.ledgers import Held
from tests.backend.playing import Play, interaction_for
from tests.backend.truths import answers_kept, look, unsound

NOT_KEPT = (503, 4)
ROOM = 500_000
"""Bytes by which the files may still grow: a few answers fit, and then none."""

RULES: dict[str, Any] = {"max_initial_prompt_review": 1000, "max_pending_tasks_per_user": 1000}


def long_answer(held: Held) -> dict[str, Any]:
    """Build an answer that takes some room."""
    answer = interaction_for(held.task, held.person, held.shown, random.Random(held.shown))  # noqa: S311  # the same each time
    return answer | {"text": f"{answer['text']} {'.' * 1800}"}


def limit_files(pid: int, size: int) -> None:
    """Have the system refuse a process to write beyond this size of any file."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits the files of another process")
def test_a_full_disk_loses_nothing_and_the_service_goes_on_when_there_is_room(database: Path) -> None:
    with CrashingBackends(database, RULES) as backends, closing(Api(backends.url, KEY)) as api:
        assert backends.start()
        play = Play(api)
        hands = [
            held
            for person in ("ann", "bob")
            for _ in range(20)
            if (held := play.take(person, "initial_prompt"))
        ]
        assert len(hands) == 40
        limit_files(backends.pid, Path(f"{database}-wal").stat().st_size + ROOM)
        refused = []
        for held in hands:
            answer = api.call("POST", "/api/v1/tasks/interaction", long_answer(held))
            if answer.status == 200:
                play.note(held, long_answer(held))
            else:
                assert answer.outcome == NOT_KEPT, answer
                refused.append(held)
        assert 0 < len(play.ledger.deeds) < len(hands)
        # What is there can still be read, and what was answered is there.
        assert api.call("GET", "/api/v1/leaderboards/total").status == 200
        assert answers_kept(database, play.ledger) == []

        limit_files(backends.pid, resource.RLIM_INFINITY)
        for held in refused:
            answer = play.hand_in(held, long_answer(held))
            assert answer.status == 200
        assert len(play.ledger.deeds) == len(hands)
        assert backends.faults(play.ledger) == []
        backends.kill()
        backends.wait_until_dead()
        assert backends.start()
        assert backends.faults(play.ledger) == []


async def test_a_locked_database_is_a_clear_error_and_passes(
    monkeypatch: pytest.MonkeyPatch,
    start_backend: Callable[..., BackendServer],
    database: Path,
) -> None:
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 200)
    monkeypatch.setattr(operations, "HEALTH_SECONDS", 0.0)
    server = start_backend()
    with (
        closing(Api(server.url, KEY)) as api,
        closing(sqlite3.connect(database, isolation_level=None)) as other,
    ):
        play = Play(api)
        held = play.take("ann", TaskRequestType.initial_prompt.value)
        assert held is not None
        interaction = long_answer(held)
        other.execute("BEGIN IMMEDIATE")
        for method, path, body in (
            ("POST", "/api/v1/tasks/interaction", interaction),
            ("POST", "/api/v1/tasks/", {"type": "random", "user": interaction["user"]}),
            ("GET", "/healthz", None),
        ):
            answer: Answer = api.call(method, path, body)
            assert answer.outcome == NOT_KEPT, answer
            assert "database" in answer.body["message"]
        assert api.call("GET", "/api/v1/leaderboards/total").status == 200
        other.execute("ROLLBACK")

        assert play.hand_in(held, interaction).status == 200
        assert answers_kept(database, play.ledger) == []
        assert [row[0] for row in look(database, "SELECT count(*) FROM messages")] == [1]
        assert unsound(database) == []
