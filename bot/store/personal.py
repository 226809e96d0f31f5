"""What of the bot's tables says something about a person: why, for how long, and what a deletion does.

Export and deletion walk this declaration; `docs/privacy.md` shows it. A test holds it against the database,
so that no new table and no new column goes without an entry.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bot.store.database import Database

NOBODY: Final = 0
"""Stands where the id of a person was taken out of a row that stays."""

_BATCH: Final = 500
"""Rows that are read at a time, so that nobody waits long for the database."""

NO_PERSON: Final = "nothing of people"


class Fate(StrEnum):
    """What a deletion does to a row that names the person in a column."""

    deleted = "deleted"
    """The row goes."""
    unnamed = "unnamed"
    """The id is taken out, the row stays."""


@dataclass(frozen=True, slots=True)
class Names:
    """A column that holds people's Discord ids.

    Attributes:
        column: its name.
        fate: what a deletion does to the row.
        only: which rows it does that to, as SQL; empty: all. The others are the business of `Departures`,
            or stay for the reason that the table gives.
        hides: columns that an export leaves out of a row in which the person stands here, because they are
            another person's.
    """

    column: str
    fate: Fate = Fate.deleted
    only: str = ""
    hides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """A table of the bot's database.

    Attributes:
        what: what a row is, in a few words.
        names: the columns that hold people's ids.
        personal: further columns that say something about a person.
        plain: columns that say nothing about one.
        why: what it is kept for.
        period: how long.
        at_deletion: what a deletion does to it.
    """

    what: str
    why: str
    period: str
    names: tuple[Names, ...] = ()
    personal: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    at_deletion: str = "deleted"

    @property
    def columns(self) -> frozenset[str]:
        """All columns that are declared."""
        return frozenset({*(one.column for one in self.names), *self.personal, *self.plain})


_OWN: Final = (Names("user_id"),)

TABLES: Final[Mapping[str, PersonalTable]] = {
    "people": PersonalTable(
        what="what a person chose: language of tasks, direct messages, anonymity in logs",
        names=_OWN,
        personal=("lang", "direct_messages", "anonymous", "welcomed_at", "changed_at"),
        why="so that nothing is asked twice",
        period="until deleted",
    ),
    "person_languages": PersonalTable(
        what="the languages a person can work in",
        names=_OWN,
        personal=("lang", "position"),
        why="to offer fitting tasks",
        period="until deleted",
    ),
    "terms_ledger": PersonalTable(
        what="which version of the terms a person accepted, when, in which language, with which click",
        names=_OWN,
        personal=("version", "locale", "interaction_id", "accepted_at"),
        plain=("id",),
        why="to show that what was given was given knowingly",
        period="until deleted",
        at_deletion="deleted; who comes back is asked anew",
    ),
    "outbox": PersonalTable(
        what="what a person did that goes to the backend: answers, labels, tasks given back, accepted terms,"
        " a deletion",
        names=(Names("user_id", only="state <> 'waiting'"),),
        personal=("display_name", "payload", "error_message", "created_at", "done_at", "guild_id"),
        plain=(
            "id",
            "kind",
            "session_code",
            "task_id",
            "state",
            "attempts",
            "next_at",
            "error_code",
            "announced",
        ),
        why="so that nothing that was sent is lost",
        period="until the backend has it, and 90 days",
        at_deletion="deleted; what the backend must still hear, last of all that the person leaves, as soon"
        " as it has heard it. Who takes all back takes back what was not handed in",
    ),
    "sessions": PersonalTable(
        what="a task that was shown to a person: where, its texts, the draft and the answer, how it ended",
        names=(Names("user_id"),),
        personal=(
            "display_name",
            "locale",
            "guild_id",
            "place",
            "parent_id",
            "thread_id",
            "ack_message_id",
            "control_message_id",
            "form_state",
            "problem",
            "created_at",
            "ended_at",
            "paused",
            "reminded_at",
            "reminder_channel_id",
            "reminder_message_id",
            "member_checked_at",
            "thread_kept_until",
        ),
        plain=(
            "code",
            "posted_after",
            "task_id",
            "task",
            "lang",
            "requested_type",
            "state",
            "expires_at",
            "posted_parts",
            "closing",
        ),
        why="so that a task goes on after a restart, and its buttons answer",
        period="90 days after its end",
        at_deletion="deleted; where a thread is still to be closed, the id, the name and all that was written"
        " are taken out at once, and the row goes with the thread. A text of theirs that a task showed to"
        " somebody else stays in that person's row for its time",
    ),
    "shown": PersonalTable(
        what="which message of the dataset stands in which Discord message",
        personal=("discord_message_id", "channel_id", "parent_id", "guild_id"),
        plain=("position", "backend_message_id"),
        why="for the menu Label; it names nobody, but a thread of one's own tells whose tasks they were",
        period="until the thread or its channel is deleted or the bot leaves the server",
        at_deletion="deleted where it stands in a thread or in direct messages of a task that is still known",
    ),
    "task_requests": PersonalTable(
        what="a request for a task whose answer did not come",
        names=_OWN,
        personal=("display_name", "task_type", "lang", "created_at"),
        plain=("request_key",),
        why="so that a task whose answer was lost is found again",
        period="until that is clear, three days at most",
    ),
    "work_alerts": PersonalTable(
        what="that a person wants to hear of work, and where",
        names=_OWN,
        personal=(
            "display_name",
            "locale",
            "task_type",
            "lang",
            "guild_id",
            "place",
            "parent_id",
            "thread_id",
            "created_at",
        ),
        why="to tell them, once",
        period="until told, seven days at most",
    ),
    "news_threads": PersonalTable(
        what="a thread in which a person was told of work",
        names=(Names("user_id", Fate.unnamed),),
        personal=("thread_id", "parent_id", "guild_id", "task_type", "lang"),
        plain=("close_at",),
        why="to show the task there, or to close it",
        period="until a task is shown there, three days at most",
        at_deletion="the id is taken out, and the thread is closed at once; then the row goes",
    ),
    "label_panels": PersonalTable(
        what="labels or a report that a person is giving outside a task",
        names=_OWN,
        personal=("form_state", "created_at"),
        plain=("panel_message_id",),
        why="so that the panel goes on after a restart",
        period="until closed, a day at most",
    ),
    "own_texts": PersonalTable(
        what="a text of the person's that they look at to change, and a wording of it that is not saved yet",
        names=_OWN,
        personal=("message_id", "text", "draft", "stored_at"),
        why="so that a form is filled at once, and no wording is lost",
        period="a day after it was looked at; a wording that is not saved 30 days",
    ),
    "contributors": PersonalTable(
        what="on which server a person finished how many tasks, the first and the last time",
        names=_OWN,
        personal=("guild_id", "tasks", "first_at", "last_at"),
        why="for the server's own board",
        period="until deleted",
    ),
    "guild_reports": PersonalTable(
        what="a report of an ordinary message of a server: by whom, about whose message, and a remark",
        names=(
            Names("reporter_id", hides=("author_id",)),
            Names("settled_by", Fate.unnamed, hides=("author_id", "reporter_id", "note")),
            Names("author_id", Fate.unnamed, only="settled_at IS NOT NULL", hides=("note",)),
        ),
        personal=("channel_id", "message_id", "note", "created_at", "settled_at"),
        plain=("id", "guild_id"),
        why="for the moderators of that server",
        period="90 days after it was settled, open ones a year",
        at_deletion="by the person: deleted. Settled by them, or about their message and settled: the id is"
        " taken out. About their message and open: kept for its period, as a deletion is no way around"
        " moderation",
    ),
    "report_forms": PersonalTable(
        what="the form of a report that is open: who reports, and whose message of which server",
        names=(Names("reporter_id", hides=("author_id",)), Names("author_id", hides=("interaction_id",))),
        personal=("interaction_id", "channel_id", "message_id", "opened_at"),
        plain=("guild_id",),
        why="because what a form itself says can be forged",
        period="until it is sent, a day at most",
    ),
    "given_labels": PersonalTable(
        what="the labels and the report that a person gave last of a message of the dataset",
        names=_OWN,
        personal=("labels", "given_at"),
        plain=("backend_message_id", "is_report", "outbox_id"),
        why="so that they find their answers again and can correct them",
        period="until deleted",
    ),
    "contributions": PersonalTable(
        what="a text that a person gives as a first message, until it is handed in or goes back to them",
        names=_OWN,
        personal=(
            "display_name",
            "locale",
            "guild_id",
            "channel_id",
            "text",
            "lang",
            "submitted_by",
            "confirmed_by",
            "returned",
            "created_at",
        ),
        plain=("id", "asked"),
        why="so that no text is lost on its way",
        period="until it is handed in, a day while something is asked of them, 90 days to be given back",
    ),
    "guild_settings": PersonalTable(
        what="a server's settings",
        plain=("guild_id", "setting", "value"),
        why="the server set them",
        period="until changed, or as the server set it for when the bot leaves",
        at_deletion=NO_PERSON,
    ),
    "guild_settings_audit": PersonalTable(
        what="who changed which setting of a server, when, from what to what",
        names=(Names("changed_by", Fate.unnamed),),
        personal=("interaction_id", "changed_at"),
        plain=("id", "guild_id", "setting", "old_value", "new_value"),
        why="so that a server's managers see who changed what",
        period="two years",
        at_deletion="the id is taken out; what was changed is the server's",
    ),
    "left_guilds": PersonalTable(
        what="servers that the bot has left",
        plain=("guild_id", "left_at"),
        why="to forget their records when it is time",
        period="30 days",
        at_deletion=NO_PERSON,
    ),
    "weekly_boards": PersonalTable(
        what="which week's board was posted on a server",
        plain=("guild_id", "week", "channel_id", "posted_after", "begun_at", "message_id", "settled_at"),
        why="so that none is posted twice",
        period="as the server's settings",
        at_deletion=NO_PERSON,
    ),
    "alembic_version": PersonalTable(
        what="the version of the database",
        plain=("version_num",),
        why="to bring it up to date",
        period="for ever",
        at_deletion=NO_PERSON,
    ),
}
"""Every table of the bot's database; one whose rows point at another's comes before that."""


class Personal:
    """Walks the declaration for one person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self, user_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Give every row that names a person, table by table: the table and the columns by name.

        Ids of other people, and what other people wrote about the person, are left out.
        """
        for table, declared in TABLES.items():
            for names in declared.names:
                after = -1
                while rows := await self._batch(table, declared, names, user_id, after):
                    for row in rows:
                        yield table, _shown(dict(row), declared, names, user_id)
                    after = rows[-1]["rowid"]

    async def _batch(
        self, table: str, declared: PersonalTable, names: Names, user_id: int, after: int
    ) -> list[Any]:
        earlier = [one.column for one in declared.names[: declared.names.index(names)]]
        # A row that names the person twice is given once.
        unseen = "".join(f" AND {column} IS NOT :user" for column in earlier)
        return await self._database.fetch_all(
            f"SELECT rowid AS rowid, * FROM {table} WHERE {names.column} = :user AND rowid > :after{unseen}"  # noqa: S608  # the names are those above
            " ORDER BY rowid LIMIT :limit",
            {"user": user_id, "after": after, "limit": _BATCH},
        )

    async def erase(self, user_id: int) -> None:
        """Take a person out of every table, as declared; the caller's transaction makes it one step."""
        for table, declared in TABLES.items():
            for names in declared.names:
                only = f" AND {names.only}" if names.only else ""
                where = f"WHERE {names.column} = ?{only}"
                if names.fate is Fate.deleted:
                    await self._database.execute(f"DELETE FROM {table} {where}", (user_id,))  # noqa: S608  # as above
                else:
                    await self._database.execute(
                        f"UPDATE {table} SET {names.column} = ? {where}",  # noqa: S608  # as above
                        (NOBODY, user_id),
                    )


def _shown(row: dict[str, Any], declared: PersonalTable, names: Names, user_id: int) -> dict[str, Any]:
    """Leave out of a row what is not the person's."""
    others = {one.column for one in declared.names if row[one.column] not in {None, user_id}}
    hidden = {"rowid", *others, *names.hides}
    return {column: value for column, value in row.items() if column not in hidden}
