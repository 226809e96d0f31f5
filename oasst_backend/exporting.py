"""Gives the trees and stories out as a dataset, from the command line or beside the running service.

All of an export is read in one transaction, so that it is of one moment while the service goes on. A cursor
walks over the trees, and a handful of them is in memory at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.dataset.models import (
    Events,
    ExportNode,
    ExportTree,
    LabelSummary,
    RatingEvent,
    Role,
    StoryLine,
    Summary,
)
from oasst_backend.dataset.writing import (
    WrittenCounts,
    WrittenStories,
    whole_file,
    write_stories,
    write_trees,
)
from oasst_backend.progress import Step, Watch, unwatched
from oasst_backend.rules.trees import TreeState
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import (
    labellings,
    messages,
    people,
    ratings,
    reactions,
    stories,
    summaries,
    trees,
)
from oasst_client import AuthMethod

AT_ONCE = 50
"""Trees or stories that are in memory at a time."""

CountsT = TypeVar("CountsT")
EntryT = TypeVar("EntryT")
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

_AUTHOR = (people.c.auth_method, people.c.username)
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_TREES = (
    sa.select(trees.c.id, trees.c.state, trees.c.origin)
    .select_from(trees.join(messages, messages.c.id == trees.c.id))
    .order_by(messages.c.created_date, trees.c.id)
)
_MESSAGES = (
    sa.select(messages, *_AUTHOR)
    .select_from(messages.outerjoin(people, people.c.id == messages.c.person_id))
    .where(messages.c.tree_id.in_(_IDS))
    # From the deepest up, as the trees are built.
    .order_by(messages.c.depth.desc(), messages.c.created_date, messages.c.id)
)
_LABELS = (
    sa.select(labellings.c.message_id, labellings.c.labels)
    .select_from(labellings.join(messages, messages.c.id == labellings.c.message_id))
    .where(messages.c.tree_id.in_(_IDS), ~labellings.c.is_report)
    .order_by(labellings.c.created_date, labellings.c.id)
)
_EMOJIS = (
    sa.select(reactions.c.message_id, reactions.c.emoji, sa.func.count().label("times"))
    .select_from(reactions.join(messages, messages.c.id == reactions.c.message_id))
    .where(messages.c.tree_id.in_(_IDS))
    .group_by(reactions.c.message_id, reactions.c.emoji)
)
_STORIES = sa.select(stories).order_by(stories.c.created_date, stories.c.id)
_SUMMARIES = (
    sa.select(summaries, *_AUTHOR)
    .select_from(summaries.outerjoin(people, people.c.id == summaries.c.person_id))
    .where(summaries.c.story_id.in_(_IDS))
    .order_by(summaries.c.created_date, summaries.c.id)
)
_RATINGS = (
    sa.select(ratings.c.summary_id, ratings.c.rating, ratings.c.person_id, *_AUTHOR)
    .select_from(
        ratings.join(summaries, summaries.c.id == ratings.c.summary_id).join(
            people, people.c.id == ratings.c.person_id
        )
    )
    .where(summaries.c.story_id.in_(_IDS))
    .order_by(ratings.c.created_date, ratings.c.id)
)


@dataclass(frozen=True)
class ExportChoice:
    """What of the dataset is given out.

    Attributes:
        everything: whether all trees and stories with all that was written to them, the rejected, the deleted
            and the surplus, too; else only finished trees with what was accepted, and stories with what
            counts.
        lang: only trees or stories of this language, None for all.
    """

    everything: bool = False
    lang: str | None = None


def export_trees(
    storage: Storage,
    target: Path | TextIO,
    choice: ExportChoice | None = None,
    watch: Watch = unwatched,
) -> WrittenCounts:
    """Write the trees as JSON lines, a tree a line, the oldest first.

    Args:
        storage: where the trees are.
        target: a file, which appears whole or not at all, or a stream.
        choice: what is given out; by default finished trees with what was accepted.
        watch: is told how many trees are done.

    Raises:
        OSError: the file cannot be written.
    """
    choice = choice or ExportChoice()
    statement = _TREES
    if not choice.everything:
        statement = statement.where(trees.c.state == TreeState.ready_for_export)
    if choice.lang is not None:
        statement = statement.where(trees.c.lang == choice.lang)
    build = partial(_trees, everything=choice.everything)
    return _export(storage, target, _Part(statement, build, write_trees), watch)


def export_stories(
    storage: Storage,
    target: Path | TextIO,
    choice: ExportChoice | None = None,
    watch: Watch = unwatched,
) -> WrittenStories:
    """Write the stories with their summaries and ratings as JSON lines, a story a line, the oldest first.

    Args:
        storage: where the stories are.
        target: a file, which appears whole or not at all, or a stream.
        choice: what is given out; by default stories that have summaries.
        watch: is told how many stories are done.

    Raises:
        OSError: the file cannot be written.
    """
    choice = choice or ExportChoice()
    statement = _STORIES
    if choice.lang is not None:
        statement = statement.where(stories.c.lang == choice.lang)
    build = partial(_stories, everything=choice.everything)
    return _export(storage, target, _Part(statement, build, write_stories), watch)


@dataclass(frozen=True)
class _Part(Generic[EntryT, CountsT]):
    """What is exported into one file.

    Attributes:
        statement: finds the rows of the entries.
        build: makes the entries of a batch of these rows.
        write: writes entries to a stream, and counts them.
    """

    statement: sa.Select[Any]
    build: Callable[[sa.Connection, Sequence[AnyRow]], Iterator[EntryT]]
    write: Callable[[Iterator[EntryT], TextIO], CountsT]


def _export(storage: Storage, target: Path | TextIO, part: _Part[EntryT, CountsT], watch: Watch) -> CountsT:
    def export(connection: sa.Connection) -> CountsT:
        opened = whole_file(target) if isinstance(target, Path) else nullcontext(target)
        with opened as stream:
            batches = _in_batches(connection, part.statement, watch)
            return part.write((entry for rows in batches for entry in part.build(connection, rows)), stream)

    return storage.read_now(export)


def _in_batches(
    connection: sa.Connection, statement: sa.Select[Any], watch: Watch
) -> Iterator[Sequence[AnyRow]]:
    counting = sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
    total, done = connection.execute(counting).scalar_one(), 0
    for rows in connection.execute(statement, execution_options={"yield_per": AT_ONCE}).partitions():
        yield rows
        done += len(rows)
        watch(Step.writing, done, total)


def _trees(connection: sa.Connection, found: Sequence[AnyRow], *, everything: bool) -> Iterator[ExportTree]:
    """Build trees; those whose prompt is left out are left out."""
    ids = {"ids": [row.id for row in found]}
    # A text that was removed for good takes what is below it along.
    shown = _MESSAGES.where(messages.c.text != "")
    labels_shown = _LABELS
    if not everything:
        shown = shown.where(messages.c.review_result, ~messages.c.deleted, ~messages.c.surplus)
        # What people say outside a task is always a part of the dataset.
        labels_shown = labels_shown.where(sa.or_(labellings.c.counted, labellings.c.task_id.is_(None)))
    labels = _grouped((row.message_id, row.labels) for row in connection.execute(labels_shown, ids))
    emojis = _grouped((row.message_id, (row.emoji, row.times)) for row in connection.execute(_EMOJIS, ids))
    replies: dict[str | None, list[ExportNode]] = defaultdict(list)
    prompts: dict[str, ExportNode] = {}
    for row in connection.execute(shown, ids):
        node = _node(row, dict(emojis.get(row.id, ())), labels.get(row.id, ()), replies.pop(row.id, []))
        if row.parent_id is None:
            prompts[row.tree_id] = node
        else:
            replies[row.parent_id].append(node)
    for row in found:
        if row.id in prompts:
            yield ExportTree(
                message_tree_id=UUID(row.id),
                tree_state=TreeState(row.state),
                origin=row.origin,
                prompt=prompts[row.id],
            )


def _node(
    row: AnyRow, emojis: dict[str, int], given: Sequence[Mapping[str, float]], replies: list[ExportNode]
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
        surplus=row.surplus or None,
        rank=row.rank,
        synthetic=row.synthetic,
        model_name=row.model_name,
        emojis=_sum_of_counts(imported.get("emojis"), emojis),
        labels=_summary(imported.get("labels") or {}, given) or None,
        events=Events.model_validate(imported["events"]) if imported.get("events") else None,
        detoxify=imported.get("detoxify"),
        replies=replies,
    )


def _stories(connection: sa.Connection, found: Sequence[AnyRow], *, everything: bool) -> Iterator[StoryLine]:
    """Build stories; those without a summary are left out unless everything is given out."""
    ids = {"ids": [row.id for row in found]}
    shown, ratings_shown = _SUMMARIES, _RATINGS
    if not everything:
        shown = shown.where(~summaries.c.deleted, ~summaries.c.surplus)
        ratings_shown = ratings_shown.where(ratings.c.counted)
    rated = _grouped(
        (row.summary_id, RatingEvent(user_id=_pseudonym(row), rating=row.rating))
        for row in connection.execute(ratings_shown, ids)
    )
    written = _grouped(
        (row.story_id, _story_summary(row, rated.get(row.id))) for row in connection.execute(shown, ids)
    )
    for row in found:
        if everything or row.id in written:
            yield StoryLine(
                story_id=UUID(row.id),
                story=row.text,
                lang=row.lang,
                origin=row.origin,
                created_date=row.created_date,
                summaries=written.get(row.id, []),
            )


def _story_summary(row: AnyRow, given: list[RatingEvent] | None) -> Summary:
    return Summary(
        summary_id=UUID(row.id),
        user_id=_pseudonym(row),
        created_date=row.created_date,
        text=row.text,
        lang=row.lang,
        deleted=row.deleted,
        surplus=row.surplus or None,
        ratings=given,
    )


def _pseudonym(row: AnyRow) -> str | None:
    """Name an author by a random id, never by what a frontend calls them; imported ones keep theirs."""
    name: str | None = row.username if row.auth_method == AuthMethod.system else row.person_id
    return name


def _sum_of_counts(imported: Mapping[str, int] | None, own: Mapping[str, int]) -> dict[str, int] | None:
    """Add what people did here to what came in with a file."""
    counts = dict(imported or {})
    for name, count in own.items():
        counts[name] = counts.get(name, 0) + count
    return None if imported is None and not own else counts


def _summary(
    imported: Mapping[str, Mapping[str, Any]], given: Sequence[Mapping[str, float]]
) -> dict[str, LabelSummary]:
    """Take the mean of each label over those who gave it, and over those whose mean was imported."""
    values = _grouped((name, value) for labels in given for name, value in labels.items())
    found: dict[str, LabelSummary] = {}
    for name in {**imported, **values}:
        known = LabelSummary.model_validate(imported.get(name) or {"count": 0})
        own = values.get(name, [])
        # What came in goes out unchanged where nobody added to it: a mean of a mean is not exact.
        found[name] = known if not own else _mean(known, own)
    return found


def _mean(known: LabelSummary, own: Sequence[float]) -> LabelSummary:
    answered = known.count if known.value is not None else 0
    total = sum(own) + (known.value or 0.0) * answered
    return LabelSummary(value=total / (answered + len(own)), count=answered + len(own))


def _grouped(pairs: Iterator[tuple[KeyT, ValueT]]) -> dict[KeyT, list[ValueT]]:
    groups: dict[KeyT, list[ValueT]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)
