"""Counts what people did in a span of time, and puts them in order."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules.scoring import ScoreCounts, frame_start, leader_score, level
from oasst_backend.service.people import person_in_header, streak
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import labellings, messages, people, rankings
from oasst_client import LabelTaskMode, LeaderboardStats, LeaderboardTimeFrame, UserScore


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


_IS_PROMPT = messages.c.parent_id.is_(None)
_BY_ASSISTANT = messages.c.role == "assistant"
_IS_PROMPTER_REPLY = sa.and_(~_IS_PROMPT, ~_BY_ASSISTANT)
_ACCEPTED = messages.c.review_result.is_(sa.true())

_MESSAGES = (
    sa.select(
        messages.c.person_id,
        _sum(_IS_PROMPT).label("prompts"),
        _sum(_BY_ASSISTANT).label("replies_assistant"),
        _sum(_IS_PROMPTER_REPLY).label("replies_prompter"),
        _sum(sa.and_(_ACCEPTED, _IS_PROMPT)).label("accepted_prompts"),
        _sum(sa.and_(_ACCEPTED, _BY_ASSISTANT)).label("accepted_replies_assistant"),
        _sum(sa.and_(_ACCEPTED, _IS_PROMPTER_REPLY)).label("accepted_replies_prompter"),
    )
    .where(messages.c.person_id.is_not(None), ~messages.c.deleted)
    .group_by(messages.c.person_id)
)
_LABELLINGS = (
    sa.select(
        labellings.c.person_id,
        _sum(labellings.c.mode == LabelTaskMode.simple.value).label("labels_simple"),
        _sum(labellings.c.mode == LabelTaskMode.full.value).label("labels_full"),
    )
    .where(labellings.c.task_id.is_not(None))
    .group_by(labellings.c.person_id)
)
_RANKINGS = sa.select(
    rankings.c.person_id,
    sa.func.count().label("rankings_total"),
    _sum(rankings.c.good.is_(sa.true())).label("rankings_good"),
).group_by(rankings.c.person_id)
_PARTS: tuple[tuple[sa.Select[Any], sa.Column[datetime]], ...] = (
    (_MESSAGES, messages.c.created_date),
    (_LABELLINGS, labellings.c.created_date),
    (_RANKINGS, rankings.c.created_date),
)


def leaderboard(
    connection: sa.Connection,
    now: datetime,
    frame: LeaderboardTimeFrame,
    *,
    max_count: int,
    header: str | None,
) -> LeaderboardStats:
    """Put the people who did something in order, best first; ties by the person's id.

    Args:
        connection: any connection.
        now: the moment of the call (UTC).
        frame: the span.
        max_count: how many rows at most.
        header: `x-oasst-user`; that person's row is highlighted.

    Raises:
        Refusal: the header names a person who is not known (4002).
    """
    viewer = person_in_header(connection, header)
    start = frame_start(frame, now)
    counts = _counts(connection, start)
    # One statement for all people instead of a list of ids, which SQLite bounds.
    shown = connection.execute(
        sa.select(people).where(people.c.enabled, ~people.c.deleted, people.c.show_on_leaderboard)
    ).all()
    rows = [(leader_score(counts[person.id]), person) for person in shown if person.id in counts]
    rows.sort(key=lambda row: (-row[0], row[1].id))
    return LeaderboardStats(
        time_frame=frame.value,
        last_updated=now,
        leaderboard=[
            _row(place, score, person, counts[person.id], start=start, now=now).model_copy(
                update={"highlighted": viewer is not None and viewer.id == person.id}
            )
            for place, (score, person) in enumerate(rows[:max_count], start=1)
        ],
    )


def _counts(connection: sa.Connection, start: datetime | None) -> dict[str, ScoreCounts]:
    merged: dict[str, dict[str, int]] = defaultdict(dict)
    for statement, moment in _PARTS:
        bounded = statement.where(moment >= start) if start is not None else statement
        for row in connection.execute(bounded).mappings():
            merged[row["person_id"]].update({k: v for k, v in row.items() if k != "person_id"})
    return {person_id: ScoreCounts(**counts) for person_id, counts in merged.items()}


def _row(  # one row's parts
    place: int, score: int, person: AnyRow, counts: ScoreCounts, *, start: datetime | None, now: datetime
) -> UserScore:
    return UserScore(
        **vars(counts),
        rank=place,
        user_id=UUID(person.id),
        username=person.username,
        auth_method=person.auth_method,
        display_name=person.display_name,
        leader_score=score,
        level=level(score),
        base_date=start,
        modified_date=now,
        streak_days=streak(person.streak_days, person.streak_last_day_date, now),
        streak_last_day_date=person.streak_last_day_date,
        last_activity_date=person.last_activity_date,
    )
