"""Writing trees and stories as JSON lines, in a stream."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from pydantic import BaseModel

from oasst_backend.dataset.models import ExportNode, ExportTree, StoryLine, walk

_LAST = datetime.max.replace(tzinfo=UTC)

_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""Some readers of lines end one at these, too."""


@dataclass(frozen=True)
class WrittenCounts:
    """How many trees with how many messages were written."""

    trees: int
    messages: int


@dataclass(frozen=True)
class WrittenStories:
    """How many stories with how many summaries were written."""

    stories: int
    summaries: int


def sorted_replies(replies: Sequence[ExportNode]) -> list[ExportNode]:
    """Put siblings in order: by rank, those without one last; then by creation, those without a date last.

    Of the same moment, they are in the order of their ids, so that it is the same wherever they come from;
    without a date they stay as given.
    """
    return sorted(replies, key=_place)


def _place(node: ExportNode) -> tuple[bool, int, datetime, str]:
    dated = node.created_date is not None
    return (
        node.rank is None,
        node.rank or 0,
        node.created_date or _LAST,
        str(node.message_id) if dated else "",
    )


def tree_line(tree: ExportTree) -> str:
    """Give a tree as one line of JSON without its line end; what is null is left out, replies are sorted."""
    return _line(tree.model_copy(update={"prompt": _sorted(tree.prompt)}))


def write_trees(trees: Iterable[ExportTree], stream: TextIO) -> WrittenCounts:
    """Write trees to a stream, one a line."""
    written = messages = 0
    for tree in trees:
        stream.write(tree_line(tree) + "\n")
        written += 1
        messages += sum(1 for _ in walk(tree))
    return WrittenCounts(written, messages)


def write_stories(stories: Iterable[StoryLine], stream: TextIO) -> WrittenStories:
    """Write stories to a stream, one a line; what is null is left out."""
    written = summaries = 0
    for story in stories:
        stream.write(_line(story) + "\n")
        written += 1
        summaries += len(story.summaries)
    return WrittenStories(written, summaries)


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a stream to a file that appears whole or, if something fails, not at all.

    Missing folders are made; an older file of that name stays until the new one is complete.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _line(entry: BaseModel) -> str:
    return entry.model_dump_json(exclude_none=True).translate(_LINE_ENDS)


def _sorted(node: ExportNode) -> ExportNode:
    replies = [_sorted(reply) for reply in sorted_replies(node.replies)]
    return node.model_copy(update={"replies": replies})
