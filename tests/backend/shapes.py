"""Compares the shape of an answer with that of a recorded one: names and kinds of values, not the values."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

MAPS = {"emojis", "active_by_lang", "stats", "stats_by_name", "state_counts"}
"""Names of objects whose keys are data."""

MAY_BE_EMPTY = {"user_emojis"}
"""Names of arrays that say what one person did, who may have done nothing."""


def kind_of(value: object) -> str:
    """Tell the kind of a value as JSON has it, and of a text whether it is an id or a date."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    if isinstance(value, dict | list):
        return "object" if isinstance(value, dict) else "array"
    assert isinstance(value, str)
    if _UUID.fullmatch(value):
        return "uuid"
    return "date" if _is_date(value) else "string"


def _is_date(text: str) -> bool:
    try:
        return len(text) > 10 and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def names_that_may_be_null(values: Collection[object]) -> set[str]:
    """Collect the names that have no value somewhere in recorded answers."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, dict):
            found |= {name for name, part in value.items() if part is None}
            found |= names_that_may_be_null(list(value.values()))
        elif isinstance(value, list):
            found |= names_that_may_be_null(value)
    return found


def name_in(place: str) -> str:
    """Give the last name of a place like `answer.messages[0].text`."""
    return place.rpartition(".")[2].partition("[")[0]


class Shapes:
    """Compares answers with recorded ones.

    Args:
        nullable: names whose value may be missing though one was recorded.
        extra: names that an answer may have beyond what was recorded.
    """

    def __init__(self, nullable: Collection[str], extra: Collection[str]) -> None:
        self._nullable = nullable
        self._extra = extra

    def differences(self, ours: object, recorded: object, place: str = "answer") -> Iterator[str]:
        """Say where our answer lacks a name, has one too many, or a value of another kind."""
        name = name_in(place)
        if recorded is None or (ours is None and name in self._nullable):
            return
        if isinstance(recorded, dict) and isinstance(ours, dict):
            is_map = name in MAPS and not place.endswith("]")
            yield from self._in_object(ours, recorded, place, is_map=is_map)
        elif isinstance(recorded, list) and isinstance(ours, list):
            yield from self._in_array(ours, recorded, place)
        elif not fits(kind_of(ours), kind_of(recorded)):
            yield f"{place} is {kind_of(ours)}, not {kind_of(recorded)}"

    def _in_object(
        self, ours: dict[str, Any], recorded: dict[str, Any], place: str, *, is_map: bool
    ) -> Iterator[str]:
        if is_map:
            if ours:
                yield from self._in_array(list(ours.values()), list(recorded.values()), place)
            return
        for name in sorted(recorded.keys() - ours.keys()):
            yield f"{place}.{name} is missing"
        for name in sorted(ours.keys() - recorded.keys() - set(self._extra)):
            yield f"{place}.{name} is not in the protocol"
        for name in sorted(recorded.keys() & ours.keys()):
            yield from self.differences(ours[name], recorded[name], f"{place}.{name}")

    def _in_array(self, ours: list[Any], recorded: list[Any], place: str) -> Iterator[str]:
        if recorded and not ours and name_in(place) not in MAY_BE_EMPTY:
            yield f"{place} is empty"
        for index, value in enumerate(ours if recorded else []):
            found = [list(self.differences(value, model, f"{place}[{index}]")) for model in recorded]
            yield from min(found, key=len)


def fits(ours: str, recorded: str) -> bool:
    """Say whether a kind of value does for what was recorded: a whole number is a number, an id is a text."""
    return ours == recorded or (ours, recorded) in {
        ("integer", "number"),
        ("uuid", "string"),
        ("date", "string"),
    }
