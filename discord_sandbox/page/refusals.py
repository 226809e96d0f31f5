"""What the page's API answers when something cannot be done: a status, a stable code, one friendly line."""

import json
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from discord_sandbox.errors import (
    ActorError,
    BadInput,
    InteractionFailed,
    NotPermitted,
    NotVisible,
    WaitTimeout,
)

_ACTOR_ERRORS: dict[type[ActorError], tuple[HTTPStatus, str]] = {
    NotVisible: (HTTPStatus.NOT_FOUND, "not_visible"),
    NotPermitted: (HTTPStatus.FORBIDDEN, "not_permitted"),
    BadInput: (HTTPStatus.BAD_REQUEST, "bad_input"),
    InteractionFailed: (HTTPStatus.GATEWAY_TIMEOUT, "no_answer"),
    WaitTimeout: (HTTPStatus.GATEWAY_TIMEOUT, "still_thinking"),
}


class PageRefusal(Exception):  # noqa: N818 - an answer to the browser, not a fault of the program
    """Something that the page asked for and does not get.

    Attributes:
        status: The HTTP status.
        code: A stable name of the reason.
    """

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        self.status = status
        self.code = code
        super().__init__(message)


def not_found(what: str) -> PageRefusal:
    """Make the refusal for something that is not there, or not for this person."""
    return PageRefusal(HTTPStatus.NOT_FOUND, "not_visible", what)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what was raised into an answer that the page can show."""
    try:
        return await handler(request)
    except PageRefusal as refusal:
        return _answer(refusal.status, refusal.code, str(refusal))
    except ActorError as error:
        status, code = _ACTOR_ERRORS[type(error)]
        # The lines after the first one repeat what the person sees anyway.
        return _answer(status, code, str(error).partition("\n")[0])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "body"
        return _answer(HTTPStatus.BAD_REQUEST, "bad_body", f"{where}: {first['msg']}")
    except web.HTTPException as error:
        return _answer(HTTPStatus(error.status), "refused", error.reason)


def _answer(status: HTTPStatus, code: str, message: str) -> web.Response:
    body = json.dumps({"code": code, "message": message})
    return web.Response(status=status, text=body, content_type="application/json")
