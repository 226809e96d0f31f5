"""Messages: put into a channel, changed and taken away; whether somebody may is asked in `posting`."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.message import PING_ALL, AllowedMentions, Draft
from discord_sandbox.intents import Intent
from discord_sandbox.world import attachments, content, mentions, payloads, thread_members, typists
from discord_sandbox.world.model import Channel, Json, Message, MessageFlag, MessageType, User

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


def reference_to(target: Message) -> Json:
    """Describe a message that another one answers or points at."""
    described: Json = {"type": 0, "message_id": str(target.id), "channel_id": str(target.channel.id)}
    if target.channel.guild_id is not None:
        described["guild_id"] = str(target.channel.guild_id)
    return described


def post(  # noqa: PLR0913 - a message has this many sides; all but the first few are by keyword
    store: "Store",
    author: User,
    channel: Channel,
    draft: Draft,
    *,
    kind: MessageType = MessageType.DEFAULT,
    flags: int = 0,
    message_id: int | None = None,
    visible_to: int | None = None,
    reference: Json | None = None,
    answered: Message | None = None,
    snapshots: Iterable[Json] = (),
    metadata: Json | None = None,
    default_mentions: AllowedMentions = PING_ALL,
) -> Message:
    """Put a message into a channel without asking whether its author may.

    Args:
        store: Where it goes.
        author: Whose it is.
        channel: The channel.
        draft: What it says.
        kind: Its type.
        flags: Flags besides the draft's.
        message_id: Its id, if it is not a new one: the first message of a post has the post's.
        visible_to: The only person who sees it.
        reference: How it describes the message that it points at.
        answered: That message itself.
        snapshots: What it carries of a message that it forwards.
        metadata: How it describes the interaction that it answers.
        default_mentions: Whom it may ping if the draft does not say so.
    """
    message = Message(
        id=store.snowflakes.next() if message_id is None else message_id,
        channel=channel,
        author=author,
        created_at=store.now(),
        type=kind,
        flags=draft.flags | flags,
        nonce=draft.nonce,
        visible_to=visible_to,
        reference=reference,
        answered=answered,
        snapshots=list(snapshots),
        interaction_metadata=metadata,
        tts=draft.tts,
    )
    _fill(store, message, draft)
    mentions.parse(store, message, draft.allowed or default_mentions)
    channel.messages[message.id] = message
    channel.log.append(message)
    if visible_to is None:
        channel.last_message_id = message.id
        if channel.thread is not None:
            _count(channel, message)
            thread_members.add_mentioned(store, channel, message)
    typists.end(channel, author)
    store.nonces.keep(message)
    store.journal.posted(message)
    _event(store, "MESSAGE_CREATE", message)
    store.feed.notify(store.audience(message))
    return message


def _count(thread: Channel, message: Message) -> None:
    """Count a message of a thread; what it begins with does not count (page resources/channel)."""
    info = thread.thread
    if info is not None and _counts(message):
        info.message_count += 1
        info.total_message_sent += 1


def _counts(message: Message) -> bool:
    return message.type is not MessageType.THREAD_STARTER and message.id != message.channel.id


def edit(
    store: "Store", message: Message, draft: Draft, *, default_mentions: AllowedMentions = PING_ALL
) -> Message:
    """Change a message in place; what the draft does not give stays.

    Raises:
        ApiError: 50006, nothing would be left to see; 30015; 50035, a message of version 2 keeps what it
            cannot have.
    """
    files = attachments.after(message, draft)
    content = message.content if draft.content is None else draft.content
    embeds = message.embeds if draft.embeds is None else draft.embeds
    components = message.components if draft.components is None else draft.components
    if not (content or embeds or components or files or message.snapshots):
        raise refusal(50006)
    if (message.flags | draft.flags) & MessageFlag.COMPONENTS_V2 and (content or embeds):
        errors = FormErrors()
        errors.add(
            ("content" if content else "embeds",),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "What a message of version 2 cannot have must be set to null.",
        )
        raise errors.refusal()
    _fill(store, message, draft)
    store.journal.edited(message)
    set_flags(message, draft)
    if draft.content is not None or (message.layout and draft.components is not None):
        mentions.parse(store, message, draft.allowed or default_mentions)
    message.edited_at = store.now()
    changed(store, message)
    return message


def set_flags(message: Message, draft: Draft) -> None:
    """Set the flags that an edit can set: embeds may be suppressed and shown again, version 2 is for good."""
    message.flags &= ~int(MessageFlag.LOADING)
    if draft.sets_flags:
        message.flags &= ~int(MessageFlag.SUPPRESS_EMBEDS)
        message.flags |= draft.flags & int(MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2)


def changed(store: "Store", message: Message) -> None:
    """Tell the bot and everybody that a message is not as it was."""
    _event(store, "MESSAGE_UPDATE", message)
    store.feed.notify(store.audience(message))


def delete(store: "Store", message: Message) -> None:
    """Take a message away."""
    channel = message.channel
    _take(store, message)
    intent = (
        Intent.DIRECT_MESSAGES if channel.guild_id is None or message.ephemeral else Intent.GUILD_MESSAGES
    )
    described: Json = {"id": str(message.id), "channel_id": str(channel.id)}
    if channel.guild_id is not None and not message.ephemeral:
        described["guild_id"] = str(channel.guild_id)
    store.emit("MESSAGE_DELETE", intent, lambda: described, channel, direct=message.ephemeral)
    store.feed.notify(store.audience(message))


def delete_many(store: "Store", channel: Channel, message_ids: Iterable[int]) -> None:
    """Take several messages of a guild's channel away at once; ids that it does not have are passed over."""
    found = [one for message_id in message_ids if (one := channel.messages.get(message_id)) is not None]
    gone = [one for one in found if not one.ephemeral]
    for message in gone:
        _take(store, message)
    if gone:
        described: Json = {
            "ids": [str(one.id) for one in gone],
            "channel_id": str(channel.id),
            "guild_id": str(channel.guild_id),
        }
        store.emit("MESSAGE_DELETE_BULK", Intent.GUILD_MESSAGES, lambda: described, channel)
        store.feed.notify(store.watchers(channel))


def _take(store: "Store", message: Message) -> None:
    channel = message.channel
    message.deleted = True
    store.journal.deleted(message)
    channel.messages.pop(message.id, None)
    channel.log.remove(message)
    channel.removals += 1
    if channel.thread is not None and not message.ephemeral and _counts(message):
        channel.thread.message_count -= 1


def _fill(store: "Store", message: Message, draft: Draft) -> None:
    if draft.content is not None:
        message.content = draft.content
    if draft.embeds is not None:
        message.embeds = draft.embeds
    if draft.components is not None:
        message.components = draft.components
    attachments.fill(store, message, draft)


def _event(store: "Store", name: str, message: Message) -> None:
    channel = message.channel
    in_dm = channel.guild_id is None or message.ephemeral
    intent = Intent.DIRECT_MESSAGES if in_dm else Intent.GUILD_MESSAGES
    store.emit(
        name,
        intent,
        lambda: payloads.message_event(store, message),
        channel,
        direct=message.ephemeral,
        without_content=partial(content.closed, store, message) if content.guarded(store, message) else None,
    )
