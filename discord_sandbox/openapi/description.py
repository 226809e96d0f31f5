"""Discord's OpenAPI description: its operations, and what is wrong with a request or an answer of one."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema_rs import Draft202012, Draft202012Validator, Registry

from discord_sandbox.openapi import DescriptionError
from discord_sandbox.openapi.known import KNOWN, Known
from discord_sandbox.openapi.problems import Problem, problems_of
from discord_sandbox.openapi.strict import make_strict, pointer_to
from discord_sandbox.rest.call import Call, Reply
from discord_sandbox.world.model import Json

_URI = "urn:discord"
_METHODS = frozenset({"get", "put", "post", "patch", "delete"})
_VARYING = re.compile(r"\{[^}]+\}")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: JSON pointers to the schemas of what it takes and gives.

    Attributes:
        body: Of the request's JSON; None if it takes none.
        needs_body: Whether it must have one.
        query: Of each parameter of the query, by its name.
        needed: The parameters of the query that must be there.
        answers: Of the answer's JSON by status; None for a status without a body.
    """

    body: str | None
    needs_body: bool
    query: Mapping[str, str]
    needed: frozenset[str]
    answers: Mapping[int, str | None]


class Description:
    """The description as the sandbox checks with it: strict, and amended by what is known to be wrong.

    Validators are compiled when they are first needed, and kept.

    Args:
        document: The parsed file; it is changed.
        known: Where it is wrong.

    Raises:
        KeyError, TypeError, AttributeError: The document is no OpenAPI description.
    """

    def __init__(self, document: Json, known: Iterable[Known] = KNOWN) -> None:
        make_strict(document, known)
        self._operations = dict(_operations(document))
        self._registry = Registry([(_URI, document)], draft=Draft202012)
        self._validators: dict[str, Draft202012Validator] = {}

    def differences(self, call: Call, reply: Reply) -> Iterator[str]:
        """Say in a line each how a call and its answer differ from the description."""
        where = f"{call.method} {call.route}"
        operation = self._find(call)
        if operation is None:
            yield f"{where}: Discord's description has no such route"
            return
        of_query = self._problems_of_query(operation, call.query)
        for problem in chain(of_query, self._problems_of_body(operation, call.payload)):
            yield f"{where}, request, {problem}"
        for problem in self._problems_of_answer(operation, reply):
            yield f"{where}, answer {reply.status}, {problem}"

    def _find(self, call: Call) -> Operation | None:
        """Find the operation; where the route has `{}`, a word such as `@me` can make a path of its own."""
        found = None
        if any(one.startswith("@") for one in call.params):
            words = (one if one.startswith("@") else "{}" for one in call.params)
            exact = re.sub(r"\{\}", lambda _: next(words), call.route)
            found = self._operations.get((call.method, exact))
        return found or self._operations.get((call.method, call.route))

    def _problems_of_query(self, operation: Operation, query: Mapping[str, str]) -> Iterator[Problem]:
        for key, text in query.items():
            if key not in operation.query:
                yield Problem(("query", key), "the description has no such parameter")
            elif not any(self._validator(operation.query[key]).is_valid(value) for value in _readings(text)):
                yield Problem(("query", key), f"{text!r} is not valid")
        for key in sorted(operation.needed - query.keys()):
            yield Problem(("query", key), "this parameter is required")

    def _problems_of_body(self, operation: Operation, body: object) -> list[Problem]:
        if body is None:
            return [Problem((), "it must have a body")] if operation.needs_body else []
        if operation.body is None:
            return [Problem((), "the description has no body here")]
        return self._problems(operation.body, body)

    def _problems_of_answer(self, operation: Operation, reply: Reply) -> list[Problem]:
        if reply.status not in operation.answers:
            known = ", ".join(map(str, operation.answers))
            return [Problem((), f"the description has no such status, only {known}")]
        pointer = operation.answers[reply.status]
        if pointer is None:
            return [] if reply.body is None else [Problem((), "the description has no body here")]
        return (
            [Problem((), "it must have a body")]
            if reply.body is None
            else self._problems(pointer, reply.body)
        )

    def _problems(self, pointer: str, body: object) -> list[Problem]:
        validator = self._validator(pointer)
        return [] if validator.is_valid(body) else problems_of(validator.iter_errors(body))

    def _validator(self, pointer: str) -> Draft202012Validator:
        found = self._validators.get(pointer)
        if found is None:
            schema = {"$ref": f"{_URI}#{quote(pointer)}"}
            found = Draft202012Validator(schema, registry=self._registry, validate_formats=True)
            self._validators[pointer] = found
        return found


@cache
def read_description(path: Path) -> Description:
    """Give the description in a file; it is read once in each process.

    Raises:
        DescriptionError: The file cannot be read, or is no OpenAPI description.
    """
    try:
        return Description(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DescriptionError(f"{path} is not Discord's OpenAPI description: {error!r}") from error


def _operations(document: Json) -> Iterator[tuple[tuple[str, str], Operation]]:
    for path, methods in document["paths"].items():
        for method in methods.keys() & _METHODS:
            yield (method.upper(), _VARYING.sub("{}", path)), _operation(document, path, method)


def _operation(document: Json, path: str, method: str) -> Operation:
    described: Json = document["paths"][path][method]
    base = ("paths", path, method)
    body: Json = described.get("requestBody", {})
    takes_json = _JSON in body.get("content", {})
    query = [(at, one) for at, one in enumerate(described.get("parameters", ())) if one["in"] == "query"]
    return Operation(
        body=pointer_to(*base, "requestBody", "content", _JSON, "schema") if takes_json else None,
        needs_body=takes_json and body.get("required", False),
        query={one["name"]: pointer_to(*base, "parameters", str(at), "schema") for at, one in query},
        needed=frozenset(one["name"] for _, one in query if one.get("required")),
        answers={
            int(status): pointer_to(*base, "responses", status, "content", _JSON, "schema")
            if "content" in answer
            else None
            for status, answer in described["responses"].items()
            if status.startswith("2")
        },
    )


def _readings(text: str) -> Iterator[Any]:
    """Give what a text of a query can mean; of which type it is, is said by the schema alone."""
    yield text
    if text.removeprefix("-").isdecimal():
        yield int(text)
    if text in {"True", "true", "1"}:
        yield True
    if text in {"False", "false", "0"}:
        yield False
