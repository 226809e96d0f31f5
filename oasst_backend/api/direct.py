"""A route for the calls that are made most: it fills in its parameters by itself, at a third of the cost.

FastAPI resolves each parameter of each call anew, checks what a route gives, and then turns it into JSON; for
a call that takes a name and gives a few texts that is most of the work. The calls of the protocol take the
same few things, so these are read straight from the request, and what a route gives is written as it is, its
type being checked by mypy.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from email.message import Message
from http import HTTPStatus
from typing import Any, Final, get_type_hints
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from oasst_backend.api.dependencies import (
    BackendDep,
    ClientDep,
    PersonHeader,
    RequestKeyHeader,
    TrustedDep,
    backend_of,
    calling_client,
    trusted_client,
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Source = Callable[[Request], Awaitable[Any]]

_UUIDS: Final[TypeAdapter[UUID]] = TypeAdapter(UUID)
_REQUEST_KEYS: Final[TypeAdapter[str | None]] = TypeAdapter(RequestKeyHeader)


class DirectRoute(APIRoute):
    """A route that is made like any other, with `APIRouter(route_class=DirectRoute)`.

    It is direct if all that it takes is among `BackendDep`, `ClientDep`, `TrustedDep`, `PersonHeader`,
    `RequestKeyHeader`, ids of type `UUID` in the path, and one body that must be there, and if what it gives
    is written as it is. Any other route of the router is served by FastAPI, as it would be without this
    class; what callers see is the same. Of either kind, a body is refused (422) that is no JSON, or whose
    texts have halves of surrogate pairs, which no database takes.
    """

    def get_route_handler(self) -> Handler:
        """Make what answers the route's calls."""
        if (sources := sources_of(self)) is not None:
            return _handler(self, sources)
        plain = super().get_route_handler()
        return plain if self.body_field is None else _strict(plain)


def sources_of(route: APIRoute) -> dict[str, Source] | None:
    """Say where each parameter of a route comes from, in the order in which faults are to be found.

    None if one of them is of another kind, so that the route cannot be direct.
    """
    hints = get_type_hints(route.endpoint, include_extras=True)
    if route.dependencies or not _writes_what_it_gives(route, hints.get("return")):
        return None
    sources: dict[str, Source] = {}
    body: dict[str, Source] = {}
    for name, parameter in inspect.signature(route.endpoint).parameters.items():
        hint = hints[name]
        if hint in _GIVEN:
            sources[name] = _GIVEN[hint]
        elif name in route.param_convertors and hint is UUID:
            sources[name] = _id_in_path(name)
        elif (
            route.body_field is not None
            and route.body_field.name == name
            and parameter.default is inspect.Parameter.empty
        ):
            body[name] = _body(hint)
        else:
            return None
    # A caller without a key is told so before anything that they sent is read.
    return {**sources, **body}


def _writes_what_it_gives(route: APIRoute, result: object) -> bool:
    """Tell whether the answer is what the route gives: no answer ready to send, and no part of it chosen."""
    if isinstance(result, type) and issubclass(result, Response):
        return False
    return route.response_model in (None, result)


def _handler(route: APIRoute, sources: dict[str, Source]) -> Handler:
    result = get_type_hints(route.endpoint, include_extras=True)["return"]
    status = route.status_code or 200
    written = None if status == HTTPStatus.NO_CONTENT else TypeAdapter(result)

    async def handle(request: Request) -> Response:
        given = {name: await source(request) for name, source in sources.items()}
        answer = await route.endpoint(**given)
        if written is None:
            return Response(status_code=status)
        # A model knows how it is written; to find it in a union of models takes as long as to write it.
        text = answer.model_dump_json() if isinstance(answer, BaseModel) else written.dump_json(answer)
        return Response(text, status, media_type="application/json")

    return handle


def _strict(plain: Handler) -> Handler:
    """Look at a body before FastAPI does: Python's JSON takes more than there is."""

    async def handle(request: Request) -> Response:
        if body := await request.body():
            try:
                from_json(body, cache_strings=False)
            except ValueError:
                raise RequestValidationError(
                    [{"loc": ("body",), "msg": "The body is not valid JSON.", "type": "json_invalid"}]
                ) from None
        return await plain(request)

    return handle


async def _backend(request: Request) -> object:
    return backend_of(request)


async def _trusted(request: Request) -> object:
    return await trusted_client(await calling_client(request))


async def _person(request: Request) -> str | None:
    return request.headers.get("x-oasst-user")


async def _request_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    try:
        return _REQUEST_KEYS.validate_python(key)
    except ValidationError as error:
        raise _malformed(error, "header", "Idempotency-Key") from None


_GIVEN: Final[dict[Any, Source]] = {
    BackendDep: _backend,
    ClientDep: calling_client,
    TrustedDep: _trusted,
    PersonHeader: _person,
    RequestKeyHeader: _request_key,
}


def _id_in_path(name: str) -> Source:
    async def read(request: Request) -> UUID:
        try:
            return _UUIDS.validate_python(request.path_params[name])
        except ValidationError as error:
            raise _malformed(error, "path", name) from None

    return read


def _body(hint: Any) -> Source:  # noqa: ANN401  # a type, or a union of types
    adapter = TypeAdapter(hint)

    async def read(request: Request) -> object:
        body = await request.body()
        if not body:
            raise RequestValidationError([{"loc": ("body",), "msg": "Field required", "type": "missing"}])
        if not _is_json(request.headers.get("content-type", "")):
            raise RequestValidationError(
                [{"loc": ("body",), "msg": "The body must be JSON, and say so.", "type": "content_type"}]
            )
        try:
            return adapter.validate_json(body)
        except ValidationError as error:
            raise _malformed(error, "body") from None

    return read


def _is_json(content_type: str) -> bool:
    if content_type == "application/json":
        return True
    message = Message()
    message["content-type"] = content_type
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (
        subtype == "json" or subtype.endswith("+json")
    )


def _malformed(error: ValidationError, *place: str) -> RequestValidationError:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return RequestValidationError([{**fault, "loc": (*place, *fault["loc"])} for fault in faults])
