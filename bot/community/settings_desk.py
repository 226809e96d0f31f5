"""Answers /settings show: shows a server's settings page by page and takes what is changed there."""

import hikari

from bot.access import Deed
from bot.community.settings_editor import SettingsEditor
from bot.community.settings_ids import LIMIT_INPUT, PAGES, Act, Page, Surface
from bot.community.settings_panel import limit_modal, settings_panel
from bot.community.settings_words import setting_name
from bot.guild_settings import MOST_TASKS_A_DAY, GuildSetting, GuildSettings
from bot.numbers import number_in
from bot.outgoing import Answerable
from bot.rendering.markdown import escape
from bot.router import value_of
from bot.services import Services
from bot.texts import Texts, texts_for


class SettingsDesk:
    """Shows and changes the settings in one message; where it stands is in each control's custom_id."""

    def __init__(self, services: Services) -> None:
        self._outgoing = services.outgoing
        self._editor = SettingsEditor(services, Deed.settings)

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command with the first page."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer(interaction)
        settings = await self._editor.settings(guild_id)
        await self._show(interaction, Page.channels, settings, guild_id)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Turn the page, or change what the control stands for, and show the settings as they are then."""
        control = await self._editor.control(interaction)
        if control is None:
            return
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        texts = texts_for(str(interaction.locale))
        if control.act is Act.ask:
            await self._outgoing.ask(interaction, limit_modal(await self._editor.settings(guild_id), texts))
            return
        await self._outgoing.defer_update(interaction)
        settings, notice = await self._editor.apply(interaction, control, guild_id, texts)
        await self._show(interaction, control.page, settings, guild_id, notice)

    async def take_limit(self, interaction: hikari.ModalInteraction) -> None:
        """Take the daily limit that was typed; what is no such number goes back with the reason."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer_update(interaction)
        texts = texts_for(str(interaction.locale))
        typed = value_of(interaction, LIMIT_INPUT).strip()
        limit = _limit(typed)
        if typed and limit is None:
            notice = _refused_limit(typed, texts)
            settings = await self._editor.settings(guild_id)
        else:
            settings = await self._editor.put(interaction, guild_id, {GuildSetting.daily_limit: limit})
            done = "settings.cleared" if limit is None else "settings.saved"
            notice = texts(done, name=setting_name(GuildSetting.daily_limit, texts))
        await self._show(interaction, Page.tasks, settings, guild_id, notice)

    async def _show(
        self, interaction: Answerable, page: Page, settings: GuildSettings, guild_id: int, notice: str = ""
    ) -> None:
        health = await self._editor.health(interaction, settings, guild_id, PAGES[Surface.settings][page])
        texts = texts_for(str(interaction.locale))
        await self._outgoing.finish(interaction, settings_panel(page, settings, health, texts, notice=notice))


def _limit(typed: str) -> int | None:
    number = number_in(typed)
    return number if number is not None and 1 <= number <= MOST_TASKS_A_DAY else None


def _refused_limit(typed: str, texts: Texts) -> str:
    return texts("settings.daily_limit.bad", typed=escape(typed), most=texts.number(MOST_TASKS_A_DAY))
