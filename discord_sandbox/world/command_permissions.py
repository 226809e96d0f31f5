"""Who may use a command in a guild: what its managers set for roles, people and channels.

The rules are those of the page interactions/application-commands, "Permissions".
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.intents import Intent
from discord_sandbox.world.commands import IN_BOT_DM, IN_GUILD, Command
from discord_sandbox.world.model import Channel, Guild, Json, Member
from discord_sandbox.world.permissions import ALL, Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

Overwrites = dict[tuple[int, int], bool]


class Target(IntEnum):
    """For whom or where something is set."""

    ROLE = 1
    USER = 2
    CHANNEL = 3


def set_permission(
    store: "Store", guild: Guild, command: Command | None, target: tuple[Target, int], *, allow: bool | None
) -> None:
    """Set, or take back, whether somebody may use a command, or whether it can be used in a channel.

    Args:
        store: Where the guild is.
        guild: The guild.
        command: The command; None for all that have nothing of their own.
        target: For whom; the guild's id as a role is everyone, one less as a channel is all channels.
        allow: Whether they may; None takes back what is set.

    Raises:
        ValueError: There are 100 already.
    """
    key = store.bot.id if command is None else command.id
    overwrites = guild.command_permissions.setdefault(key, {})
    if allow is None:
        overwrites.pop(target, None)
    elif target not in overwrites and len(overwrites) >= limits.COMMAND_OVERWRITES:
        raise ValueError(f"a command can have {limits.COMMAND_OVERWRITES} permissions at most")
    else:
        overwrites[target] = allow
    described = describe(store, guild, key)
    if not overwrites:
        del guild.command_permissions[key]
    store.emit("APPLICATION_COMMAND_PERMISSIONS_UPDATE", Intent.NONE, lambda: described, guild=guild)
    store.feed.notify()


def describe(store: "Store", guild: Guild, key: int) -> Json:
    """Describe what is set for a command, by its id, or for all of them, by the application's id."""
    return {
        "id": str(key),
        "application_id": str(store.bot.id),
        "guild_id": str(guild.id),
        "permissions": [
            {"id": str(target_id), "type": int(kind), "permission": allow}
            for (kind, target_id), allow in guild.command_permissions.get(key, {}).items()
        ],
    }


def forget(store: "Store", commands: Iterable[Command]) -> None:
    """Drop what was set for commands that were deleted or renamed, in every guild."""
    for command in commands:
        for guild in store.guilds.values():
            guild.command_permissions.pop(command.id, None)


def may_use(store: "Store", user_id: int, command: Command, channel: Channel, *, adult_dms: bool) -> bool:
    """Whether a person is offered a command in a channel.

    Args:
        store: Where permissions are looked up.
        user_id: The person.
        command: The command.
        channel: The channel, thread or direct message with the bot.
        adult_dms: Whether the person takes age-restricted commands in direct messages.
    """
    guild = channel.guild
    if guild is None:
        mutual = any(store.bot.id in one.members for one in store.guilds_of(user_id))
        return mutual and command.works_in(IN_BOT_DM) and (adult_dms or not command.body["nsfw"])
    member = guild.members.get(user_id)
    if member is None or store.bot.id not in guild.members or not command.works_in(IN_GUILD):
        return False
    home = channel.parent if channel.thread is not None and channel.parent is not None else channel
    if command.body["nsfw"] and not home.nsfw:
        return False
    bits = store.permissions(user_id, channel)
    if bits == ALL:
        return True
    if not bits & Permission.USE_APPLICATION_COMMANDS:
        return False
    return _granted(guild, member, command, home, bits, store.bot.id)


def _granted(
    guild: Guild, member: Member, command: Command, home: Channel, bits: int, application_id: int
) -> bool:
    own = guild.command_permissions.get(command.id, {})
    rules = own or guild.command_permissions.get(application_id, {})
    everywhere = rules.get((Target.CHANNEL, guild.id - 1), True)
    if not rules.get((Target.CHANNEL, home.id), everywhere):
        return False
    verdict = _verdict(rules, guild, member)
    if verdict is False or (verdict is True and own):
        return verdict
    # What is set for all commands can take one away, but does not give one that needs more.
    needed = command.body["default_member_permissions"]
    return needed is None or (int(needed) != 0 and not int(needed) & ~bits)


def _verdict(rules: Overwrites, guild: Guild, member: Member) -> bool | None:
    """Give what is set for a member: for themselves, else for their roles, else for everyone."""
    own = rules.get((Target.USER, member.user.id))
    if own is not None:
        return own
    by_roles = [rules[Target.ROLE, one] for one in member.roles if (Target.ROLE, one) in rules]
    return any(by_roles) if by_roles else rules.get((Target.ROLE, guild.id))
