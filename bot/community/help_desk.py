"""Answers /help with what a person may use where they are."""

import hikari

from bot.access import Deed
from bot.community.help import help_panel
from bot.community.refusing import is_refused
from bot.services import Services
from bot.texts import texts_for


class HelpDesk:
    """Knows what is registered, and asks the table of who may do what."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command."""
        services = self._services
        if await is_refused(services, interaction, Deed.help):
            return
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        panel = help_panel(
            services.commands.here(guild_id),
            await services.gate.allowed(interaction),
            texts_for(str(interaction.locale)),
            url=services.settings.help_url,
        )
        await services.outgoing.whisper(interaction, panel)
