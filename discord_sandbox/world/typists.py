"""Who is typing where, as others see it for ten seconds."""

from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Channel, Json, User

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def begin(store: "Store", channel: Channel, user: User) -> None:
    """Let others see that somebody types in a channel; whether they may is for the caller to check."""
    now = store.clock()
    channel.typing[user.id] = now + limits.TYPING_SECONDS
    described: Json = {"channel_id": str(channel.id), "user_id": str(user.id), "timestamp": int(now)}
    intent = Intent.DIRECT_MESSAGE_TYPING
    if channel.guild is not None:
        intent = Intent.GUILD_MESSAGE_TYPING
        described["guild_id"] = str(channel.guild_id)
        described["member"] = payloads.member(channel.guild.members[user.id])
    store.emit("TYPING_START", intent, lambda: described, channel)
    watchers = store.watchers(channel)
    store.clock.call_later(limits.TYPING_SECONDS, lambda: store.feed.notify(watchers))
    store.feed.notify(watchers)


def end(channel: Channel, user: User) -> None:
    """Let nobody see any more that somebody types: their message is there."""
    channel.typing.pop(user.id, None)


def typing(store: "Store", channel: Channel) -> list[User]:
    """Give who is typing in a channel, who began first before the others."""
    now = store.clock()
    return [store.users[user_id] for user_id, until in channel.typing.items() if until > now]
