"""Computes the order of the replies in a tree from its ballots, and which ballots came near it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from oasst_backend.rules.scoring import consensus, is_good_ranking
from oasst_backend.service.agreement import compare_ballots
from oasst_backend.service.context import Context
from oasst_backend.service.scores import ScoreDelta, credit
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import messages, rankings

_BALLOTS = (
    sa.select(
        rankings.c.id,
        rankings.c.parent_id,
        rankings.c.ranked_ids,
        rankings.c.person_id,
        rankings.c.good,
        rankings.c.created_date,
    )
    .where(rankings.c.tree_id == sa.bindparam("tree_id"), rankings.c.counted, ~rankings.c.not_rankable)
    .order_by(rankings.c.id)
)
_DELETED = sa.select(messages.c.id).where(messages.c.tree_id == sa.bindparam("tree_id"), messages.c.deleted)
_SET_RANK = messages.update().where(messages.c.id == sa.bindparam("at")).values(rank=sa.bindparam("place"))
_SET_GOOD = rankings.update().where(rankings.c.id == sa.bindparam("at")).values(good=sa.bindparam("is_good"))


def rank_tree(connection: sa.Connection, context: Context, tree_id: str) -> None:
    """Write the ranks (0 is best) of all ranked replies of a tree, and mark the good ballots.

    Ballots that call all replies bad, and those that came too late, have no say. Replies to a message without
    any ballot keep the rank that they were imported with.
    """
    deleted = set(connection.execute(_DELETED, {"tree_id": tree_id}).scalars())
    by_parent: dict[str, list[tuple[AnyRow, list[str]]]] = defaultdict(list)
    for ballot in connection.execute(_BALLOTS, {"tree_id": tree_id}):
        kept = [reply for reply in ballot.ranked_ids if reply not in deleted]
        by_parent[ballot.parent_id].append((ballot, kept))
    ranks: list[dict[str, Any]] = []
    verdicts: list[tuple[AnyRow, bool]] = []
    for parent_id, ballots in by_parent.items():
        compare_ballots(connection, context, parent_id)
        agreed = consensus([ranked for _, ranked in ballots])
        if agreed is None:
            continue
        ranks += [{"at": reply, "place": place} for place, reply in enumerate(agreed)]
        verdicts += [(ballot, is_good_ranking(ranked, agreed)) for ballot, ranked in ballots]
    if by_parent:
        connection.execute(
            messages.update().where(messages.c.parent_id.in_(list(by_parent))).values(rank=None)
        )
    if ranks:
        connection.execute(_SET_RANK, ranks)
        mark_good(connection, context, verdicts)


def mark_good(connection: sa.Connection, context: Context, verdicts: Iterable[tuple[AnyRow, bool]]) -> None:
    """Note which ballots came near the consensus, and credit those who cast them.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        verdicts: rows with `id, person_id, good, created_date`, each with what is true of it now.
    """
    changed = [
        (ballot, is_good)
        for ballot, is_good in verdicts
        if bool(ballot.good) != is_good or ballot.good is None
    ]
    if not changed:
        return
    connection.execute(_SET_GOOD, [{"at": ballot.id, "is_good": is_good} for ballot, is_good in changed])
    credit(
        connection,
        context,
        [
            ScoreDelta(ballot.person_id, "rankings_good", ballot.created_date, 1 if is_good else -1)
            for ballot, is_good in changed
            if bool(ballot.good) != is_good
        ],
    )
