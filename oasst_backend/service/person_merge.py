"""Makes one person of several: everything of the others goes over to the one who remains."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import Context
from oasst_backend.service.growth import refresh_waiting_prompts
from oasst_backend.service.journal import Act, Action, Subject, note
from oasst_backend.service.mending import Mending
from oasst_backend.service.people import Person, person_by_id
from oasst_backend.service.person_changes import let_prompts_wait, release_work_in_hand
from oasst_backend.service.personal_data import names_people
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import (
    agreements,
    journal,
    labellings,
    messages,
    metadata,
    people,
    rankings,
    ratings,
    reactions,
    score_events,
    scores,
    summaries,
)
from oasst_client import Emoji, OasstErrorCode

_COUNTED_BY_OTHERS = frozenset({scores, score_events})
"""Tables that are counted anew from the rest."""

_PERSON: sa.BindParameter[str] = sa.bindparam("person_id")
_REVIEWS = (
    sa.select(labellings, messages.c.tree_id, messages.c.person_id.label("author_id"))
    .select_from(labellings.join(messages, messages.c.id == labellings.c.message_id))
    .where(labellings.c.person_id == _PERSON, labellings.c.counted)
    .order_by(labellings.c.created_date, labellings.c.id)
)
_BALLOTS = (
    sa.select(rankings)
    .where(rankings.c.person_id == _PERSON, rankings.c.counted)
    .order_by(rankings.c.created_date, rankings.c.id)
)
_RATINGS = (
    sa.select(ratings, summaries.c.person_id.label("author_id"))
    .select_from(ratings.join(summaries, summaries.c.id == ratings.c.summary_id))
    .where(ratings.c.person_id == _PERSON, ratings.c.counted)
    .order_by(ratings.c.created_date, ratings.c.id)
)


def merge_people(
    connection: sa.Connection, context: Context, destination: UUID, sources: Sequence[UUID], act: Act
) -> None:
    """Make one person of several.

    What one person may do only once, and not to what is their own, becomes surplus: of two reviews, ballots
    or ratings of the same thing the later one, and any of what is theirs. It is kept and no longer counts.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        destination: who remains.
        sources: who is taken up; they are gone afterwards.
        act: who decided it.

    Raises:
        Refusal: nobody has one of these ids (4002), or somebody is to be merged with themselves (0).
    """
    remaining = person_by_id(connection, str(destination))
    taken_up = [person_by_id(connection, str(source)) for source in dict.fromkeys(sources)]
    if remaining.id in {person.id for person in taken_up}:
        raise Refusal(OasstErrorCode.generic_error, "Nobody can be merged with themselves.", status=400)
    for person in taken_up:
        _move(connection, person, remaining)
        note(connection, context, act, Action.merge, Subject.person, remaining.id)
    mending = Mending(people={remaining.id})
    _drop_doubles(connection, remaining.id, mending)
    mending.finish(connection, context)
    if remaining.enabled and not remaining.deleted:
        let_prompts_wait(connection, context, remaining.id)
    else:
        release_work_in_hand(connection, remaining.id)
        refresh_waiting_prompts(connection, context, remaining.id)


def _move(connection: sa.Connection, person: Person, remaining: Person) -> None:
    _drop_double_marks(connection, person.id, remaining.id)
    _add_agreements(connection, person.id, remaining.id)
    for table in metadata.sorted_tables:
        for column in filter(names_people, table.c):
            if table in _COUNTED_BY_OTHERS:
                connection.execute(table.delete().where(column == person.id))
            else:
                connection.execute(
                    table.update().where(column == person.id).values({column.name: remaining.id})
                )
    is_about = sa.and_(journal.c.subject_kind == Subject.person.value, journal.c.subject_id == person.id)
    connection.execute(journal.update().where(is_about).values(subject_id=remaining.id))
    known = connection.execute(sa.select(people).where(people.c.id == remaining.id)).one()
    connection.execute(
        people.update().where(people.c.id == remaining.id).values(**_whole_story(known, person))
    )
    connection.execute(people.delete().where(people.c.id == person.id))


def _whole_story(one: Person, other: Person) -> dict[str, Any]:
    """Give what is known of two people as of one: since when, until when, the streak, the terms."""
    runs = [person for person in (one, other) if person.streak_last_day_date is not None]
    run = max(runs, key=lambda person: (person.streak_last_day_date, person.streak_days), default=one)
    agreed = [person for person in (one, other) if person.tos_acceptance_date is not None]
    terms = max(agreed, key=lambda person: person.tos_acceptance_date, default=one)
    active = [person.last_activity_date for person in (one, other) if person.last_activity_date is not None]
    return {
        "created_date": min(one.created_date, other.created_date),
        "last_activity_date": max(active, default=None),
        "streak_days": run.streak_days,
        "streak_last_day_date": run.streak_last_day_date,
        "tos_acceptance_date": terms.tos_acceptance_date,
        "tos_version": terms.tos_version,
        "notes": "\n".join(person.notes for person in (one, other) if person.notes),
    }


def _drop_double_marks(connection: sa.Connection, person_id: str, remaining_id: str) -> None:
    """Drop the marks that the remaining person has set already, or the opposite of."""
    other = reactions.alias("other")
    thumbs = [Emoji.thumbs_up.value, Emoji.thumbs_down.value]
    double = sa.exists().where(
        other.c.message_id == reactions.c.message_id,
        other.c.person_id == remaining_id,
        sa.or_(
            other.c.emoji == reactions.c.emoji,
            sa.and_(other.c.emoji.in_(thumbs), reactions.c.emoji.in_(thumbs)),
        ),
    )
    connection.execute(reactions.delete().where(reactions.c.person_id == person_id, double))


def _add_agreements(connection: sa.Connection, person_id: str, remaining_id: str) -> None:
    """Add up how often two people agreed with others, where both were compared."""
    both = sa.select(agreements).where(agreements.c.person_id.in_([person_id, remaining_id]))
    rows = {(row.person_id, row.subject): row for row in connection.execute(both)}
    for (owner, subject), row in rows.items():
        kept = rows.get((remaining_id, subject))
        if owner != person_id or kept is None:
            continue
        marks = [date for date in (kept.marked_date, row.marked_date) if date is not None]
        is_kept = sa.and_(agreements.c.person_id == remaining_id, agreements.c.subject == subject)
        connection.execute(
            agreements.update()
            .where(is_kept)
            .values(
                compared=kept.compared + row.compared,
                agreed=kept.agreed + row.agreed,
                marked_date=min(marks, default=None),
            )
        )
        connection.execute(
            agreements.delete().where(agreements.c.person_id == person_id, agreements.c.subject == subject)
        )


def _drop_doubles(connection: sa.Connection, person_id: str, mending: Mending) -> None:
    """Take out of the count what a person did twice, or to what is their own."""
    key = {"person_id": person_id}
    reviews = _doubles(connection.execute(_REVIEWS, key).all(), person_id, "message_id")
    mending.uncount_reviews(connection, reviews)
    _mark_surplus(connection, labellings, reviews)
    votes = _doubles(connection.execute(_RATINGS, key).all(), person_id, "summary_id")
    mending.summaries.update(vote.summary_id for vote in votes)
    _mark_surplus(connection, ratings, votes)
    ballots = _double_ballots(connection, person_id)
    mending.uncount_ballots(connection, ballots)
    _mark_surplus(connection, rankings, ballots)


def _doubles(rows: Sequence[AnyRow], person_id: str, subject: str) -> list[AnyRow]:
    seen: set[str] = set()
    doubles = []
    for row in rows:
        at = getattr(row, subject)
        if row.author_id == person_id or at in seen:
            doubles.append(row)
        seen.add(at)
    return doubles


def _double_ballots(connection: sa.Connection, person_id: str) -> list[AnyRow]:
    ballots = connection.execute(_BALLOTS, {"person_id": person_id}).all()
    own = set(connection.execute(sa.select(messages.c.id).where(messages.c.person_id == person_id)).scalars())
    seen: set[str] = set()
    doubles = []
    for ballot in ballots:
        at = ballot.parent_id or ballot.prompt_group_id
        if at in seen or own.intersection(ballot.ranked_ids):
            doubles.append(ballot)
        seen.add(at)
    return doubles


def _mark_surplus(connection: sa.Connection, table: sa.Table, rows: Sequence[AnyRow]) -> None:
    for row in rows:
        connection.execute(table.update().where(table.c.id == row.id).values(counted=False))
