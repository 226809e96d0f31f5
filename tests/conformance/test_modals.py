"""The limits of modals (page components/reference): the largest is taken, and one more is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.calling import started
from tests.sandbox.desk import Desk, open_desk

Json = dict[str, Any]

_BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
_TOO_LONG = "BASE_TYPE_MAX_LENGTH"
_TOO_LARGE = "NUMBER_TYPE_MAX"


def _modal(*components: Json, title: str = "A form") -> Json:
    return {"custom_id": "m", "title": title, "components": list(components)}


def _field(kind: int = 4, custom_id: str = "f", **more: object) -> Json:
    style = {"style": 2} if kind == 4 else {}
    return {
        "type": 18,
        "label": "Field",
        "component": {"type": kind, "custom_id": custom_id, **style, **more},
    }


def _options(count: int) -> list[Json]:
    return [{"label": f"L{number}", "value": f"v{number}"} for number in range(count)]


def _labelled(length: int) -> Json:
    return _modal({**_field(), "label": "x" * length})


def _described(length: int) -> Json:
    return _modal({**_field(), "description": "x" * length})


BOUNDS: list[tuple[str, int, Callable[[int], Json], str]] = [
    ("limits.MODAL_TITLE", 45, lambda n: _modal(_field(), title="x" * n), f"title: {_BAD_LENGTH}"),
    (
        "limits.MODAL_PARTS",
        5,
        lambda n: _modal(*(_field(custom_id=f"f{one}") for one in range(n))),
        f"components: {_BAD_LENGTH}",
    ),
    ("limits.INPUT_LABEL", 45, _labelled, f"components.0.label: {_BAD_LENGTH}"),
    ("limits.LABEL_DESCRIPTION", 100, _described, f"components.0.description: {_BAD_LENGTH}"),
    (
        "limits.INPUT_VALUE",
        4000,
        lambda n: _modal(_field(value="x" * n)),
        f"components.0.component.value: {_TOO_LONG}",
    ),
    (
        "limits.INPUT_PLACEHOLDER",
        100,
        lambda n: _modal(_field(placeholder="x" * n)),
        f"components.0.component.placeholder: {_TOO_LONG}",
    ),
    (
        "limits.RADIO_OPTIONS",
        10,
        lambda n: _modal(_field(21, options=_options(n))),
        f"components.0.component.options: {_BAD_LENGTH}",
    ),
    (
        "limits.CHECKBOX_OPTIONS",
        10,
        lambda n: _modal(_field(22, options=_options(n))),
        f"components.0.component.options: {_BAD_LENGTH}",
    ),
    (
        "limits.UPLOADS",
        10,
        lambda n: _modal(_field(19, max_values=n)),
        f"components.0.component.max_values: {_TOO_LARGE}",
    ),
    (
        "limits.FILE_TYPES",
        10,
        lambda n: _modal(_field(19, file_types=[f".t{one}" for one in range(n)])),
        f"components.0.component.file_types: {_BAD_LENGTH}",
    ),
]


def _places(node: Json, path: tuple[str, ...] = ()) -> list[str]:
    found = []
    for key, inner in node.items():
        if key == "_errors":
            found += [f"{'.'.join(path)}: {one['code']}" for one in inner]
        else:
            found += _places(inner, (*path, key))
    return found


async def _answered(desk: Desk, modal: Json) -> tuple[int, Any]:
    task = await started(desk.alice.command("do"))
    answer = await desk.answer(9, modal)
    if answer[0] == 400:
        await desk.answer(4, {"content": "a refused modal does not use the interaction up"})
    await task
    return answer


@pytest.mark.parametrize(("limit", "largest", "make", "at"), BOUNDS, ids=[one[0] for one in BOUNDS])
async def test_bound(limit: str, largest: int, make: Callable[[int], Json], at: str) -> None:
    async with open_desk() as desk:
        assert (await _answered(desk, make(largest)))[0] == 200, limit
        status, body = await _answered(desk, make(largest + 1))
        assert (status, body["code"]) == (400, 50035)
        assert _places(body["errors"]["data"]) == [at]


async def test_radio_groups_have_two_options_at_least() -> None:
    async with open_desk() as desk:
        status, body = await _answered(desk, _modal(_field(21, options=_options(1))))
        assert (status, body["code"]) == (400, 50035)
