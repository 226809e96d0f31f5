"""Opens SQLite the one way the backend uses it, and checks that every connection got what it needs."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from oasst_backend.errors import DatabaseUnusableError

BUSY_TIMEOUT_MS = 10_000
"""How long a connection waits for another process's lock."""

READERS = 4
"""Calls that read at the same time, beside the look-ups of keys; none of them waits for the writer."""

CACHED_STATEMENTS = 512
"""Statements that a connection keeps compiled: all that the backend has."""

OWN_TABLE = "api_clients"
"""By this table a database of ours is told from another program's."""

PRAGMAS: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a committed answer survives a power cut
    "foreign_keys": 1,
    "busy_timeout": BUSY_TIMEOUT_MS,
}


def database_path(url: str) -> Path:
    """Read the file's path from a database URL.

    Raises:
        DatabaseUnusableError: the URL is no `sqlite:///path` that names a file.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise DatabaseUnusableError(
            "BACKEND_DATABASE_URL cannot be read; write it as sqlite:///data/backend.db"
        ) from error
    if parsed.get_backend_name() != "sqlite" or parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise DatabaseUnusableError(
            f"BACKEND_DATABASE_URL names {parsed.drivername}, which this backend does not speak; "
            "write it as sqlite:///data/backend.db"
        )
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise DatabaseUnusableError(
            "BACKEND_DATABASE_URL must name a file; write it as sqlite:///data/backend.db"
        )
    return Path(parsed.database)


def prepare_file(path: Path) -> None:
    """Make the folder of the database and see that the file can be opened and written.

    Raises:
        DatabaseUnusableError: it cannot, or the file is something else.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusableError(
            f"the folder of the database {path} cannot be made ({error.strerror}); "
            "set BACKEND_DATABASE_URL to a place that can be written"
        ) from error
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            # The write lock is not given on a file that cannot be written.
            connection.execute("BEGIN IMMEDIATE")
            tables = {
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        raise DatabaseUnusableError(
            f"the database {path} cannot be used ({error}); "
            "set BACKEND_DATABASE_URL to a file that can be written, or to a new one"
        ) from error
    if tables and OWN_TABLE not in tables:
        raise DatabaseUnusableError(
            f"the database {path} belongs to another program; set BACKEND_DATABASE_URL to a file of its own"
        )


def open_engine(path: Path, use: Literal["write", "read"]) -> sa.Engine:
    """Open an engine for the one writer or for readers.

    Every connection gets the pragmas of `PRAGMAS` and is refused if it does not hold them. A reader cannot
    write.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "cached_statements": CACHED_STATEMENTS},
        # A long export takes a connection beyond those of the readers, so that none of them waits for it.
        pool_size=1 if use == "write" else READERS + 1,
        max_overflow=0 if use == "write" else -1,
    )
    begin = "BEGIN IMMEDIATE" if use == "write" else "BEGIN"

    @sa.event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy begins by hand: pysqlite's own habit would break savepoints.
        connection.isolation_level = None
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        if use == "read":
            connection.execute("PRAGMA query_only = 1")
        check_pragmas(connection)

    @sa.event.listens_for(engine, "begin")
    def begin_by_hand(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def check_pragmas(connection: sqlite3.Connection) -> None:
    """See that a connection holds what durability and integrity rest on.

    Raises:
        DatabaseUnusableError: one of the pragmas is not in force, as on a file system without shared memory.
    """
    for name, value in PRAGMAS.items():
        held = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if held != value:
            raise DatabaseUnusableError(
                f"the database refuses {name}={value} (it says {held}); put it on a local disk"
            )
