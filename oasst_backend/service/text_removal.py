"""Removes messages and summaries for good, and leaves the trees they were in whole.

A message without replies by others is removed as a row; so is a tree that is left with none. A message that
others replied to keeps its place in the tree, without its text and its author, and is deleted with everything
below it.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from oasst_backend.service.context import Context
from oasst_backend.service.conversations import MessageRow, message_row, rows_of_tree
from oasst_backend.service.journal import Act
from oasst_backend.service.mending import Mending, batches
from oasst_backend.service.moderation import delete_message
from oasst_backend.service.planting import text_hash
from oasst_backend.service.tree_counts import count_tree
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import (
    flagged_messages,
    labellings,
    message_revisions,
    messages,
    open_work,
    rankings,
    ratings,
    reactions,
    summaries,
    tasks,
    trees,
)

_JUST_NOW = timedelta(seconds=1)


def remove_messages(
    connection: sa.Connection, context: Context, message_ids: Sequence[str], act: Act, mending: Mending
) -> None:
    """Remove messages of one person; see above.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        message_ids: the messages; what else the person wrote counts as written by others.
        act: who decided it.
        mending: is told what has to be looked at again.
    """
    wanted = set(message_ids)
    for tree_id in _trees_of(connection, wanted):
        rows = rows_of_tree(connection, tree_id)
        staying = _staying(rows, wanted)
        mending.trees.add(tree_id)
        for row in rows:
            if row.id in wanted and row.id in staying:
                _blank(connection, context, row, act, mending)
        gone = [row for row in rows if row.id not in staying]
        if gone:
            _remove_rows(connection, context, gone, mending)
            if gone[0].parent_id is None:
                _remove_tree(connection, tree_id, mending)


def remove_summaries(
    connection: sa.Connection, context: Context, summary_ids: Sequence[str], mending: Mending
) -> None:
    """Remove summaries with their ratings; see `remove_messages` for the arguments."""
    for ids in batches(summary_ids):
        mending.stories.update(
            connection.execute(sa.select(summaries.c.story_id).where(summaries.c.id.in_(ids))).scalars()
        )
        connection.execute(ratings.delete().where(ratings.c.summary_id.in_(ids)))
        _withdraw_work(connection, context, ids)
        connection.execute(summaries.delete().where(summaries.c.id.in_(ids)))


def _trees_of(connection: sa.Connection, message_ids: set[str]) -> list[str]:
    found: set[str] = set()
    for ids in batches(message_ids):
        found.update(
            connection.execute(sa.select(messages.c.tree_id).where(messages.c.id.in_(ids))).scalars()
        )
    return sorted(found)


def _staying(rows: Sequence[MessageRow], wanted: set[str]) -> set[str]:
    """Tell which messages of a tree stay: those that are not to be removed, and all above them."""
    staying: set[str] = set()
    # From the deepest up: a message comes after its replies.
    for row in reversed(rows):
        if row.id not in wanted or row.id in staying:
            staying.add(row.id)
            if row.parent_id is not None:
                staying.add(row.parent_id)
    return staying


def _blank(connection: sa.Connection, context: Context, row: MessageRow, act: Act, mending: Mending) -> None:
    """Take the text and the author off a message that stays, and delete it with all below it."""
    below = sa.select(messages.c.person_id).where(messages.c.tree_id == row.tree_id)
    mending.people.update(connection.execute(below.where(messages.c.person_id.is_not(None))).scalars())
    delete_message(connection, context, message_row(connection, row.id), act)
    connection.execute(
        messages.update()
        .where(messages.c.id == row.id)
        .values(
            text="",
            text_hash=text_hash(""),
            person_id=None,
            frontend_message_id=None,
            imported=None,
            edited=False,
        )
    )
    if row.parent_id is None:
        connection.execute(trees.update().where(trees.c.id == row.tree_id).values(author_id=None))
    connection.execute(labellings.update().where(labellings.c.message_id == row.id).values(text=""))
    _remove_remarks(connection, [row.id])


def _remove_rows(
    connection: sa.Connection, context: Context, gone: Sequence[MessageRow], mending: Mending
) -> None:
    """Remove messages that nothing below depends on, with all that was said of them."""
    ids = [row.id for row in gone]
    _take_off_ballots(connection, {row.parent_id for row in gone} - {None}, set(ids), mending)
    for of_message in (labellings.c.message_id, rankings.c.parent_id):
        table = of_message.table
        mending.people.update(
            connection.execute(sa.select(table.c.person_id).where(of_message.in_(ids))).scalars()
        )
        connection.execute(sa.delete(table).where(of_message.in_(ids)))
    connection.execute(reactions.delete().where(reactions.c.message_id.in_(ids)))
    _remove_remarks(connection, ids)
    _withdraw_work(connection, context, ids)
    connection.execute(messages.delete().where(messages.c.id.in_(ids)))


def _remove_remarks(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Remove the earlier texts of messages, and their place in the moderators' queue."""
    connection.execute(message_revisions.delete().where(message_revisions.c.message_id.in_(ids)))
    connection.execute(flagged_messages.delete().where(flagged_messages.c.message_id.in_(ids)))


def _take_off_ballots(
    connection: sa.Connection, parents: set[str | None], gone: set[str], mending: Mending
) -> None:
    """Take messages off the ballots on which they stand; those behind them move up."""
    ballots = connection.execute(sa.select(rankings).where(rankings.c.parent_id.in_(parents))).all()
    _strip(connection, ballots, gone, mending)


def _strip(connection: sa.Connection, ballots: Sequence[AnyRow], gone: set[str], mending: Mending) -> None:
    for ballot in ballots:
        left = [reply for reply in ballot.ranked_ids if reply not in gone]
        if len(left) == len(ballot.ranked_ids):
            continue
        connection.execute(rankings.update().where(rankings.c.id == ballot.id).values(ranked_ids=left))
        authors = sa.select(messages.c.person_id).where(messages.c.id.in_(left))
        mending.people.update(
            connection.execute(authors.where(messages.c.person_id.is_not(None))).scalars(), [ballot.person_id]
        )


def _withdraw_work(connection: sa.Connection, context: Context, subject_ids: Sequence[str]) -> None:
    """End what is handed out at messages or summaries that are removed: its answer finds the task expired."""
    connection.execute(open_work.delete().where(open_work.c.subject_id.in_(subject_ids)))
    connection.execute(
        tasks.update()
        .where(tasks.c.subject_id.in_(subject_ids), tasks.c.done == sa.false())
        .values(is_open=False, reserved_until=None, expiry_date=context.now - _JUST_NOW)
    )


def _remove_tree(connection: sa.Connection, tree_id: str, mending: Mending) -> None:
    """Remove a tree whose messages are all removed."""
    tree = connection.execute(sa.select(trees).where(trees.c.id == tree_id)).one()
    if tree.prompt_group_id is not None:
        of_group = sa.select(rankings).where(rankings.c.prompt_group_id == tree.prompt_group_id)
        _strip(connection, connection.execute(of_group).all(), {tree_id}, mending)
        mending.groups.add(tree.prompt_group_id)
    connection.execute(tasks.update().where(tasks.c.tree_id == tree_id).values(tree_id=None))
    connection.execute(trees.delete().where(trees.c.id == tree_id))
    count_tree(connection, tree.lang, tree.state, -1)
    mending.trees.discard(tree_id)
