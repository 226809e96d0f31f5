"""The one thread that writes: it runs functions one after the other and commits several together."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from loguru import logger

ResultT = TypeVar("ResultT")

MAX_GROUP = 64
"""Functions that share a commit at most, so that the first of them does not wait long."""


class WriterClosedError(RuntimeError):
    """The writer takes nothing more: the backend is going down."""


class _TransactionLostError(Exception):
    """A function's failure undid the whole transaction: SQLite does so when the disk is full or broken."""

    def __init__(self, culprit: "_Job") -> None:
        super().__init__()
        self.culprit = culprit


class _Job:
    """A function, and where its result goes."""

    def __init__(self, function: Callable[[sa.Connection], Any]) -> None:
        self.function = function
        self.future: Future[Any] = Future()
        # Nobody can cancel it from here on: a caller that goes away must not make the thread stumble.
        self.future.set_running_or_notify_cancel()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, connection: sa.Connection) -> None:
        """Run the function in a savepoint of its own, so that its failure undoes nothing of the others.

        Raises:
            _TransactionLostError: it failed and undid what the others did as well.
        """
        self.result = self.error = None
        # By hand: SQLAlchemy compiles its savepoints anew each time, which costs more than a look-up.
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            self.result = self.function(connection)
            connection.exec_driver_sql("RELEASE SAVEPOINT job")
        except BaseException as error:  # noqa: BLE001  # whatever it was, it belongs to the caller
            self.error = error
            try:
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
                connection.exec_driver_sql("RELEASE SAVEPOINT job")
            except sa.exc.DBAPIError:
                raise _TransactionLostError(self) from error

    def settle(self) -> None:
        """Hand out the result; only called once it is on disk."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Runs functions that take a `Connection`, each in a savepoint, in the order they came.

    A function's result is handed out after the commit that holds it, so what a caller was told is on disk.
    A function that raises is undone alone. A full disk may undo what others did as well: they run once more,
    so a function must do nothing but read and write. `close` runs what is queued and then stops; closing
    twice is fine. `watch` is called after each commit, in the writer's thread, with the number of functions
    in it, the seconds that they took, and the seconds until it was on disk.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self.commits = 0
        self.watch: Callable[[int, float, float], None] = _unwatched
        self._thread = threading.Thread(target=self._run, name="backend-writer", daemon=True)

    def start(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def submit(self, function: Callable[[sa.Connection], ResultT]) -> Future[ResultT]:
        """Queue a function; the future resolves once its work is committed, or with what it raised.

        Raises:
            WriterClosedError: the writer was closed.
        """
        job = _Job(function)
        with self._lock:
            if self._closed:
                raise WriterClosedError("the backend is going down")
            self._jobs.put(job)
        return job.future

    def waiting(self) -> int:
        """Tell how many functions wait for their turn."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Finish what is queued, then stop the thread."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            while group:
                group = self._settle(group)

    def _settle(self, group: list[_Job]) -> list[_Job]:
        """Commit a group and hand out its results; gives those of it that have to run again."""
        again: list[_Job] = []
        try:
            self._commit(group)
        except _TransactionLostError as lost:
            again = [job for job in group if job is not lost.culprit]
            group = [lost.culprit]
        except Exception as error:  # noqa: BLE001  # a full disk must not end the thread
            logger.error("a group of {} writes was not committed: {}", len(group), type(error).__name__)
            for job in group:
                job.error = job.error or error
        for job in group:
            job.settle()
        return again

    def _next_group(self) -> list[_Job] | None:
        first = self._jobs.get()
        if first is None:
            return None
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            group.append(job)
        return group

    def _commit(self, group: list[_Job]) -> None:
        begun = time.perf_counter()
        with self._engine.connect() as connection:
            with connection.begin():
                for job in group:
                    job.run(connection)
                ran = time.perf_counter()
            on_disk = time.perf_counter()
        self.commits += 1
        self.watch(len(group), ran - begun, on_disk - ran)


def _unwatched(_size: int, _group_seconds: float, _commit_seconds: float) -> None:
    """Take no notice of a commit."""
