"""Makes Discord's description strict: known errors amended, ranges by format, and no unknown fields."""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

from discord_sandbox.openapi.known import Known
from discord_sandbox.world.model import Json

_FORMATS: dict[str, Json] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    # The pattern that the description has lets any number of digits pass; 2**64 has twenty.
    "snowflake": {"maxLength": 20},
}


def make_strict(document: Json, known: Iterable[Known]) -> None:
    """Change a description in place.

    Its objects are open: any further field is valid. Here an object may have only the fields that its schema
    names; a schema that is one of several which the same object must fit (`allOf`) stays open. Validators do
    not look at its formats for whole numbers; here these become ranges.
    """
    for one in known:
        for place in one.places:
            _amend(document, place, also=one.also)
    schemas: dict[str, Json] = document["components"]["schemas"]
    found = [one for top in (*schemas.values(), *_bodies(document)) for one in _inside(top)]
    parts = {id(_resolved(part, schemas)) for one in found for part in one.get("allOf", ())}
    for schema in found:
        for key, bound in _FORMATS.get(schema.get("format", ""), {}).items():
            schema.setdefault(key, bound)
        if "properties" in schema and id(schema) not in parts:
            schema.setdefault("additionalProperties", False)


def pointer_to(*steps: str) -> str:
    """Join steps to a JSON pointer (RFC 6901)."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _steps(pointer: str) -> list[str]:
    """Split a JSON pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("/").split("/")]


def _amend(document: Json, place: str, *, also: Json | bool) -> None:
    *above, last = _steps(place)
    node: Any = document
    for step in above:
        node = node[int(step)] if isinstance(node, list) else node.get(step)
        if node is None:
            return  # another version of the description, which does not have this at all
    if isinstance(node, list):
        node.append(copy(also))
    elif isinstance(node.get(last), dict):
        node[last] = {"anyOf": [node[last], copy(also)]}
    else:
        node[last] = copy(also)


def _bodies(document: Json) -> Iterator[Json]:
    """Give the schemas of all that requests and answers have: queries and JSON."""
    for path in document["paths"].values():
        for operation in (one for one in path.values() if isinstance(one, dict)):
            yield from (one["schema"] for one in operation.get("parameters", ()))
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                if (content := holder.get("content", {}).get("application/json")) is not None:
                    yield content["schema"]


def _inside(schema: Json) -> Iterator[Json]:
    """Give a schema and all that are inside it."""
    yield schema
    for one in schema.get("properties", {}).values():
        yield from _inside(one)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _inside(schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        for one in schema.get(key, ()):
            yield from _inside(one)


def _resolved(schema: Json, schemas: dict[str, Json]) -> Json:
    return schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
