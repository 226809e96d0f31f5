"""Pinned messages of a channel."""

from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.errors import refusal
from discord_sandbox.forms.message import AllowedMentions, Draft
from discord_sandbox.intents import Intent
from discord_sandbox.world import messages
from discord_sandbox.world.model import Channel, Json, Message, MessageType, User
from discord_sandbox.world.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def pinned(channel: Channel) -> list[Message]:
    """Give the pinned messages of a channel, the one pinned last first."""
    found = [one for one in channel.log if one.pinned_at is not None]
    return sorted(found, key=lambda one: one.pinned_at or "", reverse=True)


def pin(store: "Store", user: User, message: Message) -> None:
    """Pin a message for somebody; a notice in the channel says so. Nothing happens if it is pinned.

    Raises:
        ApiError: 50001, 50013, 50021 (a notice of Discord's own), 50083, 30003.
    """
    channel = message.channel
    _require(store, user, message)
    if message.pinned_at is not None:
        return
    if sum(one.pinned_at is not None for one in channel.log) >= limits.PINS:
        raise refusal(30003)
    message.pinned_at = channel.last_pin_timestamp = store.now()
    _tell(store, message)
    reference = messages.reference_to(message)
    draft = Draft(content="", allowed=AllowedMentions())
    messages.post(store, user, channel, draft, kind=MessageType.PINNED, reference=reference)


def unpin(store: "Store", user: User, message: Message) -> None:
    """Unpin a message for somebody; nothing happens if it is not pinned.

    Raises:
        ApiError: 50001, 50013, 50021, 50083.
    """
    _require(store, user, message)
    if message.pinned_at is None:
        return
    message.pinned_at = None
    left = pinned(message.channel)
    message.channel.last_pin_timestamp = left[0].pinned_at if left else None
    _tell(store, message)


def _require(store: "Store", user: User, message: Message) -> None:
    store.require(user.id, message.channel, Permission.PIN_MESSAGES | Permission.READ_MESSAGE_HISTORY)
    if message.system:
        raise refusal(50021)
    if message.channel.archived:
        raise refusal(50083)


def _tell(store: "Store", message: Message) -> None:
    channel = message.channel
    described: Json = {"channel_id": str(channel.id), "last_pin_timestamp": channel.last_pin_timestamp}
    if channel.guild_id is not None:
        described["guild_id"] = str(channel.guild_id)
    intent = Intent.GUILDS if channel.guild is not None else Intent.DIRECT_MESSAGES
    store.emit("CHANNEL_PINS_UPDATE", intent, lambda: described, channel)
    messages.changed(store, message)
