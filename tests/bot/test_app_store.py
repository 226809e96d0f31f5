"""The bot's memory: transactions, one open task per person, and the order of the outbox."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from bot.errors import DatabaseError
from bot.store import Store
from bot.store.database import MIGRATIONS, migrate
from bot.store.outbox import OutboxKind, OutboxState
from bot.store.sessions import OpenTaskError, Place, Session, SessionState
from oasst_client import (
    AuthMethod,
    InitialPromptTask,
    TaskRequestType,
    TextLabels,
    TextReplyToMessage,
    User,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
numbers: Iterator[int] = count(1)


def a_session(user_id: int, **changes: object) -> Session:
    number = next(numbers)
    session = Session(
        code=f"{number:08x}",
        user_id=user_id,
        display_name="Alice",
        locale="de",
        guild_id=7,
        place=Place.thread,
        parent_id=8,
        thread_id=9,
        posted_after=1,
        ack_message_id=None,
        control_message_id=None,
        task=InitialPromptTask(id=UUID(int=number)),
        lang="de",
        requested_type=TaskRequestType.random,
        state=SessionState.offered,
        form_state="{}",
        problem=None,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=47),
        ended_at=None,
    )
    return replace(session, **changes)  # type: ignore[arg-type]  # any field


async def test_a_session_comes_back_as_it_was(store: Store) -> None:
    session = a_session(1)
    await store.sessions.add(session)
    assert await store.sessions.by_code(session.code) == session
    assert await store.sessions.live_of(1) == session


async def test_a_person_has_one_open_task(store: Store) -> None:
    first = a_session(1)
    await store.sessions.add(first)
    with pytest.raises(OpenTaskError):
        await store.sessions.add(a_session(1))
    await store.sessions.add(a_session(2))
    await store.sessions.end(first.code, SessionState.skipped, NOW)
    await store.sessions.add(a_session(1))


async def test_the_acked_id_stays_when_the_controls_move(store: Store) -> None:
    session = a_session(1)
    await store.sessions.add(session)
    await store.sessions.set_posted(session.code, 100)
    await store.sessions.move_controls(session.code, 200)
    found = await store.sessions.by_control(200)
    assert found is not None
    assert (found.ack_message_id, found.state) == (100, SessionState.open)
    assert await store.sessions.by_control(100) is None


async def test_only_live_sessions_are_overdue(store: Store) -> None:
    live, over = a_session(1), a_session(2)
    for session in (live, over):
        await store.sessions.add(session)
    await store.sessions.end(over.code, SessionState.delivered, NOW)
    assert await store.sessions.overdue(NOW + timedelta(hours=46)) == []
    assert await store.sessions.overdue(NOW + timedelta(hours=47)) == [live]


async def test_what_belongs_to_one_task_goes_one_after_the_other(store: Store) -> None:
    mine, other = a_session(1), a_session(2)
    for session in (mine, other):
        await store.sessions.add(session)
    ack = await store.outbox.add_ack(mine.code, mine.user, mine.task_id, 100, NOW)
    text = TextReplyToMessage(user=mine.user, message_id="100", user_message_id="101", text="hello")
    answer = await store.outbox.add_answer(mine.code, mine.task_id, text, NOW)
    others = await store.outbox.add_ack(other.code, other.user, other.task_id, 200, NOW)
    assert [entry.id for entry in await store.outbox.due(NOW, 10)] == [ack, others]
    await store.outbox.postpone(ack, NOW + timedelta(seconds=9), error_code=0, error_message="TransportError")
    assert [entry.id for entry in await store.outbox.due(NOW, 10)] == [others]
    await store.outbox.hurry(NOW)
    await store.outbox.settle(ack, OutboxState.done, NOW)
    due = {entry.id: entry for entry in await store.outbox.due(NOW, 10)}
    assert due.keys() == {answer, others}
    assert due[answer].kind is OutboxKind.answer
    assert [entry.id for entry in await store.outbox.waiting_of(1)] == [answer]


async def test_later_labels_of_a_person_wait_for_the_earlier_ones(store: Store) -> None:
    def labels(user_id: int) -> TextLabels:
        user = User(id=str(user_id), display_name="Alice", auth_method=AuthMethod.discord)
        return TextLabels(user=user, text="", labels={"spam": 1}, message_id=UUID(int=1))

    first, second, others = [await store.outbox.add_labels(labels(user_id), NOW) for user_id in (1, 1, 2)]
    await store.outbox.postpone(first, NOW + timedelta(seconds=1), error_code=0, error_message="x")
    assert [entry.id for entry in await store.outbox.due(NOW, 10)] == [others]
    await store.outbox.settle(first, OutboxState.done, NOW)
    assert [entry.id for entry in await store.outbox.due(NOW, 10)] == [second, others]


async def test_a_transaction_holds_or_does_not(store: Store) -> None:
    session = a_session(1)

    async def undone() -> None:
        async with store.database.transaction():
            await store.sessions.add(session)
            assert await store.sessions.by_code(session.code) is not None
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undone()
    assert await store.sessions.by_code(session.code) is None


async def test_nobody_elses_statement_falls_into_a_transaction(store: Store) -> None:
    inside, release = asyncio.Event(), asyncio.Event()

    async def undone() -> None:
        async with store.database.transaction():
            inside.set()
            await release.wait()
            raise RuntimeError

    undoing = asyncio.create_task(undone())
    await inside.wait()
    other = a_session(2)
    adding = asyncio.create_task(store.sessions.add(other))
    release.set()
    with pytest.raises(RuntimeError):
        await undoing
    await adding
    assert await store.sessions.by_code(other.code) == other


async def test_a_cancelled_transaction_is_undone_and_blocks_nobody(store: Store) -> None:
    inside = asyncio.Event()

    async def endless() -> None:
        async with store.database.transaction():
            await store.sessions.add(a_session(3))
            inside.set()
            await asyncio.Event().wait()

    running = asyncio.create_task(endless())
    await inside.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await store.sessions.live_of(3) is None
    await store.sessions.add(a_session(3))


async def test_the_file_is_kept_with_care(store: Store, tmp_path: Path) -> None:
    for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        row = await store.database.fetch_one(f"PRAGMA {pragma}")
        assert row is not None
        assert row[0] == wanted
    assert (tmp_path / "store.db").exists()


VERSIONS = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_older_version_is_brought_up_to_date(tmp_path: Path, version: str) -> None:
    path = tmp_path / "old.db"
    migrate(path, version)
    store = Store.at(f"sqlite+aiosqlite:///{path}")
    await store.open()
    session = a_session(1)
    await store.sessions.add(session)
    row = await store.database.fetch_one("SELECT version_num FROM alembic_version")
    assert row is not None
    assert row[0] == VERSIONS[-1]
    await store.close()


async def test_a_cancelled_beginning_blocks_nobody(store: Store) -> None:
    async def begin() -> None:
        async with store.database.transaction():
            pass

    for _ in range(20):
        beginning = asyncio.create_task(begin())
        await asyncio.sleep(0)
        beginning.cancel()
        await asyncio.gather(beginning, return_exceptions=True)
    session = a_session(4)
    async with store.database.transaction():
        await store.sessions.add(session)
    assert await store.sessions.live_of(4) == session


async def test_a_database_of_a_newer_bot_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    store = Store.at(f"sqlite+aiosqlite:///{path}")
    with pytest.raises(DatabaseError, match=r"newer\.db was written by a newer version of the bot"):
        await store.open()


async def test_a_database_that_another_process_holds_is_said(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    migrate(path)
    store = Store.at(f"sqlite+aiosqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseError, match=r"held\.db is in use by another process"):
            await store.open()
