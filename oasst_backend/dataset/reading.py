"""Reading prompts and trees from JSON lines: all of a file or, with every reason, nothing."""

from codecs import BOM_UTF8
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import from_json

from oasst_backend.dataset.models import ExportTree, PromptLine, Role, walk
from oasst_backend.rules.trees import MAX_DEPTH

T = TypeVar("T")

_SHOWN_PROBLEMS = 20
_SHOWN_FAULTS = 3


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with one line; line 0 is the file as a whole."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


class DatasetError(Exception):
    """A file cannot be imported; `problems` says why, in the order of its lines."""

    def __init__(self, path: Path, problems: list[LineProblem]) -> None:
        super().__init__(path, problems)
        self.path = path
        self.problems = problems

    def __str__(self) -> str:
        """Give a line for each of the first problems, each led by the file's name."""
        lines = [f"{self.path}: {problem}" for problem in self.problems[:_SHOWN_PROBLEMS]]
        if more := len(self.problems) - len(lines):
            lines.append(f"{self.path}: and {more} more lines with problems")
        return "\n".join(lines)


def read_prompts(path: Path, *, max_length: int | None = None) -> list[PromptLine]:
    """Read prompts, one a line: a JSON string, or an object with `text` and what else `PromptLine` has.

    Args:
        path: the file, in UTF-8; empty lines are passed over.
        max_length: the longest text in characters, if there is a limit.

    Raises:
        DatasetError: the file cannot be read, holds nothing, or a line is broken.
    """

    def prompt(raw: bytes) -> PromptLine:
        value = from_json(raw)
        if isinstance(value, dict) and "prompt" in value:
            raise _BrokenLineError("this is a tree, not a prompt")
        if isinstance(value, str):
            line = PromptLine(text=value)
        elif isinstance(value, dict):
            line = PromptLine.model_validate_json(raw, strict=True)
        else:
            raise _BrokenLineError("must be a string, or an object with a text")
        if max_length is not None and len(line.text) > max_length:
            raise _BrokenLineError(
                f"the text has {len(line.text)} characters; at most {max_length} are taken"
            )
        return line

    return _read(path, prompt, "prompts")


def read_trees(path: Path) -> list[ExportTree]:
    """Read message trees in the dataset's format, one a line; fields that the format lacks are passed over.

    Args:
        path: the file, in UTF-8; empty lines are passed over.

    Raises:
        DatasetError: the file cannot be read, holds nothing, or a line is broken: it is no tree, its roles do
            not alternate, its ids do not fit together, or one of them is in the file already.
    """
    seen: set[UUID] = set()

    def tree(raw: bytes) -> ExportTree:
        if not isinstance(from_json(raw), dict):
            raise _BrokenLineError("must be an object with a message tree")
        found = ExportTree.model_validate_json(raw, strict=True)
        _check_shape(found)
        ids = [place.node.message_id for place in walk(found)]
        for message_id in ids:
            if message_id in seen:
                raise _BrokenLineError(f"message {message_id} is in the file twice")
            seen.add(message_id)
        return found

    return _read(path, tree, "trees")


def looks_like_trees(path: Path) -> bool:
    """Tell by the first line that is JSON whether a file is of trees; without one it counts as prompts."""
    try:
        with path.open("rb") as stream:
            for line in stream:
                with suppress(ValueError):
                    value = from_json(line.removeprefix(BOM_UTF8))
                    return isinstance(value, dict) and "prompt" in value
    except OSError:
        pass  # the reader says what is wrong with the file
    return False


class _BrokenLineError(Exception):
    """A line that is no entry of its file, with the reason."""


def _read(path: Path, parse: Callable[[bytes], T], what: str) -> list[T]:
    try:
        content = path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        raise DatasetError(path, [LineProblem(0, reason)]) from None
    entries: list[T] = []
    problems: list[LineProblem] = []
    for number, raw in enumerate(content.split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            entries.append(parse(raw))
        except (_BrokenLineError, ValueError) as error:
            problems.append(LineProblem(number, _reason(error)))
    if not entries and not problems:
        problems.append(LineProblem(0, f"the file holds no {what}"))
    if problems:
        raise DatasetError(path, problems)
    return entries


def _check_shape(tree: ExportTree) -> None:
    if tree.message_tree_id != tree.prompt.message_id:
        raise _BrokenLineError("message_tree_id must be the id of the prompt")
    if tree.prompt.parent_id is not None:
        raise _BrokenLineError("the prompt must have no parent_id")
    for place in walk(tree):
        node, parent = place.node, place.parent
        if place.depth > MAX_DEPTH:
            raise _BrokenLineError(
                f"message {node.message_id}: there are more than {MAX_DEPTH} levels of replies"
            )
        if node.role is not (Role.assistant if place.depth % 2 else Role.prompter):
            raise _BrokenLineError(f"message {node.message_id}: roles must alternate, the prompter first")
        if parent and node.parent_id not in {None, parent.message_id}:
            raise _BrokenLineError(f"message {node.message_id}: parent_id is not the message above it")


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False)
        said = [f"{_path(fault['loc'])}{_words(fault['msg'])}" for fault in faults[:_SHOWN_FAULTS]]
        more = [f"and {len(faults) - len(said)} more"] if len(faults) > len(said) else []
        return "; ".join(said + more)
    if isinstance(error, _BrokenLineError):
        return str(error)
    return f"not JSON: {str(error).replace(' at line 1', ' at')}"


def _path(place: tuple[int | str, ...]) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    return f"{parts}: " if parts else ""


def _words(message: str) -> str:
    words = message.removeprefix("Value error, ").replace("Input should be", "must be")
    words = words.replace("Extra inputs are not permitted", "there is no such field")
    return words[:1].lower() + words[1:]
