"""Whether the channels, roles and languages of a server's settings can be used."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import hikari
from loguru import logger

from bot.guild_settings import CHANNELS, ROLES, GuildSetting, GuildSettings, TaskDisplay
from bot.outgoing import repeat_safely
from bot.permissions import FOR_ANNOUNCEMENTS, FOR_LOG, FOR_TASKS, missing, permissions_in

NEEDED: Final[Mapping[GuildSetting, tuple[hikari.Permissions, ...]]] = {
    GuildSetting.task_channel: FOR_TASKS,
    GuildSetting.log_channel: FOR_LOG,
    GuildSetting.announcement_channel: FOR_ANNOUNCEMENTS,
}
"""What the bot needs in the channel that a setting names."""

_TEXT: Final = (hikari.ChannelType.GUILD_TEXT,)
CHANNEL_TYPES: Final[Mapping[GuildSetting, tuple[hikari.ChannelType, ...]]] = {
    GuildSetting.task_channel: _TEXT,
    GuildSetting.log_channel: _TEXT,
    GuildSetting.announcement_channel: (*_TEXT, hikari.ChannelType.GUILD_NEWS),
}
"""The kinds of channel that a setting takes; private threads need a text channel."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether what a setting names can be used.

    Attributes:
        gone: the channel or role no longer exists here, or the bot is not told of it.
        missing: the permissions that the bot lacks in the channel.
        missing_here: those that it lacks for tasks where the settings are looked at: tasks open where they
            are asked for.
        unknown: Discord did not say.
        not_offered: the default language is not among those that are offered.
    """

    gone: bool = False
    missing: tuple[hikari.Permissions, ...] = ()
    missing_here: tuple[hikari.Permissions, ...] = ()
    unknown: bool = False
    not_offered: bool = False

    @property
    def is_good(self) -> bool:
        """Whether nothing is amiss."""
        return self == GOOD


GOOD: Final = Health()


class GuildHealth:
    """Looks at what settings name, as it is now.

    Args:
        cache: holds the servers, their channels and roles.
        rest: asked for each channel anew: the gateway does not tell of every change to a channel that the bot
            cannot see.
    """

    def __init__(self, cache: hikari.api.Cache, rest: hikari.api.RESTClient) -> None:
        self._cache = cache
        self._rest = rest

    async def of(
        self,
        settings: GuildSettings,
        guild_id: int,
        which: Iterable[GuildSetting],
        *,
        granted_here: hikari.Permissions | None,
    ) -> dict[GuildSetting, Health]:
        """Look at some settings of a server.

        Args:
            settings: as they stand.
            guild_id: the server.
            which: the settings to look at.
            granted_here: what the bot may do in the channel where this is asked; None where nobody tells.

        Returns:
            The health of each that is set and names a channel, a role or the default language; and of the
            task channel where it is not set, so that threads open where tasks are asked for.
        """
        found: dict[GuildSetting, Health] = {}
        for setting in which:
            value = settings.value(setting)
            if value is None:
                opens_here = (
                    setting is GuildSetting.task_channel and settings.task_display is TaskDisplay.thread
                )
                if opens_here and granted_here is not None:
                    found[setting] = Health(missing_here=missing(granted_here, FOR_TASKS))
                continue
            if setting in (*CHANNELS, *ROLES):
                found[setting] = await self._look(setting, value, guild_id)
            elif setting is GuildSetting.language:
                offered: Collection[str] = settings.languages or (value,)
                found[setting] = Health(not_offered=value not in offered)
        return found

    def belongs_here(self, setting: GuildSetting, value: int, guild_id: int) -> bool:
        """Tell whether an id is a channel that the setting takes, or a role, of this very server."""
        if setting in ROLES:
            role = self._cache.get_role(value)
            return role is not None and role.guild_id == guild_id
        channel = self._cache.get_guild_channel(value)
        return channel is not None and channel.guild_id == guild_id and channel.type in CHANNEL_TYPES[setting]

    async def _look(self, setting: GuildSetting, value: int, guild_id: int) -> Health:
        if not self.belongs_here(setting, value, guild_id):
            return Health(gone=True)
        if setting in ROLES:
            return GOOD
        try:
            return await self._look_at_channel(value, guild_id, NEEDED[setting])
        except hikari.ForbiddenError:
            return Health(missing=(hikari.Permissions.VIEW_CHANNEL,))
        except hikari.NotFoundError:
            return Health(gone=True)
        except hikari.HikariError as error:
            logger.warning("Discord did not tell of channel {}: {}", value, type(error).__name__)
            return Health(unknown=True)

    async def _look_at_channel(
        self, channel_id: int, guild_id: int, needed: Iterable[hikari.Permissions]
    ) -> Health:
        guild, me = self._cache.get_guild(guild_id), self._cache.get_me()
        channel = await repeat_safely(self._rest.fetch_channel, channel_id)
        if guild is None or me is None or not isinstance(channel, hikari.PermissibleGuildChannel):
            return Health(gone=True)
        member = self._cache.get_member(guild_id, me.id)
        if member is None:
            member = await repeat_safely(self._rest.fetch_member, guild_id, me.id)
        granted = permissions_in(
            channel,
            owner_id=int(guild.owner_id),
            member_id=int(me.id),
            role_ids=[int(role_id) for role_id in member.role_ids],
            roles=guild.get_roles(),
        )
        return Health(missing=missing(granted, needed))
