"""Asks the backend, within moments, what somebody could do instead and what the rest waits for."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot import languages
from bot.clock import Clock
from bot.forms import TASK_TYPES
from bot.sessions.wish import Wish
from bot.store import Store
from oasst_client import (
    NotSupportedError,
    OasstApiClient,
    OasstError,
    TaskRequestType,
    User,
    WaitingTrees,
    WorkReport,
)

SECONDS: Final = 2.0
"""How long a person who could not have what they asked for waits for what there is instead."""

WITHOUT_REPORTS: Final = timedelta(hours=1)
"""After that a backend that had no reports is asked for one again: it may have been renewed."""

MOST_LANGUAGES: Final = 4
"""Languages that are asked about one by one, where a backend has no report."""


@dataclass(frozen=True)
class WorkFound:
    """What there is; all empty where nothing could be learnt.

    Attributes:
        reason: why there is nothing of what was asked for: a `NoWorkReason`, or one that is not known here.
        kinds: how much there is in the language that was asked for, by kind.
        languages: how much there is in other languages, by tag.
        waiting: what the trees of the language wait for.
    """

    reason: str | None = None
    kinds: Mapping[TaskRequestType, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    waiting: Sequence[WaitingTrees] = ()


def counted(counts: Mapping[str, int]) -> dict[TaskRequestType, int]:
    """Give the kinds that people can do here and that there is work of, the most first."""
    known = {TaskRequestType(kind): counts.get(kind, 0) for kind in TASK_TYPES}
    return dict(sorted(((k, n) for k, n in known.items() if n > 0), key=lambda one: -one[1]))


class WorkFinder:
    """Finds out what there is instead of what somebody asked for."""

    def __init__(self, store: Store, client: OasstApiClient, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._no_reports_until = clock.now()

    async def find(self, user: User, wish: Wish) -> WorkFound:
        """Ask for all that helps a person who could not have their wish; never later than `SECONDS`."""
        client = self._client.within(SECONDS)
        if self._clock.now() >= self._no_reports_until:
            try:
                return read_report(await client.fetch_waiting(user, lang=wish.lang), wish)
            except NotSupportedError:
                self._no_reports_until = self._clock.now() + WITHOUT_REPORTS
            except OasstError:
                return WorkFound()
        earlier = await self._store.sessions.languages_of(int(user.id))
        others = [lang for lang in earlier if lang != wish.lang][:MOST_LANGUAGES]
        here, *elsewhere = await asyncio.gather(
            *(_availability(client, user, lang) for lang in [wish.lang, *others])
        )
        sums = {lang: sum(counts.values()) for lang, counts in zip(others, elsewhere, strict=True)}
        return WorkFound(kinds=here, languages={lang: count for lang, count in sums.items() if count})


async def _availability(client: OasstApiClient, user: User, lang: str) -> dict[TaskRequestType, int]:
    try:
        return counted(await client.fetch_availability(user, lang=lang))
    except OasstError:
        return {}


def read_report(report: WorkReport, wish: Wish) -> WorkFound:
    """Give what a backend's report says to a person who could not have their wish."""
    asked_for = report.types.get(wish.task_type.value)
    others: Counter[str] = Counter()
    for lang, count in report.languages.items():
        # Others may have written into the dataset in what is no language at all.
        if (tag := languages.understand(lang)) is not None:
            others[tag] += count
    del others[wish.lang]
    return WorkFound(
        reason=None if asked_for is None else asked_for.reason,
        kinds=counted({kind: work.count for kind, work in report.types.items()}),
        languages=others,
        waiting=report.trees,
    )
