"""Serves the page: its files, its API, and a stream that says when there is something new."""

import asyncio
import errno
from importlib import resources

from aiohttp import web

from discord_sandbox.errors import PortTakenError
from discord_sandbox.page.api import PageApi
from discord_sandbox.page.guard import add_headers, guard, is_loopback
from discord_sandbox.page.refusals import not_found, refusals
from discord_sandbox.sandbox import Sandbox

_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
_HEARTBEAT_SECONDS = 15.0
"""How often the stream shows that it lives, so that a tab that went away is noticed."""


class SandboxPage:
    """A page on which one is any person of a sandbox; it runs in the sandbox's own event loop.

    Args:
        sandbox: The sandbox, started before or after the page.
        host: An address of this machine that no other machine reaches.
        port: The port; 0 takes any free one.

    Raises:
        ValueError: Other machines could reach the host.
    """

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 8090) -> None:
        if not is_loopback(host):
            raise ValueError(
                f"The page has no password, so it listens only on this machine, not on {host!r}."
            )
        self._sandbox = sandbox
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._streams: set[asyncio.Event] = set()
        self._closing = False
        self._files = _read_files()

    @property
    def url(self) -> str:
        """Where the page is."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/"

    async def start(self) -> None:
        """Listen.

        Raises:
            PortTakenError: Another program has the port.
        """
        app = web.Application(middlewares=[refusals, guard], client_max_size=1 << 20)
        app.on_response_prepare.append(add_headers)
        app.add_routes(
            [
                web.get("/", self._file),
                web.get("/static/{file}", self._file),
                web.get("/api/changes", self._changes),
                *PageApi(self._sandbox).routes(),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(self._host, self._port) from error
            raise
        self._closing = False
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def close(self) -> None:
        """End all streams and stop listening; a second time does nothing."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        self._closing = True
        for news in self._streams:
            news.set()
        await runner.cleanup()

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info.get("file", "index.html")
        if name not in self._files:
            raise not_found("There is no such file.")
        kind = _TYPES[name[name.rindex(".") :]]
        return web.Response(body=self._files[name], content_type=kind, charset="utf-8")

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        news = asyncio.Event()
        unsubscribe = self._sandbox.subscribe(news.set)
        self._streams.add(news)
        try:
            while not self._closing:
                news.clear()
                await response.write(f"data: {self._sandbox.version}\n\n".encode())
                try:
                    async with asyncio.timeout(_HEARTBEAT_SECONDS):
                        await news.wait()
                except TimeoutError:
                    continue
        except ConnectionError:
            # The tab was closed; nobody is left to tell.
            pass
        finally:
            self._streams.discard(news)
            unsubscribe()
        return response


def _read_files() -> dict[str, bytes]:
    folder = resources.files("discord_sandbox.page") / "static"
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.name.endswith(tuple(_TYPES))}
