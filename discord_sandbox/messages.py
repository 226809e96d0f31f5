"""Posting, editing and deleting messages and reactions: one way for the bot and for people."""

import re
from typing import TYPE_CHECKING

from discord_sandbox import content, limits, payloads, threads
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import snowflake
from discord_sandbox.forms.components import walk
from discord_sandbox.forms.message import PING_ALL, AllowedMentions, Attachment, Draft, Upload
from discord_sandbox.intents import Intent
from discord_sandbox.model import Channel, ChannelType, Json, Message, MessageFlag, MessageType, User
from discord_sandbox.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.store import Store

_USER_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


def post_as(store: "Store", author: User, channel: Channel, draft: Draft) -> Message:
    """Post a message for somebody, after checking that they may.

    Raises:
        ApiError: What Discord would say: missing access or permission, an empty message, a locked thread.
    """
    needed = int(Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS)
    if draft.embeds:
        needed |= Permission.EMBED_LINKS
    if draft.attachments:
        needed |= Permission.ATTACH_FILES
    store.require(author.id, channel, needed)
    _check_dm(store, author, channel)
    if draft.empty:
        raise refusal(50006)
    if draft.enforce_nonce and (known := _sent_before(store, author, channel, draft)):
        return known
    reference = _reference(store, author, channel, draft)
    if channel.thread is not None:
        threads.join_by_posting(store, channel, author)
    kind = MessageType.REPLY if reference else MessageType.DEFAULT
    message = post(store, author, channel, draft, kind=kind, reference=reference)
    if draft.enforce_nonce:
        store.nonces[author.id, channel.id, str(draft.nonce)] = (store.clock(), message)
    return message


def _check_dm(store: "Store", author: User, channel: Channel) -> None:
    if channel.type is not ChannelType.DM or author is not store.bot:
        return
    for user in channel.recipients:
        if not any(store.bot.id in guild.members for guild in store.guilds_of(user.id)):
            raise refusal(50278)
        if not user.accepts_dms:
            raise refusal(50007)


def _sent_before(store: "Store", author: User, channel: Channel, draft: Draft) -> Message | None:
    oldest = store.clock() - limits.NONCE_SECONDS
    while store.nonces:
        first = next(iter(store.nonces))
        if store.nonces[first][0] >= oldest:
            break
        del store.nonces[first]
    known = store.nonces.get((author.id, channel.id, str(draft.nonce)))
    if known is None:
        return None
    if known[1].deleted:
        raise refusal(10008)
    return known[1]


def _reference(store: "Store", author: User, channel: Channel, draft: Draft) -> Json | None:
    if draft.reference is None:
        return None
    target = channel.messages.get(snowflake(draft.reference.get("message_id")) or 0)
    if target is None or target.ephemeral:
        if draft.reference.get("fail_if_not_exists", True):
            errors = FormErrors()
            errors.add(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            errors.raise_if_any()
        return None
    if not store.permissions(author.id, channel) & Permission.READ_MESSAGE_HISTORY:
        raise refusal(160002)
    return reference_to(target)


def reference_to(target: Message) -> Json:
    """Describe a message that another one answers."""
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
    visible_to: int | None = None,
    reference: Json | None = None,
    metadata: Json | None = None,
    default_mentions: AllowedMentions = PING_ALL,
) -> Message:
    """Put a message into a channel without asking whether its author may."""
    message = Message(
        id=store.snowflakes.next(),
        channel=channel,
        author=author,
        created_at=store.now(),
        type=kind,
        flags=draft.flags | flags,
        nonce=draft.nonce,
        visible_to=visible_to,
        reference=reference,
        interaction_metadata=metadata,
    )
    _fill(store, message, draft, default_mentions)
    channel.messages[message.id] = message
    channel.log.append(message)
    if visible_to is None:
        channel.last_message_id = message.id
        if channel.thread is not None:
            channel.thread.message_count += 1
            channel.thread.total_message_sent += 1
            threads.add_mentioned(store, channel, message)
    store.journal.posted(message)
    _event(store, "MESSAGE_CREATE", message)
    store.feed.notify(store.audience(message))
    return message


def edit(
    store: "Store", message: Message, draft: Draft, *, default_mentions: AllowedMentions = PING_ALL
) -> Message:
    """Change a message in place; what the draft does not give stays.

    Raises:
        ApiError: 50006, nothing would be left to see.
    """
    attachments = message.attachments if draft.attachments is None else draft.attachments
    content = message.content if draft.content is None else draft.content
    embeds = message.embeds if draft.embeds is None else draft.embeds
    components = message.components if draft.components is None else draft.components
    if not (content or embeds or components or attachments):
        raise refusal(50006)
    if (message.flags | draft.flags) & MessageFlag.COMPONENTS_V2 and (content or embeds):
        errors = FormErrors()
        errors.add(
            ("content" if content else "embeds",),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "What a message of version 2 cannot have must be set to null.",
        )
        raise errors.refusal()
    _fill(store, message, draft, default_mentions)
    store.journal.edited(message)
    # Whether a message is ephemeral never changes.
    kept = message.flags & ~(MessageFlag.LOADING | MessageFlag.SUPPRESS_EMBEDS)
    message.flags = int(kept | draft.flags & ~MessageFlag.EPHEMERAL)
    message.edited_at = store.now()
    _event(store, "MESSAGE_UPDATE", message)
    store.feed.notify(store.audience(message))
    return message


def delete(store: "Store", message: Message) -> None:
    """Take a message away."""
    channel = message.channel
    message.deleted = True
    store.journal.deleted(message)
    channel.messages.pop(message.id, None)
    channel.log.remove(message)
    channel.removals += 1
    if channel.thread is not None and not message.ephemeral:
        channel.thread.message_count -= 1
    intent = (
        Intent.DIRECT_MESSAGES if channel.guild_id is None or message.ephemeral else Intent.GUILD_MESSAGES
    )
    described: Json = {"id": str(message.id), "channel_id": str(channel.id)}
    if channel.guild_id is not None and not message.ephemeral:
        described["guild_id"] = str(channel.guild_id)
    store.emit("MESSAGE_DELETE", intent, lambda: described, channel, direct=message.ephemeral)
    store.feed.notify(store.audience(message))


def _fill(store: "Store", message: Message, draft: Draft, default_mentions: AllowedMentions) -> None:
    if draft.attachments is not None:
        message.attachments = [
            kept for one in draft.attachments if (kept := _attach(store, message, one)) is not None
        ]
    if draft.content is not None:
        message.content = draft.content
        _mention(store, message, draft.allowed or default_mentions)
    if draft.embeds is not None:
        message.embeds = draft.embeds
        for embed in draft.embeds:
            _link_files(embed, message.attachments)
    if draft.components is not None:
        message.components = draft.components
        for part in walk(draft.components):
            for holder in (part, *part.get("items", ())):
                _link_media(store, holder, message.attachments)


def _attach(store: "Store", message: Message, wanted: Attachment) -> Json | None:
    upload = wanted.upload
    if upload is None:
        return next((one for one in message.attachments if one["id"] == str(wanted.kept_id)), None)
    described = keep_file(store, f"attachments/{message.channel.id}", upload)
    if wanted.description:
        described["description"] = wanted.description
    if message.ephemeral:
        described["ephemeral"] = True
    return described


def keep_file(store: "Store", folder: str, upload: Upload) -> Json:
    """Keep a file where it can be fetched, and describe it as an attachment."""
    file_id = store.snowflakes.next()
    path = f"{folder}/{file_id}/{upload.name}"
    store.files[path] = (upload.data, upload.content_type)
    return {
        "id": str(file_id),
        "filename": upload.name,
        "size": len(upload.data),
        "url": f"{store.base_url}/{path}",
        "proxy_url": f"{store.base_url}/{path}",
        "content_type": upload.content_type,
    }


def _link_files(embed: Json, attachments: list[Json]) -> None:
    """Point `attachment://name` in an embed to the file of that name."""
    for part, key in (("image", "url"), ("thumbnail", "url"), ("footer", "icon_url"), ("author", "icon_url")):
        url = embed[part].get(key) if part in embed else None
        if isinstance(url, str) and url.startswith("attachment://"):
            name = url.removeprefix("attachment://")
            for attachment in attachments:
                if attachment["filename"] == name:
                    embed[part][key] = attachment["url"]


def _link_media(store: "Store", holder: Json, attachments: list[Json]) -> None:
    """Fill in what Discord knows of a picture or file of a component."""
    for key in ("media", "file"):
        media = holder.get(key)
        if not isinstance(media, dict):
            continue
        name = media["url"].removeprefix("attachment://")
        found: Json = next((one for one in attachments if one["filename"] == name), {})
        url = found.get("url", media["url"])
        holder[key] = {"id": str(store.snowflakes.next()), "url": url, "proxy_url": url}
        if key == "file":
            holder.update(name=name, size=found.get("size", 0))


def _mention(store: "Store", message: Message, allowed: AllowedMentions) -> None:
    message.mentions, message.mention_roles, message.mention_everyone = [], [], False
    content = message.content
    if "@" not in content:
        return
    users = dict.fromkeys(int(found) for found in _USER_MENTION.findall(content))
    message.mentions = [
        one for one in users if one in store.users and ("users" in allowed.parse or one in allowed.users)
    ]
    may_ping = bool(store.permissions(message.author.id, message.channel) & Permission.MENTION_EVERYONE)
    guild = message.channel.guild
    known = {} if guild is None else guild.roles
    roles = dict.fromkeys(int(found) for found in _ROLE_MENTION.findall(content))
    message.mention_roles = [
        one
        for one in roles
        if (role := known.get(one)) is not None
        and (role.mentionable or may_ping)
        and ("roles" in allowed.parse or one in allowed.roles)
    ]
    message.mention_everyone = (
        may_ping and "everyone" in allowed.parse and _EVERYONE.search(content) is not None
    )


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
        without_content=None if content.always_open(store, message) else content.emptied,
    )


# -- reactions ----------------------------------------------------------------------------------------


def react(store: "Store", user: User, message: Message, emoji: str) -> None:
    """Add somebody's reaction to a message, after checking that they may."""
    channel = message.channel
    needed = int(Permission.READ_MESSAGE_HISTORY)
    if emoji not in message.reactions:
        needed |= Permission.ADD_REACTIONS
    store.require(user.id, channel, needed)
    if channel.archived:
        raise refusal(50083)
    if emoji not in message.reactions and len(message.reactions) >= limits.REACTIONS:
        raise refusal(30010)
    who = message.reactions.setdefault(emoji, [])
    if user.id not in who:
        who.append(user.id)
        store.journal.reacted(user, message, emoji)
        _reaction_event(store, "MESSAGE_REACTION_ADD", message, emoji, user)


def unreact(store: "Store", user: User, message: Message, emoji: str) -> None:
    """Take somebody's reaction from a message; nothing happens if there is none."""
    who = message.reactions.get(emoji, [])
    if user.id in who:
        who.remove(user.id)
        if not who:
            del message.reactions[emoji]
        _reaction_event(store, "MESSAGE_REACTION_REMOVE", message, emoji, user)


def _reaction_event(store: "Store", name: str, message: Message, emoji: str, user: User) -> None:
    channel = message.channel
    described: Json = {
        "user_id": str(user.id),
        "channel_id": str(channel.id),
        "message_id": str(message.id),
        "emoji": payloads.emoji(emoji),
        "burst": False,
        "type": 0,
    }
    intent = Intent.DIRECT_MESSAGE_REACTIONS
    if channel.guild is not None:
        intent = Intent.GUILD_MESSAGE_REACTIONS
        described["guild_id"] = str(channel.guild_id)
        if name == "MESSAGE_REACTION_ADD" and (member := channel.guild.members.get(user.id)):
            described["member"] = payloads.member(member)
            described["message_author_id"] = str(message.author.id)
    store.emit(name, intent, lambda: described, channel)
    store.feed.notify(store.audience(message))
