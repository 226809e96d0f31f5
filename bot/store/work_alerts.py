"""Who wants to be told, once, when there is work of a kind in a language, and where."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.guarding import readable
from bot.store.database import Database
from bot.store.sessions import Place
from oasst_client import AuthMethod, TaskRequestType, User

MOST_PER_PERSON: Final = 10
"""Wishes that are kept of a person; with one more, the oldest goes."""


@dataclass(frozen=True)
class WorkAlert:
    """One row.

    Attributes:
        locale: the person's language, as Discord names it.
        lang: the language of the work, a BCP 47 tag.
        guild_id: the server of the channel; None in direct messages.
        place: `thread` or `direct`.
        parent_id: the channel in which the person asked; in a thread, the one that holds it.
        thread_id: the person's own thread there; None: one is to be opened, or it is for direct messages.
        asked_at: when, in UTC.
    """

    user: User
    locale: str
    task_type: TaskRequestType
    lang: str
    guild_id: int | None
    place: Place
    parent_id: int
    thread_id: int | None
    asked_at: datetime


class WorkAlerts:
    """The table of wishes: one for each person, kind and language."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, alert: WorkAlert) -> None:
        """Keep a wish; the same one again replaces the earlier."""
        user_id = int(alert.user.id)
        async with self._database.transaction():
            await self._database.execute(
                "INSERT OR REPLACE INTO work_alerts (user_id, display_name, locale, task_type, lang,"
                " guild_id, place, parent_id, thread_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    user_id,
                    alert.user.display_name,
                    alert.locale,
                    alert.task_type.value,
                    alert.lang,
                    alert.guild_id,
                    alert.place.value,
                    alert.parent_id,
                    alert.thread_id,
                    alert.asked_at.timestamp(),
                ),
            )
            await self._database.execute(
                "DELETE FROM work_alerts WHERE user_id = ?1 AND rowid NOT IN (SELECT rowid FROM work_alerts"
                " WHERE user_id = ?1 ORDER BY created_at DESC, rowid DESC LIMIT ?2)",
                (user_id, MOST_PER_PERSON),
            )

    async def remove(self, user_id: int, task_type: TaskRequestType, lang: str) -> bool:
        """The person was told, or does not want to be any more; again is fine.

        Returns:
            Whether there was such a wish.
        """
        removed = await self._database.execute(
            "DELETE FROM work_alerts WHERE user_id = ? AND task_type = ? AND lang = ?",
            (user_id, task_type.value, lang),
        )
        return removed > 0

    async def is_kept(self, alert: WorkAlert) -> bool:
        """Whether the person still wants to be told, of this wish as it was read."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM work_alerts WHERE user_id = ? AND task_type = ? AND lang = ? AND created_at = ?",
            (int(alert.user.id), alert.task_type.value, alert.lang, alert.asked_at.timestamp()),
        )
        return row is not None

    async def fulfil(self, user_id: int, task_type: str, lang: str) -> None:
        """The person has got a task: whoever wanted that kind, or any, need not be told."""
        await self._database.execute(
            "DELETE FROM work_alerts WHERE user_id = ? AND lang = ? AND task_type IN (?, 'random')",
            (user_id, lang, task_type),
        )

    async def set_thread(self, alert: WorkAlert, thread_id: int | None) -> None:
        """Remember the thread in which the person is told; None: a new one is to be opened."""
        await self._database.execute(
            "UPDATE work_alerts SET thread_id = ? WHERE user_id = ? AND task_type = ? AND lang = ?",
            (thread_id, int(alert.user.id), alert.task_type.value, alert.lang),
        )

    async def expire(self, moment: datetime) -> int:
        """Forget what was asked for before a moment; give how many wishes those were."""
        return await self._database.execute(
            "DELETE FROM work_alerts WHERE created_at < ?", (moment.timestamp(),)
        )

    async def pending(self) -> list[WorkAlert]:
        """List the wishes, oldest first, of everybody who has no open task."""
        rows = await self._database.fetch_all(
            "SELECT * FROM work_alerts WHERE NOT EXISTS (SELECT 1 FROM sessions"
            " WHERE sessions.user_id = work_alerts.user_id"
            " AND sessions.state IN ('offered', 'open', 'drafted', 'held')) ORDER BY created_at"
        )
        return readable(rows, _alert, "user_id")


def _alert(row: sqlite3.Row) -> WorkAlert:
    return WorkAlert(
        user=User(id=str(row["user_id"]), display_name=row["display_name"], auth_method=AuthMethod.discord),
        locale=row["locale"],
        task_type=TaskRequestType(row["task_type"]),
        lang=row["lang"],
        guild_id=row["guild_id"],
        place=Place(row["place"]),
        parent_id=row["parent_id"],
        thread_id=row["thread_id"],
        asked_at=datetime.fromtimestamp(row["created_at"], UTC),
    )
