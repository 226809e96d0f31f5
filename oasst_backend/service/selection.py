"""Finds work for a person with indexed SQL; the rows of open tasks reserve what is handed out already."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from oasst_backend.rules.selection import Places, WorkKind, wanted_prompts
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context
from oasst_backend.storage.columns import AnyRow, as_dict
from oasst_backend.storage.tables import labellings, messages, rankings, reactions, tasks, trees
from oasst_client import TaskRequestType

WINDOW = 64
"""A draw looks at this many pieces of work from a random place on; up to so many it is exactly uniform."""

SKIP_REPLY = "_skip_reply"
SKIP_RANKING = "_skip_ranking"
SKIP_LABELING = "_skip_labeling"

_children = messages.alias("children")
_PERSON = sa.bindparam("person_id", type_=sa.String)
_SINCE = sa.bindparam("since", type_=tasks.c.created_date.type)


def _under_way(kind: str) -> sa.ColumnElement[int]:
    """How many open tasks hold a piece of work of this kind at the message."""
    return (
        sa.select(sa.func.count())
        .select_from(tasks)
        .where(
            tasks.c.message_id == messages.c.id,
            tasks.c.kind == kind,
            tasks.c.is_open,
            tasks.c.created_date > _SINCE,
        )
        .correlate(messages)
        .scalar_subquery()
    )


def _own_under_way(kind: str) -> sa.ColumnElement[bool]:
    """Whether this person holds such a task at the message."""
    return (
        sa.exists()
        .where(
            tasks.c.message_id == messages.c.id,
            tasks.c.kind == kind,
            tasks.c.is_open,
            tasks.c.created_date > _SINCE,
            tasks.c.person_id == _PERSON,
        )
        .correlate(messages)
    )


def _skipped(mark: str) -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(
            reactions.c.message_id == messages.c.id,
            reactions.c.person_id == _PERSON,
            reactions.c.emoji == mark,
        )
        .correlate(messages)
    )


_replies_under_way_in_tree = (
    sa.select(sa.func.count())
    .select_from(tasks)
    .where(
        tasks.c.tree_id == messages.c.tree_id,
        tasks.c.kind == WorkKind.reply.value,
        tasks.c.is_open,
        tasks.c.created_date > _SINCE,
    )
    .correlate(messages)
    .scalar_subquery()
)
_places_in_tree = (
    sa.select(trees.c.reply_places)
    .where(trees.c.id == messages.c.tree_id)
    .correlate(messages)
    .scalar_subquery()
)

_REPLY_WANTED = sa.and_(
    messages.c.reply_slots > 0,
    _under_way("reply") == 0,
    _places_in_tree > _replies_under_way_in_tree,
    ~sa.exists()
    .where(_children.c.parent_id == messages.c.id, _children.c.person_id == _PERSON, ~_children.c.deleted)
    .correlate(messages),
    ~_skipped(SKIP_REPLY),
)
_REVIEW_WANTED = sa.and_(
    messages.c.review_slots > 0,
    messages.c.review_slots > _under_way("review"),
    sa.or_(messages.c.person_id.is_(None), messages.c.person_id != _PERSON),
    ~sa.exists()
    .where(
        labellings.c.message_id == messages.c.id,
        labellings.c.person_id == _PERSON,
        labellings.c.task_id.is_not(None),
    )
    .correlate(messages),
    ~_skipped(SKIP_LABELING),
    ~_own_under_way("review"),
)
_RANKING_WANTED = sa.and_(
    messages.c.ranking_slots > 0,
    messages.c.ranking_slots > _under_way("ranking"),
    ~sa.exists()
    .where(
        _children.c.parent_id == messages.c.id,
        _children.c.person_id == _PERSON,
        ~_children.c.deleted,
        _children.c.review_result,
    )
    .correlate(messages),
    ~sa.exists()
    .where(rankings.c.parent_id == messages.c.id, rankings.c.person_id == _PERSON)
    .correlate(messages),
    ~_skipped(SKIP_RANKING),
    ~_own_under_way("ranking"),
)

_IS_ASSISTANT = messages.c.role == "assistant"
_WANTED: Mapping[TaskRequestType, sa.ColumnElement[bool]] = {
    TaskRequestType.assistant_reply: sa.and_(_REPLY_WANTED, ~_IS_ASSISTANT),
    TaskRequestType.prompter_reply: sa.and_(_REPLY_WANTED, _IS_ASSISTANT),
    TaskRequestType.label_initial_prompt: sa.and_(_REVIEW_WANTED, messages.c.depth == 0),
    TaskRequestType.label_assistant_reply: sa.and_(_REVIEW_WANTED, _IS_ASSISTANT),
    TaskRequestType.label_prompter_reply: sa.and_(_REVIEW_WANTED, ~_IS_ASSISTANT, messages.c.depth > 0),
    TaskRequestType.rank_assistant_replies: sa.and_(_RANKING_WANTED, ~_IS_ASSISTANT),
    TaskRequestType.rank_prompter_replies: sa.and_(_RANKING_WANTED, _IS_ASSISTANT),
}
"""When a message has work of a type for a person."""

_WANTED_OF_KIND: Mapping[WorkKind, sa.ColumnElement[bool]] = {
    WorkKind.reply: _REPLY_WANTED,
    WorkKind.label_prompt: _WANTED[TaskRequestType.label_initial_prompt],
    WorkKind.label_reply: sa.and_(_REVIEW_WANTED, messages.c.depth > 0),
    WorkKind.ranking: _RANKING_WANTED,
}


def _window(wanted: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Up to twice `WINDOW` messages, from a random place in the index on and around its end."""
    base = sa.select(
        messages.c.id,
        messages.c.tree_id,
        messages.c.role,
        messages.c.depth,
        messages.c.children_count,
    ).where(messages.c.lang == sa.bindparam("lang"), wanted)
    start = sa.bindparam("start", type_=sa.Float)
    after = base.where(messages.c.shuffle >= start).order_by(messages.c.shuffle).limit(WINDOW).subquery()
    before = base.where(messages.c.shuffle < start).order_by(messages.c.shuffle).limit(WINDOW).subquery()
    both = sa.union_all(sa.select(after), sa.select(before)).subquery()
    return sa.select(both)


_WINDOW_OF_TYPE = {kind: _window(wanted) for kind, wanted in _WANTED.items()}
_WINDOW_OF_KIND = {kind: _window(wanted) for kind, wanted in _WANTED_OF_KIND.items()}
_COUNTS = sa.select(
    *(
        sa.select(sa.func.count())
        .select_from(messages)
        .where(messages.c.lang == sa.bindparam("lang"), wanted)
        .scalar_subquery()
        .label(kind.value)
        for kind, wanted in _WANTED.items()
    )
)
_STATES = (
    sa.select(trees.c.state, sa.func.count())
    .where(
        trees.c.lang == sa.bindparam("lang"),
        trees.c.state.in_(
            [TreeState.initial_prompt_review, TreeState.prompt_lottery_waiting, TreeState.growing]
        ),
    )
    .group_by(trees.c.state)
)
_PROMPTS_UNDER_WAY = (
    sa.select(sa.func.count())
    .select_from(tasks)
    .where(
        tasks.c.lang == sa.bindparam("lang"),
        tasks.c.kind == WorkKind.prompt.value,
        tasks.c.is_open,
        tasks.c.created_date > _SINCE,
    )
)


def find_work(
    connection: sa.Connection,
    context: Context,
    *,
    person_id: str,
    lang: str,
    wanted: TaskRequestType | WorkKind,
) -> list[AnyRow]:
    """Find messages that have work of a type or a kind for a person, of which the caller draws one.

    Returns:
        Rows with `id, tree_id, role, depth, children_count`; empty if there is no such work.
    """
    found = connection.execute(
        _WINDOW_OF_TYPE[wanted] if isinstance(wanted, TaskRequestType) else _WINDOW_OF_KIND[wanted],
        {
            "lang": lang,
            "person_id": person_id,
            "since": context.reserved_since,
            "start": context.rng.random(),
        },
    ).all()
    return list(found[:WINDOW])


def count_work(
    connection: sa.Connection, context: Context, *, person_id: str, lang: str
) -> dict[TaskRequestType, int]:
    """Count the work for a person by type, prompts included; `random` is the sum of the others."""
    row = connection.execute(
        _COUNTS, {"lang": lang, "person_id": person_id, "since": context.reserved_since}
    ).one()
    counts = dict.fromkeys(TaskRequestType, 0)
    counts.update({kind: getattr(row, kind.value) for kind in _WANTED})
    counts[TaskRequestType.initial_prompt] = count_wanted_prompts(connection, context, lang)
    counts[TaskRequestType.random] = sum(counts.values())
    return counts


def count_states(connection: sa.Connection, lang: str) -> dict[str, int]:
    """Count the trees of a language that are in review, waiting for the lottery, or growing."""
    return as_dict(connection.execute(_STATES, {"lang": lang}))


def count_wanted_prompts(
    connection: sa.Connection, context: Context, lang: str, states: Mapping[str, int] | None = None
) -> int:
    """Count the prompts that are wanted in a language, less those that are being written."""
    rules = context.trees
    if lang in rules.init_prompt_disabled_langs:
        return 0
    states = states if states is not None else count_states(connection, lang)
    writing = connection.execute(
        _PROMPTS_UNDER_WAY, {"lang": lang, "since": context.reserved_since}
    ).scalar_one()
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
