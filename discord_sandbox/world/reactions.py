"""Reactions: added, taken back and cleared, with the events that the bot hears."""

import re
from typing import TYPE_CHECKING

from discord_sandbox import limits
from discord_sandbox.errors import refusal
from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Json, Message, User
from discord_sandbox.world.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


_SIGN = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
    "\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
_EMOJI = re.compile(
    f"{_SIGN}(\u200d{_SIGN})*|[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3",
)
"""One emoji (Unicode UTS 51): signs joined to one, a flag, or a key; from where Unicode keeps emojis."""


def require_emoji(emoji: str) -> None:
    """Refuse with 10014 what is not one emoji, or a custom one: the sandbox has none of those."""
    if _EMOJI.fullmatch(emoji) is None:
        raise refusal(10014)


def react(store: "Store", user: User, message: Message, emoji: str) -> None:
    """Add somebody's reaction to a message, after checking that they may.

    Raises:
        ApiError: 10014, 30010, 50001, 50013, 50083, 90001 (the author blocked them).
    """
    require_emoji(emoji)
    channel = message.channel
    new = emoji not in message.reactions
    store.require(
        user.id, channel, Permission.READ_MESSAGE_HISTORY | (Permission.ADD_REACTIONS if new else 0)
    )
    if channel.archived:
        raise refusal(50083)
    if user.id in message.author.blocks:
        raise refusal(90001)
    if new and len(message.reactions) >= limits.REACTIONS:
        raise refusal(30010)
    who = message.reactions.setdefault(emoji, [])
    if user.id not in who:
        who.append(user.id)
        store.journal.reacted(user, message, emoji)
        _event(store, "MESSAGE_REACTION_ADD", message, emoji=emoji, user=user)


def unreact(store: "Store", user: User, message: Message, emoji: str) -> None:
    """Take somebody's reaction from a message; nothing happens if there is none.

    Raises:
        ApiError: 10014, 50083.
    """
    require_emoji(emoji)
    _require_open(message)
    who = message.reactions.get(emoji, [])
    if user.id in who:
        who.remove(user.id)
        if not who:
            del message.reactions[emoji]
        _event(store, "MESSAGE_REACTION_REMOVE", message, emoji=emoji, user=user)


def clear(store: "Store", message: Message, emoji: str | None = None) -> None:
    """Take all reactions from a message, or those with one emoji; the event comes even if there were none.

    Raises:
        ApiError: 10014, 50083.
    """
    _require_open(message)
    if emoji is None:
        message.reactions.clear()
        _event(store, "MESSAGE_REACTION_REMOVE_ALL", message)
    else:
        require_emoji(emoji)
        message.reactions.pop(emoji, None)
        _event(store, "MESSAGE_REACTION_REMOVE_EMOJI", message, emoji=emoji)


def _require_open(message: Message) -> None:
    if message.channel.archived:
        raise refusal(50083)


def _event(
    store: "Store", name: str, message: Message, *, emoji: str | None = None, user: User | None = None
) -> None:
    channel = message.channel
    described: Json = {"channel_id": str(channel.id), "message_id": str(message.id)}
    if emoji is not None:
        described["emoji"] = payloads.emoji(emoji)
    if user is not None:
        described |= {"user_id": str(user.id), "burst": False, "type": 0}
    intent = Intent.DIRECT_MESSAGE_REACTIONS
    if channel.guild is not None:
        intent = Intent.GUILD_MESSAGE_REACTIONS
        described["guild_id"] = str(channel.guild_id)
        if name == "MESSAGE_REACTION_ADD" and user and (member := channel.guild.members.get(user.id)):
            described["member"] = payloads.member(member)
            described["message_author_id"] = str(message.author.id)
    store.emit(name, intent, lambda: described, channel)
    store.feed.notify(store.audience(message))
