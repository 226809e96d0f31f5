"""Handfuls of waiting prompts: they are put in order by people, and the order weighs in the lottery."""

import sqlalchemy as sa

from oasst_backend.rules.scoring import consensus, is_good_ranking
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.scoring import mark_good
from oasst_backend.service.work import Released, Reserves, Wanted, set_work, work_at
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import prompt_groups, rankings, trees
from oasst_client import TaskRequestType

FEWEST = 2
"""Prompts that can be put in order at least."""

_UNGROUPED = (
    sa.select(trees.c.id)
    .where(
        trees.c.lang == sa.bindparam("lang"),
        trees.c.state == TreeState.prompt_lottery_waiting,
        trees.c.prompt_group_id.is_(None),
    )
    .limit(sa.bindparam("at_most"))
)
_WAITING_OF_GROUP = sa.select(trees.c.id).where(
    trees.c.prompt_group_id == sa.bindparam("group_id"), trees.c.state == TreeState.prompt_lottery_waiting
)
_GROUP = sa.select(prompt_groups).where(prompt_groups.c.id == sa.bindparam("group_id"))
_BALLOTS = sa.select(
    rankings.c.id,
    rankings.c.ranked_ids,
    rankings.c.person_id,
    rankings.c.good,
    rankings.c.created_date,
).where(rankings.c.prompt_group_id == sa.bindparam("group_id"), rankings.c.counted, ~rankings.c.not_rankable)
_SET_RANK = trees.update().where(trees.c.id == sa.bindparam("at")).values(prompt_rank=sa.bindparam("place"))


def join_group(connection: sa.Connection, context: Context, lang: str) -> None:
    """Make a handful of the waiting prompts of a language that are in none, if there are enough of them."""
    size = context.trees.prompts_per_ranking
    if size < FEWEST:
        return
    ids = connection.execute(_UNGROUPED, {"lang": lang, "at_most": size}).scalars().all()
    if len(ids) < size:
        return
    group_id = new_id()
    connection.execute(
        prompt_groups.insert(),
        {"id": group_id, "lang": lang, "created_date": context.now, "ranking_count": 0},
    )
    connection.execute(trees.update().where(trees.c.id.in_(ids)).values(prompt_group_id=group_id))
    refresh_group(connection, context, group_id)


def refresh_group(
    connection: sa.Connection, context: Context, group_id: str, released: Released | None = None
) -> None:
    """Set what rankings of a handful are wanted: none once it has them, or when fewer than two still wait.

    A handful that has its rankings is put in order, whether by the last one or by rules that want fewer.
    """
    row = work_at(connection, Reserves.prompt_ranking.value, group_id)
    set_work(
        connection,
        context,
        wanted_of_group(connection, context, group_id),
        [] if row is None else [row],
        released=released,
    )
    group = connection.execute(_GROUP, {"group_id": group_id}).one()
    if group.ranking_count >= context.trees.num_required_rankings:
        _rank_group(connection, context, group_id)


def wanted_of_group(connection: sa.Connection, context: Context, group_id: str) -> list[Wanted]:
    """Tell how many rankings of a handful are still wanted."""
    group = connection.execute(_GROUP, {"group_id": group_id}).one()
    missing = context.trees.num_required_rankings - group.ranking_count
    waiting = connection.execute(_WAITING_OF_GROUP, {"group_id": group_id}).scalars().all()
    if missing <= 0 or len(waiting) < FEWEST or context.trees.prompts_per_ranking < FEWEST:
        return []
    return [Wanted(TaskRequestType.rank_initial_prompts, group_id, group.lang, missing)]


def take_group_ranking(
    connection: sa.Connection, context: Context, work: AnyRow, released: Released | None
) -> None:
    """Count one more ballot on a handful; the last one decides the order."""
    group_id = work.subject_id
    connection.execute(
        prompt_groups.update()
        .where(prompt_groups.c.id == group_id)
        .values(ranking_count=prompt_groups.c.ranking_count + 1)
    )
    refresh_group(connection, context, group_id, released)


def _rank_group(connection: sa.Connection, context: Context, group_id: str) -> None:
    ballots = connection.execute(_BALLOTS, {"group_id": group_id}).all()
    if all(ballot.good is not None for ballot in ballots):
        return  # in order already, or nobody could tell the prompts apart
    agreed = consensus([ballot.ranked_ids for ballot in ballots])
    if agreed is None:
        return
    connection.execute(_SET_RANK, [{"at": tree_id, "place": place} for place, tree_id in enumerate(agreed)])
    mark_good(
        connection, context, [(ballot, is_good_ranking(ballot.ranked_ids, agreed)) for ballot in ballots]
    )
