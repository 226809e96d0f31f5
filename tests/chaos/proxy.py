"""A proxy in front of the real backend, in which each call can be held up, spoiled or cut."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import aiohttp
from aiohttp import web

_HANDED_ON = ("X-API-Key", "x-oasst-user", "Content-Type", "Idempotency-Key")


class CutError(Exception):
    """Raised by a rule: the connection breaks without an answer."""


@dataclass(frozen=True)
class BackendCall:
    """One call of the bot to the backend; `name` is `METHOD /path` below /api/v1, ids left out."""

    method: str
    path: str
    name: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class BackendReply:
    """What a call is answered with."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


PassOn: TypeAlias = Callable[[], Awaitable[BackendReply]]
Rule: TypeAlias = Callable[[BackendCall, PassOn], Awaitable[BackendReply]]
"""Answers a call, mostly by passing it on; may raise `CutError` before or after that."""


class Proxy:
    """Listens in front of the `target` on a port of its own; the first rule is nearest to the bot."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.rules: list[Rule] = []
        self.port = 0
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where the bot finds the backend."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _handle(self, request: web.Request) -> web.Response:
        call = BackendCall(
            request.method,
            request.path_qs,
            f"{request.method} {_pattern(request.path)}",
            await request.read(),
            {name: request.headers[name] for name in _HANDED_ON if name in request.headers},
        )
        try:
            reply = await self._through(call, 0)
        except (CutError, aiohttp.ClientError):
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=502)
        return web.Response(
            status=reply.status, body=reply.body, content_type=reply.content_type, headers=reply.headers
        )

    async def _through(self, call: BackendCall, number: int) -> BackendReply:
        if number == len(self.rules):
            return await self._pass_on(call)
        return await self.rules[number](call, lambda: self._through(call, number + 1))

    async def _pass_on(self, call: BackendCall) -> BackendReply:
        assert self._session is not None
        async with self._session.request(
            call.method, self.target + call.path, data=call.body, headers=call.headers
        ) as answer:
            return BackendReply(answer.status, await answer.read(), answer.content_type)


def _pattern(path: str) -> str:
    """Leave ids out of a path."""
    steps = path.removeprefix("/api/v1").split("/")
    return "/".join("{}" if len(step) == 36 and step.count("-") == 4 else step for step in steps)
