"""The open panels on which people label a message outside a task."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store.database import Database

KEPT_FOR = timedelta(days=1)
"""Discord takes no click on such a panel for as long: its message is private and short-lived."""


@dataclass(frozen=True, slots=True)
class LabelPanel:
    """One panel; only the person it was opened for may use it.

    Attributes:
        panel_message_id: the Discord message with the controls.
        user_id: whose panel it is.
        form_state: the message to label, what is asked about it and what was chosen so far, as JSON.
    """

    panel_message_id: int
    user_id: int
    form_state: str


class LabelPanels:
    """The table `label_panels`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def expire(self, now: datetime) -> None:
        """Forget the panels that are too old."""
        await self._database.execute(
            "DELETE FROM label_panels WHERE created_at < ?", ((now - KEPT_FOR).timestamp(),)
        )

    async def open(self, panel: LabelPanel, *, now: datetime) -> None:
        """Remember a panel, in place of another on the same message, and forget those that are too old."""
        await self.expire(now)
        await self._database.execute(
            "INSERT OR REPLACE INTO label_panels"
            " (panel_message_id, user_id, form_state, created_at) VALUES (?, ?, ?, ?)",
            (panel.panel_message_id, panel.user_id, panel.form_state, now.timestamp()),
        )

    async def get(self, panel_message_id: int) -> LabelPanel | None:
        """Find the panel on a Discord message; None where it was closed or forgotten."""
        row = await self._database.fetch_one(
            "SELECT panel_message_id, user_id, form_state FROM label_panels WHERE panel_message_id = ?",
            (panel_message_id,),
        )
        return None if row is None else LabelPanel(*row)

    async def save_state(self, panel_message_id: int, form_state: str) -> None:
        """Keep what the person chose so far."""
        await self._database.execute(
            "UPDATE label_panels SET form_state = ? WHERE panel_message_id = ?",
            (form_state, panel_message_id),
        )

    async def close(self, panel_message_id: int) -> bool:
        """Forget a panel.

        Returns:
            Whether it was open; of two clicks that close it only one gets True.
        """
        changed = await self._database.execute(
            "DELETE FROM label_panels WHERE panel_message_id = ?", (panel_message_id,)
        )
        return changed > 0
