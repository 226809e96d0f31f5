"""Fills a database with trees in every phase of their life, half of them active, for the benchmarks."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.planting import NewMessage, add_message, add_tree
from oasst_backend.service.startup import prepare
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

TEXT = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all. " * 4
"""What every message says: about 300 characters, as people write them."""

PATTERNS: Sequence[tuple[TreeState, Sequence[tuple[int | None, bool | None]]]] = (
    # Each message by its parent's place and its verdict; the tree's state follows from them.
    (TreeState.initial_prompt_review, [(None, None)]),
    (TreeState.growing, [(None, True), (0, True), (0, None), (1, True), (3, None)]),
    (TreeState.growing, [(None, True), (0, True), (0, True), (0, None), (1, True), (4, True), (4, None)]),
    (TreeState.ranking, [(None, True), *[(0, True)] * 3, (1, True), *[(4, True)] * 3]),
    *[(TreeState.ready_for_export, [(None, True), *[(0, True)] * 3, (1, True), *[(4, True)] * 3])] * 4,
)
"""Four active trees and four finished ones."""


def fill(path: Path, settings: BackendSettings, trees: int) -> None:
    """Make a database with this many trees; one set of patterns grows by the rules, the others are copies."""
    with Storage(f"sqlite:///{path}") as storage:
        now = datetime.now(UTC)
        chance = random.Random(1)  # noqa: S311  # the same trees every time
        version = storage.write_now(lambda connection: prepare(connection, Context(settings, now, chance)))
        context = Context(settings, now, chance, version)
        storage.write_now(lambda connection: _plant_all(connection, context))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        _copy(connection, trees, chance)


def _plant_all(connection: sa.Connection, context: Context) -> None:
    for state, shape in PATTERNS:
        _plant(connection, context, state, shape)


def _plant(
    connection: sa.Connection,
    context: Context,
    state: TreeState,
    shape: Sequence[tuple[int | None, bool | None]],
) -> None:
    ids = [str(UUID(int=context.rng.getrandbits(128), version=4)) for _ in shape]
    goal = len(shape) if state in {TreeState.ranking, TreeState.ready_for_export} else 12
    won = state is not TreeState.initial_prompt_review
    add_tree(
        connection, context, tree_id=ids[0], lang="en", state=state, goal_tree_size=goal, won_lottery=won
    )
    depths = [0] * len(shape)
    for place, (parent, verdict) in enumerate(shape):
        depths[place] = 0 if parent is None else depths[parent] + 1
        message = NewMessage(
            id=ids[place],
            tree_id=ids[0],
            parent_id=None if parent is None else ids[parent],
            depth=depths[place],
            role="assistant" if depths[place] % 2 else "prompter",
            lang="en",
            text=TEXT,
            source="import",
            created_date=context.now,
            review_result=verdict,
            review_count=3 if verdict else 0,
        )
        add_message(connection, message)
    if state is not TreeState.ready_for_export:
        refresh_tree(connection, context, ids[0])


def _copy(connection: sqlite3.Connection, trees: int, chance: random.Random) -> None:
    connection.row_factory = sqlite3.Row
    patterns = {row["id"]: dict(row) for row in connection.execute("SELECT * FROM trees")}
    parts = {
        name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY {order}")]  # noqa: S608  # our own names
        for name, order in (("messages", "depth"), ("open_work", "subject_id"))
    }
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    order = list(patterns)
    for start in range(len(patterns), trees, 1000):
        copies = [order[number % len(order)] for number in range(start, min(start + 1000, trees))]
        _insert(connection, "trees", list(_trees(patterns, copies, new := _new_ids(parts, copies, chance))))
        for name, rows in parts.items():
            _insert(connection, name, list(_rows(rows, copies, new, chance)))
    connection.execute("DELETE FROM tree_counts")
    connection.execute("INSERT INTO tree_counts SELECT lang, state, count(*) FROM trees GROUP BY lang, state")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _new_ids(
    parts: dict[str, list[dict[str, Any]]], copies: list[str], chance: random.Random
) -> list[dict[str, str]]:
    ids: dict[str, list[str]] = {}
    for row in parts["messages"]:
        ids.setdefault(row["tree_id"], []).append(row["id"])
    return [
        {old: str(UUID(int=chance.getrandbits(128), version=4)) for old in ids[tree_id]} for tree_id in copies
    ]


def _trees(
    patterns: dict[str, dict[str, Any]], copies: list[str], new: list[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    for tree_id, ids in zip(copies, new, strict=True):
        yield {**patterns[tree_id], "id": ids[tree_id]}


def _rows(
    rows: list[dict[str, Any]], copies: list[str], new: list[dict[str, str]], chance: random.Random
) -> Iterator[dict[str, Any]]:
    of_tree: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        of_tree.setdefault(row["tree_id"], []).append(row)
    for tree_id, ids in zip(copies, new, strict=True):
        for row in of_tree.get(tree_id, []):
            changed: dict[str, Any] = {
                name: ids.get(row[name], row[name])
                for name in ("id", "tree_id", "parent_id", "subject_id")
                if name in row
            }
            if "shuffle" in row:
                changed["shuffle"] = chance.random()
            yield {**row, **changed}


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = ", ".join(rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)  # noqa: S608  # our own names
