"""The open work: what is wanted where, who has it in hand, and what becomes free again.

A row of `open_work` stands for a piece of work that is wanted or in hand. Its `reserved` is the number of
tasks that hold a place at it, so a task that is handed out can be answered until its reservation ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from oasst_backend.rules.selection import KIND_OF_TYPE, WorkKind
from oasst_backend.service.context import Context
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import open_work, tasks, trees
from oasst_client import TaskRequestType


class Reserves(StrEnum):
    """What a task holds a place at: the kind of a row of `open_work`, or a prompt, which has none."""

    reply = "reply"
    review = "review"
    ranking = "ranking"
    prompt_ranking = "prompt_ranking"
    summary = "summary"
    rating = "rating"
    prompt = "prompt"


RESERVED_BY: Mapping[TaskRequestType, Reserves] = {
    TaskRequestType.summarize_story: Reserves.summary,
    TaskRequestType.rate_summary: Reserves.rating,
    TaskRequestType.initial_prompt: Reserves.prompt,
    TaskRequestType.prompter_reply: Reserves.reply,
    TaskRequestType.assistant_reply: Reserves.reply,
    TaskRequestType.rank_initial_prompts: Reserves.prompt_ranking,
    TaskRequestType.rank_prompter_replies: Reserves.ranking,
    TaskRequestType.rank_assistant_replies: Reserves.ranking,
    TaskRequestType.label_initial_prompt: Reserves.review,
    TaskRequestType.label_assistant_reply: Reserves.review,
    TaskRequestType.label_prompter_reply: Reserves.review,
}

EXPIRED_AT_ONCE = 100
"""Reservations that end in one transaction at most, however many ran out while nobody called."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece of work that a tree, a group, a story or a summary wants done."""

    type: TaskRequestType
    subject_id: str
    lang: str
    wanted: int
    lonely: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The primary key of its row."""
        return RESERVED_BY[self.type].value, self.subject_id

    @property
    def draw_kind(self) -> WorkKind:
        """The kind among which it is drawn."""
        return KIND_OF_TYPE[self.type]


_OF_TREE = Prepared(sa.select(open_work).where(open_work.c.tree_id == sa.bindparam("tree_id")))
_AT = sa.and_(
    open_work.c.kind == sa.bindparam("at_kind"), open_work.c.subject_id == sa.bindparam("at_subject")
)
_ONE = Prepared(sa.select(open_work).where(_AT))
_INSERT = Prepared.insert(open_work)
_DELETE = Prepared(open_work.delete().where(_AT))
_SET = Prepared(
    open_work.update()
    .where(_AT)
    .values(
        {name: sa.bindparam(name) for name in ("type", "wanted", "reserved", "free", "lonely", "not_before")}
    )
)
_FREE_REPLIES = Prepared(
    open_work.update()
    .where(
        open_work.c.tree_id == sa.bindparam("of_tree"),
        open_work.c.kind == Reserves.reply.value,
        open_work.c.wanted > open_work.c.reserved,
    )
    .values(free=sa.bindparam("is_free"))
)
_REPLIES_UNDER_WAY = Prepared(
    trees.update()
    .where(trees.c.id == sa.bindparam("of_tree"))
    .values(replies_under_way=trees.c.replies_under_way + sa.bindparam("more"))
    .returning(trees.c.reply_places, trees.c.replies_under_way)
)
_EXPIRED = Prepared(
    sa.select(tasks.c.id, tasks.c.kind, tasks.c.subject_id)
    .where(tasks.c.reserved_until <= sa.bindparam("now", type_=tasks.c.reserved_until.type))
    .order_by(tasks.c.reserved_until)
    .limit(EXPIRED_AT_ONCE)
)
_EXPIRED_AT = Prepared(
    sa.select(tasks.c.id, tasks.c.kind, tasks.c.subject_id).where(
        tasks.c.reserved_until <= sa.bindparam("now", type_=tasks.c.reserved_until.type),
        tasks.c.reserved_until.is_not(None),
        tasks.c.subject_id == sa.bindparam("at_subject"),
        tasks.c.subject_id.is_not(None),
        tasks.c.kind == sa.bindparam("at_kind"),
    )
)
_FORGET = Prepared(tasks.update().where(tasks.c.id == sa.bindparam("task_id")).values(reserved_until=None))


def rows_of_tree(connection: sa.Connection, tree_id: str) -> Sequence[AnyRow]:
    """Read the open work of a tree."""
    return _OF_TREE.all(connection, {"tree_id": tree_id})


def work_at(connection: sa.Connection, kind: str, subject_id: str) -> AnyRow | None:
    """Read one piece of open work; None if nothing is wanted or in hand there."""
    return _ONE.first(connection, {"at_kind": kind, "at_subject": subject_id})


@dataclass(frozen=True, slots=True)
class Released:
    """The piece of work at which the answer that is just being taken held a place."""

    kind: str
    subject_id: str

    @property
    def key(self) -> tuple[str, str]:
        """The primary key of its row."""
        return self.kind, self.subject_id


def replies_under_way(rows: Iterable[AnyRow], released: Released | None = None) -> int:
    """Count the replies to a tree that somebody has in hand, less the one that just came."""
    held = sum(row.reserved for row in rows if row.kind == Reserves.reply.value)
    return int(held) - int(released is not None and released.kind == Reserves.reply.value)


def set_work(  # what is wanted, what is there, and what the tree allows
    connection: sa.Connection,
    context: Context,
    wanted: Iterable[Wanted],
    rows: Iterable[AnyRow],
    *,
    tree_id: str | None = None,
    places_left: bool = True,
    released: Released | None = None,
) -> None:
    """Bring the rows in step with what is wanted.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        wanted: all that is wanted there now.
        rows: the rows that are there, before.
        tree_id: the tree that they belong to, if any.
        places_left: whether the tree takes another reply.
        released: where a place is given back at the same time.
    """
    change = plan_work(context, wanted, rows, tree_id=tree_id, places_left=places_left, released=released)
    _DELETE.run_each(connection, change.gone)
    _SET.run_each(connection, change.changed)
    _INSERT.run_each(connection, change.new)


@dataclass(frozen=True, slots=True)
class WorkChange:
    """What has to be written so that the open work is in step."""

    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    gone: list[dict[str, Any]]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def plan_work(
    context: Context,
    wanted: Iterable[Wanted],
    rows: Iterable[AnyRow],
    *,
    tree_id: str | None,
    places_left: bool,
    released: Released | None = None,
) -> WorkChange:
    """Tell what `set_work` would write; see there."""
    before = {(row.kind, row.subject_id): row for row in rows}
    change = WorkChange([], [], [])
    for item in wanted:
        row = before.pop(item.key, None)
        is_released = released is not None and released.key == item.key
        reserved = row.reserved - int(is_released) if row is not None else 0
        is_reply = item.key[0] == Reserves.reply.value
        values = {
            "type": item.type.value,
            "wanted": item.wanted,
            "reserved": reserved,
            "free": item.wanted > reserved and (places_left or not is_reply),
            "lonely": item.lonely,
            "not_before": None if row is None or (is_released and reserved <= 0) else row.not_before,
        }
        if row is None:
            change.new.append(
                {
                    **values,
                    "kind": item.key[0],
                    "subject_id": item.subject_id,
                    "draw_kind": item.draw_kind.value,
                    "lang": item.lang,
                    "tree_id": tree_id,
                    "shuffle": context.rng.random(),
                }
            )
        elif any(getattr(row, name) != value for name, value in values.items()):
            change.changed.append({**values, "at_kind": row.kind, "at_subject": row.subject_id})
    for key, row in before.items():
        reserved = row.reserved - int(released is not None and released.key == key)
        if reserved <= 0:
            change.gone.append({"at_kind": row.kind, "at_subject": row.subject_id})
        elif row.wanted or row.free or reserved != row.reserved:
            change.changed.append({**_values(row), "wanted": 0, "free": False, "reserved": reserved})
    return change


def reserve(connection: sa.Connection, context: Context, row: AnyRow) -> None:
    """Take a place at a piece of work, as selection found it, for a task."""
    values = _values(row)
    values["reserved"] += 1
    values["free"] = row.wanted > values["reserved"]
    if row.kind == Reserves.reply.value:
        values["not_before"] = context.now + timedelta(seconds=context.trees.recent_tasks_span_sec)
        places, under_way = _REPLIES_UNDER_WAY.one(connection, {"of_tree": row.tree_id, "more": 1})
        if under_way >= places:
            values["free"] = False
            _FREE_REPLIES.run(connection, {"of_tree": row.tree_id, "is_free": False})
    _SET.run(connection, values)


def settle(connection: sa.Connection, row: AnyRow, *, given_back: bool, wanted: int | None = None) -> None:
    """Note that a place is given back, or that less is wanted, or both.

    Args:
        connection: the writer's connection.
        row: the piece of open work, as `work_at` gave it.
        given_back: whether a task gives back the place that it held.
        wanted: how many people are still needed, if that has changed.
    """
    values = _values(row)
    values["reserved"] -= int(given_back)
    values["wanted"] = row.wanted if wanted is None else wanted
    values["free"] = values["wanted"] > values["reserved"]
    # Somebody else may have got it since, and that is what the rest is for.
    values["not_before"] = None if given_back and values["reserved"] <= 0 else row.not_before
    if row.kind == Reserves.reply.value and given_back:
        places, under_way = _REPLIES_UNDER_WAY.one(connection, {"of_tree": row.tree_id, "more": -1})
        values["free"] = values["free"] and places > under_way
        if places - under_way == 1:
            _FREE_REPLIES.run(connection, {"of_tree": row.tree_id, "is_free": True})
    if values["wanted"] <= 0 and values["reserved"] <= 0:
        _DELETE.run(connection, {"at_kind": row.kind, "at_subject": row.subject_id})
    else:
        _SET.run(connection, values)


def release_task(connection: sa.Connection, *, kind: str, subject_id: str | None) -> None:
    """Give back the place that a task held at its work, which nobody answered."""
    row = work_at(connection, kind, subject_id) if subject_id is not None else None
    if row is not None:
        settle(connection, row, given_back=True)


def release_expired(connection: sa.Connection, context: Context) -> None:
    """Give back the places of tasks whose reservation has ended, the oldest first; the next call goes on."""
    _release(connection, _EXPIRED.all(connection, {"now": context.now}))


def release_expired_at(connection: sa.Connection, context: Context, kind: str, subject_id: str) -> None:
    """Give back the places at one piece of work that are no longer kept."""
    given = {"now": context.now, "at_kind": kind, "at_subject": subject_id}
    _release(connection, _EXPIRED_AT.all(connection, given))


def _release(connection: sa.Connection, expired: Iterable[AnyRow]) -> None:
    for task in expired:
        release_task(connection, kind=task.kind, subject_id=task.subject_id)
        _FORGET.run(connection, {"task_id": task.id})


def reservation_end(context: Context) -> datetime:
    """Give the moment until which a task that is handed out or acked now keeps its place."""
    return context.now + timedelta(minutes=context.settings.task_reservation_minutes)


def _values(row: AnyRow) -> dict[str, Any]:
    return {
        "at_kind": row.kind,
        "at_subject": row.subject_id,
        "type": row.type,
        "wanted": row.wanted,
        "reserved": row.reserved,
        "free": row.free,
        "lonely": row.lonely,
        "not_before": row.not_before,
    }
