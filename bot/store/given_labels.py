"""What a person said last of a message of the dataset, so that they find it again and can correct it."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from bot.store.database import Database


class GivenLabels:
    """The table `given_labels`: the latest labels and the latest report of each person and message."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        user_id: int,
        message_id: UUID,
        values: Mapping[str, float],
        *,
        is_report: bool,
        outbox_id: int,
        now: datetime,
    ) -> None:
        """Keep labels (0..1 by name) or a report, in place of the person's earlier ones.

        Args:
            user_id: who gave them.
            message_id: the backend's id of the message.
            values: the answers.
            is_report: whether they say what is wrong with it.
            outbox_id: the outbox entry that takes them to the backend.
            now: the time.
        """
        await self._database.execute(
            "INSERT OR REPLACE INTO given_labels"
            " (user_id, backend_message_id, is_report, labels, outbox_id, given_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (user_id, str(message_id), int(is_report), json.dumps(dict(values)), outbox_id, now.timestamp()),
        )

    async def get(self, user_id: int, message_id: UUID, *, is_report: bool) -> dict[str, float]:
        """Give what a person said last of a message; empty where nothing, or the backend did not take it."""
        row = await self._database.fetch_one(
            "SELECT labels FROM given_labels LEFT JOIN outbox ON outbox.id = outbox_id"
            " WHERE given_labels.user_id = ? AND backend_message_id = ? AND is_report = ?"
            " AND outbox.state IS NOT 'refused'",
            (user_id, str(message_id), int(is_report)),
        )
        if row is None:
            return {}
        labels: dict[str, float] = json.loads(row["labels"])
        return labels

    async def outbox_id(self, user_id: int, message_id: UUID, *, is_report: bool) -> int | None:
        """Give the outbox entry with what a person said last of a message; None where they said nothing."""
        row = await self._database.fetch_one(
            "SELECT outbox_id FROM given_labels"
            " WHERE user_id = ? AND backend_message_id = ? AND is_report = ?",
            (user_id, str(message_id), int(is_report)),
        )
        return None if row is None else int(row["outbox_id"])
