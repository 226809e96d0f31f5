"""Scores are kept as they change: cheaply, rightly after any history, and found by their indexes."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from oasst_backend.api import background
from oasst_backend.server import BackendServer
from oasst_backend.service import boards, recount, scores
from oasst_backend.service.context import Context
from oasst_backend.service.scores import ScoreDelta
from oasst_backend.settings import BackendSettings
from oasst_backend.storage import tables
from oasst_backend.storage.database import Storage
from oasst_client import LeaderboardTimeFrame
from tests.made_databases import backend_database

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def storage(database: Path) -> Iterator[Storage]:
    with Storage(backend_database(database)) as opened:
        yield opened


@pytest.fixture
def context_at(settings_for: Callable[..., BackendSettings]) -> Callable[[datetime], Context]:
    settings = settings_for()
    return lambda now: Context(settings, now, random.Random(1))  # noqa: S311  # draws that repeat


ContextAt = Callable[[datetime], Context]


def add_people(connection: sa.Connection, count: int, **values: object) -> list[str]:
    """Make people known; their ids are in the order of their numbers."""
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(count)]
    connection.execute(
        tables.people.insert(),
        [
            {
                "id": person_id,
                "auth_method": "discord",
                "username": person_id,
                "display_name": person_id,
                "enabled": True,
                "deleted": False,
                "show_on_leaderboard": True,
                "notes": "",
                "created_date": NOON,
                "streak_days": 0,
                **values,
            }
            for person_id in ids
        ],
    )
    return ids


def kept(connection: sa.Connection) -> dict[tuple[str, str], dict[str, int]]:
    """Read what is kept: the counts that are not zero, by frame and person."""
    return {
        (row["time_frame"], row["person_id"]): {name: row[name] for name in tables.COUNTERS if row[name]}
        for row in connection.execute(tables.scores.select()).mappings()
    }


def plans(storage: Storage, query: Callable[[sa.Connection], object]) -> tuple[int, list[str]]:
    """Run a query; gives how many statements it took, and how the database finds each one's rows."""
    seen: list[str] = []

    def run(connection: sa.Connection) -> list[str]:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(seen.append)
        try:
            query(connection)
        finally:
            driver.set_trace_callback(None)
        return [step[3] for statement in seen for step in driver.execute(f"EXPLAIN QUERY PLAN {statement}")]

    steps = storage.write_now(run)
    return len(seen), steps


def test_what_one_task_costs(storage: Storage, context_at: ContextAt) -> None:
    def prepare(connection: sa.Connection) -> list[str]:
        recount.rebuild_scores(connection, context_at(NOON))
        return add_people(connection, 3)

    ann, bob, cat = storage.write_now(prepare)
    deltas = [
        ScoreDelta(ann, "rankings_total", NOON),
        ScoreDelta(bob, "reply_ranked_1", NOON),
        ScoreDelta(cat, "reply_ranked_2", NOON),
    ]
    count, steps = plans(storage, lambda connection: scores.credit(connection, context_at(NOON), deltas))
    # For each person one for the frames, and one for what they will have to forget.
    assert count == 2 * len(deltas)
    # What is scanned are the names of the frames.
    scans = {step for step in steps if step.startswith("SCAN")}
    assert not [step for step in scans if re.search(r"\b(scores|score_events|facts)\b", step)]
    assert plans(storage, lambda connection: scores.credit(connection, context_at(NOON), []))[0] == 0
    assert storage.read_now(kept) == {
        (frame.value, person): {counter: 1}
        for frame in LeaderboardTimeFrame
        for person, counter, *_ in deltas
    }


def test_frames_move_in_batches_and_forget_what_they_no_longer_need(
    storage: Storage, context_at: ContextAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "BATCH", 3)

    def earn(connection: sa.Connection) -> None:
        recount.rebuild_scores(connection, context_at(NOON))
        (ann,) = add_people(connection, 1)
        moments = [NOON] * 7 + [NOON + timedelta(seconds=second) for second in range(1, 8)]
        scores.credit(connection, context_at(NOON), [ScoreDelta(ann, "prompts", at) for at in moments])

    storage.write_now(earn)
    moves = 1
    much_later = context_at(NOON + timedelta(days=40))
    while storage.write_now(lambda connection: scores.move_frames(connection, much_later)):
        moves += 1
    # Up to noon; the seven of that moment; then three, three and one.
    assert moves == 5
    assert {key: counts["prompts"] for key, counts in storage.read_now(kept).items()} == {
        ("total", "00000000-0000-4000-8000-000000000000"): 14
    }
    assert storage.read_now(lambda connection: connection.execute(tables.score_events.select()).all()) == []


async def test_frames_move_although_nobody_reads_a_board(
    start_backend: Callable[..., BackendServer],
    monkeypatch: pytest.MonkeyPatch,
    clock: Callable[[], datetime],
    pass_time: Callable[..., None],
    context_at: ContextAt,
) -> None:
    monkeypatch.setattr(background, "MOVE_SECONDS", 0.01)
    backend = start_backend()
    assert backend.storage is not None

    def earn(connection: sa.Connection) -> None:
        (ann,) = add_people(connection, 1)
        scores.credit(connection, context_at(clock()), [ScoreDelta(ann, "prompts", clock())])

    backend.storage.write_now(earn)
    pass_time(days=2)
    async with asyncio.timeout(30):
        while any(frame == "day" for frame, _ in await backend.storage.read(kept)):
            pass  # another thread moves it
    assert sorted(frame for frame, _ in backend.storage.read_now(kept)) == ["month", "total", "week"]


def test_what_is_too_old_for_a_frame_does_not_touch_it(storage: Storage, context_at: ContextAt) -> None:
    def earn(connection: sa.Connection) -> str:
        recount.rebuild_scores(connection, context_at(NOON))
        (ann,) = add_people(connection, 1)
        for days, amount in ((3, 1), (10, 1), (50, 1), (50, 1), (3, -1), (50, -1)):
            moment = NOON - timedelta(days=days)
            scores.credit(connection, context_at(NOON), [ScoreDelta(ann, "prompts", moment, amount)])
        return ann

    ann = storage.write_now(earn)
    assert storage.read_now(kept) == {("month", ann): {"prompts": 1}, ("total", ann): {"prompts": 2}}


def test_the_first_moment_of_a_frame_belongs_to_it(storage: Storage, context_at: ContextAt) -> None:
    midnight = NOON.replace(hour=0)
    starts = [NOON - timedelta(hours=24), midnight - timedelta(days=7), midnight - timedelta(days=30)]

    def earn(connection: sa.Connection) -> str:
        recount.rebuild_scores(connection, context_at(NOON))
        (ann,) = add_people(connection, 1)
        for start in starts:
            for moment in (start, start - timedelta(microseconds=1)):
                scores.credit(connection, context_at(NOON), [ScoreDelta(ann, "prompts", moment)])
        return ann

    ann = storage.write_now(earn)
    expected = {("day", ann): 1, ("week", ann): 3, ("month", ann): 5, ("total", ann): 6}
    assert storage.read_now(kept) == {key: {"prompts": count} for key, count in expected.items()}
    assert not storage.write_now(lambda connection: scores.move_frames(connection, context_at(NOON)))
    assert storage.read_now(kept) == {key: {"prompts": count} for key, count in expected.items()}
    just_later = context_at(NOON + timedelta(microseconds=1))
    storage.write_now(lambda connection: scores.move_frames(connection, just_later))
    assert {key[0] for key in storage.read_now(kept)} == {"week", "month", "total"}


@pytest.mark.parametrize("batch", [1, 4, 50])
@pytest.mark.parametrize("seed", range(3))
def test_each_frame_holds_what_a_count_of_all_events_gives(
    storage: Storage, context_at: ContextAt, monkeypatch: pytest.MonkeyPatch, seed: int, batch: int
) -> None:
    monkeypatch.setattr(scores, "BATCH", batch)
    rng = random.Random(seed)  # noqa: S311  # a history that repeats
    now = NOON
    history: list[ScoreDelta] = []

    def live(connection: sa.Connection) -> None:
        nonlocal now
        recount.rebuild_scores(connection, context_at(now))
        people = add_people(connection, 4)
        for _ in range(150):
            now += timedelta(hours=rng.choice((0, 0, 0, 1, 5, 30, 200)))
            taken_back = Counter(history).keys() & {
                delta
                for delta in history
                if delta.amount > 0 and history.count(delta._replace(amount=-1)) < 1
            }
            if taken_back and rng.random() < 0.3:
                deltas = [rng.choice(sorted(taken_back))._replace(amount=-1)]
            else:
                deltas = [
                    ScoreDelta(rng.choice(people), counter, now)
                    for counter in rng.sample(tables.COUNTERS, rng.randint(1, 3))
                ]
            history.extend(deltas)
            scores.credit(connection, context_at(now), deltas)
            if rng.random() < 0.2:
                scores.move_frames(connection, context_at(now))
        while scores.move_frames(connection, context_at(now)):
            pass

    storage.write_now(live)
    starts = {
        "day": now - timedelta(hours=24),
        "week": now.replace(hour=0) - timedelta(days=7),
        "month": now.replace(hour=0) - timedelta(days=30),
        "total": NOON,
    }
    expected: dict[tuple[str, str], Counter[str]] = {}
    for delta in history:
        for frame, start in starts.items():
            if delta.moment >= start:
                expected.setdefault((frame, delta.person_id), Counter())[delta.counter] += delta.amount
    assert storage.read_now(kept) == {
        key: dict(counts) for key, found in expected.items() if (counts := +found)
    }
    left = storage.read_now(
        lambda connection: connection.scalars(sa.select(sa.func.min(tables.score_events.c.moment))).one()
    )
    assert left is None or left >= starts["month"]


@pytest.fixture
def crowd(storage: Storage, context_at: ContextAt) -> list[str]:
    """Have 20,000 people with scores, every hundredth of whom is on no board."""

    def fill(connection: sa.Connection) -> list[str]:
        recount.rebuild_scores(connection, context_at(NOON))
        ids = add_people(connection, 20_000)
        connection.execute(
            tables.people.update().where(tables.people.c.id.in_(ids[::100])).values(show_on_leaderboard=False)
        )
        for frame in LeaderboardTimeFrame:
            connection.execute(
                tables.scores.insert(),
                [
                    {
                        "time_frame": frame.value,
                        "person_id": person_id,
                        # Twenty people share each score; who has a smaller number has more.
                        "rankings_total": 1000 - number // 20,
                        "modified_date": NOON,
                    }
                    for number, person_id in enumerate(ids)
                ],
            )
        return ids

    return storage.write_now(fill)


def test_boards_of_twenty_thousand_people_are_read_by_their_indexes(
    storage: Storage, context_at: ContextAt, crowd: list[str]
) -> None:
    context = context_at(NOON)
    frame = LeaderboardTimeFrame.total
    far_down = crowd[15_555]
    found = storage.read_now(
        lambda connection: boards.window_around(connection, context, far_down, frame, window_size=3)
    )
    assert found is not None
    # Of the 15,555 people above, those with the numbers 0, 100, ... 15,500 do not show themselves.
    assert [(row.rank, str(row.user_id)) for row in found.leaderboard] == [
        (15_399 + step, crowd[15_554 + step]) for step in range(3)
    ]
    for query in (
        lambda connection: boards.leaderboard(connection, context, frame, max_count=100, header=None),
        lambda connection: boards.scores_of(connection, context, far_down),
        lambda connection: boards.score_of(connection, context, far_down, frame),
        lambda connection: boards.window_around(connection, context, far_down, frame, window_size=5),
        lambda connection: scores.are_behind(connection, context),
    ):
        count, steps = plans(storage, query)
        assert count <= 14
        looked_at = [step for step in steps if "scores" in step or "people" in step]
        assert not [
            step for step in looked_at if step.startswith("SCAN") and "ix_people_on_no_board" not in step
        ], steps
        assert not [step for step in steps if "TEMP B-TREE" in step], steps


def test_moving_the_frames_follows_indexes(storage: Storage, context_at: ContextAt) -> None:
    def earn(connection: sa.Connection) -> None:
        recount.rebuild_scores(connection, context_at(NOON))
        (ann,) = add_people(connection, 1)
        scores.credit(connection, context_at(NOON), [ScoreDelta(ann, "prompts", NOON)])

    storage.write_now(earn)
    later = context_at(NOON + timedelta(days=40))
    count, steps = plans(storage, lambda connection: scores.move_frames(connection, later))
    # The cursors, four statements for each of the three frames, and what nobody needs any more.
    assert count == 14
    assert not [step for step in steps if step.startswith("SCAN")], steps
