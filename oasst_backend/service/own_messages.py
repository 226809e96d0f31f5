"""What a person wrote: what became of each text, and how it is withdrawn or deleted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import Context
from oasst_backend.service.conversations import MessageRow, message_row, rows_to_root
from oasst_backend.service.journal import Act, Action, Subject, note
from oasst_backend.service.moderation import delete_message
from oasst_backend.service.own_texts import own_message, replied_to, rewordable
from oasst_backend.service.paging import Keys, Span, read_page
from oasst_backend.service.people import Person
from oasst_backend.service.stories import refresh_story, refresh_summary
from oasst_backend.storage.columns import AnyRow, as_dict
from oasst_backend.storage.tables import journal, labellings, messages, rankings, ratings, summaries, trees
from oasst_client import Contribution, Contributions, DeletedBy, OasstErrorCode, Outcome

_IDS: sa.BindParameter[str] = sa.bindparam("ids", expanding=True)
_MESSAGES = (
    sa.select(messages, trees.c.state)
    .select_from(messages.join(trees, trees.c.id == messages.c.tree_id))
    .where(messages.c.id.in_(_IDS))
)
_SUMMARIES = (
    sa.select(
        summaries,
        sa.func.count(ratings.c.id).label("ratings"),
        sa.func.avg(ratings.c.rating).label("rating"),
    )
    .select_from(
        summaries.outerjoin(ratings, sa.and_(ratings.c.summary_id == summaries.c.id, ratings.c.counted))
    )
    .where(summaries.c.id.in_(_IDS))
    .group_by(summaries.c.id)
)
_REVIEWS = sa.select(labellings.c.message_id, labellings.c.labels).where(
    labellings.c.message_id.in_(_IDS), labellings.c.counted
)
_RANKED = (
    sa.select(messages.c.parent_id, sa.func.count())
    .where(messages.c.parent_id.in_(_IDS), messages.c.rank.is_not(None))
    .group_by(messages.c.parent_id)
)
_NEWEST_DELETION = (
    sa.select(journal.c.api_client_id, journal.c.person_id)
    .where(journal.c.subject_id == sa.bindparam("message_id"), journal.c.action == Action.delete.value)
    .order_by(journal.c.created_date.desc(), journal.c.id.desc())
    .limit(1)
)


def contributions(
    connection: sa.Connection, context: Context, person: Person, client_id: str | None, span: Span
) -> Contributions:
    """List what a person wrote, and what became of it.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        person: the person.
        client_id: only what came in with this key.
        span: which part of the list.

    Raises:
        Refusal: the sort key is unknown (100), or a cursor is none (101).
    """
    written = _written(person.id, client_id).subquery()
    found = read_page(connection, sa.select(written), Keys(written.c.created_date, written.c.id), span)
    shown = _shown(connection, context, [row.id for row in found.rows])
    return Contributions(
        **found.of([shown[row.id] for row in found.rows]).model_dump(),
        labels_given=_count(connection, labellings, person.id),
        rankings_given=_count(connection, rankings, person.id),
    )


def contribution(
    connection: sa.Connection, context: Context, person: Person, client_id: str | None, message_id: UUID
) -> Contribution:
    """Show one text of a person, and what became of it; see `contributions` for the arguments.

    Raises:
        Refusal: this person wrote no such text with this key (2001).
    """
    written = _written(person.id, client_id).subquery()
    mine = sa.select(written.c.id).where(written.c.id == str(message_id))
    if connection.execute(mine).first() is None:
        raise Refusal(OasstErrorCode.message_not_found, "This person wrote no text with this id.")
    return _shown(connection, context, [str(message_id)])[str(message_id)]


def withdraw(connection: sa.Connection, context: Context, person: Person, message_id: UUID, act: Act) -> None:
    """Delete a message at its author's wish; one that is deleted stays as it is.

    Raises:
        Refusal: this person wrote no such message with this key (2001), or somebody has replied to it (2008).
    """
    row = own_message(connection, person, act.client, message_id)
    if not row.deleted and replied_to(connection, [row.id]):
        raise Refusal(
            OasstErrorCode.invalid_message,
            "Somebody has replied to this message, so it can no longer be withdrawn; ask a moderator.",
        )
    delete_message(connection, context, row, act)


def delete_all(connection: sa.Connection, context: Context, person: Person, act: Act) -> None:
    """Mark all that a person wrote as deleted, and with each message what is below it."""
    written = sa.select(messages.c.id).where(messages.c.person_id == person.id, ~messages.c.deleted)
    for message_id in connection.execute(written).scalars().all():
        # Read anew each time: one above it may have taken it along.
        delete_message(connection, context, message_row(connection, message_id), act)
    mine = sa.and_(summaries.c.person_id == person.id, ~summaries.c.deleted)
    for row in connection.execute(sa.select(summaries.c.id, summaries.c.story_id).where(mine)).all():
        connection.execute(summaries.update().where(summaries.c.id == row.id).values(deleted=True))
        refresh_summary(connection, context, row.id)
        refresh_story(connection, context, row.story_id)
        note(connection, context, act, Action.delete, Subject.message, row.id)


def _written(person_id: str, client_id: str | None) -> sa.CompoundSelect[Any]:
    parts = []
    for table in (messages, summaries):
        part = sa.select(table.c.id, table.c.created_date).where(table.c.person_id == person_id)
        parts.append(part if client_id is None else part.where(table.c.api_client_id == client_id))
    return sa.union_all(*parts)


def _count(connection: sa.Connection, table: sa.Table, person_id: str) -> int:
    """Count the finished tasks of a person that left rows in a table."""
    mine = sa.select(sa.func.count()).where(table.c.person_id == person_id, table.c.task_id.is_not(None))
    return connection.execute(mine).scalar_one()


def _shown(connection: sa.Connection, context: Context, text_ids: Sequence[str]) -> dict[str, Contribution]:
    ids = {"ids": text_ids}
    return {
        **_shown_messages(connection, context, connection.execute(_MESSAGES, ids).all()),
        **{row.id: _shown_summary(connection, context, row) for row in connection.execute(_SUMMARIES, ids)},
    }


def _shown_messages(
    connection: sa.Connection, context: Context, rows: Sequence[AnyRow]
) -> Mapping[str, Contribution]:
    means = _means(connection, [row.id for row in rows if row.review_result is False])
    parents = [row.parent_id for row in rows if row.rank is not None]
    ranked = as_dict(connection.execute(_RANKED, {"ids": parents}))
    may_edit = rewordable(connection, rows)
    held_by_reply = replied_to(connection, [row.id for row in rows])
    rules = context.trees
    return {
        row.id: Contribution(
            **_shared(row),
            type=f"{row.role}_reply" if row.parent_id else "initial_prompt",
            parent_id=row.parent_id,
            message_tree_id=row.tree_id,
            tree_state=row.state,
            outcome=_outcome(row),
            reviews=row.review_count,
            reviews_needed=rules.num_reviews_reply if row.parent_id else rules.num_reviews_initial_prompt,
            labels=means.get(row.id),
            rank=None if row.rank is None else row.rank + 1,
            ranked_of=None if row.rank is None else ranked.get(row.parent_id),
            deleted_by=_deleted_by(connection, row) if row.deleted else None,
            may_edit=row.id in may_edit,
            may_withdraw=not row.deleted and row.id not in held_by_reply,
        )
        for row in rows
    }


def _shown_summary(connection: sa.Connection, context: Context, row: AnyRow) -> Contribution:
    needed = context.trees.num_ratings_summary
    if row.deleted:
        outcome = Outcome.deleted
    elif row.surplus:
        outcome = Outcome.surplus
    else:
        outcome = Outcome.accepted if row.ratings >= needed else Outcome.waiting
    return Contribution(
        **_shared(row),
        type="summary",
        story_id=row.story_id,
        outcome=outcome,
        reviews=row.ratings,
        reviews_needed=needed,
        rating=row.rating,
        deleted_by=_who_deleted(connection, row.id, row.person_id) if row.deleted else None,
    )


def _shared(row: AnyRow) -> dict[str, Any]:
    return {
        name: getattr(row, name) for name in ("id", "text", "lang", "created_date", "frontend_message_id")
    }


def _outcome(row: AnyRow) -> Outcome:
    if row.deleted:
        return Outcome.deleted
    if row.surplus:
        return Outcome.surplus
    if row.review_result is None:
        return Outcome.waiting
    if not row.review_result:
        return Outcome.rejected
    return Outcome.accepted if row.rank is None else Outcome.ranked


def _means(connection: sa.Connection, message_ids: Sequence[str]) -> Mapping[str, dict[str, float]]:
    """Give the mean of each label over the reviews that decided about a message."""
    given: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for message_id, labels in connection.execute(_REVIEWS, {"ids": message_ids}):
        for name, value in labels.items():
            given[message_id][name].append(value)
    return {
        message_id: {name: sum(values) / len(values) for name, values in labels.items()}
        for message_id, labels in given.items()
    }


def _deleted_by(connection: sa.Connection, row: MessageRow) -> DeletedBy | None:
    """Tell who deleted a message, or that one above it with which it went."""
    path = rows_to_root(connection, row.id)
    top = next(above for above in path if above.deletion_id == row.deletion_id)
    return _who_deleted(connection, top.id, row.person_id)


def _who_deleted(connection: sa.Connection, subject_id: str, author_id: str) -> DeletedBy | None:
    """Tell who deleted something, by the journal; imported messages were deleted by nobody here."""
    entry = connection.execute(_NEWEST_DELETION, {"message_id": subject_id}).one_or_none()
    if entry is None:
        return None
    if entry.api_client_id is None and entry.person_id is None:
        return DeletedBy.flags
    return DeletedBy.author if entry.person_id == author_id else DeletedBy.moderator
