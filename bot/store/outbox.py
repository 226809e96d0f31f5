"""What is still to be told to the backend, in order, and what became of it."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from bot.store.database import Database
from oasst_client import AuthMethod, Interaction, TextLabels, User


class OutboxKind(StrEnum):
    """What an entry tells the backend."""

    ack = "ack"
    nack = "nack"
    answer = "answer"
    labels = "labels"
    erase = "erase"
    terms = "terms"


class OutboxState(StrEnum):
    """`waiting`: not with the backend yet; `held`: until the person acts; `done`; `refused` for good."""

    waiting = "waiting"
    held = "held"
    done = "done"
    refused = "refused"


class _Announced(IntEnum):
    """Whether a person has been told what became of an entry; numbers as in the table."""

    no = 0
    yes = 1
    when_they_come = 2
    """It can be told nowhere but below what the person asks for next."""


@dataclass(frozen=True)
class OutboxEntry:
    """One thing to tell the backend.

    Attributes:
        payload: for an ack the message id, for a nack the reason, for terms the version, for an erasure its
            order, else the interaction as JSON; empty for labels that were taken back.
        attempts: how often it was tried in vain.
        next_at: before that, in UTC, it is not tried again.
        error_code: the protocol's code of the last failure, 0 where there was none in the answer.
        announced: whether the person has been told what became of it, so that nobody need tell them.
        guild_id: of labels outside a task, the server on which they were given; else None.
    """

    id: int
    kind: OutboxKind
    session_code: str | None
    user: User
    task_id: UUID | None
    payload: str
    state: OutboxState
    attempts: int
    next_at: datetime
    error_code: int | None
    error_message: str | None
    announced: bool
    guild_id: int | None = None


class Outbox:
    """The table of what goes to the backend; entries of one session go one after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_ack(
        self, session_code: str, user: User, task_id: UUID, message_id: int, now: datetime
    ) -> int:
        """The task is shown, under this message id."""
        return await self._add(
            OutboxKind.ack, session_code, user, task_id, str(message_id), now, announced=True
        )

    async def add_nack(
        self,
        session_code: str | None,
        user: User,
        task_id: UUID,
        reason: str,
        now: datetime,
        *,
        announced: bool = True,
    ) -> int:
        """The task goes back, for a reason of 512 characters at most.

        Not `announced`: its person has still to be told, and to get back what they wrote.
        """
        return await self._add(OutboxKind.nack, session_code, user, task_id, reason, now, announced=announced)

    async def add_answer(self, session_code: str, task_id: UUID, answer: Interaction, now: datetime) -> int:
        """The person's answer to a task."""
        payload = answer.model_dump_json(exclude_none=True)
        return await self._add(OutboxKind.answer, session_code, answer.user, task_id, payload, now)

    async def add_labels(self, labels: TextLabels, now: datetime, *, guild_id: int | None = None) -> int:
        """Labels outside a task; again by the same person for the same message replaces the earlier ones.

        Args:
            labels: what they are.
            now: the time.
            guild_id: the server on which they were given, whose log may tell of them.
        """
        payload = labels.model_dump_json(exclude_none=True)
        async with self._database.transaction():
            entry_id = await self._add(OutboxKind.labels, None, labels.user, None, payload, now)
            if guild_id is not None:
                await self._database.execute(
                    "UPDATE outbox SET guild_id = ? WHERE id = ?", (guild_id, entry_id)
                )
        return entry_id

    async def add_terms(self, user: User, version: int, now: datetime) -> int:
        """The person accepted a version of the terms."""
        return await self._add(OutboxKind.terms, None, user, None, str(version), now, announced=True)

    async def add_erasure(self, user: User, order: str, *, now: datetime, first_try: datetime) -> int:
        """The person leaves; `order` says how, as JSON. It goes after all they did, in order."""
        entry_id = await self._add(OutboxKind.erase, None, user, None, order, now)
        await self._database.execute(
            "UPDATE outbox SET next_at = ? WHERE id = ?", (first_try.timestamp(), entry_id)
        )
        return entry_id

    async def set_payload(self, entry_id: int, payload: str) -> None:
        """Change what an entry says."""
        await self._database.execute("UPDATE outbox SET payload = ? WHERE id = ?", (payload, entry_id))

    async def try_now(self, entry_id: int, now: datetime) -> None:
        """An entry that still waits may be tried."""
        await self._database.execute(
            "UPDATE outbox SET next_at = ? WHERE id = ? AND state = 'waiting'", (now.timestamp(), entry_id)
        )

    async def is_leaving(self, user_id: int) -> bool:
        """Say whether the backend has yet to hear that a person leaves."""
        row = await self._database.fetch_one(
            "SELECT 1 FROM outbox WHERE user_id = ? AND state = 'waiting' AND kind = 'erase'", (user_id,)
        )
        return row is not None

    async def take_erasures(self, user_id: int) -> list[str]:
        """Take out by which orders a person leaves that the backend has yet to hear; give their payloads."""
        rows = await self._database.fetch_all(
            "DELETE FROM outbox WHERE user_id = ? AND state = 'waiting' AND kind = 'erase' RETURNING payload",
            (user_id,),
        )
        return [row["payload"] for row in rows]

    async def forget(self, user_id: int, up_to: int) -> None:
        """A person has left: nothing is needed any more of their entries up to an id."""
        await self._database.execute("DELETE FROM outbox WHERE user_id = ? AND id <= ?", (user_id, up_to))

    async def due(self, now: datetime, limit: int) -> list[OutboxEntry]:
        """List what may be tried now: per session only the first of what still waits.

        Of a person's labels, too, and of the terms they accepted: later ones replace earlier ones, so they
        must not overtake each other. Of a person who leaves nothing overtakes anything: they leave last, and
        what they do then comes after that.
        """
        return await self._many(f"next_at <= ? AND {_IN_ORDER} ORDER BY id LIMIT ?", now.timestamp(), limit)

    async def next_at(self) -> float | None:
        """Give the time (seconds of the epoch) of the next try, None where nothing waits."""
        row = await self._database.fetch_one(
            f"SELECT next_at FROM outbox WHERE {_IN_ORDER} ORDER BY next_at LIMIT 1"  # noqa: S608  # the literal below
        )
        return None if row is None else row["next_at"]

    async def get(self, entry_id: int) -> OutboxEntry | None:
        """Find an entry."""
        entries = await self._many("id = ?", entry_id)
        return entries[0] if entries else None

    async def waiting_of(self, user_id: int) -> list[OutboxEntry]:
        """List what a person did that the backend does not know yet."""
        return await self._many("user_id = ? AND state = 'waiting' ORDER BY id", user_id)

    async def undelivered(self, user_id: int) -> tuple[int, datetime] | None:
        """Count a person's answers and labels that were tried in vain, and say since when the first waits."""
        row = await self._database.fetch_one(
            "SELECT COUNT(*) AS count, MIN(created_at) AS since FROM outbox WHERE user_id = ?"
            " AND state = 'waiting' AND attempts > 0 AND kind IN ('answer', 'labels')",
            (user_id,),
        )
        if row is None or not row["count"]:
            return None
        return row["count"], datetime.fromtimestamp(row["since"], UTC)

    async def unannounced(self, limit: int, *, after: int = 0, before: datetime) -> list[OutboxEntry]:
        """List what people have not been told: settled answers and labels, and tasks that went back.

        Without what waits for its person to come.

        Args:
            limit: how many at most, in order.
            after: only entries with a larger id.
            before: only what was known before that time.
        """
        return await self._many(
            "announced = 0 AND id > ? AND (state <> 'waiting' OR kind = 'nack')"
            " AND COALESCE(done_at, created_at) <= ? ORDER BY id LIMIT ?",
            after,
            before.timestamp(),
            limit,
        )

    async def untold(self, user_id: int) -> list[OutboxEntry]:
        """List what a person has not been told, with what waits for them to come."""
        return await self._many(
            "announced <> 1 AND user_id = ? AND (state <> 'waiting' OR kind = 'nack') ORDER BY id", user_id
        )

    async def settle(
        self,
        entry_id: int,
        state: OutboxState,
        now: datetime,
        *,
        error_code: int | None = None,
        error_message: str | None = None,
    ) -> None:
        """The backend has it, or will not have it."""
        await self._database.execute(
            "UPDATE outbox SET state = ?, done_at = ?, error_code = ?, error_message = ? WHERE id = ?",
            (state.value, now.timestamp(), error_code, error_message, entry_id),
        )

    async def postpone(
        self, entry_id: int, next_at: datetime, *, error_code: int, error_message: str
    ) -> None:
        """A try failed; the next one comes at `next_at`."""
        await self._database.execute(
            "UPDATE outbox SET attempts = attempts + 1, next_at = ?, error_code = ?, error_message = ?"
            " WHERE id = ?",
            (next_at.timestamp(), error_code, error_message, entry_id),
        )

    async def hurry(self, now: datetime) -> None:
        """Try what waits at once, as the reason to wait may be gone; not where the backend asked to wait."""
        await self._database.execute(
            "UPDATE outbox SET next_at = ? WHERE state = 'waiting' AND next_at > ?"
            " AND error_message IS NOT 'RateLimitedError'",
            (now.timestamp(), now.timestamp()),
        )

    async def set_announced(self, entry_id: int) -> bool:
        """The person has been told; True for the first to say so."""
        changed = await self._database.execute(
            "UPDATE outbox SET announced = ?1 WHERE id = ?2 AND announced <> ?1", (_Announced.yes, entry_id)
        )
        return changed > 0

    async def wait_for_person(self, entry_id: int) -> None:
        """The person can be told when they come, and not before."""
        await self._database.execute(
            "UPDATE outbox SET announced = ? WHERE id = ? AND announced = ?",
            (_Announced.when_they_come, entry_id, _Announced.no),
        )

    async def announce_again(self, user_id: int) -> None:
        """What waits for a person to come may be told before: there is a new way to reach them."""
        await self._database.execute(
            "UPDATE outbox SET announced = ? WHERE user_id = ? AND announced = ? AND announced <> 1",
            (_Announced.no, user_id, _Announced.when_they_come),
        )

    async def _add(
        self,
        kind: OutboxKind,
        session_code: str | None,
        user: User,
        task_id: UUID | None,
        payload: str,
        now: datetime,
        *,
        announced: bool = False,
    ) -> int:
        row = await self._database.fetch_one(
            "INSERT INTO outbox (kind, session_code, user_id, display_name, task_id, payload, state, next_at,"
            " announced, created_at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?) RETURNING id",
            (
                kind.value,
                session_code,
                int(user.id),
                user.display_name,
                None if task_id is None else str(task_id),
                payload,
                now.timestamp(),
                _Announced.yes if announced else _Announced.no,
                now.timestamp(),
            ),
        )
        assert row is not None  # noqa: S101  # RETURNING gives a row or raises
        return int(row["id"])

    async def _many(self, condition: str, *parameters: object) -> list[OutboxEntry]:
        # The conditions are the literals above; what people wrote is always bound.
        rows = await self._database.fetch_all(f"SELECT * FROM outbox WHERE {condition}", parameters)  # noqa: S608
        return [_entry(row) for row in rows]


_IN_ORDER = (
    "state = 'waiting' AND NOT EXISTS ("
    " SELECT 1 FROM outbox AS earlier WHERE earlier.session_code = outbox.session_code"
    " AND earlier.id < outbox.id AND earlier.state = 'waiting')"
    " AND NOT (kind IN ('labels', 'terms') AND EXISTS ("
    " SELECT 1 FROM outbox AS earlier WHERE earlier.state = 'waiting' AND earlier.kind = outbox.kind"
    " AND earlier.user_id = outbox.user_id AND earlier.id < outbox.id))"
    " AND NOT EXISTS (SELECT 1 FROM outbox AS leaving WHERE leaving.user_id = outbox.user_id"
    " AND leaving.state = 'waiting' AND leaving.kind = 'erase' AND EXISTS ("
    " SELECT 1 FROM outbox AS earlier WHERE earlier.user_id = outbox.user_id"
    " AND earlier.state = 'waiting' AND earlier.id < outbox.id))"
)
"""What waits, and for nothing else."""


def _entry(row: sqlite3.Row) -> OutboxEntry:
    return OutboxEntry(
        id=row["id"],
        kind=OutboxKind(row["kind"]),
        session_code=row["session_code"],
        user=User(id=str(row["user_id"]), display_name=row["display_name"], auth_method=AuthMethod.discord),
        task_id=None if row["task_id"] is None else UUID(row["task_id"]),
        payload=row["payload"],
        state=OutboxState(row["state"]),
        attempts=row["attempts"],
        next_at=datetime.fromtimestamp(row["next_at"], UTC),
        error_code=row["error_code"],
        error_message=row["error_message"],
        announced=row["announced"] == _Announced.yes,
        guild_id=row["guild_id"],
    )
