"""Asks the backend for a task on somebody's behalf, loses none that comes, and says why there is none."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from loguru import logger

from bot.backend_health import BackendHealth, brief, is_own_trouble
from bot.delivery import Delivery
from bot.forms import TASK_TYPES
from bot.rendering.panels import Panel
from bot.sessions import no_work
from bot.sessions.guild_rules import Search
from bot.sessions.parts import Parts
from bot.sessions.patience import patience
from bot.sessions.requests import OpenRequests, may_have_come
from bot.sessions.wish import Wish
from bot.sessions.work_found import WorkFinder
from bot.store.sessions import Session
from bot.store.task_requests import TaskRequest
from bot.telling_terms import TermsTeller
from bot.texts import Texts
from oasst_client import (
    InvalidResponseError,
    NotAuthorizedError,
    OasstApiClient,
    OasstError,
    RateLimitedError,
    RefusedError,
    Task,
    TaskDone,
    TaskUnavailableError,
    UnknownTaskTypeError,
    User,
)

AT_ONCE: Final = 8
"""Requests for tasks under way at the same time: more would only pile up before a backend that is slow."""

SECONDS_FOR_TURN: Final = 45.0
"""How long a request waits for its turn."""

SECONDS_FOR_EARLIER: Final = 5.0
"""How long a new task waits for what the person did before to reach the backend."""

SECONDS_TO_SLOW_DOWN: Final = 60.0
"""When to try again where the backend asked to slow down and did not say until when."""

UNKNOWN_TYPE: Final = "unknown task type"

NOT_OFFERED: Final = "a kind that is not offered where it was asked for"

Say = Callable[[Panel], Awaitable[object]]


@dataclass(frozen=True)
class Fetched:
    """A task for a person.

    Attributes:
        task: the task.
        request: what it came for; it ends once the task has its session.
        expires_at: until when it is theirs: found again after a lost answer, it has been so since they asked.
    """

    task: Task
    request: TaskRequest
    expires_at: datetime


class NoTaskError(Exception):
    """There is no task for the person now; `panel` says why."""

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel.content)
        self.panel = panel


class NothingToDoError(NoTaskError):
    """There is nothing of what was asked for; `reason` is a `NoWorkReason`, another word, or None."""

    def __init__(self, panel: Panel, reason: str | None) -> None:
        super().__init__(panel)
        self.reason = reason


class _NothingError(Exception):
    """There is no work of one kind in one language."""


class TaskSource:
    """Where tasks come from."""

    def __init__(
        self,
        parts: Parts,
        client: OasstApiClient,
        delivery: Delivery,
        health: BackendHealth,
        lifetime: timedelta,
    ) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._client = client
        self._terms = TermsTeller(parts.store, client)
        self._delivery = delivery
        self._health = health
        self._finder = WorkFinder(parts.store, client, parts.clock)
        self._requests = OpenRequests(parts, client, delivery, health, lifetime)
        self._lifetime = lifetime
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, user: User, search: Search, texts: Texts, say: Say) -> Fetched:
        """Ask for a task, once the backend knows what the person did before; one at a time for a person.

        Args:
            user: the person.
            search: what may be looked for.
            texts: their language.
            say: tells them something, and replaces what was told before; called when it takes long.

        Raises:
            NoTaskError: there is none; it says why in the person's language.
        """
        async with patience(lambda: say(Panel(texts("task.slow")))):
            self._not_while_away(search.wish, texts)
            await self._delivery.drained(int(user.id), SECONDS_FOR_EARLIER)
            if await self._store.outbox.is_leaving(int(user.id)):
                raise NoTaskError(Panel(texts("data.leaving")))
            await self._turn(search.wish, texts)
            try:
                self._not_while_away(search.wish, texts)
                return await self._look(user, search, texts)
            finally:
                self._turns.release()

    async def begin(self, session: Session, request: TaskRequest) -> None:
        """Write a session for a task that came; its request ends, and the wish to be told of such work.

        A thread in which its person was told of work is the task's if it is shown there; else it can go.

        Raises:
            OpenTaskError: the person has another one that is live, or the task has a session.
        """
        async with self._store.database.transaction():
            await self._store.sessions.add(session)
            await self._store.task_requests.remove(request.key)
            await self._store.work_alerts.fulfil(session.user_id, session.task.type, session.lang)
            if session.thread_id is not None:
                await self._store.news_threads.remove(session.thread_id)
            await self._store.news_threads.fulfil(session.user_id, session.task.type, session.lang)

    async def give_back(self, fetched: Fetched, reason: str) -> None:
        """Give a task back that gets no session."""
        await self._requests.give_back(fetched.request, fetched.task.id, reason)

    async def settle_requests(self) -> None:
        """See what came of requests that were left open: nobody waits for it any more."""
        await self._requests.settle()

    def _not_while_away(self, wish: Wish, texts: Texts) -> None:
        if self._health.is_away:
            raise NoTaskError(no_work.away(wish, self._health.try_again_at, texts))

    async def _turn(self, wish: Wish, texts: Texts) -> None:
        try:
            async with asyncio.timeout(SECONDS_FOR_TURN):
                await self._turns.acquire()
        except TimeoutError:
            raise NoTaskError(no_work.again("task.busy", wish, self._health.try_again_at, texts)) from None

    async def _look(self, user: User, search: Search, texts: Texts) -> Fetched:
        """Ask for one thing after the other that may be looked for, until there is a task."""
        left_open = await self._requests.left_open(user, search)
        if left_open is not None:
            return self._fetched(*left_open)
        for lang in search.langs:
            for wish in await self._finder.wishes(user, search, lang):
                with suppress(_NothingError):
                    return self._fetched(*await self._ask(user, wish, search, texts))
        found = await self._finder.find(user, search)
        raise NothingToDoError(no_work.nothing(search, found, texts), found.reason)

    def _fetched(self, task: Task, request: TaskRequest) -> Fetched:
        return Fetched(task, request, request.asked_at + self._lifetime)

    async def _ask(self, user: User, wish: Wish, search: Search, texts: Texts) -> tuple[Task, TaskRequest]:
        """Ask for a task.

        Raises:
            _NothingError: there is no such work.
            NoTaskError: there is no task for the person at all; it says why.
        """
        request = TaskRequest(secrets.token_urlsafe(16), user, wish.task_type, wish.lang, self._clock.now())
        await self._store.task_requests.add(request)
        try:
            task = await self._terms.insist(
                user,
                lambda: self._client.fetch_task(
                    wish.task_type, user, lang=wish.lang, request_key=request.key
                ),
            )
        except OasstError as error:
            self._health.failed(error)
            level = "INFO" if no_work.is_known(error) else "WARNING"
            logger.log(level, "No task of the type {}: {}", wish.task_type.value, brief(error))
            found = await self._in_spite_of(request, error)
            if found is None:
                if isinstance(error, TaskUnavailableError):
                    raise _NothingError from None
                raise NoTaskError(self._why_none(error, wish, texts)) from None
            task = found
        else:
            self._health.answered()
        if isinstance(task, TaskDone):
            await self._store.task_requests.remove(request.key)
            raise _NothingError
        if task.type not in TASK_TYPES:
            await self._requests.give_back(request, task.id, UNKNOWN_TYPE)
            raise NoTaskError(Panel(texts("task.unknown_type")))
        if search.kinds and not search.takes(task.type):
            await self._requests.give_back(request, task.id, NOT_OFFERED)
            raise _NothingError
        return task, request

    async def _in_spite_of(self, request: TaskRequest, error: OasstError) -> Task | None:
        """Find what the backend may have handed out though the request failed."""
        if isinstance(error, InvalidResponseError) and error.task_id is not None:
            await self._requests.give_back(request, error.task_id, UNKNOWN_TYPE)
        elif may_have_come(error):
            return await self._requests.look_again(request)
        else:
            await self._store.task_requests.remove(request.key)
        return None

    def _why_none(self, error: OasstError, wish: Wish, texts: Texts) -> Panel:
        if isinstance(error, UnknownTaskTypeError):
            return Panel(texts("task.unknown_type"))
        if isinstance(error, RateLimitedError):
            seconds = SECONDS_TO_SLOW_DOWN if error.retry_after is None else error.retry_after
            at = self._clock.now() + timedelta(seconds=seconds)
            return no_work.again("task.slow_down", wish, at, texts)
        if isinstance(error, NotAuthorizedError | RefusedError) and not is_own_trouble(error):
            return no_work.refused(error, wish, texts)
        return no_work.away(wish, self._health.try_again_at, texts)
