"""The things of the little Discord: users, roles, channels, messages, and what is known of each."""

import json
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from discord_sandbox.clock import Timer

Json = dict[str, Any]

encode = json.JSONEncoder(separators=(",", ":")).encode
"""Make compact JSON; built once, because `json.dumps` builds an encoder at every call."""


class ChannelType(IntEnum):
    """The kinds of channel that the sandbox has."""

    TEXT = 0
    DM = 1
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


GUILD_CHANNELS = frozenset(
    {ChannelType.TEXT, ChannelType.CATEGORY, ChannelType.ANNOUNCEMENT, ChannelType.FORUM}
)
"""The kinds that a guild's list of channels has; threads belong to those, direct messages to nobody's."""


class MessageFlag(IntEnum):
    """The message flags that the sandbox gives a meaning."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


class MessageType(IntEnum):
    """The kinds of message that the sandbox makes."""

    DEFAULT = 0
    PINNED = 6
    THREAD_CREATED = 18
    REPLY = 19
    COMMAND_RESPONSE = 20
    THREAD_STARTER = 21
    MENU_RESPONSE = 23


WRITTEN = frozenset(
    {MessageType.DEFAULT, MessageType.REPLY, MessageType.COMMAND_RESPONSE, MessageType.MENU_RESPONSE}
)
"""The kinds of message that somebody wrote; all others are Discord's own notices."""


@dataclass(slots=True, eq=False)
class User:
    """An account. `payload` is its JSON as Discord shows it to others; `blocks` has whom it blocked."""

    id: int
    name: str
    bot: bool
    payload: Json
    accepts_dms: bool = True
    blocks: set[int] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Role:
    """A role of the guild; the role for everyone has the guild's id."""

    id: int
    name: str
    permissions: int = 0
    position: int = 1
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed: bool = False


@dataclass(slots=True, eq=False)
class Member:
    """A user in the guild, with the ids of the roles they hold (without everyone's).

    `timed_out_until` is in Unix seconds; it may lie in the past, and then means nothing.
    """

    user: User
    joined_at: str
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: float | None = None


@dataclass(slots=True, eq=False)
class Application:
    """What the bot's application says of itself."""

    description: str = ""
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Ban:
    """Somebody who may not join a guild, and why."""

    user: User
    reason: str | None


@dataclass(slots=True, frozen=True)
class AuditEntry:
    """What the bot did in a guild, by Discord's number for it, and whom or what it did it to."""

    id: int
    action: int
    user_id: int
    target_id: int
    reason: str | None


@dataclass(slots=True, eq=False)
class Overwrite:
    """What a channel grants or takes from a role (kind 0) or a member (kind 1), as permission bits."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class ThreadInfo:
    """What a channel has besides when it is a thread.

    `members` maps user ids to when they joined; `opened_at` is when it was last unarchived, in Unix seconds;
    `quiet` archives it when nothing happens in it.
    """

    owner_id: int
    created_at: str
    archive_timestamp: str
    auto_archive_duration: int
    opened_at: float
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    members: dict[int, str] = field(default_factory=dict)
    message_count: int = 0
    total_message_sent: int = 0
    quiet: Timer | None = None


@dataclass(slots=True, eq=False)
class Message:
    """A message.

    `visible_to` is the only person who sees it, if it is ephemeral. `answered` is the message that it replies
    to or points at, `snapshots` what a forwarded message carries with it.
    """

    id: int
    channel: "Channel"
    author: User
    created_at: str
    content: str = ""
    type: MessageType = MessageType.DEFAULT
    flags: int = 0
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    edited_at: str | None = None
    nonce: str | int | None = None
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    reference: Json | None = None
    answered: "Message | None" = None
    snapshots: list[Json] = field(default_factory=list)
    interaction_metadata: Json | None = None
    tts: bool = False
    pinned_at: str | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    visible_to: int | None = None
    thread: "Channel | None" = None
    deleted: bool = False

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.visible_to is not None

    @property
    def system(self) -> bool:
        """Whether it is a notice of Discord's own, such as that something was pinned."""
        return self.type not in WRITTEN

    @property
    def shown_embeds(self) -> list[Json]:
        """The embeds that people see: none while they are suppressed, and of each address only the first."""
        if self.flags & MessageFlag.SUPPRESS_EMBEDS:
            return []
        addresses = [one.get("url") for one in self.embeds]
        return [
            one for i, one in enumerate(self.embeds) if not addresses[i] or addresses[i] not in addresses[:i]
        ]

    @property
    def layout(self) -> bool:
        """Whether it has components of version 2."""
        return bool(self.flags & MessageFlag.COMPONENTS_V2)

    @property
    def loading(self) -> bool:
        """Whether it is still the placeholder "is thinking"."""
        return bool(self.flags & MessageFlag.LOADING)


@dataclass(slots=True, eq=False)
class Channel:
    """A channel of a guild, a direct message or a thread.

    `parent` is a thread's channel, or a channel's category. `messages` has them by id in the order they came.
    `removals` counts how often one went away, so that whoever keeps a list of them knows when to build it
    anew. `typing` maps user ids to when their typing ends, `slowed` user ids and what they did to when they
    did it last, both in Unix seconds.
    """

    id: int
    type: ChannelType
    name: str
    guild: "Guild | None"
    position: int = 0
    topic: str | None = None
    parent: "Channel | None" = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: list[User] = field(default_factory=list)
    thread: ThreadInfo | None = None
    rate_limit_per_user: int = 0
    default_auto_archive_duration: int | None = None
    default_thread_rate_limit_per_user: int = 0
    nsfw: bool = False
    last_message_id: int | None = None
    last_pin_timestamp: str | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    log: list[Message] = field(default_factory=list)
    removals: int = 0
    typing: dict[int, float] = field(default_factory=dict)
    slowed: dict[tuple[int, str], float] = field(default_factory=dict)
    deleted: bool = False

    @property
    def guild_id(self) -> int | None:
        """The id of the guild it belongs to; None for a direct message."""
        return self.guild.id if self.guild else None

    @property
    def parent_id(self) -> int | None:
        """The id of the channel or category that it belongs to."""
        return self.parent.id if self.parent else None

    @property
    def takes_messages(self) -> bool:
        """Whether there can be messages in it; a category has channels, a forum has posts."""
        return self.type not in {ChannelType.CATEGORY, ChannelType.FORUM}

    @property
    def archived(self) -> bool:
        """Whether this is an archived thread."""
        return self.thread is not None and self.thread.archived

    @property
    def locked(self) -> bool:
        """Whether this is a locked thread."""
        return self.thread is not None and self.thread.locked

    @property
    def mention(self) -> str:
        """How the channel is written in a message."""
        return f"<#{self.id}>"


@dataclass(slots=True, eq=False)
class Guild:
    """A guild with all that belongs to it. `unavailable` is an outage: the bot hears nothing of it.

    `command_permissions` has who may use a command, by its id or, for all commands, by the application's:
    by kind (1 role, 2 user, 3 channel) and id.
    """

    id: int
    name: str
    owner_id: int
    created_at: str
    bot_role: Role
    unavailable: bool = False
    preferred_locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    bans: dict[int, Ban] = field(default_factory=dict)
    audit_log: list[AuditEntry] = field(default_factory=list)
    command_permissions: dict[int, dict[tuple[int, int], bool]] = field(default_factory=dict)
