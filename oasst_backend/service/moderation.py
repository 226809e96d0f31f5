"""Deletes and restores messages, halts trees and lets them go on: by moderators, and by people's flags."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from oasst_backend.errors import Refusal
from oasst_backend.rules.trees import ModerationAction, TreeState, can_halt, flag_action, skip_action
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.conversations import MessageRow, message_row, rows_to_root
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.journal import HALTED_BY_DECISION, Act, Action, Subject, note
from oasst_backend.service.reports import enqueue
from oasst_backend.service.scores import credit, message_deltas
from oasst_backend.service.selection import SKIP_REPLY
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import messages, reactions, trees
from oasst_client import Emoji, OasstErrorCode

RED_FLAG = Emoji.red_flag.value

_TREE = sa.select(trees.c.id, trees.c.state, trees.c.deletion_id).where(trees.c.id == sa.bindparam("tree_id"))
_IS_HALTED_BY_DECISION = sa.select(HALTED_BY_DECISION).where(trees.c.id == sa.bindparam("tree_id"))


def _below_statement() -> sa.Select[Any]:
    """What is not deleted of a message and all below it."""
    start = (
        sa.select(messages.c.id)
        .where(messages.c.id == sa.bindparam("message_id"))
        .cte("below", recursive=True)
    )
    below = start.union_all(sa.select(messages.c.id).where(messages.c.parent_id == start.c.id))
    return sa.select(messages).where(messages.c.id.in_(sa.select(below.c.id)), ~messages.c.deleted)


_BELOW = _below_statement()
_MARK_DELETED = (
    messages.update()
    .where(messages.c.id == sa.bindparam("at"))
    .values(deleted=True, deletion_id=sa.bindparam("deletion_id"))
)
_MARK_RESTORED = (
    messages.update().where(messages.c.id == sa.bindparam("at")).values(deleted=False, deletion_id=None)
)
_SAME_DELETION = sa.select(messages).where(
    messages.c.tree_id == sa.bindparam("tree_id"), messages.c.deletion_id == sa.bindparam("deletion_id")
)


def note_skip(
    connection: sa.Connection, context: Context, message_id: str, person_id: str, mark: str
) -> None:
    """Note that a person does not want a piece of work; many skipped replies halt the tree."""
    is_new = react(connection, context, message_id, person_id, mark)
    if mark != SKIP_REPLY or not is_new or not context.trees.auto_mod_enabled:
        return
    row = message_row(connection, message_id)
    skips = _count(connection, message_id, mark)
    action = skip_action(
        TreeState(_tree(connection, row.tree_id).state),
        skips=skips,
        limit=context.trees.auto_mod_max_skip_reply,
    )
    if action is ModerationAction.halt_tree:
        reason = f"{skips} people skipped a reply to the message {message_id}"
        _stop(connection, context, row.tree_id, TreeState.halted_by_moderator, Act(reason=reason))


def raise_flag(connection: sa.Connection, context: Context, row: MessageRow, person_id: str) -> None:
    """Raise a person's red flag on a message and put it before the moderators; many flags remove it."""
    is_new = react(connection, context, row.id, person_id, RED_FLAG)
    enqueue(connection, context, row.id)
    if not is_new or not context.trees.auto_mod_enabled:
        return
    flags = _count(connection, row.id, RED_FLAG)
    action = flag_action(
        TreeState(_tree(connection, row.tree_id).state),
        is_root=row.parent_id is None,
        red_flags=flags,
        limit=context.trees.auto_mod_red_flags,
    )
    act = Act(reason=f"{flags} people raised a red flag")
    if action is ModerationAction.abort_tree:
        _stop(connection, context, row.tree_id, TreeState.aborted_low_grade, act)
    elif action is ModerationAction.delete_reply:
        delete_message(connection, context, row, act)


def delete_message(connection: sa.Connection, context: Context, row: MessageRow, act: Act) -> None:
    """Mark a message and all below it as deleted, take its points back, and move its tree on.

    What was deleted before keeps the deletion it belongs to; a message that is deleted stays as it is.
    """
    taken = connection.execute(_BELOW, {"message_id": row.id}).all()
    if row.deleted or not taken:
        return
    deletion_id = new_id()
    connection.execute(_MARK_DELETED, [{"at": other.id, "deletion_id": deletion_id} for other in taken])
    credit(connection, context, [delta for other in taken for delta in message_deltas(other, amount=-1)])
    before = TreeState(_tree(connection, row.tree_id).state)
    after = refresh_tree(connection, context, row.tree_id)
    if after is TreeState.halted_by_moderator and before is not after:
        _set_halting_deletion(connection, row.tree_id, deletion_id)
    note(connection, context, act, Action.delete, Subject.message, row.id)


def undelete_message(connection: sa.Connection, context: Context, row: MessageRow, act: Act) -> None:
    """Restore a message, what is above it, and what was deleted together with it.

    Points are given again, and a tree that the deletion had halted goes on where its facts put it. A message
    that is not deleted stays as it is.

    Raises:
        Refusal: its text, or one above it, was removed for good (2008).
    """
    if not row.deleted:
        return
    back = {other.id: other for other in rows_to_root(connection, row.id) if other.deleted}
    if not all(other.text for other in back.values()):
        raise Refusal(
            OasstErrorCode.invalid_message, "The text, or one above it, was removed with its author for good."
        )
    if row.deletion_id is not None:
        same_act = {"tree_id": row.tree_id, "deletion_id": row.deletion_id}
        back.update(_with_texts(connection.execute(_SAME_DELETION, same_act).all()))
    connection.execute(_MARK_RESTORED, [{"at": message_id} for message_id in back])
    credit(
        connection,
        context,
        [delta for other in back.values() for delta in message_deltas(other, amount=1)],
    )
    was_halted_by_it = _tree(connection, row.tree_id).deletion_id is not None
    if was_halted_by_it:
        _set_halting_deletion(connection, row.tree_id, None)
    refresh_tree(connection, context, row.tree_id, unhalt=was_halted_by_it)
    note(connection, context, act, Action.undelete, Subject.message, row.id)


def set_halted(connection: sa.Connection, context: Context, tree_id: str, act: Act, *, halt: bool) -> None:
    """Halt a tree or let it go on; nothing changes while its prompt waits for the lottery.

    A tree can be halted without anybody's decision: with its deleted prompt, or with its author who is out.
    To halt it then makes it stay so when the prompt is restored or the author comes back, and is noted.
    """
    before = TreeState(_tree(connection, tree_id).state)
    if not can_halt(before):
        return
    is_halted = before is TreeState.halted_by_moderator
    decided = is_halted and connection.execute(_IS_HALTED_BY_DECISION, {"tree_id": tree_id}).scalar_one()
    if halt and not decided:
        _set_halting_deletion(connection, tree_id, None)
        _stop(connection, context, tree_id, TreeState.halted_by_moderator, act)
    elif not halt and (refresh_tree(connection, context, tree_id, unhalt=True) is not before or decided):
        note(connection, context, act, Action.unhalt, Subject.tree, tree_id)


def react(connection: sa.Connection, context: Context, message_id: str, person_id: str, emoji: str) -> bool:
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


def _with_texts(rows: Sequence[MessageRow]) -> dict[str, MessageRow]:
    """Leave out messages whose text was removed for good, and all below them."""
    found: dict[str, MessageRow] = {}
    removed: set[str] = set()
    for row in sorted(rows, key=lambda row: row.depth):
        if not row.text or row.parent_id in removed:
            removed.add(row.id)
        else:
            found[row.id] = row
    return found


def _stop(connection: sa.Connection, context: Context, tree_id: str, state: TreeState, act: Act) -> None:
    refresh_tree(connection, context, tree_id, stop=state)
    action = Action.halt if state is TreeState.halted_by_moderator else Action.abort
    note(connection, context, act, action, Subject.tree, tree_id)


def _set_halting_deletion(connection: sa.Connection, tree_id: str, deletion_id: str | None) -> None:
    connection.execute(trees.update().where(trees.c.id == tree_id).values(deletion_id=deletion_id))


def _count(connection: sa.Connection, message_id: str, emoji: str) -> int:
    return connection.execute(
        sa.select(sa.func.count())
        .select_from(reactions)
        .where(reactions.c.message_id == message_id, reactions.c.emoji == emoji)
    ).scalar_one()


def _tree(connection: sa.Connection, tree_id: str) -> AnyRow:
    return connection.execute(_TREE, {"tree_id": tree_id}).one()
