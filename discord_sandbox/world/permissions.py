"""Discord's permissions: their names, and what a member may do in a channel."""

from enum import IntEnum

from discord_sandbox.world.model import Channel, Guild, Member


class Permission(IntEnum):
    """The permissions that the sandbox enforces or shows, as bits.

    Plain numbers come of `|` and `&`, which is many times as fast as with `IntFlag`.
    """

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


ALL = (1 << 53) - 1

EVERYONE = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CHANGE_NICKNAME
)
"""What the sandbox's role for everyone grants at first."""

BOT = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.MANAGE_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
)
"""What the bot's own role grants at first; not administrator."""

_NEEDS_SENDING = int(
    Permission.MENTION_EVERYONE
    | Permission.SEND_TTS_MESSAGES
    | Permission.ATTACH_FILES
    | Permission.EMBED_LINKS
)
"""What nobody can do who cannot send messages."""

_TIMED_OUT = int(Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
"""All that is left to somebody who is timed out."""

IN_DM = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.PIN_MESSAGES
)
"""What both sides may do in a direct message."""


def sending_in(channel: Channel) -> int:
    """Give the bit that writing in a channel or thread needs."""
    return int(Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS)


def in_guild(guild: Guild, member: Member) -> int:
    """Give the bits that a member has in the guild as a whole, by the page topics/permissions.

    A timeout is not looked at; it counts in channels.
    """
    if member.user.id == guild.owner_id:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role_id in member.roles:
        bits |= guild.roles[role_id].permissions
    return ALL if bits & Permission.ADMINISTRATOR else bits


def timed_out(member: Member, now: float) -> bool:
    """Whether a member is timed out at a time, given in Unix seconds."""
    return member.timed_out_until is not None and member.timed_out_until > now


def in_channel(guild: Guild, member: Member, channel: Channel, now: float) -> int:
    """Give the bits that a member has in a channel, by the page topics/permissions.

    A thread has the overwrites of its parent; a channel's category has no say. Whether the member may see a
    private thread is another question: see `Store.can_see`.

    Args:
        guild: The channel's guild.
        member: The member.
        channel: The channel or thread.
        now: The time in Unix seconds, by which a timeout is over or not.
    """
    bits = in_guild(guild, member)
    if bits == ALL:
        return ALL
    holder = channel if channel.thread is None or channel.parent is None else channel.parent
    if holder.overwrites:
        bits = _overwritten(bits, guild, member, holder)
    if not bits & Permission.VIEW_CHANNEL:
        return 0
    if timed_out(member, now):
        return bits & _TIMED_OUT
    sending = Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS
    return bits if bits & sending else bits & ~_NEEDS_SENDING


def _overwritten(bits: int, guild: Guild, member: Member, channel: Channel) -> int:
    """Apply a channel's overwrites: everyone's, then those of all roles together, then the member's own."""
    overwrites = channel.overwrites
    if everyone := overwrites.get(guild.id):
        bits = bits & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role_id in member.roles:
        if role := overwrites.get(role_id):
            allow |= role.allow
            deny |= role.deny
    bits = bits & ~deny | allow
    if own := overwrites.get(member.user.id):
        bits = bits & ~own.deny | own.allow
    return bits
