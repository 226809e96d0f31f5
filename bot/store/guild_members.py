"""People as members of a server: what they finished there today, and whether they are still there."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that is open for a member of a server."""

    code: str
    guild_id: int
    user_id: int


class GuildMembers:
    """What the tables `sessions` and `outbox` say of members."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def finished(self, guild_id: int, user_id: int, *, since: datetime, began_after: datetime) -> int:
        """Count the tasks whose answers a person has sent, but those that were refused.

        Args:
            guild_id: the server that they count for.
            user_id: the person.
            since: when the first of them was sent.
            began_after: no task that was begun before can still have been open then.
        """
        row = await self._database.fetch_one(
            "SELECT COUNT(*) AS count FROM sessions WHERE guild_id = ? AND user_id = ? AND created_at > ?"
            " AND EXISTS (SELECT 1 FROM outbox WHERE session_code = code AND kind = 'answer'"
            " AND outbox.state IN ('waiting', 'done') AND outbox.created_at >= ?)",
            (guild_id, user_id, began_after.timestamp(), since.timestamp()),
        )
        return 0 if row is None else int(row["count"])

    async def to_look_up(self, looked_before: datetime, limit: int) -> list[OpenTask]:
        """List open tasks on servers to which it matters whether their people are still there.

        Args:
            looked_before: only who was not looked up since; who asked for a task since then was there.
            limit: how many at most, first those who were looked up longest ago.
        """
        rows = await self._database.fetch_all(
            "SELECT code, guild_id, user_id FROM sessions WHERE ended_at IS NULL"
            " AND COALESCE(member_checked_at, created_at) <= ?"
            " AND state IN ('open', 'drafted', 'held') AND guild_id IN"
            " (SELECT guild_id FROM guild_settings WHERE setting = 'when_member_leaves')"
            " ORDER BY COALESCE(member_checked_at, created_at) LIMIT ?",
            (looked_before.timestamp(), limit),
        )
        return [OpenTask(row["code"], row["guild_id"], row["user_id"]) for row in rows]

    async def set_looked_up(self, code: str, now: datetime) -> None:
        """The person of an open task was looked up on its server."""
        await self._database.execute(
            "UPDATE sessions SET member_checked_at = ? WHERE code = ?", (now.timestamp(), code)
        )
