"""Keeps the failure of one step, or of one row, away from all that come after it."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from loguru import logger

from bot.errors import DatabaseClosedError, report

ItemT = TypeVar("ItemT")


@contextmanager
def guarded_step(what: str, *, passing: type[Exception] = DatabaseClosedError) -> Iterator[None]:
    """Log an error that nobody expected, and go on after the block; `what` names it in the log.

    Raises:
        DatabaseClosedError: the bot is closing.
        passing: as it is raised in the block.
    """
    try:
        yield
    except (DatabaseClosedError, passing):
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, what comes next must not wait for its end
        logger.error("Left for the next time after error {}: {}", report(error), what)


def guarded_row(what: str) -> AbstractContextManager[None]:
    """Do as `guarded_step` does for one of many rows; without a database no other would fare better."""
    return guarded_step(what, passing=sqlite3.OperationalError)


def readable(rows: Iterable[sqlite3.Row], read: Callable[[sqlite3.Row], ItemT], key: str) -> list[ItemT]:
    """Read what can be read; a row that another version of the bot wrote otherwise is named in the log.

    Args:
        rows: of one table.
        read: gives what a row stands for, or raises ValueError.
        key: the column by which the log names a row.
    """
    items: list[ItemT] = []
    for row in rows:
        try:
            items.append(read(row))
        except ValueError as error:
            logger.error("The row {} of the database cannot be read: {}", row[key], type(error).__name__)
    return items
