"""Which messages the bot may read, and what it gets of the others (page events/gateway, message content)."""

from typing import TYPE_CHECKING

from discord_sandbox.intents import Intent
from discord_sandbox.model import Json, Message

if TYPE_CHECKING:
    from discord_sandbox.store import Store


def always_open(store: "Store", message: Message) -> bool:
    """Whether the bot may read a message without the intent for message content.

    That is its own messages, direct and ephemeral ones, those that mention it, and replies that ping it for a
    message that it wrote without an interaction (page gateway/you-might-not-need-a-privileged-intent). The
    target of a message command is open too, but only inside that interaction.
    """
    bot = store.bot
    if message.author is bot or message.channel.guild_id is None or message.ephemeral:
        return True
    return bot.id in message.mentions


def open_to_rest(store: "Store", message: Message) -> bool:
    """Whether the bot may read a message over REST: there the portal decides, not what a session wants."""
    return bool(store.privileged_intents & Intent.MESSAGE_CONTENT) or always_open(store, message)


def emptied(described: Json) -> Json:
    """Give a described message without what people put into it; a poll is not there at all."""
    closed = {**described, "content": "", "embeds": [], "attachments": [], "components": []}
    closed.pop("poll", None)
    return closed
