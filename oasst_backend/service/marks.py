"""What people mark messages with, outside of tasks."""

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import Context
from oasst_backend.service.conversations import MessageRow
from oasst_backend.service.journal import is_moderated
from oasst_backend.service.moderation import note_skip, raise_flag, react
from oasst_backend.service.people import acting_person, record_activity
from oasst_backend.storage.tables import reactions
from oasst_client import Emoji, EmojiOp, OasstErrorCode, User

OPPOSITES = {Emoji.thumbs_up: Emoji.thumbs_down, Emoji.thumbs_down: Emoji.thumbs_up}
"""Marks that exclude each other, and are ignored on one's own message."""

_ACTING = frozenset({Emoji.red_flag, Emoji.skip_reply})
"""Marks that bring something about when enough people set them."""


def mark_message(
    connection: sa.Connection, context: Context, row: MessageRow, user: User, emoji: Emoji, op: EmojiOp
) -> str:
    """Set a mark or take it back, and give the id of the person.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        row: the message.
        user: who marks it.
        emoji: the mark.
        op: what to do; toggling sets what is not there and takes back what is.

    Raises:
        Refusal: the person is disabled (4001), or the mark can no longer be taken back (5000).
    """
    person = acting_person(connection, context, user)
    record_activity(connection, person, context.now, finished=False)
    person_id: str = person.id
    if emoji in OPPOSITES and row.person_id == person_id:
        return person_id
    found = sa.select(reactions.c.emoji).where(_is_mark(row.id, person_id, emoji))
    is_set = connection.execute(found).first() is not None
    wanted = op is EmojiOp.add or (op is EmojiOp.toggle and not is_set)
    if wanted and not is_set:
        _set(connection, context, row, person_id, emoji)
    elif is_set and not wanted:
        _take_back(connection, row, person_id, emoji)
    return person_id


def _set(connection: sa.Connection, context: Context, row: MessageRow, person_id: str, emoji: Emoji) -> None:
    match emoji:
        case Emoji.red_flag:
            raise_flag(connection, context, row, person_id)
        case Emoji.skip_reply | Emoji.skip_ranking | Emoji.skip_labeling:
            note_skip(connection, context, row.id, person_id, emoji.value)
        case _:
            if emoji in OPPOSITES:
                _remove(connection, row.id, person_id, OPPOSITES[emoji])
            react(connection, context, row.id, person_id, emoji.value)


def _take_back(connection: sa.Connection, row: MessageRow, person_id: str, emoji: Emoji) -> None:
    """Take a mark back.

    Raises:
        Refusal: moderation has dealt with the message; set once more, the mark would undo what was
            decided (5000).
    """
    if emoji in _ACTING and is_moderated(connection, row.id, row.tree_id, author_id=row.person_id):
        raise Refusal(
            OasstErrorCode.emoji_op_unsupported,
            f"{emoji.value} can no longer be taken back: moderation has dealt with this message.",
        )
    _remove(connection, row.id, person_id, emoji)


def _remove(connection: sa.Connection, message_id: str, person_id: str, emoji: Emoji) -> None:
    connection.execute(reactions.delete().where(_is_mark(message_id, person_id, emoji)))


def _is_mark(message_id: str, person_id: str, emoji: Emoji) -> sa.ColumnElement[bool]:
    return sa.and_(
        reactions.c.message_id == message_id,
        reactions.c.person_id == person_id,
        reactions.c.emoji == emoji.value,
    )
