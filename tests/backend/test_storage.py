"""The writer commits in groups, undoes only what failed, and every connection is as safe as promised."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from oasst_backend.errors import DatabaseUnusableError
from oasst_backend.storage.database import Storage
from oasst_backend.storage.engine import PRAGMAS, check_pragmas
from oasst_backend.storage.migrate import alembic_config
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import facts, messages, metadata
from oasst_backend.storage.writer import WriterClosedError
from tests.made_databases import backend_database


@pytest.fixture
def storage(database: Path) -> Iterator[Storage]:
    with Storage(backend_database(database)) as opened:
        yield opened


def keep(name: str) -> Any:  # noqa: ANN401  # a transaction
    """Make a transaction that writes one row."""
    return lambda connection: connection.execute(facts.insert(), {"name": name, "value": "x"})


def kept(storage: Storage) -> set[str]:
    return set(
        storage.read_now(lambda connection: connection.execute(sa.select(facts.c.name)).scalars().all())
    )


def hold_back(storage: Storage) -> tuple[threading.Event, Future[Any]]:
    """Keep the writer busy until the event is set, so that what comes meanwhile forms a group."""
    started, go = threading.Event(), threading.Event()

    def wait(_connection: sa.Connection) -> None:
        started.set()
        assert go.wait(10)

    future = storage.writer.submit(wait)
    assert started.wait(10)
    return go, future


def test_what_waits_together_is_committed_together(storage: Storage) -> None:
    go, first = hold_back(storage)
    before = storage.writer.commits
    futures = [storage.writer.submit(keep(f"fact{number}")) for number in range(10)]
    go.set()
    for future in (first, *futures):
        future.result(10)
    assert storage.writer.commits == before + 2
    assert len(kept(storage)) == 10


def test_a_function_that_fails_is_undone_alone(storage: Storage) -> None:
    def write_and_fail(connection: sa.Connection) -> None:
        keep("lost")(connection)
        raise LookupError("no")

    go, _ = hold_back(storage)
    good = storage.writer.submit(keep("one"))
    bad = storage.writer.submit(write_and_fail)
    broken = storage.writer.submit(keep("one"))
    last = storage.writer.submit(keep("two"))
    go.set()
    good.result(10)
    last.result(10)
    with pytest.raises(LookupError):
        bad.result(10)
    with pytest.raises(sa.exc.IntegrityError):
        broken.result(10)
    assert kept(storage) == {"one", "two"}


def test_a_result_is_handed_out_only_when_it_is_on_disk(storage: Storage, database: Path) -> None:
    storage.write_now(keep("fact"))
    with closing(sqlite3.connect(database)) as other:
        assert other.execute("SELECT count(*) FROM facts").fetchone() == (1,)


def test_a_commit_that_fails_fails_for_all_of_the_group_and_the_writer_goes_on(storage: Storage) -> None:
    def break_a_promise(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = 1")
        connection.exec_driver_sql(
            "INSERT INTO reactions VALUES ('none', 'none', '+1', '2026-01-01 00:00:00')"
        )

    go, _ = hold_back(storage)
    together = [storage.writer.submit(keep("fact")), storage.writer.submit(break_a_promise)]
    go.set()
    for future in together:
        with pytest.raises(sa.exc.IntegrityError):
            future.result(10)
    storage.write_now(keep("later"))
    assert kept(storage) == {"later"}


def test_a_full_disk_fails_one_function_and_loses_nothing_of_the_others(storage: Storage) -> None:
    def fill_up(connection: sa.Connection) -> None:
        connection.execute(facts.insert(), {"name": "too much", "value": "x" * 1_000_000})

    def give_room_for_little(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")

    storage.write_now(give_room_for_little)
    go, _ = hold_back(storage)
    before = storage.writer.submit(keep("before"))
    culprit = storage.writer.submit(fill_up)
    after = storage.writer.submit(keep("after"))
    go.set()
    before.result(10)
    after.result(10)
    with pytest.raises(sa.exc.OperationalError, match="disk is full"):
        culprit.result(10)
    assert kept(storage) == {"before", "after"}


async def test_what_a_caller_no_longer_waits_for_is_written_all_the_same(storage: Storage) -> None:
    go, _ = hold_back(storage)
    waiting = asyncio.ensure_future(storage.write(keep("fact")))
    await asyncio.sleep(0)
    waiting.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await storage.write(keep("later"))
    assert kept(storage) == {"fact", "later"}


def test_closing_finishes_what_is_queued_and_takes_nothing_more(database: Path) -> None:
    storage = Storage(f"sqlite:///{database}")
    go, _ = hold_back(storage)
    queued = storage.writer.submit(keep("fact"))
    closing_thread = threading.Thread(target=storage.close)
    closing_thread.start()
    go.set()
    closing_thread.join(10)
    assert queued.done()
    with pytest.raises(WriterClosedError):
        storage.writer.submit(keep("late"))
    storage.close()
    with Storage(f"sqlite:///{database}") as again:
        assert kept(again) == {"fact"}


def test_readers_cannot_write(storage: Storage) -> None:
    with pytest.raises(sa.exc.OperationalError):
        storage.read_now(keep("fact"))


@pytest.mark.parametrize("use", ["write_now", "read_now"])
def test_every_connection_holds_the_pragmas(storage: Storage, use: str) -> None:
    held = getattr(storage, use)(
        lambda connection: {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
    )
    assert held == PRAGMAS
    assert held["journal_mode"] == "wal"


def test_a_connection_without_them_is_refused(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "plain.db")) as plain,
        pytest.raises(DatabaseUnusableError, match="journal_mode"),
    ):
        check_pragmas(plain)


def test_the_migrations_make_the_tables_that_the_code_describes(storage: Storage) -> None:
    def differences(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert storage.read_now(differences) == []


def test_a_database_of_a_newer_version_is_refused(database: Path) -> None:
    Storage(f"sqlite:///{database}").close()
    with closing(sqlite3.connect(database)) as other:
        other.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
        other.commit()
    with pytest.raises(DatabaseUnusableError, match="newer version"):
        Storage(f"sqlite:///{database}")


def test_a_start_changes_nothing_of_a_database_that_is_up_to_date(database: Path) -> None:
    Storage(f"sqlite:///{database}").close()
    with Storage(f"sqlite:///{database}") as storage:
        revision = storage.read_now(
            lambda connection: connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        )
    assert revision == ScriptDirectory.from_config(alembic_config()).get_current_head()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://localhost/x", "does not speak"),
        ("postgresql://localhost/x", "does not speak"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("nonsense", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_says_what_to_write(url: str, reason: str) -> None:
    with pytest.raises(DatabaseUnusableError, match=reason) as error:
        Storage(url)
    assert "sqlite:///data/backend.db" in str(error.value)


def test_a_path_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database, but a text that is long enough to be taken for one")
    (tmp_path / "foreign.db").touch()
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as foreign:
        foreign.execute("CREATE TABLE theirs (x)")
    for name, reason in (
        ("file", "cannot be used"),
        ("file/below", "cannot be made"),
        (".", "cannot be used"),
        ("foreign.db", "another program"),
    ):
        with pytest.raises(DatabaseUnusableError, match=reason):
            Storage(f"sqlite:///{tmp_path / name}")


@pytest.mark.parametrize("read", [Prepared.all, Prepared.first])
def test_an_error_while_rows_are_read_is_told_like_any_other(
    storage: Storage, read: Callable[..., object]
) -> None:
    """The database computes rows as they are fetched, so a fault may come after the first of them."""
    statement = Prepared(sa.select(facts).where(facts.c.value == "x"))

    def insert_many(connection: sa.Connection) -> None:
        rows = [{"name": f"{number:04}", "value": "x" if number < 1 else "y"} for number in range(2000)]
        connection.execute(facts.insert(), rows)

    def fail_after(looks: int, connection: sa.Connection) -> str:
        left = iter(range(looks))
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: next(left, None) is None, 500)
        try:
            read(statement, connection, {})
        except sa.exc.OperationalError as error:
            return str(error.orig)
        finally:
            driver.set_progress_handler(None, 0)
        return "no error"

    storage.write_now(insert_many)
    errors = [storage.read_now(partial(fail_after, looks)) for looks in range(1, 4)]
    assert errors == ["interrupted"] * 3
    assert storage.read_now(partial(fail_after, 10_000)) == "no error"


def test_an_error_never_shows_what_was_bound(storage: Storage) -> None:
    marker = "a-text-that-somebody-wrote"
    with pytest.raises(sa.exc.IntegrityError) as error:
        storage.write_now(lambda connection: connection.execute(messages.insert(), {"id": marker}))
    assert marker not in str(error.value)
