"""Draws waiting prompts that start to grow, as far as there is room."""

from collections import defaultdict

import sqlalchemy as sa

from oasst_backend.rules.lottery import draw_prompts
from oasst_backend.rules.scoring import frame_start
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.selection import count_states
from oasst_backend.storage.columns import as_dict
from oasst_backend.storage.tables import people, ranking_places, trees
from oasst_client import LeaderboardTimeFrame

_WAITING = (
    sa.select(trees.c.id, trees.c.author_id)
    .select_from(trees.outerjoin(people, people.c.id == trees.c.author_id))
    .where(
        trees.c.lang == sa.bindparam("lang"),
        trees.c.state == TreeState.prompt_lottery_waiting,
        sa.or_(people.c.id.is_(None), sa.and_(people.c.enabled, ~people.c.deleted)),
    )
    .order_by(trees.c.id)
)
_RANKED_FIRST = (
    sa.select(ranking_places.c.author_id, sa.func.count())
    .where(ranking_places.c.place == 1, ranking_places.c.created_date >= sa.bindparam("month"))
    .group_by(ranking_places.c.author_id)
)


def draw_waiting_prompts(
    connection: sa.Connection, context: Context, lang: str, *, at_most: int
) -> dict[str, int]:
    """Let waiting prompts of a language grow, as many as there is room for.

    Prompts without an author, as imported ones, count as those of one author.

    Returns:
        How many trees of the language are in review, waiting, and growing, after the draw.
    """
    states = count_states(connection, lang)
    room = context.trees.max_active_trees - states.get(TreeState.growing, 0)
    waiting = states.get(TreeState.prompt_lottery_waiting, 0)
    if room <= 0 or waiting <= 0:
        return states
    by_author: dict[str | None, list[str]] = defaultdict(list)
    for tree_id, author_id in connection.execute(_WAITING, {"lang": lang}):
        by_author[author_id].append(tree_id)
    month = frame_start(LeaderboardTimeFrame.month, context.now)
    ranked_first: dict[str | None, int] = as_dict(connection.execute(_RANKED_FIRST, {"month": month}))
    for tree_id in draw_prompts(by_author, ranked_first, min(room, at_most), context.rng):
        connection.execute(
            trees.update().where(trees.c.id == tree_id).values(won_prompt_lottery_date=context.now)
        )
        refresh_tree(connection, context, tree_id)
    return count_states(connection, lang)
