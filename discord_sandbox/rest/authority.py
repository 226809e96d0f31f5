"""What the bot may do in a guild as a whole, and to whom, for the routes about guilds, members and roles."""

from discord_sandbox.errors import refusal
from discord_sandbox.rest.call import Call
from discord_sandbox.world import roles
from discord_sandbox.world.model import Guild, Member, Role
from discord_sandbox.world.permissions import in_guild


def guild_of(call: Call) -> Guild:
    """Give the guild that the route names first."""
    return call.store.guild(call.id(0))


def own_member(call: Call, guild: Guild) -> Member:
    """Give the bot as a member of a guild."""
    return guild.members[call.store.bot.id]


def own_permissions(call: Call, guild: Guild) -> int:
    """Give the bits that the bot has in a guild as a whole."""
    return in_guild(guild, own_member(call, guild))


def require(call: Call, guild: Guild, needed: int) -> None:
    """Refuse with 50013 what needs a permission that the bot does not have."""
    if needed & ~own_permissions(call, guild):
        raise refusal(50013)


def require_above(call: Call, guild: Guild, other: Role | Member) -> None:
    """Refuse with 50013 what is done to a role or member that stands not below the bot.

    The rules are on the page topics/permissions, "Permission Hierarchy".
    """
    theirs = roles.rank(other) if isinstance(other, Role) else roles.rank_of(guild, other)
    if roles.rank_of(guild, own_member(call, guild)) <= theirs:
        raise refusal(50013)
