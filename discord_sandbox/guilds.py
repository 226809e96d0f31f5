"""Guilds, their members and their roles: every change is made here, with the events that the bot hears."""

from typing import TYPE_CHECKING

from discord_sandbox import payloads, permissions
from discord_sandbox.intents import Intent
from discord_sandbox.model import Guild, Member, Role, User

if TYPE_CHECKING:
    from discord_sandbox.store import Store


def create(store: "Store", name: str, owner: User, bot_permissions: int) -> Guild:
    """Make a guild that the bot is not in yet.

    Args:
        store: Where it goes.
        name: What it is called.
        owner: Who owns it and may do everything.
        bot_permissions: What the bot's own role will grant when the bot joins.
    """
    guild_id = store.snowflakes.next()
    bot_role = Role(store.snowflakes.next(), store.bot.name, bot_permissions, managed=True)
    guild = Guild(guild_id, name, owner.id, store.now(), bot_role)
    guild.roles[guild_id] = Role(guild_id, "@everyone", permissions.EVERYONE, position=0)
    guild.members[owner.id] = Member(owner, store.now())
    store.guilds[guild_id] = guild
    store.feed.notify()
    return guild


def let_bot_in(store: "Store", guild: Guild) -> None:
    """Let the bot join a guild, with the role that is its own."""
    guild.roles[guild.bot_role.id] = guild.bot_role
    guild.members[store.bot.id] = Member(store.bot, store.now(), [guild.bot_role.id])
    store.forget_permissions()
    described = payloads.guild_create(store, guild, joined=True)
    store.emit("GUILD_CREATE", Intent.GUILDS, lambda: described, guild=guild)


def remove_bot(store: "Store", guild: Guild) -> None:
    """Take the bot out of a guild; its role goes with it."""
    if store.bot.id not in guild.members:
        return
    store.emit("GUILD_DELETE", Intent.GUILDS, lambda: {"id": str(guild.id)}, guild=guild)
    guild.members.pop(store.bot.id)
    guild.roles.pop(guild.bot_role.id, None)
    _leave_threads(guild, store.bot)
    store.forget_permissions()


def set_outage(store: "Store", guild: Guild, *, unavailable: bool) -> None:
    """Begin or end an outage of a guild, as the bot hears of it."""
    if guild.unavailable == unavailable:
        return
    if unavailable:
        described = {"id": str(guild.id), "unavailable": True}
        store.emit("GUILD_DELETE", Intent.GUILDS, lambda: described, guild=guild)
        guild.unavailable = True
    else:
        guild.unavailable = False
        store.emit("GUILD_CREATE", Intent.GUILDS, lambda: payloads.guild_create(store, guild), guild=guild)
    store.feed.notify()


def add_member(store: "Store", guild: Guild, user: User, roles: list[int]) -> Member:
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


def remove_member(store: "Store", guild: Guild, user: User) -> None:
    """Let a user leave a guild, and with it all its threads."""
    if guild.members.pop(user.id, None) is None:
        return
    _leave_threads(guild, user)
    store.journal.note("{} left {}", user.name, guild.name)
    described = {"guild_id": str(guild.id), "user": user.payload}
    store.emit("GUILD_MEMBER_REMOVE", Intent.GUILD_MEMBERS, lambda: described, guild=guild)
    store.forget_permissions()


def _leave_threads(guild: Guild, user: User) -> None:
    for thread in guild.threads.values():
        if thread.thread is not None:
            thread.thread.members.pop(user.id, None)


def member_changed(store: "Store", guild: Guild, member: Member) -> None:
    """Tell the bot and everybody that a member's roles or name are not as they were."""
    intent = Intent.GUILDS if member.user is store.bot else Intent.GUILD_MEMBERS
    store.forget_permissions()
    store.emit(
        "GUILD_MEMBER_UPDATE",
        intent,
        lambda: {**payloads.member(member), "guild_id": str(guild.id)},
        guild=guild,
    )


def add_role(store: "Store", guild: Guild, role: Role) -> None:
    """Put a role into a guild."""
    guild.roles[role.id] = role
    _role_event(store, guild, "GUILD_ROLE_CREATE", role)


def role_changed(store: "Store", guild: Guild, role: Role) -> None:
    """Tell the bot and everybody that a role is not as it was."""
    _role_event(store, guild, "GUILD_ROLE_UPDATE", role)


def remove_role(store: "Store", guild: Guild, role: Role) -> None:
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


def _role_event(store: "Store", guild: Guild, name: str, role: Role) -> None:
    store.forget_permissions()
    described = {"guild_id": str(guild.id), "role": payloads.role(role)}
    store.emit(name, Intent.GUILDS, lambda: described, guild=guild)
