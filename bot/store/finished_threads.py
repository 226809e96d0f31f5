"""The ends of threads whose tasks are over: what is still to be read there, and when they can be deleted."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class FinishedThread:
    """A thread that is archived, and to be deleted."""

    thread_id: int
    guild_id: int


class FinishedThreads:
    """What the table `sessions` says of threads.

    Of a session the column `closing` says: 0, its thread goes on; 1, it is to be closed; 2, it is closed;
    3, it is archived, and to be deleted once nobody needs it any more.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, thread_id: int, until: datetime) -> None:
        """Something was told in a thread, which must not be deleted before a moment."""
        await self._database.execute(
            "UPDATE sessions SET thread_kept_until = ? WHERE thread_id = ?", (until.timestamp(), thread_id)
        )

    async def is_needed(self, thread_id: int, now: datetime) -> bool:
        """Whether a thread still has to be there: for a task, an outcome that is to be told, or a reader."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM sessions WHERE thread_id = ?1 AND (ended_at IS NULL OR thread_kept_until > ?2"
            " OR EXISTS (SELECT 1 FROM outbox WHERE session_code = code AND announced = 0))",
            (thread_id, now.timestamp()),
        )
        return row is not None

    async def has_open_task(self, thread_id: int) -> bool:
        """Whether somebody works on a task in a thread, or is to be shown one there."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM sessions WHERE thread_id = ? AND ended_at IS NULL"
            " AND state IN ('offered', 'open', 'drafted', 'held')",
            (thread_id,),
        )
        return row is not None

    async def close_again(self, thread_id: int) -> None:
        """Ask to close a thread once more, if it was closed or to be, and no later task came into it.

        For who may have opened it for a task that has ended since, and for a task that has left it.
        """
        await self._database.execute(
            "UPDATE sessions SET closing = 1 WHERE closing > 1 AND code ="
            " (SELECT code FROM sessions WHERE thread_id = ? ORDER BY created_at DESC LIMIT 1)",
            (thread_id,),
        )

    async def delete_later(self, code: str, now: datetime) -> None:
        """The thread of a session is archived, and to be deleted as soon as it is not needed any more."""
        await self._database.execute(
            "UPDATE sessions SET closing = 3, thread_kept_until = COALESCE(thread_kept_until, ?)"
            " WHERE code = ?",
            (now.timestamp(), code),
        )

    async def to_delete(self, now: datetime, limit: int) -> list[FinishedThread]:
        """List the threads that nobody needs any more, `limit` at most."""
        rows = await self._database.fetch_all(
            f"SELECT DISTINCT thread_id, guild_id FROM sessions AS last WHERE {_TO_DELETE}"  # noqa: S608  # the literal below
            " ORDER BY thread_kept_until LIMIT ?2",
            (now.timestamp(), limit),
        )
        return [FinishedThread(row["thread_id"], row["guild_id"]) for row in rows]

    async def is_to_delete(self, thread_id: int, now: datetime) -> bool:
        """Whether a thread that was listed still is to be deleted: other deletions may have taken long."""
        row = await self._database.fetch_one(
            f"SELECT 1 FROM sessions AS last WHERE thread_id = ?2 AND {_TO_DELETE}",  # noqa: S608  # as above
            (now.timestamp(), thread_id),
        )
        return row is not None

    async def set_over(self, thread_id: int) -> None:
        """A thread is locked or gone, or stays as it is: nothing more is to be done about it."""
        await self._database.execute(
            "UPDATE sessions SET closing = 2 WHERE thread_id = ? AND ended_at IS NOT NULL", (thread_id,)
        )

    async def close_left_behind(self, now: datetime, limit: int) -> None:
        """Ask to close threads whose person finished their last task there and just left.

        Only when that task's time is over, and on servers that want more than Discord's own archiving.
        """
        await self._database.execute(
            "UPDATE sessions SET closing = 1 WHERE code IN (SELECT code FROM sessions AS last"
            " WHERE closing = 0 AND place = 'thread' AND ended_at IS NOT NULL AND expires_at <= ?"
            " AND guild_id IN (SELECT guild_id FROM guild_settings WHERE setting = 'finished_threads')"
            " AND NOT EXISTS (SELECT 1 FROM sessions AS later WHERE later.thread_id = last.thread_id"
            " AND later.created_at > last.created_at) LIMIT ?)",
            (now.timestamp(), limit),
        )


_TO_DELETE = (
    "closing = 3 AND thread_kept_until <= ?1 AND NOT EXISTS (SELECT 1 FROM sessions"
    " WHERE thread_id = last.thread_id AND (ended_at IS NULL OR thread_kept_until > ?1"
    " OR EXISTS (SELECT 1 FROM outbox WHERE session_code = code AND announced = 0)))"
    " AND NOT EXISTS (SELECT 1 FROM news_threads WHERE news_threads.thread_id = last.thread_id)"
    " AND NOT EXISTS (SELECT 1 FROM sessions AS later WHERE later.thread_id = last.thread_id"
    " AND later.created_at > last.created_at AND later.closing = 0)"
)
"""A session of a thread that nobody needs any more at ?1, and in which no later task has left it open."""
