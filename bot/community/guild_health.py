"""Whether the channels and the role of a server's settings can be used, from what the gateway told."""

from collections.abc import Iterable
from typing import Final

import hikari

from bot.community.permissions import FOR_LOG, FOR_TASKS, missing, permissions_in
from bot.community.settings_panel import Health
from bot.store.guilds import GuildSetting, GuildSettings

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
        rest: asked for the bot's own member where the cache does not hold it.

    Raises:
        hikari.HikariError: Discord did not give the bot's own member.
    """
    found = {}
    for setting in GuildSetting:
        value = settings.value(setting)
        if value is not None:
            found[setting] = await _health(setting, value, guild_id, cache, rest)
    return found


def belongs_here(setting: GuildSetting, value: int, guild_id: int, cache: hikari.api.Cache) -> bool:
    """Tell whether a chosen id is a text channel, or a role, of this very server."""
    if setting is GuildSetting.moderator_role:
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
    guild, channel, me = cache.get_guild(guild_id), cache.get_guild_channel(value), cache.get_me()
    needed = _NEEDED.get(setting)
    if needed is None or guild is None or me is None or not isinstance(channel, hikari.GuildTextChannel):
        return Health()
    member = cache.get_member(guild_id, me.id) or await rest.fetch_member(guild_id, me.id)
    granted = permissions_in(
        channel,
        owner_id=int(guild.owner_id),
        member_id=int(me.id),
        role_ids=[int(role_id) for role_id in member.role_ids],
        roles=guild.get_roles(),
    )
    return Health(missing=missing(granted, needed))
