"""Computes the order of the replies in a tree from its ballots, and which ballots came near it."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from oasst_backend.rules.scoring import consensus, is_good_ranking
from oasst_backend.storage.tables import messages, rankings

_BALLOTS = (
    sa.select(rankings.c.id, rankings.c.parent_id, rankings.c.ranked_ids)
    .where(rankings.c.tree_id == sa.bindparam("tree_id"), rankings.c.counted, ~rankings.c.not_rankable)
    .order_by(rankings.c.id)
)
_DELETED = sa.select(messages.c.id).where(messages.c.tree_id == sa.bindparam("tree_id"), messages.c.deleted)
_SET_RANK = messages.update().where(messages.c.id == sa.bindparam("at")).values(rank=sa.bindparam("place"))
_SET_GOOD = rankings.update().where(rankings.c.id == sa.bindparam("at")).values(good=sa.bindparam("is_good"))


def rank_tree(connection: sa.Connection, tree_id: str) -> None:
    """Write the ranks (0 is best) of all ranked replies of a tree, and mark the good ballots.

    Ballots that call all replies bad, and those that came too late, have no say. Replies to a message without
    any ballot keep the rank that they were imported with.
    """
    deleted = set(connection.execute(_DELETED, {"tree_id": tree_id}).scalars())
    by_parent: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for ballot_id, parent_id, ranked_ids in connection.execute(_BALLOTS, {"tree_id": tree_id}):
        by_parent[parent_id].append((ballot_id, [reply for reply in ranked_ids if reply not in deleted]))
    ranks: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for ballots in by_parent.values():
        agreed = consensus([ranked for _, ranked in ballots])
        if agreed is None:
            continue
        ranks += [{"at": reply, "place": place} for place, reply in enumerate(agreed)]
        marks += [
            {"at": ballot_id, "is_good": is_good_ranking(ranked, agreed)} for ballot_id, ranked in ballots
        ]
    if by_parent:
        connection.execute(
            messages.update().where(messages.c.parent_id.in_(list(by_parent))).values(rank=None)
        )
    if ranks:
        connection.execute(_SET_RANK, ranks)
        connection.execute(_SET_GOOD, marks)
