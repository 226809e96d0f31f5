"""Servers that the bot is not in any more, and how everything that was kept for one is forgotten."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from bot.store.database import Database

FORGOTTEN: Final = (
    "guild_settings",
    "guild_settings_audit",
    "guild_reports",
    "report_forms",
    "contributors",
    "weekly_boards",
    "shown",
)
"""The tables with what is kept for a server; people's own tasks and wishes are not among them."""

_KNOWN_BY: Final = tuple(table for table in FORGOTTEN if table != "shown")
"""What stands in `shown` stems from a task, and the person who finished it is a contributor."""


class LeftGuilds:
    """The table `left_guilds`: a row for each server whose records are kept in case the bot comes back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, guild_id: int, now: datetime) -> None:
        """The bot is not in a server any more; again is fine, and keeps the first time."""
        await self._database.execute(
            "INSERT INTO left_guilds (guild_id, left_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (guild_id, now.timestamp()),
        )

    async def came_back(self, guild_ids: Collection[int]) -> None:
        """The bot is in these servers: what is kept for them stays."""
        rows = await self._database.fetch_all("SELECT guild_id FROM left_guilds")
        for row in rows:
            if row["guild_id"] in guild_ids:
                await self._database.execute("DELETE FROM left_guilds WHERE guild_id = ?", (row["guild_id"],))

    async def known(self) -> set[int]:
        """Give the servers for which something is kept, or in which a task is open, but those in the table.

        It goes through whole tables: for the start, not for every day.
        """
        # The names are those above.
        parts = [f"SELECT DISTINCT guild_id FROM {table}" for table in _KNOWN_BY]  # noqa: S608
        parts.append("SELECT guild_id FROM sessions WHERE guild_id IS NOT NULL AND ended_at IS NULL")
        rows = await self._database.fetch_all(
            f"SELECT guild_id FROM ({' UNION '.join(parts)})"  # noqa: S608  # as above
            " WHERE guild_id NOT IN (SELECT guild_id FROM left_guilds)"
        )
        return {row["guild_id"] for row in rows}

    async def left_before(self, moment: datetime, limit: int) -> list[int]:
        """List the servers that the bot left before a moment, `limit` at most."""
        rows = await self._database.fetch_all(
            "SELECT guild_id FROM left_guilds WHERE left_at < ? ORDER BY left_at LIMIT ?",
            (moment.timestamp(), limit),
        )
        return [row["guild_id"] for row in rows]

    async def forget(self, guild_id: int) -> None:
        """Delete all that is kept for a server; people's own tasks stay."""
        async with self._database.transaction():
            for table in (*FORGOTTEN, "left_guilds"):
                await self._database.execute(
                    f"DELETE FROM {table} WHERE guild_id = ?",  # noqa: S608  # the names are those above
                    (guild_id,),
                )
