"""Describes the calls: their errors, their keys and tokens, and what all calls of a kind have in common."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_type_hints

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import BaseRoute

from oasst_backend.api.dependencies import calling_client, root_caller, trusted_client


class ErrorAnswer(BaseModel):
    """What an error says: the protocol's code (0 for what it has none for), and what to do."""

    error_code: int
    message: str


class Fault(BaseModel):
    """One fault of a call: where it is, in words what it is, and its kind."""

    loc: list[str | int]
    msg: str
    type: str


class MalformedAnswer(BaseModel):
    """Where a call cannot be read; it never repeats what stood there."""

    detail: list[Fault]


MEANINGS: Final[Mapping[int, str]] = {
    400: "The call is refused; the code says why, and a task that it was about can be answered again.",
    403: "The key or the token is missing, not valid, or not enough for this call (2, 3).",
    404: "What the call names does not exist.",
    413: "The body is longer than anything that this backend takes (0).",
    422: "The call cannot be read.",
    429: "There were too many calls of late (429); `Retry-After` says how many seconds to wait.",
    451: "The person has not accepted the terms (4003).",
    500: "A fault of the backend (0); its log has more under the id in the message.",
    503: "Not now: no such work (1006), a disabled person (4001), or no database (1, 4).",
}
"""What each status of an error means here."""

_KEY_HEADER, _KEY_QUERY, _ROOT, _PERSON = "ApiKeyHeader", "ApiKeyQuery", "RootToken", "Person"
_SCHEMES: Final[Mapping[str, Mapping[str, str]]] = {
    _KEY_HEADER: {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The frontend's key, made with `keys create`.",
    },
    _KEY_QUERY: {
        "type": "apiKey",
        "in": "query",
        "name": "api_key",
        "description": "The same key, for callers that cannot set a header.",
    },
    _ROOT: {
        "type": "http",
        "scheme": "bearer",
        "description": "The operator's token, BACKEND_ROOT_TOKEN.",
    },
    _PERSON: {
        "type": "apiKey",
        "in": "header",
        "name": "x-oasst-user",
        "description": "For whom the frontend calls: `<auth_method>:<id>`, like `discord:80351110224678912`.",
    },
}
_HEADERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "X-Request-ID": {
        "description": "The id of the call, by which the backend's log names it.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "Retry-After": {
        "description": "Seconds until the call may be made again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
}


def errors_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe a call's errors, for `responses=` of a route or a router.

    Only 451 needs naming, as the rest follows from what a route takes: a key brings 403 and 429, the root
    token 403, a body 413, any parameter or body 400, 404 and 422, and each call has 500 and 503.

    Args:
        statuses: HTTP statuses that `MEANINGS` has.
    """
    return {
        status: {
            "model": MalformedAnswer if status == 422 else ErrorAnswer,  # noqa: PLR2004  # an HTTP status
            "description": MEANINGS[status],
        }
        for status in statuses
    }


class DescribedApp(FastAPI):
    """An application whose description has what its routes have in common."""

    def openapi(self) -> dict[str, Any]:
        """Give the description in OpenAPI's form."""
        known = self.openapi_schema
        schema = super().openapi()
        if schema is not known:
            _complete(schema, self.routes)
        return schema


def _complete(schema: dict[str, Any], routes: list[BaseRoute]) -> None:
    components = schema.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components["headers"] = _HEADERS
    schemas = components.setdefault("schemas", {})
    for model in (ErrorAnswer, Fault, MalformedAnswer):
        described = model.model_json_schema(ref_template="#/components/schemas/{model}")
        described.pop("$defs", None)
        schemas[model.__name__] = described
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, APIRoute):
            for method in route.methods or ():
                if operation := schema["paths"].get(route.path_format, {}).get(method.lower()):
                    _complete_operation(operation, set(_calls(route.dependant)))
                    _complete_result(operation, route.endpoint)
    # FastAPI's own shapes of a 422, which nothing names any more.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """Give everything that is called for a route: itself, and what it depends on."""
    yield dependant.call
    for other in dependant.dependencies:
        yield from _calls(other)


def _complete_operation(operation: dict[str, Any], calls: set[Callable[..., Any] | None]) -> None:
    words = operation.get("description", "")
    operation["summary"] = words.partition("\n")[0].rstrip(".") or operation["summary"]
    parameters = operation.get("parameters", [])
    statuses = {500, 503}
    if calling_client in calls:
        statuses |= {403, 429}
        operation["security"] = _with_key(
            acts_for_person=any(parameter["name"] == "x-oasst-user" for parameter in parameters)
        )
    if trusted_client in calls:
        operation["description"] = f"{words}\n\nThe key must be trusted.".strip()
    if root_caller in calls:
        statuses |= {403}
        operation["security"] = [{_ROOT: []}]
    if "requestBody" in operation:
        statuses |= {413}
    if parameters or "requestBody" in operation:
        statuses |= {400, 404, 422}
    responses = operation["responses"]
    for status in sorted(statuses):
        if status == 422 or str(status) not in responses:  # noqa: PLR2004  # FastAPI describes a 422 of its own
            responses[str(status)] = _described(status)
    for status, response in responses.items():
        names = ("X-Request-ID", "Retry-After") if status == "429" else ("X-Request-ID",)
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _complete_result(operation: dict[str, Any], endpoint: Callable[..., Any] | None) -> None:
    """Say of a call that gives nothing, but has a body, that this is null."""
    if endpoint is not None and get_type_hints(endpoint).get("return") is type(None):
        for status, response in operation["responses"].items():
            if status.startswith("2") and "content" in response:
                response["content"] = {"application/json": {"schema": {"type": "null"}}}


def _with_key(*, acts_for_person: bool) -> list[dict[str, list[str]]]:
    """Give the ways to call with a key, each with and without a person where the call takes one."""
    ways: list[dict[str, list[str]]] = [{_KEY_HEADER: []}, {_KEY_QUERY: []}]
    return [*ways, *({**way, _PERSON: []} for way in ways)] if acts_for_person else ways


def _described(status: int) -> dict[str, Any]:
    shape = errors_of(status)[status]
    return {
        "description": shape["description"],
        "content": {
            "application/json": {"schema": {"$ref": f"#/components/schemas/{shape['model'].__name__}"}}
        },
    }
