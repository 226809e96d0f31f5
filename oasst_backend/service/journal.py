"""The journal of moderation: who did what, with which key, when and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.service.paging import Keys, Span, read_page
from oasst_backend.storage.tables import api_clients, journal, trees
from oasst_client.models import Page, ProtocolModel


class Action(StrEnum):
    """What is done to messages and their trees, to people, and to keys."""

    delete = "delete"
    undelete = "undelete"
    edit = "edit"
    halt = "halt"
    unhalt = "unhalt"
    abort = "abort"
    process_flag = "process_flag"
    change = "change"
    disable = "disable"
    enable = "enable"
    anonymise = "anonymise"
    purge = "purge"
    purge_messages = "purge_messages"
    merge = "merge"
    lift_ban = "lift_ban"
    create = "create"


class Subject(StrEnum):
    """What something is done to."""

    message = "message"
    tree = "tree"
    person = "person"
    key = "key"


@dataclass(frozen=True)
class Act:
    """Who acts, with which key, and why.

    Attributes:
        client: the key; None when the backend acts by its rules.
        actor_id: the person, None where the call names none.
        reason: in words.
    """

    client: ApiClient | None = None
    actor_id: str | None = None
    reason: str | None = None


class JournalEntry(ProtocolModel):
    """One act; without a key and a person the backend acted by its rules, or its operator did."""

    id: UUID
    created_date: datetime
    action: str
    subject_kind: str
    subject_id: str
    user_id: UUID | None
    api_client_id: UUID | None
    api_client: str | None
    reason: str | None


def record(  # noqa: PLR0913  # each is one column of the row
    connection: sa.Connection,
    context: Context,
    *,
    client: ApiClient | None,
    actor_id: str | None,
    action: str,
    subject_kind: str,
    subject_id: str,
    reason: str | None,
) -> None:
    """Note an act of moderation.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        client: the key it was done with; None when the backend acts by its rules.
        actor_id: the person who did it, if one is known.
        action: what was done, 32 characters at most.
        subject_kind: what it was done to: message, tree, person or key.
        subject_id: which one.
        reason: why, 512 characters at most.
    """
    connection.execute(
        journal.insert(),
        {
            "id": new_id(),
            "created_date": context.now,
            "api_client_id": client.id if client else None,
            "person_id": actor_id,
            "action": action,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "reason": reason,
        },
    )


def note(
    connection: sa.Connection, context: Context, act: Act, action: Action, kind: Subject, subject_id: str
) -> None:
    """Note what an act does."""
    record(
        connection,
        context,
        client=act.client,
        actor_id=act.actor_id,
        action=action.value,
        subject_kind=kind.value,
        subject_id=subject_id,
        reason=act.reason,
    )


def is_moderated(connection: sa.Connection, *subject_ids: str, author_id: str | None) -> bool:
    """Tell whether moderation ever did something to one of these; what an author rewords is none of it."""
    by_moderation = sa.or_(
        journal.c.action != Action.edit.value,
        journal.c.person_id.is_(None),
        journal.c.person_id != author_id,
    )
    found = sa.select(journal.c.id).where(journal.c.subject_id.in_(subject_ids), by_moderation).limit(1)
    return connection.execute(found).first() is not None


def last_of(actions: Collection[Action], subject_id: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    """Select which of some acts was the last on a subject; null if there was none."""
    return (
        sa.select(journal.c.action)
        .where(journal.c.subject_id == subject_id, journal.c.action.in_([act.value for act in actions]))
        # Acts of one moment are told apart by the order in which they were noted.
        .order_by(journal.c.created_date.desc(), sa.literal_column("journal.rowid").desc())
        .limit(1)
        .scalar_subquery()
    )


HALTED_BY_DECISION = sa.func.coalesce(
    last_of((Action.halt, Action.unhalt), trees.c.id) == Action.halt.value, sa.false()
)
"""Whether a moderator, or the rules of moderation, halted a tree and nobody has let it go on since."""


def read_journal(
    connection: sa.Connection, span: Span, *, subject_id: str | None, actor_id: str | None
) -> Page[JournalEntry]:
    """Read a part of the journal.

    Args:
        connection: any connection.
        span: which part.
        subject_id: only what was done to this message, tree, person or key.
        actor_id: only what this person did.

    Raises:
        Refusal: the sort key is unknown (100), or a cursor is none (101).
    """
    statement = sa.select(journal, api_clients.c.name.label("api_client")).select_from(
        journal.outerjoin(api_clients, api_clients.c.id == journal.c.api_client_id)
    )
    if subject_id is not None:
        statement = statement.where(journal.c.subject_id == subject_id)
    if actor_id is not None:
        statement = statement.where(journal.c.person_id == actor_id)
    found = read_page(connection, statement, Keys(journal.c.created_date, journal.c.id), span)
    return found.of(
        [
            JournalEntry(
                id=UUID(row.id),
                created_date=row.created_date,
                action=row.action,
                subject_kind=row.subject_kind,
                subject_id=row.subject_id,
                user_id=UUID(row.person_id) if row.person_id else None,
                api_client_id=UUID(row.api_client_id) if row.api_client_id else None,
                api_client=row.api_client,
                reason=row.reason,
            )
            for row in found.rows
        ]
    )
