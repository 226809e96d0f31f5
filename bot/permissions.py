"""Who may do what, worked out from roles and overwrites: for the bot in a channel, and for people."""

from collections.abc import Iterable, Mapping
from typing import Final

import hikari

from bot.guild_settings import GuildSettings

TO_SHOW_TASKS: Final = (
    hikari.Permissions.VIEW_CHANNEL,
    hikari.Permissions.CREATE_PRIVATE_THREADS,
    hikari.Permissions.SEND_MESSAGES_IN_THREADS,
    hikari.Permissions.EMBED_LINKS,
    hikari.Permissions.MANAGE_THREADS,
)
"""Without these the bot cannot open and fill a private thread, or let into it whom nobody else may."""

FOR_TASKS: Final = (
    *TO_SHOW_TASKS,
    hikari.Permissions.READ_MESSAGE_HISTORY,
)
"""What the bot needs in a task channel: to open, fill, find again and close private threads."""

FOR_LOG: Final = (hikari.Permissions.VIEW_CHANNEL, hikari.Permissions.SEND_MESSAGES)
"""What the bot needs in a log channel."""

FOR_ANNOUNCEMENTS: Final = (
    *FOR_LOG,
    hikari.Permissions.EMBED_LINKS,
    hikari.Permissions.READ_MESSAGE_HISTORY,
)
"""What the bot needs in an announcement channel: boards are embeds, and looked for after an outage."""


def permissions_in(
    channel: hikari.PermissibleGuildChannel,
    *,
    owner_id: int,
    member_id: int,
    role_ids: Iterable[int],
    roles: Mapping[hikari.Snowflake, hikari.Role],
) -> hikari.Permissions:
    """Work out what a member may do in a channel, by Discord's order of rules.

    Args:
        channel: the channel, whose guild is the member's.
        owner_id: the guild's owner, who may do everything.
        member_id: the member.
        role_ids: the member's roles; the role that everybody has need not be among them.
        roles: the guild's roles by id.
    """
    if member_id == owner_id:
        return hikari.Permissions.all_permissions()
    everyone = int(channel.guild_id)
    held = {int(role_id) for role_id in role_ids} - {everyone}
    granted = hikari.Permissions.NONE
    for role_id in (everyone, *held):
        role = roles.get(hikari.Snowflake(role_id))
        if role is not None:
            granted |= role.permissions
    if granted & hikari.Permissions.ADMINISTRATOR:
        return hikari.Permissions.all_permissions()

    overwrites = {int(target): rule for target, rule in channel.permission_overwrites.items()}
    allow = deny = hikari.Permissions.NONE
    for role_id in held:
        if rule := overwrites.get(role_id):
            allow |= rule.allow
            deny |= rule.deny
    for_everyone, for_member = overwrites.get(everyone), overwrites.get(member_id)
    if for_everyone:
        granted = (granted & ~for_everyone.deny) | for_everyone.allow
    granted = (granted & ~deny) | allow
    if for_member:
        granted = (granted & ~for_member.deny) | for_member.allow
    return granted if granted & hikari.Permissions.VIEW_CHANNEL else hikari.Permissions.NONE


def missing(
    granted: hikari.Permissions, needed: Iterable[hikari.Permissions]
) -> tuple[hikari.Permissions, ...]:
    """Return what is needed and not granted, in the order of `needed`.

    Who cannot see a channel lacks everything there; then seeing it is the one thing to mend first.
    """
    wanted = tuple(needed)
    if hikari.Permissions.VIEW_CHANNEL in wanted and not granted & hikari.Permissions.VIEW_CHANNEL:
        return (hikari.Permissions.VIEW_CHANNEL,)
    return tuple(permission for permission in wanted if not granted & permission)


def may_manage_guild(permissions: hikari.Permissions) -> bool:
    """Tell whether a member with these permissions may change the server's settings."""
    return bool(permissions & (hikari.Permissions.MANAGE_GUILD | hikari.Permissions.ADMINISTRATOR))


def is_moderator(permissions: hikari.Permissions, role_ids: Iterable[int], settings: GuildSettings) -> bool:
    """Tell whether a member moderates this server: by its moderator role, Manage Messages or more."""
    if permissions & (hikari.Permissions.MANAGE_MESSAGES | hikari.Permissions.ADMINISTRATOR):
        return True
    return settings.moderator_role is not None and settings.moderator_role in {int(r) for r in role_ids}


def may_see(permissions: hikari.Permissions) -> bool:
    """Tell whether a member with these permissions in a channel sees what stands there."""
    return bool(permissions & (hikari.Permissions.VIEW_CHANNEL | hikari.Permissions.ADMINISTRATOR))
