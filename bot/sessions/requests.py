"""Sees what came of requests for tasks whose answers were lost, so that no task stays in nobody's hands."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from loguru import logger

from bot.backend_health import BackendHealth, brief, is_own_trouble
from bot.backoff import Backoff
from bot.delivery import Delivery
from bot.forms import TASK_TYPES
from bot.guarding import guarded_row
from bot.sessions.guild_rules import Search
from bot.sessions.parts import Parts
from bot.store.task_requests import TaskRequest
from oasst_client import (
    InvalidResponseError,
    NotAuthorizedError,
    NotSupportedError,
    OasstApiClient,
    OasstError,
    RateLimitedError,
    Task,
    TransportError,
    UnknownTaskTypeError,
    User,
)

SECONDS_TO_FIND: Final = 5.0
"""How long the look for a task that may have been handed out may take."""

LONGEST_REQUEST: Final = timedelta(seconds=60)
"""A request that is older has ended in this process and in any other: nothing can come of it later."""

LONGEST_KEPT: Final = timedelta(days=3)
"""After that a task that nobody saw has expired with the backend."""

AT_A_TIME: Final = 20
"""Requests that are looked into in one round."""

SHARE_WORTH_BEGINNING: Final = 0.75
"""A task that is found again later than after this part of its time is not begun any more."""

MOST_FOR_PERSON: Final = 3
"""Requests that are looked into while a person waits."""

NOBODY_WAITS = "its answer was lost, and nobody waits for it any more"


def may_have_come(error: OasstError) -> bool:
    """Whether the backend may have handed out a task though the request for it failed."""
    if isinstance(error, TransportError):
        return not error.unsent
    return is_own_trouble(error) or isinstance(error, InvalidResponseError)


class OpenRequests:
    """The requests of the store whose end is not known."""

    def __init__(
        self,
        parts: Parts,
        client: OasstApiClient,
        delivery: Delivery,
        health: BackendHealth,
        lifetime: timedelta,
    ) -> None:
        self._lifetime = lifetime
        self._store = parts.store
        self._clock = parts.clock
        self._client = client
        self._delivery = delivery
        self._health = health
        self._unknown: Backoff[str] = Backoff(parts.clock)

    async def left_open(self, user: User, search: Search) -> tuple[Task, TaskRequest] | None:
        """Find a task that was handed out to a person who never saw it, and that fits what they want now.

        What was handed out and does not fit, or whose time is nearly over, goes back. A few requests are
        looked at, for `SECONDS_TO_FIND` seconds in all; what is left is for `settle`.
        """
        until = asyncio.get_running_loop().time() + SECONDS_TO_FIND
        requests = await self._store.task_requests.of(int(user.id))
        for request in requests[:MOST_FOR_PERSON]:
            seconds = until - asyncio.get_running_loop().time()
            if seconds <= 0 or self._health.is_away:
                break
            task = await self.look_again(request, seconds)
            if task is None:
                continue
            fits = task.type in TASK_TYPES and search.takes(task.type)
            age = self._clock.now() - request.asked_at
            has_time = age < self._lifetime * SHARE_WORTH_BEGINNING
            if fits and has_time and request.lang in search.langs:
                return task, request
            await self.give_back(request, task.id, NOBODY_WAITS)
        return None

    async def look_again(self, request: TaskRequest, seconds: float = SECONDS_TO_FIND) -> Task | None:
        """Ask once what came of a request; None where nothing did, or that cannot be learnt in `seconds`."""
        try:
            return await self._look(request, seconds)
        except OasstError as error:
            logger.info("What came of a request for a task is not known yet: {}", brief(error))
            return None

    async def settle(self) -> None:
        """Give back what came of requests that nobody waits for; what cannot be learnt now is left."""
        longest_ago = self._clock.now() - LONGEST_REQUEST
        requests = await self._store.task_requests.before(longest_ago, AT_A_TIME + len(self._unknown))
        for request in [one for one in requests if not self._unknown.is_held(one.key)][:AT_A_TIME]:
            if self._health.is_away:
                return
            with guarded_row("settling a request for a task"):
                task = await self.look_again(request)
                if task is not None:
                    logger.info("A task that never reached its person goes back")
                    await self.give_back(request, task.id, NOBODY_WAITS)

    async def give_back(self, request: TaskRequest, task_id: UUID, reason: str) -> None:
        """Give back the task that came of a request, which ends it."""
        async with self._store.database.transaction():
            await self._store.outbox.add_nack(None, request.user, task_id, reason, self._clock.now())
            await self._end(request)
        self._delivery.kick()

    async def _look(self, request: TaskRequest, seconds: float) -> Task | None:
        """Ask what came of a request, and end it where nothing did or will.

        Raises:
            OasstError: it cannot be learnt now.
        """
        age = self._clock.now() - request.asked_at
        try:
            task = await self._client.within(seconds).find_asked_task(request.key, request.user)
        except UnknownTaskTypeError as error:
            if error.task_id is not None:
                await self.give_back(request, error.task_id, NOBODY_WAITS)
            return None
        except OasstError as error:
            self._health.failed(error)
            passes = (
                is_own_trouble(error)
                or isinstance(error, NotAuthorizedError | RateLimitedError)
                or (isinstance(error, NotSupportedError) and not error.by_backend)
            )
            if not passes or age > LONGEST_KEPT:
                await self._end(request)
                return None
            self._unknown.failed(request.key)
            raise
        self._health.answered()
        self._unknown.forget(request.key)
        if task is None and age > LONGEST_REQUEST:
            await self._end(request)
        return task

    async def _end(self, request: TaskRequest) -> None:
        await self._store.task_requests.remove(request.key)
        self._unknown.forget(request.key)
