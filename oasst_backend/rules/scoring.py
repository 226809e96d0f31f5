"""What people earn: points and levels; and the consensus that their rankings are held against."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from oasst_backend.rules.ranked_pairs import common_ids, kendall_tau, ranked_pairs
from oasst_client import LeaderboardTimeFrame

T = TypeVar("T", bound=Hashable)

GOOD_RANKING_TAU = 0.5
"""The agreement with the consensus from which a ranking is good."""

PLACES_WITH_POINTS = 3
"""The best places on a ballot, for which the authors earn points."""

LEVEL_THRESHOLDS: tuple[int, ...] = tuple(
    round(sum(1.1521 * i + 3 for i in range(1, n + 1))) for n in range(100)
)
"""The points at which each level begins; the first is 0, the last is that of level 100."""


POINTS: Mapping[str, tuple[int, int]] = {
    "prompts": (1, 10),
    "replies_assistant": (4, 1),
    "replies_prompter": (1, 1),
    "labels_simple": (1, 1),
    "labels_full": (2, 1),
    "rankings_total": (1, 1),
    "rankings_good": (1, 1),
    "accepted_prompts": (1, 10),
    "accepted_replies_assistant": (4, 1),
    "accepted_replies_prompter": (1, 1),
    "reply_ranked_1": (9, 1),
    "reply_ranked_2": (3, 1),
    "reply_ranked_3": (1, 1),
}
"""What is counted of a person, and the points for so many of it: ten prompts are one point, nine are none.

The sum is the leader score. The database keeps it beside the counts, by which it puts people in order.
"""

TROLL_POINTS: Mapping[str, int] = {
    "red_flags": 3,
    "spam_prompts": 3,
    "hate_speech": 2,
    "sexual_content": 2,
    "not_appropriate": 2,
    "spam": 1,
    "pii": 1,
    "downvotes": 1,
}
"""What each thing that was said against a person's messages adds to their troll score, by its name there."""


def troll_score(counts: Mapping[str, int]) -> int:
    """Say how much speaks against what a person wrote; nothing that speaks for it makes it less.

    A message in the wrong language or about politics may be a mistake and adds nothing.

    Args:
        counts: how often each thing was said; others than those of `TROLL_POINTS` do not matter.
    """
    return sum(points * counts.get(name, 0) for name, points in TROLL_POINTS.items())


def level(score: int) -> int:
    """Give the level of a score: 1 from 0 points on, 100 at most."""
    return sum(threshold <= score for threshold in LEVEL_THRESHOLDS)


def consensus(ballots: Sequence[Sequence[T]]) -> list[T] | None:
    """Put the replies to one message in order.

    Args:
        ballots: the rankings of these replies, each best first.

    Returns:
        The replies that all ballots rank, best first; None if those are fewer than two.
    """
    return ranked_pairs(ballots) if len(common_ids(ballots)) > 1 else None


def is_good_ranking(ballot: Sequence[T], agreed: Sequence[T]) -> bool:
    """Say whether a ballot is near enough to the consensus, as `consensus` gave it."""
    return kendall_tau(ballot, agreed) >= GOOD_RANKING_TAU


def frame_start(frame: LeaderboardTimeFrame, now: datetime) -> datetime | None:
    """Tell since when a board counts.

    Args:
        frame: the span.
        now: the time in UTC.

    Returns:
        24 hours ago for a day; midnight 7 or 30 days ago for a week or a month; None for all time.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        LeaderboardTimeFrame.day: now - timedelta(hours=24),
        LeaderboardTimeFrame.week: midnight - timedelta(days=7),
        LeaderboardTimeFrame.month: midnight - timedelta(days=30),
        LeaderboardTimeFrame.total: None,
    }[frame]
