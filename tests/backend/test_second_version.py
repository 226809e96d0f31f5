"""A database of the second version of the schema goes on: what was handed out by it can be answered."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command

from oasst_backend.server import BackendServer
from oasst_backend.service.keys import key_hash
from oasst_backend.storage.engine import open_engine
from oasst_backend.storage.migrate import alembic_config
from oasst_client import OasstApiClient, TaskRequestType

KEY = "a-key-of-the-tests"
MOMENT, EXPIRY = "2026-03-14 11:00:00.000000", "2026-03-16 11:00:00.000000"
CLIENT_ID, ANN_ID = "00000000-0000-4000-8000-0000000000f0", "00000000-0000-4000-8000-0000000000a0"
COLUMNS = (
    "id, type, kind, lang, api_client_id, person_id, payload, collective, created_date, expiry_date, "
    "reserved_until, frontend_message_id, is_open, done"
)


async def test_tasks_of_the_second_version_can_be_answered_and_new_ones_found_by_their_keys(
    database: Path,
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    differences: Callable[..., list[str]],
) -> None:
    _make_second_version(database)
    before = _tasks(database)
    assert len(before) == 3
    server = start_backend()
    assert _tasks(database) == before
    ann = worker_at(connect(server), "ann")
    await ann.write(TaskRequestType.initial_prompt, "Why is the sky blue?", shown="shown-1")
    task = await ann.fetch(TaskRequestType.initial_prompt, request_key="one")
    assert await ann.client.find_asked_task("one", ann.user) == task
    assert await ann.client.find_asked_task("two", ann.user) is None
    assert differences(server) == []


def _tasks(database: Path) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(f"SELECT {COLUMNS} FROM tasks ORDER BY id").fetchall()  # noqa: S608  # our own names


def _make_second_version(database: Path) -> None:
    """Two prompts that ann has in hand, one of them shown, and one that is done."""
    database.parent.mkdir()
    config = alembic_config()
    engine = open_engine(database, "write")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    engine.dispose()
    with closing(sqlite3.connect(database)) as raw:
        raw.execute(
            "INSERT INTO api_clients (id, name, key_hash, trusted, enabled, from_settings, created_date) "
            "VALUES (?, 'settings', ?, 1, 1, 1, ?)",
            (CLIENT_ID, key_hash(KEY), MOMENT),
        )
        raw.execute(
            "INSERT INTO people (id, auth_method, username, display_name, enabled, deleted, "
            "show_on_leaderboard, notes, created_date, streak_days) "
            "VALUES (?, 'discord', 'id-ann', 'Ann', 1, 0, 1, '', ?, 0)",
            (ANN_ID, MOMENT),
        )
        for number, shown, reserved, is_open in (
            (1, "shown-1", "2026-03-14 12:30:00.000000", 1),
            (2, None, "2026-03-14 12:30:00.000000", 1),
            (3, "shown-3", None, 0),
        ):
            raw.execute(
                f"INSERT INTO tasks ({COLUMNS}) "  # noqa: S608  # our own names
                "VALUES (?, 'initial_prompt', 'prompt', 'en', ?, ?, '{}', 0, ?, ?, ?, ?, ?, ?)",
                (
                    f"00000000-0000-4000-8000-00000000000{number}",
                    *(CLIENT_ID, ANN_ID, MOMENT, EXPIRY, reserved, shown, is_open, 1 - is_open),
                ),
            )
        raw.commit()
