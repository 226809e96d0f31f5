"""Members: they join, change, are timed out, leave and are banned; with the events that the bot hears."""

from typing import TYPE_CHECKING

from discord_sandbox.intents import Intent
from discord_sandbox.world import messages, payloads
from discord_sandbox.world.model import Ban, Guild, Member, User
from discord_sandbox.world.permissions import Permission, in_guild
from discord_sandbox.world.snowflake import seconds_of

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def add(store: "Store", guild: Guild, user: User, roles: list[int]) -> Member:
    """Let a user join a guild."""
    member = Member(user, store.now(), roles)
    guild.members[user.id] = member
    store.emit(
        "GUILD_MEMBER_ADD",
        Intent.GUILD_MEMBERS,
        lambda: {**payloads.member(member), "guild_id": str(guild.id)},
        guild=guild,
    )
    store.forget_permissions()
    return member


def remove(store: "Store", guild: Guild, user: User) -> None:
    """Let a user leave a guild, and with it all its threads."""
    if guild.members.pop(user.id, None) is None:
        return
    leave_threads(guild, user)
    store.journal.note("{} left {}", user.name, guild.name)
    described = {"guild_id": str(guild.id), "user": user.payload}
    store.emit("GUILD_MEMBER_REMOVE", Intent.GUILD_MEMBERS, lambda: described, guild=guild)
    store.forget_permissions()


def leave_threads(guild: Guild, user: User) -> None:
    """Take a user out of all threads of a guild."""
    for thread in guild.threads.values():
        if thread.thread is not None:
            thread.thread.members.pop(user.id, None)


def changed(store: "Store", guild: Guild, member: Member) -> None:
    """Tell the bot and everybody that a member's roles, name or time-out are not as they were."""
    intent = Intent.GUILDS if member.user is store.bot else Intent.GUILD_MEMBERS
    store.forget_permissions()
    store.emit(
        "GUILD_MEMBER_UPDATE",
        intent,
        lambda: {**payloads.member(member), "guild_id": str(guild.id)},
        guild=guild,
    )


def time_out(store: "Store", guild: Guild, member: Member, until: float | None) -> None:
    """Let a member do nothing but read until a moment, Unix seconds; None ends it at once."""
    member.timed_out_until = until
    changed(store, guild, member)
    if until is not None and until > store.clock():
        store.clock.call_later(until - store.clock(), store.forget_permissions)


def ban(store: "Store", guild: Guild, user: User, reason: str | None, delete_seconds: int = 0) -> None:
    """Put a user out of a guild for good, whether or not they are in it.

    Args:
        store: Where the guild is.
        guild: The guild.
        user: Whom.
        reason: Why; shown in the list of bans.
        delete_seconds: How far back their messages are deleted.
    """
    if user.id in guild.bans:
        return
    guild.bans[user.id] = Ban(user, reason)
    remove(store, guild, user)
    _ban_event(store, guild, "GUILD_BAN_ADD", user)
    oldest = store.clock() - delete_seconds
    for channel in (*guild.channels.values(), *guild.threads.values()):
        for message in [one for one in channel.log if one.author is user and seconds_of(one.id) > oldest]:
            messages.delete(store, message)


def unban(store: "Store", guild: Guild, user: User) -> None:
    """Let a user join again who was banned."""
    if guild.bans.pop(user.id, None) is not None:
        _ban_event(store, guild, "GUILD_BAN_REMOVE", user)


def _ban_event(store: "Store", guild: Guild, name: str, user: User) -> None:
    bot = guild.members.get(store.bot.id)
    # Only bots that may ban hear of bans (page events/gateway-events).
    if bot is None or not in_guild(guild, bot) & Permission.BAN_MEMBERS:
        return
    described = {"guild_id": str(guild.id), "user": user.payload}
    store.emit(name, Intent.GUILD_MODERATION, lambda: described, guild=guild)
