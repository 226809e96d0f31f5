"""Changes a server's settings for whoever manages it: what the settings message and the wizard share."""

from collections.abc import Iterable, Mapping

import hikari

from bot.access import Deed
from bot.community.guild_health import GuildHealth, Health
from bot.community.settings_changes import Here, NotTakenError, checked, new_value
from bot.community.settings_ids import Control, parse
from bot.community.settings_words import setting_name
from bot.guild_settings import GuildSetting, GuildSettings
from bot.outgoing import Answerable
from bot.rendering.panels import Panel
from bot.services import Services
from bot.store.guilds import Values
from bot.texts import Texts, texts_for


class SettingsEditor:
    """Reads, checks and changes the settings of the server in which it is asked, and of no other.

    Args:
        services: of the bot.
        deed: what people must be allowed to do, asked anew at every step.
    """

    def __init__(self, services: Services, deed: Deed) -> None:
        self._gate = services.gate
        self._guilds = services.store.guilds
        self._outgoing = services.outgoing
        self._clock = services.clock
        self._health = GuildHealth(services.cache, services.rest)
        self._deed = deed

    async def guild(self, interaction: Answerable) -> int | None:
        """Return the server if the person may change its settings; else say why not and return None."""
        refusal = await self._gate.refusal(interaction, self._deed)
        if refusal is None and interaction.guild_id is not None:
            return int(interaction.guild_id)
        words = texts_for(str(interaction.locale))(refusal or "access.guild_only")
        await self._outgoing.whisper(interaction, Panel(words))
        return None

    async def control(self, interaction: hikari.ComponentInteraction) -> Control | None:
        """Return what was used; what no message of ours has has expired, which is said."""
        control = parse(interaction.custom_id)
        if control is None:
            words = texts_for(str(interaction.locale))("error.expired")
            await self._outgoing.whisper(interaction, Panel(words))
        return control

    async def settings(self, guild_id: int) -> GuildSettings:
        """Give the settings as they stand."""
        return await self._guilds.settings(guild_id)

    async def health(
        self, interaction: Answerable, settings: GuildSettings, guild_id: int, which: Iterable[GuildSetting]
    ) -> Mapping[GuildSetting, Health]:
        """Look at what some settings name, as it is now, and at the channel of the interaction."""
        granted_here = interaction.app_permissions
        return await self._health.of(settings, guild_id, which, granted_here=granted_here)

    def here(self, guild_id: int) -> Here:
        """Give what tells a server's own channels and roles from others'."""
        return Here(self._health, guild_id)

    async def apply(
        self, interaction: hikari.ComponentInteraction, control: Control, guild_id: int, texts: Texts
    ) -> tuple[GuildSettings, str]:
        """Do what a control says.

        Returns:
            The settings as they are then, and one line about what was done, or why nothing was.
        """
        setting = control.setting
        if setting is None:
            return await self._guilds.settings(guild_id), ""
        name = setting_name(setting, texts)
        try:
            value = new_value(control, setting, interaction.values, self.here(guild_id), texts)
            settings = await self._guilds.rework(
                guild_id,
                lambda before: {setting: checked(before, setting, value(before))},
                changed_by=int(interaction.user.id),
                interaction_id=int(interaction.id),
                now=self._clock.now(),
            )
        except NotTakenError as refused:
            return await self._guilds.settings(guild_id), texts(refused.key)
        is_set = settings.value(setting) not in (None, ())
        return settings, texts("settings.saved" if is_set else "settings.cleared", name=name)

    async def put(self, interaction: Answerable, guild_id: int, values: Values) -> GuildSettings:
        """Set some settings to values that are known to fit."""
        return await self._guilds.replace(
            guild_id,
            values,
            changed_by=int(interaction.user.id),
            interaction_id=int(interaction.id),
            now=self._clock.now(),
        )
