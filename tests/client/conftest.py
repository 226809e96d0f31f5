"""Servers on loopback that behave, that misbehave, and that write down what they are asked."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from oasst_client import AuthMethod, OasstApiClient, User

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Scripted:
    """A server that answers as it was told, the last answer for ever, and keeps what it was asked."""

    url: str = ""
    answers: list[tuple[int, object, dict[str, str]]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def will(self, status: int, body: object = b"", **headers: str) -> "Scripted":
        """Add an answer; bytes are sent as they are, all else as JSON; _ stands for - in names of headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, body, named))
        return self

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.seen.append(
            Seen(
                request.method,
                request.path_qs,
                request.path,
                dict(request.query),
                request.headers,
                json.loads(raw) if raw else None,
            )
        )
        status, body, headers = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if content else {}
        return web.Response(body=content, status=status, headers={**kind, **headers})


@asynccontextmanager
async def _http(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _raw(handler: RawHandler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    open_tasks: set[asyncio.Task[None]] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await handler(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            open_tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(open_tasks):
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)


@pytest.fixture
def alice() -> User:
    return User(id="80351110224678912", display_name="Alice", auth_method=AuthMethod.discord)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as entered:
        yield entered


@pytest.fixture
def serve(stack: AsyncExitStack) -> Callable[[Handler], Awaitable[str]]:
    """Serve every path with one handler; gives the address."""
    return lambda handler: stack.enter_async_context(_http(handler))


@pytest.fixture
def serve_raw(stack: AsyncExitStack) -> Callable[..., Awaitable[str]]:
    """Give every connection to one handler; gives the address."""
    return lambda handler, tls=None: stack.enter_async_context(_raw(handler, tls))


@pytest.fixture
async def script(serve: Callable[[Handler], Awaitable[str]]) -> Scripted:
    scripted = Scripted()
    scripted.url = await serve(scripted.handle)
    return scripted


@pytest.fixture
async def connect(stack: AsyncExitStack) -> Callable[..., Awaitable[OasstApiClient]]:
    """Make a client that tries once, unless told otherwise; it is closed after the test."""

    async def make(url: str, **options: Any) -> OasstApiClient:  # noqa: ANN401  # the client's own arguments
        options = {"retries": None, **options}
        return await stack.enter_async_context(OasstApiClient(url, options.pop("api_key", "key"), **options))

    return make
