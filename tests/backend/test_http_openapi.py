"""The description of the calls is complete: what each is for, takes, gives, needs, and can fail with."""

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from oasst_backend.api.openapi import MEANINGS
from oasst_backend.errors import Refusal

Operation = dict[str, Any]

OPEN = {"/healthz", "/metrics", "/api/v1/text_labels/report_labels"}
"""What needs no key."""


@pytest.fixture
async def described(call: Callable[..., Any]) -> dict[str, Any]:
    status, answer = await call("GET", "/openapi.json", key=None)
    assert status == 200
    found: dict[str, Any] = answer
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


async def test_every_call_says_what_it_is_for_and_what_it_gives(described: dict[str, Any]) -> None:
    lacking = []
    for method, path, operation in operations(described):
        given = {
            status: answer for status, answer in operation["responses"].items() if status.startswith("2")
        }
        if not (
            operation["tags"]
            and operation.get("description")
            and operation["summary"]
            and len(given) == 1
            and (("204" in given) != ("content" in next(iter(given.values()))))
        ):
            lacking.append(f"{method} {path}")
    assert not lacking, "give these routes a docstring, tags and a type for what they give"


async def test_no_call_gives_just_anything(described: dict[str, Any]) -> None:
    vague = [
        f"{method} {path}"
        for method, path, operation in operations(described)
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
        if not content.get("schema")
    ]
    assert not vague, "say what these give by their return type or response_model"


async def test_every_call_names_its_errors_and_their_shapes(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        errors = {int(status) for status in operation["responses"] if int(status) >= 400}
        expected = {500, 503}
        if path not in OPEN:
            expected |= {403}
        if operation.get("security", [{}])[0].keys() == {"ApiKeyHeader"}:
            expected |= {429}
        if "requestBody" in operation:
            expected |= {400, 404, 413, 422}
        if operation.get("parameters"):
            expected |= {404, 422}
        assert expected <= errors <= set(MEANINGS), f"{method} {path}"
        for status in errors:
            shape = operation["responses"][str(status)]["content"]["application/json"]["schema"]["$ref"]
            assert shape.rpartition("/")[2] == ("MalformedAnswer" if status == 422 else "ErrorAnswer")


async def test_every_call_says_how_to_authorize(described: dict[str, Any]) -> None:
    schemes = described["components"]["securitySchemes"]
    assert {(one["type"], one.get("in"), one.get("name"), one.get("scheme")) for one in schemes.values()} == {
        ("apiKey", "header", "X-API-Key", None),
        ("apiKey", "query", "api_key", None),
        ("apiKey", "header", "x-oasst-user", None),
        ("http", None, None, "bearer"),
    }
    for _, path, operation in operations(described):
        ways = operation.get("security", [])
        assert bool(ways) == (path not in OPEN), path
        assert all(way.keys() <= schemes.keys() for way in ways)
        named = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ({"ApiKeyHeader", "Person"} in [way.keys() for way in ways]) == ("x-oasst-user" in named)


async def test_each_method_of_an_address_has_its_own_description(described: dict[str, Any]) -> None:
    message = described["paths"]["/api/v1/messages/{message_id}"]
    assert "The key must be trusted." in message["delete"]["description"]
    assert "The key must be trusted." not in message["get"]["description"]


def references(value: Any) -> Iterator[str]:  # noqa: ANN401  # any JSON
    """Give every shape that is named somewhere."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for other in value.values():
            yield from references(other)
    elif isinstance(value, list):
        for other in value:
            yield from references(other)


async def test_every_shape_is_there_and_is_named(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert set(references(described)) == schemas.keys()
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_status_of_a_refusal_has_a_meaning() -> None:
    assert set(Refusal.STATUS.values()) <= MEANINGS.keys()
