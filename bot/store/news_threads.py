"""Threads in which people were told of work: a task can be shown there, else they are closed in the end."""

from datetime import datetime

from bot.store.database import Database
from bot.store.work_alerts import WorkAlert


class NewsThreads:
    """The table of these threads, as long as nothing else is in them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, thread_id: int, alert: WorkAlert, close_at: datetime) -> None:
        """A person was told in a thread, which is to be closed at that time unless a task comes there."""
        await self._database.execute(
            "INSERT OR REPLACE INTO news_threads (thread_id, parent_id, user_id, task_type, lang, close_at,"
            " guild_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                thread_id,
                alert.parent_id,
                int(alert.user.id),
                alert.task_type.value,
                alert.lang,
                close_at.timestamp(),
                alert.guild_id,
            ),
        )

    async def parent_of(self, thread_id: int, user_id: int) -> int | None:
        """Give the channel that holds a thread, if it is one in which this person was told of work."""
        row = await self._database.fetch_one(
            "SELECT parent_id FROM news_threads WHERE thread_id = ? AND user_id = ?", (thread_id, user_id)
        )
        return None if row is None else row["parent_id"]

    async def remove(self, thread_id: int) -> None:
        """A task is shown in a thread, whose end closes it; or it is closed."""
        await self._database.execute("DELETE FROM news_threads WHERE thread_id = ?", (thread_id,))

    async def let_go(self, thread_id: int) -> None:
        """Nobody needs the news in a thread any more: it is nobody's, and can be closed."""
        await self._database.execute(
            "UPDATE news_threads SET user_id = 0, close_at = 0 WHERE thread_id = ?", (thread_id,)
        )

    async def fulfil(self, user_id: int, task_type: str, lang: str) -> None:
        """The person has got a task elsewhere: where they were told of that kind, or any, can be closed."""
        await self._database.execute(
            "UPDATE news_threads SET close_at = 0"
            " WHERE user_id = ? AND lang = ? AND task_type IN (?, 'random')",
            (user_id, lang, task_type),
        )

    async def to_close(self, now: datetime) -> list[tuple[int, int | None]]:
        """List the threads whose time is over, with their servers, but those in which a task is open."""
        rows = await self._database.fetch_all(
            "SELECT thread_id, guild_id FROM news_threads WHERE close_at <= ? AND NOT EXISTS ("
            " SELECT 1 FROM sessions WHERE sessions.thread_id = news_threads.thread_id"
            " AND sessions.ended_at IS NULL) ORDER BY close_at",
            (now.timestamp(),),
        )
        return [(row["thread_id"], row["guild_id"]) for row in rows]
