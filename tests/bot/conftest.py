"""The whole bot between the stand-in for Discord and a backend that does as it is told."""

import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from bot.app import BotApp
from bot.settings import BotSettings
from bot.store import Store
from discord_sandbox import Actor, MessageView, Sandbox

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
        trouble: what comes instead of the next answers to interactions: (status, code), or 0 to drop the line
            after the answer was taken.
    """

    tasks: deque[dict[str, Any]] = field(default_factory=deque)
    acks: list[tuple[str, str]] = field(default_factory=list)
    nacks: list[tuple[str, str]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    trouble: deque[tuple[int, int]] = field(default_factory=deque)
    before_task: Callable[[], Awaitable[None]] | None = None
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.post("/api/v1/tasks/", self._task),
                web.post("/api/v1/tasks/interaction", self._interaction),
                web.post("/api/v1/tasks/{id}/ack", self._ack),
                web.post("/api/v1/tasks/{id}/nack", self._nack),
                web.get("/api/v1/text_labels/valid_labels", self._labels),
            ]
        )
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
        self.nacks.append((request.match_info["id"], (await request.json())["reason"]))
        return web.Response(status=204)

    async def _interaction(self, request: web.Request) -> web.Response:
        body = await request.json()
        status, code = self.trouble.popleft() if self.trouble else (200, 0)
        if status not in {0, 200}:
            return failure(status, code)
        if any(known["message_id"] == body["message_id"] for known in self.answers):
            return failure(400, 2105)
        self.answers.append(body)
        if status == 0 and request.transport is not None:
            request.transport.close()
        return web.json_response({"id": str(uuid4()), "type": "task_done"})

    async def _labels(self, _: web.Request) -> web.Response:
        return web.json_response({"valid_labels": LABELS})


def failure(status: int, code: int) -> web.Response:
    return web.Response(
        status=status,
        text=json.dumps({"error_code": code, "message": "no"}) if code else "<html>proxy</html>",
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
async def backend() -> AsyncIterator[Backend]:
    running = Backend()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def settings(tmp_path: Path, sandbox: Sandbox, backend: Backend) -> BotSettings:
    return BotSettings(
        _env_file=None,
        bot_token=sandbox.token,
        discord_rest_url=sandbox.rest_url,
        oasst_api_url=backend.url,
        oasst_api_key="key",
        bot_database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
    )


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.at(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def bot(settings: BotSettings, sandbox: Sandbox, clock: TestClock) -> AsyncIterator[BotApp]:
    app = BotApp(settings, clock)
    await app.start()
    await sandbox.bot_ready()
    yield app
    await app.close()


Join = Callable[[str], Awaitable[Actor]]


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


async def shown_task(person: Actor, *, threads: int = 1) -> MessageView:
    """Give the message with the controls in the person's latest thread."""
    thread = await person.until(
        lambda: (found := person.threads()) and len(found) == threads and found[-1], what="a thread"
    )
    return await person.until(lambda: controls_in(person, thread), what="the controls of the task")


def controls_in(person: Actor, thread: Any) -> MessageView | None:  # noqa: ANN401  # a thread of the stand-in
    messages = person.messages(thread)
    return messages[-1] if messages and "Skip" in messages[-1].buttons else None
