"""Asks the backend, within moments, what somebody could do instead and what the rest waits for."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from bot import languages
from bot.clock import Clock
from bot.forms import TASK_TYPES
from bot.sessions.guild_rules import Search
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
"""Languages that are asked about one by one, where a report does not say enough, or there is none."""


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
    """Finds out what there is: to ask for it, and instead of what somebody asked for."""

    def __init__(self, store: Store, client: OasstApiClient, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._no_reports_until = clock.now()

    async def wishes(self, user: User, search: Search, lang: str) -> list[Wish]:
        """List what to ask for, one after the other, in one of the languages of a search.

        A backend that chooses the kind itself may choose any. So where only some may be handed out, the kinds
        are asked for by name: those of which there is most work first, or each where that cannot be learnt.
        """
        wish = replace(search.wish, lang=lang)
        if wish.task_type is not TaskRequestType.random or not search.kinds:
            return [wish]
        try:
            found = await self._client.within(SECONDS).fetch_availability(user, lang=lang)
        except OasstError:
            return [replace(wish, task_type=kind) for kind in search.kinds]
        return [replace(wish, task_type=kind) for kind in counted(found) if kind in search.kinds]

    async def find(self, user: User, search: Search) -> WorkFound:
        """Ask for all that helps a person for whom there was nothing; the backend has `SECONDS` each time."""
        client = self._client.within(SECONDS)
        found = None
        if self._clock.now() >= self._no_reports_until:
            try:
                report = await client.fetch_waiting(user, lang=search.wish.lang)
            except NotSupportedError:
                self._no_reports_until = self._clock.now() + WITHOUT_REPORTS
            except OasstError:
                return WorkFound()
            else:
                found = read_report(report, search)
                if not search.kinds:
                    return found
        others = list(found.languages) if found else await self._languages_of(int(user.id))
        here, elsewhere = await self._counts(client, user, search, others)
        return replace(found, languages=elsewhere) if found else WorkFound(kinds=here, languages=elsewhere)

    async def _languages_of(self, user_id: int) -> list[str]:
        """List the languages that a person chose, and those that they have worked in."""
        chosen = await self._store.people.languages(user_id)
        return list(dict.fromkeys([*chosen, *await self._store.sessions.languages_of(user_id)]))

    async def _counts(
        self, client: OasstApiClient, user: User, search: Search, langs: Iterable[str]
    ) -> tuple[dict[TaskRequestType, int], dict[str, int]]:
        """Count what may be handed out, by kind in the language of the wish, and in some others in all."""
        others = [lang for lang in langs if search.offers_instead(lang)][:MOST_LANGUAGES]
        here, *elsewhere = await asyncio.gather(
            *(_availability(client, user, lang, search) for lang in [search.wish.lang, *others])
        )
        sums = {lang: sum(counts.values()) for lang, counts in zip(others, elsewhere, strict=True)}
        return here, {lang: count for lang, count in sums.items() if count}


async def _availability(
    client: OasstApiClient, user: User, lang: str, search: Search
) -> dict[TaskRequestType, int]:
    try:
        counts = await client.fetch_availability(user, lang=lang)
    except OasstError:
        return {}
    return _offered(counted(counts), search)


def _offered(counts: Mapping[TaskRequestType, int], search: Search) -> dict[TaskRequestType, int]:
    return {kind: count for kind, count in counts.items() if not search.kinds or kind in search.kinds}


def read_report(report: WorkReport, search: Search) -> WorkFound:
    """Give what a backend's report says to a person for whom there was nothing."""
    asked_for = report.types.get(search.wish.task_type.value)
    others: Counter[str] = Counter()
    for lang, count in report.languages.items():
        # Others may have written into the dataset in what is no language at all.
        tag = languages.understand(lang)
        if tag is not None and search.offers_instead(tag):
            others[tag] += count
    return WorkFound(
        reason=None if asked_for is None else asked_for.reason,
        kinds=_offered(counted({kind: work.count for kind, work in report.types.items()}), search),
        languages=others,
        waiting=report.trees,
    )
