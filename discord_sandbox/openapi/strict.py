"""Makes Discord's description strict: known errors amended, ranges by format, and no unknown fields."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any

from discord_sandbox.model import Json
from discord_sandbox.openapi.known import Known

_FORMATS: dict[str, Json] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    # The pattern that the description has lets any number of digits pass; 2**64 has twenty.
    "snowflake": {"maxLength": 20},
}
_JOINTS = ("allOf", "anyOf", "oneOf")


def make_strict(document: Json, known: Iterable[Known]) -> None:
    """Change a description in place.

    Its objects are open: any further field is valid. Here every object may have only the fields that some
    fitting part of its schema names. Validators do not look at its formats for whole numbers; here these
    become ranges.
    """
    for one in known:
        for place in one.places:
            _amend(document, place, also=one.also)
    schemas: dict[str, Json] = document["components"]["schemas"]
    strict = _Strict(schemas)
    for schema in schemas.values():
        strict.inside(schema)
    for schema in _bodies(document):
        strict.value(schema)


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


class _Strict:
    """Walks schemas; a schema is a value's own, or one of several that a value must fit."""

    def __init__(self, schemas: dict[str, Json]) -> None:
        self._schemas = schemas

    def value(self, schema: Json) -> None:
        """Close a schema that is all that is said of a value."""
        if any("object" in _types(one) or "properties" in one for one in self._parts(schema, ())):
            schema["unevaluatedProperties"] = False
        self.inside(schema)

    def inside(self, schema: Json) -> None:
        """Do what is inside a schema, and leave open which further fields its own object has."""
        for key, bound in _FORMATS.get(schema.get("format", ""), {}).items():
            schema.setdefault(key, bound)
        for one in schema.get("properties", {}).values():
            self.value(one)
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                self.value(schema[key])
        for joint in _JOINTS:
            for one in schema.get(joint, ()):
                self.inside(one)

    def _parts(self, schema: Json, passed: Sequence[str]) -> Iterator[Json]:
        """Give a schema and all that it consists of."""
        yield schema
        reference = schema.get("$ref")
        if reference is not None and reference not in passed:
            yield from self._parts(self._schemas[reference.rsplit("/", 1)[1]], (*passed, reference))
        for joint in _JOINTS:
            for one in schema.get(joint, ()):
                yield from self._parts(one, passed)


def _types(schema: Json) -> Sequence[str]:
    kind = schema.get("type", ())
    return (kind,) if isinstance(kind, str) else kind
