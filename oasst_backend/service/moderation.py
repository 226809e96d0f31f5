"""Flags and skips of people and what they bring about; deletion and halting by moderators."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from oasst_backend.rules.trees import ModerationAction, TreeState, can_halt, flag_action, skip_action
from oasst_backend.service.context import Context
from oasst_backend.service.conversations import MessageRow, message_row
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.selection import SKIP_REPLY
from oasst_backend.storage.tables import messages, reactions, trees

RED_FLAG = "red_flag"


def note_skip(
    connection: sa.Connection, context: Context, message_id: str, person_id: str, mark: str
) -> None:
    """Note that a person does not want a piece of work; many skipped replies halt the tree."""
    is_new = _react(connection, context, message_id, person_id, mark)
    if mark != SKIP_REPLY or not is_new or not context.trees.auto_mod_enabled:
        return
    row = message_row(connection, message_id)
    action = skip_action(
        _state(connection, row.tree_id),
        skips=_count(connection, message_id, mark),
        limit=context.trees.auto_mod_max_skip_reply,
    )
    if action is ModerationAction.halt_tree:
        refresh_tree(connection, context, row.tree_id, stop=TreeState.halted_by_moderator)


def raise_flag(connection: sa.Connection, context: Context, row: MessageRow, person_id: str) -> None:
    """Raise a person's red flag on a message; many flags remove it."""
    is_new = _react(connection, context, row.id, person_id, RED_FLAG)
    if not is_new or not context.trees.auto_mod_enabled:
        return
    action = flag_action(
        _state(connection, row.tree_id),
        is_root=row.parent_id is None,
        red_flags=_count(connection, row.id, RED_FLAG),
        limit=context.trees.auto_mod_red_flags,
    )
    if action is ModerationAction.abort_tree:
        refresh_tree(connection, context, row.tree_id, stop=TreeState.aborted_low_grade)
    elif action is ModerationAction.delete_reply:
        delete_message(connection, context, row)


def delete_message(connection: sa.Connection, context: Context, row: MessageRow) -> None:
    """Mark a message and all below it as deleted, and move its tree on."""
    start = sa.select(messages.c.id).where(messages.c.id == row.id).cte("below", recursive=True)
    below = start.union_all(sa.select(messages.c.id).where(messages.c.parent_id == start.c.id))
    connection.execute(messages.update().where(messages.c.id.in_(sa.select(below.c.id))).values(deleted=True))
    refresh_tree(connection, context, row.tree_id)


def set_halted(connection: sa.Connection, context: Context, tree_id: str, *, halt: bool) -> None:
    """Halt a tree, or let a halted one go on where its facts put it; one that waits for the lottery stays."""
    if not can_halt(_state(connection, tree_id)):
        return
    if halt:
        refresh_tree(connection, context, tree_id, stop=TreeState.halted_by_moderator)
    else:
        refresh_tree(connection, context, tree_id, unhalt=True)


def _react(connection: sa.Connection, context: Context, message_id: str, person_id: str, emoji: str) -> bool:
    """Set a person's mark on a message; tells whether it was not there yet."""
    result = connection.execute(
        insert_or_ignore(reactions).on_conflict_do_nothing(),
        {
            "message_id": message_id,
            "person_id": person_id,
            "emoji": emoji,
            "created_date": context.now,
        },
    )
    return result.rowcount > 0


def _count(connection: sa.Connection, message_id: str, emoji: str) -> int:
    return connection.execute(
        sa.select(sa.func.count())
        .select_from(reactions)
        .where(reactions.c.message_id == message_id, reactions.c.emoji == emoji)
    ).scalar_one()


def _state(connection: sa.Connection, tree_id: str) -> TreeState:
    return TreeState(connection.execute(sa.select(trees.c.state).where(trees.c.id == tree_id)).scalar_one())
