"""The open forms in which people say what is wrong with a member's message."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store.database import Database

KEPT_FOR = timedelta(days=1)
"""A form that was left open for longer is not sent any more."""


@dataclass(frozen=True, slots=True)
class ReportForm:
    """One form; what it is about is kept here, because what a form itself says can be forged.

    Attributes:
        interaction_id: the use of the menu that opened it.
        author_id: who wrote the message.
    """

    interaction_id: int
    guild_id: int
    channel_id: int
    message_id: int
    author_id: int
    reporter_id: int


class ReportForms:
    """The table `report_forms`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def expire(self, now: datetime) -> None:
        """Forget the forms that are too old."""
        await self._database.execute(
            "DELETE FROM report_forms WHERE opened_at < ?", ((now - KEPT_FOR).timestamp(),)
        )

    async def open(self, form: ReportForm, *, now: datetime) -> None:
        """Remember a form, and forget those that are too old."""
        async with self._database.transaction():
            await self.expire(now)
            await self._database.execute(
                "INSERT OR REPLACE INTO report_forms (interaction_id, guild_id, channel_id, message_id,"
                " author_id, reporter_id, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    form.interaction_id,
                    form.guild_id,
                    form.channel_id,
                    form.message_id,
                    form.author_id,
                    form.reporter_id,
                    now.timestamp(),
                ),
            )

    async def get(self, interaction_id: int) -> ReportForm | None:
        """Find a form by the use of the menu that opened it."""
        row = await self._database.fetch_one(
            "SELECT interaction_id, guild_id, channel_id, message_id, author_id, reporter_id"
            " FROM report_forms WHERE interaction_id = ?",
            (interaction_id,),
        )
        return None if row is None else ReportForm(*row)

    async def close(self, interaction_id: int) -> None:
        """Forget a form."""
        await self._database.execute("DELETE FROM report_forms WHERE interaction_id = ?", (interaction_id,))
