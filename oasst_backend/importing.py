"""Brings prompts, trees and stories from files into the storage, in streams.

A file is read twice. The first pass sees that every line is right and adds nothing; the second one adds, in
transactions of a few hundred messages, so that a running backend goes on answering. Each entry is added whole
or not at all, and what is there already is passed over: an import that was cut off is completed by running it
again.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from oasst_backend.api.app import utc_now
from oasst_backend.dataset.lines import DatasetError, Entry, LineFile, LineProblem, Problems
from oasst_backend.dataset.models import ExportTree, PromptLine, StoryLine, walk
from oasst_backend.dataset.reading import FileKind, prompts_in, stories_in, trees_in, whole
from oasst_backend.dataset.seen_ids import SeenIds
from oasst_backend.errors import SetupError
from oasst_backend.progress import Step, StoppedError, Watch, unwatched
from oasst_backend.service.catching_up import walk_again
from oasst_backend.service.context import Context
from oasst_backend.service.imported_prompts import PromptFile, add_prompts
from oasst_backend.service.imported_trees import Known, add_trees, known_trees
from oasst_backend.service.startup import are_rules_in_force, rules_version
from oasst_backend.service.stories import plant_story
from oasst_backend.service.tasks import DEFAULT_LANG
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

MESSAGES_AT_ONCE = 250
"""Messages that are in memory at a time, and added in one transaction."""

PAUSE_SECONDS = 0.025
"""For so long at least nothing is written between two transactions.

A running backend that waits for SQLite's lock tries again every 25 milliseconds at the most, as long as it
has not waited for more than an eighth of a second: so it has its turn after the transaction under way.
"""

OTHER_RULES = 0
"""The number of rules that are not those in force, which are 1 or more."""

EntryT = TypeVar("EntryT", bound=BaseModel)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class ImportCounts:
    """How much was added.

    Attributes:
        entries: trees, one for each prompt; or stories.
        parts: their messages or summaries.
        known: trees, prompts or stories that were there already.
    """

    entries: int = 0
    parts: int = 0
    known: int = 0

    def __add__(self, other: "ImportCounts") -> "ImportCounts":
        return ImportCounts(self.entries + other.entries, self.parts + other.parts, self.known + other.known)


class ImportCutOffError(SetupError):
    """An import ended in the middle; what it had added stays, and running it again adds the rest."""


def import_prompts(  # noqa: PLR0913  # what an operator may say of a file
    storage: Storage,
    settings: BackendSettings,
    path: Path,
    *,
    lang: str = DEFAULT_LANG,
    accepted: bool = False,
    clock: Callable[[], datetime] = utc_now,
    rng: random.Random | None = None,
    watch: Watch = unwatched,
) -> ImportCounts:
    """Add prompts, each as the root of a tree that people review like any other.

    A prompt whose text was imported before in this language, alone or in a tree, is passed over.

    Args:
        storage: where they go; the backend may run at the same time.
        settings: the backend's settings.
        path: the file, one prompt a line.
        lang: the language of prompts that name none.
        accepted: whether to take them as reviewed, so that they wait for the lottery at once.
        clock: gives the moment in UTC.
        rng: the source of chance.
        watch: is told how many bytes of the file are done.

    Raises:
        DatasetError: the file cannot be read or a line is broken; nothing was added.
        ImportCutOffError: it ended in the middle.
    """
    context = _contexts(storage, settings, clock, rng)
    start = clock()
    file = PromptFile(path.name, lang, accepted)

    def add(connection: sa.Connection, batch: _Batch[PromptLine]) -> ImportCounts:
        moment = start + timedelta(microseconds=batch.first)
        added = add_prompts(connection, context(), batch.values, file, moment)
        return ImportCounts(added, added, len(batch.entries) - added)

    read = partial(prompts_in, max_length=settings.message_size_limit)
    return _import(storage, path, _Plan(FileKind.prompts, read, _walked(add, context)), watch)


def import_trees(  # what an operator may say of a file
    storage: Storage,
    settings: BackendSettings,
    path: Path,
    *,
    backlog: bool = False,
    clock: Callable[[], datetime] = utc_now,
    rng: random.Random | None = None,
    watch: Watch = unwatched,
) -> ImportCounts:
    """Add whole trees in the dataset's format, with the ids that they have.

    A tree whose id is there already is passed over and stays as it is.

    Args:
        storage: where they go; the backend may run at the same time.
        settings: the backend's settings.
        path: the file, one tree a line.
        backlog: whether they wait in the backlog until their replies are ranked anew.
        clock: gives the moment in UTC.
        rng: the source of chance.
        watch: is told how many bytes of the file are done.

    Raises:
        DatasetError: the file cannot be read, a line is broken, or a message of a new tree is there already
            in another one; nothing was added.
        ImportCutOffError: it ended in the middle.
    """
    context = _contexts(storage, settings, clock, rng)
    start = clock()

    def misfits(connection: sa.Connection, batch: _Batch[ExportTree]) -> list[LineProblem]:
        return _elsewhere(batch, known_trees(connection, batch.values))

    def add(connection: sa.Connection, batch: _Batch[ExportTree]) -> ImportCounts:
        known = known_trees(connection, batch.values)
        if problems := _elsewhere(batch, known):
            raise DatasetError(path, problems)
        new = [tree for tree in batch.values if str(tree.message_tree_id) not in known.trees]
        # A microsecond apart where no date is given, so that an export keeps the file's order.
        moment = start + timedelta(microseconds=batch.first)
        parts = add_trees(connection, context(), new, start=moment, backlog=backlog) if new else 0
        return ImportCounts(len(new), parts, len(known.trees))

    def size(tree: ExportTree) -> int:
        return sum(1 for _ in walk(tree))

    with SeenIds() as seen:
        plan = _Plan(
            FileKind.trees, trees_in, _walked(add, context), size, partial(trees_in, seen=seen), misfits
        )
        return _import(storage, path, plan, watch)


def import_stories(  # what an operator may say of a file
    storage: Storage,
    settings: BackendSettings,
    path: Path,
    *,
    lang: str = DEFAULT_LANG,
    clock: Callable[[], datetime] = utc_now,
    rng: random.Random | None = None,
    watch: Watch = unwatched,
) -> ImportCounts:
    """Add stories that people summarise, with the summaries that the file has.

    A story whose text is there already is passed over, with its summaries.

    Args:
        storage: where they go; the backend may run at the same time.
        settings: the backend's settings.
        path: the file, one story a line.
        lang: the language of stories that name none.
        clock: gives the moment in UTC.
        rng: the source of chance.
        watch: is told how many bytes of the file are done.

    Raises:
        DatasetError: the file cannot be read or a line is broken; nothing was added.
        ImportCutOffError: it ended in the middle.
    """
    context = _contexts(storage, settings, clock, rng)

    def add(connection: sa.Connection, batch: _Batch[StoryLine]) -> ImportCounts:
        counts = ImportCounts()
        for story in batch.values:
            texts = [summary.text for summary in story.summaries if not summary.deleted]
            is_new = plant_story(
                connection,
                context(),
                text=story.story,
                lang=story.lang or lang,
                origin=story.origin or path.name,
                texts_of_summaries=texts,
            )
            counts += ImportCounts(1, len(texts)) if is_new else ImportCounts(known=1)
        return counts

    def size(story: StoryLine) -> int:
        return 1 + len(story.summaries)

    return _import(storage, path, _Plan(FileKind.stories, stories_in, _walked(add, context), size), watch)


@dataclass(frozen=True)
class _Batch(Generic[EntryT]):
    """Entries that are checked or added together.

    Attributes:
        entries: the entries with their lines.
        first: how many messages stand before them in the file.
    """

    entries: list[Entry[EntryT]]
    first: int

    @property
    def values(self) -> list[EntryT]:
        """What the lines hold."""
        return [entry.value for entry in self.entries]


def _elsewhere(batch: _Batch[ExportTree], known: Known) -> list[LineProblem]:
    return [
        LineProblem(entry.line, f"message {message} is in the database already, in another tree")
        for entry in batch.entries
        if (message := known.elsewhere.get(str(entry.value.message_tree_id)))
    ]


def _one(_value: object) -> int:
    return 1


def _none(_connection: sa.Connection, _batch: object) -> list[LineProblem]:
    return []


_Add = Callable[[sa.Connection, _Batch[EntryT]], ImportCounts]


def _walked(add: _Add[EntryT], context: Callable[[], Context]) -> _Add[EntryT]:
    """Have what is added outside of trees looked at, too, when the rules are others; it bears no number."""

    def add_and_note(connection: sa.Connection, batch: _Batch[EntryT]) -> ImportCounts:
        if context().rules_version == OTHER_RULES:
            walk_again(connection)
        return add(connection, batch)

    return add_and_note


_Read = Callable[[LineFile, Problems], Iterator[Entry[EntryT]]]


@dataclass(frozen=True)
class _Plan(Generic[EntryT]):
    """How one kind of file is checked and added.

    Attributes:
        kind: the kind.
        read: gives the entries of a file.
        add: adds those of a batch that are not there yet.
        size: says how many messages an entry has.
        read_first: reads instead of `read` in the first pass, where that looks at more.
        misfits: gives the entries of a batch that cannot stand beside what is there.
    """

    kind: FileKind
    read: _Read[EntryT]
    add: _Add[EntryT]
    size: Callable[[EntryT], int] = _one
    read_first: _Read[EntryT] | None = None
    misfits: Callable[[sa.Connection, _Batch[EntryT]], list[LineProblem]] = _none


def _import(storage: Storage, path: Path, plan: _Plan[EntryT], watch: Watch) -> ImportCounts:
    with LineFile(path) as file:
        _check(storage, file, plan, watch)
        counts = ImportCounts()
        problems = Problems(path)
        try:
            free_since = float("-inf")
            for batch in _batches(plan.read(file, problems), plan.size):
                time.sleep(max(0.0, free_since + PAUSE_SECONDS - time.monotonic()))
                counts += storage.write_now(_with_batch(plan.add, batch))
                free_since = time.monotonic()
                watch(Step.adding, batch.entries[-1].end, file.size)
            problems.check()
        except (DBAPIError, DatasetError, StoppedError) as error:
            if not counts.entries:
                raise
            raise _cut_off(path, plan.kind, counts, error) from error
    return counts


def _check(storage: Storage, file: LineFile, plan: _Plan[EntryT], watch: Watch) -> None:
    """See that all of a file can be added.

    Raises:
        DatasetError: it cannot.
    """
    problems = Problems(file.path)
    entries = whole((plan.read_first or plan.read)(file, problems), problems, plan.kind)
    for batch in _batches(entries, plan.size):
        for problem in storage.read_now(_with_batch(plan.misfits, batch)):
            problems.add(problem.line, problem.reason)
        watch(Step.checking, batch.entries[-1].end, file.size)
    problems.check()


def _with_batch(
    work: Callable[[sa.Connection, _Batch[EntryT]], ResultT], batch: _Batch[EntryT]
) -> Callable[[sa.Connection], ResultT]:
    return lambda connection: work(connection, batch)


def _batches(entries: Iterator[Entry[EntryT]], size: Callable[[EntryT], int]) -> Iterator[_Batch[EntryT]]:
    together: list[Entry[EntryT]] = []
    first = parts = 0
    for entry in entries:
        together.append(entry)
        parts += size(entry.value)
        if parts >= MESSAGES_AT_ONCE:
            yield _Batch(together, first)
            first += parts
            together, parts = [], 0
    if together:
        yield _Batch(together, first)


def _contexts(
    storage: Storage, settings: BackendSettings, clock: Callable[[], datetime], rng: random.Random | None
) -> Callable[[], Context]:
    chance = rng or random.Random()  # noqa: S311  # no secret depends on it
    in_force = storage.read_now(lambda connection: are_rules_in_force(connection, settings))
    # What is planted by other rules than the backend serves with is looked at when it starts again.
    version = storage.read_now(rules_version) if in_force else OTHER_RULES
    return lambda: Context(settings, clock(), chance, version)


def _cut_off(path: Path, kind: FileKind, counts: ImportCounts, error: Exception) -> ImportCutOffError:
    what = {
        DatasetError: "the file changed while it was read",
        StoppedError: "it was stopped",
    }.get(type(error), "the database did not take the rest")
    added = "stories" if kind is FileKind.stories else "trees"
    return ImportCutOffError(
        f"the import of {path} ended in the middle: {what}; {counts.entries} {added} were added, "
        "run it again to add the rest"
    )
