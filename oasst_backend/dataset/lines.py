"""A file of JSON lines, read line by line, and what is wrong with its lines."""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar

from pydantic import ValidationError

EntryT = TypeVar("EntryT")

MAX_LINE_BYTES = 16 * 1024 * 1024
"""The longest line that is read; it bounds what a file without line ends can take of the memory."""

SHOWN_PROBLEMS = 20
"""Broken lines that are named; the others are counted."""

_SHOWN_FAULTS = 3


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with one line; line 0 is the file as a whole."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


class DatasetError(Exception):
    """A file cannot be imported.

    Attributes:
        path: the file.
        problems: why, in the order of its lines; the first of them.
        more: how many more lines are broken.
    """

    def __init__(self, path: Path, problems: list[LineProblem], more: int = 0) -> None:
        super().__init__(path, problems, more)
        self.path = path
        self.problems = problems
        self.more = more

    def __str__(self) -> str:
        """Give a line for each of the first problems, each led by the file's name."""
        lines = [f"{self.path}: {problem}" for problem in self.problems]
        if self.more:
            lines.append(f"{self.path}: and {self.more} more lines with problems")
        return "\n".join(lines)


class BrokenLineError(Exception):
    """A line that is no entry of its file, with the reason."""


class Problems:
    """The broken lines of a file: the first ones with their reasons, the rest counted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: list[LineProblem] = []
        self._more = 0

    def add(self, line: int, reason: str) -> None:
        """Note what is wrong with a line."""
        if len(self._first) < SHOWN_PROBLEMS:
            self._first.append(LineProblem(line, reason))
        else:
            self._more += 1

    def check(self) -> None:
        """See that there are none.

        Raises:
            DatasetError: there are.
        """
        if self._first:
            raise DatasetError(self._path, sorted(self._first, key=lambda found: found.line), self._more)


@dataclass(frozen=True)
class Entry(Generic[EntryT]):
    """What a line holds.

    Attributes:
        line: its number, from 1.
        value: what was read.
        end: how many bytes of the file end with this line.
    """

    line: int
    value: EntryT
    end: int


class LineFile:
    """A file of JSON lines, open so that each pass over it reads the same one.

    What is added to the file after it was opened is not read. Close it when done.

    Attributes:
        path: where it is.
        size: its length in bytes.

    Raises:
        DatasetError: it cannot be read, or is no file that can be read twice.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if not path.is_file() and path.exists():
                raise DatasetError(path, [LineProblem(0, "this is no file that can be read twice; name one")])
            self._stream = path.open("rb")
        except OSError as error:
            reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
            raise DatasetError(path, [LineProblem(0, reason)]) from None
        self.size = self._stream.seek(0, os.SEEK_END)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lines(self) -> Iterator[Entry[bytes | None]]:
        """Give the lines that hold something, from the first one; None stands for a line that is too long."""
        self._stream.seek(0)
        number = end = 0
        while raw := self._read(end):
            number += 1
            line: bytes | None = raw.removeprefix(BOM_UTF8) if end == 0 else raw
            end += len(raw)
            while not raw.endswith(b"\n") and (rest := self._read(end)):
                line, raw = None, rest
                end += len(rest)
            if line is None or line.strip():
                yield Entry(number, line and line.removesuffix(b"\n"), end)

    def _read(self, at: int) -> bytes:
        """Read a line, or as much of it as may be; nothing at the end."""
        return self._stream.readline(min(MAX_LINE_BYTES, self.size - at))

    def entries(self, parse: Callable[[bytes], EntryT], problems: Problems) -> Iterator[Entry[EntryT]]:
        """Give what the lines hold, and note those that are broken.

        Args:
            parse: reads one line; it raises `BrokenLineError` or ValueError where that cannot be done.
            problems: where the broken lines are noted.
        """
        for entry in self.lines():
            if entry.value is None:
                problems.add(entry.line, f"longer than {MAX_LINE_BYTES:,} bytes")
                continue
            try:
                value = parse(entry.value)
            except (BrokenLineError, ValueError) as error:
                problems.add(entry.line, reason(error))
            else:
                yield Entry(entry.line, value, entry.end)


def reason(error: Exception) -> str:
    """Say what is wrong with a line, never with what stands there."""
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False)
        said = [f"{_path(fault['loc'])}{_words(fault['msg'])}" for fault in faults[:_SHOWN_FAULTS]]
        more = [f"and {len(faults) - len(said)} more"] if len(faults) > len(said) else []
        return "; ".join(said + more)
    if isinstance(error, BrokenLineError):
        return str(error)
    return f"not JSON: {str(error).replace(' at line 1', ' at')}"


def _path(place: tuple[int | str, ...]) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    return f"{parts}: " if parts else ""


def _words(message: str) -> str:
    words = message.removeprefix("Value error, ").replace("Input should be", "must be")
    words = words.replace("Extra inputs are not permitted", "there is no such field")
    return words[:1].lower() + words[1:]
