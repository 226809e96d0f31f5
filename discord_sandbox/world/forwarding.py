"""Forwarded messages: a snapshot of what a message said when it was passed on."""

from copy import deepcopy
from typing import TYPE_CHECKING

from discord_sandbox.errors import refusal
from discord_sandbox.forms.base import snowflake
from discord_sandbox.forms.message import FORWARD, AllowedMentions, Draft
from discord_sandbox.world import content, messages, payloads
from discord_sandbox.world.model import Channel, Message, MessageFlag, User
from discord_sandbox.world.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def forwarded(store: "Store", author: User, draft: Draft) -> Message:
    """Give the message that a draft forwards, after checking that its author may.

    Raises:
        ApiError: 10003, 10008; 50001, they cannot see the channel; 160014, they cannot read the message;
            50068, messages of this type are not forwarded.
    """
    reference = draft.reference or {}
    channel = store.channel(snowflake(reference.get("channel_id")) or 0)
    store.require(author.id, channel, 0)
    message = store.message(channel, snowflake(reference.get("message_id")) or 0)
    history = store.permissions(author.id, channel) & Permission.READ_MESSAGE_HISTORY
    if not history or (author is store.bot and not content.readable(store, message)):
        raise refusal(160014)
    if message.system:
        raise refusal(50068)
    return message


def post(store: "Store", author: User, channel: Channel, draft: Draft, source: Message) -> Message:
    """Post a snapshot of a message; it stays what it is, whatever becomes of the message."""
    return messages.post(
        store,
        author,
        channel,
        Draft(nonce=draft.nonce, flags=draft.flags, allowed=AllowedMentions()),
        flags=int(MessageFlag.HAS_SNAPSHOT),
        reference={**messages.reference_to(source), "type": FORWARD},
        snapshots=deepcopy(source.snapshots) or [deepcopy(payloads.snapshot(store, source))],
    )
