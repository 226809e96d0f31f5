"""Keeps what people scored as it changes, in each time frame of the boards.

Everything that counts is dated by the moment at which it was made. A frame holds what is not older than its
cursor, a moment that only goes forward: `move_frames` takes out what falls behind it. So a board is right
without anybody counting, and what is taken back late is missed only in frames that still hold its moment.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from oasst_backend.rules.scoring import frame_start
from oasst_backend.service.context import Context
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import COUNTERS, facts, score_events, scores
from oasst_client import LeaderboardTimeFrame

MOVING_FRAMES = (LeaderboardTimeFrame.day, LeaderboardTimeFrame.week, LeaderboardTimeFrame.month)
"""The frames that forget, the shortest first; each begins no earlier than the next."""

FRESH = timedelta(hours=1)
"""What was made so lately is in every frame, even where a clock was set back a little."""

READ_AFTER = timedelta(seconds=1)
"""Frames that lag so far behind are moved before a board is read."""

BATCH = 2000
"""Events that one move takes out of a frame at most, so that nobody waits long for it."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_NEXT_MOMENT = timedelta(microseconds=1)


class ScoreDelta(NamedTuple):
    """What changes of a person's counts.

    Attributes:
        person_id: whose.
        counter: one of `COUNTERS`.
        moment: when the thing that is counted was made, also where it is taken back.
        amount: 1, or -1 to take it back.
    """

    person_id: str
    counter: str
    moment: datetime
    amount: int = 1


def message_deltas(row: AnyRow, *, amount: int) -> list[ScoreDelta]:
    """Give what a message counts for its author: that it was written and, if so, that it was accepted.

    Args:
        row: a row of `messages`; imported ones and those without an author count nothing.
        amount: 1 where it comes to count, -1 where it no longer does.
    """
    counters = [written_counter(row)]
    if row.review_result:
        counters.append(f"accepted_{counters[0]}")
    if row.person_id is None or row.source == "import":
        return []
    return [ScoreDelta(row.person_id, counter, row.created_date, amount) for counter in counters]


def written_counter(row: AnyRow) -> str:
    """Name the counter of a message: prompts, replies_assistant or replies_prompter."""
    return "prompts" if row.parent_id is None else f"replies_{row.role}"


def credit(connection: sa.Connection, context: Context, deltas: Sequence[ScoreDelta]) -> None:
    """Change people's counts in every frame that holds the moment of the change.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        deltas: the changes; none is fine.
    """
    if not deltas:
        return
    is_fresh = min(delta.moment for delta in deltas) > context.now - FRESH
    cursors = {} if is_fresh else read_cursors(connection)
    changes: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTERS, 0))
    for person_id, counter, moment, amount in deltas:
        # A shorter frame is held by each longer one, so that the first that holds the moment tells all.
        outside = sum(moment < cursor for cursor in cursors.values())
        changes[person_id, outside][counter] += amount
    _CHANGE.run_each(
        connection,
        [
            {"holder": person_id, "first": first, "now": context.now, **counts}
            for (person_id, first), counts in changes.items()
        ],
    )
    if any(delta.amount < 0 for delta in deltas):
        _DROP_EMPTY.run_each(connection, [{"holder": person_id} for person_id, _ in changes])
    oldest = min(cursors.values(), default=_BEGINNING)
    _ADD_EVENT.run_each(connection, [delta._asdict() for delta in deltas if delta.moment >= oldest])


def read_cursors(connection: sa.Connection) -> dict[LeaderboardTimeFrame, datetime]:
    """Give the moment from which each frame that moves on counts; a longer one never begins later."""
    known = {row.name: datetime.fromisoformat(row.value) for row in _CURSORS.all(connection, {})}
    return {frame: known.get(cursor_name(frame), _BEGINNING) for frame in MOVING_FRAMES}


def cursor_name(frame: LeaderboardTimeFrame) -> str:
    """Name the fact that holds a frame's cursor."""
    return f"scores_{frame.value}_from"


def are_behind(connection: sa.Connection, context: Context) -> bool:
    """Tell whether frames hold what a board read now must not show any more."""
    return _lag(read_cursors(connection), context.now) >= READ_AFTER


def _lag(cursors: dict[LeaderboardTimeFrame, datetime], now: datetime) -> timedelta:
    return max(start - cursors[frame] for frame, start in _starts(now))


def move_frames(connection: sa.Connection, context: Context) -> bool:
    """Take out of each frame what has become too old for it, one batch at most.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.

    Returns:
        Whether there is more to take out; then it wants to be called again.
    """
    cursors = read_cursors(connection)
    more = False
    for frame, start in _starts(context.now):
        # A longer frame has all that a shorter one has to forget, so no batch takes it further.
        if cursors[frame] < start:
            cursors[frame] = _move(connection, context, frame, cursors[frame], start)
        more = more or cursors[frame] < start
    connection.execute(score_events.delete().where(score_events.c.moment < min(cursors.values())))
    return more


def set_cursor(connection: sa.Connection, frame: LeaderboardTimeFrame, moment: datetime) -> None:
    """Note from which moment a frame counts."""
    connection.execute(_SET_FACT, {"name": cursor_name(frame), "value": moment.isoformat()})


def _move(
    connection: sa.Connection,
    context: Context,
    frame: LeaderboardTimeFrame,
    cursor: datetime,
    start: datetime,
) -> datetime:
    """Take a batch out of one frame; gives its new cursor."""
    span = {"since": cursor, "until": start}
    last = connection.execute(_BATCH_END, {**span, "batch": BATCH}).scalar()
    if last is not None:
        # Events of one moment go together, however many they are.
        span["until"] = max(last, cursor + _NEXT_MOMENT)
    key = {**span, "frame": frame.value}
    connection.execute(_FORGET, {**key, "now": context.now})
    connection.execute(_DROP_FORGOTTEN, key)
    set_cursor(connection, frame, span["until"])
    return span["until"]


def _starts(now: datetime) -> Iterable[tuple[LeaderboardTimeFrame, datetime]]:
    for frame in MOVING_FRAMES:
        start = frame_start(frame, now)
        if start is not None:
            yield frame, start


def _adding(statement: Insert) -> Insert:
    """Add to the counts of people who are on the board already."""
    return statement.on_conflict_do_update(
        index_elements=[scores.c.time_frame, scores.c.person_id],
        set_={
            "modified_date": statement.excluded.modified_date,
            **{name: scores.c[name] + statement.excluded[name] for name in COUNTERS},
        },
    )


_CURSORS = Prepared(
    sa.select(facts.c.name, facts.c.value).where(
        sa.or_(*(facts.c.name == cursor_name(frame) for frame in MOVING_FRAMES))
    )
)
_ADD_EVENT = Prepared(
    score_events.insert().values(
        {name: sa.bindparam(name) for name in ("moment", "person_id", "counter", "amount")}
    )
)
_SET_FACT = insert_or_update(facts)
_SET_FACT = _SET_FACT.on_conflict_do_update(
    index_elements=[facts.c.name], set_={"value": _SET_FACT.excluded.value}
)
_FRAMES = sa.union_all(
    *(
        sa.select(
            sa.literal_column(f"'{frame.value}'", sa.String).label("name"),
            sa.literal_column(str(place), sa.Integer).label("place"),
        )
        for place, frame in enumerate((*MOVING_FRAMES, LeaderboardTimeFrame.total))
    )
).subquery()
_COLUMNS = ["time_frame", "person_id", "modified_date", *COUNTERS]
_NOW = sa.bindparam("now", type_=scores.c.modified_date.type)
_CHANGE = Prepared(
    _adding(
        insert_or_update(scores).from_select(
            _COLUMNS,
            sa.select(
                _FRAMES.c.name,
                sa.bindparam("holder", type_=sa.String),
                _NOW,
                *(sa.bindparam(name, type_=sa.Integer) for name in COUNTERS),
            ).where(_FRAMES.c.place >= sa.bindparam("first")),
        )
    )
)
_IS_EMPTY = sa.and_(*(scores.c[name] == 0 for name in COUNTERS))
_DROP_EMPTY = Prepared(
    scores.delete().where(
        sa.or_(*(scores.c.time_frame == frame.value for frame in LeaderboardTimeFrame)),
        scores.c.person_id == sa.bindparam("holder"),
        _IS_EMPTY,
    )
)
_IN_SPAN = sa.and_(
    score_events.c.moment >= sa.bindparam("since"), score_events.c.moment < sa.bindparam("until")
)
_BATCH_END = (
    sa.select(score_events.c.moment)
    .where(_IN_SPAN)
    .order_by(score_events.c.moment)
    .offset(sa.bindparam("batch"))
    .limit(1)
)


def _taken_out() -> sa.Select[Any]:
    return (
        sa.select(
            sa.bindparam("frame", type_=sa.String),
            score_events.c.person_id,
            _NOW,
            *(
                -sa.func.sum(sa.case((score_events.c.counter == name, score_events.c.amount), else_=0))
                for name in COUNTERS
            ),
        )
        .where(_IN_SPAN)
        .group_by(score_events.c.person_id)
    )


_FORGET = _adding(insert_or_update(scores).from_select(_COLUMNS, _taken_out()))
_DROP_FORGOTTEN = scores.delete().where(
    scores.c.time_frame == sa.bindparam("frame"),
    scores.c.person_id.in_(sa.select(score_events.c.person_id).where(_IN_SPAN)),
    _IS_EMPTY,
)
