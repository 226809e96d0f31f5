"""Gives the trees out as a dataset, from the command line or beside the running service."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.dataset.models import Events, ExportNode, ExportTree, LabelSummary, Role
from oasst_backend.dataset.writing import WrittenCounts, write_trees, write_trees_file
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.conversations import Emojis
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import labellings, messages, people, trees
from oasst_client import AuthMethod

_TREES = (
    sa.select(trees.c.id, trees.c.state, trees.c.origin)
    .select_from(trees.join(messages, messages.c.id == trees.c.id))
    .order_by(messages.c.created_date, trees.c.id)
)
_MESSAGES = (
    sa.select(messages, people.c.auth_method, people.c.username)
    .select_from(messages.outerjoin(people, people.c.id == messages.c.person_id))
    .where(messages.c.tree_id == sa.bindparam("tree_id"))
    .order_by(messages.c.depth.desc(), messages.c.created_date, messages.c.id)
)
_LABELS = (
    sa.select(labellings.c.message_id, labellings.c.labels)
    .select_from(labellings.join(messages, messages.c.id == labellings.c.message_id))
    .where(messages.c.tree_id == sa.bindparam("tree_id"), ~labellings.c.is_report)
    .order_by(labellings.c.created_date, labellings.c.id)
)


@dataclass(frozen=True)
class ExportChoice:
    """What of the dataset is given out.

    Attributes:
        everything: whether all trees and all messages, rejected and deleted ones, too; else only finished
            trees with what was accepted.
        lang: only trees of this language, None for all.
    """

    everything: bool = False
    lang: str | None = None


def export_trees(
    storage: Storage, target: Path | TextIO, choice: ExportChoice | None = None
) -> WrittenCounts:
    """Write the dataset as JSON lines, a tree a line, the oldest first.

    All of it is read in one transaction, so that it is of one moment, while the service goes on.

    Args:
        storage: where the trees are.
        target: a file, which appears whole or not at all, or a stream.
        choice: what is given out; by default finished trees with what was accepted.

    Raises:
        OSError: the file cannot be written.
    """

    def write(connection: sa.Connection) -> WrittenCounts:
        found = _read(connection, choice or ExportChoice())
        return write_trees_file(found, target) if isinstance(target, Path) else write_trees(found, target)

    return storage.read_now(write)


def _read(connection: sa.Connection, choice: ExportChoice) -> Iterator[ExportTree]:
    statement = _TREES
    if not choice.everything:
        statement = statement.where(trees.c.state == TreeState.ready_for_export)
    if choice.lang is not None:
        statement = statement.where(trees.c.lang == choice.lang)
    for tree_id, state, origin in connection.execute(statement).all():
        rows = connection.execute(_MESSAGES, {"tree_id": tree_id}).all()
        prompt = _prompt(connection, tree_id, rows, everything=choice.everything)
        if prompt is not None:
            yield ExportTree(
                message_tree_id=UUID(tree_id), tree_state=TreeState(state), origin=origin, prompt=prompt
            )


def _prompt(
    connection: sa.Connection, tree_id: str, rows: Sequence[AnyRow], *, everything: bool
) -> ExportNode | None:
    """Build the nodes of a tree from the deepest up; None if its prompt is left out."""
    shown = [row for row in rows if everything or (row.review_result and not row.deleted)]
    emojis = Emojis(connection, [row.id for row in shown], None)
    labels: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    for message_id, given in connection.execute(_LABELS, {"tree_id": tree_id}):
        labels[message_id].append(given)
    replies: dict[str | None, list[ExportNode]] = defaultdict(list)
    for row in shown:
        replies[row.parent_id].append(_node(row, emojis, labels[row.id], replies.pop(row.id, [])))
    return next(iter(replies[None]), None)


def _node(
    row: AnyRow, emojis: Emojis, given: Sequence[Mapping[str, float]], replies: list[ExportNode]
) -> ExportNode:
    imported: dict[str, Any] = row.imported or {}
    return ExportNode(
        message_id=UUID(row.id),
        parent_id=UUID(row.parent_id) if row.parent_id else None,
        user_id=_pseudonym(row),
        created_date=None if imported.get("undated") else row.created_date,
        text=row.text,
        role=Role(row.role),
        lang=row.lang,
        review_count=row.review_count,
        review_result=row.review_result,
        deleted=row.deleted,
        rank=row.rank,
        synthetic=row.synthetic,
        model_name=row.model_name,
        emojis=emojis.counts(row) or imported.get("emojis"),
        labels=_summary(imported.get("labels") or {}, given) or None,
        events=Events.model_validate(imported["events"]) if imported.get("events") else None,
        detoxify=imported.get("detoxify"),
        replies=replies,
    )


def _pseudonym(row: AnyRow) -> str | None:
    """Name an author by a random id, never by what a frontend calls them; imported ones keep theirs."""
    name: str | None = row.username if row.auth_method == AuthMethod.system else row.person_id
    return name


def _summary(
    imported: Mapping[str, Mapping[str, Any]], given: Sequence[Mapping[str, float]]
) -> dict[str, LabelSummary]:
    """Take the mean of each label over those who gave it, and over those whose mean was imported."""
    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for name, summary in imported.items():
        counts[name] += summary["count"]
        sums[name] += (summary.get("value") or 0.0) * summary["count"]
    for labels in given:
        for name, value in labels.items():
            counts[name] += 1
            sums[name] += value
    unanswered = {name for name, summary in imported.items() if summary.get("value") is None}
    return {
        name: LabelSummary(
            value=sums[name] / count if count and not (name in unanswered and not sums[name]) else None,
            count=count,
        )
        for name, count in counts.items()
    }
