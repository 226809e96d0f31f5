"""Counts messages and trees for whoever looks after the dataset.

What would have to be counted by going through all messages is counted when the update is asked for, and
kept in `cached_stats`; states are counted as trees move on.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from oasst_backend.errors import Refusal
from oasst_backend.rules.trees import ACTIVE_STATES
from oasst_backend.service.tree_counts import state_counts
from oasst_backend.storage.columns import AnyRow, as_dict
from oasst_backend.storage.tables import cached_stats, messages, people, tree_counts, trees
from oasst_client import OasstErrorCode
from oasst_client.statistics import AllCachedStats, CachedStats, MessageStats, TreeMessageCounts

FRESH_FOR = timedelta(minutes=1)
"""For so long the counts of messages are given out as they are."""

_STATES_BY_LANG = (
    sa.select(tree_counts.c.lang, tree_counts.c.state, tree_counts.c.count)
    .where(tree_counts.c.count > 0)
    .order_by(tree_counts.c.lang, tree_counts.c.state)
)
_MESSAGES = sa.select(messages.c.lang, messages.c.deleted, sa.func.count()).group_by(
    messages.c.lang, messages.c.deleted
)
_HUMAN = sa.and_(~messages.c.deleted, ~messages.c.synthetic)
_KEEP = insert_or_update(cached_stats)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=[cached_stats.c.name],
    set_={"stats": _KEEP.excluded.stats, "modified_date": _KEEP.excluded.modified_date},
)


class StatsName(StrEnum):
    """What the update counts; the last is what `GET /stats/` gives."""

    human_messages_by_lang = "human_messages_by_lang"
    human_messages_by_role = "human_messages_by_role"
    message_trees_by_state = "message_trees_by_state"
    message_trees_states_by_lang = "message_trees_states_by_lang"
    users_accepted_tos = "users_accepted_tos"
    message_stats = "message_stats"


Counted = Mapping[StatsName, JsonValue]
"""What an update counted."""


def tree_message_counts(connection: sa.Connection, max_count: int) -> list[TreeMessageCounts]:
    """Tell how far trees that are worked on have grown, in the order of their ids.

    Args:
        connection: any connection.
        max_count: how many trees at most.
    """
    chosen = (
        sa.select(trees.c.id, trees.c.state, trees.c.goal_tree_size)
        .where(trees.c.state.in_(ACTIVE_STATES))
        .order_by(trees.c.id)
        .limit(max_count)
        .subquery()
    )
    counted = (
        sa.select(
            chosen.c.id,
            chosen.c.state,
            chosen.c.goal_tree_size,
            sa.func.max(messages.c.depth).label("depth"),
            sa.func.min(messages.c.created_date).label("oldest"),
            sa.func.max(messages.c.created_date).label("youngest"),
            sa.func.count().label("count"),
        )
        .select_from(chosen.join(messages, messages.c.tree_id == chosen.c.id))
        .where(~messages.c.deleted)
        .group_by(chosen.c.id, chosen.c.state, chosen.c.goal_tree_size)
        .order_by(chosen.c.id)
    )
    return [
        TreeMessageCounts(
            message_tree_id=UUID(row.id),
            state=row.state,
            depth=row.depth,
            oldest=row.oldest,
            youngest=row.youngest,
            count=row.count,
            goal_tree_size=row.goal_tree_size,
        )
        for row in connection.execute(counted)
    ]


def message_stats(connection: sa.Connection) -> MessageStats:
    """Count messages and trees; it goes through an index of all messages."""
    by_lang: Counter[str] = Counter()
    deleted = 0
    for lang, is_deleted, count in connection.execute(_MESSAGES):
        if is_deleted:
            deleted += count
        else:
            by_lang[lang] += count
    active = by_lang.total()
    return MessageStats(
        all=active + deleted,
        active=active,
        active_by_lang=dict(by_lang),
        deleted=deleted,
        message_trees=sum(state_counts(connection).values()),
    )


def count_all(connection: sa.Connection) -> Counted:
    """Count everything that is kept ready; it goes through indexes of all messages and all people."""
    by_state: dict[str, JsonValue] = {**state_counts(connection)}
    return {
        StatsName.human_messages_by_lang: _count_human(connection, messages.c.lang),
        StatsName.human_messages_by_role: _count_human(connection, messages.c.role),
        StatsName.message_trees_by_state: by_state,
        StatsName.message_trees_states_by_lang: [
            {"lang": lang, "state": state, "count": count}
            for lang, state, count in connection.execute(_STATES_BY_LANG)
        ],
        StatsName.users_accepted_tos: {"count": _count_accepted_terms(connection)},
        StatsName.message_stats: message_stats(connection).model_dump(),
    }


def keep(connection: sa.Connection, now: datetime, counted: Counted) -> None:
    """Keep what was counted."""
    connection.execute(
        _KEEP,
        [{"name": name.value, "stats": stats, "modified_date": now} for name, stats in counted.items()],
    )


def all_cached(connection: sa.Connection) -> AllCachedStats:
    """Show everything that was counted by the last update; before the first one it is empty."""
    rows = connection.execute(sa.select(cached_stats).order_by(cached_stats.c.name))
    return AllCachedStats(stats_by_name={row.name: _cached(row) for row in rows})


def cached(connection: sa.Connection, name: str) -> CachedStats:
    """Show one of the counts of the last update.

    Raises:
        Refusal: there is none of this name, or no update was made yet (6000).
    """
    row = connection.execute(sa.select(cached_stats).where(cached_stats.c.name == name)).one_or_none()
    if row is None:
        raise Refusal(
            OasstErrorCode.cached_stats_not_available, "There are no such statistics; try after an update."
        )
    return _cached(row)


def fresh_message_stats(connection: sa.Connection, now: datetime) -> MessageStats | None:
    """Give the counts of messages that are kept, unless they are old or missing."""
    row = connection.execute(
        sa.select(cached_stats).where(cached_stats.c.name == StatsName.message_stats.value)
    ).one_or_none()
    if row is None or not now - FRESH_FOR < row.modified_date <= now:
        return None
    return MessageStats.model_validate(row.stats)


def _count_human(connection: sa.Connection, column: sa.Column[str]) -> JsonValue:
    counted = sa.select(column, sa.func.count()).where(_HUMAN).group_by(column).order_by(column)
    return as_dict(connection.execute(counted))


def _count_accepted_terms(connection: sa.Connection) -> int:
    accepted = (
        sa.select(sa.func.count())
        .select_from(people)
        .where(people.c.tos_acceptance_date.is_not(None), ~people.c.deleted)
    )
    return connection.execute(accepted).scalar_one()


def _cached(row: AnyRow) -> CachedStats:
    return CachedStats(name=row.name, last_updated=row.modified_date, stats=row.stats)
