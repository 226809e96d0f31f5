"""The gateway intents: which events a bot asks for."""

from enum import IntFlag


class Intent(IntFlag):
    """The intents that the sandbox has events for; `NONE` marks events that are always sent."""

    NONE = 0
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = int(Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT)
"""The intents that must be switched on for the application first."""

KNOWN = sum(1 << bit for bit in range(17)) | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
"""Every intent that Discord has; others close the connection with 4013."""
