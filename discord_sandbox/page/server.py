"""Serves the page: its files, its API, and a stream that says when there is something new."""

import asyncio
from collections.abc import Iterable
from importlib import resources

from aiohttp import web

from discord_sandbox.loopback.refusals import not_found
from discord_sandbox.loopback.server import LoopbackServer
from discord_sandbox.page.api import PageApi
from discord_sandbox.sandbox import Sandbox

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Tells the browser to load nothing from elsewhere."""

_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
_HEARTBEAT_SECONDS = 15.0
"""How often the stream shows that it lives, so that a tab that went away is noticed."""


class SandboxPage(LoopbackServer):
    """A page on which one is any person of a sandbox; it runs in the sandbox's own event loop.

    Args:
        sandbox: The sandbox, started before or after the page.
        host: An address of this machine that no other machine reaches.
        port: The port; 0 takes any free one.

    Raises:
        ValueError: Other machines could reach the host.
    """

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 8090) -> None:
        # What a person sees is on the page anyway, so an error is one line.
        super().__init__(host, port, whole_errors=False)
        self._sandbox = sandbox
        self._streams: set[asyncio.Event] = set()
        self._closing = False
        self._files = _read_files()

    def _routes(self) -> Iterable[web.RouteDef]:
        self._closing = False
        return [
            web.get("/", self._file),
            web.get("/static/{file}", self._file),
            web.get("/api/changes", self._changes),
            *PageApi(self._sandbox).routes(),
        ]

    async def close(self) -> None:
        """End all streams and stop listening; a second time does nothing."""
        self._closing = True
        for news in self._streams:
            news.set()
        await super().close()

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info.get("file", "index.html")
        if name not in self._files:
            raise not_found("There is no such file.")
        kind = _TYPES[name[name.rindex(".") :]]
        policy = {"Content-Security-Policy": _POLICY}
        return web.Response(body=self._files[name], content_type=kind, charset="utf-8", headers=policy)

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
