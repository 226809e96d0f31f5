"""Counts scores anew from what people did, and tells where what is kept differs from it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from oasst_backend.rules.scoring import PLACES_WITH_POINTS, frame_start
from oasst_backend.service.context import Context
from oasst_backend.service.scores import MOVING_FRAMES, read_cursors, set_cursor
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import (
    COUNTERS,
    facts,
    labellings,
    messages,
    rankings,
    score_events,
    scores,
)
from oasst_client import LabelTaskMode, LeaderboardTimeFrame

SCORES_BUILT = "scores_built"
"""The fact that says that scores were counted once and are kept since."""


def rebuild_scores(
    connection: sa.Connection,
    context: Context,
    frames: Sequence[LeaderboardTimeFrame] = tuple(LeaderboardTimeFrame),
) -> None:
    """Count scores anew from everything that people did. It reads all of it, so it takes its time.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        frames: which are wanted; those that move on are counted together.
    """
    if LeaderboardTimeFrame.total in frames:
        connection.execute(scores.delete().where(scores.c.time_frame == LeaderboardTimeFrame.total.value))
        _fill_total(connection, context)
    if set(frames) & set(MOVING_FRAMES):
        for frame in MOVING_FRAMES:
            set_cursor(connection, frame, frame_start(frame, context.now) or context.now)
        moving = [frame.value for frame in MOVING_FRAMES]
        connection.execute(scores.delete().where(scores.c.time_frame.in_(moving)))
        connection.execute(score_events.delete())
        _fill_moving(connection, context)
    connection.execute(
        insert_or_ignore(facts).on_conflict_do_nothing(),
        {"name": SCORES_BUILT, "value": context.now.isoformat()},
    )


def recount_people(connection: sa.Connection, context: Context, person_ids: Sequence[str]) -> None:
    """Count the scores of some people anew, after rows of theirs were removed or given to others.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        person_ids: whose; a few hundred at most.
    """
    frames = [frame.value for frame in LeaderboardTimeFrame]
    connection.execute(
        scores.delete().where(scores.c.time_frame.in_(frames), scores.c.person_id.in_(person_ids))
    )
    connection.execute(score_events.delete().where(score_events.c.person_id.in_(person_ids)))
    _fill_total(connection, context, person_ids)
    _fill_moving(connection, context, person_ids)


def check_scores(connection: sa.Connection) -> list[str]:
    """Compare the scores that are kept with what people did.

    Args:
        connection: any connection; it only reads.

    Returns:
        A sentence for each difference; none if all is right.
    """
    return [*_differing_frames(connection), *_differing_events(connection), *_empty_rows(connection)]


def _fill_total(connection: sa.Connection, context: Context, person_ids: Sequence[str] | None = None) -> None:
    done = _done(person_ids=person_ids).subquery()
    _fill(connection, context, LeaderboardTimeFrame.total, sa.select(done))


def _fill_moving(
    connection: sa.Connection, context: Context, person_ids: Sequence[str] | None = None
) -> None:
    """Note what the frames that move on hold and will have to forget, and add it up."""
    cursors = read_cursors(connection)
    since = min(cursors.values())
    events = ["person_id", "counter", "moment", "amount"]
    connection.execute(score_events.insert().from_select(events, _done(since=since, person_ids=person_ids)))
    for frame in MOVING_FRAMES:
        held = sa.select(score_events).where(score_events.c.moment >= cursors[frame])
        if person_ids is not None:
            held = held.where(score_events.c.person_id.in_(person_ids))
        _fill(connection, context, frame, held)


def _fill(
    connection: sa.Connection, context: Context, frame: LeaderboardTimeFrame, changes: sa.Select[Any]
) -> None:
    """Add changes up into the empty rows of a frame."""
    source = changes.subquery()
    sums = (sa.func.sum(sa.case((source.c.counter == name, source.c.amount), else_=0)) for name in COUNTERS)
    summed = sa.select(
        sa.literal(frame.value),
        source.c.person_id,
        sa.literal(context.now, scores.c.modified_date.type),
        *sums,
    ).group_by(source.c.person_id)
    columns = ["time_frame", "person_id", "modified_date", *COUNTERS]
    connection.execute(scores.insert().from_select(columns, summed))


def _done(
    *, since: datetime | None = None, person_ids: Sequence[str] | None = None
) -> sa.CompoundSelect[Any]:
    """Select all that counts, a row each: person_id, counter, moment, amount.

    Args:
        since: leave out what is older.
        person_ids: only these people's.
    """
    parts = []
    for person, counter, moment, condition in _PARTS:
        part = sa.select(
            person.label("person_id"),
            counter.label("counter"),
            moment.label("moment"),
            sa.literal_column("1", sa.Integer).label("amount"),
        ).where(condition)
        if since is not None:
            part = part.where(moment >= since)
        if person_ids is not None:
            part = part.where(person.in_(person_ids))
        parts.append(part)
    return sa.union_all(*parts)


_Part = tuple[sa.Column[Any], sa.ColumnElement[str], sa.Column[Any], sa.ColumnElement[bool]]
"""Whose it is, what it counts as, when it was made, and which rows count."""

_WRITTEN_HERE = sa.and_(
    messages.c.person_id.is_not(None), messages.c.source != "import", messages.c.deleted == sa.false()
)
_KIND_OF_MESSAGE = sa.case(
    (messages.c.parent_id.is_(None), "prompts"), else_=sa.literal("replies_").concat(messages.c.role)
)
_MODES = [mode.value for mode in LabelTaskMode]


def _parts() -> Iterator[_Part]:
    written = messages.c.person_id, messages.c.created_date
    yield written[0], _KIND_OF_MESSAGE, written[1], _WRITTEN_HERE
    accepted = sa.literal("accepted_").concat(_KIND_OF_MESSAGE)
    yield written[0], accepted, written[1], sa.and_(_WRITTEN_HERE, messages.c.review_result == sa.true())
    yield (
        labellings.c.person_id,
        sa.literal("labels_").concat(labellings.c.mode),
        labellings.c.created_date,
        sa.and_(labellings.c.task_id.is_not(None), labellings.c.mode.in_(_MODES)),
    )
    ballot = rankings.c.person_id, rankings.c.created_date
    yield ballot[0], sa.literal("rankings_total"), ballot[1], rankings.c.task_id.is_not(None)
    yield ballot[0], sa.literal("rankings_good"), ballot[1], rankings.c.good == sa.true()
    for place in range(PLACES_WITH_POINTS):
        yield (
            messages.c.person_id,
            sa.literal(f"reply_ranked_{place + 1}"),
            rankings.c.created_date,
            sa.and_(
                # The parent leads to the ballots by their index, where only some people are counted.
                rankings.c.parent_id == messages.c.parent_id,
                rankings.c.ranked_ids[place].as_string() == messages.c.id,
                rankings.c.counted == sa.true(),
                rankings.c.not_rankable == sa.false(),
                # The ballot was cast here, whether the reply was written here or imported.
                messages.c.person_id.is_not(None),
            ),
        )


_PARTS = tuple(_parts())


def _differing_frames(connection: sa.Connection) -> Iterator[str]:
    cursors = read_cursors(connection)
    for frame in LeaderboardTimeFrame:
        kept = sa.union_all(
            *(
                sa.select(
                    scores.c.person_id, sa.literal(name).label("what"), scores.c[name].label("amount")
                ).where(scores.c.time_frame == frame.value)
                for name in COUNTERS
            )
        )
        since = cursors.get(frame)
        done = _done(since=since).subquery()
        found = sa.select(done.c.person_id, done.c.counter.label("what"), done.c.amount)
        for row in _differences(connection, kept, found):
            yield f"{frame.value} of {row.person_id}: {row.what} is {row.kept} instead of {row.found}"


def _differing_events(connection: sa.Connection) -> Iterator[str]:
    def by_moment(source: sa.FromClause) -> sa.Select[Any]:
        moment = sa.cast(source.c.moment, sa.String)
        what = source.c.counter.concat(" at ").concat(moment).label("what")
        return sa.select(source.c.person_id, what, source.c.amount)

    done = _done(since=min(read_cursors(connection).values())).subquery()
    for row in _differences(connection, by_moment(score_events), by_moment(done)):
        yield f"events of {row.person_id}: {row.what} is {row.kept} instead of {row.found}"


def _differences(
    connection: sa.Connection, kept: sa.SelectBase, found: sa.SelectBase
) -> sa.CursorResult[Any]:
    """Add up two selections of person_id, what and amount, and give the sums that differ."""
    columns = [
        (source, sa.literal_column(is_kept, sa.Integer))
        for source, is_kept in ((kept.subquery(), "1"), (found.subquery(), "0"))
    ]
    both = sa.union_all(
        *(
            sa.select(
                source.c.person_id,
                source.c.what,
                (source.c.amount * is_kept).label("kept"),
                (source.c.amount * (1 - is_kept)).label("found"),
            )
            for source, is_kept in columns
        )
    ).subquery()
    sums = sa.func.sum(both.c.kept), sa.func.sum(both.c.found)
    return connection.execute(
        sa.select(both.c.person_id, both.c.what, sums[0].label("kept"), sums[1].label("found"))
        .group_by(both.c.person_id, both.c.what)
        .having(sums[0] != sums[1])
        .order_by(both.c.person_id, both.c.what)
    )


def _empty_rows(connection: sa.Connection) -> Iterator[str]:
    empty = sa.select(scores.c.time_frame, scores.c.person_id)
    row: AnyRow
    for row in connection.execute(empty.where(*(scores.c[name] == 0 for name in COUNTERS))):
        yield f"{row.time_frame} of {row.person_id}: a row that counts nothing is kept"
