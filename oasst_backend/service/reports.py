"""The queue of messages that people reported or flagged, for moderators."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from oasst_backend.errors import Refusal
from oasst_backend.service.context import Context
from oasst_backend.service.conversations import whole_messages
from oasst_backend.service.journal import Act, Action, Subject, note
from oasst_backend.service.paging import Keys, Span, read_page
from oasst_backend.storage.columns import AnyRow, as_dict
from oasst_backend.storage.tables import flagged_messages, labellings, messages, reactions, trees
from oasst_client import Emoji, Message, OasstErrorCode
from oasst_client.models import Page, ProtocolModel
from oasst_client.statistics import FlaggedMessage

REPORTS_SHOWN = 20
"""Reports of one message that are listed, the newest; of the others only the number is told."""

REPORT_TEXT_SHOWN = 1000
"""Characters that are shown of what a person wrote in a report."""

_KEYS = Keys(flagged_messages.c.created_date, flagged_messages.c.message_id)
_ENQUEUE = insert_or_update(flagged_messages)
_ENQUEUE = _ENQUEUE.on_conflict_do_update(
    index_elements=[flagged_messages.c.message_id],
    set_={"processed": False, "processed_date": None, "created_date": _ENQUEUE.excluded.created_date},
    where=flagged_messages.c.processed,
)
_IDS: sa.BindParameter[Any] = sa.bindparam("message_ids", expanding=True)
_FLAGS = (
    sa.select(reactions.c.message_id, sa.func.count())
    .where(reactions.c.message_id.in_(_IDS), reactions.c.emoji == Emoji.red_flag.value)
    .group_by(reactions.c.message_id)
)
_REPORT_COUNTS = (
    sa.select(labellings.c.message_id, sa.func.count())
    .where(labellings.c.message_id.in_(_IDS), labellings.c.is_report)
    .group_by(labellings.c.message_id)
)
_NUMBERED = (
    sa.select(
        labellings.c.id,
        sa.func.row_number()
        .over(
            partition_by=labellings.c.message_id,
            order_by=(labellings.c.created_date.desc(), labellings.c.id.desc()),
        )
        .label("number"),
    )
    .where(labellings.c.message_id.in_(_IDS), labellings.c.is_report)
    .subquery()
)
_REPORTS = (
    sa.select(
        labellings.c.message_id,
        labellings.c.person_id,
        labellings.c.created_date,
        labellings.c.labels,
        sa.func.substr(labellings.c.text, 1, REPORT_TEXT_SHOWN).label("text"),
        sa.func.length(labellings.c.text).label("text_length"),
    )
    .select_from(labellings.join(_NUMBERED, _NUMBERED.c.id == labellings.c.id))
    .where(_NUMBERED.c.number <= REPORTS_SHOWN)
    .order_by(_NUMBERED.c.number)
)
_MESSAGES = (
    sa.select(messages, trees.c.state)
    .select_from(messages.join(trees, trees.c.id == messages.c.tree_id))
    .where(messages.c.id.in_(_IDS))
)


class Report(ProtocolModel):
    """What one person said of a message.

    `text` holds the first 1,000 characters; `text_length` counts all of them.
    """

    user_id: UUID
    created_date: datetime
    labels: dict[str, float]
    text: str
    text_length: int


class ReportedMessage(ProtocolModel):
    """A message in the queue, and what was said of it.

    `flags` counts the red flags, with which each report also comes; `reports` are the newest of
    `report_count`, 20 at most.
    """

    message: Message
    tree_state: str
    created_date: datetime
    processed: bool
    processed_date: datetime | None
    flags: int
    report_count: int
    reports: list[Report]


def enqueue(connection: sa.Connection, context: Context, message_id: str) -> None:
    """Put a message into the queue; one that was dealt with comes there anew."""
    connection.execute(_ENQUEUE, {"message_id": message_id, "created_date": context.now, "processed": False})


def newest_flagged(connection: sa.Connection, max_count: int) -> list[FlaggedMessage]:
    """List what was reported or flagged, whether dealt with or not, the newest first."""
    statement = sa.select(flagged_messages).order_by(*(column.desc() for column in _KEYS)).limit(max_count)
    return [_flagged(row) for row in connection.execute(statement)]


def flagged_page(connection: sa.Connection, span: Span) -> Page[FlaggedMessage]:
    """Read a part of what was reported or flagged, whether dealt with or not.

    Raises:
        Refusal: the sort key is unknown (100), or a cursor is none (101).
    """
    found = read_page(connection, sa.select(flagged_messages), _KEYS, span)
    return found.of([_flagged(row) for row in found.rows])


def settle(connection: sa.Connection, context: Context, message_id: UUID, act: Act) -> FlaggedMessage:
    """Note that a message in the queue was dealt with; once more changes nothing.

    Raises:
        Refusal: the message was never reported or flagged (2001).
    """
    is_this_one = flagged_messages.c.message_id == str(message_id)
    row = connection.execute(sa.select(flagged_messages).where(is_this_one)).one_or_none()
    if row is None:
        raise Refusal(OasstErrorCode.message_not_found, "No message with this id was reported.")
    if not row.processed:
        connection.execute(
            flagged_messages.update().where(is_this_one).values(processed=True, processed_date=context.now)
        )
        note(connection, context, act, Action.process_flag, Subject.message, row.message_id)
    return FlaggedMessage(message_id=UUID(row.message_id), processed=True, created_date=row.created_date)


def read_reports(
    connection: sa.Connection, span: Span, *, processed: bool, viewer_id: str | None
) -> Page[ReportedMessage]:
    """Read a part of the queue with what was said of its messages.

    Args:
        connection: any connection.
        span: which part.
        processed: what was dealt with, instead of what was not.
        viewer_id: the person who looks, if one is named.

    Raises:
        Refusal: the sort key is unknown (100), or a cursor is none (101).
    """
    # Not bound, so that the index of what is open serves.
    is_processed = sa.true() if processed else sa.false()
    statement = sa.select(flagged_messages).where(flagged_messages.c.processed == is_processed)
    found = read_page(connection, statement, _KEYS, span)
    ids = {"message_ids": [row.message_id for row in found.rows]}
    rows = connection.execute(_MESSAGES, ids).all()
    shown = {str(message.id): message for message in whole_messages(connection, rows, viewer_id)}
    states = {row.id: row.state for row in rows}
    flags, counts = as_dict(connection.execute(_FLAGS, ids)), as_dict(connection.execute(_REPORT_COUNTS, ids))
    reports = _reports(connection, ids)
    return found.of(
        [
            ReportedMessage(
                message=shown[row.message_id],
                tree_state=states[row.message_id],
                created_date=row.created_date,
                processed=row.processed,
                processed_date=row.processed_date,
                flags=flags.get(row.message_id, 0),
                report_count=counts.get(row.message_id, 0),
                reports=reports[row.message_id],
            )
            for row in found.rows
        ]
    )


def _reports(connection: sa.Connection, ids: Mapping[str, Sequence[str]]) -> Mapping[str, list[Report]]:
    found: dict[str, list[Report]] = defaultdict(list)
    for row in connection.execute(_REPORTS, ids):
        found[row.message_id].append(
            Report(
                user_id=UUID(row.person_id),
                created_date=row.created_date,
                labels=row.labels,
                text=row.text,
                text_length=row.text_length,
            )
        )
    return found


def _flagged(row: AnyRow) -> FlaggedMessage:
    return FlaggedMessage(
        message_id=UUID(row.message_id), processed=row.processed, created_date=row.created_date
    )
