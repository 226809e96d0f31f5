"""Answers the buttons below the terms: writes the acceptance down, welcomes who is new, and goes on."""

import hikari
from loguru import logger

from bot.community.going_on import GoingOn
from bot.community.welcome_desk import WelcomeDesk
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.terms import (
    DECLINE_ID,
    FULL_ID,
    TERMS_VERSION,
    full_terms_panel,
    parse_accept_id,
    parse_page_id,
    terms_panel,
)
from bot.texts import texts_for


class TermsDesk:
    """Takes people's answers to the terms; the panel is private, so nobody can answer for another."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._people = services.store.people
        self._welcome = WelcomeDesk(services)
        self._going_on = GoingOn(services)

    async def answer(self, interaction: hikari.ComponentInteraction) -> None:
        """Take "I accept" or "Not now", or show the whole of the terms."""
        texts = texts_for(str(interaction.locale))
        page = parse_page_id(interaction.custom_id)
        if interaction.custom_id == DECLINE_ID:
            await self._outgoing.update(interaction, Panel(content=texts("terms.declined")))
        elif interaction.custom_id == FULL_ID:
            await self._outgoing.whisper(interaction, full_terms_panel(0, texts))
        elif page is not None:
            await self._outgoing.update(interaction, full_terms_panel(page, texts))
        else:
            await self._accept(interaction)

    async def _accept(self, interaction: hikari.ComponentInteraction) -> None:
        texts = texts_for(str(interaction.locale))
        acceptance = parse_accept_id(interaction.custom_id)
        if acceptance is None:
            await self._outgoing.update(interaction, Panel(content=texts("terms.expired")))
            return
        if acceptance.version != TERMS_VERSION:
            panel = terms_panel(acceptance.purpose, texts, notice=texts("terms.changed"))
            await self._outgoing.update(interaction, panel)
            return
        await self._record(interaction, acceptance.version)
        if await self._people.was_welcomed(int(interaction.user.id)):
            await self._outgoing.defer_update(interaction)
            await self._going_on.go_on(interaction, acceptance.purpose)
        else:
            panel = await self._welcome.panel(interaction, acceptance.purpose)
            await self._outgoing.update(interaction, panel)

    async def _record(self, interaction: hikari.ComponentInteraction, version: int) -> None:
        """Write down that a person accepts, and that the backend is to be told."""
        now = self._services.clock.now()
        async with self._services.store.database.transaction():
            is_new = await self._people.record_terms(
                int(interaction.user.id),
                version=version,
                locale=str(interaction.locale),
                interaction_id=int(interaction.id),
                now=now,
            )
            if is_new:
                await self._services.store.outbox.add_terms(backend_user(interaction), version, now)
        if is_new:
            logger.info("User {} accepted version {} of the terms", interaction.user.id, version)
            self._services.delivery.kick()
