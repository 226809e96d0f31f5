"""What is answered when something cannot be done: a status, a stable code, and a friendly message."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from loguru import logger
from pydantic import ValidationError

from discord_sandbox.errors import (
    ActorError,
    ApiError,
    BadInput,
    InteractionFailed,
    NotPermitted,
    NotVisible,
    WaitTimeout,
)
from discord_sandbox.loopback.exchange import answer

_ACTOR_ERRORS: dict[type[ActorError], tuple[HTTPStatus, str]] = {
    NotVisible: (HTTPStatus.NOT_FOUND, "not_visible"),
    NotPermitted: (HTTPStatus.FORBIDDEN, "not_permitted"),
    BadInput: (HTTPStatus.BAD_REQUEST, "bad_input"),
    InteractionFailed: (HTTPStatus.GATEWAY_TIMEOUT, "no_answer"),
    WaitTimeout: (HTTPStatus.GATEWAY_TIMEOUT, "timeout"),
}


class Refused(Exception):  # noqa: N818 - an answer to a client, not a fault of the program
    """Something that was asked for and is not given.

    Attributes:
        status: The HTTP status.
        code: A stable name of the reason.
    """

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        self.status = status
        self.code = code
        super().__init__(message)


def not_found(what: str) -> Refused:
    """Make the refusal for something that is not there, or not for this person."""
    return Refused(HTTPStatus.NOT_FOUND, "not_visible", what)


def refusals(*, whole: bool) -> Middleware:
    """Make the middleware that turns what was raised into `{"error": code, "message": text}`.

    Args:
        whole: Whether the message also says what the person sees; else it is one line.
    """

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - a client gets JSON whatever happens
            refused = _refusal(error, request)
            message = str(refused) if whole else str(refused).partition("\n")[0]
            return answer({"error": refused.code, "message": message}, refused.status)

    return refuse


def _refusal(error: Exception, request: web.Request) -> Refused:
    match error:
        case Refused():
            return error
        case ActorError():
            return Refused(*_ACTOR_ERRORS[type(error)], str(error))
        case ApiError():
            return Refused(HTTPStatus(error.status), "refused", str(error))
        case ValidationError():
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "body"
            why = first["msg"].removeprefix("Value error, ")
            return Refused(HTTPStatus.BAD_REQUEST, "bad_body", f"{where}: {why}")
        case web.HTTPException():
            return Refused(HTTPStatus(error.status), "refused", _why(error, request))
    logger.opt(exception=error).error("The sandbox itself failed")
    return Refused(
        HTTPStatus.INTERNAL_SERVER_ERROR, "failed", f"The sandbox itself failed: {type(error).__name__}."
    )


def _why(error: web.HTTPException, request: web.Request) -> str:
    match error:
        case web.HTTPNotFound():
            return f"There is no {request.method} {request.path} here."
        case web.HTTPMethodNotAllowed():
            taken = " or ".join(sorted(error.allowed_methods - {"HEAD"}))
            return f"{request.path} is called with {taken}, not with {request.method}."
    return error.reason
