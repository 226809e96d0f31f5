"""Tells people, once, that there is work of the kind and in the language that they wanted to hear of."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import hikari
from loguru import logger

from bot.backend_health import BackendHealth, brief, is_own_trouble
from bot.forms.controls import row
from bot.guarding import guarded_row
from bot.outgoing import PASSING
from bot.rendering.panels import Panel
from bot.sessions import no_work
from bot.sessions.closing import Closing
from bot.sessions.guild_rules import kinds_offered
from bot.sessions.parts import Parts
from bot.sessions.places import Places
from bot.sessions.posted import posted_already
from bot.sessions.wish import Wish
from bot.sessions.work_found import counted
from bot.sessions.work_ids import WorkAction
from bot.store.sessions import Place
from bot.store.work_alerts import WorkAlert
from bot.texts import Texts, texts_for
from oasst_client import OasstApiClient, OasstError, TaskRequestType, UserDisabledError

KEPT: Final = timedelta(days=7)
"""How long somebody waits to be told; they read until when as they ask for it."""

THREAD_KEPT: Final = timedelta(days=3)
"""How long a thread with news stays open while no task comes there; Discord would leave it as long."""

LOOKS_AT_A_TIME: Final = 5
"""Calls to the backend in one round, each for one person and language."""

SECONDS_FOR_AVAILABILITY: Final = 5.0

SHORTEST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(minutes=30)
SHARE_OF_AGE: Final = 8
"""Between two looks for somebody passes this part of the time they have waited, within these bounds."""


class _NoEntryError(Exception):
    """The person may not enter the channel in whose thread they are to be told."""


class WorkAnnouncer:
    """Looks for work on behalf of those who wait for it; their wishes are in the store."""

    def __init__(
        self,
        parts: Parts,
        client: OasstApiClient,
        health: BackendHealth,
        *,
        places: Places,
        closing: Closing,
    ) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._clock = parts.clock
        self._client = client
        self._health = health
        self._places = places
        self._closing = closing
        # Only a matter of pace: a new process looks for everybody once.
        self._looked_at: dict[tuple[str, str], datetime] = {}

    async def look(self) -> None:
        """One round: forget what is too old, look for those whose turn it is, and tell who is to be told."""
        now = self._clock.now()
        await self._close_threads(now)
        await self._store.work_alerts.expire(now - KEPT)
        waiting: dict[tuple[str, str], list[WorkAlert]] = {}
        for alert in await self._store.work_alerts.pending():
            waiting.setdefault((alert.user.id, alert.lang), []).append(alert)
        self._looked_at = {who: at for who, at in self._looked_at.items() if who in waiting}
        due = sorted((self._due_at(who, alerts), who) for who, alerts in waiting.items())
        for at, who in due[:LOOKS_AT_A_TIME]:
            if at > now or self._health.is_away:
                return
            self._looked_at[who] = now
            with guarded_row(f"looking for work for {who[0]}"):
                await self._look_for(waiting[who])

    def _due_at(self, who: tuple[str, str], alerts: Iterable[WorkAlert]) -> datetime:
        asked_at = max(alert.asked_at for alert in alerts)
        pause = (self._clock.now() - asked_at) / SHARE_OF_AGE
        return self._looked_at.get(who, asked_at) + min(max(pause, SHORTEST_WAIT), LONGEST_WAIT)

    async def _close_threads(self, now: datetime) -> None:
        """Close the threads with news in which nobody got a task."""
        for thread_id, guild_id in await self._store.news_threads.to_close(now):
            with guarded_row(f"closing the thread {thread_id} with news"):
                await self._close_thread(thread_id, guild_id)

    async def _close_thread(self, thread_id: int, guild_id: int | None) -> None:
        has_open_task = self._store.finished_threads.has_open_task
        try:
            if not await has_open_task(thread_id):
                await self._closing.end(thread_id, guild_id)
            if await has_open_task(thread_id):
                # It came meanwhile, and its end closes the thread.
                await self._closing.reopen(thread_id, guild_id)
        except hikari.ForbiddenError as error:
            logger.info("A thread with news stays open: {}", error.message)
        except hikari.HikariError as error:
            logger.warning("A thread with news is not closed yet: {}", type(error).__name__)
            return
        await self._store.news_threads.remove(thread_id)

    async def _look_for(self, alerts: list[WorkAlert]) -> None:
        """Look for one person in one language."""
        user, lang = alerts[0].user, alerts[0].lang
        try:
            found = await self._client.within(SECONDS_FOR_AVAILABILITY).fetch_availability(user, lang=lang)
        except OasstError as error:
            self._health.failed(error)
            logger.log("DEBUG" if is_own_trouble(error) else "INFO", "No look for work: {}", brief(error))
            if isinstance(error, UserDisabledError):
                for alert in alerts:
                    await self._store.work_alerts.remove(int(user.id), alert.task_type, lang)
            return
        self._health.answered()
        counts = counted(found)
        for alert in alerts:
            kinds = await self._kinds(alert) if counts else ()
            offered = {kind for kind in counts if not kinds or kind in kinds}
            if alert.task_type in offered or (alert.task_type is TaskRequestType.random and offered):
                await self._tell(alert)

    async def _kinds(self, alert: WorkAlert) -> Sequence[TaskRequestType]:
        """Give the kinds that may be handed out where a person is told; empty: all."""
        if alert.place is Place.direct or alert.guild_id is None:
            return ()
        return kinds_offered(await self._store.guilds.settings(alert.guild_id))

    async def _tell(self, alert: WorkAlert) -> None:
        """Tell somebody, and only then forget that they wanted to know.

        Who dies in between sees in the thread that it is told; of a direct message only Discord knows that,
        which takes the same one once only within some minutes.
        """
        thread_id: int | None = None
        may_pass = False
        ways: list[Callable[[WorkAlert], Awaitable[int | None]]] = [self._tell_in_thread]
        if alert.place is Place.direct:
            # A thread is for need; who chose one is told nowhere else.
            ways = [self._tell_directly, *(ways if alert.guild_id is not None else [])]
        for tell in ways:
            try:
                thread_id = await tell(alert)
            except hikari.ClientHTTPResponseError as error:
                logger.info("Nobody can be told of work that way: {}", error.message)
                may_pass = may_pass or error.code in PASSING
            except _NoEntryError:
                logger.info("Nobody can be told of work that way: the person may not enter the channel")
            except hikari.HikariError as error:
                logger.warning("A person is not told of work yet: {}", type(error).__name__)
                return
            else:
                break
        else:
            if may_pass:
                return
            logger.warning("User {} can be told of work in no way; they are not told", alert.user.id)
        async with self._store.database.transaction():
            is_wanted = await self._store.work_alerts.remove(int(alert.user.id), alert.task_type, alert.lang)
            if thread_id is not None:
                await self._store.news_threads.add(thread_id, alert, self._clock.now() + THREAD_KEPT)
                if not is_wanted:
                    # They took it back, got such a task, or have left while they were being told.
                    await self._store.news_threads.let_go(thread_id)

    async def _tell_in_thread(self, alert: WorkAlert) -> int:
        if alert.guild_id is None:
            raise LookupError("there are no threads in direct messages")
        # Who has left the server, or does not see the channel any more, is not found out by an empty thread.
        member = await self._outgoing.member(alert.guild_id, int(alert.user.id))
        if not self._places.may_enter(member, alert.parent_id):
            raise _NoEntryError
        thread_id, is_new = alert.thread_id, False
        if thread_id is not None:
            try:
                await self._closing.reopen(thread_id, alert.guild_id)
            except hikari.NotFoundError:
                thread_id = None
        if thread_id is None:
            thread_id, is_new = await self._own_thread(alert, alert.guild_id)
        try:
            await self._outgoing.let_in(thread_id, int(alert.user.id))
        except hikari.ClientHTTPResponseError:
            await self._outgoing.close_thread(thread_id)
            raise
        since = int(hikari.Snowflake.from_datetime(alert.asked_at))
        if is_new or not await posted_already(self._outgoing, thread_id, [_news(alert)], since=since):
            await self._say(alert, thread_id)
        return thread_id

    async def _own_thread(self, alert: WorkAlert, guild_id: int) -> tuple[int, bool]:
        """Open a thread for the news, or find the one of an earlier process; give whether it is new."""
        thread_id = await self._outgoing.find_thread(guild_id, _code(alert), 0)
        is_new = thread_id is None
        if thread_id is None:
            name = texts_for(alert.locale)("work.thread", code=_code(alert))
            thread_id = await self._outgoing.open_thread(alert.parent_id, name)
        await self._store.work_alerts.set_thread(alert, thread_id)
        return thread_id, is_new

    async def _tell_directly(self, alert: WorkAlert) -> None:
        channel_id = await self._outgoing.open_direct(int(alert.user.id))
        await self._say(alert, channel_id)

    async def _say(self, alert: WorkAlert, channel_id: int) -> None:
        """Post the news, unless the person took the wish back or got such a task while they were found."""
        if await self._store.work_alerts.is_kept(alert):
            await self._outgoing.post(channel_id, _news(alert), f"work-{_code(alert)}")


def _news(alert: WorkAlert) -> Panel:
    texts: Texts = texts_for(alert.locale)
    wish = Wish(alert.task_type, alert.lang)
    button = no_work.work_button(WorkAction.take, wish, texts, key="work.button.get")
    return Panel(texts("work.there", what=wish.words(texts)), rows=(row(button),))


def _code(alert: WorkAlert) -> str:
    """Name one wish, the same in every process."""
    name = f"{alert.user.id} {alert.task_type.value} {alert.lang} {alert.asked_at.timestamp()}"
    return sha256(name.encode()).hexdigest()[:8]
