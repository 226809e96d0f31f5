"""Tells people what became of the deletion of their data, once the backend has heard of it or will not."""

from typing import Final

import hikari
from loguru import logger

from bot.outgoing import Answerable
from bot.rendering.panels import Panel
from bot.sessions.parts import Parts
from bot.store.erasure import ErasureOrder
from bot.store.outbox import OutboxEntry, OutboxState
from bot.texts import Texts, texts_for

_ENDED: Final = frozenset({10015, 10008, 50027})
"""Discord's codes for an interaction whose fifteen minutes are over, or whose answer was dismissed."""


class Farewell:
    """The last word to people who leave; then nothing of them is left here."""

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing

    async def tell(self, entry: OutboxEntry) -> None:
        """Tell a person that it is done, or why it could not be; again is fine.

        Raises:
            hikari.HikariError: Discord does not say; it may be tried again.
        """
        order = ErasureOrder.model_validate_json(entry.payload)
        await self._store.outbox.forget(int(entry.user.id), entry.id - 1)
        is_told = await self._tell_where_they_asked(order, words(entry, order, texts_for(order.locale)))
        if is_told or entry.state is OutboxState.done:
            await self._store.outbox.forget(int(entry.user.id), entry.id)
        else:
            await self._store.outbox.wait_for_person(entry.id)

    async def tell_beside(self, entry: OutboxEntry, interaction: Answerable) -> None:
        """Tell a person, who came back, what could not be told before."""
        order = ErasureOrder.model_validate_json(entry.payload)
        text = words(entry, order, texts_for(str(interaction.locale)))
        await self._outgoing.whisper_more(interaction, Panel(text))
        await self._store.outbox.forget(int(entry.user.id), entry.id)

    async def _tell_where_they_asked(self, order: ErasureOrder, text: str) -> bool:
        try:
            await self._outgoing.finish_later(order.application_id, order.token, Panel(text))
        except hikari.ClientHTTPResponseError as error:
            if error.code not in _ENDED and not isinstance(error, hikari.NotFoundError):
                logger.info("A person who left could not be told of it: {}", type(error).__name__)
            return False
        return True


def words(entry: OutboxEntry, order: ErasureOrder, texts: Texts) -> str:
    """Say what became of a deletion."""
    if entry.state is not OutboxState.refused:
        return texts(f"data.done.{'keep' if order.keep_texts else 'remove'}.{order.remainder.value}")
    id_at_backend = f"{entry.user.auth_method.value}:{entry.user.id}"
    return texts(f"data.refused.{order.remainder.value}", id=id_at_backend)
