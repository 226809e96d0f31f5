"""Counts what a community has gathered, for everybody to see.

Nothing here reads a text: messages are counted by their indexes, trees, reviews and rankings from what is
kept of them, and the weeks from the events that the boards will have to forget.
"""

from collections import defaultdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from oasst_backend.service.tree_counts import state_counts
from oasst_backend.storage.tables import messages, score_events, scores
from oasst_client import LeaderboardTimeFrame, Progress, WorkOfWeek, WrittenMessages

WEEK = timedelta(days=7)

_FIELDS = {
    "prompts": "prompts",
    "replies_assistant": "replies_assistant",
    "replies_prompter": "replies_prompter",
    "labels_simple": "reviews",
    "labels_full": "reviews",
    "rankings_total": "rankings",
}
"""By what the boards count: what it is called here."""

_HUMAN = sa.and_(~messages.c.deleted, ~messages.c.synthetic)
_BY_ROLE = (
    sa.select(messages.c.lang, messages.c.role, sa.func.count().label("number"))
    .where(_HUMAN)
    .group_by(messages.c.lang, messages.c.role)
)
_PROMPTS = (
    sa.select(messages.c.lang, sa.func.count().label("number"))
    .where(messages.c.parent_id.is_(None), _HUMAN)
    .group_by(messages.c.lang)
)
_GIVEN = sa.select(
    sa.func.count().label("people"),
    sa.func.coalesce(sa.func.sum(scores.c.labels_simple + scores.c.labels_full), 0).label("reviews"),
    sa.func.coalesce(sa.func.sum(scores.c.rankings_total), 0).label("rankings"),
).where(scores.c.time_frame == LeaderboardTimeFrame.total.value)
_IN_WEEK = sa.and_(
    score_events.c.moment >= sa.bindparam("since"),
    score_events.c.moment < sa.bindparam("until"),
    score_events.c.counter.in_(list(_FIELDS)),
)
_DONE = (
    sa.select(score_events.c.counter, sa.func.sum(score_events.c.amount).label("number"))
    .where(_IN_WEEK)
    .group_by(score_events.c.counter)
)
_PEOPLE = sa.select(sa.func.count(score_events.c.person_id.distinct())).where(_IN_WEEK)


def progress(connection: sa.Connection, now: datetime) -> Progress:
    """Count what a community has gathered up to now.

    It goes through an index of all messages, the rows of all first messages, and a row for each person, so
    it is worth keeping for a while.
    """
    given = connection.execute(_GIVEN).one()
    return Progress(
        last_updated=now,
        messages=_messages(connection),
        trees=state_counts(connection),
        reviews=given.reviews,
        rankings=given.rankings,
        people=given.people,
        week=_week(connection, now),
        week_before=_week(connection, now - WEEK),
    )


def _messages(connection: sa.Connection) -> dict[str, WrittenMessages]:
    """Count messages by language, the language with the most first."""
    prompts = {row.lang: row.number for row in connection.execute(_PROMPTS)}
    roles: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(_BY_ROLE):
        roles[row.lang][row.role] = row.number
    most_first = sorted(roles, key=lambda lang: (-sum(roles[lang].values()), lang))
    return {
        lang: WrittenMessages(
            prompts=prompts.get(lang, 0),
            replies_assistant=roles[lang].get("assistant", 0),
            replies_prompter=roles[lang].get("prompter", 0) - prompts.get(lang, 0),
        )
        for lang in most_first
    }


def _week(connection: sa.Connection, until: datetime) -> WorkOfWeek:
    """Count what was done in the seven days before a moment."""
    span = {"since": until - WEEK, "until": until}
    done: dict[str, int] = defaultdict(int)
    for row in connection.execute(_DONE, span):
        done[_FIELDS[row.counter]] += row.number
    return WorkOfWeek(people=connection.scalars(_PEOPLE, span).one(), **done)
