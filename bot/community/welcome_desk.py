"""Answers the panel that welcomes people: keeps their languages, shows the tutorial, goes on."""

import hikari

from bot.community.going_on import GoingOn
from bot.community.language_menus import after_choice, offered
from bot.community.languages_desk import LanguagesDesk
from bot.community.tutorial import Step, tutorial_panel
from bot.community.welcome import (
    WelcomeAction,
    in_their_language,
    parse_welcome_id,
    preselected,
    welcome_panel,
)
from bot.outgoing import Clicked
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.terms import Purpose
from bot.texts import texts_for


class WelcomeDesk:
    """Welcomes people, each once; the panel is private, and whoever clicks acts for themselves."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._people = services.store.people
        self._languages = LanguagesDesk(services)
        self._going_on = GoingOn(services)

    async def panel(self, interaction: Clicked, purpose: Purpose) -> Panel:
        """Give the panel for a person who came for something."""
        chosen = await self._chosen(interaction, purpose)
        tags = offered(await self._languages.server_languages(interaction), chosen, str(interaction.locale))
        name = interaction.user.display_name or interaction.user.username
        return welcome_panel(name, purpose, tags, chosen, texts_for(str(interaction.locale)))

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take a choice of languages, or a button."""
        texts = texts_for(str(interaction.locale))
        known = parse_welcome_id(interaction.custom_id)
        if known is None:
            await self._outgoing.update(interaction, Panel(texts("terms.expired")))
            return
        chosen = await self._chosen(interaction, known.purpose)
        if known.action is WelcomeAction.languages:
            await self._choose(interaction, known.purpose, after_choice(interaction, chosen))
            return
        async with self._services.store.database.transaction():
            await self._keep(interaction, chosen)
            await self._people.set_welcomed(int(interaction.user.id), now=self._services.clock.now())
        purpose = in_their_language(known.purpose, chosen)
        if known.action is WelcomeAction.learn:
            await self._outgoing.update(interaction, tutorial_panel(Step.start, purpose, texts))
        else:
            await self._outgoing.defer_update(interaction)
            await self._going_on.go_on(interaction, purpose)

    async def _choose(
        self, interaction: hikari.ComponentInteraction, purpose: Purpose, chosen: list[str]
    ) -> None:
        if chosen:
            await self._keep(interaction, chosen)
        panel = await self.panel(interaction, purpose)
        if not chosen:
            panel = panel.with_notice(texts_for(str(interaction.locale))("languages.at_least_one"))
        await self._outgoing.update(interaction, panel)

    async def _chosen(self, interaction: Clicked, purpose: Purpose) -> list[str]:
        """Give the person's languages, before they chose any those that most likely are."""
        chosen = await self._people.languages(int(interaction.user.id))
        return chosen or preselected(purpose, str(interaction.locale))

    async def _keep(self, interaction: Clicked, chosen: list[str]) -> None:
        await self._people.set_languages(int(interaction.user.id), chosen, now=self._services.clock.now())
