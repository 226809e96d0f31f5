"""The storage as the rest of the backend sees it: write with a function, read with a function."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from oasst_backend.errors import ReadTookTooLong
from oasst_backend.storage.engine import READERS, database_path, open_engine, prepare_file
from oasst_backend.storage.migrate import migrate
from oasst_backend.storage.writer import Writer

ResultT = TypeVar("ResultT")
Transaction = Callable[[sa.Connection], ResultT]

STEPS_BETWEEN_LOOKS = 10_000
"""Steps of SQLite's machine, about a millisecond, after which a bounded read looks at the clock again."""


class Storage:
    """One database file with its writer and its readers.

    Args:
        url: `sqlite:///path`; the folder is made when it is missing.
        read_seconds: for how long a call may wait for what it reads; None for ever.

    `write`, `read` and `look_up` are for an event loop; `write_now` and `read_now` block, for the command
    line and for start-up, and may take as long as they need. Close it when done; closing twice is fine.
    """

    def __init__(self, url: str, read_seconds: float | None = None) -> None:
        self._read_seconds = read_seconds
        self._path = database_path(url)
        prepare_file(self._path)
        self._write_engine = open_engine(self._path, "write")
        try:
            migrate(self._write_engine)
        except BaseException:
            self._write_engine.dispose()
            raise
        self._read_engine = open_engine(self._path, "read")
        self._readers = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="backend-reader")
        self._look_ups = ThreadPoolExecutor(max_workers=1, thread_name_prefix="backend-look-up")
        self.writer = Writer(self._write_engine).start()

    async def write(self, transaction: Transaction[ResultT]) -> ResultT:
        """Run a transaction in the writer's thread and wait until it is on disk.

        A caller that is cancelled gives up waiting; the transaction is done all the same.
        """
        return await asyncio.wrap_future(self.writer.submit(transaction))

    async def read(self, query: Transaction[ResultT]) -> ResultT:
        """Run a query on a reader, which sees everything that was committed when it begins.

        Raises:
            ReadTookTooLong: it did not end in time, the wait for a reader included.
        """
        deadline = None if self._read_seconds is None else monotonic() + self._read_seconds

        def run() -> ResultT:
            with self.reading() as connection, _until(connection, deadline):
                return query(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def look_up(self, query: Transaction[ResultT]) -> ResultT:
        """Run a query that takes next to no time, on a connection that no long read ever holds."""
        return await asyncio.get_running_loop().run_in_executor(self._look_ups, self.read_now, query)

    def write_now(self, transaction: Transaction[ResultT]) -> ResultT:
        """Run a transaction and block until it is on disk."""
        return self.writer.submit(transaction).result()

    def read_now(self, query: Transaction[ResultT]) -> ResultT:
        """Run a query and block for its result."""
        with self.reading() as connection:
            return query(connection)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a connection on which all reads see the same moment, for what is read piece by piece."""
        with self._read_engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Finish what is queued and close every connection."""
        self.writer.close()
        self._readers.shutdown()
        self._look_ups.shutdown()
        self._write_engine.dispose()
        self._read_engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _until(connection: sa.Connection, deadline: float | None) -> Iterator[None]:
    """Break off what a reader's connection does once a moment of the monotonic clock has passed.

    Raises:
        ReadTookTooLong: it has.
    """
    if deadline is None:
        yield
        return
    if monotonic() > deadline:
        raise ReadTookTooLong
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: monotonic() > deadline, STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sa.exc.OperationalError as error:
        if monotonic() > deadline:
            raise ReadTookTooLong from error
        raise
    finally:
        driver.set_progress_handler(None, 0)
