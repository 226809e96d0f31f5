"""A person leaves: what is open ends, their rows go, and the backend is told last."""

from datetime import timedelta
from typing import Final

import hikari
from loguru import logger

from bot.delivery import Delivery
from bot.forms import NoFormError
from bot.guarding import guarded_row
from bot.outgoing import Clicked
from bot.rendering.panels import Panel
from bot.sessions.outcomes import Outcomes
from bot.sessions.parts import Parts
from bot.store.erasure import ErasureOrder
from bot.store.sessions import Session
from bot.texts import texts_for
from oasst_client import AuthMethod, User

LEFT: Final = "the person has left"
"""Why tasks go back."""

SECONDS_FOR_TURN: Final = 5.0
"""How long a wish to leave waits for a task that is just being fetched for the same person."""

TIME_TO_SAY: Final = timedelta(seconds=30)
"""So long the backend hears nothing of it, unless the person has been told before what happens."""


class Erasure:
    """Takes people out of the bot at their own wish; the order to the backend survives every crash."""

    def __init__(self, parts: Parts, *, delivery: Delivery, outcomes: Outcomes) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._turns = parts.turns
        self._delivery = delivery
        self._outcomes = outcomes

    async def erase(self, interaction: Clicked, *, keep_texts: bool) -> None:
        """Delete a person here, and order the same at the backend.

        A second wish before the backend has heard of the first takes its place, with what came in between;
        what they gave goes if they said so either time.

        Args:
            interaction: theirs, with its deferred update, which is completed here.
            keep_texts: whether what they gave stays, without their name.
        """
        user_id = int(interaction.user.id)
        order = ErasureOrder(
            keep_texts=keep_texts,
            locale=str(interaction.locale),
            application_id=int(interaction.application_id),
            token=interaction.token,
        )
        texts = texts_for(order.locale)
        async with self._turns.soon(user_id, SECONDS_FOR_TURN) as is_free:
            if not is_free:
                await self._outgoing.whisper_more(interaction, Panel(texts("data.busy")))
                return
            order, codes, entry_id = await self._erase(user_id, order)
        stays = "stays" if order.keep_texts else "goes, too"
        logger.info("User {} leaves; what they gave {}", user_id, stays)
        await self._outgoing.finish(interaction, Panel(texts(f"data.going.{_way(order)}")))
        await self._store.outbox.try_now(entry_id, self._clock.now())
        self._delivery.kick()
        for code in codes:
            with guarded_row(f"closing the thread of {code}"):
                await self._close(code)

    async def _erase(self, user_id: int, order: ErasureOrder) -> tuple[ErasureOrder, list[str], int]:
        """Erase a person here; give the backend's order, the codes of what is to be closed, and its id."""
        now = self._clock.now()
        departures = self._store.departures
        user = User(id=str(user_id), display_name=str(user_id), auth_method=AuthMethod.discord)
        async with self._store.database.transaction():
            earlier = await self._store.outbox.take_erasures(user_id)
            if not all(ErasureOrder.model_validate_json(one).keep_texts for one in earlier):
                order = order.model_copy(update={"keep_texts": False})
            await departures.forget_shown(user_id)
            live = await self._store.sessions.live_of(user_id)
            if live is not None:
                await self._store.outbox.add_nack(None, user, live.task_id, LEFT, now)
            codes = await departures.to_close(user_id, now)
            for code in codes:
                session = await self._store.sessions.by_code(code)
                if session is not None:
                    await departures.strip(code, self._untouched(session), now)
            if not order.keep_texts:
                await departures.take_back(user_id, LEFT)
            await departures.let_go(user_id)
            await departures.close_news(user_id)
            await self._store.personal.erase(user_id)
            entry_id = await self._store.outbox.add_erasure(
                user, order.model_dump_json(), now=now, first_try=now + TIME_TO_SAY
            )
        return order, codes, entry_id

    def _untouched(self, session: Session) -> str:
        try:
            return self._presenter.first_state(session)
        except NoFormError:
            return "{}"

    async def _close(self, code: str) -> None:
        """Close a thread at once where that can be; else it is done from time to time."""
        session = await self._store.sessions.by_code(code)
        if session is None:
            return
        try:
            await self._outcomes.close_one(session)
        except hikari.HikariError as error:
            logger.warning("The end of {} is not shown yet: {}", code, type(error).__name__)


def _way(order: ErasureOrder) -> str:
    return "keep" if order.keep_texts else "remove"
