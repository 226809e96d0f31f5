"""Points, levels and good rankings."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.rules.scoring import (
    LEVEL_THRESHOLDS,
    POINTS,
    TROLL_POINTS,
    consensus,
    frame_start,
    is_good_ranking,
    level,
    troll_score,
)
from oasst_backend.storage.tables.people import LEADER_SCORE
from oasst_client import LeaderboardTimeFrame, TrollScore, UserScore


def points(**counts: int) -> int:
    """Have the database work out a row's points."""
    given = ", ".join(f"{counts.get(name, 0)} AS {name}" for name in POINTS)
    with closing(sqlite3.connect(":memory:")) as database:
        found: int = database.execute(f"SELECT {LEADER_SCORE} FROM (SELECT {given})").fetchone()[0]  # noqa: S608  # our own names
        return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prompts", 1),
        ("replies_assistant", 40),
        ("replies_prompter", 10),
        ("labels_simple", 10),
        ("labels_full", 20),
        ("rankings_total", 10),
        ("rankings_good", 10),
        ("accepted_prompts", 1),
        ("accepted_replies_assistant", 40),
        ("accepted_replies_prompter", 10),
        ("reply_ranked_1", 90),
        ("reply_ranked_2", 30),
        ("reply_ranked_3", 10),
    ],
)
def test_points_for_ten_of_each(name: str, expected: int) -> None:
    assert points(**{name: 10}) == expected


def test_prompts_and_accepted_prompts_are_rounded_down_each_for_itself() -> None:
    assert points(prompts=19, accepted_prompts=19) == 2
    assert points(prompts=9, accepted_prompts=9) == 0


def test_what_is_counted_are_columns_of_a_board() -> None:
    assert POINTS.keys() <= set(UserScore.model_fields)


@given(st.dictionaries(st.sampled_from(list(POINTS)), st.integers(0, 50)), st.sampled_from(list(POINTS)))
def test_points_are_the_formula_and_more_work_never_costs_any(counts: dict[str, int], more: str) -> None:
    assert points(**counts) == sum(
        worth * (counts.get(name, 0) // many) for name, (worth, many) in POINTS.items()
    )
    assert points(**counts | {more: counts.get(more, 0) + 1}) >= points(**counts)


def test_level_thresholds_are_the_rounded_sums() -> None:
    # All sums in tenths of a thousandth, exactly: 1.1521 n(n+1)/2 + 3 n.
    exact = [Fraction(11521 * n * (n + 1), 20_000) + 3 * n for n in range(100)]
    assert [round(value) for value in exact] == list(LEVEL_THRESHOLDS)
    assert LEVEL_THRESHOLDS[:5] == (0, 4, 9, 16, 24)


@pytest.mark.parametrize(
    ("score", "expected"), [(0, 1), (3, 1), (4, 2), (8, 2), (9, 3), (6000, 100), (10**9, 100)]
)
def test_levels(score: int, expected: int) -> None:
    assert level(score) == expected


@given(st.integers(0, 7000))
def test_a_level_begins_at_its_threshold(score: int) -> None:
    reached = level(score)
    assert LEVEL_THRESHOLDS[reached - 1] <= score
    assert reached == 100 or score < LEVEL_THRESHOLDS[reached]


def test_since_when_boards_count() -> None:
    now = datetime(2026, 3, 10, 15, 30, 1, tzinfo=UTC)
    assert frame_start(LeaderboardTimeFrame.day, now) == datetime(2026, 3, 9, 15, 30, 1, tzinfo=UTC)
    assert frame_start(LeaderboardTimeFrame.week, now) == datetime(2026, 3, 3, tzinfo=UTC)
    assert frame_start(LeaderboardTimeFrame.month, now) == datetime(2026, 2, 8, tzinfo=UTC)
    assert frame_start(LeaderboardTimeFrame.total, now) is None


@given(st.timedeltas(timedelta(0), timedelta(days=20_000)))
def test_each_frame_begins_no_earlier_than_the_next_longer_one_and_only_moves_on(passed: timedelta) -> None:
    now = datetime(1990, 1, 1, tzinfo=UTC) + passed
    frames = [LeaderboardTimeFrame.month, LeaderboardTimeFrame.week, LeaderboardTimeFrame.day]
    starts = [frame_start(frame, now) or now for frame in frames]
    assert starts == sorted(starts)
    later = [frame_start(frame, now + timedelta(hours=7)) or now for frame in frames]
    assert all(start <= then for start, then in zip(starts, later, strict=True))


def test_what_speaks_against_people_adds_up_and_nothing_else_does() -> None:
    assert TROLL_POINTS.keys() <= set(TrollScore.model_fields)
    assert troll_score({"red_flags": 2, "downvotes": 1, "spam_prompts": 1, "hate_speech": 1}) == 12
    assert troll_score({"upvotes": 50, "lang_mismach": 3, "political_content": 2}) == 0


def test_a_consensus_needs_two_replies_that_all_have_ranked() -> None:
    assert consensus([["a", "b"], ["b", "a"], ["a", "b"]]) == ["a", "b"]
    assert consensus([["a", "b"], ["b", "c"]]) is None
    assert consensus(list[list[str]]()) is None


@pytest.mark.parametrize(
    ("ballot", "good"), [("abcd", True), ("bacd", True), ("badc", False), ("dcba", False), ("axbycd", True)]
)
def test_good_rankings_are_near_the_consensus(ballot: str, good: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    assert is_good_ranking(ballot, "abcd") is good
