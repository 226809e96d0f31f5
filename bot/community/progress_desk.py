"""Answers /progress with what the backend tells of the community."""

import hikari
from loguru import logger

from bot.access import Deed
from bot.community.charts import draw
from bot.community.pictures import finish_with_picture
from bot.community.progress_facts import read_facts
from bot.community.progress_panel import progress_bars, progress_panel
from bot.community.refusing import is_refused
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import texts_for
from oasst_client import OasstError


class ProgressDesk:
    """Shows what was gathered, each time as it is now."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._client = services.client
        self._outgoing = services.outgoing

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command."""
        if await is_refused(self._services, interaction, Deed.progress):
            return
        texts = texts_for(str(interaction.locale))
        await self._outgoing.defer(interaction)
        try:
            facts = await read_facts(self._client)
        except OasstError as error:
            logger.warning("The progress could not be read: {}", type(error).__name__)
            await self._outgoing.finish(interaction, Panel(content=texts("progress.backend_away")))
            return
        picture = await draw("progress", progress_bars(facts, texts))
        await finish_with_picture(self._outgoing, interaction, progress_panel(facts, texts), picture)
