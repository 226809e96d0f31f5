"""Moves trees on: their state, and the work wanted at their messages, follow from their facts.

Every transaction that changes a tree ends with `refresh_tree`, so that no tree waits for anything but people.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from loguru import logger

from oasst_backend.rules.trees import (
    TERMINAL_STATES,
    TreeState,
    activated_state,
    settled_state,
    unhalted_state,
)
from oasst_backend.service.agreement import compare_reviews
from oasst_backend.service.context import Context
from oasst_backend.service.prompt_groups import join_group, refresh_group
from oasst_backend.service.scores import ScoreDelta, credit, written_counter
from oasst_backend.service.scoring import rank_tree
from oasst_backend.service.tree_counts import count_move
from oasst_backend.service.tree_facts import Node, places_of, read_nodes, tree_facts, wanted_work
from oasst_backend.service.work import Released, replies_under_way, rows_of_tree, set_work
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, open_work, people, trees

TREE = Prepared(
    sa.select(trees, people.c.enabled.label("author_enabled"), people.c.deleted.label("author_deleted"))
    .select_from(trees.outerjoin(people, people.c.id == trees.c.author_id))
    .where(trees.c.id == sa.bindparam("tree_id"))
)
"""A tree with what decides about its author."""

_BACKLOG = Prepared(
    sa.select(trees.c.id)
    .where(trees.c.lang == sa.bindparam("lang"), trees.c.state == TreeState.backlog_ranking)
    .limit(1)
)
_RANKINGS_TO_DO = (
    sa.select(open_work.c.subject_id)
    .where(
        open_work.c.lang == sa.bindparam("lang"),
        open_work.c.draw_kind == "ranking",
        open_work.c.free == sa.true(),
    )
    .limit(sa.bindparam("at_most"))
)
_SET_VERDICT = Prepared(
    messages.update().where(messages.c.id == sa.bindparam("at")).values(review_result=sa.bindparam("verdict"))
)
_LET_IN = Prepared(
    messages.update()
    .where(messages.c.id == sa.bindparam("at"), messages.c.surplus == sa.true())
    .values(surplus=False)
)
_SET_TREE = Prepared(
    trees.update()
    .where(trees.c.id == sa.bindparam("at"))
    .values(
        {name: sa.bindparam(name) for name in ("state", "reply_places", "replies_under_way", "rules_version")}
    )
)


def refresh_tree(  # the ways in which moderation moves a tree are told by name
    connection: sa.Connection,
    context: Context,
    tree_id: str,
    *,
    stop: TreeState | None = None,
    unhalt: bool = False,
    activate: bool = False,
    released: Released | None = None,
) -> TreeState:
    """Move a tree on as far as its facts carry it, and set what work is wanted at each message.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        tree_id: the tree.
        stop: the state in which moderation ends it, whatever its facts say.
        unhalt: whether a moderator lets it go on.
        activate: whether it leaves the backlog.
        released: where the answer that is just being taken held a place.

    Returns:
        The state it is in now.
    """
    if unhalt:
        # A prompt that came when there was no place for it is let in by whoever lets its tree go on.
        _LET_IN.run(connection, {"at": tree_id})
    tree = TREE.one(connection, {"tree_id": tree_id})
    nodes = read_nodes(connection, context, tree_id)
    _keep_verdicts(connection, context, nodes)
    facts = tree_facts(context, tree, TreeState(tree.state), nodes, ranks_computed=None)
    if stop is not None:
        state = stop
    elif unhalt:
        state = unhalted_state(facts)
    elif activate:
        state = activated_state(facts)
    else:
        state = settled_state(facts)
    state = _scored(connection, context, tree, nodes, state)
    rows = rows_of_tree(connection, tree_id)
    places, under_way = places_of(tree, state, nodes), replies_under_way(rows, released)
    set_work(
        connection,
        context,
        wanted_work(context, tree, state, nodes),
        rows,
        tree_id=tree_id,
        places_left=places > under_way,
        released=released,
    )
    values = {
        "state": state.value,
        "reply_places": places,
        "replies_under_way": under_way,
        "rules_version": context.rules_version,
    }
    if any(getattr(tree, name) != value for name, value in values.items()):
        _SET_TREE.run(connection, {**values, "at": tree_id})
    if state != tree.state:
        _note_move(connection, context, tree, state, activated=activate)
    return state


def refresh_outdated(connection: sa.Connection, context: Context, at_most: int) -> int:
    """Look at trees that were last looked at under other rules, a few at a time.

    Finished trees and those in the backlog rest: no rule reaches them.

    Returns:
        How many trees were looked at; fewer than `at_most` when none is left.
    """
    found = connection.execute(_outdated(at_most), {"version": context.rules_version})
    ids: Sequence[str] = found.scalars().all()
    for tree_id in ids:
        refresh_tree(connection, context, tree_id)
    return len(ids)


def forget_failed_scoring(connection: sa.Connection) -> None:
    """Have the trees whose ranks could not be computed looked at once more."""
    connection.execute(
        trees.update().where(trees.c.state == TreeState.scoring_failed).values(rules_version=0)
    )


def refresh_waiting_prompts(connection: sa.Connection, context: Context, author_id: str) -> None:
    """Take the waiting prompts of an author who was disabled out of the lottery, which they cannot win."""
    waiting = sa.select(trees.c.id).where(
        trees.c.author_id == author_id, trees.c.state == TreeState.prompt_lottery_waiting
    )
    for tree_id in connection.execute(waiting).scalars().all():
        refresh_tree(connection, context, tree_id)


def fill_rankings(connection: sa.Connection, context: Context, lang: str) -> None:
    """Bring a tree from the backlog to ranking while a language has fewer rankings to do than wanted."""
    wanted = context.trees.min_active_rankings_per_lang
    if not wanted:
        return
    to_do = connection.execute(_RANKINGS_TO_DO, {"lang": lang, "at_most": wanted}).scalars().all()
    if len(to_do) < wanted:
        _activate_backlog_tree(connection, context, lang)


def _scored(
    connection: sa.Connection, context: Context, tree: AnyRow, nodes: Sequence[Node], state: TreeState
) -> TreeState:
    """Compute the ranks of a tree that has got so far, or was changed later; tells where it goes then."""
    if state in {TreeState.ready_for_scoring, TreeState.scoring_failed}:
        ranked = _score(connection, context, tree.id)
        state = settled_state(tree_facts(context, tree, state, nodes, ranks_computed=ranked))
    elif state is TreeState.ready_for_export:
        # Only moderation looks at a finished tree again: its order is that of what is left.
        _score(connection, context, tree.id)
    if state is TreeState.prompt_lottery_waiting and author_is_out(tree):
        # Nobody may draw it any more, so it must not take a place in the lottery.
        state = TreeState.halted_by_moderator
    return state


def _keep_verdicts(connection: sa.Connection, context: Context, nodes: Sequence[Node]) -> None:
    decided = [node for node in nodes if node.decided]
    if not decided:
        return
    _SET_VERDICT.run_each(connection, [{"at": node.row.id, "verdict": node.verdict} for node in decided])
    credit(connection, context, [delta for node in decided if (delta := _accepted(node)) is not None])
    for node in decided:
        compare_reviews(connection, context, node.row.id)


def _accepted(node: Node) -> ScoreDelta | None:
    """Give what an acceptance counts for the author; imported messages count nothing."""
    row = node.row
    if not node.verdict or row.person_id is None or row.source == "import" or row.deleted:
        return None
    return ScoreDelta(row.person_id, f"accepted_{written_counter(row)}", row.created_date)


def _score(connection: sa.Connection, context: Context, tree_id: str) -> bool:
    """Compute the ranks; a failure is kept as the tree's state instead of losing the last ballot."""
    try:
        with connection.begin_nested():
            rank_tree(connection, context, tree_id)
    except sa.exc.DBAPIError:
        raise  # a full disk is no fault of the ballots
    except Exception as error:  # noqa: BLE001  # whatever it is, the tree says that it was not scored
        logger.error("the ranks of tree {} could not be computed: {}", tree_id, type(error).__name__)
        return False
    return True


def author_is_out(tree: AnyRow) -> bool:
    """Say whether the author of a tree, as `TREE` reads it, may not win the lottery."""
    return tree.author_id is not None and (not tree.author_enabled or tree.author_deleted)


def _note_move(
    connection: sa.Connection, context: Context, tree: AnyRow, state: TreeState, *, activated: bool
) -> None:
    """Do what follows from a new state."""
    logger.debug("tree {} went from {} to {}", tree.id, tree.state, state.value)
    count_move(connection, tree.lang, tree.state, state)
    if TreeState.prompt_lottery_waiting in {tree.state, state} and tree.prompt_group_id is not None:
        refresh_group(connection, context, tree.prompt_group_id)
    elif state is TreeState.prompt_lottery_waiting:
        join_group(connection, context, tree.lang)
    is_over = state in TERMINAL_STATES and not activated
    if is_over and context.rng.random() < context.trees.p_activate_backlog_tree:
        _activate_backlog_tree(connection, context, tree.lang)


def _outdated(at_most: int) -> sa.Select[Any]:
    """Find trees under other rules, state by state, so that the index leads to them."""
    moving = [state for state in TreeState if state not in _RESTING]
    parts: Iterator[sa.Select[Any]] = (
        sa.select(
            sa.select(trees.c.id)
            .where(trees.c.state == state, trees.c.rules_version < sa.bindparam("version"))
            .limit(at_most)
            .subquery()
            .c.id
        )
        for state in moving
    )
    return sa.select(sa.union_all(*parts).subquery().c.id).limit(at_most)


_RESTING = frozenset({*TERMINAL_STATES, TreeState.backlog_ranking})


def _activate_backlog_tree(connection: sa.Connection, context: Context, lang: str) -> None:
    tree_id = _BACKLOG.scalar(connection, {"lang": lang})
    if tree_id is not None:
        refresh_tree(connection, context, tree_id, activate=True)
