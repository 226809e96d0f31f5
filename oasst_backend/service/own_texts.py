"""An author's own message: found, and given another wording while nobody has worked with the one it has."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.conversations import MessageRow, message_row
from oasst_backend.service.duplicates import check_duplicate
from oasst_backend.service.journal import Act
from oasst_backend.service.message_lists import visible_client
from oasst_backend.service.people import Person, check_enabled
from oasst_backend.service.revisions import change_text, checked_text
from oasst_backend.service.selection import SKIP_LABELING, SKIP_RANKING, SKIP_REPLY
from oasst_backend.service.terms import check_terms
from oasst_backend.service.work import Reserves, release_task
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import labellings, message_revisions, messages, reactions, tasks
from oasst_client import OasstErrorCode

_IDS: sa.BindParameter[str] = sa.bindparam("ids", expanding=True)
_replies = messages.alias("replies")
_WORKED_WITH = sa.union(
    sa.select(labellings.c.message_id).where(labellings.c.message_id.in_(_IDS)),
    # Also a reply that is deleted: it may be restored.
    sa.select(_replies.c.parent_id).where(_replies.c.parent_id.in_(_IDS)),
    sa.select(reactions.c.message_id)
    .select_from(reactions.join(messages, messages.c.id == reactions.c.message_id))
    .where(
        reactions.c.message_id.in_(_IDS),
        reactions.c.person_id != messages.c.person_id,
        # Who skipped it has said nothing of its text.
        reactions.c.emoji.not_in([SKIP_LABELING, SKIP_RANKING, SKIP_REPLY]),
    ),
)
_REPLIED_TO = sa.select(messages.c.parent_id).where(messages.c.parent_id.in_(_IDS), ~messages.c.deleted)
_REVIEWS_IN_HAND = sa.select(tasks.c.id).where(
    tasks.c.reserved_until.is_not(None),
    tasks.c.subject_id == sa.bindparam("message_id"),
    tasks.c.subject_id.is_not(None),
    tasks.c.kind == Reserves.review.value,
)
_END_TASKS = (
    tasks.update()
    .where(tasks.c.id.in_(sa.bindparam("task_ids", expanding=True)))
    .values(is_open=False, reserved_until=None)
)
_REWORDED_SINCE = Prepared(
    sa.select(message_revisions.c.id)
    .where(
        message_revisions.c.message_id == sa.bindparam("message_id"),
        message_revisions.c.person_id == sa.bindparam("person_id"),
        message_revisions.c.created_date
        >= sa.bindparam("since", type_=message_revisions.c.created_date.type),
    )
    .limit(1)
)


def own_message(
    connection: sa.Connection, person: Person, client: ApiClient | None, message_id: UUID
) -> MessageRow:
    """Find a message of a person; a key that is not trusted speaks for people only where they used it.

    Raises:
        Refusal: this person wrote no such message with this key (2001).
    """
    row = message_row(connection, message_id)
    client_id = visible_client(client, None) if client is not None else None
    if row.person_id != person.id or client_id not in {None, row.api_client_id}:
        raise Refusal(OasstErrorCode.message_not_found, "This person wrote no message with this id.")
    return row


def rewordable(connection: sa.Connection, rows: Sequence[MessageRow]) -> set[str]:
    """Tell which messages may be given another wording by their authors; the ids.

    Those that are not deleted and that nobody has reviewed, labelled, marked, reported or replied to. What
    was ranked was reviewed before.
    """
    ids = {row.id for row in rows if not row.deleted and row.review_result is None}
    worked_with = connection.execute(_WORKED_WITH, {"ids": sorted(ids)}).scalars() if ids else ()
    return ids.difference(worked_with)


def replied_to(connection: sa.Connection, ids: Sequence[str]) -> set[str]:
    """Tell which messages have a reply that is not deleted."""
    return set(connection.execute(_REPLIED_TO, {"ids": ids}).scalars())


def reword(  # who changes which text to what
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    person: Person,
    message_id: UUID,
    new_text: str,
) -> None:
    """Give a person's own message another wording, and keep the earlier one; the same changes nothing.

    Whoever has a review of it in hand read the earlier wording: their task ends, its place is free again, for
    them as well, and their answer is refused (`check_wording`).

    Raises:
        Refusal: the person is disabled (4001) or has yet to accept the terms (4003); they wrote no such
            message with this key (2001); the text is empty (1010), too long (1008) or repeated (1009); or the
            message is deleted or somebody has worked with it (2008).
    """
    check_enabled(person)
    check_terms(context, person)
    row = own_message(connection, person, client, message_id)
    text = checked_text(context, new_text)
    if text == row.text:
        return
    if row.id not in rewordable(connection, [row]):
        raise Refusal(
            OasstErrorCode.invalid_message,
            "The message is deleted, or somebody has reviewed it, replied to it or said something about it,"
            " so its text can no longer be changed.",
        )
    check_duplicate(connection, context, person.id, text, apart_from=row.id)
    change_text(connection, context, row, text, Act(client, person.id))
    _end_reviews(connection, row.id)


def check_wording(connection: sa.Connection, message: MessageRow, handed_out: datetime) -> None:
    """See that a message still says what it said when a task about it was handed out.

    What a moderator changes does not count: they decide that what others said of it still holds.

    Raises:
        Refusal: its author has given it another wording (2008).
    """
    if not message.edited:
        return
    key = {"message_id": message.id, "person_id": message.person_id, "since": handed_out}
    if _REWORDED_SINCE.first(connection, key) is not None:
        raise Refusal(
            OasstErrorCode.invalid_message,
            "The author has changed the text since this task was handed out; ask for another one.",
        )


def _end_reviews(connection: sa.Connection, message_id: str) -> None:
    """End the tasks that hold a place at a message's review; their work is free again at once."""
    ids = connection.execute(_REVIEWS_IN_HAND, {"message_id": message_id}).scalars().all()
    for _ in ids:
        release_task(connection, kind=Reserves.review.value, subject_id=message_id)
    connection.execute(_END_TASKS, {"task_ids": ids})
