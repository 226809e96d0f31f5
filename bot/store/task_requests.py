"""Requests for tasks whose end is not known: the backend may have handed out a task that nobody has seen."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.guarding import readable
from bot.store.database import Database
from oasst_client import AuthMethod, TaskRequestType, User


@dataclass(frozen=True)
class TaskRequest:
    """One row.

    Attributes:
        key: what the backend was told that the request is called.
        lang: a BCP 47 tag.
        asked_at: when, in UTC.
    """

    key: str
    user: User
    task_type: TaskRequestType
    lang: str
    asked_at: datetime


class TaskRequests:
    """The table of requests: a row stands from before the backend is asked until it is clear what came."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, request: TaskRequest) -> None:
        """Write a request that is about to be sent."""
        await self._database.execute(
            "INSERT INTO task_requests (request_key, user_id, display_name, task_type, lang, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                request.key,
                int(request.user.id),
                request.user.display_name,
                request.task_type.value,
                request.lang,
                request.asked_at.timestamp(),
            ),
        )

    async def remove(self, key: str) -> None:
        """It is clear what came of a request; again is fine."""
        await self._database.execute("DELETE FROM task_requests WHERE request_key = ?", (key,))

    async def of(self, user_id: int) -> list[TaskRequest]:
        """List a person's requests, the latest first."""
        rows = await self._database.fetch_all(
            "SELECT * FROM task_requests WHERE user_id = ? ORDER BY created_at DESC", (user_id,)
        )
        return readable(rows, _request, "request_key")

    async def before(self, moment: datetime, limit: int) -> list[TaskRequest]:
        """List the requests that were made before a moment, oldest first, `limit` at most."""
        rows = await self._database.fetch_all(
            "SELECT * FROM task_requests WHERE created_at < ? ORDER BY created_at LIMIT ?",
            (moment.timestamp(), limit),
        )
        return readable(rows, _request, "request_key")


def _request(row: sqlite3.Row) -> TaskRequest:
    return TaskRequest(
        key=row["request_key"],
        user=User(id=str(row["user_id"]), display_name=row["display_name"], auth_method=AuthMethod.discord),
        task_type=TaskRequestType(row["task_type"]),
        lang=row["lang"],
        asked_at=datetime.fromtimestamp(row["created_at"], UTC),
    )
