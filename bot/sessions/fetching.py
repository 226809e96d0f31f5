"""Asks the backend for a task on somebody's behalf, and says why there is none."""

from dataclasses import dataclass

from loguru import logger

from bot.delivery import Delivery, brief
from bot.rendering.panels import Panel
from bot.sessions import wording
from bot.sessions.parts import Parts
from bot.texts import Texts
from oasst_client import (
    OasstApiClient,
    OasstError,
    Task,
    TaskDone,
    TaskRequestType,
    UnknownTaskTypeError,
    User,
)

SECONDS_FOR_EARLIER = 5.0
"""How long a new task waits for what the person did before to reach the backend."""

UNKNOWN_TYPE = "unknown task type"


@dataclass(frozen=True)
class Wish:
    """What somebody asked for; `lang` is a BCP 47 tag."""

    kind: TaskRequestType
    lang: str


class NoTaskError(Exception):
    """There is no task for the person now; `panel` says why."""

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel.content)
        self.panel = panel


class TaskSource:
    """Where tasks come from."""

    def __init__(self, parts: Parts, client: OasstApiClient, delivery: Delivery) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._client = client
        self._delivery = delivery

    async def fetch(self, user: User, wish: Wish, texts: Texts) -> Task:
        """Ask for a task, once the backend knows what the person did before.

        Raises:
            NoTaskError: there is none; it says why in the person's language.
        """
        await self._delivery.drained(int(user.id), SECONDS_FOR_EARLIER)
        try:
            task = await self._client.fetch_task(wish.kind, user, lang=wish.lang)
        except UnknownTaskTypeError as error:
            logger.warning("{}", error)
            if error.task_id is not None:
                await self._store.outbox.add_nack(None, user, error.task_id, UNKNOWN_TYPE, self._clock.now())
                self._delivery.kick()
            raise NoTaskError(Panel(texts("task.unknown_type"))) from None
        except OasstError as error:
            logger.info("No task of the type {}: {}", wish.kind.value, brief(error))
            raise NoTaskError(wording.why_no_task(error, texts)) from None
        if isinstance(task, TaskDone):
            raise NoTaskError(Panel(texts("task.none_now")))
        return task
