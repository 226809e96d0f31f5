"""Forgets what has been over for long and whose every word has arrived."""

from datetime import datetime

from bot.store.database import Database


class Pruning:
    """Deletes old rows; what is still to be delivered or told stays.

    What could be told only to a person who came, and did not come in all that time, goes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sessions(self, before: datetime, limit: int) -> int:
        """Delete sessions that ended before a time, with what was delivered of them.

        Args:
            before: aware.
            limit: how many at most, so that nobody waits long for the database.

        Returns:
            How many were deleted.
        """
        async with self._database.transaction():
            rows = await self._database.fetch_all(
                "SELECT code FROM sessions WHERE ended_at < ? AND closing NOT IN (1, 3) AND NOT EXISTS ("
                " SELECT 1 FROM outbox WHERE session_code = code AND (state = 'waiting' OR announced = 0))"
                " ORDER BY ended_at LIMIT ?",
                (before.timestamp(), limit),
            )
            for row in rows:
                await self._database.execute("DELETE FROM outbox WHERE session_code = ?", (row["code"],))
                await self._database.execute("DELETE FROM sessions WHERE code = ?", (row["code"],))
        return len(rows)

    async def outbox(self, before: datetime, limit: int) -> int:
        """Delete what was delivered before a time and belongs to no session; give how many rows."""
        return await self._database.execute(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox INDEXED BY outbox_by_end"
            " WHERE session_code IS NULL"
            " AND done_at < ? AND state <> 'waiting' AND announced <> 0 LIMIT ?)",
            (before.timestamp(), limit),
        )

    async def settings_history(self, before: datetime, limit: int) -> int:
        """Delete what the history of servers' settings says of changes before a time; give how many."""
        return await self._database.execute(
            "DELETE FROM guild_settings_audit WHERE id IN ("
            "SELECT id FROM guild_settings_audit WHERE changed_at < ? LIMIT ?)",
            (before.timestamp(), limit),
        )
