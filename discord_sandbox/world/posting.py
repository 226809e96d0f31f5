"""Writing messages for somebody, bot or person, after asking whether they may: one way for both."""

from typing import TYPE_CHECKING

from discord_sandbox.errors import ApiError, FormErrors, refusal
from discord_sandbox.forms.base import snowflake
from discord_sandbox.forms.message import FORWARD, Draft
from discord_sandbox.world import forwarding, messages, slowmode, threads
from discord_sandbox.world.model import Channel, ChannelType, Message, MessageFlag, MessageType, User
from discord_sandbox.world.permissions import Permission, sending_in

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


_NO_MESSAGES = {ChannelType.CATEGORY: 50008, ChannelType.FORUM: 40058}
"""Where nobody can write a message, and how Discord says so."""


def post_as(store: "Store", author: User, channel: Channel, draft: Draft) -> Message:
    """Post a message for somebody, after checking that they may.

    Raises:
        ApiError: What Discord would say: no access (50001) or permission (50013), no channel for messages
            (50008, 40058), nothing to send (50006), a locked thread (160005), too soon (20016), and so on.
    """
    store.require(author.id, channel, 0)
    if channel.type in _NO_MESSAGES:
        raise refusal(_NO_MESSAGES[channel.type])
    require_sending(store, author, channel, draft)
    _check_dm(store, author, channel)
    forwards = draft.reference is not None and draft.reference.get("type") == FORWARD
    if draft.empty and not forwards:
        raise refusal(50006)
    if draft.enforce_nonce and draft.nonce is not None:
        known = store.nonces.find(author, draft.nonce)
        if known is not None:
            return _still_there(known)
    answered = None if forwards else _answered(store, author, channel, draft)
    forwarded = forwarding.forwarded(store, author, draft) if forwards else None
    threads.require_unlocked(store, channel, author)
    slowmode.take_turn(store, author, channel, "message")
    if channel.thread is not None:
        threads.join_by_posting(store, channel, author)
    if forwarded is not None:
        return forwarding.post(store, author, channel, draft, forwarded)
    return messages.post(
        store,
        author,
        channel,
        draft,
        kind=MessageType.DEFAULT if answered is None else MessageType.REPLY,
        reference=None if answered is None else messages.reference_to(answered),
        answered=answered,
    )


def require_sending(store: "Store", author: User, channel: Channel, draft: Draft) -> None:
    """Check that somebody may send a draft into a channel, or begin a post with it in a forum.

    Raises:
        ApiError: 50001, 50013.
    """
    needed = sending_in(channel)
    if draft.embeds:
        needed |= Permission.EMBED_LINKS
    if draft.attachments:
        needed |= Permission.ATTACH_FILES
    if draft.tts and channel.guild is not None:
        needed |= Permission.SEND_TTS_MESSAGES
    store.require(author.id, channel, needed)


def _check_dm(store: "Store", author: User, channel: Channel) -> None:
    if channel.type is not ChannelType.DM or author is not store.bot:
        return
    for user in channel.recipients:
        if not any(store.bot.id in guild.members for guild in store.guilds_of(user.id)):
            raise refusal(50278)
        if not user.accepts_dms or author.id in user.blocks:
            raise refusal(50007)


def _still_there(message: Message) -> Message:
    if message.deleted:
        raise refusal(10008)
    return message


def _answered(store: "Store", author: User, channel: Channel, draft: Draft) -> Message | None:
    """Give the message that a draft replies to, after checking that it can be answered."""
    if draft.reference is None:
        return None
    there = snowflake(draft.reference.get("channel_id")) in {None, channel.id}
    target = channel.messages.get(snowflake(draft.reference.get("message_id")) or 0)
    if target is None or target.ephemeral or not there:
        if draft.reference.get("fail_if_not_exists") is not False:
            raise _bad_reference("REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None
    if not store.permissions(author.id, channel) & Permission.READ_MESSAGE_HISTORY:
        raise refusal(160002)
    if target.system:
        raise _bad_reference("REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
    return target


def _bad_reference(code: str, message: str) -> ApiError:
    errors = FormErrors()
    errors.add(("message_reference",), code, message)
    return errors.refusal()


# -- changing and deleting ----------------------------------------------------------------------------


def edit_as(store: "Store", editor: User, message: Message, draft: Draft) -> Message:
    """Change a message for somebody, after checking that they may.

    Others' messages can only have their embeds suppressed or shown again (page resources/message, "Edit
    Message").

    Raises:
        ApiError: 50001, 50005, 50013, 50021, 50083, 160005, 50006.
    """
    channel = message.channel
    store.require(editor.id, channel, 0)
    if message.author is not editor:
        if not draft.only_flags:
            raise refusal(50005)
        store.require(editor.id, channel, Permission.MANAGE_MESSAGES)
    elif message.system:
        raise refusal(50021)
    if channel.archived:
        raise refusal(50083)
    threads.require_unlocked(store, channel, editor)
    if message.author is editor:
        return messages.edit(store, message, draft)
    shown = draft.flags & ~int(MessageFlag.COMPONENTS_V2)
    messages.set_flags(message, Draft(flags=shown, sets_flags=True))
    messages.changed(store, message)
    return message


def delete_as(store: "Store", user: User, message: Message) -> None:
    """Delete a message for somebody, after checking that they may.

    Raises:
        ApiError: 50001; 50003, it is another's in a direct message; 50013; 50021, a thread begins with it;
            160005, the thread is locked and archived.
    """
    channel = message.channel
    store.require(user.id, channel, 0)
    if message.type is MessageType.THREAD_STARTER:
        raise refusal(50021)
    if message.author is not user:
        if channel.guild is None:
            raise refusal(50003)
        store.require(user.id, channel, Permission.MANAGE_MESSAGES)
    if channel.archived:
        threads.require_unlocked(store, channel, user)
    messages.delete(store, message)
