"""Puts people in order by their scores, and shows how one of them did."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules.scoring import level
from oasst_backend.service.context import Context
from oasst_backend.service.people import id_in_header, person_by_id, streak
from oasst_backend.service.scores import read_cursors
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import COUNTERS, ON_NO_BOARD, people, scores
from oasst_client import BoardAmong, LeaderboardStats, LeaderboardTimeFrame, PersonKey, UserScore

_ROWS = sa.select(
    *(scores.c[name] for name in ("leader_score", "modified_date", *COUNTERS)),
    *(people.c[name] for name in ("id", "username", "auth_method", "display_name")),
    *(people.c[name] for name in ("streak_days", "streak_last_day_date", "last_activity_date")),
    ON_NO_BOARD.label("on_no_board"),
).join_from(scores, people, people.c.id == scores.c.person_id)
_IN_FRAME = scores.c.time_frame == sa.bindparam("frame")
_ON_BOARD = sa.not_(ON_NO_BOARD)
_TOP = (
    _ROWS.where(_IN_FRAME, _ON_BOARD)
    .order_by(scores.c.leader_score.desc(), scores.c.person_id)
    .limit(sa.bindparam("count"))
)
_OF_PEOPLE = _ROWS.where(_IN_FRAME, scores.c.person_id.in_(sa.bindparam("person_ids", expanding=True)))
_OF_PERSON = _ROWS.where(_IN_FRAME, scores.c.person_id == sa.bindparam("person_id"))

# The rows before and after one, in two parts each, so that each part is a range of the board's index.
_SAME_SCORE = scores.c.leader_score == sa.bindparam("score")
_BETTER = (scores.c.leader_score > sa.bindparam("score"),)
_BEFORE_IN_TIE = _SAME_SCORE, scores.c.person_id < sa.bindparam("person_id")
_AFTER_IN_TIE = _SAME_SCORE, scores.c.person_id > sa.bindparam("person_id")
_WORSE = (scores.c.leader_score < sa.bindparam("score"),)
_DOWN = scores.c.leader_score.desc(), scores.c.person_id
_UP = scores.c.leader_score, scores.c.person_id.desc()


def _standing_of_named() -> sa.Select[Any]:
    """Find people by a list of what frontends call them: two look-ups by an index for each name.

    As a join the database might as well go through the whole board, and through the list for each row of it.
    """
    names = sa.func.json_each(sa.bindparam("names", type_=sa.Text)).table_valued("value", name="names")
    known = sa.select(people.c.id).where(
        people.c.auth_method == sa.bindparam("auth_method"),
        people.c.username.in_(sa.select(names.c.value)),
        _ON_BOARD,
    )
    return sa.select(scores.c.person_id, scores.c.leader_score).where(
        _IN_FRAME, scores.c.person_id.in_(known)
    )


_OF_NAMED = _standing_of_named()


def _neighbours(part: tuple[sa.ColumnElement[bool], ...], order: tuple[Any, ...]) -> sa.Select[Any]:
    return _ROWS.where(_IN_FRAME, _ON_BOARD, *part).order_by(*order).limit(sa.bindparam("count"))


_ABOVE = tuple(_neighbours(part, _UP) for part in (_BEFORE_IN_TIE, _BETTER))
_BELOW = tuple(_neighbours(part, _DOWN) for part in (_AFTER_IN_TIE, _WORSE))


def _places_above() -> sa.Select[int]:
    """Count the rows above one: all of them along the index, without those of people who are left out."""
    above = sa.or_(*_BETTER, sa.and_(*_BEFORE_IN_TIE))
    row_above = sa.select(scores.c.person_id).where(_IN_FRAME, scores.c.person_id == people.c.id, above)
    counts = (
        sa.select(sa.func.count()).select_from(table).where(*conditions).scalar_subquery()
        for table, conditions in (
            (scores, (_IN_FRAME, *_BETTER)),
            (scores, (_IN_FRAME, *_BEFORE_IN_TIE)),
            (people, (ON_NO_BOARD, row_above.exists())),
        )
    )
    better, tied, left_out = counts
    return sa.select(better + tied - left_out)


_PLACES_ABOVE = _places_above()


def leaderboard(
    connection: sa.Connection,
    context: Context,
    frame: LeaderboardTimeFrame,
    *,
    max_count: int,
    header: str | None,
) -> LeaderboardStats:
    """Put the people who did something in order, best first; ties by the person's id.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        frame: the span.
        max_count: how many rows at most.
        header: `x-oasst-user`; that person's row is highlighted.

    Raises:
        Refusal: the header names a person who is not known (4002).
    """
    viewer_id = id_in_header(connection, header)
    rows = connection.execute(_TOP, {"frame": frame.value, "count": max_count}).all()
    return _board(connection, context, frame, rows, first=1, viewer_id=viewer_id)


class Part(NamedTuple):
    """Which rows of a board are wanted.

    Attributes:
        first: the place of the first of them; 1 is the best.
        max_count: how many at most.
        window_size: how many around the caller's own, theirs included.
    """

    first: int
    max_count: int
    window_size: int


def board_among(
    connection: sa.Connection,
    context: Context,
    frame: LeaderboardTimeFrame,
    chosen: Sequence[PersonKey],
    part: Part,
    header: str | None,
) -> BoardAmong:
    """Put some people in order, and give a part of their board; ranks are counted among them.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        frame: the span.
        chosen: who; unknown ones, and those who are on no board, are left out.
        part: which rows.
        header: `x-oasst-user`; that person's row is highlighted.

    Raises:
        Refusal: the header names a person who is not known (4002).
    """
    viewer_id = id_in_header(connection, header)
    order = _in_order(connection, frame, chosen)
    page = range(part.first - 1, min(part.first - 1 + part.max_count, len(order)))
    around = range(0)
    if viewer_id in order:
        start = order.index(viewer_id) - (part.window_size - 1) // 2
        start = max(0, min(start, len(order) - part.window_size))
        around = range(start, min(start + part.window_size, len(order)))
    wanted = [order[place] for place in {*page, *around}]
    found = connection.execute(_OF_PEOPLE, {"frame": frame.value, "person_ids": wanted}) if wanted else ()
    rows = {row.id: row for row in found}
    base_date = _base_date(connection, frame)

    def shown(places: range) -> list[UserScore]:
        return [
            _score(context, rows[order[place]], rank=place + 1, base_date=base_date, viewer_id=viewer_id)
            for place in places
        ]

    return BoardAmong(
        time_frame=frame.value,
        last_updated=context.now,
        leaderboard=shown(page),
        people=len(order),
        around=shown(around),
    )


def _in_order(
    connection: sa.Connection, frame: LeaderboardTimeFrame, chosen: Sequence[PersonKey]
) -> list[str]:
    """Give the ids of those who are on the board, best first; ties by the id, as on the board of all."""
    names: dict[str, set[str]] = defaultdict(set)
    for key in chosen:
        names[key.auth_method.value].add(key.id)
    standing: list[AnyRow] = []
    for auth_method, ids in names.items():
        named = {"frame": frame.value, "auth_method": auth_method, "names": json.dumps(sorted(ids))}
        standing += connection.execute(_OF_NAMED, named).all()
    standing.sort(key=lambda row: (-row.leader_score, row.person_id))
    return [row.person_id for row in standing]


def scores_of(connection: sa.Connection, context: Context, person_id: str) -> dict[str, UserScore]:
    """Show how a person did in each span in which they did something; nothing for who is not known."""
    found = {}
    for frame in LeaderboardTimeFrame:
        row = _row_of(connection, frame, person_id)
        if row is not None:
            found[frame.value] = _own_score(connection, context, frame, row)
    return found


def score_of(
    connection: sa.Connection, context: Context, person_id: str, frame: LeaderboardTimeFrame
) -> UserScore:
    """Show how a person did in a span: level 0 and no rank for one who did nothing.

    Raises:
        Refusal: nobody has this id (4002).
    """
    row = _row_of(connection, frame, person_id)
    if row is not None:
        return _own_score(connection, context, frame, row)
    person = person_by_id(connection, person_id)
    return UserScore(
        user_id=UUID(person.id),
        username=person.username,
        auth_method=person.auth_method,
        display_name=person.display_name,
        base_date=_base_date(connection, frame),
        modified_date=context.now,
        streak_days=streak(person.streak_days, person.streak_last_day_date, context.now),
        streak_last_day_date=person.streak_last_day_date,
        last_activity_date=person.last_activity_date,
        highlighted=True,
    )


def window_around(
    connection: sa.Connection,
    context: Context,
    person_id: str,
    frame: LeaderboardTimeFrame,
    *,
    window_size: int,
) -> LeaderboardStats | None:
    """Show the part of a board around a person.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        person_id: who; their row is highlighted.
        frame: the span.
        window_size: how many rows, the person's included. They stand in the middle, where the board goes on
            far enough on both sides; in an even window one place above it.

    Returns:
        The rows; None for a person who is on no board.
    """
    row = _row_of(connection, frame, person_id)
    if row is None or row.on_no_board:
        return None
    others = window_size - 1
    above = _next_rows(connection, _ABOVE, frame, row, others)
    below = _next_rows(connection, _BELOW, frame, row, others)
    up = min(len(above), max(others // 2, others - len(below)))
    rows = [*reversed(above[:up]), row, *below[: others - up]]
    first = _places_above_row(connection, frame, row) + 1 - up
    return _board(connection, context, frame, rows, first=first, viewer_id=person_id)


def _row_of(connection: sa.Connection, frame: LeaderboardTimeFrame, person_id: str) -> AnyRow | None:
    return connection.execute(_OF_PERSON, {"frame": frame.value, "person_id": person_id}).one_or_none()


def _next_rows(
    connection: sa.Connection,
    parts: tuple[sa.Select[Any], ...],
    frame: LeaderboardTimeFrame,
    row: AnyRow,
    count: int,
) -> list[AnyRow]:
    """Give the rows next to one, the nearest first."""
    found: list[AnyRow] = []
    for part in parts:
        key = {"frame": frame.value, "score": row.leader_score, "person_id": row.id}
        found += connection.execute(part, {**key, "count": count - len(found)}).all()
    return found


def _places_above_row(connection: sa.Connection, frame: LeaderboardTimeFrame, row: AnyRow) -> int:
    key = {"frame": frame.value, "score": row.leader_score, "person_id": row.id}
    count: int = connection.scalars(_PLACES_ABOVE, key).one()
    return count


def _own_score(
    connection: sa.Connection, context: Context, frame: LeaderboardTimeFrame, row: AnyRow
) -> UserScore:
    rank = None if row.on_no_board else _places_above_row(connection, frame, row) + 1
    return _score(context, row, rank=rank, base_date=_base_date(connection, frame), viewer_id=row.id)


def _board(
    connection: sa.Connection,
    context: Context,
    frame: LeaderboardTimeFrame,
    rows: Sequence[AnyRow],
    *,
    first: int,
    viewer_id: str | None,
) -> LeaderboardStats:
    base_date = _base_date(connection, frame)
    return LeaderboardStats(
        time_frame=frame.value,
        last_updated=context.now,
        leaderboard=[
            _score(context, row, rank=rank, base_date=base_date, viewer_id=viewer_id)
            for rank, row in enumerate(rows, start=first)
        ],
    )


def _base_date(connection: sa.Connection, frame: LeaderboardTimeFrame) -> datetime | None:
    return read_cursors(connection).get(frame)


def _score(
    context: Context, row: AnyRow, *, rank: int | None, base_date: datetime | None, viewer_id: str | None
) -> UserScore:
    return UserScore(
        **{name: getattr(row, name) for name in COUNTERS},
        rank=rank,
        user_id=UUID(row.id),
        username=row.username,
        auth_method=row.auth_method,
        display_name=row.display_name,
        leader_score=row.leader_score,
        level=level(row.leader_score),
        base_date=base_date,
        modified_date=row.modified_date,
        streak_days=streak(row.streak_days, row.streak_last_day_date, context.now),
        streak_last_day_date=row.streak_last_day_date,
        last_activity_date=row.last_activity_date,
        highlighted=row.id == viewer_id,
    )
