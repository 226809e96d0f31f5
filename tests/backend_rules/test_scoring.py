"""Points, levels and good rankings."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.rules.scoring import (
    LEVEL_THRESHOLDS,
    ScoreCounts,
    consensus,
    frame_start,
    is_good_ranking,
    leader_score,
    level,
)
from oasst_client import LeaderboardTimeFrame, UserScore


@pytest.mark.parametrize(
    ("name", "points"),
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
def test_points_for_ten_of_each(name: str, points: int) -> None:
    assert leader_score(replace(ScoreCounts(), **{name: 10})) == points


def test_prompts_and_accepted_prompts_are_rounded_down_each_for_itself() -> None:
    assert leader_score(ScoreCounts(prompts=19, accepted_prompts=19)) == 2
    assert leader_score(ScoreCounts(prompts=9, accepted_prompts=9)) == 0


def test_what_is_counted_are_columns_of_a_board() -> None:
    assert {field.name for field in fields(ScoreCounts)} <= set(UserScore.model_fields)


@given(st.builds(ScoreCounts, *[st.integers(0, 50)] * 13), st.sampled_from(fields(ScoreCounts)))
def test_more_work_never_costs_points(counts: ScoreCounts, more: object) -> None:
    name = getattr(more, "name", "")
    assert leader_score(replace(counts, **{name: getattr(counts, name) + 1})) >= leader_score(counts)


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


def test_a_consensus_needs_two_replies_that_all_have_ranked() -> None:
    assert consensus([["a", "b"], ["b", "a"], ["a", "b"]]) == ["a", "b"]
    assert consensus([["a", "b"], ["b", "c"]]) is None
    assert consensus(list[list[str]]()) is None


@pytest.mark.parametrize(
    ("ballot", "good"), [("abcd", True), ("bacd", True), ("badc", False), ("dcba", False), ("axbycd", True)]
)
def test_good_rankings_are_near_the_consensus(ballot: str, good: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    assert is_good_ranking(ballot, "abcd") is good
