"""Who finished tasks on which server: the people of a server's own board."""

from datetime import datetime

from bot.store.database import Database


class Contributors:
    """The table `contributors`: one row for each server and person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, guild_id: int, user_id: int, now: datetime) -> None:
        """A person has finished a task on a server."""
        await self._database.execute(
            "INSERT INTO contributors (guild_id, user_id, tasks, first_at, last_at) VALUES (?, ?, 1, ?3, ?3)"
            " ON CONFLICT (guild_id, user_id) DO UPDATE SET tasks = tasks + 1, last_at = excluded.last_at",
            (guild_id, user_id, now.timestamp()),
        )

    async def of_guild(self, guild_id: int, limit: int) -> list[int]:
        """Give the ids of the people who finished a task on a server, the latest first, `limit` at most."""
        rows = await self._database.fetch_all(
            "SELECT user_id FROM contributors WHERE guild_id = ? ORDER BY last_at DESC LIMIT ?",
            (guild_id, limit),
        )
        return [row["user_id"] for row in rows]
