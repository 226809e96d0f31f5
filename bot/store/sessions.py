"""Task sessions: one row per task offered to somebody, from before it is shown until after it is over."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from bot.guarding import readable
from bot.store.database import Database
from oasst_client import AuthMethod, Task, TaskRequestType, User, task_adapter


class SessionState(StrEnum):
    """Where a session stands.

    `offered`: known, not wholly posted. `open`: posted. `drafted`: a text waits for its confirmation.
    `submitted`: the answer is in the outbox. `delivered`: the backend has it. `held`: the backend wants
    the person to mend something. `refused`, `skipped`, `expired`, `left`: over without an answer in the
    backend; `left` because its person is not on the server any more.
    """

    offered = "offered"
    open = "open"
    drafted = "drafted"
    submitted = "submitted"
    delivered = "delivered"
    held = "held"
    refused = "refused"
    skipped = "skipped"
    expired = "expired"
    left = "left"


ANSWERABLE = frozenset({SessionState.open, SessionState.drafted, SessionState.held})
"""The states in which the person's clicks count."""

LIVE = ANSWERABLE | {SessionState.offered}
"""The states of which a person has at most one session (the table holds it, too)."""


class Place(StrEnum):
    """What kind of message a task stands in.

    `nowhere`: it was taken away, and comes back when asked for. `modal`: it never stood in any; its text came
    with a form of the menu "Contribute".
    """

    thread = "thread"
    direct = "direct"
    ephemeral = "ephemeral"
    nowhere = "nowhere"
    modal = "modal"


STANDING = frozenset({Place.thread, Place.direct})
"""The places where the bot can post and change messages by itself."""


@dataclass(frozen=True)
class Session:
    """One row; times are aware and in UTC.

    Attributes:
        code: short, unique, for ever: in the thread's name and in nonces.
        guild_id: the server that the task counts for: its limits, its log, its board; None: for none.
        parent_id: the channel that holds the thread, or in which the direct or ephemeral message stands.
        posted_after: a snowflake older than every message of this task.
        ack_message_id: the id the task was acked with; it never changes.
        control_message_id: the message whose buttons count; it may move.
        requested_type: what was asked for, for the next task.
        form_state: the form's state as JSON.
        problem: the protocol's code of what the person has to mend, while `held`; the reason, once `refused`.
        paused: the person keeps the task and wants no reminder.
        reminded_at: when they were reminded that its time is nearly over; None: not yet.
        posted_parts: how many of its messages surely stand in the direct messages, where nothing is read.
        closing: its thread is closed, or is to be: the person has had enough for now.
    """

    code: str
    user_id: int
    display_name: str
    locale: str
    guild_id: int | None
    place: Place
    parent_id: int
    thread_id: int | None
    posted_after: int
    ack_message_id: int | None
    control_message_id: int | None
    task: Task
    lang: str
    requested_type: TaskRequestType
    state: SessionState
    form_state: str
    problem: int | None
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    paused: bool = False
    reminded_at: datetime | None = None
    posted_parts: int = 0
    closing: bool = False

    @property
    def task_id(self) -> UUID:
        """The backend's id of the task."""
        return self.task.id

    @property
    def user(self) -> User:
        """The person, as the backend knows them."""
        return User(id=str(self.user_id), display_name=self.display_name, auth_method=AuthMethod.discord)

    @property
    def channel_id(self) -> int:
        """Where its messages stand."""
        return self.thread_id if self.thread_id is not None else self.parent_id


class OpenTaskError(Exception):
    """The person has an open task already, or this very task is somebody's."""


class Sessions:
    """The table of sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        """Write a new session.

        Raises:
            OpenTaskError: the person has another one that is live, or the task has a session.
        """
        try:
            await self._database.execute(
                "INSERT INTO sessions (code, user_id, display_name, locale, guild_id, place, parent_id,"
                " thread_id, posted_after, ack_message_id, task_id, task, lang, requested_type, state,"
                " form_state, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    session.code,
                    session.user_id,
                    session.display_name,
                    session.locale,
                    session.guild_id,
                    session.place.value,
                    session.parent_id,
                    session.thread_id,
                    session.posted_after,
                    session.ack_message_id,
                    str(session.task_id),
                    session.task.model_dump_json(exclude_none=True),
                    session.lang,
                    session.requested_type.value,
                    session.state.value,
                    session.form_state,
                    session.created_at.timestamp(),
                    session.expires_at.timestamp(),
                ),
            )
        except sqlite3.IntegrityError as error:
            raise OpenTaskError from error

    async def by_code(self, code: str) -> Session | None:
        """Find a session by its code."""
        return await self._one("code = ?", code)

    async def by_control(self, message_id: int) -> Session | None:
        """Find the session whose controls are this message."""
        return await self._one("control_message_id = ?", message_id)

    async def by_ack(self, message_id: int) -> Session | None:
        """Find the session that was acked with this message, where its controls stood first."""
        return await self._one("ack_message_id = ?", message_id)

    async def live_of(self, user_id: int) -> Session | None:
        """Find a person's one live session."""
        return await self._one("user_id = ? AND state IN ('offered', 'open', 'drafted', 'held')", user_id)

    async def unposted(self) -> list[Session]:
        """List the live sessions that are not wholly posted: the process ended on the way."""
        return await self._many(
            "state IN ('offered', 'open', 'drafted', 'held') AND control_message_id IS NULL"
            " AND place <> 'nowhere'"
        )

    async def standing_in(self, channel_id: int) -> list[Session]:
        """List the sessions that go on in this thread, or in threads of this channel."""
        return await self._many(
            "place = 'thread' AND ended_at IS NULL AND (thread_id = ?1 OR parent_id = ?1)", channel_id
        )

    async def standing_in_guild(self, guild_id: int) -> list[Session]:
        """List the sessions that go on in threads of this guild."""
        return await self._many("place = 'thread' AND ended_at IS NULL AND guild_id = ?", guild_id)

    async def to_remind(self, now: datetime, longest: timedelta, share: int) -> list[Session]:
        """List the sessions whose persons can be told, and have not been, that the time is nearly over.

        That is in the last `longest` of a task's time, or the last 1/`share` of it, whichever is shorter.
        """
        return await self._many(
            "ended_at IS NULL AND expires_at > ?1 AND expires_at <= ?1 + ?2"
            " AND expires_at - (expires_at - created_at) / ?3 <= ?1"
            " AND state IN ('open', 'drafted', 'held') AND paused = 0 AND reminded_at IS NULL"
            " AND place IN ('thread', 'direct') AND control_message_id IS NOT NULL",
            now.timestamp(),
            longest.total_seconds(),
            share,
        )

    async def overdue(self, now: datetime) -> list[Session]:
        """List the live sessions whose time is over."""
        return await self._many(
            "ended_at IS NULL AND expires_at <= ? AND state IN ('offered', 'open', 'drafted', 'held')",
            now.timestamp(),
        )

    async def to_close(self) -> list[Session]:
        """List the sessions whose thread is still to be closed."""
        return await self._many("closing = 1")

    async def still_to_close(self, code: str) -> Session | None:
        """Find a session whose thread is still to be closed, as it stands now."""
        return await self._one("code = ? AND closing = 1", code)

    async def languages_of(self, user_id: int) -> list[str]:
        """List the languages (BCP 47) that a person has had tasks in, the latest first."""
        rows = await self._database.fetch_all(
            "SELECT lang FROM sessions WHERE user_id = ? GROUP BY lang ORDER BY MAX(created_at) DESC",
            (user_id,),
        )
        return [row["lang"] for row in rows]

    async def parent_of_thread(self, user_id: int, thread_id: int) -> int | None:
        """Give the channel that holds a thread, if it is one in which this person has had a task."""
        row = await self._database.fetch_one(
            "SELECT parent_id FROM sessions WHERE thread_id = ? AND user_id = ?", (thread_id, user_id)
        )
        return None if row is None else row["parent_id"]

    async def may_go_on(self, session: Session) -> bool:
        """Whether the next task may be offered here: the last task of its place, and nobody closed that."""
        row = await self._database.fetch_one(
            "SELECT closing = 0 AND NOT EXISTS (SELECT 1 FROM sessions AS later"
            " WHERE later.thread_id = sessions.thread_id AND later.created_at > sessions.created_at)"
            " AND (place <> 'direct' OR NOT EXISTS (SELECT 1 FROM sessions AS later WHERE"
            " later.user_id = sessions.user_id AND later.place = 'direct'"
            " AND later.created_at > sessions.created_at))"
            " FROM sessions WHERE code = ?",
            (session.code,),
        )
        return row is not None and bool(row[0])

    async def set_thread(self, code: str, thread_id: int) -> None:
        """Remember the thread of a session."""
        await self._database.execute("UPDATE sessions SET thread_id = ? WHERE code = ?", (thread_id, code))

    async def move(
        self, code: str, *, guild_id: int | None, place: Place, parent_id: int, posted_after: int
    ) -> None:
        """A live session is to be posted elsewhere: until it is, its controls stand nowhere."""
        await self._database.execute(
            "UPDATE sessions SET guild_id = ?, place = ?, parent_id = ?, posted_after = ?, thread_id = NULL,"
            " control_message_id = NULL, posted_parts = 0 WHERE code = ?",
            (guild_id, place.value, parent_id, posted_after, code),
        )

    async def set_nowhere(self, code: str) -> None:
        """The place where a session stood is gone, or out of reach."""
        await self._database.execute(
            "UPDATE sessions SET place = 'nowhere', thread_id = NULL, control_message_id = NULL,"
            " posted_parts = 0 WHERE code = ?",
            (code,),
        )

    async def set_out_of_reach(self, code: str) -> None:
        """Nothing more can be told where a session that is over stood; its thread may still be closed."""
        await self._database.execute("UPDATE sessions SET place = 'nowhere' WHERE code = ?", (code,))

    async def set_parent(self, code: str, parent_id: int) -> None:
        """Remember the channel in which a session's messages stand."""
        await self._database.execute("UPDATE sessions SET parent_id = ? WHERE code = ?", (parent_id, code))

    async def set_posted_parts(self, code: str, parts: int) -> None:
        """The first `parts` messages of a session are posted."""
        await self._database.execute("UPDATE sessions SET posted_parts = ? WHERE code = ?", (parts, code))

    async def set_reminded(self, code: str, now: datetime, *, reminder: tuple[int, int] | None) -> None:
        """The person has been reminded, or cannot be; `reminder`: the channel and the message that do so."""
        channel_id, message_id = reminder or (None, None)
        await self._database.execute(
            "UPDATE sessions SET reminded_at = ?, reminder_channel_id = ?, reminder_message_id = ?"
            " WHERE code = ?",
            (now.timestamp(), channel_id, message_id, code),
        )

    async def old_reminders(self) -> list[tuple[str, int, int]]:
        """List the code, the channel and the message of each reminder that nobody needs any more."""
        rows = await self._database.fetch_all(
            "SELECT code, reminder_channel_id, reminder_message_id FROM sessions"
            " WHERE reminder_message_id IS NOT NULL AND state NOT IN ('open', 'drafted', 'held')"
        )
        return [(row[0], row[1], row[2]) for row in rows]

    async def forget_reminder(self, code: str) -> None:
        """The reminder of a session is gone."""
        await self._database.execute(
            "UPDATE sessions SET reminder_channel_id = NULL, reminder_message_id = NULL WHERE code = ?",
            (code,),
        )

    async def set_posted(self, code: str, message_id: int) -> bool:
        """An offered session is posted; its controls are `message_id`, under which it is acked for ever.

        Returns:
            Whether it was offered still.
        """
        changed = await self._database.execute(
            "UPDATE sessions SET ack_message_id = :id, control_message_id = :id, state = 'open'"
            " WHERE code = :code AND state = 'offered'",
            {"id": message_id, "code": code},
        )
        return changed > 0

    async def move_controls(self, code: str, message_id: int) -> None:
        """The controls stand in another message from now on."""
        await self._database.execute(
            "UPDATE sessions SET control_message_id = ? WHERE code = ?", (message_id, code)
        )

    async def save_form(self, code: str, form_state: str, state: SessionState) -> None:
        """Keep what the person did so far; what they had to mend is behind them."""
        await self._database.execute(
            "UPDATE sessions SET form_state = ?, state = ?, problem = NULL WHERE code = ?",
            (form_state, state.value, code),
        )

    async def set_form(self, code: str, form_state: str) -> None:
        """Keep another state of the form; the session stands where it stood."""
        await self._database.execute("UPDATE sessions SET form_state = ? WHERE code = ?", (form_state, code))

    async def set_paused(self, code: str, *, paused: bool) -> None:
        """The person keeps the task for another day and wants no reminder, or goes on."""
        await self._database.execute("UPDATE sessions SET paused = ? WHERE code = ?", (int(paused), code))

    async def set_state(self, code: str, state: SessionState, *, problem: int | None = None) -> None:
        """Move a session to a state in which it goes on (`submitted`, `held`); its thread stays open."""
        await self._database.execute(
            "UPDATE sessions SET state = ?, problem = ?, closing = 0 WHERE code = ?",
            (state.value, problem, code),
        )

    async def end(self, code: str, state: SessionState, now: datetime, *, problem: int | None = None) -> None:
        """A session is over."""
        await self._database.execute(
            "UPDATE sessions SET state = ?, problem = ?, ended_at = ? WHERE code = ?",
            (state.value, problem, now.timestamp(), code),
        )

    async def ask_to_close(self, code: str) -> None:
        """Note that the thread of a session is to be closed."""
        await self._database.execute("UPDATE sessions SET closing = 1 WHERE code = ?", (code,))

    async def set_closed(self, code: str) -> None:
        """Note that the thread of a session is closed."""
        await self._database.execute("UPDATE sessions SET closing = 2 WHERE code = ?", (code,))

    async def _one(self, condition: str, *parameters: object) -> Session | None:
        # The conditions are the literals above; what people wrote is always bound.
        row = await self._database.fetch_one(f"SELECT * FROM sessions WHERE {condition}", parameters)  # noqa: S608
        return _session(row) if row is not None else None

    async def _many(self, condition: str, *parameters: object) -> list[Session]:
        rows = await self._database.fetch_all(
            f"SELECT * FROM sessions WHERE {condition} ORDER BY created_at",  # noqa: S608  # as in _one
            parameters,
        )
        return readable(rows, _session, "code")


def _time(value: float) -> datetime:
    return datetime.fromtimestamp(value, UTC)


def _session(row: sqlite3.Row) -> Session:
    return Session(
        code=row["code"],
        user_id=row["user_id"],
        display_name=row["display_name"],
        locale=row["locale"],
        guild_id=row["guild_id"],
        place=Place(row["place"]),
        parent_id=row["parent_id"],
        thread_id=row["thread_id"],
        posted_after=row["posted_after"],
        ack_message_id=row["ack_message_id"],
        control_message_id=row["control_message_id"],
        task=task_adapter.validate_json(row["task"]),
        lang=row["lang"],
        requested_type=TaskRequestType(row["requested_type"]),
        state=SessionState(row["state"]),
        form_state=row["form_state"],
        problem=row["problem"],
        created_at=_time(row["created_at"]),
        expires_at=_time(row["expires_at"]),
        ended_at=None if row["ended_at"] is None else _time(row["ended_at"]),
        paused=bool(row["paused"]),
        reminded_at=None if row["reminded_at"] is None else _time(row["reminded_at"]),
        posted_parts=row["posted_parts"],
        closing=row["closing"] != 0,
    )
