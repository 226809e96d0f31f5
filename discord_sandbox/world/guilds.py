"""Guilds: made, changed, joined and left by the bot, and cut off; with the events that the bot hears."""

from typing import TYPE_CHECKING

from discord_sandbox.intents import Intent
from discord_sandbox.world import members, payloads, permissions
from discord_sandbox.world.model import Guild, Member, Role, User

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


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
    store.gateway.dispatch_guild(guild, joined=True)


def remove_bot(store: "Store", guild: Guild) -> None:
    """Take the bot out of a guild; its role goes with it."""
    if store.bot.id not in guild.members:
        return
    store.emit("GUILD_DELETE", Intent.GUILDS, lambda: {"id": str(guild.id)}, guild=guild)
    guild.members.pop(store.bot.id)
    guild.roles.pop(guild.bot_role.id, None)
    members.leave_threads(guild, store.bot)
    store.forget_permissions()


def change(
    store: "Store", guild: Guild, *, name: str | None = None, preferred_locale: str | None = None
) -> None:
    """Give a guild another name or language; None leaves it as it is."""
    guild.name = guild.name if name is None else name
    guild.preferred_locale = guild.preferred_locale if preferred_locale is None else preferred_locale
    store.emit("GUILD_UPDATE", Intent.GUILDS, lambda: payloads.guild(guild, 0), guild=guild)
    store.feed.notify()


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
        store.gateway.dispatch_guild(guild, joined=False)
    store.feed.notify()
