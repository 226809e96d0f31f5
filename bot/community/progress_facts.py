"""What a community has gathered, as values, by whatever calls the backend has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from oasst_client import (
    LeaderboardTimeFrame,
    NotAuthorizedError,
    NotFoundError,
    NotSupportedError,
    OasstApiClient,
    Progress,
    UserScore,
    WorkOfWeek,
    WrittenMessages,
)

ROWS_READ: Final = 1000
"""Rows of a board that are added up where the backend tells nothing else."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known; None and empty where this backend does not tell.

    Attributes:
        messages: how many there are.
        kinds: how many of each kind.
        languages: how many in each language (BCP 47), the most first.
        trees: how many conversations are in each state, as the backend names it.
        reviews, rankings: how many were given.
        people: how many took part.
        week, week_before: what was done in the last seven days and in the seven before.
        at_least: whether people beyond the first of a board are not in the numbers.
        updated: when it was counted.
    """

    messages: int | None = None
    kinds: WrittenMessages | None = None
    languages: dict[str, int] = field(default_factory=dict)
    trees: dict[str, int] = field(default_factory=dict)
    reviews: int | None = None
    rankings: int | None = None
    people: int | None = None
    week: WorkOfWeek | None = None
    week_before: WorkOfWeek | None = None
    at_least: bool = False
    updated: datetime | None = None


async def read_facts(client: OasstApiClient) -> Facts:
    """Ask the backend what there is.

    Raises:
        OasstError: it could not be asked.
    """
    try:
        return _told(await client.fetch_progress())
    except NotSupportedError:
        pass
    try:
        stats = await client.fetch_stats()
        trees = await client.fetch_tree_state_counts()
    except (NotAuthorizedError, NotFoundError):
        # The protocol's statistics are for trusted keys; its boards are for all.
        return await _added_up(client)
    return Facts(messages=stats.active, languages=_most_first(stats.active_by_lang), trees=trees)


def _told(progress: Progress) -> Facts:
    languages = {lang: _sum(written) for lang, written in progress.messages.items()}
    return Facts(
        messages=sum(languages.values()),
        kinds=_total(progress.messages.values()),
        languages=_most_first(languages),
        trees=progress.trees,
        reviews=progress.reviews,
        rankings=progress.rankings,
        people=progress.people,
        week=progress.week,
        week_before=progress.week_before,
        updated=progress.last_updated,
    )


async def _added_up(client: OasstApiClient) -> Facts:
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total, max_count=ROWS_READ)
    rows: list[UserScore] = board.leaderboard
    kinds = WrittenMessages(
        prompts=sum(row.prompts for row in rows),
        replies_assistant=sum(row.replies_assistant for row in rows),
        replies_prompter=sum(row.replies_prompter for row in rows),
    )
    return Facts(
        messages=_sum(kinds),
        kinds=kinds,
        reviews=sum(row.labels_simple + row.labels_full for row in rows),
        rankings=sum(row.rankings_total for row in rows),
        people=len(rows),
        at_least=len(rows) >= ROWS_READ,
        updated=board.last_updated,
    )


def _total(counts: Iterable[WrittenMessages]) -> WrittenMessages:
    counts = list(counts)
    return WrittenMessages(
        prompts=sum(one.prompts for one in counts),
        replies_assistant=sum(one.replies_assistant for one in counts),
        replies_prompter=sum(one.replies_prompter for one in counts),
    )


def _sum(written: WrittenMessages) -> int:
    return written.prompts + written.replies_assistant + written.replies_prompter


def _most_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
