"""Finds work for a person: a draw from the open work, past what they wrote, did, skipped or have in hand."""

from collections.abc import Mapping
from functools import cache

import sqlalchemy as sa

from oasst_backend.rules.selection import TYPES, Places, WorkKind, wanted_prompts
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context
from oasst_backend.service.work import RESERVED_BY, Reserves
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import (
    labellings,
    messages,
    open_work,
    rankings,
    reactions,
    summaries,
    tasks,
    tree_counts,
    trees,
)
from oasst_client import TaskRequestType

WINDOW = 16
"""A draw is among this many pieces of work from a random place on; up to so many it is exactly uniform."""

LOOKED_AT = 1000
"""So many pieces of free work are looked at on either side of the random place, whoever they are for."""

SKIP_REPLY = "_skip_reply"
SKIP_RANKING = "_skip_ranking"
SKIP_LABELING = "_skip_labeling"

_children = messages.alias("children")
_roots = trees.alias("roots")
_PERSON = sa.bindparam("person_id", type_=sa.String)
_NOW = sa.bindparam("now", type_=open_work.c.not_before.type)
# A piece of free work that is looked at, see `_window`: by name, because each window looks at others.
_subject: sa.ColumnElement[str] = sa.literal_column("near.subject_id", sa.String)
_work_kind: sa.ColumnElement[str] = sa.literal_column("near.kind", sa.String)
_not_before = sa.literal_column("near.not_before", open_work.c.not_before.type)


def _none(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say that there is no row for which all of this holds."""
    return ~sa.exists(sa.literal(1)).where(*conditions)


def _not_skipped(mark: str) -> sa.ColumnElement[bool]:
    return _none(
        reactions.c.message_id == _subject, reactions.c.person_id == _PERSON, reactions.c.emoji == mark
    )


_NOT_IN_HAND = _none(
    tasks.c.reserved_until.is_not(None),
    tasks.c.subject_id == _subject,
    tasks.c.subject_id.is_not(None),
    tasks.c.kind == _work_kind,
    tasks.c.person_id == _PERSON,
)
_NEVER_HANDED_OUT = _none(
    tasks.c.subject_id == _subject,
    tasks.c.subject_id.is_not(None),
    tasks.c.tree_id.is_(None),
    tasks.c.person_id == _PERSON,
    # One that they let expire may come again.
    sa.or_(tasks.c.reserved_until.is_not(None), ~tasks.c.is_open),
)
_FOR_PERSON: Mapping[Reserves, sa.ColumnElement[bool]] = {
    Reserves.reply: sa.and_(
        sa.or_(_not_before.is_(None), _not_before <= _NOW),
        _none(_children.c.parent_id == _subject, _children.c.person_id == _PERSON, ~_children.c.deleted),
        _not_skipped(SKIP_REPLY),
        _NOT_IN_HAND,
    ),
    Reserves.review: sa.and_(
        _none(messages.c.id == _subject, messages.c.person_id == _PERSON),
        _none(
            labellings.c.message_id == _subject,
            labellings.c.person_id == _PERSON,
            labellings.c.task_id.is_not(None),
        ),
        _not_skipped(SKIP_LABELING),
        _NOT_IN_HAND,
    ),
    Reserves.ranking: sa.and_(
        _none(
            _children.c.parent_id == _subject,
            _children.c.person_id == _PERSON,
            ~_children.c.deleted,
            _children.c.review_result,
        ),
        _none(rankings.c.parent_id == _subject, rankings.c.person_id == _PERSON),
        _not_skipped(SKIP_RANKING),
        _NOT_IN_HAND,
    ),
    Reserves.prompt_ranking: sa.and_(
        _none(_roots.c.prompt_group_id == _subject, _roots.c.author_id == _PERSON), _NEVER_HANDED_OUT
    ),
    Reserves.summary: _NEVER_HANDED_OUT,
    Reserves.rating: sa.and_(
        _none(summaries.c.id == _subject, summaries.c.person_id == _PERSON), _NEVER_HANDED_OUT
    ),
}
"""When a person may have a piece of work that is free."""


def _for_person(types: tuple[TaskRequestType, ...]) -> sa.ColumnElement[bool]:
    """Put the conditions of some types together; those of kinds that are not among them are left out."""
    kinds = {RESERVED_BY[task_type] for task_type in types}
    if len(kinds) == 1:
        return _FOR_PERSON[kinds.pop()]
    return sa.or_(*(sa.and_(_work_kind == kind.value, _FOR_PERSON[kind]) for kind in sorted(kinds)))


@cache
def _window(wanted: TaskRequestType | WorkKind, *, lonely: bool, wrapped: bool) -> Prepared:
    """Up to `WINDOW` rows from a random place on, or from the beginning up to that place.

    What is free is looked at in the order of an index, `LOOKED_AT` pieces at most.
    """
    start = sa.bindparam("start", type_=sa.Float)
    of_wanted = "type" if isinstance(wanted, TaskRequestType) else "draw_kind"
    near = (
        sa.select(open_work)
        .where(
            open_work.c.lang == sa.bindparam("lang"),
            open_work.c.free == sa.true(),
            open_work.c.shuffle < start if wrapped else open_work.c.shuffle >= start,
            # The lonely ones have an index of their own, which does not know what they are wanted for.
            open_work.c.lonely == sa.true() if lonely else open_work.c[of_wanted] == wanted.value,
        )
        .order_by(open_work.c.shuffle)
        .limit(sa.literal_column(str(LOOKED_AT)))
        .subquery("near")
    )
    types = (wanted,) if isinstance(wanted, TaskRequestType) else TYPES[wanted]
    statement = sa.select(near).where(near.c[of_wanted] == wanted.value, _for_person(types))
    # In no order, so that the database stops looking when it has enough.
    return Prepared(statement.limit(sa.bindparam("at_most", type_=sa.Integer)))


_STATES = Prepared(
    sa.select(tree_counts.c.state, tree_counts.c.count).where(tree_counts.c.lang == sa.bindparam("lang"))
)
_PROMPTS_UNDER_WAY = Prepared(
    sa.select(sa.func.count())
    .select_from(tasks)
    .where(
        tasks.c.lang == sa.bindparam("lang"),
        tasks.c.reserved_until.is_not(None),
        tasks.c.subject_id.is_(None),
    )
)
_PROMPTS_IN_LANGUAGES = Prepared(
    sa.select(
        tasks.c.lang,
        sa.func.count().label("all"),
        sa.func.sum(sa.case((tasks.c.person_id == _PERSON, 1), else_=0)).label("own"),
    )
    .where(tasks.c.reserved_until.is_not(None), tasks.c.subject_id.is_(None))
    .group_by(tasks.c.lang)
)


def find_work(
    connection: sa.Connection,
    context: Context,
    *,
    person_id: str,
    lang: str,
    wanted: TaskRequestType | WorkKind,
    lonely: bool = False,
) -> list[AnyRow]:
    """Find pieces of open work of a type or a kind for a person, of which the caller draws one.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        person_id: the person.
        lang: the language of the work.
        wanted: the type or the kind.
        lonely: whether only lonely messages are looked for.

    Returns:
        Up to `WINDOW` rows of `open_work`; empty if there is no such work among what is looked at.
    """
    key = {"lang": lang, "person_id": person_id, "now": context.now, "start": context.rng.random()}
    statement = _window(wanted, lonely=lonely, wrapped=False)
    found = statement.all(connection, {**key, "at_most": WINDOW})
    if len(found) < WINDOW:
        statement = _window(wanted, lonely=lonely, wrapped=True)
        found += statement.all(connection, {**key, "at_most": WINDOW - len(found)})
    return found


def prompts_under_way(connection: sa.Connection, person_id: str) -> dict[str, tuple[int, int]]:
    """Count the prompts that are being written by language: all of them, and those of one person."""
    return {
        row.lang: (row.all, row.own)
        for row in _PROMPTS_IN_LANGUAGES.all(connection, {"person_id": person_id})
    }


def count_states(connection: sa.Connection, lang: str) -> dict[str, int]:
    """Give how many trees of a language are in each state; states without a tree may be left out."""
    return {row[0]: row[1] for row in _STATES.all(connection, {"lang": lang})}


def count_wanted_prompts(
    connection: sa.Connection,
    context: Context,
    lang: str,
    states: Mapping[str, int] | None = None,
    *,
    own: int = 0,
) -> int:
    """Count the prompts that are wanted in a language, less those that are being written.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        lang: the language.
        states: its trees by state, if they were counted.
        own: how many of those that are being written are the caller's own.
    """
    if lang in context.trees.init_prompt_disabled_langs:
        return 0
    states = states if states is not None else count_states(connection, lang)
    writing = _PROMPTS_UNDER_WAY.scalar(connection, {"lang": lang}) - own
    return wanted_prompts_of(context, lang, states, writing)


def wanted_prompts_of(context: Context, lang: str, states: Mapping[str, int], writing: int) -> int:
    """Count the prompts that are wanted in a language.

    Args:
        context: settings, moment and chance.
        lang: the language.
        states: its trees by state.
        writing: how many prompts are being written in it.
    """
    rules = context.trees
    if lang in rules.init_prompt_disabled_langs:
        return 0
    return wanted_prompts(
        Places(
            growing=states.get(TreeState.growing, 0),
            in_review=states.get(TreeState.initial_prompt_review, 0) + writing,
            waiting=states.get(TreeState.prompt_lottery_waiting, 0),
            max_growing=rules.max_active_trees,
            max_in_review=rules.max_initial_prompt_review,
            max_waiting=rules.max_prompt_lottery_waiting,
        )
    )
