"""Draws waiting prompts that start to grow, as far as there is room."""

from collections import defaultdict
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules.lottery import draw_prompts, prompt_weight
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.scores import are_behind, move_frames
from oasst_backend.service.selection import count_states
from oasst_backend.storage.columns import AnyRow, as_dict
from oasst_backend.storage.tables import people, scores, trees
from oasst_client import LeaderboardTimeFrame

CANDIDATES = 300
"""So many waiting prompts take part in a draw at most, so that it costs no more when more are waiting."""

_BEFORE_ALL_IDS, _AFTER_ALL_IDS = "", "g"

_siblings = trees.alias("siblings")
_WAITING = (
    sa.select(
        trees.c.id,
        trees.c.author_id,
        trees.c.prompt_rank,
        sa.select(sa.func.count())
        .where(_siblings.c.prompt_group_id == trees.c.prompt_group_id)
        .scalar_subquery()
        .label("group_size"),
    )
    .select_from(trees.outerjoin(people, people.c.id == trees.c.author_id))
    .where(
        trees.c.lang == sa.bindparam("lang"),
        trees.c.state == TreeState.prompt_lottery_waiting,
        trees.c.id >= sa.bindparam("first"),
        trees.c.id < sa.bindparam("end"),
        sa.or_(people.c.id.is_(None), sa.and_(people.c.enabled, ~people.c.deleted)),
    )
    .order_by(trees.c.id)
    .limit(sa.bindparam("at_most"))
)
_RANKED_FIRST = sa.select(scores.c.person_id, scores.c.reply_ranked_1).where(
    scores.c.time_frame == LeaderboardTimeFrame.month.value,
    scores.c.person_id.in_(sa.bindparam("authors", expanding=True)),
)


def draw_waiting_prompts(
    connection: sa.Connection, context: Context, lang: str, *, at_most: int
) -> dict[str, int]:
    """Let waiting prompts of a language grow, as many as there is room for.

    Prompts without an author, as imported ones, count as those of one author. Of very many that wait,
    `CANDIDATES` take part, from a random place in the order of their ids on.

    Returns:
        How many trees of the language are in each state, after the draw.
    """
    states = count_states(connection, lang)
    room = context.trees.max_active_trees - states.get(TreeState.growing, 0)
    if room <= 0 or states.get(TreeState.prompt_lottery_waiting, 0) <= 0:
        return states
    if are_behind(connection, context):
        move_frames(connection, context)
    waiting: dict[str | None, dict[str, int]] = defaultdict(dict)
    for row in _candidates(connection, context, lang, states[TreeState.prompt_lottery_waiting]):
        waiting[row.author_id][row.id] = prompt_weight(row.prompt_rank, row.group_size)
    authors = [author for author in waiting if author is not None]
    ranked_first: dict[str | None, int] = as_dict(connection.execute(_RANKED_FIRST, {"authors": authors}))
    for tree_id in draw_prompts(waiting, ranked_first, min(room, at_most), context.rng):
        connection.execute(
            trees.update().where(trees.c.id == tree_id).values(won_prompt_lottery_date=context.now)
        )
        refresh_tree(connection, context, tree_id)
    return count_states(connection, lang)


def _candidates(connection: sa.Connection, context: Context, lang: str, waiting: int) -> list[AnyRow]:
    """Read the waiting prompts that take part: all of a few, or those from a random id on."""
    is_few = waiting <= CANDIDATES
    start = _BEFORE_ALL_IDS if is_few else str(UUID(int=context.rng.getrandbits(128)))
    found: list[AnyRow] = []
    for first, end in ((start, _AFTER_ALL_IDS), (_BEFORE_ALL_IDS, start)):
        if len(found) < CANDIDATES and first < end:
            given = {"lang": lang, "first": first, "end": end, "at_most": CANDIDATES - len(found)}
            found += connection.execute(_WAITING, given)
    return found
