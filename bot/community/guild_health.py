"""Whether the channels and the role of a server's settings can be used."""

from collections.abc import Iterable
from typing import Final

import hikari

from bot.community.settings_panel import SHOWN, Health
from bot.guild_settings import ROLES, GuildSetting, GuildSettings
from bot.outgoing import repeat_safely
from bot.permissions import FOR_LOG, FOR_TASKS, missing, permissions_in

_NEEDED: Final[dict[GuildSetting, Iterable[hikari.Permissions]]] = {
    GuildSetting.task_channel: FOR_TASKS,
    GuildSetting.log_channel: FOR_LOG,
}


async def health_of(
    settings: GuildSettings, guild_id: int, cache: hikari.api.Cache, rest: hikari.api.RESTClient
) -> dict[GuildSetting, Health]:
    """Look at every setting that is set.

    Args:
        settings: the server's settings.
        guild_id: the server.
        cache: holds the server, its channels and roles.
        rest: asked for each channel as it is now.

    Raises:
        hikari.HikariError: Discord did not answer.
    """
    found = {}
    for setting in SHOWN:
        value = settings.value(setting)
        if value is not None:
            found[setting] = await _health(setting, value, guild_id, cache, rest)
    return found


def belongs_here(setting: GuildSetting, value: int, guild_id: int, cache: hikari.api.Cache) -> bool:
    """Tell whether a chosen id is a text channel, or a role, of this very server."""
    if setting in ROLES:
        role = cache.get_role(value)
        return role is not None and role.guild_id == guild_id
    channel = cache.get_guild_channel(value)
    return isinstance(channel, hikari.GuildTextChannel) and channel.guild_id == guild_id


async def _health(
    setting: GuildSetting,
    value: int,
    guild_id: int,
    cache: hikari.api.Cache,
    rest: hikari.api.RESTClient,
) -> Health:
    if not belongs_here(setting, value, guild_id, cache):
        return Health(gone=True)
    needed = _NEEDED.get(setting)
    if needed is None:
        return Health()
    guild, me = cache.get_guild(guild_id), cache.get_me()
    try:
        # Asked anew: the gateway does not tell of every change to a channel that the bot cannot see.
        channel = await repeat_safely(rest.fetch_channel, value)
    except hikari.ForbiddenError:
        return Health(missing=(hikari.Permissions.VIEW_CHANNEL,))
    except hikari.NotFoundError:
        return Health(gone=True)
    if guild is None or me is None or not isinstance(channel, hikari.GuildTextChannel):
        return Health(gone=True)
    member = cache.get_member(guild_id, me.id)
    if member is None:
        member = await repeat_safely(rest.fetch_member, guild_id, me.id)
    granted = permissions_in(
        channel,
        owner_id=int(guild.owner_id),
        member_id=int(me.id),
        role_ids=[int(role_id) for role_id in member.role_ids],
        roles=guild.get_roles(),
    )
    return Health(missing=missing(granted, needed))
