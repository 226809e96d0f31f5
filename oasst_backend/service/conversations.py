"""Reads messages and conversations in the protocol's shapes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, reactions
from oasst_client import Conversation, ConversationMessage, Message, OasstErrorCode

MessageRow = AnyRow
"""A row of `messages`."""


def _path_statement() -> sa.Select[Any]:
    """The messages from one message up to its root, the root first."""
    start = (
        sa.select(messages.c.id, messages.c.parent_id)
        .where(messages.c.id == sa.bindparam("message_id"))
        .cte("path", recursive=True)
    )
    path = start.union_all(
        sa.select(messages.c.id, messages.c.parent_id).where(messages.c.id == start.c.parent_id)
    )
    return sa.select(messages).where(messages.c.id.in_(sa.select(path.c.id))).order_by(messages.c.depth)


_PATH = Prepared(_path_statement())
_BY_ID = Prepared(sa.select(messages).where(messages.c.id == sa.bindparam("message_id")))
_BY_FRONTEND_ID = Prepared(
    sa.select(messages).where(
        messages.c.api_client_id == sa.bindparam("api_client_id"),
        messages.c.frontend_message_id == sa.bindparam("frontend_id"),
    )
)
_IN_TREE = (
    sa.select(messages)
    .where(messages.c.tree_id == sa.bindparam("tree_id"))
    .order_by(messages.c.depth, messages.c.created_date, messages.c.id)
)


_LENGTHS = (1, 2, 4, 8, 16, 32, 64)
MOST_AT_ONCE = _LENGTHS[-1]
"""Messages whose reactions are read by one statement at most."""


@cache
def _reactions_on(size: int) -> Prepared:
    """Count the reactions on as many messages, `id0` and on, and tell which are the viewer's."""
    own = sa.func.max(sa.case((reactions.c.person_id == sa.bindparam("viewer_id"), 1), else_=0))
    ids = [reactions.c.message_id == sa.bindparam(f"id{place}") for place in range(size)]
    return Prepared(
        sa.select(reactions.c.message_id, reactions.c.emoji, sa.func.count().label("times"), own.label("own"))
        .where(sa.or_(*ids))
        .group_by(reactions.c.message_id, reactions.c.emoji)
    )


class Emojis:
    """The reactions on some messages, counted, and those of one person."""

    def __init__(self, connection: sa.Connection, message_ids: Iterable[str], viewer_id: str | None) -> None:
        self._counts: dict[str, dict[str, int]] = defaultdict(dict)
        self._own: dict[str, list[str]] = defaultdict(list)
        ids = list(message_ids)
        for start in range(0, len(ids), MOST_AT_ONCE):
            self._read(connection, ids[start : start + MOST_AT_ONCE], viewer_id)

    def _read(self, connection: sa.Connection, ids: list[str], viewer_id: str | None) -> None:
        # A few lengths make a few statements; the last id fills up what is left.
        size = next(size for size in _LENGTHS if size >= len(ids))
        filled = ids + ids[-1:] * (size - len(ids))
        values = {f"id{place}": message_id for place, message_id in enumerate(filled)}
        for message_id, emoji, count, is_own in _reactions_on(size).all(
            connection, {**values, "viewer_id": viewer_id or ""}
        ):
            self._counts[message_id][emoji] = count
            if is_own:
                self._own[message_id].append(emoji)

    def counts(self, row: MessageRow) -> dict[str, int]:
        """Count the reactions on a message, with those that came in with an imported file."""
        counts = dict((row.imported or {}).get("emojis") or {})
        for emoji, count in self._counts.get(row.id, {}).items():
            counts[emoji] = counts.get(emoji, 0) + count
        return counts

    def own(self, row: MessageRow) -> list[str]:
        """Name the reactions of the person who looks."""
        return self._own.get(row.id, [])


def message_row(connection: sa.Connection, message_id: UUID | str) -> MessageRow:
    """Find a message.

    Raises:
        Refusal: there is none with this id (2001).
    """
    row = _BY_ID.first(connection, {"message_id": str(message_id)})
    if row is None:
        raise Refusal(OasstErrorCode.message_not_found, "No message has this id.")
    return row


def message_row_by_frontend_id(connection: sa.Connection, client_id: str, frontend_id: str) -> MessageRow:
    """Find a message by the id that this frontend gave it.

    Raises:
        Refusal: there is none with this id (2001).
    """
    row = _BY_FRONTEND_ID.first(connection, {"api_client_id": client_id, "frontend_id": frontend_id})
    if row is None:
        raise Refusal(OasstErrorCode.message_not_found, "No message has this id.")
    return row


def rows_to_root(connection: sa.Connection, message_id: str) -> Sequence[MessageRow]:
    """Read a message and everything above it, the root first."""
    return _PATH.all(connection, {"message_id": message_id})


def rows_of_tree(connection: sa.Connection, tree_id: str) -> Sequence[MessageRow]:
    """Read all messages of a tree, parents before their children."""
    return connection.execute(_IN_TREE, {"tree_id": tree_id}).all()


def conversation_of(
    connection: sa.Connection,
    rows: Sequence[MessageRow],
    viewer_id: str | None,
    emojis: Emojis | None = None,
) -> Conversation:
    """Give messages as a conversation, seen by one person; `emojis`, if given, must know all of them."""
    emojis = emojis or Emojis(connection, [row.id for row in rows], viewer_id)
    return Conversation(messages=[conversation_message(row, emojis, viewer_id) for row in rows])


def conversation_message(row: MessageRow, emojis: Emojis, viewer_id: str | None) -> ConversationMessage:
    """Give a message as a part of a conversation, seen by one person."""
    return ConversationMessage(**_shared(row, emojis, viewer_id))


def whole_messages(
    connection: sa.Connection, rows: Sequence[MessageRow], viewer_id: str | None
) -> list[Message]:
    """Give messages with everything that became of them."""
    emojis = Emojis(connection, [row.id for row in rows], viewer_id)
    return [
        Message(
            **_shared(row, emojis, viewer_id),
            parent_id=UUID(row.parent_id) if row.parent_id else None,
            created_date=row.created_date,
            review_result=row.review_result,
            review_count=row.review_count,
            deleted=row.deleted,
            edited=row.edited,
            model_name=row.model_name,
            message_tree_id=UUID(row.tree_id),
            ranking_count=row.ranking_count,
            rank=row.rank,
        )
        for row in rows
    ]


def _shared(row: MessageRow, emojis: Emojis, viewer_id: str | None) -> dict[str, Any]:
    return {
        "id": UUID(row.id),
        "user_id": UUID(row.person_id) if row.person_id else None,
        "frontend_message_id": row.frontend_message_id,
        "text": row.text,
        "lang": row.lang,
        "is_assistant": row.role == "assistant",
        "emojis": emojis.counts(row),
        "user_emojis": emojis.own(row),
        "user_is_author": None if viewer_id is None else row.person_id == viewer_id,
        "synthetic": row.synthetic,
    }
