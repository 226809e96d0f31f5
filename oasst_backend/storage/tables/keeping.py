"""What the backend remembers of itself and of what moderators did."""

import sqlalchemy as sa

from oasst_backend.storage.columns import UtcDateTime
from oasst_backend.storage.tables.base import PERSONAL, Id, metadata, partial_index

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# Who did what, when and why; rows are only added.
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("created_date", UtcDateTime, nullable=False),
    # Null when the machine acted by its rules, or an operator at the command line.
    sa.Column("api_client_id", Id, sa.ForeignKey("api_clients.id")),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    sa.Column("action", sa.String(32), nullable=False),
    # message, tree, person or key, and which.
    sa.Column("subject_kind", sa.String(16), nullable=False),
    sa.Column("subject_id", Id, nullable=False),
    sa.Column("reason", sa.String(512), info=PERSONAL),
)
sa.Index("ix_journal_date", journal.c.created_date, journal.c.id)
sa.Index("ix_journal_subject", journal.c.subject_id, journal.c.created_date, journal.c.id)
sa.Index("ix_journal_person_id", journal.c.person_id, journal.c.created_date, journal.c.id)

# The queue of messages that somebody reported or flagged.
flagged_messages = sa.Table(
    "flagged_messages",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    # Since when it is in the queue; a report after it was dealt with puts it there anew.
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
    sa.Column("processed", sa.Boolean, nullable=False),
    sa.Column("processed_date", UtcDateTime),
)
sa.Index("ix_flagged_messages_date", flagged_messages.c.created_date, flagged_messages.c.message_id)
partial_index(
    "ix_flagged_messages_queue",
    flagged_messages.c.created_date,
    flagged_messages.c.message_id,
    where=flagged_messages.c.processed == sa.false(),
)

cached_stats = sa.Table(
    "cached_stats",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("stats", sa.JSON, nullable=False),
    sa.Column("modified_date", UtcDateTime, nullable=False),
)
