"""Which messages the bot may read, and what it gets of the others (page events/gateway, message content)."""

from typing import TYPE_CHECKING

from discord_sandbox.intents import Intent
from discord_sandbox.world.model import Json, Message

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def always_open(store: "Store", message: Message) -> bool:
    """Whether the bot may read a message without the intent for message content.

    That is its own messages, direct and ephemeral ones, those that mention it, and replies that ping it for a
    message that it wrote without an interaction (page gateway/you-might-not-need-a-privileged-intent). The
    target of a message command is open too, but only inside that interaction.
    """
    bot = store.bot
    if message.author is bot or message.channel.guild_id is None or message.ephemeral:
        return True
    if bot.id not in message.mentions:
        return False
    if f"<@{bot.id}>" in message.content or f"<@!{bot.id}>" in message.content:
        return True
    answered = message.answered
    return answered is not None and answered.author is bot and answered.interaction_metadata is None


def open_to_rest(store: "Store") -> bool:
    """Whether the bot may read all messages over REST: there the portal decides, not what a session wants."""
    return bool(store.privileged_intents & Intent.MESSAGE_CONTENT)


def readable(store: "Store", message: Message) -> bool:
    """Whether the bot may read a message over REST."""
    return open_to_rest(store) or always_open(store, message)


def guarded(store: "Store", message: Message) -> bool:
    """Whether there is anything in a message, or in the one that it answers, that needs the intent."""
    answered = message.answered
    return not always_open(store, message) or (answered is not None and not always_open(store, answered))


def closed(store: "Store", message: Message, described: Json) -> Json:
    """Give a described message as the bot gets it without the intent."""
    found = described if always_open(store, message) else _emptied(described)
    inner = described.get("referenced_message")
    if inner and message.answered is not None and not always_open(store, message.answered):
        return {**found, "referenced_message": _emptied(inner)}
    return found


def _emptied(described: Json) -> Json:
    """Leave out what people put into a message, or forwarded with it; a poll is not there at all."""
    empty = {**described, "content": "", "embeds": [], "attachments": [], "components": []}
    empty.pop("poll", None)
    if "message_snapshots" in empty:
        forwarded = [one["message"] for one in empty["message_snapshots"]]
        empty["message_snapshots"] = [{"message": _emptied(one)} for one in forwarded]
    return empty
