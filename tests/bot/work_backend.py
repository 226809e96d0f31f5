"""A backend that tells of its work, knows requests by their keys, and fails in more ways, on demand."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.bot.conftest import Backend, failure


@dataclass
class WorkBackend(Backend):
    """Also counts its calls.

    Attributes:
        task_trouble: what comes instead of the next tasks: (status, code); 0: the task is handed out, and the
            line drops before anybody reads it.
        retry_after: the header of the same name, on trouble.
        knows_keys: whether it finds requests again by their keys.
        report: what it says of its work and why there is none, by language; None: it has no such call.
        counts: how much work there is, by language and kind.
        unacked: what it says of an answer to a task that was not acked.
        ack_trouble: what comes instead of the next answers to acks, as for tasks.
        hangs: while it is set to an event, every call waits for that.
        calls: how often each route was called, with those that hang.
        broken: the status with which a proxy before it answers everything; 0: it does not.
        key_is_good: whether it takes the bot's key.
        asked_trouble: statuses that come instead of the next answers to what became of a request.
        asked_seconds: how long it takes to say what became of a request.
        by_key: what was handed out for each request.
        most_at_once: how many requests for tasks were under way at the same time.
    """

    task_trouble: deque[tuple[int, int]] = field(default_factory=deque)
    retry_after: str | None = None
    knows_keys: bool = False
    report: dict[str, dict[str, Any]] | None = None
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    unacked: int | None = None
    ack_trouble: deque[tuple[int, int | str]] = field(default_factory=deque)
    hangs: asyncio.Event | None = None
    calls: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    key_is_good: bool = True
    asked_trouble: deque[int] = field(default_factory=deque)
    asked_seconds: float = 0.0
    by_key: dict[str, dict[str, Any]] = field(default_factory=dict)
    most_at_once: int = 0
    _at_once: int = 0

    async def stop(self) -> None:
        if self.hangs is not None:
            self.hangs.set()
        await super().stop()

    def routes(self) -> list[web.RouteDef]:
        found = [
            *super().routes(),
            web.post("/api/v1/tasks/availability", self._availability),
            web.post("/api/ext/v1/tasks/waiting", self._waiting),
            web.get("/api/ext/v1/tasks/asked/{key}", self._asked),
        ]
        return [web.RouteDef(one.method, one.path, self._counted(one), one.kwargs) for one in found]

    def _counted(self, route: web.RouteDef) -> Any:  # noqa: ANN401  # aiohttp's own type of a handler
        async def handler(request: web.Request) -> web.StreamResponse:
            self.calls[route.path] += 1
            if self.hangs is not None:
                await self.hangs.wait()
            if self.broken:
                return failure(self.broken, 0)
            if not self.key_is_good:
                return failure(401, 600)
            response: web.StreamResponse = await route.handler(request)
            return response

        return handler

    async def _task(self, request: web.Request) -> web.Response:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._task_or_trouble(request)
        finally:
            self._at_once -= 1

    async def _task_or_trouble(self, request: web.Request) -> web.Response:
        status, code = self.task_trouble.popleft() if self.task_trouble else (200, 0)
        if status not in {0, 200}:
            response = failure(status, code)
            if self.retry_after is not None:
                response.headers["Retry-After"] = self.retry_after
            return response
        body = self.tasks[0] if self.tasks else None
        response = await super()._task(request)
        if body is not None:
            self.by_key[request.headers["Idempotency-Key"]] = body
        if status == 0 and request.transport is not None:
            request.transport.close()
        return response

    async def _ack(self, request: web.Request) -> web.Response:
        status, code = self.ack_trouble.popleft() if self.ack_trouble else (200, 0)
        return await super()._ack(request) if status == 200 else failure(status, code)

    async def _interaction(self, request: web.Request) -> web.Response:
        message_id = (await request.json())["message_id"]
        if self.unacked is not None and message_id not in {shown for _, shown in self.acks}:
            return failure(400, self.unacked)
        return await super()._interaction(request)

    async def _availability(self, request: web.Request) -> web.Response:
        return web.json_response(self.counts.get(request.query["lang"], {}))

    async def _waiting(self, request: web.Request) -> web.Response:
        if self.report is None:
            raise web.HTTPNotFound
        lang = request.query["lang"]
        return web.json_response({"lang": lang, **self.report[lang]})

    async def _asked(self, request: web.Request) -> web.Response:
        if not self.knows_keys:
            return failure(404, '{"detail": "Not Found"}')
        await asyncio.sleep(self.asked_seconds)
        if self.asked_trouble:
            return failure(self.asked_trouble.popleft(), 0)
        body = self.by_key.get(request.match_info["key"])
        given_back = {task_id for task_id, _ in self.nacks}
        if body is None or body["id"] in given_back:
            return failure(404, 2100)
        return web.json_response(body)
