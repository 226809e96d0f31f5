"""Channels: made, changed and deleted, with the events that the bot hears."""

from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.errors import refusal
from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Channel, ChannelType, Guild, Json, Overwrite

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def create(
    store: "Store",
    guild: Guild,
    name: str,
    kind: ChannelType = ChannelType.TEXT,
    settings: Json | None = None,
) -> Channel:
    """Make a channel in a guild.

    Args:
        store: Where it goes.
        guild: Its guild.
        name: 1 to 100 characters, checked by the caller.
        kind: Text, announcement, forum or category.
        settings: Other attributes of the channel by their names in `Channel`, checked by the caller. Without
            `overwrites`, a channel in a category has those of the category.

    Raises:
        ApiError: 30013, the guild has no room for more channels.
    """
    if len(guild.channels) >= limits.GUILD_CHANNELS:
        raise refusal(30013)
    channel = Channel(store.snowflakes.next(), kind, name, guild, position=len(guild.channels))
    for key, value in (settings or {}).items():
        setattr(channel, key, value)
    if channel.parent is not None and "overwrites" not in (settings or {}):
        channel.overwrites = dict(channel.parent.overwrites)
    guild.channels[channel.id] = channel
    store.channels[channel.id] = channel
    store.emit_channel("CHANNEL_CREATE", channel)
    # A category is seen by who sees one of its channels, so it may be seen, or not, from now on.
    store.visibility.check()
    store.feed.notify()
    return channel


def change(store: "Store", channel: Channel, changes: Json) -> None:
    """Change a channel of a guild.

    Args:
        store: Where it is.
        channel: The channel.
        changes: Attributes of the channel by their names in `Channel`, checked by the caller.
    """
    told: set[int] = set()
    for key, value in changes.items():
        if key != "overwrites":
            setattr(channel, key, value)
    if "overwrites" in changes:
        told = _set_overwrites(store, channel, changes["overwrites"])
    if channel.id not in told:
        changed(store, channel)
    store.visibility.check()


def _set_overwrites(store: "Store", channel: Channel, overwrites: dict[int, Overwrite]) -> set[int]:
    """Set all overwrites of a channel, and of those that are synced to it if it is a category.

    A channel is synced while it has exactly its category's overwrites (page topics/permissions, "Permission
    Syncing").

    Returns:
        The ids of the channels that the bot was told of, because it sees them now or sees them no more.
    """
    bits = _bits(channel)
    synced = [one for one in within(channel) if _bits(one) == bits]
    for one in (channel, *synced):
        one.overwrites = dict(overwrites)
    told = store.forget_permissions()
    for one in synced:
        if one.id not in told:
            changed(store, one)
    return told


def _bits(channel: Channel) -> dict[int, tuple[int, int]]:
    return {key: (one.allow, one.deny) for key, one in channel.overwrites.items() if one.allow or one.deny}


def changed(store: "Store", channel: Channel) -> None:
    """Tell the bot and everybody that a channel or thread is not as it was."""
    if channel.thread is None:
        store.emit_channel("CHANNEL_UPDATE", channel)
    else:
        store.emit("THREAD_UPDATE", Intent.GUILDS, lambda: payloads.channel(channel), channel)
    store.feed.notify()


def within(category: Channel) -> list[Channel]:
    """Give the channels of a category; none for any other channel."""
    if category.guild is None or category.type is not ChannelType.CATEGORY:
        return []
    return [one for one in category.guild.channels.values() if one.parent is category]


def delete(store: "Store", channel: Channel) -> None:
    """Delete a channel or thread with all its messages, and a channel's threads with it.

    The channels of a category stay, without a category.
    """
    guild = channel.guild
    if guild is None:
        return
    for thread in [thread for thread in guild.threads.values() if thread.parent is channel]:
        delete(store, thread)
    for orphan in within(channel):
        change(store, orphan, {"parent": None})
    if channel.thread is None:
        store.emit_channel("CHANNEL_DELETE", channel)
    else:
        store.emit("THREAD_DELETE", Intent.GUILDS, lambda: payloads.deleted_thread(channel), channel)
    store.journal.note("#{} was deleted", channel.name)
    store.channels.pop(channel.id, None)
    guild.channels.pop(channel.id, None)
    guild.threads.pop(channel.id, None)
    for message in channel.messages.values():
        message.deleted = True
    channel.messages.clear()
    channel.log.clear()
    channel.removals += 1
    channel.deleted = True
    store.visibility.check()
    store.feed.notify()
