"""Writing trees as JSON lines."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from oasst_backend.dataset.models import ExportNode, ExportTree, walk

_LAST = datetime.max.replace(tzinfo=UTC)

_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""Some readers of lines end one at these, too."""


@dataclass(frozen=True)
class WrittenCounts:
    """How much was written."""

    trees: int
    messages: int


def sorted_replies(replies: Sequence[ExportNode]) -> list[ExportNode]:
    """Put siblings in order: by rank, those without one last; then by creation; then as given."""
    return sorted(replies, key=lambda node: (node.rank is None, node.rank or 0, node.created_date or _LAST))


def tree_line(tree: ExportTree) -> str:
    """Give a tree as one line of JSON without its line end; what is null is left out, replies are sorted."""
    tree = tree.model_copy(update={"prompt": _sorted(tree.prompt)})
    return tree.model_dump_json(exclude_none=True).translate(_LINE_ENDS)


def write_trees(trees: Iterable[ExportTree], stream: TextIO) -> WrittenCounts:
    """Write trees to a stream, one a line."""
    written = messages = 0
    for tree in trees:
        stream.write(tree_line(tree) + "\n")
        written += 1
        messages += sum(1 for _ in walk(tree))
    return WrittenCounts(written, messages)


def write_trees_file(trees: Iterable[ExportTree], path: Path) -> WrittenCounts:
    """Write trees to a file that appears whole or, if something fails, not at all.

    Missing folders are made; an older file of that name stays until the new one is complete.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as stream:
            counts = write_trees(trees, stream)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return counts


def _sorted(node: ExportNode) -> ExportNode:
    replies = [_sorted(reply) for reply in sorted_replies(node.replies)]
    return node.model_copy(update={"replies": replies})
