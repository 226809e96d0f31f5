"""Counts the work that a person could get now: all that is free, less what is not for them."""

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
_FREE = sa.and_(open_work.c.lang == sa.bindparam("lang"), open_work.c.free == sa.true())


def _subjects(
    kind: Reserves, subject: sa.ColumnElement[Any], *conditions: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    return sa.select(sa.literal(kind.value).label("kind"), subject.label("subject_id")).where(*conditions)


def _skipped(kind: Reserves, mark: str) -> sa.Select[Any]:
    return _subjects(
        kind, reactions.c.message_id, reactions.c.person_id == _PERSON, reactions.c.emoji == mark
    )


# Told from the side of the person, whose deeds are fewer than the work there is.
_NOT_FOR_PERSON = sa.union(
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
    _subjects(Reserves.reply, open_work.c.subject_id, open_work.c.not_before > _NOW),
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
).subquery("not_for_person")
_ALL = sa.select(open_work.c.type, sa.func.count()).where(_FREE).group_by(open_work.c.type)
_THEIRS = (
    sa.select(open_work.c.type, sa.func.count())
    .select_from(
        _NOT_FOR_PERSON.join(
            open_work,
            sa.and_(
                open_work.c.kind == _NOT_FOR_PERSON.c.kind,
                open_work.c.subject_id == _NOT_FOR_PERSON.c.subject_id,
            ),
        )
    )
    .where(_FREE)
    .group_by(open_work.c.type)
)


def count_work(
    connection: sa.Connection, context: Context, *, person_id: str, lang: str
) -> dict[TaskRequestType, int]:
    """Count the work for a person by type, prompts included; `random` is the sum of the others.

    It costs a walk along an index of what is free in the language, and along what the person has done.
    """
    key = {"person_id": person_id, "lang": lang, "now": context.now}
    counts = dict.fromkeys(TaskRequestType, 0)
    for task_type, count in connection.execute(_ALL, key):
        counts[TaskRequestType(task_type)] += count
    for task_type, count in connection.execute(_THEIRS, key):
        counts[TaskRequestType(task_type)] -= count
    counts[TaskRequestType.initial_prompt] = count_wanted_prompts(connection, context, lang)
    counts[TaskRequestType.random] = sum(counts.values())
    return counts
