"""Which backend message stands where in Discord."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot.store.database import Database


@dataclass(frozen=True)
class ShownMessage:
    """A backend message as part of a Discord message.

    Attributes:
        position: the index of the first embed, or file, of the Discord message that shows it.
        channel_id: the thread or the direct messages in which it stands.
        parent_id: the channel that holds the thread, or once more the direct messages.
        guild_id: the server; None in direct messages.
    """

    discord_message_id: int
    position: int
    channel_id: int
    parent_id: int | None
    guild_id: int | None
    backend_message_id: UUID


class Shown:
    """The table of (Discord message, position, backend message)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, messages: Iterable[ShownMessage]) -> None:
        """Remember what a posted Discord message shows; again for the same place replaces it."""
        rows = [
            (
                message.discord_message_id,
                message.position,
                message.channel_id,
                message.parent_id,
                message.guild_id,
                str(message.backend_message_id),
            )
            for message in messages
        ]
        if rows:
            # One statement, and so one commit, however many there are.
            values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows))
            await self._database.execute(
                "INSERT OR REPLACE INTO shown"  # noqa: S608  # what varies is the number of question marks
                " (discord_message_id, position, channel_id, parent_id, guild_id, backend_message_id)"
                f" VALUES {values}",
                [value for row in rows for value in row],
            )

    async def stands_in(self, channel_id: int, backend_message_id: UUID) -> bool:
        """Say whether the bot posted a backend message in a thread, a channel or direct messages."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM shown WHERE channel_id = ? AND backend_message_id = ? LIMIT 1",
            (channel_id, str(backend_message_id)),
        )
        return row is not None

    async def forget(self, channel_id: int) -> None:
        """Forget what stood in a thread that is gone, or in the threads of a channel that is gone."""
        await self._database.execute(
            "DELETE FROM shown WHERE channel_id = ?1 OR parent_id = ?1", (channel_id,)
        )

    async def forget_guild(self, guild_id: int) -> None:
        """Forget what stood on a server that the bot is not in any more."""
        await self._database.execute("DELETE FROM shown WHERE guild_id = ?", (guild_id,))

    async def on(self, discord_message_id: int) -> list[ShownMessage]:
        """List what a Discord message shows, in its order; empty for a message that is no task's."""
        rows = await self._database.fetch_all(
            "SELECT * FROM shown WHERE discord_message_id = ? ORDER BY position", (discord_message_id,)
        )
        return [
            ShownMessage(
                row["discord_message_id"],
                row["position"],
                row["channel_id"],
                row["parent_id"],
                row["guild_id"],
                UUID(row["backend_message_id"]),
            )
            for row in rows
        ]
