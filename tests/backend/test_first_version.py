"""A database of the first version of the schema goes on: nothing is lost, and its work can be done."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command

from oasst_backend.server import BackendServer
from oasst_backend.service.keys import key_hash
from oasst_backend.storage.engine import open_engine
from oasst_backend.storage.migrate import alembic_config
from oasst_backend.storage.tables import open_work, trees
from oasst_client import (
    LeaderboardTimeFrame,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    TextLabels,
)

KEY = "a-key-of-the-tests"


async def test_a_database_of_the_first_version_goes_on(
    database: Path,
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    differences: Callable[..., list[str]],
) -> None:
    _make_first_version(database)
    server = start_backend()
    client = connect(server)
    dan = worker_at(client, "dan")
    available = await client.fetch_availability(dan.user)
    assert available["label_assistant_reply"] == 1
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total, user=dan.user)
    assert {row.username: row.replies_assistant for row in board.leaderboard} == {"bob": 2}
    await dan.label(TaskRequestType.label_assistant_reply)
    await dan.rank(TaskRequestType.rank_assistant_replies)
    assert server.storage is not None
    states = server.storage.read_now(lambda connection: connection.execute(sa.select(trees.c.state)).all())
    assert states == [("ready_for_export",)]
    assert server.storage.read_now(lambda connection: connection.execute(sa.select(open_work)).all()) == []
    assert differences(server) == []


async def test_tasks_of_the_first_version_can_be_answered(
    database: Path,
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    differences: Callable[..., list[str]],
) -> None:
    _make_first_version(database)
    _add_tasks_of_first_version(database)
    before = _rows_of_both_versions(database)
    server = start_backend()
    assert _rows_of_both_versions(database) == before
    client = connect(server)
    dan, eve = worker_at(client, "dan"), worker_at(client, "eve")
    # One that was acked, one that was not, and one that was done.
    labels = {"user": dan.user, "text": "", "labels": {"spam": 0}}
    await client.post_interaction(TextLabels(**labels, message_id=UUID(_id(3)), task_id=UUID(_id(0xA))))
    await client.ack_task(UUID(_id(0xB)), "shown-b")
    await eve.write(TaskRequestType.initial_prompt, "Who asks?", shown="shown-b")
    with pytest.raises(RefusedError):
        await client.post_interaction(TextLabels(**labels, message_id=UUID(_id(2)), task_id=UUID(_id(0xC))))
    with closing(sqlite3.connect(database)) as connection:
        answered = connection.execute("SELECT id, done FROM tasks ORDER BY id").fetchall()
        counted = connection.execute(
            "SELECT message_id, counted FROM labellings ORDER BY message_id"
        ).fetchall()
        review = connection.execute(
            "SELECT review_count, review_result FROM messages WHERE id = ?", (_id(3),)
        )
        assert review.fetchone() == (1, 1)
    assert answered == [(_id(0xA), 1), (_id(0xB), 1), (_id(0xC), 1)]
    assert counted == [(_id(2), 1), (_id(3), 1)]
    assert differences(server) == []


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _make_first_version(database: Path) -> None:
    database.parent.mkdir()
    config = alembic_config()
    engine = open_engine(database, "write")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    _fill_first_version(database)


def _rows_of_both_versions(database: Path) -> dict[str, list[Any]]:
    """Read what the first version kept of tasks, labels and rankings, by names that both versions know."""
    columns = {
        "tasks": "id, type, kind, lang, api_client_id, person_id, tree_id, payload, expiry_date, "
        "frontend_message_id, is_open, done",
        "labellings": "id, message_id, person_id, task_id, mode, labels, counted, created_date",
        "rankings": "id, parent_id, tree_id, person_id, ranked_ids, not_rankable, counted, good",
    }
    with closing(sqlite3.connect(database)) as connection:
        return {
            table: connection.execute(f"SELECT {names} FROM {table} ORDER BY id").fetchall()  # noqa: S608  # our own names
            for table, names in columns.items()
        }


def _add_tasks_of_first_version(database: Path) -> None:
    """A review that dan was shown, a prompt that eve has in hand, cat's review that is done, and a ballot."""
    moment, expiry = "2026-03-14 11:00:00.000000", "2026-03-16 11:00:00.000000"
    client_id = _id(0xF0)
    people = {"cat": _id(0xC0), "dan": _id(0xD0), "eve": _id(0xE0)}
    review = json.dumps({"mode": "simple", "valid": ["spam"], "mandatory": ["spam"]})
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO api_clients VALUES (?, 'settings', ?, 1, 1, 1, ?)",
            (client_id, key_hash(KEY), moment),
        )
        for name, person_id in people.items():
            connection.execute(
                "INSERT INTO people VALUES (?, 'discord', ?, ?, 1, 0, 1, '', ?, NULL, NULL, 0, NULL)",
                (person_id, f"id-{name}", name.title(), moment),
            )
        for number, task_type, kind, person, message, payload, shown, is_open in (
            (0xA, "label_assistant_reply", "review", "dan", _id(3), review, "shown-a", 1),
            (0xB, "initial_prompt", "prompt", "eve", None, "{}", None, 1),
            (0xC, "label_assistant_reply", "review", "cat", _id(2), review, "shown-c", 0),
        ):
            connection.execute(
                "INSERT INTO tasks (id, type, kind, lang, api_client_id, person_id, message_id, tree_id, "
                "payload, collective, created_date, expiry_date, frontend_message_id, is_open, done) "
                "VALUES (?, ?, ?, 'en', ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)",
                (
                    *(_id(number), task_type, kind, client_id, people[person], message, message and _id(1)),
                    *(payload, moment, expiry, shown, is_open, 1 - is_open),
                ),
            )
        connection.execute(
            "INSERT INTO labellings VALUES (?, ?, ?, ?, 'simple', '{\"spam\": 0}', '', 0, 1, ?)",
            (_id(0x10), _id(2), people["cat"], _id(0xC), moment),
        )
        connection.execute(
            "INSERT INTO rankings VALUES (?, ?, ?, ?, NULL, ?, 0, 0, NULL, ?)",
            (_id(0x11), _id(1), _id(1), people["cat"], json.dumps([_id(3), _id(2)]), moment),
        )
        connection.commit()


def _fill_first_version(database: Path) -> None:
    """A tree of three messages, one of them under review, as the first version of the schema kept it."""
    moment = "2026-01-01 00:00:00.000000"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO people VALUES ('00000000-0000-4000-8000-0000000000b0', 'discord', 'bob', 'Bob', "
            "1, 0, 1, '', ?, NULL, NULL, 0, NULL)",
            (moment,),
        )
        connection.execute(
            "INSERT INTO trees (id, state, lang, goal_tree_size, max_depth, max_children_count, "
            "created_date, won_prompt_lottery_date, reply_places) VALUES "
            "('00000000-0000-4000-8000-000000000001', 'growing', 'en', 3, 1, 2, ?, ?, 0)",
            (moment, moment),
        )
        for place, (parent, verdict, role) in enumerate(
            ((None, 1, "prompter"), (1, 1, "assistant"), (1, None, "assistant")), start=1
        ):
            connection.execute(
                "INSERT INTO messages (id, tree_id, parent_id, person_id, source, role, depth, lang, text, "
                "text_hash, created_date, deleted, synthetic, late, review_count, review_result, "
                "ranking_count, children_count, reply_slots, review_slots, ranking_slots, shuffle) "
                "VALUES (?, '00000000-0000-4000-8000-000000000001', ?, ?, 'person', ?, ?, 'en', ?, ?, ?, "
                "0, 0, 0, ?, ?, 0, 0, 0, 0, 0, 0.5)",
                (
                    f"00000000-0000-4000-8000-00000000000{place}",
                    parent and f"00000000-0000-4000-8000-00000000000{parent}",
                    "00000000-0000-4000-8000-0000000000b0" if parent else None,
                    role,
                    int(parent is not None),
                    f"text {place}",
                    f"hash {place}",
                    moment,
                    int(verdict or 0),
                    verdict,
                ),
            )
        connection.commit()
