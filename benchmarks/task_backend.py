"""A task backend without rules, for the bot's benchmark: it hands out the same tasks again and again."""

import time
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid4

from aiohttp import web

KEY = "benchmark"
TEXT = (
    "Bees find their way home by the sun, by what they remember of the way, and by the smell of the hive. "
    * 3
)
"""What every message says: about 300 characters, as people write them."""

REPLIES = 4
"""Replies to be put in order."""

TURNS = [
    {"id": str(UUID(int=number)), "text": f"{number}. {TEXT}", "is_assistant": number % 2 == 0}
    for number in range(1, 4)
]
RANKED = [
    {"id": str(UUID(int=number)), "text": f"{number}. {TEXT}", "is_assistant": True}
    for number in range(10, 10 + REPLIES)
]
TASKS: dict[str, dict[str, Any]] = {
    "assistant_reply": {"conversation": {"messages": TURNS}},
    "rank_assistant_replies": {"conversation": {"messages": TURNS}, "reply_messages": RANKED},
}


class BackendCall(NamedTuple):
    """A call that came: when it was answered (Unix seconds), the path, and the JSON."""

    time: float
    path: str
    body: Any


class TaskBackend:
    """Answers on a port of this machine.

    Attributes:
        calls: all calls but the reads, oldest first.
    """

    def __init__(self) -> None:
        self.calls: list[BackendCall] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [
                web.get("/api/v1/text_labels/valid_labels", self._labels),
                web.post("/api/v1/tasks/", self._task),
                web.post("/api/v1/tasks/interaction", self._interaction),
                web.post("/api/v1/tasks/{id}/ack", self._ack),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _labels(self, _: web.Request) -> web.Response:
        return web.json_response({"valid_labels": []})

    async def _task(self, request: web.Request) -> web.Response:
        kind = (await self._note(request))["type"]
        return web.json_response({"id": str(uuid4()), "type": kind, **TASKS[kind]})

    async def _interaction(self, request: web.Request) -> web.Response:
        await self._note(request)
        return web.json_response({"id": str(uuid4()), "type": "task_done"})

    async def _ack(self, request: web.Request) -> web.Response:
        await self._note(request)
        return web.Response(status=204)

    async def _note(self, request: web.Request) -> Any:  # noqa: ANN401  # any JSON
        body = await request.json()
        self.calls.append(BackendCall(time.time(), request.path, body))
        return body
