"""Answers /setup: leads through the settings that matter first, in one message, and sums up."""

import asyncio
from typing import Final

import hikari
from loguru import logger

from bot.access import Deed
from bot.community.settings_editor import SettingsEditor
from bot.community.settings_ids import PAGES, Page, Surface
from bot.community.setup_panel import STEPS, step_panel, summary_panel
from bot.community.setup_people import PeopleNeeded, people_needed
from bot.guild_settings import GuildSetting, GuildSettings
from bot.outgoing import Answerable
from bot.services import Services
from bot.texts import texts_for
from oasst_client import OasstError

SECONDS_FOR_BACKEND: Final = 5.0
"""How long the summary waits for the backend's numbers."""


class SetupDesk:
    """Shows the steps; where somebody is stands in each control's custom_id."""

    def __init__(self, services: Services) -> None:
        self._outgoing = services.outgoing
        self._client = services.client
        self._editor = SettingsEditor(services, Deed.setup)

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command with the first step."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer(interaction)
        await self._show(interaction, STEPS[0], await self._editor.settings(guild_id), guild_id)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Go to a step, or change what the control stands for."""
        control = await self._editor.control(interaction)
        if control is None:
            return
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer_update(interaction)
        texts = texts_for(str(interaction.locale))
        settings, notice = await self._editor.apply(interaction, control, guild_id, texts)
        await self._show(interaction, control.page, settings, guild_id, notice)

    async def _show(
        self, interaction: Answerable, step: Page, settings: GuildSettings, guild_id: int, notice: str = ""
    ) -> None:
        texts = texts_for(str(interaction.locale))
        is_summary = step is Page.summary
        shown = tuple(GuildSetting) if is_summary else PAGES[Surface.setup][step]
        health = await self._editor.health(interaction, settings, guild_id, shown)
        if is_summary:
            panel = summary_panel(settings, health, await self._needed(), texts)
        else:
            panel = step_panel(step, settings, health, texts, notice=notice)
        await self._outgoing.finish(interaction, panel)

    async def _needed(self) -> PeopleNeeded | None:
        """Ask the backend for its tree settings, which it tells to trusted keys."""
        try:
            async with asyncio.timeout(SECONDS_FOR_BACKEND):
                return people_needed(await self._client.fetch_public_settings())
        except (OasstError, TimeoutError) as error:
            logger.info("The backend does not tell its tree settings: {}", type(error).__name__)
            return None
