"""The audit log: what the bot did in a guild, and the reason that it gave."""

from enum import IntEnum
from typing import TYPE_CHECKING

from discord_sandbox.world.model import AuditEntry, Guild

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store


class AuditAction(IntEnum):
    """What is noted, by the numbers of the page resources/audit-log."""

    GUILD_UPDATE = 1
    CHANNEL_CREATE = 10
    CHANNEL_UPDATE = 11
    CHANNEL_DELETE = 12
    OVERWRITE_CREATE = 13
    OVERWRITE_UPDATE = 14
    OVERWRITE_DELETE = 15
    MEMBER_KICK = 20
    MEMBER_BAN_ADD = 22
    MEMBER_BAN_REMOVE = 23
    MEMBER_UPDATE = 24
    MEMBER_ROLE_UPDATE = 25
    ROLE_CREATE = 30
    ROLE_UPDATE = 31
    ROLE_DELETE = 32
    MESSAGE_DELETE = 72
    MESSAGE_BULK_DELETE = 73
    MESSAGE_PIN = 74
    MESSAGE_UNPIN = 75
    THREAD_CREATE = 110
    THREAD_UPDATE = 111
    THREAD_DELETE = 112


def note(
    store: "Store", guild: Guild | None, action: AuditAction, target_id: int, reason: str | None
) -> None:
    """Note that the bot did something.

    Args:
        store: Gives the entry's id.
        guild: Where; direct messages (None) have no audit log.
        action: What it did.
        target_id: Whom or what it did it to.
        reason: Why, as the call's header says.
    """
    if guild is not None:
        entry = AuditEntry(store.snowflakes.next(), action, store.bot.id, target_id, reason)
        guild.audit_log.append(entry)
