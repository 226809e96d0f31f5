"""The HTTP server: it finds the route, checks the token, runs the hooks and notes every call."""

import errno
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from aiohttp import web
from loguru import logger

from discord_sandbox.connection import GatewayConnection
from discord_sandbox.errors import ApiError, FormErrors, PortTakenError
from discord_sandbox.model import encode
from discord_sandbox.rest import channels, commands, guilds, interactions, messages
from discord_sandbox.rest.body import read_body
from discord_sandbox.rest.call import Call, Reply, Route, RouteTable
from discord_sandbox.store import Store

PREFIX = "/api/v10/"
_LOG_LENGTH = 100_000
_UNAUTHORIZED = ApiError(401, 0, "401: Unauthorized")

BeforeHook = Callable[[Call], Awaitable[Reply | None]]
AfterHook = Callable[[Call, Reply], Awaitable[Reply | None]]


class LoseReply(Exception):  # noqa: N818 - an instruction to the server, not something that went wrong
    """Raised by a hook: close the connection without an answer, as a network fault does."""


class LoggedRequest(NamedTuple):
    """One call that was answered: the route is a pattern, such as `/channels/{}/messages`."""

    method: str
    route: str
    status: int


class Refusal(NamedTuple):
    """One call that was refused as Discord refuses it: why, by Discord's code, and where in the body."""

    method: str
    route: str
    status: int
    code: int
    where: tuple[str, ...]


class SandboxServer:
    """Serves REST, the gateway and uploaded files on one port.

    Attributes:
        requests: The latest calls, oldest first.
        refusals: The latest calls that were refused for what they asked, oldest first.
        violations: What the bot did that the sandbox does not know: routes, fields, gateway frames.
        before_request: Awaited before a call is handled; a reply that it gives is the answer.
        after_request: Awaited after a call was handled; a reply that it gives replaces the answer.
    """

    def __init__(self, store: Store, token: str) -> None:
        self._store = store
        self._token = token
        self._table = RouteTable(
            [*messages.ROUTES, *channels.ROUTES, *guilds.ROUTES, *commands.ROUTES, *interactions.ROUTES]
        )
        self._runner: web.ServerRunner | None = None
        self.requests: deque[LoggedRequest] = deque(maxlen=_LOG_LENGTH)
        self.refusals: deque[Refusal] = deque(maxlen=_LOG_LENGTH)
        self.violations: list[str] = []
        self.before_request: BeforeHook | None = None
        self.after_request: AfterHook | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and give the port.

        Raises:
            PortTakenError: Another program has the port.
        """
        runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(host, port) from error
            raise
        self._runner = runner
        return int(runner.addresses[0][1])

    async def close(self) -> None:
        """Close all connections and stop listening; a second time does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self._store.gateway.drop(1001)
            await runner.cleanup()

    def complain(self, line: str) -> None:
        """Note a violation, and say it aloud."""
        self.violations.append(line)
        self._store.journal.note("the sandbox does not know this: {}", line)
        logger.warning("The sandbox refused what it does not know: {}", line)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path.startswith(PREFIX):
            return await self._serve_rest(request, path)
        if path.rstrip("/") == "/gateway":
            return await GatewayConnection(self._store, self._token, self.complain).serve(request)
        if (file := self._store.files.get(request.rel_url.path.lstrip("/"))) is not None:
            return web.Response(body=file[0], headers={"Content-Type": file[1]})
        return web.Response(status=404, text="There is nothing here.")

    async def _serve_rest(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        method = request.method
        found = self._table.find(method, path[len(PREFIX) :])
        if found is None:
            shown = path[len(PREFIX) - 1 :]
            self.complain(f"{method} {shown}: unknown route")
            self.requests.append(LoggedRequest(method, shown, 501))
            return _respond(Reply(501, {"message": f"The sandbox does not know {method} {shown}", "code": 0}))
        route, params = found
        call = Call(self._store, method, route.pattern, params, request.query)
        try:
            reply = await self._answer(request, route, call)
        except LoseReply:
            self.requests.append(LoggedRequest(method, route.pattern, 0))
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        self.requests.append(LoggedRequest(method, route.pattern, reply.status))
        return _respond(reply)

    async def _answer(self, request: web.BaseRequest, route: Route, call: Call) -> Reply:
        where = f"{call.method} {route.pattern}"
        try:
            reply = await self._handle(request, route, call)
        except ApiError as error:
            if error.unknown:
                self.complain(f"{where}: unknown {', '.join(error.unknown)}")
            found = Refusal(call.method, route.pattern, error.status, error.code, error.places)
            self.refusals.append(found)
            self._store.journal.refused(*found)
            reply = Reply(error.status, error.body())
        except LoseReply:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the sandbox stumbles over must be seen by the tests
            self.complain(f"{where}: the sandbox itself failed: {type(error).__name__}")
            logger.opt(exception=error).error("The sandbox failed at {}", where)
            reply = Reply(500, {"message": "500: Internal Server Error", "code": 0})
        if self.after_request is not None and (late := await self.after_request(call, reply)) is not None:
            return late
        return reply

    async def _handle(self, request: web.BaseRequest, route: Route, call: Call) -> Reply:
        if route.auth and request.headers.get("Authorization") != f"Bot {self._token}":
            raise _UNAUTHORIZED
        call.payload, call.uploads = await read_body(request)
        if self.before_request is not None and (early := await self.before_request(call)) is not None:
            return early
        if unknown := call.query.keys() - route.query:
            raise _unknown_query(unknown)
        return route.handler(call)


def _unknown_query(keys: Iterable[str]) -> ApiError:
    errors = FormErrors()
    for key in sorted(keys):
        errors.unknown_field(("query", key))
    return errors.refusal()


def _respond(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    body = encode(reply.body).encode()
    return web.Response(
        status=reply.status, body=body, headers={"Content-Type": "application/json", **(reply.headers or {})}
    )
