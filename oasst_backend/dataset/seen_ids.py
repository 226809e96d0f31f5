"""Finds ids that come twice, with little memory however many there are."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Self
from uuid import UUID

from oasst_backend.errors import SetupError

CACHE_KIB = 32 * 1024
"""Memory that the ids take at most, enough for a million of them; the rest is in a temporary file."""


class TemporaryFileError(SetupError):
    """There is no room for a temporary file."""


class SeenIds:
    """A set of ids, about 30 bytes each, in a file that goes when the program ends. Close it when done."""

    def __init__(self) -> None:
        # An empty name is a temporary database, which gets a file when it outgrows its cache.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for name, value in {"cache_size": -CACHE_KIB, "journal_mode": "off", "synchronous": "off"}.items():
            self._database.execute(f"PRAGMA {name} = {value}")
        self._database.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, turn INTEGER) WITHOUT ROWID")
        self._database.execute("BEGIN")
        self._turn = 0

    def add(self, ids: Sequence[UUID]) -> UUID | None:
        """Add ids.

        Returns:
            One of them that was there already or comes twice among them; None if all are new.

        Raises:
            TemporaryFileError: the temporary file cannot be written.
        """
        self._turn += 1
        rows = [(one.bytes, self._turn) for one in ids]
        try:
            cursor = self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)
            if cursor.rowcount == len(rows):
                return None
            known = (one for one in ids if self._turn_of(one) != self._turn)
            return next(known, None) or next(one for one, count in Counter(ids).items() if count > 1)
        except sqlite3.Error as error:
            raise TemporaryFileError(
                f"no temporary file can be written ({error}); set TMPDIR to a folder with more room"
            ) from error

    def _turn_of(self, one: UUID) -> int:
        found = self._database.execute("SELECT turn FROM seen WHERE id = ?", (one.bytes,)).fetchone()
        return int(found[0])

    def close(self) -> None:
        """Forget all."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
