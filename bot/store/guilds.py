"""What a server set up for itself, and who changed what."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.store.database import Database


class GuildSetting(StrEnum):
    """A setting of a server; each holds the id of a channel or a role, or nothing."""

    task_channel = "task_channel"
    log_channel = "log_channel"
    moderator_role = "moderator_role"


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """A server's settings; None means not set.

    Attributes:
        task_channel_id: where tasks open their threads; not set: where the command was used.
        log_channel_id: where finished tasks are told of; not set: nowhere.
        moderator_role_id: who moderates besides the holders of Manage Messages.
    """

    task_channel_id: int | None = None
    log_channel_id: int | None = None
    moderator_role_id: int | None = None

    def value(self, setting: GuildSetting) -> int | None:
        """Give one setting's value."""
        match setting:
            case GuildSetting.task_channel:
                return self.task_channel_id
            case GuildSetting.log_channel:
                return self.log_channel_id
            case GuildSetting.moderator_role:
                return self.moderator_role_id


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One row of a server's settings history."""

    setting: GuildSetting
    old_value: int | None
    new_value: int | None
    changed_by: int
    interaction_id: int
    changed_at: datetime


class Guilds:
    """The tables `guild_settings` and `guild_settings_audit`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settings(self, guild_id: int) -> GuildSettings:
        """Give the server's settings, all of them not set where it never set any."""
        row = await self._database.fetch_one(
            "SELECT task_channel_id, log_channel_id, moderator_role_id"
            " FROM guild_settings WHERE guild_id = ?",
            (guild_id,),
        )
        return GuildSettings() if row is None else GuildSettings(*row)

    async def update(
        self,
        guild_id: int,
        setting: GuildSetting,
        value: int | None,
        *,
        changed_by: int,
        interaction_id: int,
        now: datetime,
    ) -> GuildSettings:
        """Change one setting (None clears it) and write the change into the history, both or neither.

        A value that stands already is no change and leaves no row in the history.

        Returns:
            The server's settings as they are now.
        """
        async with self._database.transaction():
            before = await self.settings(guild_id)
            if before.value(setting) == value:
                return before
            # The column's name comes from the enumeration above, never from outside.
            column = f"{setting.value}_id"
            await self._database.execute(
                f"INSERT INTO guild_settings (guild_id, {column}) VALUES (?, ?)"  # noqa: S608  # as said above
                f" ON CONFLICT (guild_id) DO UPDATE SET {column} = excluded.{column}",
                (guild_id, value),
            )
            await self._database.execute(
                "INSERT INTO guild_settings_audit"
                " (guild_id, setting, old_value, new_value, changed_by, interaction_id, changed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    guild_id,
                    setting.value,
                    before.value(setting),
                    value,
                    changed_by,
                    interaction_id,
                    now.timestamp(),
                ),
            )
            return await self.settings(guild_id)

    async def changes(self, guild_id: int) -> list[SettingChange]:
        """Give the history of the server's settings, oldest first."""
        rows = await self._database.fetch_all(
            "SELECT setting, old_value, new_value, changed_by, interaction_id, changed_at"
            " FROM guild_settings_audit WHERE guild_id = ? ORDER BY id",
            (guild_id,),
        )
        return [
            SettingChange(
                setting=GuildSetting(row["setting"]),
                old_value=row["old_value"],
                new_value=row["new_value"],
                changed_by=row["changed_by"],
                interaction_id=row["interaction_id"],
                changed_at=datetime.fromtimestamp(row["changed_at"], UTC),
            )
            for row in rows
        ]
