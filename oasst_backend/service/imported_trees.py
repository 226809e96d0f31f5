"""Adds whole trees that a file brought, many of them in few statements."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from oasst_backend.dataset.models import ExportNode, ExportTree, Placed, walk
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.planting import NewMessage, add_tree, message_values
from oasst_backend.storage.columns import as_dict
from oasst_backend.storage.tables import messages, people
from oasst_client import AuthMethod

ID_BATCH = 500
"""Ids looked up in one statement, well below what SQLite binds."""

UNFINISHED = frozenset(TreeState) - {
    TreeState.ready_for_export,
    TreeState.aborted_low_grade,
    TreeState.halted_by_moderator,
    TreeState.backlog_ranking,
}
"""States in which an imported tree goes on living; in the others it rests as it came."""

_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_PLACES = sa.select(messages.c.id, messages.c.tree_id).where(messages.c.id.in_(_IDS))
_OWN_AUTHORS = sa.select(people.c.id).where(people.c.id.in_(_IDS))
_IMPORTED_AUTHORS = sa.select(people.c.username, people.c.id).where(
    people.c.auth_method == AuthMethod.system.value, people.c.username.in_(_IDS)
)


class Known(NamedTuple):
    """What of some trees is there already.

    Attributes:
        trees: the ids of those that are there.
        elsewhere: for each of the others that cannot be added, a message of it that stands in another tree.
    """

    trees: set[str]
    elsewhere: dict[str, str]


def known_trees(connection: sa.Connection, found: Sequence[ExportTree]) -> Known:
    """Find out which trees are there already, and which hold messages of other trees."""
    tree_of = {
        str(place.node.message_id): str(tree.message_tree_id) for tree in found for place in walk(tree)
    }
    places = {
        message_id: tree_id
        for ids in _batches(tree_of)
        for message_id, tree_id in connection.execute(_PLACES, {"ids": ids})
    }
    known = {tree_id for tree_id in tree_of.values() if places.get(tree_id) == tree_id}
    elsewhere = {tree_of[message_id]: message_id for message_id in places if tree_of[message_id] not in known}
    return Known(known, elsewhere)


def add_trees(
    connection: sa.Connection,
    context: Context,
    found: Sequence[ExportTree],
    *,
    start: datetime,
    backlog: bool,
) -> int:
    """Add trees none of which is there yet.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        found: the trees.
        start: the date of the first message, where it has none; each further one is a microsecond later, so
            that an export keeps the file's order.
        backlog: whether they wait in the backlog until their replies are ranked anew.

    Returns:
        How many messages they have.
    """
    authors = _authors(connection, context, found)
    rows: list[dict[str, Any]] = []
    for tree in found:
        places = list(walk(tree))
        _add_root(connection, context, tree, places, authors, backlog=backlog)
        rows += [
            message_values(
                _imported(tree, place, authors, start + timedelta(microseconds=len(rows) + number))
            )
            for number, place in enumerate(places)
        ]
    # Parents come first, as the foreign key wants it.
    connection.execute(messages.insert(), rows)
    if not backlog:
        for tree in found:
            if tree.tree_state in UNFINISHED:
                refresh_tree(connection, context, str(tree.message_tree_id))
    return len(rows)


def _add_root(
    connection: sa.Connection,
    context: Context,
    tree: ExportTree,
    places: Sequence[Placed],
    authors: dict[str, str],
    *,
    backlog: bool,
) -> None:
    state = TreeState.backlog_ranking if backlog else tree.tree_state
    widest = max((len(place.node.replies) for place in places if place.depth % 2 == 0), default=0)
    add_tree(
        connection,
        context,
        tree_id=str(tree.message_tree_id),
        lang=tree.prompt.lang,
        author_id=authors.get(tree.prompt.user_id or ""),
        state=state,
        goal_tree_size=max(len(places), context.trees.goal_tree_size) if state in UNFINISHED else len(places),
        max_depth=max(context.trees.max_tree_depth, *(place.depth for place in places)),
        max_children_count=max(widest, context.trees.max_children_count),
        origin=tree.origin,
        won_lottery=state not in {TreeState.initial_prompt_review, TreeState.prompt_lottery_waiting},
    )


def _imported(tree: ExportTree, place: Placed, authors: dict[str, str], created_date: datetime) -> NewMessage:
    node = place.node
    return NewMessage(
        id=str(node.message_id),
        tree_id=str(tree.message_tree_id),
        parent_id=str(place.parent.message_id) if place.parent else None,
        depth=place.depth,
        role=node.role.value,
        lang=node.lang,
        text=node.text,
        source="import",
        created_date=node.created_date or created_date,
        person_id=authors.get(node.user_id or ""),
        deleted=node.deleted,
        surplus=bool(node.surplus),
        synthetic=node.synthetic,
        model_name=node.model_name,
        review_count=node.review_count,
        review_result=node.review_result,
        rank=node.rank,
        imported=_remembered(node),
    )


def _remembered(node: ExportNode) -> dict[str, Any] | None:
    """Keep what an export gives back and no row of ours could tell."""
    kept = node.model_dump(mode="json", include={"emojis", "labels", "events", "detoxify"}, exclude_none=True)
    if node.created_date is None:
        kept["undated"] = True
    return kept or None


def _authors(connection: sa.Connection, context: Context, found: Sequence[ExportTree]) -> dict[str, str]:
    """Make the authors of trees known under their pseudonyms; they stand on no board."""
    names = {place.node.user_id: None for tree in found for place in walk(tree) if place.node.user_id}
    known: dict[str, str] = {}
    for batch in _batches(names):
        # An author who wrote here: an export of ours comes back.
        known |= {one: one for one in connection.execute(_OWN_AUTHORS, {"ids": batch}).scalars()}
        known |= as_dict(connection.execute(_IMPORTED_AUTHORS, {"ids": batch}))
    new = [
        {
            "id": new_id(),
            "auth_method": AuthMethod.system.value,
            "username": name,
            "display_name": "",
            "enabled": True,
            "deleted": False,
            "show_on_leaderboard": False,
            "notes": "imported",
            "created_date": context.now,
            "streak_days": 0,
        }
        for name in names
        if name not in known
    ]
    if new:
        connection.execute(people.insert(), new)
    return known | {str(row["username"]): str(row["id"]) for row in new}


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(ids)
    while batch := list(itertools.islice(iterator, ID_BATCH)):
        yield batch
