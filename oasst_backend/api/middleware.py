"""What surrounds every call: its id, its line in the log, its numbers, its bound, and the last resort."""

import time
from typing import Final

from fastapi import Request
from loguru import logger
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oasst_backend.api.calls import HEADER, begin_call, route_of
from oasst_backend.api.errors import answer, answer_fault
from oasst_backend.api.metrics import Metrics
from oasst_client import OasstErrorCode

_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
_TOO_LONG: Final = "The body is longer than anything that this backend takes."


class BodyTooLongError(HTTPException):
    """A body of unknown length went on beyond the bound; FastAPI lets an error of this kind through."""

    def __init__(self) -> None:
        super().__init__(413, _TOO_LONG)


class CallMiddleware:
    """Surrounds each call.

    A handler for `Exception` would answer faults, too, but the error would go on to the server, whose log
    shows the error's own words and with them, perhaps, what somebody wrote.

    Args:
        app: what answers.
        metrics: where calls are counted.
        body_limit: bytes of the longest body that is read.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, body_limit: int) -> None:
        self._app = app
        self._metrics = metrics
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, and see that it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        call = begin_call(scope)
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # A new list: an answer may be made once and sent often.
                message["headers"] = [*message["headers"], (HEADER, call.id.encode("ascii"))]
            await send(message)

        with logger.contextualize(request_id=call.id):
            try:
                await self._pass_on(scope, receive, watch)
            except Exception as error:
                if status:
                    raise
                response = answer_fault(Request(scope), error)
                await response(scope, receive, watch)
            finally:
                self._record(scope, call.code, status, time.perf_counter() - begun)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length")
        if length is None:
            await self._app(scope, _bounded(receive, self._body_limit), send)
        elif int(length) > self._body_limit:
            response = answer(Request(scope), OasstErrorCode.generic_error, _TOO_LONG, 413)
            await response(scope, receive, send)
        else:
            # The server sees to it that no more comes than was announced.
            await self._app(scope, receive, send)

    def _record(self, scope: Scope, code: int | None, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = route_of(scope)
        logger.debug("{} {} {} {:.1f} ms", method, route, status, 1000 * seconds)
        self._metrics.call(method, route, status, seconds)
        if code is not None:
            self._metrics.error(code)


def _bounded(receive: Receive, limit: int) -> Receive:
    """Read a body until it is longer than the limit.

    Raises:
        BodyTooLongError: it is (413).
    """
    read = 0

    async def read_on() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise BodyTooLongError
        return message

    return read_on
