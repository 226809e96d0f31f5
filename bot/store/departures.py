"""A person leaves: what is under way in their name ends or is let go of, before their rows are erased."""

from datetime import datetime, timedelta
from typing import Final

from bot.store.database import Database
from bot.store.personal import NOBODY

RECENT: Final = timedelta(days=4)
"""Discord archives a thread by itself after three days; older ones need no closing."""


class Departures:
    """Statements over sessions, outbox and threads that no walk over a declaration can make.

    The methods belong into one transaction, in this order; `Personal.erase` comes after them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget_shown(self, user_id: int) -> None:
        """Forget what stands where in a person's own threads and direct messages."""
        await self._database.execute(
            "DELETE FROM shown WHERE channel_id IN (SELECT thread_id FROM sessions WHERE user_id = ?1"
            " UNION SELECT parent_id FROM sessions WHERE user_id = ?1 AND place = 'direct')",
            (user_id,),
        )

    async def to_close(self, user_id: int, now: datetime) -> list[str]:
        """List the codes of a person's sessions for which something is left to do in Discord.

        That is an open task's end to be shown, a thread to be closed, a reminder to be taken back.
        """
        rows = await self._database.fetch_all(
            "SELECT code FROM sessions WHERE user_id = ?1 AND (closing IN (1, 3)"
            " OR reminder_message_id IS NOT NULL"
            " OR (place IN ('thread', 'direct') AND state IN ('offered', 'open', 'drafted', 'held'))"
            " OR (thread_id IS NOT NULL AND closing = 0 AND COALESCE(ended_at, ?2) >= ?3 AND NOT EXISTS ("
            " SELECT 1 FROM sessions AS later WHERE later.thread_id = sessions.thread_id"
            " AND later.created_at > sessions.created_at)))",
            (user_id, now.timestamp(), (now - RECENT).timestamp()),
        )
        return [row["code"] for row in rows]

    async def strip(self, code: str, form_state: str, now: datetime) -> None:
        """A session is nobody's from now on, and only its thread is still to be closed.

        Args:
            code: whose.
            form_state: of a task that nobody has touched, as JSON.
            now: the time.
        """
        await self._database.execute(
            "UPDATE sessions SET user_id = ?, display_name = '', form_state = ?, closing = 1,"
            " thread_kept_until = NULL, ended_at = COALESCE(ended_at, ?),"
            " state = CASE WHEN state IN ('offered', 'open', 'drafted', 'held') THEN 'skipped' ELSE state END"
            " WHERE code = ?",
            (NOBODY, form_state, now.timestamp(), code),
        )

    async def let_go(self, user_id: int) -> None:
        """What waits for the backend goes there without its session, and nobody is told of it."""
        await self._database.execute(
            "UPDATE outbox SET session_code = NULL, announced = 1 WHERE user_id = ? AND state = 'waiting'",
            (user_id,),
        )

    async def take_back(self, user_id: int, reason: str) -> None:
        """What a person gave, and the backend does not have, is not handed in: tasks go back instead.

        An entry that is just being delivered keeps its place until that is through.
        """
        await self._database.execute(
            "UPDATE outbox SET kind = 'nack', payload = ?"
            " WHERE user_id = ? AND state = 'waiting' AND kind = 'answer'",
            (reason, user_id),
        )
        await self._database.execute(
            "UPDATE outbox SET payload = '' WHERE user_id = ? AND state = 'waiting' AND kind = 'labels'",
            (user_id,),
        )

    async def close_news(self, user_id: int) -> None:
        """The threads in which a person was told of work can be closed."""
        await self._database.execute("UPDATE news_threads SET close_at = 0 WHERE user_id = ?", (user_id,))

    async def forget_closed(self) -> int:
        """Forget the sessions of people who left, once their threads are closed; give how many."""
        return await self._database.execute(
            "DELETE FROM sessions WHERE user_id = ? AND closing = 2 AND reminder_message_id IS NULL",
            (NOBODY,),
        )
