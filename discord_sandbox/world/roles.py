"""Roles: made, changed, moved and deleted, and who stands above whom."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Guild, Member, Role

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

Rank = tuple[float, int]
"""How high a role or member stands: the greater, the higher."""


def rank(role: Role) -> Rank:
    """Give how high a role stands; of two at one position, the older one stands higher.

    The page topics/permissions says that such roles are sorted by id.
    """
    return role.position, -role.id


def rank_of(guild: Guild, member: Member) -> Rank:
    """Give how high a member stands: by their highest role, and the owner above all."""
    if member.user.id == guild.owner_id:
        return float("inf"), 0
    return max((rank(guild.roles[one]) for one in member.roles), default=rank(guild.roles[guild.id]))


def add(store: "Store", guild: Guild, role: Role) -> None:
    """Put a role into a guild."""
    guild.roles[role.id] = role
    _event(store, guild, "GUILD_ROLE_CREATE", role)


def changed(store: "Store", guild: Guild, role: Role) -> None:
    """Tell the bot and everybody that a role is not as it was."""
    _event(store, guild, "GUILD_ROLE_UPDATE", role)


def move(store: "Store", guild: Guild, positions: Mapping[int, int]) -> None:
    """Give roles other positions.

    Args:
        store: Where the guild is.
        guild: The guild.
        positions: The new positions by the roles' ids.
    """
    for role_id, position in positions.items():
        role = guild.roles[role_id]
        if role.position != position:
            role.position = position
            changed(store, guild, role)


def remove(store: "Store", guild: Guild, role: Role) -> None:
    """Take a role out of a guild and away from everybody who has it."""
    guild.roles.pop(role.id, None)
    for member in guild.members.values():
        if role.id in member.roles:
            member.roles.remove(role.id)
    for channel in guild.channels.values():
        channel.overwrites.pop(role.id, None)
    store.forget_permissions()
    described = {"guild_id": str(guild.id), "role_id": str(role.id)}
    store.emit("GUILD_ROLE_DELETE", Intent.GUILDS, lambda: described, guild=guild)


def _event(store: "Store", guild: Guild, name: str, role: Role) -> None:
    store.forget_permissions()
    described = {"guild_id": str(guild.id), "role": payloads.role(role)}
    store.emit(name, Intent.GUILDS, lambda: described, guild=guild)
