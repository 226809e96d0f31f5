"""Gives messages another text, and keeps what they said before."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.service.conversations import MessageRow
from oasst_backend.service.journal import Act, Action, Subject, note
from oasst_backend.service.people import acting_person
from oasst_backend.service.planting import text_hash
from oasst_backend.storage.tables import message_revisions, messages
from oasst_client import MessageRevision, OasstErrorCode, User

_REVISIONS = (
    sa.select(message_revisions)
    .where(message_revisions.c.message_id == sa.bindparam("message_id"))
    .order_by(message_revisions.c.created_date)
)
_LAST_EDIT = sa.select(sa.func.max(message_revisions.c.created_date)).where(
    message_revisions.c.message_id == sa.bindparam("message_id")
)
_NEXT_MOMENT = timedelta(microseconds=1)


def edit_message(
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    row: MessageRow,
    user: User,
    new_content: str,
    *,
    reason: str | None,
) -> None:
    """Give a message another text and keep the earlier one; the same text changes nothing.

    Raises:
        Refusal: the person is disabled (4001), or the text is empty (1010) or too long (1008).
    """
    editor = acting_person(connection, context, user)
    text = checked_text(context, new_content)
    if text != row.text:
        change_text(connection, context, row, text, Act(client, editor.id, reason))


def checked_text(context: Context, text: str) -> str:
    """Give a text without the space around it.

    Raises:
        Refusal: it is empty (1010) or too long (1008).
    """
    text = text.strip()
    if not text:
        raise Refusal(OasstErrorCode.task_message_text_empty, "The text is empty.")
    limit = context.settings.message_size_limit
    if len(text) > limit:
        raise Refusal(OasstErrorCode.task_message_too_long, f"The text is longer than {limit} characters.")
    return text


def change_text(connection: sa.Connection, context: Context, row: MessageRow, text: str, act: Act) -> None:
    """Give a message another text, keep the earlier one with who replaced it, and note the act."""
    last = connection.execute(_LAST_EDIT, {"message_id": row.id}).scalar_one()
    connection.execute(
        message_revisions.insert(),
        {
            "id": new_id(),
            "message_id": row.id,
            "person_id": act.actor_id,
            "text": row.text,
            # Later than the edit before, by whatever clock, as this is their order.
            "created_date": context.now if last is None else max(context.now, last + _NEXT_MOMENT),
        },
    )
    connection.execute(
        messages.update()
        .where(messages.c.id == row.id)
        .values(text=text, text_hash=text_hash(text), edited=True)
    )
    note(connection, context, act, Action.edit, Subject.message, row.id)


def history(connection: sa.Connection, row: MessageRow, viewer_id: str | None) -> list[MessageRevision]:
    """Show every text that a message ever had, the present one last, with who wrote each and when."""
    texts = []
    version_id, author_id, since = row.id, row.person_id, row.created_date
    for revision in connection.execute(_REVISIONS, {"message_id": row.id}):
        texts.append((version_id, author_id, since, revision.text))
        version_id, author_id, since = revision.id, revision.person_id, revision.created_date
    texts.append((version_id, author_id, since, row.text))
    return [
        MessageRevision(
            id=UUID(version_id),
            text=text,
            message_id=UUID(row.id),
            user_id=UUID(author_id) if author_id else None,
            created_date=since,
            user_is_author=viewer_id is not None and author_id == viewer_id,
        )
        for version_id, author_id, since, text in texts
    ]
