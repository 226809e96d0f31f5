"""Writes down what the bot does for each step of a person, so that the floor of its benchmark does the same.

A script is plain JSON: for each step the things done, in order. `rest` is a call to Discord, `http` one to
the backend, `sql` one statement, or all of one transaction. Ids that the bot made or was given are named by
what they are (`thread_id`, `message_0`, ...) instead of written down, because the floor will have others.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.task_backend import KEY, TaskBackend
from benchmarks.task_steps import STEPS, Worker
from bot.app import BotApp
from bot.sessions.terms import TERMS_VERSION
from bot.settings import BotSettings
from bot.store import Store
from discord_sandbox import Actor, Sandbox

LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w.])\d+(?:\.\d+)?")
WORD = re.compile(r"'[a-z]+'|\d{1,3}")
"""What stays in the statement: with `state = ?` SQLite could not use an index on what is `'waiting'`."""

KEY_MADE = re.compile(r"INSERT INTO (\w+) \((\w+),.*? VALUES \('([^']+)'", re.DOTALL)
"""A row whose first column is a text."""

ENTRY = re.compile(r"(?<= WHERE id = )\d+$")
"""The id of an entry of the outbox: a number too small to be known by itself."""

IN_FAST_MOTION = 1_000_000
"""Commands or clicks of one person at which they still are no flood to the bot."""

SETTLED_SECONDS = 0.3
"""How long after a step the bot has done all that belongs to it."""

Thing = dict[str, Any]


class Ran(NamedTuple):
    """A statement as it ran, and when (Unix seconds)."""

    time: float
    sql: str


class Named:
    """Names the ids of a person's tasks."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, **ids: object) -> None:
        """Say what ids are called from now on."""
        self._names |= {str(value): name for name, value in ids.items()}

    def name_keys(self, ran: Iterable[Ran]) -> None:
        """Name the keys that the bot made up for new rows."""
        for found in filter(None, (KEY_MADE.match(one.sql) for one in ran)):
            table, column, value = found.groups()
            if not WORD.fullmatch(f"'{value}'"):
                self._names.setdefault(value, f"{table}_{column}")

    def statement(self, sql: str) -> list[Any]:
        """Give a statement with question marks, and its parameters: values, or names as `{"id": name}`."""
        parameters: list[Any] = []

        def take(found: re.Match[str]) -> str:
            raw = found[0]
            value = raw[1:-1].replace("''", "'") if raw.startswith("'") else raw
            if ENTRY.match(sql, found.start()):
                parameters.append({"id": "entry_id"})
            elif value in self._names:
                parameters.append({"id": self._names[value]})
            elif WORD.fullmatch(raw):
                return raw
            else:
                parameters.append(value if raw.startswith("'") else float(raw) if "." in raw else int(raw))
            return "?"

        return [LITERAL.sub(take, sql), parameters]

    def path(self, path: str) -> str:
        """Give a path with names in braces where ids stand."""
        return "/".join(
            f"{{{self._names[part]}}}" if part in self._names else part for part in path.split("/")
        )


async def prepare(url: str, people: Iterable[Actor]) -> None:
    """Make the bot's database at an address (`BOT_DATABASE_URL`), with people who have accepted the terms."""
    store = Store.at(url)
    await store.open()
    for actor in people:
        await store.people.record_terms(
            int(actor.id),
            version=TERMS_VERSION,
            locale=actor.locale,
            interaction_id=int(actor.id),
            now=datetime.now(UTC),
        )
    await store.close()


async def record(folder: Path) -> list[list[Thing]]:
    """Let one person go through all steps with the bot in this process; give what it did for each."""
    url = f"sqlite+aiosqlite:///{folder / 'recorded.db'}"
    async with TaskBackend() as backend:
        sandbox = Sandbox()
        worker = Worker(sandbox.guild.add_member("Ann"))
        await prepare(url, [worker.actor])
        await sandbox.start()
        app = BotApp(
            BotSettings(
                bot_token=sandbox.token,
                discord_rest_url=sandbox.rest_url,
                oasst_api_url=backend.url,
                oasst_api_key=KEY,
                bot_database_url=url,
                cooldown_commands=IN_FAST_MOTION,
                cooldown_clicks=IN_FAST_MOTION,
            )
        )
        try:
            await app.start()
            await sandbox.bot_ready()
            return [things async for things in _steps(app, sandbox, backend, worker)]
        finally:
            await app.close()
            await sandbox.close()


async def _steps(
    app: BotApp, sandbox: Sandbox, backend: TaskBackend, worker: Worker
) -> AsyncIterator[list[Thing]]:
    ran: list[Ran] = []
    named = Named()
    database = app.services.store.database
    await asyncio.sleep(SETTLED_SECONDS)
    # There is no other way to see what runs on the connection, however it is brought there.
    await database._connection.set_trace_callback(lambda sql: ran.append(Ran(time.time(), sql)))  # noqa: SLF001  # as said
    for step in STEPS:
        calls, requests = len(sandbox.requests), len(backend.calls)
        ran.clear()
        await step.act(worker)
        await asyncio.sleep(SETTLED_SECONDS)
        done = list(ran)
        await _name(named, app, worker)
        named.name_keys(done)
        rest = [
            (call.time, {"rest": f"{call.method} {call.route}", "payload": call.payload})
            for call in list(sandbox.requests)[calls:]
        ]
        http = [
            (call.time, {"http": named.path(call.path), "body": call.body})
            for call in backend.calls[requests:]
        ]
        sql = [(some[0].time, {"sql": [named.statement(one.sql) for one in some]}) for some in _apart(done)]
        yield [thing for _, thing in sorted([*rest, *http, *sql], key=lambda timed: timed[0])]


async def _name(named: Named, app: BotApp, worker: Worker) -> None:
    """Name the ids of the task that the person has, or had last."""
    session = await app.services.store.sessions.by_control(int(worker.controls.id))
    assert session is not None
    assert session.thread_id is not None
    named.name(
        code=session.code, user_id=session.user_id, task_id=session.task_id, thread_id=session.thread_id
    )
    for number, message in enumerate(worker.messages):
        named.name(**{f"message_{number}": message.id})


def _apart(ran: Sequence[Ran]) -> Iterator[list[Ran]]:
    """Give each statement alone, but those of a transaction together, from its BEGIN to its COMMIT."""
    transaction: list[Ran] = []
    for one in ran:
        if transaction or one.sql.startswith("BEGIN"):
            transaction.append(one)
            if one.sql == "COMMIT":
                yield transaction
                transaction = []
        else:
            yield [one]


def count(things: Iterable[Thing]) -> Counter[str]:
    """Count calls to Discord and to the backend, statements, and commits."""
    counted: Counter[str] = Counter()
    for thing in things:
        if "sql" not in thing:
            counted["REST" if "rest" in thing else "HTTP"] += 1
            continue
        counted["statements"] += len(thing["sql"])
        counted["commits"] += not thing["sql"][0][0].startswith("SELECT")
    return counted
