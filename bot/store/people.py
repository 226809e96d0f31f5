"""What the bot keeps of a person: languages, the place of their tasks, what they accepted and chose."""

from collections.abc import Sequence
from datetime import datetime

from bot.store.database import Database


class People:
    """The tables `people`, `person_languages` and `terms_ledger`; people are named by their Discord id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def language(self, user_id: int) -> str | None:
        """Give the language (BCP 47) that the person last chose for tasks; None where they chose none."""
        row = await self._database.fetch_one("SELECT lang FROM people WHERE user_id = ?", (user_id,))
        return None if row is None else row["lang"]

    async def set_language(self, user_id: int, lang: str, *, now: datetime) -> None:
        """Remember the language (BCP 47) that the person chose for tasks."""
        await self._database.execute(
            "INSERT INTO people (user_id, lang, changed_at) VALUES (?, ?, ?)"
            " ON CONFLICT (user_id) DO UPDATE SET lang = excluded.lang, changed_at = excluded.changed_at",
            (user_id, lang, now.timestamp()),
        )

    async def languages(self, user_id: int) -> list[str]:
        """List the languages (BCP 47) that the person can work in, as chosen; empty: not asked yet."""
        rows = await self._database.fetch_all(
            "SELECT lang FROM person_languages WHERE user_id = ? ORDER BY position", (user_id,)
        )
        return [row["lang"] for row in rows]

    async def task_languages(self, user_id: int) -> list[str]:
        """List the languages (BCP 47) for tasks: the one last chosen, then the others that the person can."""
        rows = await self._database.fetch_all(
            "SELECT lang, -1 AS position FROM people WHERE user_id = ?1 AND lang IS NOT NULL"
            " UNION ALL SELECT lang, position FROM person_languages WHERE user_id = ?1 ORDER BY position",
            (user_id,),
        )
        return list(dict.fromkeys(row["lang"] for row in rows))

    async def set_languages(self, user_id: int, langs: Sequence[str], *, now: datetime) -> None:
        """Remember the languages (BCP 47, each once, at least one) that the person can work in.

        The one that was last used for tasks stays so if it is among them, else the first takes its place.
        """
        async with self._database.transaction():
            await self._database.execute("DELETE FROM person_languages WHERE user_id = ?", (user_id,))
            for position, lang in enumerate(langs):
                await self._database.execute(
                    "INSERT INTO person_languages (user_id, lang, position) VALUES (?, ?, ?)",
                    (user_id, lang, position),
                )
            if await self.language(user_id) not in langs:
                await self.set_language(user_id, langs[0], now=now)

    async def is_anonymous(self, user_id: int) -> bool:
        """Say whether the person wants no name of theirs in log channels."""
        row = await self._database.fetch_one("SELECT anonymous FROM people WHERE user_id = ?", (user_id,))
        return row is not None and bool(row["anonymous"])

    async def set_anonymous(self, user_id: int, *, wanted: bool, now: datetime) -> None:
        """Remember whether the person wants to be anonymous in log channels."""
        await self._database.execute(
            "INSERT INTO people (user_id, anonymous, changed_at) VALUES (?, ?, ?) ON CONFLICT (user_id)"
            " DO UPDATE SET anonymous = excluded.anonymous, changed_at = excluded.changed_at",
            (user_id, int(wanted), now.timestamp()),
        )

    async def was_welcomed(self, user_id: int) -> bool:
        """Say whether the person has been asked for their languages and offered the tutorial."""
        row = await self._database.fetch_one("SELECT welcomed_at FROM people WHERE user_id = ?", (user_id,))
        return row is not None and row["welcomed_at"] is not None

    async def set_welcomed(self, user_id: int, *, now: datetime) -> None:
        """Remember that the person has been welcomed."""
        await self._database.execute(
            "INSERT INTO people (user_id, welcomed_at, changed_at) VALUES (?, ?2, ?2) ON CONFLICT (user_id)"
            " DO UPDATE SET welcomed_at = excluded.welcomed_at, changed_at = excluded.changed_at",
            (user_id, now.timestamp()),
        )

    async def direct_messages(self, user_id: int) -> bool:
        """Say whether the person wants tasks in direct messages where they cannot have a thread."""
        row = await self._database.fetch_one(
            "SELECT direct_messages FROM people WHERE user_id = ?", (user_id,)
        )
        return row is not None and bool(row["direct_messages"])

    async def set_direct_messages(self, user_id: int, *, wanted: bool, now: datetime) -> None:
        """Remember whether the person wants direct messages."""
        await self._database.execute(
            "INSERT INTO people (user_id, direct_messages, changed_at) VALUES (?, ?, ?)"
            " ON CONFLICT (user_id) DO UPDATE"
            " SET direct_messages = excluded.direct_messages, changed_at = excluded.changed_at",
            (user_id, int(wanted), now.timestamp()),
        )

    async def accepted_terms(self, user_id: int) -> int | None:
        """Give the newest version of the terms that the person accepted; None where they accepted none."""
        row = await self._database.fetch_one(
            "SELECT MAX(version) AS version FROM terms_ledger WHERE user_id = ?", (user_id,)
        )
        return None if row is None or row["version"] is None else int(row["version"])

    async def record_terms(
        self, user_id: int, *, version: int, locale: str, interaction_id: int, now: datetime
    ) -> bool:
        """Write down that the person accepted a version of the terms.

        Returns:
            Whether the row is new; a version that was accepted before keeps its first row.
        """
        changed = await self._database.execute(
            "INSERT INTO terms_ledger (user_id, version, locale, interaction_id, accepted_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (user_id, version, locale, interaction_id, now.timestamp()),
        )
        return changed > 0
