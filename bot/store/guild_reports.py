"""Reports of ordinary messages of a server: records for its moderators, never part of a dataset."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class GuildReport:
    """One person's report of one message; the message's own text is not kept.

    Attributes:
        author_id: who wrote the message.
        note: what the reporter wrote about it.
        settled_by: the moderator who dealt with it; None while it is open.
    """

    id: int
    guild_id: int
    channel_id: int
    message_id: int
    author_id: int
    reporter_id: int
    note: str
    created_at: datetime
    settled_by: int | None
    settled_at: datetime | None


class GuildReports:
    """The table `guild_reports`: one row for each message and reporter.

    A moderator neither sees nor settles a report of their own message: a report names who made it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        *,
        guild_id: int,
        channel_id: int,
        message_id: int,
        author_id: int,
        reporter_id: int,
        note: str,
        now: datetime,
    ) -> bool:
        """Keep a report; again by the same person it replaces the earlier, and is open once more.

        It names its author anew, whose id a deletion of their data may have taken out of the earlier one.

        Returns:
            Whether it is this person's first of this message.
        """
        async with self._database.transaction():
            known = await self.of(reporter_id, message_id)
            await self._database.execute(
                "INSERT INTO guild_reports (guild_id, channel_id, message_id, author_id, reporter_id, note,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id, reporter_id)"
                " DO UPDATE SET author_id = excluded.author_id, note = excluded.note,"
                " created_at = excluded.created_at, settled_by = NULL, settled_at = NULL",
                (guild_id, channel_id, message_id, author_id, reporter_id, note, now.timestamp()),
            )
        return known is None

    async def of(self, reporter_id: int, message_id: int) -> GuildReport | None:
        """Find a person's report of a message."""
        row = await self._database.fetch_one(
            "SELECT * FROM guild_reports WHERE message_id = ? AND reporter_id = ?", (message_id, reporter_id)
        )
        return None if row is None else _report(row)

    async def is_open_of(self, message_id: int) -> bool:
        """Say whether somebody has reported a message and nobody has dealt with it yet."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM guild_reports WHERE message_id = ? AND settled_at IS NULL LIMIT 1", (message_id,)
        )
        return row is not None

    async def count_open_by(self, guild_id: int, reporter_id: int) -> int:
        """Count the open reports that a person made on a server."""
        row = await self._database.fetch_one(
            "SELECT COUNT(*) AS count FROM guild_reports WHERE guild_id = ? AND reporter_id = ?"
            " AND settled_at IS NULL",
            (guild_id, reporter_id),
        )
        return 0 if row is None else int(row["count"])

    async def get_for(self, moderator_id: int, report_id: int) -> GuildReport | None:
        """Find a report of somebody else's message."""
        row = await self._database.fetch_one(
            "SELECT * FROM guild_reports WHERE id = ? AND author_id <> ?", (report_id, moderator_id)
        )
        return None if row is None else _report(row)

    async def open_for(
        self, moderator_id: int, guild_id: int, limit: int, offset: int = 0
    ) -> list[GuildReport]:
        """List the open reports of a server for one of its moderators, the oldest first."""
        rows = await self._database.fetch_all(
            "SELECT * FROM guild_reports WHERE guild_id = ? AND author_id <> ? AND settled_at IS NULL"
            " ORDER BY id LIMIT ? OFFSET ?",
            (guild_id, moderator_id, limit, offset),
        )
        return [_report(row) for row in rows]

    async def settled_for(
        self, moderator_id: int, guild_id: int, limit: int, offset: int = 0
    ) -> list[GuildReport]:
        """List the settled reports of a server for one of its moderators, the last that was settled first."""
        rows = await self._database.fetch_all(
            "SELECT * FROM guild_reports WHERE guild_id = ? AND author_id <> ? AND settled_at IS NOT NULL"
            " ORDER BY settled_at DESC, id DESC LIMIT ? OFFSET ?",
            (guild_id, moderator_id, limit, offset),
        )
        return [_report(row) for row in rows]

    async def counts_for(self, moderator_id: int, guild_id: int) -> tuple[int, int]:
        """Count the open and the settled reports of a server that one of its moderators sees."""
        row = await self._database.fetch_one(
            "SELECT COUNT(*) AS count, COUNT(settled_at) AS settled FROM guild_reports"
            " WHERE guild_id = ? AND author_id <> ?",
            (guild_id, moderator_id),
        )
        return (0, 0) if row is None else (row["count"] - row["settled"], row["settled"])

    async def settle(self, report_id: int, guild_id: int, moderator_id: int, now: datetime) -> bool:
        """A moderator of the server has dealt with a report of others; True for the first to say so."""
        changed = await self._database.execute(
            "UPDATE guild_reports SET settled_by = ?, settled_at = ?"
            " WHERE id = ? AND guild_id = ? AND author_id <> ? AND settled_at IS NULL",
            (moderator_id, now.timestamp(), report_id, guild_id, moderator_id),
        )
        return changed > 0

    async def forget_before(self, settled: datetime, created: datetime) -> None:
        """Forget reports that were settled before a time, and open ones that were made before another."""
        await self._database.execute("DELETE FROM guild_reports WHERE settled_at < ?", (settled.timestamp(),))
        await self._database.execute(
            "DELETE FROM guild_reports WHERE settled_at IS NULL AND created_at < ?", (created.timestamp(),)
        )


def _report(row: sqlite3.Row) -> GuildReport:
    settled_at = row["settled_at"]
    return GuildReport(
        id=row["id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        author_id=row["author_id"],
        reporter_id=row["reporter_id"],
        note=row["note"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
        settled_by=row["settled_by"],
        settled_at=None if settled_at is None else datetime.fromtimestamp(settled_at, UTC),
    )
