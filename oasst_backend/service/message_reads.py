"""What can be read of a message and its tree."""

from collections import Counter
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from oasst_backend.rules.trees import ACTIVE_STATES, TreeState
from oasst_backend.service.conversations import (
    MessageRow,
    conversation_of,
    rows_of_tree,
    rows_to_root,
    whole_messages,
)
from oasst_backend.storage.tables import messages, trees
from oasst_client import Conversation, Message
from oasst_client.models import ProtocolModel


class MessageTree(ProtocolModel):
    """A tree, or a part of it, parents before their children."""

    id: str
    messages: list[Message]


class TreeStateView(ProtocolModel):
    """Where a tree is in its life, and its bounds."""

    message_tree_id: str
    state: TreeState
    goal_tree_size: int
    max_depth: int
    max_children_count: int
    active: bool
    origin: str | None


class Part(StrEnum):
    """Which messages around one are read."""

    tree = "tree"
    descendants = "descendants"


def one_message(connection: sa.Connection, row: MessageRow, viewer_id: str | None) -> Message:
    """Show one message."""
    return whole_messages(connection, [row], viewer_id)[0]


def conversation(connection: sa.Connection, row: MessageRow, viewer_id: str | None) -> Conversation:
    """Show a message with everything above it, the root first."""
    return conversation_of(connection, rows_to_root(connection, row.id), viewer_id)


def children(connection: sa.Connection, row: MessageRow, viewer_id: str | None) -> list[Message]:
    """Show the replies to a message, the oldest first; deleted ones are left out."""
    rows = connection.execute(
        sa.select(messages)
        .where(messages.c.parent_id == row.id, ~messages.c.deleted)
        .order_by(messages.c.created_date, messages.c.id)
    ).all()
    return whole_messages(connection, rows, viewer_id)


def tree(
    connection: sa.Connection,
    row: MessageRow,
    viewer_id: str | None,
    part: Part,
    *,
    include_deleted: bool,
    include_spam: bool,
) -> MessageTree:
    """Show the whole tree of a message, or the message and what is below it.

    Args:
        connection: any connection.
        row: the message.
        viewer_id: the person who looks, if one is named.
        part: how much of the tree.
        include_deleted: whether deleted messages are shown.
        include_spam: whether rejected messages are shown.
    """
    rows = rows_of_tree(connection, row.tree_id)
    if part is Part.descendants:
        below = {row.id}
        # Parents come before their children, so one pass finds all.
        for other in rows:
            if other.parent_id in below:
                below.add(other.id)
        rows = [other for other in rows if other.id in below]
    shown = [
        other
        for other in rows
        if (include_deleted or not other.deleted) and (include_spam or other.review_result is not False)
    ]
    root = row.id if part is Part.descendants else row.tree_id
    return MessageTree(id=root, messages=whole_messages(connection, shown, viewer_id))


def tree_state(connection: sa.Connection, row: MessageRow) -> TreeStateView:
    """Show the state of a message's tree."""
    found = connection.execute(sa.select(trees).where(trees.c.id == row.tree_id)).one()
    state = TreeState(found.state)
    return TreeStateView(
        message_tree_id=found.id,
        state=state,
        goal_tree_size=found.goal_tree_size,
        max_depth=found.max_depth,
        max_children_count=found.max_children_count,
        active=state in ACTIVE_STATES,
        origin=found.origin,
    )


def message_stats(connection: sa.Connection) -> dict[str, Any]:
    """Count messages (`all`, `active`: not deleted, `active_by_lang`, `deleted`) and `message_trees`."""
    by_lang: Counter[str] = Counter()
    deleted = 0
    rows = connection.execute(
        sa.select(messages.c.lang, messages.c.deleted, sa.func.count()).group_by(
            messages.c.lang, messages.c.deleted
        )
    )
    for lang, is_deleted, count in rows:
        if is_deleted:
            deleted += count
        else:
            by_lang[lang] += count
    active = by_lang.total()
    total_trees = connection.execute(sa.select(sa.func.count()).select_from(trees)).scalar_one()
    return {
        "all": active + deleted,
        "active": active,
        "active_by_lang": dict(by_lang),
        "deleted": deleted,
        "message_trees": total_trees,
    }
