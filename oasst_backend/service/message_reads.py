"""What can be read of a message and its tree."""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

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
from oasst_client.models import MessageTree, TreeStatus


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
    """Show the whole tree of a message, or what is below the message, parents before their children.

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
        rows = _below(rows, row.id)
    shown = [
        other
        for other in rows
        if (include_deleted or not other.deleted) and (include_spam or other.review_result is not False)
    ]
    top = row.id if part is Part.descendants else row.tree_id
    return MessageTree(id=UUID(top), messages=whole_messages(connection, shown, viewer_id))


def longest_conversation(connection: sa.Connection, row: MessageRow, viewer_id: str | None) -> Conversation:
    """Show the longest conversation of a message's tree, of several the one whose end is oldest.

    Deleted messages are left out; where all are deleted it is empty.
    """
    rows = [other for other in rows_of_tree(connection, row.tree_id) if not other.deleted]
    by_id = {other.id: other for other in rows}
    # Of equal depths the first is kept, and the rows of one depth are in the order of their dates.
    step = max(rows, key=lambda other: other.depth, default=None)
    path: list[MessageRow] = []
    while step is not None:
        path.append(step)
        step = by_id.get(step.parent_id)
    return conversation_of(connection, path[::-1], viewer_id)


def most_answered(connection: sa.Connection, row: MessageRow, viewer_id: str | None) -> MessageTree:
    """Show the message of a tree that has most replies, with these, the oldest first.

    Deleted messages are left out; of several it is the one nearest to the root, then the oldest.
    """
    rows = [other for other in rows_of_tree(connection, row.tree_id) if not other.deleted]
    replies: dict[str, list[MessageRow]] = defaultdict(list)
    for other in rows:
        replies[other.parent_id].append(other)
    top = max(rows, key=lambda other: len(replies[other.id]), default=None)
    shown = [] if top is None else [top, *replies[top.id]]
    top_id = row.tree_id if top is None else top.id
    return MessageTree(id=UUID(top_id), messages=whole_messages(connection, shown, viewer_id))


def tree_status(connection: sa.Connection, row: MessageRow) -> TreeStatus:
    """Show where a message's tree is in its life, and its bounds."""
    found = connection.execute(sa.select(trees).where(trees.c.id == row.tree_id)).one()
    state = TreeState(found.state)
    return TreeStatus(
        message_tree_id=UUID(found.id),
        state=state.value,
        goal_tree_size=found.goal_tree_size,
        max_depth=found.max_depth,
        max_children_count=found.max_children_count,
        active=state in ACTIVE_STATES,
        origin=found.origin,
    )


def _below(rows: Sequence[MessageRow], message_id: str) -> list[MessageRow]:
    """Give what is below a message; parents come before their children, so one pass finds all."""
    ids = {message_id}
    found = []
    for other in rows:
        if other.parent_id in ids:
            ids.add(other.id)
            found.append(other)
    return found
