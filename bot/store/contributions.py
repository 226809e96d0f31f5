"""Texts that people want to give as first messages, until each has become a session or went back."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.store.database import Database
from oasst_client import AuthMethod, User

KEPT_FOR = timedelta(days=1)
"""How long a text waits for its person to say in which language, or to accept the terms."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One text.

    Attributes:
        user_id: who wrote it, and gives it.
        locale: in which they read.
        guild_id: the server where they gave it; None in direct messages.
        text: whole, as they submitted it.
        lang: the language it is in (BCP 47); None until that is known.
        submitted_by: the interaction that brought the text.
        confirmed_by: the interaction after which nothing more was asked; None until then.
        returned: why it goes back, in the person's words, as soon as they come; None: it does not.
    """

    id: int
    user_id: int
    display_name: str
    locale: str
    guild_id: int | None
    channel_id: int
    text: str
    lang: str | None
    submitted_by: int
    confirmed_by: int | None
    returned: str | None
    created_at: datetime

    @property
    def user(self) -> User:
        """The person, as the backend knows them."""
        return User(id=str(self.user_id), display_name=self.display_name, auth_method=AuthMethod.discord)


class Contributions:
    """The table `contributions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        user: User,
        text: str,
        *,
        locale: str,
        guild_id: int | None,
        channel_id: int,
        submitted_by: int,
        now: datetime,
    ) -> Contribution:
        """Keep a text that was submitted."""
        row = await self._database.fetch_one(
            "INSERT INTO contributions (user_id, display_name, locale, guild_id, channel_id, text,"
            " submitted_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                int(user.id),
                user.display_name,
                locale,
                guild_id,
                channel_id,
                text,
                submitted_by,
                now.timestamp(),
            ),
        )
        assert row is not None  # noqa: S101  # RETURNING gives a row or raises
        return _contribution(row)

    async def get(self, contribution_id: int) -> Contribution | None:
        """Find a text; None where it has become a session, or went back."""
        row = await self._database.fetch_one("SELECT * FROM contributions WHERE id = ?", (contribution_id,))
        return None if row is None else _contribution(row)

    async def confirm(self, contribution_id: int, lang: str, confirmed_by: int) -> bool:
        """Nothing more is asked: it is to be handed in; True for the first to say so, or to take it back."""
        changed = await self._database.execute(
            "UPDATE contributions SET lang = ?, confirmed_by = ?"
            " WHERE id = ? AND confirmed_by IS NULL AND returned IS NULL",
            (lang, confirmed_by, contribution_id),
        )
        return changed > 0

    async def to_hand_in(self) -> list[Contribution]:
        """List what was confirmed, oldest first, and has neither become a session nor goes back."""
        rows = await self._database.fetch_all(
            "SELECT * FROM contributions WHERE confirmed_by IS NOT NULL AND returned IS NULL ORDER BY id"
        )
        return [_contribution(row) for row in rows]

    async def set_returned(self, contribution_id: int, why: str) -> None:
        """It is to go back to its person once they come."""
        await self._database.execute(
            "UPDATE contributions SET returned = ? WHERE id = ?", (why, contribution_id)
        )

    async def take_back(self, contribution_id: int, why: str) -> bool:
        """It goes back before it was confirmed; True for the first to say so, or to confirm it."""
        changed = await self._database.execute(
            "UPDATE contributions SET returned = ?"
            " WHERE id = ? AND confirmed_by IS NULL AND returned IS NULL",
            (why, contribution_id),
        )
        return changed > 0

    async def set_asked(self, contribution_id: int) -> None:
        """Its person has before them what they are asked about it."""
        await self._database.execute("UPDATE contributions SET asked = 1 WHERE id = ?", (contribution_id,))

    async def returned_to(self, user_id: int) -> list[Contribution]:
        """List what is to go back to a person, oldest first.

        With what they were to be asked about and never were, because the process ended before.
        """
        rows = await self._database.fetch_all(
            "SELECT * FROM contributions WHERE user_id = ?"
            " AND (returned IS NOT NULL OR (confirmed_by IS NULL AND asked = 0)) ORDER BY id",
            (user_id,),
        )
        return [_contribution(row) for row in rows]

    async def remove(self, contribution_id: int) -> bool:
        """Forget a text.

        Returns:
            Whether it was there; of two that take it only one gets True.
        """
        changed = await self._database.execute("DELETE FROM contributions WHERE id = ?", (contribution_id,))
        return changed > 0

    async def forget_before(self, unconfirmed: datetime, returned: datetime) -> None:
        """Forget what its person left alone, and what they never came for.

        Args:
            unconfirmed: texts that were submitted before and not confirmed since.
            returned: texts that were submitted before and are still to go back.
        """
        await self._database.execute(
            "DELETE FROM contributions WHERE (confirmed_by IS NULL AND created_at < ?)"
            " OR (returned IS NOT NULL AND created_at < ?)",
            (unconfirmed.timestamp(), returned.timestamp()),
        )


def _contribution(row: sqlite3.Row) -> Contribution:
    return Contribution(
        id=row["id"],
        user_id=row["user_id"],
        display_name=row["display_name"],
        locale=row["locale"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        text=row["text"],
        lang=row["lang"],
        submitted_by=row["submitted_by"],
        confirmed_by=row["confirmed_by"],
        returned=row["returned"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
    )
