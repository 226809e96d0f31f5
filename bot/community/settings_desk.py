"""Answers /settings: shows a server's settings and changes them, for those who manage the server."""

import hikari

from bot.community.guild_health import belongs_here, health_of
from bot.community.settings_panel import EVENTS, settings_panel
from bot.guild_settings import DEFAULTS, ROLES, GuildSetting, GuildSettings
from bot.outgoing import Answerable
from bot.permissions import may_manage_guild
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import Texts, texts_for


class SettingsDesk:
    """Shows and changes the settings of the server in which it is asked, and of no other."""

    def __init__(self, services: Services) -> None:
        self._guilds = services.store.guilds
        self._outgoing = services.outgoing
        self._clock = services.clock
        self._cache = services.cache
        self._rest = services.rest

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command with the panel."""
        guild_id = await self._allowed_guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer(interaction)
        settings = await self._guilds.settings(guild_id)
        texts = texts_for(str(interaction.locale))
        await self._outgoing.finish(interaction, await self._panel(settings, guild_id, texts))

    async def change(self, interaction: hikari.ComponentInteraction) -> None:
        """Set or clear what the pressed control stands for, and show the settings as they are then."""
        guild_id = await self._allowed_guild(interaction)
        if guild_id is None:
            return
        event = EVENTS[interaction.custom_id]
        await self._outgoing.defer_update(interaction)
        texts = texts_for(str(interaction.locale))
        value = None if event.clears else _chosen(interaction)
        if not event.clears:
            problem = self._problem(event.setting, value, guild_id)
            if problem is not None:
                settings = await self._guilds.settings(guild_id)
                panel = await self._panel(settings, guild_id, texts, notice=texts(problem))
                await self._outgoing.finish(interaction, panel)
                return
        settings = await self._guilds.update(
            guild_id,
            event.setting,
            DEFAULTS.value(event.setting) if event.clears else value,
            changed_by=int(interaction.user.id),
            interaction_id=int(interaction.id),
            now=self._clock.now(),
        )
        notice = texts(
            "settings.cleared" if event.clears else "settings.saved",
            name=texts(f"settings.{event.setting.value}.name"),
        )
        await self._outgoing.finish(interaction, await self._panel(settings, guild_id, texts, notice=notice))

    def _problem(self, setting: GuildSetting, value: int | None, guild_id: int) -> str | None:
        """Return the key of the text that says why a choice is not taken; None where it is."""
        if value is None or not belongs_here(setting, value, guild_id, self._cache):
            return "settings.not_here"
        if setting in ROLES and value == guild_id:
            return "settings.everyone_role"
        return None

    async def _allowed_guild(self, interaction: Answerable) -> int | None:
        """Return the server if the person may change its settings; else say why not and return None."""
        texts = texts_for(str(interaction.locale))
        if interaction.guild_id is None or interaction.member is None:
            await self._outgoing.whisper(interaction, Panel(content=texts("settings.guild_only")))
            return None
        if not may_manage_guild(interaction.member.permissions):
            await self._outgoing.whisper(interaction, Panel(content=texts("settings.not_allowed")))
            return None
        return int(interaction.guild_id)

    async def _panel(
        self, settings: GuildSettings, guild_id: int, texts: Texts, *, notice: str = ""
    ) -> Panel:
        health = await health_of(settings, guild_id, self._cache, self._rest)
        return settings_panel(settings, health, texts, notice=notice)


def _chosen(interaction: hikari.ComponentInteraction) -> int | None:
    """Return the one id that was chosen; None where the click carries none."""
    value = next(iter(interaction.values), "")
    return int(value) if value.isdecimal() else None
