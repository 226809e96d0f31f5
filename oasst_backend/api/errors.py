"""The one place that turns failures into answers of the protocol."""

from collections.abc import Mapping
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from loguru import logger
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oasst_backend.errors import Refusal
from oasst_backend.storage.writer import WriterClosedError
from oasst_client import OasstErrorCode

CODE_OF_EMPTY: Mapping[str, tuple[OasstErrorCode, str]] = {
    "id": (
        OasstErrorCode.auth_and_username_required,
        "A person needs an auth_method and an id.",
    ),
    "message_id": (
        OasstErrorCode.invalid_frontend_message_id,
        "message_id must not be empty.",
    ),
    "user_message_id": (
        OasstErrorCode.invalid_frontend_message_id,
        "user_message_id must not be empty.",
    ),
}
"""Fields that must not be empty and for which the protocol has a code; any other fault is a 422."""


def install_error_handlers(app: FastAPI) -> None:
    """Give every failure its answer."""
    app.exception_handler(Refusal)(_refused)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(WriterClosedError)(_going_down)
    app.exception_handler(OperationalError)(_database_failed)
    app.add_middleware(LastResort)


def answer(code: OasstErrorCode, message: str, status: int) -> JSONResponse:
    """Make an answer in the protocol's shape."""
    return JSONResponse({"error_code": int(code), "message": message}, status_code=status)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101  # registered for this class alone
    return answer(error.code, error.message, error.status)


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    """Say where a body is wrong, never what it held."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this class alone
    faults = error.errors()
    if len(faults) == 1:
        field, kind = str(faults[0]["loc"][-1]), faults[0]["type"]
        if kind in {"too_short", "string_too_short"} and field in CODE_OF_EMPTY:
            return answer(*CODE_OF_EMPTY[field], status=400)
        if kind == "value_error" and field == "ranking":
            return answer(
                OasstErrorCode.invalid_ranking_value, "The ranking must name each reply exactly once.", 400
            )
    detail = [{"loc": fault["loc"], "msg": fault["msg"], "type": fault["type"]} for fault in faults]
    return JSONResponse({"detail": detail}, status_code=422)


async def _going_down(_request: Request, _error: Exception) -> JSONResponse:
    return answer(OasstErrorCode.database_unavailable, "The backend is going down; try again soon.", 503)


async def _database_failed(request: Request, error: Exception) -> JSONResponse:
    """A full disk or a lock held by another program: it may pass, so the frontend is told to try again."""
    reference = _log(request, error)
    return answer(
        OasstErrorCode.database_max_retries_exhausted, f"The database did not answer ({reference}).", 503
    )


class LastResort:
    """Answers what nothing else has caught.

    A handler for `Exception` would answer, too, but the error would go on to the server, whose log shows the
    error's own words and with them, perhaps, what somebody wrote.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, and answer it if that fails before an answer has begun."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            reference = _log(Request(scope), error)
            response = answer(OasstErrorCode.generic_error, f"Something went wrong here ({reference}).", 500)
            await response(scope, receive, send)


def _log(request: Request, error: Exception) -> str:
    """Log a fault without what people wrote, under a short id that the answer carries, too."""
    reference = uuid4().hex[:8]
    # The traceback's frames show code alone; the error's own words may hold a text and stay out.
    logger.opt(exception=(type(error), None, error.__traceback__)).error(
        "{} {} failed with {} ({})", request.method, request.url.path, type(error).__name__, reference
    )
    return reference
