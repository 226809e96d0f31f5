"""One SQLite connection with transactions: the only way to the bot's database."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import aiosqlite
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import DatabaseClosedError, DatabaseError

Parameters = Sequence[Any] | Mapping[str, Any]

BUSY_TIMEOUT_MS = 5000
"""Milliseconds a statement waits for another process that holds the file."""

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def database_path(url: str) -> Path:
    """Read the file out of a database address.

    Raises:
        DatabaseError: it is not an address of an SQLite file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "BOT_DATABASE_URL cannot be read; it looks like sqlite+aiosqlite:///data/bot.db."
        ) from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise DatabaseError(
            "BOT_DATABASE_URL must name an SQLite file, like sqlite+aiosqlite:///data/bot.db."
        )
    return Path(parsed.database)


def migrate(path: Path, version: str = "head") -> None:
    """Bring the file at `path` to a version of the schema, by default the newest; make it where it is not.

    Raises:
        DatabaseError: the file cannot be opened, is no database, or was written by a newer bot.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"The folder of the bot's database cannot be made: {path.parent}.") from error
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["path"] = path
    try:
        command.upgrade(config, version)
    except Exception as error:
        raise DatabaseError(f"The bot's database {path} {_fault(error)}.") from error


def _fault(error: Exception) -> str:
    """Say what is amiss with the file, as the end of a sentence."""
    if isinstance(error, CommandError):
        return "was written by a newer version of the bot; use that one"
    if "locked" in str(error):
        return "is in use by another process; end that first"
    return f"cannot be opened or brought up to date ({type(error).__name__})"


class Database:
    """One connection, shared by all coroutines of the process, one statement or transaction at a time.

    A statement outside a transaction is a transaction of its own. Inside `async with database.transaction()`
    the statements of the same asyncio task belong to it; everybody else waits for its end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None
        self._open: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Migrate the file and open it: WAL, `synchronous=FULL`, foreign keys, a busy timeout.

        Raises:
            DatabaseError: the file cannot be used.
        """
        await asyncio.to_thread(migrate, self._path)
        try:
            self._open = await aiosqlite.connect(self._path, isolation_level=None)
            self._open.row_factory = sqlite3.Row
            await self._set_up(self._open)
        except sqlite3.Error as error:
            await self.close()
            raise DatabaseError(f"The bot's database {self._path} {_fault(error)}.") from error

    async def _set_up(self, connection: aiosqlite.Connection) -> None:
        for pragma, wanted in (
            (f"busy_timeout={BUSY_TIMEOUT_MS}", BUSY_TIMEOUT_MS),
            ("journal_mode=WAL", "wal"),
            ("synchronous=FULL", 2),
            ("foreign_keys=ON", 1),
        ):
            await connection.execute(f"PRAGMA {pragma}")
            cursor = await connection.execute(f"PRAGMA {pragma.partition('=')[0]}")
            row = await cursor.fetchone()
            if row is None or row[0] != wanted:
                await self.close()
                raise DatabaseError(f"The bot's database {self._path} does not take the setting {pragma}.")

    async def close(self) -> None:
        """Close the connection once the statement under way is through; closing twice is fine."""
        connection, self._open = self._open, None
        if connection is not None:
            await connection.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Make the statements inside one transaction; inside another one they join it.

        It is written to disk when the block ends, and undone when the block raises.
        """
        if self._is_mine():
            yield
            return
        async with self._lock:
            self._owner = asyncio.current_task()
            try:
                # A statement whose caller was cancelled is carried out all the same, BEGIN too.
                await self._connection.execute("BEGIN IMMEDIATE")
                yield
                await self._connection.execute("COMMIT")
            except BaseException:
                await asyncio.shield(self._undo())
                raise
            finally:
                self._owner = None

    async def _undo(self) -> None:
        with suppress(sqlite3.OperationalError):
            await self._connection.execute("ROLLBACK")

    async def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one statement and give the number of rows it changed (-1 where that has no meaning)."""
        async with self._turn():
            return (await self._connection.execute(sql, parameters)).rowcount

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Give the first row, by column name or index; None where there is none."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Give all rows."""
        async with self._turn():
            # One way to the connection's thread and back, where a cursor would take three.
            return list(await self._connection.execute_fetchall(sql, parameters))

    def _turn(self) -> AbstractAsyncContextManager[None]:
        """Give what a statement waits for: nothing in one's own transaction, else everybody before it."""
        return nullcontext() if self._is_mine() else self._lock

    def _is_mine(self) -> bool:
        return self._owner is not None and self._owner is asyncio.current_task()

    @property
    def _connection(self) -> aiosqlite.Connection:
        if self._open is None:
            raise DatabaseClosedError("The bot's database is not open.")
        return self._open
