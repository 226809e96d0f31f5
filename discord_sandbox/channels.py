"""Channels: made, changed and deleted, with the events that the bot hears."""

from typing import TYPE_CHECKING

from discord_sandbox import payloads
from discord_sandbox.intents import Intent
from discord_sandbox.model import Channel, ChannelType, Guild

if TYPE_CHECKING:
    from discord_sandbox.store import Store


def create(store: "Store", guild: Guild, name: str, topic: str | None = None) -> Channel:
    """Make a text channel in a guild."""
    channel = Channel(store.snowflakes.next(), ChannelType.TEXT, name, guild, len(guild.channels), topic)
    guild.channels[channel.id] = channel
    store.channels[channel.id] = channel
    store.emit_channel("CHANNEL_CREATE", channel)
    store.feed.notify()
    return channel


def changed(store: "Store", channel: Channel) -> None:
    """Tell the bot and everybody that a channel or thread is not as it was."""
    if channel.thread is None:
        store.emit_channel("CHANNEL_UPDATE", channel)
    else:
        store.emit("THREAD_UPDATE", Intent.GUILDS, lambda: payloads.channel(channel), channel)
    store.feed.notify()


def delete(store: "Store", channel: Channel) -> None:
    """Delete a channel or thread with all its messages, and a channel's threads with it."""
    guild = channel.guild
    if guild is None:
        return
    for thread in [thread for thread in guild.threads.values() if thread.parent is channel]:
        delete(store, thread)
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
    store.feed.notify()
