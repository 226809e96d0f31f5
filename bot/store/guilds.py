"""What a server set up for itself, and who changed what."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from loguru import logger
from pydantic import JsonValue

from bot.guarding import readable
from bot.guild_settings import DEFAULTS, GuildSetting, GuildSettings
from bot.store.database import Database

Values: TypeAlias = Mapping[GuildSetting, object]
"""New values of some settings, as `GuildSettings` takes them."""

_CHANGES: Final = (
    "SELECT id, setting, old_value, new_value, changed_by, interaction_id, changed_at"
    " FROM guild_settings_audit WHERE guild_id = ? ORDER BY id"
)
_CHANGES_BACK: Final = _CHANGES + " DESC"


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One row of a server's settings history; values are as in JSON."""

    setting: GuildSetting
    old_value: JsonValue
    new_value: JsonValue
    changed_by: int
    interaction_id: int
    changed_at: datetime


class Guilds:
    """The tables `guild_settings` (a row for each that is not the default) and its history."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settings(self, guild_id: int) -> GuildSettings:
        """Give the server's settings, the defaults where it never set any.

        A value that this version of the bot does not understand is named in the log, and counts as not set.
        """
        rows = await self._database.fetch_all(
            "SELECT setting, value FROM guild_settings WHERE guild_id = ?", (guild_id,)
        )
        settings = DEFAULTS
        for row in rows:
            try:
                settings = settings.with_value(GuildSetting(row["setting"]), json.loads(row["value"]))
            except ValueError:
                logger.error("Guild {} has an unreadable value for {}", guild_id, row["setting"])
        return settings

    async def replace(
        self,
        guild_id: int,
        values: Values,
        *,
        changed_by: int,
        interaction_id: int,
        now: datetime,
    ) -> GuildSettings:
        """Set some settings, whatever stands there; see `rework`."""
        return await self.rework(
            guild_id, lambda _: values, changed_by=changed_by, interaction_id=interaction_id, now=now
        )

    async def rework(
        self,
        guild_id: int,
        change: Callable[[GuildSettings], Values],
        *,
        changed_by: int,
        interaction_id: int,
        now: datetime,
    ) -> GuildSettings:
        """Change some settings and write each change into the history, all of it or nothing.

        A value that stands already is no change and leaves no row in the history.

        Args:
            guild_id: the server.
            change: gives the new values by the settings as they stand; nobody changes them in between. What
                it raises comes through, and nothing was changed.
            changed_by: the person.
            interaction_id: the click by which they did it.
            now: the time.

        Returns:
            The server's settings as they are now.

        Raises:
            pydantic.ValidationError: a setting does not take its value; nothing was changed.
        """
        async with self._database.transaction():
            before = await self.settings(guild_id)
            values = change(before)
            after = GuildSettings.model_validate(
                {**before.model_dump(), **{setting.value: value for setting, value in values.items()}}
            )
            for setting in values:
                old, new = before.json_value(setting), after.json_value(setting)
                if old == new:
                    continue
                await self._write(guild_id, setting, new)
                await self._database.execute(
                    "INSERT INTO guild_settings_audit"
                    " (guild_id, setting, old_value, new_value, changed_by, interaction_id, changed_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        guild_id,
                        setting.value,
                        json.dumps(old),
                        json.dumps(new),
                        changed_by,
                        interaction_id,
                        now.timestamp(),
                    ),
                )
        return after

    async def _write(self, guild_id: int, setting: GuildSetting, value: JsonValue) -> None:
        if value == DEFAULTS.json_value(setting):
            await self._database.execute(
                "DELETE FROM guild_settings WHERE guild_id = ? AND setting = ?", (guild_id, setting.value)
            )
            return
        await self._database.execute(
            "INSERT INTO guild_settings (guild_id, setting, value) VALUES (?, ?, ?)"
            " ON CONFLICT (guild_id, setting) DO UPDATE SET value = excluded.value",
            (guild_id, setting.value, json.dumps(value)),
        )

    async def changes(
        self, guild_id: int, *, skip: int = 0, most: int | None = None, newest_first: bool = False
    ) -> list[SettingChange]:
        """Give the history of the server's settings, oldest first, or a part of it.

        Args:
            guild_id: the server.
            skip: how many rows are left out at the beginning.
            most: how many rows at most; None: all.
            newest_first: whether to begin with the newest.
        """
        rows = await self._database.fetch_all(
            (_CHANGES_BACK if newest_first else _CHANGES) + " LIMIT ? OFFSET ?",
            (guild_id, -1 if most is None else most, skip),
        )
        return readable(rows, _change, "id")

    async def count_changes(self, guild_id: int) -> int:
        """Count the rows of the history of the server's settings."""
        row = await self._database.fetch_one(
            "SELECT COUNT(*) FROM guild_settings_audit WHERE guild_id = ?", (guild_id,)
        )
        return 0 if row is None else int(row[0])


def _change(row: sqlite3.Row) -> SettingChange:
    return SettingChange(
        setting=GuildSetting(row["setting"]),
        old_value=json.loads(row["old_value"]),
        new_value=json.loads(row["new_value"]),
        changed_by=row["changed_by"],
        interaction_id=row["interaction_id"],
        changed_at=datetime.fromtimestamp(row["changed_at"], UTC),
    )
