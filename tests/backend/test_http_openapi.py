"""The description of the calls is complete: what each is for, takes, gives, needs, and can fail with."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from oasst_backend.api.openapi import MEANINGS
from oasst_backend.errors import Refusal
from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key

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
            expected |= {413}
        if "requestBody" in operation or operation.get("parameters"):
            expected |= {400, 404, 422}
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


def somewhere(path: str) -> str:
    """Fill the places of a path."""
    return re.sub(r"{\w+}", "00000000-0000-0000-0000-000000000007", path)


def references(value: Any) -> Iterator[str]:  # noqa: ANN401  # any JSON
    """Give everything that is named somewhere, as it is named."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for other in value.values():
            yield from references(other)
    elif isinstance(value, list):
        for other in value:
            yield from references(other)


async def test_every_shape_is_there_and_is_named(described: dict[str, Any]) -> None:
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "headers")
        for name in described["components"][kind]
    }
    assert set(references(described)) == there
    for schema in described["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


async def test_a_call_that_names_a_key_or_a_token_takes_none_that_is_wrong(
    described: dict[str, Any], call: Callable[..., Any]
) -> None:
    for method, path, operation in operations(described):
        if not (ways := operation.get("security", [])):
            continue
        wants_token = "RootToken" in ways[0]
        for key in (None, "a-guess", "a-key-of-the-tests" if wants_token else ""):
            status, answer = await call(method, somewhere(path), key=key, body={})
            assert (status, answer["error_code"]) == (403, 3 if wants_token else 2), f"{method} {path}"


async def test_a_call_that_says_so_needs_a_trusted_key(
    described: dict[str, Any], call: Callable[..., Any], backend: BackendServer
) -> None:
    assert backend.storage is not None
    plain = backend.storage.write_now(lambda to: create_key(to, datetime.now(UTC), "plain", trusted=False))
    for method, path, operation in operations(described):
        if "The key must be trusted." in operation["description"] and "requestBody" not in operation:
            status, answer = await call(method, somewhere(path) + "?halt=true", key=plain)
            assert (status, answer["error_code"]) == (403, 2), f"{method} {path}"


def test_every_status_of_a_refusal_has_a_meaning() -> None:
    assert set(Refusal.STATUS.values()) <= MEANINGS.keys()
