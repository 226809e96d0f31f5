"""Answers REST calls: it finds the route, checks who asks, counts, meets the faults, and notes every call."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from aiohttp import web
from loguru import logger

from discord_sandbox.errors import ApiError, FormErrors, refusal
from discord_sandbox.faults.every import Faults
from discord_sandbox.faults.rest import HookFailed, LoseReply
from discord_sandbox.faults.rule import FaultBook
from discord_sandbox.rest.body import ClientGone, read_body
from discord_sandbox.rest.call import Call, Reply, Route, RouteTable
from discord_sandbox.rest.rate_limits import RateLimited, RateLimiter, RateLimits
from discord_sandbox.rest.routes import ROUTES
from discord_sandbox.watching.log import RequestLog, without_token
from discord_sandbox.world.model import encode
from discord_sandbox.world.store import Store

ROOT = "/api/"
PREFIX = "/api/v10/"

_VERSION = re.compile(r"/api/v(\d+)/")
_OTHER_VERSIONS = frozenset({"6", "7", "8", "9"})
"""The versions that Discord still answers (page reference, "API Versioning") and the sandbox does not."""

_AGENT = re.compile(r"DiscordBot \([^,()]+, ?[^()]+\)")
_TOO_MANY = 429


class RestService:
    """Answers what comes under `/api/`.

    Args:
        store: What the calls are about.
        limits: How often it may call.
        complain: Called with a line about anything the sandbox does not know.

    Attributes:
        table: The routes that there are.
        log: All calls.
        faults: What goes wrong on demand.
        check: Called with each call that the sandbox itself answered, and the answer.
    """

    def __init__(self, store: Store, limits: RateLimits, complain: Callable[[str], None]) -> None:
        self._store = store
        self._clock = store.clock
        self._complain = complain
        self._agent: str | None = None
        self.table = RouteTable(ROUTES)
        self._limiter = RateLimiter(limits, store.clock, self.table.routes.values())
        self.log = RequestLog()
        self.check: Callable[[Call, Reply], None] | None = None
        book = FaultBook(self._story, store.journal.note)
        self.faults = Faults(book, self.table, self._limiter, store.gateway, store.clock)

    async def serve(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answer one call, or cut its connection."""
        shown = path[len(PREFIX) - 1 :]
        found = self.table.find(request.method, shown) if path.startswith(PREFIX) else None
        if found is None:
            return self._serve_unknown(request, path)
        route, params = found
        call = Call(
            self._store, request.method, route.pattern, params, request.query, headers=request.headers
        )
        try:
            reply = await self._answer(request, route, call)
        except LoseReply:
            return self._cut(request, call, shown, "was cut off without an answer")
        except ClientGone:
            return self._cut(request, call, shown, "was cut off by the client while it sent the body")
        if reply.breaks_off and reply.body is None:
            return self._cut(request, call, shown, "was cut off without an answer")
        self.log.add(call, shown, reply, self._clock())
        if reply.breaks_off:
            self._store.journal.note("{} {} was cut off in its answer", call.method, call.route)
            return await _break_off(request, reply)
        return _respond(reply)

    def _cut(self, request: web.BaseRequest, call: Call, shown: str, how: str) -> web.Response:
        self.log.add(call, shown, None, self._clock())
        self._store.journal.note("{} {} " + how, call.method, call.route)
        self._store.feed.notify()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _answer(self, request: web.BaseRequest, route: Route, call: Call) -> Reply:
        headers: dict[str, str] = {}
        try:
            self._admit(request, route)
            call.payload, call.uploads = await read_body(request)
            who = request.headers.get("Authorization") or request.remote or ""
            headers = self._limiter.take(route, call.params, who)
            reply = await self.faults.meet(call)
            if reply is None:
                reply = await self.faults.change(call, self._handle(route, call))
        except ApiError as error:
            reply = self._refuse(call, error)
        except (LoseReply, ClientGone):
            raise
        except HookFailed as failed:
            reply = self._fail(route, failed.error, "a hook of the tests")
        except Exception as error:  # noqa: BLE001 - whatever the sandbox stumbles over must be seen by the tests
            reply = self._fail(route, error)
        if headers and reply.status != _TOO_MANY:
            return replace(reply, headers={**headers, **(reply.headers or {})})
        return reply

    def _admit(self, request: web.BaseRequest, route: Route) -> None:
        if not route.auth:
            return
        agent = request.headers.get("User-Agent", "")
        if agent != self._agent:
            if _AGENT.match(agent) is None:
                logger.warning(
                    "Discord wants the header User-Agent: DiscordBot (url, version), not {}", agent
                )
                raise refusal(40333)
            self._agent = agent
        if request.headers.get("Authorization") != self._store.authorization:
            raise ApiError(401, 0, "401: Unauthorized")

    def _handle(self, route: Route, call: Call) -> Reply:
        try:
            if unknown := call.query.keys() - route.query:
                raise _unknown_query(unknown)
            reply = route.handler(call)
            if self.check is not None:
                self.check(call, reply)
        except ApiError as error:
            return self._refuse(call, error)
        return reply

    def _refuse(self, call: Call, error: ApiError) -> Reply:
        if error.unknown:
            self._complain(f"{call.method} {call.route}: unknown {', '.join(error.unknown)}")
        self.log.refuse(call, error)
        self._store.journal.refused(call.method, call.route, error.status, error.code, error.places)
        headers = error.headers if isinstance(error, RateLimited) else None
        return Reply(error.status, error.body(), headers)

    def _fail(self, route: Route, error: Exception, who: str = "the sandbox itself") -> Reply:
        self._complain(f"{route.name}: {who} failed: {type(error).__name__}")
        logger.opt(exception=error).error("{} failed at {}", who, route.name)
        return Reply(500, {"message": "500: Internal Server Error", "code": 0})

    def _serve_unknown(self, request: web.BaseRequest, path: str) -> web.Response:
        method = request.method
        if path.startswith(PREFIX):
            shown = without_token(path[len(PREFIX) - 1 :])
            reply = self._unknown_route(method, shown)
        else:
            shown = path
            reply = self._unknown_version(method, path)
        self.log.add(Call(self._store, method, shown, (), request.query), shown, reply, self._clock())
        return _respond(reply)

    def _unknown_route(self, method: str, shown: str) -> Reply:
        if methods := self.table.methods(shown):
            self._complain(f"{method} {shown}: unknown method, the sandbox has {', '.join(methods)}")
            return Reply(405, {"message": "405: Method Not Allowed", "code": 0})
        self._complain(f"{method} {shown}: unknown route")
        return Reply(501, {"message": f"The sandbox does not know {method} {shown}", "code": 0})

    def _unknown_version(self, method: str, path: str) -> Reply:
        self._complain(f"{method} {path}: unknown version of the API, the sandbox has 10")
        version = _VERSION.match(path)
        if version is None or version[1] in _OTHER_VERSIONS:
            return Reply(501, {"message": "The sandbox knows version 10 of the API only", "code": 0})
        error = refusal(50041)
        return Reply(error.status, error.body())

    def _story(self) -> str:
        latest = list(self.log.calls)[-10:]
        return "\n".join(["The latest calls:", *(f"  {one}" for one in latest)])


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


async def _break_off(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Send the first half of a reply's body, and end the connection."""
    whole = _respond(reply)
    body = encode(reply.body).encode()
    response = web.StreamResponse(status=reply.status, headers=whole.headers)
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
