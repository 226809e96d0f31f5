"""The storage as the rest of the backend sees it: write with a function, read with a function."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self, TypeVar

import sqlalchemy as sa

from oasst_backend.storage.engine import READERS, database_path, open_engine, prepare_file
from oasst_backend.storage.migrate import migrate
from oasst_backend.storage.writer import Writer

ResultT = TypeVar("ResultT")
Transaction = Callable[[sa.Connection], ResultT]


class Storage:
    """One database file with its writer and its readers.

    Args:
        url: `sqlite:///path`; the folder is made when it is missing.

    `write` and `read` are for an event loop; `write_now` and `read_now` block, for the command line and for
    start-up. Close it when done; closing twice is fine.
    """

    def __init__(self, url: str) -> None:
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
        self.writer = Writer(self._write_engine).start()

    async def write(self, transaction: Transaction[ResultT]) -> ResultT:
        """Run a transaction in the writer's thread and wait until it is on disk.

        A caller that is cancelled gives up waiting; the transaction is done all the same.
        """
        return await asyncio.wrap_future(self.writer.submit(transaction))

    async def read(self, query: Transaction[ResultT]) -> ResultT:
        """Run a query on a reader, which sees everything that was committed when it begins."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, query)

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
        self._write_engine.dispose()
        self._read_engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
