"""The JSON that Discord makes of its things; one function for each."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from discord_sandbox.world import content, permissions
from discord_sandbox.world.model import (
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    MessageFlag,
    MessageType,
    Role,
    User,
)

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

ATTACHMENT_LIMIT = 10 * 1024 * 1024
"""The largest file in bytes that anyone may upload."""

_WITH_ANSWERED = frozenset({MessageType.REPLY, MessageType.THREAD_STARTER, MessageType.MENU_RESPONSE})
"""The messages that come with the one they answer (page resources/message, footnote 4)."""

_WITHOUT_CONTENT: Json = {"content": "", "embeds": [], "components": [], "attachments": []}


def moment(seconds: float) -> str:
    """Write a time, Unix seconds, as Discord does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def user(user_id: int, name: str, *, bot: bool) -> Json:
    """Describe an account."""
    return {
        "id": str(user_id),
        "username": name.lower().replace(" ", "_"),
        "global_name": None if bot else name,
        "discriminator": "0000" if bot else "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "bot": bot,
        "system": False,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        "collectibles": None,
    }


def own_user(account: User) -> Json:
    """Describe the bot's account to the bot itself."""
    return {**account.payload, "mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}


def member(of: Member) -> Json:
    """Describe a member, with the account."""
    return {"user": of.user.payload, **member_alone(of)}


def member_alone(of: Member) -> Json:
    """Describe a member without the account, as in messages and resolved data."""
    return {
        "nick": of.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role_id) for role_id in of.roles],
        "joined_at": of.joined_at,
        "premium_since": None,
        "pending": False,
        "communication_disabled_until": None if of.timed_out_until is None else moment(of.timed_out_until),
        "flags": 0,
        "mute": False,
        "deaf": False,
    }


def role(of: Role) -> Json:
    """Describe a role."""
    return {
        "id": str(of.id),
        "name": of.name,
        "color": of.color,
        "colors": {"primary_color": of.color, "secondary_color": None, "tertiary_color": None},
        "hoist": of.hoist,
        "icon": None,
        "unicode_emoji": None,
        "position": of.position,
        "permissions": str(of.permissions),
        "managed": of.managed,
        "mentionable": of.mentionable,
        "flags": 0,
    }


def channel(of: Channel) -> Json:
    """Describe a channel, thread or direct message."""
    common: Json = {"id": str(of.id), "type": int(of.type), "flags": 0}
    if of.type is not ChannelType.CATEGORY:
        common["last_message_id"] = None if of.last_message_id is None else str(of.last_message_id)
    if of.type not in {ChannelType.CATEGORY, ChannelType.FORUM}:
        common["last_pin_timestamp"] = of.last_pin_timestamp
    if of.type is ChannelType.DM:
        return {**common, "recipients": [one.payload for one in of.recipients]}
    common["guild_id"] = str(of.guild_id)
    common["name"] = of.name
    common["parent_id"] = None if of.parent_id is None else str(of.parent_id)
    if of.thread is None:
        return {**common, **_guild_channel(of)}
    thread = of.thread
    return {
        **common,
        "rate_limit_per_user": of.rate_limit_per_user,
        "owner_id": str(thread.owner_id),
        "member_count": member_count(of),
        "message_count": thread.message_count,
        "total_message_sent": thread.total_message_sent,
        "thread_metadata": thread_metadata(of),
    }


def _guild_channel(of: Channel) -> Json:
    """Describe what the channels of a guild's list have, and their kinds have besides."""
    described: Json = {
        "position": of.position,
        "permission_overwrites": [
            {"id": str(one.id), "type": one.kind, "allow": str(one.allow), "deny": str(one.deny)}
            for one in of.overwrites.values()
        ],
        "nsfw": of.nsfw,
    }
    if of.type is ChannelType.CATEGORY:
        return described
    described["topic"] = of.topic
    described["rate_limit_per_user"] = of.rate_limit_per_user
    if of.default_auto_archive_duration is not None:
        described["default_auto_archive_duration"] = of.default_auto_archive_duration
    described["default_thread_rate_limit_per_user"] = of.default_thread_rate_limit_per_user
    if of.type is ChannelType.FORUM:
        described |= {
            "available_tags": [],
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return described


def member_count(thread: Channel) -> int:
    """Give how many are in a thread; Discord stops counting at 50."""
    return 0 if thread.thread is None else min(len(thread.thread.members), 50)


def thread_for(thread: Channel, user_id: int) -> Json:
    """Describe a channel or thread to somebody; a thread that they are in, with their place in it."""
    described = channel(thread)
    if thread.thread is not None and user_id in thread.thread.members:
        described["member"] = thread_member(thread, user_id)
    return described


def thread_metadata(of: Channel) -> Json:
    """Describe what only threads have."""
    thread = of.thread
    if thread is None:
        raise TypeError("only a thread has thread metadata")
    described: Json = {
        "archived": thread.archived,
        "archive_timestamp": thread.archive_timestamp,
        "auto_archive_duration": thread.auto_archive_duration,
        "locked": thread.locked,
        "create_timestamp": thread.created_at,
    }
    if of.type is ChannelType.PRIVATE_THREAD:
        described["invitable"] = thread.invitable
    return described


def thread_member(of: Channel, user_id: int) -> Json:
    """Describe a user's place in a thread."""
    joined = of.thread.members[user_id] if of.thread else ""
    return {"id": str(of.id), "user_id": str(user_id), "join_timestamp": joined, "flags": 0}


def deleted_thread(of: Channel) -> Json:
    """Describe a thread that is gone: its ids and kind only."""
    return {
        "id": str(of.id),
        "guild_id": str(of.guild_id),
        "parent_id": str(of.parent_id),
        "type": int(of.type),
    }


def message(store: "Store", of: Message) -> Json:
    """Describe a message as REST gives it to the bot: without its content if the bot may not read it."""
    described = whole_message(store, of)
    return described if content.open_to_rest(store) else content.closed(store, of, described)


def whole_message(store: "Store", of: Message) -> Json:
    """Describe a message with its content, whoever wrote it, and with the one that it answers."""
    described = _alone(store, of)
    if of.answered is not None and of.type in _WITH_ANSWERED:
        described["referenced_message"] = None if of.answered.deleted else _alone(store, of.answered)
    if of.reactions:
        described["reactions"] = [
            reaction(emoji, who, me=store.bot.id in who) for emoji, who in of.reactions.items()
        ]
    return described


def _content(store: "Store", of: Message) -> Json:
    """Describe what a message says, and when it was written: what a snapshot has."""
    users = store.users
    return {
        "type": int(of.type),
        "content": of.content,
        "timestamp": of.created_at,
        "edited_timestamp": of.edited_at,
        "mentions": [users[user_id].payload for user_id in of.mentions],
        "mention_roles": [str(role_id) for role_id in of.mention_roles],
        "attachments": of.attachments,
        "embeds": [] if of.flags & MessageFlag.SUPPRESS_EMBEDS else of.embeds,
        "components": of.components,
        "flags": of.flags,
    }


def snapshot(store: "Store", of: Message) -> Json:
    """Describe a message that is forwarded, without who wrote it."""
    return {"message": _content(store, of)}


def _alone(store: "Store", of: Message) -> Json:
    described: Json = {
        **_content(store, of),
        "id": str(of.id),
        "channel_id": str(of.channel.id),
        "author": of.author.payload,
        "tts": of.tts,
        "mention_everyone": of.mention_everyone,
        "pinned": of.pinned_at is not None,
    }
    if of.nonce is not None:
        described["nonce"] = of.nonce
    if of.author.bot and of.interaction_metadata is not None:
        described["application_id"] = str(store.bot.id)
        described["webhook_id"] = str(store.bot.id)
        described["interaction_metadata"] = of.interaction_metadata
    if of.reference is not None:
        described["message_reference"] = of.reference
    if of.snapshots:
        described["message_snapshots"] = of.snapshots
    if of.thread is not None and not of.thread.deleted:
        described["thread"] = thread_for(of.thread, store.bot.id)
    return described


def message_event(store: "Store", of: Message) -> Json:
    """Describe a message for the gateway: with its content, and with guild and member if not ephemeral."""
    described = whole_message(store, of)
    if of.channel.guild is not None and not of.ephemeral:
        described["guild_id"] = str(of.channel.guild_id)
        author = of.channel.guild.members.get(of.author.id)
        if author is not None:
            described["member"] = member_alone(author)
    return described


def emoji(name: str) -> Json:
    """Describe an emoji from its name in a path: the character, or `name:id` for a custom one."""
    if ":" in name:
        text, _, emoji_id = name.rpartition(":")
        return {"id": emoji_id, "name": text, "animated": False}
    return {"id": None, "name": name}


def reaction(name: str, who: list[int], *, me: bool) -> Json:
    """Describe how often a message got a reaction."""
    return {
        "emoji": emoji(name),
        "count": len(who),
        "count_details": {"burst": 0, "normal": len(who)},
        "burst_colors": [],
        "me_burst": False,
        "me": me,
    }


def guild(of: Guild, application_id: int) -> Json:
    """Describe the guild as REST gives it."""
    return {
        "id": str(of.id),
        "name": of.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(of.owner_id),
        "application_id": None if application_id == 0 else str(application_id),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role(one) for one in of.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": of.preferred_locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def counts(of: Guild) -> Json:
    """Describe how many are in a guild, as a call gets it that asks for counts."""
    return {"approximate_member_count": len(of.members), "approximate_presence_count": len(of.members)}


def partial_guild(of: Guild, user_id: int) -> Json:
    """Describe a guild in the list of those that a user is in."""
    return {
        "id": str(of.id),
        "name": of.name,
        "icon": None,
        "banner": None,
        "owner": of.owner_id == user_id,
        "permissions": str(permissions.in_guild(of, of.members[user_id])),
        "features": [],
    }


def partial_channel(store: "Store", of: Channel, user_id: int) -> Json:
    """Describe a channel inside an interaction, with what the user may do there."""
    described = channel(of)
    described["permissions"] = str(store.permissions(user_id, of))
    described["app_permissions"] = str(store.permissions(store.bot.id, of))
    described.pop("permission_overwrites", None)
    return described


_RESOLVED = (
    "id",
    "name",
    "type",
    "last_message_id",
    "nsfw",
    "parent_id",
    "guild_id",
    "flags",
    "rate_limit_per_user",
    "topic",
    "position",
    "thread_metadata",
)


def resolved_channel(store: "Store", of: Channel, user_id: int) -> Json:
    """Describe a channel that an interaction names, with what the user may do there."""
    whole = channel(of)
    return {
        **{key: whole[key] for key in _RESOLVED if key in whole},
        "last_pin_timestamp": whole.get("last_pin_timestamp"),
        "permissions": str(store.permissions(user_id, of)),
        "app_permissions": str(store.permissions(store.bot.id, of)),
    }
