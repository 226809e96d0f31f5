"""The one place that turns failures into answers of the protocol."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from loguru import logger
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from oasst_backend.api.calls import call_of, route_of
from oasst_backend.errors import RateExceeded, Refusal
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
    """Give every failure that is foreseen its answer; the rest is `answer_fault`'s."""
    app.exception_handler(Refusal)(_refused)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(HTTPException)(_refused_by_framework)
    app.exception_handler(WriterClosedError)(_going_down)
    app.exception_handler(OperationalError)(_database_failed)


def answer(
    request: Request,
    code: OasstErrorCode,
    message: str,
    status: int,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Make an answer in the protocol's shape, and note its code."""
    call_of(request).code = code
    return JSONResponse({"error_code": int(code), "message": message}, status, headers)


def answer_fault(request: Request, error: Exception) -> JSONResponse:
    """Answer what nothing else has caught: the log says what it was, the answer only under which id."""
    reference = _log(request, error)
    return answer(request, OasstErrorCode.generic_error, f"Something went wrong here ({reference}).", 500)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101  # registered for this class alone
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, RateExceeded) else None
    return answer(request, error.code, error.message, error.status, headers)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Say where a body is wrong, never what it held."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this class alone
    faults = error.errors()
    if len(faults) == 1:
        field, kind = str(faults[0]["loc"][-1]), faults[0]["type"]
        if kind in {"too_short", "string_too_short"} and field in CODE_OF_EMPTY:
            return answer(request, *CODE_OF_EMPTY[field], status=400)
        if kind == "value_error" and field == "ranking":
            return answer(
                request,
                OasstErrorCode.invalid_ranking_value,
                "The ranking must name each reply exactly once.",
                400,
            )
    detail = [{"loc": fault["loc"], "msg": fault["msg"], "type": fault["type"]} for fault in faults]
    return JSONResponse({"detail": detail}, status_code=422)


async def _refused_by_framework(request: Request, error: Exception) -> JSONResponse:
    """Put what FastAPI refuses by itself (no such call, no such method, a body too long) into our shape."""
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for this class alone
    return answer(request, OasstErrorCode.generic_error, error.detail, error.status_code, error.headers)


async def _going_down(request: Request, _error: Exception) -> JSONResponse:
    return answer(
        request, OasstErrorCode.database_unavailable, "The backend is going down; try again soon.", 503
    )


async def _database_failed(request: Request, error: Exception) -> JSONResponse:
    """A full disk or a lock held by another program: it may pass, so the frontend is told to try again."""
    reference = _log(request, error)
    return answer(
        request,
        OasstErrorCode.database_max_retries_exhausted,
        f"The database did not answer ({reference}).",
        503,
    )


def _log(request: Request, error: Exception) -> str:
    """Log a fault without what people wrote; gives the call's id, by which its lines are found."""
    # The traceback's frames show code alone; the error's own words may hold a text and stay out.
    logger.opt(exception=(type(error), None, error.__traceback__)).error(
        "{} {} failed with {}", request.method, route_of(request.scope), type(error).__name__
    )
    return call_of(request).id
