"""Compares what is kept as it changes with what a count from scratch gives.

The open work, the places in trees, their states and the counts of trees follow from the rest of the database.
They are kept, so that nobody has to scan; here they are worked out anew, tree by tree, and compared.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from oasst_backend.rules.trees import TreeState, settled_state
from oasst_backend.service import tree_counts
from oasst_backend.service.agreement import check_agreements, repair_agreements
from oasst_backend.service.context import Context
from oasst_backend.service.growth import TREE, author_is_out, refresh_tree
from oasst_backend.service.prompt_groups import refresh_group, wanted_of_group
from oasst_backend.service.recount import check_scores, rebuild_scores
from oasst_backend.service.stories import refresh_story, refresh_summary, wanted_of_story, wanted_of_summary
from oasst_backend.service.tree_facts import places_of, read_nodes, tree_facts, wanted_work
from oasst_backend.service.work import Reserves, Wanted, plan_work, replies_under_way, rows_of_tree, work_at
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import open_work, prompt_groups, stories, summaries, tasks, trees
from oasst_backend.storage.tables import tree_counts as tree_count_table

BATCH = 500
"""Trees whose ids are read at a time, so that the memory does not grow with the dataset."""


def check(connection: sa.Connection, context: Context) -> list[str]:
    """Work everything out from scratch and compare; a reader's connection will do.

    Returns:
        The differences in words; none if all is in step.
    """
    return [
        *_check_trees(connection, context),
        *_check_outside_trees(connection, context),
        *_check_reservations(connection),
        *_check_counts(connection),
        *check_scores(connection),
        *check_agreements(connection),
    ]


def repair(connection: sa.Connection, context: Context) -> None:
    """Work everything out from scratch and keep that; it takes as long as there are trees.

    Args:
        connection: the writer's connection.
        context: settings, moment, chance and the number of the rules in force.
    """
    _hold_as_tasks_say(connection)
    connection.execute(tree_count_table.delete())
    for (lang, state), count in tree_counts.recount(connection).items():
        tree_counts.count_tree(connection, lang, state, count)
    for table, refresh in (
        (trees, refresh_tree),
        (prompt_groups, refresh_group),
        (stories, refresh_story),
        (summaries, refresh_summary),
    ):
        for subject_id in list(_ids(connection, table)):
            refresh(connection, context, subject_id)
    rebuild_scores(connection, context)
    repair_agreements(connection)


def _hold_as_tasks_say(connection: sa.Connection) -> None:
    held = (
        sa.select(sa.func.count())
        .where(
            tasks.c.reserved_until.is_not(None),
            tasks.c.subject_id == open_work.c.subject_id,
            tasks.c.kind == open_work.c.kind,
        )
        .scalar_subquery()
    )
    connection.execute(open_work.update().values(reserved=held))
    connection.execute(
        tasks.update()
        .where(
            tasks.c.reserved_until.is_not(None),
            tasks.c.subject_id.is_not(None),
            ~sa.exists(sa.literal(1)).where(
                open_work.c.subject_id == tasks.c.subject_id, open_work.c.kind == tasks.c.kind
            ),
        )
        .values(reserved_until=None)
    )


def _ids(connection: sa.Connection, table: sa.Table) -> Iterator[str]:
    last = ""
    while batch := list(
        connection.execute(
            sa.select(table.c.id).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        ).scalars()
    ):
        yield from batch
        last = batch[-1]


def _check_trees(connection: sa.Connection, context: Context) -> Iterator[str]:
    for tree_id in _ids(connection, trees):
        tree = TREE.one(connection, {"tree_id": tree_id})
        # Trees of other rules are looked at in the background and are out of step until then.
        if context.rules_version in {tree.rules_version, 0}:
            yield from _check_tree(connection, context, tree)


def _check_tree(connection: sa.Connection, context: Context, tree: AnyRow) -> Iterator[str]:
    nodes = read_nodes(connection, context, tree.id)
    if undecided := [node.row.id for node in nodes if node.decided]:
        yield f"tree {tree.id}: {len(undecided)} messages have their reviews and no verdict"
    state = TreeState(tree.state)
    settled = settled_state(tree_facts(context, tree, state, nodes, ranks_computed=None))
    if settled is not state:
        yield f"tree {tree.id} is {state.value} and should be {settled.value}"
    if state is TreeState.prompt_lottery_waiting and author_is_out(tree):
        yield f"tree {tree.id} waits for the lottery, which its author may not win"
    rows = rows_of_tree(connection, tree.id)
    places, under_way = places_of(tree, state, nodes), replies_under_way(rows)
    if (tree.reply_places, tree.replies_under_way) != (places, under_way):
        yield (
            f"tree {tree.id} has {tree.reply_places} places with {tree.replies_under_way} under way "
            f"and should have {places} with {under_way}"
        )
    yield from _compare(
        context,
        f"tree {tree.id}",
        wanted_work(context, tree, state, nodes),
        rows,
        places_left=places > under_way,
    )


def _compare(
    context: Context, name: str, wanted: list[Wanted], rows: Sequence[AnyRow], *, places_left: bool
) -> Iterator[str]:
    change = plan_work(context, wanted, rows, tree_id=None, places_left=places_left)
    for values in change.new:
        yield f"{name}: open work is missing, {values['kind']} at {values['subject_id']}"
    for values in change.changed:
        yield f"{name}: open work is out of step, {values['at_kind']} at {values['at_subject']}"
    for values in change.gone:
        yield f"{name}: open work that nobody wants, {values['at_kind']} at {values['at_subject']}"


def _check_outside_trees(connection: sa.Connection, context: Context) -> Iterator[str]:
    for kind, table, wanted_of in (
        (Reserves.prompt_ranking, prompt_groups, wanted_of_group),
        (Reserves.summary, stories, wanted_of_story),
        (Reserves.rating, summaries, wanted_of_summary),
    ):
        for subject_id in _ids(connection, table):
            row = work_at(connection, kind.value, subject_id)
            wanted = wanted_of(connection, context, subject_id)
            rows = [] if row is None else [row]
            yield from _compare(context, f"{table.name} {subject_id}", wanted, rows, places_left=True)


def _check_reservations(connection: sa.Connection) -> Iterator[str]:
    held = Counter(
        (kind, subject_id)
        for kind, subject_id in connection.execute(
            sa.select(tasks.c.kind, tasks.c.subject_id).where(
                tasks.c.reserved_until.is_not(None), tasks.c.subject_id.is_not(None)
            )
        )
    )
    kept = {
        (kind, subject_id): reserved
        for kind, subject_id, reserved in connection.execute(
            sa.select(open_work.c.kind, open_work.c.subject_id, open_work.c.reserved).where(
                open_work.c.reserved != 0
            )
        )
    }
    for key in held.keys() | kept.keys():
        if held[key] != kept.get(key, 0):
            yield f"{key[0]} at {key[1]} is held by {held[key]} tasks, not by {kept.get(key, 0)}"


def _check_counts(connection: sa.Connection) -> Iterator[str]:
    counted = tree_counts.recount(connection)
    kept = tree_counts.kept_counts(connection)
    for key in counted.keys() | kept.keys():
        if counted.get(key, 0) != kept.get(key, 0):
            yield f"{counted.get(key, 0)} trees of {key[0]} are {key[1]}, not {kept.get(key, 0)}"
