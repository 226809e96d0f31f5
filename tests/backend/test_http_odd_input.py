"""Odd text, numbers and bytes in any place of any call are refused or taken, and never a fault.

Every route that the description names is called with each oddity in each of its places: a part of the path, a
parameter of the query, the header of the person, a field of the body, and the body as a whole.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import aiohttp
import pytest
from yarl import URL

from oasst_backend.server import BackendServer

KEY = "a-key-of-the-tests"
ID = str(UUID(int=7))

ODD_TEXT = [
    "\0",
    "a\0b",
    "\ufffe\uffff",
    "\u202e\u0000\u200d",
    "👩‍👩‍👧" * 50,
    "ﷺ" * 300,
    "\u0131 \u0130 ß",
    "'; DROP TABLE people; --",
    "%00%ff",
    "../../etc/passwd",
    "x" * 5000,
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    " ",
]
ODD_BYTES = ["%FF%FE", "%ED%A0%80", "%C0%80", "%F4%90%80%80", "%00"]
"""What is no UTF-8, as it stands in an address: wrong bytes, half a surrogate pair, too high a character."""

ODD_JSON: list[Any] = [
    "\0",
    "a\0b",
    "\ud800",
    "x\udfff",
    "x" * 5000,
    "",
    10**30,
    -(10**30),
    2**63,
    1.5,
    True,
    None,
    [],
    {},
    [[[]]],
    {"\ud800": "\udfff"},
    {"\0": 1},
]
WHOLE_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"0",
    b"\xff\xfe",
    b'{"a": "\xed\xa0\x80"}',
    b"\0",
    b"[" * 50_000,
    b'{"a": ' + b"9" * 10_000 + b"}",
    b'{"rating": 1e999, "labels": {"spam": NaN}}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
]
ODD_HEADERS = [
    "discord:" + "x" * 3000,
    "discord:é",
    "discord::",
    ":",
    "discord:%00",
    "discord:\t",
    "DISCORD:1",
]
TYPES = [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    ";",
    "json",
]

Found = tuple[str, int, str]


class Caller:
    """Makes calls as they are written, and notes those that end in a fault."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base
        self._at_once = asyncio.Semaphore(8)
        self.faults: list[Found] = []
        self.made = 0

    async def call(self, method: str, path: str, what: str, **how: Any) -> None:  # noqa: ANN401  # aiohttp's own
        """Make a call, and look at the kind of its answer alone."""
        headers = {"X-API-Key": KEY, **how.pop("headers", {})}
        url = URL(self._base + path, encoded=True)
        async with (
            self._at_once,
            self._session.request(method, url, headers=headers, allow_redirects=False, **how) as response,
        ):
            told = await response.text()
        self.made += 1
        expected = response.status < 500
        if response.status == 503:
            expected = json.loads(told)["error_code"] in {1006, 4001}
        if not expected:
            self.faults.append((f"{method} {path[:60]} {what[:60]!r}", response.status, told[:200]))


@pytest.fixture
async def caller(backend: BackendServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, backend.url)


Operation = dict[str, Any]


@pytest.fixture
async def described(backend: BackendServer) -> dict[str, Any]:
    async with aiohttp.ClientSession(backend.url) as session, session.get("/openapi.json") as response:
        found: dict[str, Any] = await response.json()
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def filled(path: str, operation: Operation, odd: str | None = None, place: str = "") -> str:
    """Fill the places of a path and of the parameters that must be there; `place` gets the odd value."""
    query = []
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        value = odd if name == place and odd is not None else value_of(parameter["schema"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", value)
        elif parameter["in"] == "query" and (parameter["required"] or name == place):
            query.append(f"{name}={value}")
    return f"{path}?{'&'.join(query)}" if query else path


def value_of(schema: dict[str, Any]) -> str:
    """Make up a value that a parameter could have."""
    if schema.get("format") == "uuid":
        return ID
    if schema.get("type") == "boolean":
        return "true"
    if schema.get("type") == "integer":
        return "1"
    return "discord"


async def test_odd_text_in_an_address(caller: Caller, described: dict[str, Any]) -> None:
    calls = [
        caller.call(method, filled(path, operation, odd, parameter["name"]), odd, json={})
        for method, path, operation in operations(described)
        for parameter in operation.get("parameters", [])
        if parameter["in"] in {"path", "query"}
        for odd in [*map(quote, ODD_TEXT), *ODD_BYTES]
    ]
    await asyncio.gather(*calls)
    assert caller.made > 100
    assert caller.faults == []


async def test_an_odd_person_in_the_header(caller: Caller, described: dict[str, Any]) -> None:
    calls = [
        caller.call(method, filled(path, operation), odd, json={}, headers={"x-oasst-user": odd})
        for method, path, operation in operations(described)
        if any(parameter["name"] == "x-oasst-user" for parameter in operation.get("parameters", []))
        for odd in ODD_HEADERS
    ]
    await asyncio.gather(*calls)
    assert caller.made > 20
    assert caller.faults == []


@pytest.mark.parametrize("content_type", TYPES)
async def test_odd_bodies_of_any_type(caller: Caller, described: dict[str, Any], content_type: str) -> None:
    calls = [
        caller.call(
            method, filled(path, operation), repr(body), data=body, headers={"Content-Type": content_type}
        )
        for method, path, operation in operations(described)
        if "requestBody" in operation
        for body in WHOLE_BODIES
    ]
    await asyncio.gather(*calls)
    assert caller.made > 50
    assert caller.faults == []


def shapes_of(described: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the shapes of objects that a body may have."""
    if "$ref" in schema:
        yield from shapes_of(described, described["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for other in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from shapes_of(described, other)
    if schema.get("type") == "object" and "properties" in schema:
        yield schema


def sample(described: dict[str, Any], schema: dict[str, Any]) -> Any:  # noqa: ANN401  # any JSON
    """Make up what fits a schema."""
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    for shape in shapes_of(described, schema):
        return {name: sample(described, inner) for name, inner in shape["properties"].items()}
    for other in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        return sample(described, other)
    if "$ref" in schema:
        return sample(described, described["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    simple = {"integer": 1, "number": 0.5, "boolean": False, "array": [0, 1], "object": {"spam": 0}}
    return ID if schema.get("format") == "uuid" else simple.get(schema.get("type", ""), "text")


def with_odd(body: Any, odd: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # any JSON
    """Put something odd in the place of each field, near and deep, one at a time."""
    if isinstance(body, dict):
        for name, inner in body.items():
            yield name, {**body, name: odd}
            for deep, changed in with_odd(inner, odd):
                yield f"{name}.{deep}", {**body, name: changed}


async def test_odd_fields_of_bodies(caller: Caller, described: dict[str, Any]) -> None:
    calls = []
    for method, path, operation in operations(described):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        for shape in shapes_of(described, content["schema"]) if content else ():
            body = sample(described, shape)
            calls += [
                caller.call(
                    method,
                    filled(path, operation),
                    f"{place}={odd!r}",
                    data=json.dumps(changed),
                    headers={"Content-Type": "application/json", "x-oasst-user": "discord:text"},
                )
                for odd in ODD_JSON
                for place, changed in with_odd(body, odd)
            ]
    await asyncio.gather(*calls)
    assert caller.made > 300
    assert caller.faults == []
