"""Counts the work that a person could get now: all that is free, less what is not for them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from oasst_backend.service.context import Context
from oasst_backend.service.selection import (
    SKIP_LABELING,
    SKIP_RANKING,
    SKIP_REPLY,
    count_wanted_prompts,
)
from oasst_backend.service.work import Reserves
from oasst_backend.storage.tables import (
    labellings,
    messages,
    open_work,
    rankings,
    reactions,
    summaries,
    tasks,
    trees,
)
from oasst_client import TaskRequestType

_PERSON = sa.bindparam("person_id", type_=sa.String)
_NOW = sa.bindparam("now", type_=open_work.c.not_before.type)
_FREE = open_work.c.free == sa.true()
_OF_LANG = open_work.c.lang == sa.bindparam("lang")


def _subjects(
    kind: Reserves, subject: sa.ColumnElement[Any], *conditions: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    return sa.select(sa.literal(kind.value).label("kind"), subject.label("subject_id")).where(*conditions)


def _skipped(kind: Reserves, mark: str) -> sa.Select[Any]:
    return _subjects(
        kind, reactions.c.message_id, reactions.c.person_id == _PERSON, reactions.c.emoji == mark
    )


# Told from the side of the person, whose deeds are fewer than the work there is.
_DEEDS: tuple[sa.Select[Any], ...] = (
    _subjects(Reserves.review, messages.c.id, messages.c.person_id == _PERSON),
    _subjects(
        Reserves.review,
        labellings.c.message_id,
        labellings.c.person_id == _PERSON,
        labellings.c.task_id.is_not(None),
    ),
    _skipped(Reserves.review, SKIP_LABELING),
    _subjects(Reserves.reply, messages.c.parent_id, messages.c.person_id == _PERSON, ~messages.c.deleted),
    _skipped(Reserves.reply, SKIP_REPLY),
    _subjects(
        Reserves.ranking,
        messages.c.parent_id,
        messages.c.person_id == _PERSON,
        ~messages.c.deleted,
        messages.c.review_result,
    ),
    _subjects(Reserves.ranking, rankings.c.parent_id, rankings.c.person_id == _PERSON),
    _skipped(Reserves.ranking, SKIP_RANKING),
    _subjects(Reserves.prompt_ranking, trees.c.prompt_group_id, trees.c.author_id == _PERSON),
    _subjects(Reserves.rating, summaries.c.id, summaries.c.person_id == _PERSON),
    sa.select(tasks.c.kind, tasks.c.subject_id).where(
        tasks.c.person_id == _PERSON,
        tasks.c.subject_id.is_not(None),
        tasks.c.tree_id.is_(None),
        sa.or_(tasks.c.reserved_until.is_not(None), ~tasks.c.is_open),
    ),
    sa.select(tasks.c.kind, tasks.c.subject_id).where(
        tasks.c.person_id == _PERSON,
        tasks.c.is_open == sa.true(),
        tasks.c.reserved_until.is_not(None),
    ),
)
DEEDS = sa.union(*_DEEDS).subquery("deeds")
"""The kind and the subject of all work that a person (`person_id`) wrote, did, skipped or has in hand."""

_NOT_FOR_PERSON = sa.union(
    *_DEEDS, _subjects(Reserves.reply, open_work.c.subject_id, open_work.c.not_before > _NOW)
).subquery("not_for_person")


def at_subjects(subjects: sa.FromClause) -> sa.FromClause:
    """Join subjects, told by `kind` and `subject_id`, with the open work at them."""
    at_same = sa.and_(open_work.c.kind == subjects.c.kind, open_work.c.subject_id == subjects.c.subject_id)
    return subjects.join(open_work, at_same)


def _free(work: sa.FromClause = open_work) -> sa.Select[Any]:
    """Count the free work among some by language and type."""
    by = (open_work.c.lang, open_work.c.type)
    return sa.select(*by, sa.func.count()).select_from(work).where(_FREE).group_by(*by)


_ALL, _THEIRS, _DONE = _free(), _free(at_subjects(_NOT_FOR_PERSON)), _free(at_subjects(DEEDS))
_ALL_OF_LANG, _THEIRS_OF_LANG = _ALL.where(_OF_LANG), _THEIRS.where(_OF_LANG)


def count_work(
    connection: sa.Connection, context: Context, *, person_id: str, lang: str
) -> dict[TaskRequestType, int]:
    """Count the work for a person by type, prompts included; `random` is the sum of the others.

    It costs a walk along an index of what is free in the language, and along what the person has done.
    """
    key = {"person_id": person_id, "lang": lang, "now": context.now}
    counts = dict.fromkeys(TaskRequestType, 0)
    for _, task_type, count in connection.execute(_ALL_OF_LANG, key):
        counts[TaskRequestType(task_type)] += count
    for _, task_type, count in connection.execute(_THEIRS_OF_LANG, key):
        counts[TaskRequestType(task_type)] -= count
    counts[TaskRequestType.initial_prompt] = count_wanted_prompts(connection, context, lang)
    counts[TaskRequestType.random] = sum(counts.values())
    return counts


@dataclass(frozen=True)
class FreeWork:
    """The free work of one language by type, prompts left out.

    Attributes:
        all: all of it.
        kept_away: what this person cannot get now.
        done: what of that has to do with the person; the rest was handed to somebody else just now.
    """

    all: Counter[TaskRequestType] = field(default_factory=Counter)
    kept_away: Counter[TaskRequestType] = field(default_factory=Counter)
    done: Counter[TaskRequestType] = field(default_factory=Counter)

    def for_person(self, task_type: TaskRequestType) -> int:
        """Give what `count_work` counts."""
        return self.all[task_type] - self.kept_away[task_type]


def free_work(connection: sa.Connection, context: Context, person_id: str) -> defaultdict[str, FreeWork]:
    """Count the free work of all languages; it walks along an index of all that is free."""
    key = {"person_id": person_id, "now": context.now}
    found: defaultdict[str, FreeWork] = defaultdict(FreeWork)
    for statement, name in ((_ALL, "all"), (_THEIRS, "kept_away"), (_DONE, "done")):
        for lang, task_type, count in connection.execute(statement, key):
            getattr(found[lang], name)[TaskRequestType(task_type)] = count
    return found
