"""Keeps how often people's rankings and labels agree with those of the others, and marks who is far off.

Each answer is compared once at most, as soon as those of the others are there; that is noted beside it, so
that a tree that is scored again adds nothing. Moderators read the marks; nothing else follows from them.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from oasst_backend.rules.agreement import (
    MIN_OTHERS,
    Agreement,
    agreement_rate,
    ballot_agrees,
    is_marked,
    review_agrees,
)
from oasst_backend.service.context import Context
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import agreements, facts, labellings, people, rankings
from oasst_client.models import ProtocolModel

LABELS = "labels"
RANKINGS = "rankings"
SUBJECTS = (LABELS, RANKINGS)


class MarkedPerson(ProtocolModel):
    """Somebody whose answers disagree with those of the others beyond chance.

    `subject` is labels or rankings; the rate of the others is between 0 and 1.
    """

    user_id: UUID
    username: str
    auth_method: str
    display_name: str
    enabled: bool
    subject: str
    marked_date: datetime
    compared: int
    agreed: int
    others_rate: float


class _Outcome(NamedTuple):
    """What came of comparing one answer."""

    answer_id: str
    person_id: str
    agrees: bool


_REVIEWS = Prepared(
    sa.select(labellings.c.id, labellings.c.person_id, labellings.c.compared, labellings.c.labels).where(
        labellings.c.message_id == sa.bindparam("message_id"), labellings.c.counted == sa.true()
    )
)
_BALLOTS = Prepared(
    sa.select(rankings.c.id, rankings.c.person_id, rankings.c.compared, rankings.c.ranked_ids).where(
        rankings.c.parent_id == sa.bindparam("parent_id"),
        rankings.c.counted == sa.true(),
        rankings.c.not_rankable == sa.false(),
    )
)
_SET_COMPARED = {
    subject: Prepared(table.update().where(table.c.id == sa.bindparam("at")).values(compared=True))
    for subject, table in ((LABELS, labellings), (RANKINGS, rankings))
}
_KNOWN = Prepared(
    sa.select(agreements.c.compared, agreements.c.agreed, agreements.c.marked_date).where(
        agreements.c.person_id == sa.bindparam("person_id"), agreements.c.subject == sa.bindparam("subject")
    )
)
_KEY = "person_id", "subject"
_KEPT = "compared", "agreed", "marked_date"
_SET = insert_or_update(agreements).values({name: sa.bindparam(name) for name in (*_KEY, *_KEPT)})
_SET_KNOWN = Prepared(
    _SET.on_conflict_do_update(
        index_elements=[agreements.c.person_id, agreements.c.subject],
        set_={name: _SET.excluded[name] for name in _KEPT},
    )
)
_TOTAL = Prepared(sa.select(facts.c.value).where(facts.c.name == sa.bindparam("fact")))
_SET_FACT = insert_or_update(facts).values({name: sa.bindparam(name) for name in ("name", "value")})
_SET_TOTAL = Prepared(
    _SET_FACT.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": _SET_FACT.excluded.value})
)
_SUM = sa.select(
    *(sa.func.coalesce(sa.func.sum(agreements.c[name]), 0) for name in ("compared", "agreed"))
).where(agreements.c.subject == sa.bindparam("subject"))
_MARKED = (
    sa.select(
        agreements, *(people.c[name] for name in ("username", "auth_method", "display_name", "enabled"))
    )
    .join_from(agreements, people, people.c.id == agreements.c.person_id)
    .where(agreements.c.marked_date.is_not(None), people.c.deleted == sa.false())
    .order_by(agreements.c.marked_date.desc(), agreements.c.person_id, agreements.c.subject)
    .limit(sa.bindparam("count"))
)


def compare_reviews(connection: sa.Connection, context: Context, message_id: str) -> None:
    """Hold the reviews of a message against each other, once they have decided.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        message_id: the message.
    """
    reviews = _REVIEWS.all(connection, {"message_id": message_id})
    if len(reviews) <= MIN_OTHERS:
        return
    spam = {review.id: float(review.labels.get("spam", 0)) for review in reviews}
    outcomes = [
        _Outcome(review.id, review.person_id, agrees)
        for review in reviews
        if not review.compared
        and (agrees := review_agrees(spam[review.id], [spam[other] for other in spam if other != review.id]))
        is not None
    ]
    _note(connection, context, LABELS, outcomes)


def compare_ballots(connection: sa.Connection, context: Context, parent_id: str) -> None:
    """Hold the ballots on the replies to a message against each other, once they are counted.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        parent_id: the message whose replies were ranked.
    """
    ballots = _BALLOTS.all(connection, {"parent_id": parent_id})
    if len(ballots) <= MIN_OTHERS:
        return
    orders = {ballot.id: ballot.ranked_ids for ballot in ballots}
    outcomes = [
        _Outcome(ballot.id, ballot.person_id, agrees)
        for ballot in ballots
        if not ballot.compared
        and (
            agrees := ballot_agrees(
                ballot.ranked_ids, [orders[other] for other in orders if other != ballot.id]
            )
        )
        is not None
    ]
    _note(connection, context, RANKINGS, outcomes)


def marked_people(connection: sa.Connection, *, max_count: int) -> list[MarkedPerson]:
    """List who is marked, the newest first; a person can be marked for labels and for rankings."""
    totals = {subject: _total(connection, subject) for subject in SUBJECTS}
    return [
        MarkedPerson(
            user_id=UUID(row.person_id),
            username=row.username,
            auth_method=row.auth_method,
            display_name=row.display_name,
            enabled=row.enabled,
            subject=row.subject,
            marked_date=row.marked_date,
            compared=row.compared,
            agreed=row.agreed,
            others_rate=agreement_rate(totals[row.subject] - Agreement(row.compared, row.agreed)),
        )
        for row in connection.execute(_MARKED, {"count": max_count})
    ]


def forget_agreements(connection: sa.Connection, person_id: str) -> None:
    """Remove what was compared of a person, also from what the others are held against."""
    for subject in SUBJECTS:
        key = {"person_id": person_id, "subject": subject}
        known = _KNOWN.first(connection, key)
        if known is not None:
            left = _total(connection, subject) - Agreement(known.compared, known.agreed)
            _set_total(connection, subject, left)
    connection.execute(agreements.delete().where(agreements.c.person_id == person_id))


def check_agreements(connection: sa.Connection) -> list[str]:
    """Compare what is kept of everybody with the sum over all people; a sentence for each difference."""
    totals = [(subject, _total(connection, subject), _sum(connection, subject)) for subject in SUBJECTS]
    return [
        f"{summed.compared} {subject} were compared and {summed.agreed} of them agreed, "
        f"not {kept.compared} and {kept.agreed}"
        for subject, kept, summed in totals
        if kept != summed
    ]


def repair_agreements(connection: sa.Connection) -> None:
    """Add up anew what was compared of everybody."""
    for subject in SUBJECTS:
        _set_total(connection, subject, _sum(connection, subject))


def _note(connection: sa.Connection, context: Context, subject: str, outcomes: Sequence[_Outcome]) -> None:
    """Add the outcomes of comparisons to what is known of the people, and set or take their marks."""
    if not outcomes:
        return
    _SET_COMPARED[subject].run_each(connection, [{"at": outcome.answer_id} for outcome in outcomes])
    gained: dict[str, Agreement] = {}
    for _, person_id, agrees in outcomes:
        gained[person_id] = gained.get(person_id, Agreement()) + Agreement(1, int(agrees))
    total = sum(gained.values(), _total(connection, subject))
    for person_id, gain in gained.items():
        key = {"person_id": person_id, "subject": subject}
        known = _KNOWN.first(connection, key)
        own = gain + (Agreement(known.compared, known.agreed) if known else Agreement())
        since = (known.marked_date if known else None) or context.now
        marked_date = since if is_marked(own, total - own) else None
        _SET_KNOWN.run(
            connection,
            {**key, "compared": own.compared, "agreed": own.agreed, "marked_date": marked_date},
        )
    _set_total(connection, subject, total)


def _set_total(connection: sa.Connection, subject: str, total: Agreement) -> None:
    value = json.dumps([total.compared, total.agreed])
    _SET_TOTAL.run(connection, {"name": _total_name(subject), "value": value})


def _sum(connection: sa.Connection, subject: str) -> Agreement:
    """Add up what was compared of everybody."""
    return Agreement(*connection.execute(_SUM, {"subject": subject}).one())


def _total(connection: sa.Connection, subject: str) -> Agreement:
    """Give what was compared of everybody; kept, so that nobody has to add it up."""
    value = _TOTAL.scalar(connection, {"fact": _total_name(subject)})
    return Agreement(*json.loads(value)) if value else Agreement()


def _total_name(subject: str) -> str:
    return f"agreements_{subject}"
