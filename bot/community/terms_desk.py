"""Answers the buttons below the terms: writes the acceptance down and goes on with the person's wish."""

import hikari
from loguru import logger

from bot.community.contribute_desk import ContributeDesk
from bot.community.label_choice import LabelKind
from bot.community.label_desk import LabelDesk
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.terms import (
    DECLINE_ID,
    TERMS_VERSION,
    ContributeWish,
    LabelWish,
    ReportWish,
    parse_accept_id,
    terms_panel,
)
from bot.sessions.wish import Wish
from bot.texts import texts_for


class TermsDesk:
    """Takes people's answers to the terms; the panel is private, so nobody can answer for another."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._labels = LabelDesk(services)

    async def answer(self, interaction: hikari.ComponentInteraction) -> None:
        """Take "I accept" or "Not now"."""
        texts = texts_for(str(interaction.locale))
        if interaction.custom_id == DECLINE_ID:
            await self._outgoing.update(interaction, Panel(content=texts("terms.declined")))
            return
        acceptance = parse_accept_id(interaction.custom_id)
        if acceptance is None:
            await self._outgoing.update(interaction, Panel(content=texts("terms.expired")))
            return
        if acceptance.version != TERMS_VERSION:
            panel = terms_panel(acceptance.purpose, texts, notice=texts("terms.changed"))
            await self._outgoing.update(interaction, panel)
            return
        is_new = await self._services.store.people.record_terms(
            int(interaction.user.id),
            version=acceptance.version,
            locale=str(interaction.locale),
            interaction_id=int(interaction.id),
            now=self._services.clock.now(),
        )
        if is_new:
            logger.info("User {} accepted version {} of the terms", interaction.user.id, TERMS_VERSION)
        await self._outgoing.defer_update(interaction)
        match acceptance.purpose:
            case Wish() as wish:
                await self._services.sessions.offer(interaction, wish)
            case LabelWish(message_id):
                await self._labels.begin(interaction, message_id, LabelKind.labels)
            case ReportWish(message_id):
                await self._labels.begin(interaction, message_id, LabelKind.report)
            case ContributeWish(contribution_id):
                await ContributeDesk(self._services).accepted(interaction, contribution_id)
