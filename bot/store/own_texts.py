"""A person's own texts while they look at them: what a form is filled with, and what is not saved yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bot.store.database import Database

KEPT_FOR = timedelta(days=1)
"""How long a text can be edited after it was last looked at; looking at it again begins anew."""

DRAFT_KEPT_FOR = timedelta(days=30)
"""How long another wording is kept that could not be saved."""


@dataclass(frozen=True, slots=True)
class OwnText:
    """One text of a person.

    Attributes:
        user_id: the author's Discord id.
        message_id: the backend's id of the message.
        text: as the backend had it last.
        draft: another wording that the backend has not got yet; None where there is none.
    """

    user_id: int
    message_id: UUID
    text: str
    draft: str | None = None


class OwnTexts:
    """The table `own_texts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, user_id: int, message_id: UUID, text: str, *, now: datetime) -> OwnText:
        """Remember a text as the backend has it, beside a draft that is there."""
        await self._database.execute(
            "INSERT INTO own_texts (user_id, message_id, text, stored_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (user_id, message_id) DO UPDATE"
            " SET text = excluded.text, stored_at = excluded.stored_at",
            (user_id, str(message_id), text, now.timestamp()),
        )
        return await self.get(user_id, message_id) or OwnText(user_id, message_id, text)

    async def get(self, user_id: int, message_id: UUID) -> OwnText | None:
        """Find a text of this person; None where it was not looked at of late."""
        row = await self._database.fetch_one(
            "SELECT text, draft FROM own_texts WHERE user_id = ? AND message_id = ?",
            (user_id, str(message_id)),
        )
        return None if row is None else OwnText(user_id, message_id, row["text"], row["draft"])

    async def drafted(self, user_id: int) -> list[OwnText]:
        """List a person's texts with another wording that is not saved, the newest first."""
        rows = await self._database.fetch_all(
            "SELECT message_id, text, draft FROM own_texts WHERE user_id = ? AND draft IS NOT NULL"
            " ORDER BY stored_at DESC",
            (user_id,),
        )
        return [OwnText(user_id, UUID(row["message_id"]), row["text"], row["draft"]) for row in rows]

    async def set_draft(self, user_id: int, message_id: UUID, draft: str, *, now: datetime) -> None:
        """Keep another wording until it is saved; one of a text that was forgotten is kept as well."""
        await self._database.execute(
            "INSERT INTO own_texts (user_id, message_id, text, draft, stored_at) VALUES (?1, ?2, '', ?3, ?4)"
            " ON CONFLICT (user_id, message_id) DO UPDATE"
            " SET draft = excluded.draft, stored_at = excluded.stored_at",
            (user_id, str(message_id), draft, now.timestamp()),
        )

    async def prune(self, now: datetime) -> None:
        """Forget texts that nobody looked at of late, and wordings that nobody saved in all their time."""
        await self._database.execute(
            "DELETE FROM own_texts WHERE stored_at < ? AND (draft IS NULL OR stored_at < ?)",
            ((now - KEPT_FOR).timestamp(), (now - DRAFT_KEPT_FOR).timestamp()),
        )

    async def drop_draft(self, user_id: int, message_id: UUID, draft: str | None = None) -> None:
        """Forget another wording: the given one and no newer one, or whichever there is."""
        await self._database.execute(
            "UPDATE own_texts SET draft = NULL"
            " WHERE user_id = ?1 AND message_id = ?2 AND (?3 IS NULL OR draft = ?3)",
            (user_id, str(message_id), draft),
        )
