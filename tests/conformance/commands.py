"""Bodies of commands for the rows about them, and rows that register one."""

from collections.abc import Callable
from typing import Any

from tests.calling import Json
from tests.conformance.table import Case, bounds, refused

COMMAND = "interactions/application-commands#application-command-object"
GLOBAL = "/applications/{application}/commands"


def slash(name: str = "task", **more: Any) -> Json:  # noqa: ANN401 - JSON of any shape
    return {"name": name, "description": "Something", **more}


def option(name: str = "kind", type: int = 3, **more: Any) -> Json:  # noqa: A002, ANN401 - JSON of any shape
    return {"type": type, "name": name, "description": "Something", **more}


def with_option(**fields: Any) -> Json:  # noqa: ANN401 - JSON of any shape
    return slash(options=[option(**fields)])


def choices(count: int, value: Any = "v") -> list[Json]:  # noqa: ANN401 - JSON of any shape
    return [{"name": f"choice {number}", "value": value} for number in range(count)]


def sized(length: int) -> Json:
    """Make a command of so many characters: in descriptions of 100, the last one shorter."""
    options: list[Json] = []
    left = length - len("task") - len("Something")
    for number in range(25):
        name = f"o{number:02}"
        big = [{"name": f"{n:02}", "value": "v" * 98} for n in range(3)]
        options.append({"type": 3, "name": name, "description": "d", "choices": big})
        left -= len(name) + 1 + 300
    while left > 0:
        one = next(one for one in options if len(one["description"]) == 1)
        added = min(left, 99)
        one["description"] += "d" * added
        left -= added
    return slash(options=options)


def refused_command(page: str, name: str, body: Json, at: str, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return refused(page, name, "POST", GLOBAL, body, at, **more)


def taken(page: str, name: str, body: Json, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return Case(page, name, "POST", GLOBAL, body, 201, **more)


def around(limit: str, largest: int, make: Callable[[int], Json], at: str, page: str = COMMAND) -> list[Case]:
    return bounds(page, limit, largest, "POST", GLOBAL, make, at, status=201)
