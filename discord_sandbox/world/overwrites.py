"""Permission overwrites of channels: setting them, taking them away, and who may."""

from typing import TYPE_CHECKING

from discord_sandbox.errors import refusal
from discord_sandbox.world import channels
from discord_sandbox.world.model import Channel, Guild, Overwrite, User
from discord_sandbox.world.permissions import Permission, in_guild

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

Overwrites = dict[int, Overwrite]


def put(store: "Store", channel: Channel, overwrite: Overwrite) -> None:
    """Set what a channel grants to or takes from one role or member."""
    channels.change(store, channel, {"overwrites": {**channel.overwrites, overwrite.id: overwrite}})


def remove(store: "Store", channel: Channel, target_id: int) -> None:
    """Take an overwrite away.

    Raises:
        ApiError: 10009, the channel has none for this role or member.
    """
    if target_id not in channel.overwrites:
        raise refusal(10009)
    kept = {key: one for key, one in channel.overwrites.items() if key != target_id}
    channels.change(store, channel, {"overwrites": kept})


def require_grants(
    store: "Store", by: User, guild: Guild, channel: Channel | None, new: Overwrites, old: Overwrites
) -> None:
    """Refuse with 50013 who would grant or take what they do not hold themselves.

    Args:
        store: Where it all is.
        by: Who sets the overwrites.
        guild: Where the channel is.
        channel: The channel; None for one that is only being made. There, only administrators set
            MANAGE_ROLES (page resources/guild, "Create Guild Channel").
        new: The overwrites as they shall be.
        old: The overwrites as they are.
    """
    changed = 0
    for key in new.keys() | old.keys():
        before, after = old.get(key) or Overwrite(key, 0), new.get(key) or Overwrite(key, 0)
        changed |= (before.allow ^ after.allow) | (before.deny ^ after.deny)
    held = in_guild(guild, guild.members[by.id])
    if channel is None:
        held &= held if held & Permission.ADMINISTRATOR else ~int(Permission.MANAGE_ROLES)
    elif _has_roles_overwrite(guild, by, channel):
        return
    elif channel.parent is not None:
        held |= store.permissions(by.id, channel.parent)
    if changed & ~held:
        raise refusal(50013)


def _has_roles_overwrite(guild: Guild, user: User, channel: Channel) -> bool:
    """Whether the channel itself lets somebody manage permissions; they may then set any."""
    targets = (user.id, guild.id, *guild.members[user.id].roles)
    return any(
        one.allow & Permission.MANAGE_ROLES
        for target in targets
        if (one := channel.overwrites.get(target)) is not None
    )
