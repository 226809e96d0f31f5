"""The boards of the week: for which server one is due, what was done there, and which was posted."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.guild_settings import GuildSetting
from bot.store.database import Database
from bot.store.sessions import SessionState


@dataclass(frozen=True, slots=True)
class WeeklyBoard:
    """A board that was, or is to be, posted.

    Attributes:
        guild_id: the server.
        week: the ISO week, like `2026-W47`.
        channel_id: where it is posted.
        posted_after: a snowflake older than its message.
        begun_at: when it was to be posted.
    """

    guild_id: int
    week: str
    channel_id: int
    posted_after: int
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Worker:
    """A person and how many tasks they finished on a server in a week."""

    user_id: int
    tasks: int


class WeeklyBoards:
    """The table `weekly_boards`, and what a board is made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, week: str, since: datetime) -> list[int]:
        """List the servers that get a board of a week and do not have it yet.

        Args:
            week: the ISO week.
            since: its end; who chose a channel only after it gets the next week's board first.
        """
        rows = await self._database.fetch_all(
            "SELECT guild_id FROM guild_settings AS chosen WHERE setting = :setting"
            " AND NOT EXISTS (SELECT 1 FROM weekly_boards AS board WHERE board.guild_id = chosen.guild_id"
            " AND board.week = :week AND board.settled_at IS NOT NULL)"
            " AND NOT EXISTS (SELECT 1 FROM guild_settings_audit AS change"
            " WHERE change.guild_id = chosen.guild_id AND change.setting = :setting"
            " AND change.old_value = 'null' AND change.changed_at >= :since) ORDER BY guild_id",
            {"setting": GuildSetting.announcement_channel.value, "week": week, "since": since.timestamp()},
        )
        return [row["guild_id"] for row in rows]

    async def find(self, guild_id: int, week: str) -> WeeklyBoard | None:
        """Give a board that was begun; None where none was."""
        row = await self._database.fetch_one(
            "SELECT guild_id, week, channel_id, posted_after, begun_at FROM weekly_boards"
            " WHERE guild_id = ? AND week = ?",
            (guild_id, week),
        )
        return None if row is None else _board(row)

    async def begin(self, board: WeeklyBoard) -> None:
        """A board is about to be posted."""
        await self._database.execute(
            "INSERT INTO weekly_boards (guild_id, week, channel_id, posted_after, begun_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (board.guild_id, board.week, board.channel_id, board.posted_after, board.begun_at.timestamp()),
        )

    async def settle(self, board: WeeklyBoard, message_id: int | None, now: datetime) -> None:
        """A board was posted; or, without a message, there is none in this week."""
        await self._database.execute(
            "INSERT INTO weekly_boards"
            " (guild_id, week, channel_id, posted_after, begun_at, message_id, settled_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (guild_id, week) DO UPDATE"
            " SET message_id = excluded.message_id, settled_at = excluded.settled_at",
            (
                board.guild_id,
                board.week,
                board.channel_id,
                board.posted_after,
                board.begun_at.timestamp(),
                message_id,
                now.timestamp(),
            ),
        )

    async def workers(self, guild_id: int, start: datetime, end: datetime) -> list[Worker]:
        """List who finished tasks on a server in a span, most tasks first; of equals, who was done first."""
        rows = await self._database.fetch_all(
            "SELECT user_id, COUNT(*) AS tasks FROM sessions"
            " WHERE guild_id = ? AND state = ? AND ended_at >= ? AND ended_at < ?"
            " GROUP BY user_id ORDER BY tasks DESC, MAX(ended_at), user_id",
            (guild_id, SessionState.delivered.value, start.timestamp(), end.timestamp()),
        )
        return [Worker(row["user_id"], row["tasks"]) for row in rows]

    async def newcomers(self, guild_id: int, start: datetime, end: datetime) -> list[int]:
        """List who finished their first task on a server in a span, in the order in which they came."""
        rows = await self._database.fetch_all(
            "SELECT user_id FROM contributors WHERE guild_id = ? AND first_at >= ? AND first_at < ?"
            " ORDER BY first_at, user_id",
            (guild_id, start.timestamp(), end.timestamp()),
        )
        return [row["user_id"] for row in rows]


def _board(row: sqlite3.Row) -> WeeklyBoard:
    return WeeklyBoard(
        guild_id=row["guild_id"],
        week=row["week"],
        channel_id=row["channel_id"],
        posted_after=row["posted_after"],
        begun_at=datetime.fromtimestamp(row["begun_at"], UTC),
    )
