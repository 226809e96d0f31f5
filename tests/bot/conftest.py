"""The whole bot between the stand-in for Discord and a backend that does as it is told."""

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest
from aiohttp import web

from bot.app import HAND_SECONDS, BotApp
from bot.settings import BotSettings
from bot.store import Store
from discord_sandbox import Actor, Channel, LoseReply, MessageView, Response, Sandbox
from tests.made_databases import bot_database

LABELS = [
    {"name": "spam", "widget": "yes_no", "display_text": "Spam"},
    {"name": "pii", "widget": "flag", "display_text": "Private person"},
    {"name": "quality", "widget": "likert", "display_text": "Quality"},
]


def said(text: str, *, is_assistant: bool = False) -> dict[str, Any]:
    return {"id": str(uuid4()), "text": text, "is_assistant": is_assistant}


def task(kind: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  # a task of any shape
    """Make a task of a kind, as the protocol shows it."""
    turns = [said("How do bees find home?"), said("By the sun.", is_assistant=True), said("And at night?")]
    replies = [said(text, is_assistant=True) for text in ("They rest.", "They walk.", "They fly anyway.")]
    shapes: dict[str, dict[str, Any]] = {
        "initial_prompt": {"hint": None},
        "summarize_story": {"story": "A bee found a lamp. It never came home."},
        "rate_summary": {
            "full_text": "A bee found a lamp. It never came home.",
            "summary": "A bee got lost.",
        },
        "rank_initial_prompts": {"prompt_messages": [said(text) for text in ("Why?", "How?", "When?")]},
        "prompter_reply": {"conversation": {"messages": turns[:2]}},
        "assistant_reply": {"conversation": {"messages": turns}},
        "rank_assistant_replies": {"conversation": {"messages": turns}, "reply_messages": replies},
        "rank_prompter_replies": {"conversation": {"messages": turns[:2]}, "reply_messages": replies},
        "label_initial_prompt": {"conversation": {"messages": turns[:1]}},
        "label_prompter_reply": {"conversation": {"messages": turns}},
        "label_assistant_reply": {"conversation": {"messages": turns[:2]}},
    }
    body = {"id": str(uuid4()), "type": kind, **shapes[kind], **fields}
    if kind.startswith("label_"):
        body |= {
            "message_id": body["conversation"]["messages"][-1]["id"],
            "valid_labels": [label["name"] for label in LABELS],
            "mandatory_labels": ["spam"],
            "mode": "full",
            "labels": LABELS,
        }
    return body


@dataclass
class Backend:
    """Speaks the task protocol over a real socket, and fails on demand.

    Attributes:
        tasks: what is handed out next, in order; empty: no work.
        acks, nacks: (task id, message id or reason) as they came.
        answers: the interactions that were taken.
        asked: the task requests.
        labels: labels outside a task that were taken.
        terms: acceptances of the terms that were taken.
        pages: how many of the next labels and given back tasks a proxy answers with a 404 of its own.
        report_labels: what it lists as reasons for a report; None: it knows no such call.
        label_trouble: what comes instead of taking the next labels outside a task: (status, code).
        trouble: what comes instead of the next answers to interactions: (status, code or whole body), or 0 to
            drop the line after the answer was taken; without a code or body it is the page of a proxy.
    """

    tasks: deque[dict[str, Any]] = field(default_factory=deque)
    acks: list[tuple[str, str]] = field(default_factory=list)
    nacks: list[tuple[str, str]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    terms: list[dict[str, Any]] = field(default_factory=list)
    report_labels: list[dict[str, Any]] | None = field(default_factory=lambda: LABELS)
    trouble: deque[tuple[int, int | str]] = field(default_factory=deque)
    pages: int = 0
    label_trouble: deque[tuple[int, int]] = field(default_factory=deque)
    before_task: Callable[[], Awaitable[None]] | None = None
    before_answer: Callable[[], Awaitable[None]] | None = None
    before_report_labels: Callable[[], Awaitable[object]] | None = None
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/v1/tasks/", self._task),
            web.post("/api/v1/tasks/interaction", self._interaction),
            web.post("/api/v1/tasks/{id}/ack", self._ack),
            web.post("/api/v1/tasks/{id}/nack", self._nack),
            web.get("/api/v1/text_labels/valid_labels", self._labels),
            web.get("/api/v1/text_labels/report_labels", self._report_labels),
            web.post("/api/v1/text_labels/", self._text_labels),
            web.post("/api/ext/v1/terms", self._terms),
        ]

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _task(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        if self.before_task is not None:
            await self.before_task()
        return web.json_response(self.tasks.popleft()) if self.tasks else failure(503, 1006)

    async def _ack(self, request: web.Request) -> web.Response:
        self.acks.append((request.match_info["id"], (await request.json())["message_id"]))
        return web.Response(status=204)

    async def _nack(self, request: web.Request) -> web.Response:
        if self._is_page():
            return failure(404, 0)
        self.nacks.append((request.match_info["id"], (await request.json())["reason"]))
        return web.Response(status=204)

    async def _interaction(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.before_answer is not None:
            await self.before_answer()
        status, code = self.trouble.popleft() if self.trouble else (200, 0)
        if status not in {0, 200}:
            return failure(status, code)
        if any(known["message_id"] == body["message_id"] for known in self.answers):
            return failure(400, 2105)
        self.answers.append(body)
        if status == 0 and request.transport is not None:
            request.transport.close()
        return web.json_response({"id": str(uuid4()), "type": "task_done"})

    def _is_page(self) -> bool:
        self.pages -= 1
        return self.pages >= 0

    async def _labels(self, _: web.Request) -> web.Response:
        return web.json_response({"valid_labels": LABELS})

    async def _report_labels(self, _: web.Request) -> web.Response:
        if self.before_report_labels is not None:
            await self.before_report_labels()
        if self.report_labels is None:
            raise web.HTTPNotFound
        return web.json_response({"valid_labels": self.report_labels})

    async def _terms(self, request: web.Request) -> web.Response:
        self.terms.append(await request.json())
        return web.Response(status=204)

    async def _text_labels(self, request: web.Request) -> web.Response:
        if self._is_page():
            return failure(404, 0)
        if self.label_trouble:
            return failure(*self.label_trouble.popleft())
        self.labels.append(await request.json())
        return web.Response(status=204)


def failure(status: int, code: int | str) -> web.Response:
    body = code if isinstance(code, str) else json.dumps({"error_code": code, "message": "no"})
    return web.Response(
        status=status,
        text=body if code else "<html>proxy</html>",
        content_type="application/json" if code else "text/html",
    )


class TestClock:
    """A clock that goes on by itself and can be set forward."""

    __test__ = False

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """Run a backend: of the class that the test's module names `BACKEND`, if it names one."""
    running: Backend = getattr(request.module, "BACKEND", Backend)()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
def settings(tmp_path: Path, sandbox: Sandbox, backend: Backend) -> BotSettings:
    return BotSettings(
        _env_file=None,
        bot_token=sandbox.token,
        discord_rest_url=sandbox.rest_url,
        oasst_api_url=backend.url,
        oasst_api_key="key",
        bot_database_url=bot_database(tmp_path / "bot.db"),
        # Tests are quicker than people.
        cooldown_commands=1000,
        cooldown_clicks=1000,
    )


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.at(bot_database(tmp_path / "store.db"))
    await opened.open()
    yield opened
    await opened.close()


class Life:
    """One bot after the other on the same memory, each of which may be killed at any call to Discord."""

    def __init__(self, settings: BotSettings, sandbox: Sandbox, clock: TestClock, folder: Path) -> None:
        self.settings = settings
        self._sandbox = sandbox
        self._clock = clock
        self._folder = folder
        self._number = 0
        self._parked = asyncio.Event()
        self.bot: BotApp | None = None

    async def begin(self) -> BotApp:
        """Start a bot on what the last one left on disk."""
        url = bot_database(self._folder / f"bot{self._number}.db")
        self.bot = BotApp(self.settings.model_copy(update={"bot_database_url": url}), self._clock)
        await self.bot.start()
        await self._sandbox.bot_ready()
        return self.bot

    def kill_at(self, number: int, *, before: bool) -> None:
        """Let the bot die at its `number`-th call from now on, before or after Discord has taken it.

        From then on nothing that it does reaches Discord or its memory; `reborn` starts the next one.
        """
        faults = self._sandbox.faults

        async def die(*_: object) -> None:
            self.die()
            raise LoseReply

        async def is_dead(*_: object) -> None:
            if self._parked.is_set():
                raise LoseReply

        if before:
            faults.before("*", die, skip=number - 1)
        else:
            faults.before("*", is_dead)
            faults.after("*", die, skip=number - 1)

    def die(self) -> None:
        """Take what is on disk now as all that is left; whoever calls it keeps the bot from Discord."""
        if not self._parked.is_set():
            self._keep_memory()
            self._parked.set()

    def _keep_memory(self) -> None:
        old, new = (self._folder / f"bot{number}.db" for number in (self._number, self._number + 1))
        with closing(sqlite3.connect(old)) as source, closing(sqlite3.connect(new)) as target:
            source.backup(target)

    @property
    def killed(self) -> bool:
        """Whether the call has come."""
        return self._parked.is_set()

    @property
    def memory(self) -> Path:
        """The database of the bot that lives now."""
        return self._folder / f"bot{self._number}.db"

    async def died(self, seconds: float = 10) -> None:
        """Wait for the call."""
        async with asyncio.timeout(seconds):
            await self._parked.wait()

    async def reborn(self) -> BotApp:
        """Start the next bot on what was on disk in the moment of death."""
        await self.end(seconds=0)
        self._sandbox.faults.clear()
        self._parked.clear()
        self._number += 1
        return await self.begin()

    async def end(self, seconds: float = HAND_SECONDS) -> None:
        """Close the bot, which has so long to finish what is in hand."""
        bot, self.bot = self.bot, None
        if bot is not None:
            await bot.close(seconds)


@pytest.fixture
async def life(
    settings: BotSettings, sandbox: Sandbox, clock: TestClock, tmp_path: Path
) -> AsyncIterator[Life]:
    lived = Life(settings, sandbox, clock, tmp_path)
    yield lived
    await lived.end()


@pytest.fixture
async def bot(life: Life) -> BotApp:
    return await life.begin()


class Join(Protocol):
    """Lets somebody into the guild who has accepted the terms."""

    async def __call__(self, name: str, locale: str = "en-US") -> Actor: ...


@pytest.fixture
def join(bot: BotApp, sandbox: Sandbox) -> Join:
    """Let somebody into the guild who has accepted the terms."""

    async def join(name: str, locale: str = "en-US") -> Actor:
        actor = sandbox.guild.add_member(name, locale=locale)
        await bot.services.store.people.record_terms(
            int(actor.id), version=1, locale=locale, interaction_id=int(actor.id), now=bot.clock.now()
        )
        return actor

    return join


@pytest.fixture
async def alice(join: Join) -> Actor:
    """Let somebody in of whom nothing matters but that they are a person."""
    return await join("Alice")


async def appears(person: Actor, look: Callable[[], MessageView | None], what: str) -> MessageView:
    """Wait for a message."""
    found = await person.until(look, what=what)
    assert found is not None
    return found


async def shown_task(person: Actor, *, after: MessageView | None = None) -> MessageView:
    """Wait for the controls of a task, below `after`, in the person's only thread."""

    def look() -> MessageView | None:
        for thread in person.threads():
            latest = person.latest(thread)
            if latest is not None and latest != after and "Skip" in latest.buttons:
                return latest
        return None

    return await appears(person, look, "the controls of a task")


def _everywhere(person: Actor) -> list[Channel]:
    return [*person.channels(), *person.threads(), *person.threads(archived=True)]


async def shown_privately(person: Actor, response: Response, end: str = "") -> list[MessageView]:
    """Wait for what a click shows to its person alone: a message, and those that follow until `end`."""
    first = response.message
    assert first is not None
    await person.until(lambda: not first.loading, what="the answer")
    assert first.ephemeral
    where = next(one for one in _everywhere(person) if one.id == first.channel_id)

    def look() -> list[MessageView]:
        messages = person.messages(where)
        return [one for one in messages[messages.index(first) :] if one.ephemeral]

    await person.until(lambda: end in look()[-1].text, what=f"a private message with {end!r}")
    return look()


async def write(controls: MessageView, text: str) -> None:
    """Write a text into the modal of a task and submit it."""
    written = await controls.click("Edit" if "Edit" in controls.buttons else "Write")
    assert written.modal is not None
    await written.modal.submit({"Your text": text})
