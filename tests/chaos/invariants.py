"""What must hold once everything has come to rest, however often and however badly it was disturbed.

Nothing here asks the bot: Discord's messages and threads are read from the stand-in, the rest from the two
databases.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.forms.custom_ids import Action, parse
from bot.store.sessions import LIVE
from discord_sandbox import Channel, Sandbox

Row = sqlite3.Row

LIVE_STATES = frozenset(state.value for state in LIVE)
ANSWERS = """
    SELECT task_id, COUNT(*) AS given FROM (
        SELECT task_id FROM labellings WHERE task_id IS NOT NULL UNION ALL SELECT task_id FROM rankings
    ) GROUP BY task_id
"""

FREE_LABELS = """
    SELECT username, message_id, is_report FROM labellings JOIN people ON people.id = person_id
    WHERE task_id IS NULL
"""


def look(database: Path, statement: str, *values: object) -> list[Row]:
    """Read a database beside the running program."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(statement, values).fetchall()


class Truth:
    """Everything that is known at the end.

    Args:
        sandbox: with all messages and threads.
        bot: the bot's database.
        backend: the backend's database.
        now: the backend's time.
        confirmed: the texts of which people were told that they are saved.
        sent: all texts whose [Send] people pressed; each was written once.
    """

    def __init__(
        self,
        *,
        sandbox: Sandbox,
        bot: Path,
        backend: Path,
        now: datetime,
        confirmed: Iterable[str],
        sent: Iterable[str],
    ) -> None:
        self._sandbox = sandbox
        self._backend = backend
        self._now = now
        self._confirmed = Counter(confirmed)
        self._sent = set(sent)
        self._sessions = look(bot, "SELECT * FROM sessions ORDER BY created_at")
        self._outbox = look(bot, "SELECT * FROM outbox ORDER BY id")
        self._channels = list(sandbox.store.channels.values())
        self._messages = {one.id: one for channel in self._channels for one in channel.messages.values()}

    def faults(self) -> list[str]:
        """Say what does not hold, a line each."""
        return [
            *self.answers_lost_or_doubled(),
            *self.labels_lost(),
            *self.work_left_undone(),
            *self.dead_tasks(),
            *self.doubled_threads(),
            *self.doubled_messages(),
            *self.controls_of_nothing(),
            *self.sessions_without_controls(),
            *self.tasks_nobody_knows(),
        ]

    def answers_lost_or_doubled(self) -> Iterator[str]:
        """Every answer that a person was told of is in the backend exactly once; none is there twice."""
        rows = look(self._backend, "SELECT text, frontend_message_id FROM messages")
        texts = Counter(str(row["text"]) for row in rows)
        ids = Counter(str(row["frontend_message_id"]) for row in rows)
        by_task = {str(row["task_id"]): int(row["given"]) for row in look(self._backend, ANSWERS)}
        for text in self._sent:
            if texts[text] > 1 or (self._confirmed[text] and texts[text] == 0):
                yield f"the text {text!r} is in the backend {texts[text]} times"
        for entry in self._outbox:
            if entry["kind"] != "answer":
                continue
            answer = json.loads(entry["payload"])
            if answer["type"] == "text_reply_to_message":
                count = ids[str(answer["user_message_id"])]
            else:
                count = by_task.get(str(entry["task_id"]), 0)
            if count != int(entry["state"] == "done"):
                yield f"answer {entry['id']} is {entry['state']} and in the backend {count} times"
        delivered = Counter(str(entry["session_code"]) for entry in self._outbox if _is_taken(entry))
        for session in self._sessions:
            if delivered[session["code"]] != int(session["state"] == "delivered"):
                yield f"{_name(session)} has {delivered[session['code']]} delivered answers"

    def labels_lost(self) -> Iterator[str]:
        """The backend has the labels and reports that were given outside tasks, and no others."""
        given = set()
        for entry in self._outbox:
            if entry["kind"] == "labels" and entry["state"] == "done":
                labels = json.loads(entry["payload"])
                given.add((str(entry["user_id"]), labels["message_id"], bool(labels.get("is_report"))))
        kept = {
            (str(row["username"]), str(UUID(row["message_id"])), bool(row["is_report"]))
            for row in look(self._backend, FREE_LABELS)
        }
        for user, message, is_report in given ^ kept:
            what = "report" if is_report else "labels"
            yield f"the {what} of {user} for {message}: delivered {(user, message, is_report) in given}"

    def work_left_undone(self) -> Iterator[str]:
        """Nothing waits any more to be delivered, told, posted or closed."""
        for entry in self._outbox:
            if entry["state"] == "waiting":
                yield f"{entry['kind']} {entry['id']} still waits to be delivered"
            elif not entry["announced"]:
                yield f"nobody was told what became of {entry['kind']} {entry['id']} ({entry['state']})"
        for session in self._sessions:
            if session["state"] in {"offered", "submitted"}:
                yield f"{_name(session)} stays so"
            thread = self._thread(session)
            if session["closing"] == 1:
                yield f"the thread of {_name(session)} still waits to be closed"
            if session["closing"] != 2 or thread is None or thread.archived:
                continue
            # A later task opens a thread again, and so does a refusal, which is news.
            is_last = not any(_follows(other, session) for other in self._sessions)
            if is_last and session["state"] != "refused":
                yield f"the thread of {_name(session)} was to be closed and is open"

    def dead_tasks(self) -> Iterator[str]:
        """No task is open in the backend that is over for the bot."""
        sessions = {str(row["task_id"]): row for row in self._sessions}
        for task in self._open_tasks():
            session = sessions.get(str(task["id"]))
            if session is not None and session["state"] not in LIVE_STATES:
                yield f"task {task['id']} is open in the backend, and {_name(session)}"

    def tasks_nobody_knows(self) -> Iterator[str]:
        """No task is open in the backend that the bot has never heard of, or given back unseen."""
        known = {str(row["task_id"]) for row in (*self._sessions, *self._outbox)}
        for task in self._open_tasks():
            if str(task["id"]) not in known:
                yield f"task {task['id']} is open in the backend, and the bot does not know it"

    def doubled_threads(self) -> Iterator[str]:
        """Nobody has two threads of one name."""
        names = Counter(one.name for one in self._channels if one.thread is not None and not one.deleted)
        for name, count in names.items():
            if count > 1:
                yield f"there are {count} threads {name!r}"

    def doubled_messages(self) -> Iterator[str]:
        """No task has two messages that look alike, but those that only one person sees."""
        places = {row["thread_id"] or row["parent_id"] for row in self._sessions}
        for channel in self._channels:
            if channel.deleted or channel.id not in places:
                continue
            looks: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
            for message in channel.messages.values():
                if message.author.id != self._sandbox.bot_id or message.ephemeral or message.deleted:
                    continue
                # Two tasks of one kind that were given in the same second look alike; a nonce tells them
                # apart. What was deleted is shown anew with all that belongs to it, and with other nonces.
                task, _, showing = str(message.nonce).partition("-")
                if channel.removals:
                    task += showing
                look_ = json.dumps([message.content, message.embeds, _control_ids(message.components)])
                looks[task, look_].append(f"{message.nonce} at {message.created_at}")
            for (_, look_), alike in looks.items():
                if len(alike) > 1:
                    yield f"thread {channel.name!r} has messages alike, {', '.join(alike)}: {look_[:200]}"

    def controls_of_nothing(self) -> Iterator[str]:
        """No message has the controls of an open task, unless they are that task's.

        Of those that only one person sees, earlier ones may stand until they are used: nobody can edit them.
        """
        live = {row["control_message_id"] for row in self._sessions if row["state"] in LIVE_STATES}
        for message in self._messages.values():
            is_shown = not (message.deleted or message.ephemeral or message.channel.deleted)
            if is_shown and _offers(message.components, Action.skip) and message.id not in live:
                yield f"message {message.id} in {message.channel.name!r} has the controls of no open task"

    def sessions_without_controls(self) -> Iterator[str]:
        """Whoever has a task can go on with it."""
        for session in self._sessions:
            if session["state"] not in LIVE_STATES:
                continue
            message = self._messages.get(session["control_message_id"] or 0)
            if message is None or message.deleted or not _offers(message.components, Action.skip):
                yield f"{_name(session)} has no controls"
            elif message.channel.archived:
                yield f"{_name(session)} is in an archived thread"
            elif not self._sees(session["user_id"], message):
                yield f"{_name(session)} is where its person does not see it"

    def _open_tasks(self) -> list[Row]:
        rows = look(self._backend, "SELECT id, expiry_date FROM tasks WHERE is_open")
        return [row for row in rows if _moment(row["expiry_date"]) > self._now]

    def _thread(self, session: Row) -> Channel | None:
        found = next((one for one in self._channels if one.id == session["thread_id"]), None)
        return None if found is None or found.deleted else found

    def _sees(self, user_id: int, message: Any) -> bool:  # noqa: ANN401  # the stand-in's own
        return any(actor.sees(message) for actor in self._sandbox.people if actor.id == user_id)


def _is_taken(entry: Row) -> bool:
    return bool(entry["kind"] == "answer" and entry["state"] == "done")


def _follows(other: Row, session: Row) -> bool:
    """Tell whether a task was shown later in the same thread, which opened it again."""
    is_later = int(other["posted_after"]) > int(session["posted_after"])
    return is_later and other["thread_id"] == session["thread_id"]


def _name(session: Row) -> str:
    return f"session {session['code']} ({session['state']})"


def _control_ids(components: Sequence[dict[str, Any]]) -> list[str]:
    return [
        str(part["custom_id"])
        for row in components
        for part in row.get("components", ())
        if "custom_id" in part
    ]


def _offers(components: Sequence[dict[str, Any]], action: Action) -> bool:
    parsed = (parse(raw) for raw in _control_ids(components))
    return any(control is not None and control.action is action for control in parsed)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)
