"""What people earn: points and levels; and the consensus that their rankings are held against."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class ScoreCounts:
    """What a person did in a span of time; the names are those of a leaderboard's row."""

    prompts: int = 0
    replies_assistant: int = 0
    replies_prompter: int = 0
    labels_simple: int = 0
    labels_full: int = 0
    rankings_total: int = 0
    rankings_good: int = 0
    accepted_prompts: int = 0
    accepted_replies_assistant: int = 0
    accepted_replies_prompter: int = 0
    reply_ranked_1: int = 0
    reply_ranked_2: int = 0
    reply_ranked_3: int = 0


def leader_score(counts: ScoreCounts) -> int:
    """Give the points for what a person did; ten prompts are one point, as are ten accepted ones."""
    return (
        counts.prompts // 10
        + 4 * counts.replies_assistant
        + counts.replies_prompter
        + counts.labels_simple
        + 2 * counts.labels_full
        + counts.rankings_total
        + counts.rankings_good
        + counts.accepted_prompts // 10
        + 4 * counts.accepted_replies_assistant
        + counts.accepted_replies_prompter
        + 9 * counts.reply_ranked_1
        + 3 * counts.reply_ranked_2
        + counts.reply_ranked_3
    )


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
