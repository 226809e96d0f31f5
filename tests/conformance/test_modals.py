"""What modals may have in them (page components/reference): each limit, and where it is refused."""

from collections.abc import Callable

import pytest

from tests.calling import Answer, Json, started
from tests.modal_bodies import (
    box,
    boxes,
    labelled,
    many,
    modal,
    old_row,
    options,
    people,
    radio,
    select,
    text,
    upload,
)
from tests.sandbox.desk import Desk

TOO_LONG, BAD_LENGTH, REQUIRED = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH", "BASE_TYPE_REQUIRED"
TOO_LARGE, TOO_SMALL, WRONG_TYPE = "NUMBER_TYPE_MAX", "NUMBER_TYPE_MIN", "UNION_TYPE_CHOICES"
NO_BOOLEAN, BAD_CHOICE = "BOOLEAN_TYPE_CONVERT", "BASE_TYPE_CHOICES"
TOO_MANY_DEFAULTS = "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES"


BOUNDS: list[tuple[str, int, Callable[[int], Json], str]] = [
    ("limits.MODAL_TITLE", 45, lambda n: modal(labelled(text()), title="x" * n), f"title: {BAD_LENGTH}"),
    (
        "limits.MODAL_PARTS",
        5,
        lambda n: modal(*(labelled(text(f"f{one}")) for one in range(n))),
        f"components: {BAD_LENGTH}",
    ),
    (
        "limits.INPUT_LABEL",
        45,
        lambda n: modal(labelled(text(), "x" * n)),
        f"components.0.label: {BAD_LENGTH}",
    ),
    (
        "limits.LABEL_DESCRIPTION",
        100,
        lambda n: modal(labelled(text(), description="x" * n)),
        f"components.0.description: {BAD_LENGTH}",
    ),
    (
        "limits.INPUT_VALUE",
        4000,
        lambda n: modal(labelled(text(value="x" * n))),
        f"components.0.component.value: {TOO_LONG}",
    ),
    (
        "limits.INPUT_PLACEHOLDER",
        100,
        lambda n: modal(labelled(text(placeholder="x" * n))),
        f"components.0.component.placeholder: {TOO_LONG}",
    ),
    (
        "limits.RADIO_OPTIONS",
        10,
        lambda n: modal(labelled(radio(offered=many(n)))),
        f"components.0.component.options: {BAD_LENGTH}",
    ),
    (
        "limits.CHECKBOX_OPTIONS",
        10,
        lambda n: modal(labelled(boxes(offered=many(n)))),
        f"components.0.component.options: {BAD_LENGTH}",
    ),
    (
        "limits.UPLOADS",
        10,
        lambda n: modal(labelled(upload(max_values=n))),
        f"components.0.component.max_values: {TOO_LARGE}",
    ),
    (
        "limits.FILE_TYPES",
        10,
        lambda n: modal(labelled(upload(file_types=[f".t{one}" for one in range(n)]))),
        f"components.0.component.file_types: {BAD_LENGTH}",
    ),
]


async def _answered(desk: Desk, body: Json) -> Answer:
    task = await started(desk.alice.command("do"))
    status, said = await desk.answer(9, body)
    if status == 400:
        # A refused modal does not use the interaction up.
        assert (await desk.answer(4, {"content": "instead"}))[0] == 200
    await task
    return Answer(status, said, {})


@pytest.mark.parametrize(("limit", "largest", "make", "at"), BOUNDS, ids=[one[0] for one in BOUNDS])
async def test_bound(desk: Desk, limit: str, largest: int, make: Callable[[int], Json], at: str) -> None:
    assert (await _answered(desk, make(largest))).status == 200, limit
    refused = await _answered(desk, make(largest + 1))
    assert (refused.status, refused.code) == (400, 50035)
    assert refused.places == {f"data.{at}"}


@pytest.mark.parametrize(
    ("component", "path", "code"),
    [
        # What may stand where.
        (text(), "", WRONG_TYPE),
        (select(), "", WRONG_TYPE),
        ({"type": 2, "style": 1, "label": "b", "custom_id": "b"}, "", WRONG_TYPE),
        ({"type": 17, "components": []}, "", WRONG_TYPE),
        ({"type": 1, "components": [select()]}, "components.0", WRONG_TYPE),
        ({"type": 1, "components": [text("a", label="A"), text("b", label="B")]}, "components", BAD_LENGTH),
        ({"type": 1, "components": []}, "components", BAD_LENGTH),
        (labelled({"type": 2, "style": 1, "label": "b", "custom_id": "b"}), "component", WRONG_TYPE),
        (labelled(labelled(text())), "component", WRONG_TYPE),
        ({"type": 18, "label": "Field"}, "component", REQUIRED),
        (labelled([text()]), "component", "DICT_TYPE_CONVERT"),  # type: ignore[arg-type]  # that is the point
        ({"type": 10, "content": ""}, "content", REQUIRED),
        ({"type": 10, "content": "x" * 4001}, "content", BAD_LENGTH),
        # Labels.
        (labelled(text(), label=""), "label", REQUIRED),
        (labelled(text(label="mine")), "component.label", "COMPONENT_LABEL_NOT_ALLOWED"),
        ({"type": 1, "components": [text()]}, "components.0.label", REQUIRED),
        (old_row(label="x" * 46), "components.0.label", BAD_LENGTH),
        # Ids.
        (labelled(text(), id=2**31), "id", TOO_LARGE),
        (labelled(text(), id=-1), "id", TOO_SMALL),
        (labelled(text(id=7), id=7), "component.id", "COMPONENT_ID_DUPLICATED"),
        (labelled(text("x" * 101)), "component.custom_id", BAD_LENGTH),
        (labelled({"type": 4, "style": 1}), "component.custom_id", REQUIRED),
        # Text inputs.
        (labelled(text(style=3)), "component.style", BAD_CHOICE),
        (labelled(text(min_length=4001)), "component.min_length", TOO_LARGE),
        (labelled(text(max_length=0)), "component.max_length", TOO_SMALL),
        (labelled(text(max_length=4001)), "component.max_length", TOO_LARGE),
        (labelled(text(min_length=5, max_length=4)), "component.min_length", TOO_LARGE),
        (labelled(text(value="x" * 9, max_length=8)), "component.value", BAD_LENGTH),
        (labelled(text(required="yes")), "component.required", NO_BOOLEAN),
        # Menus.
        (labelled(select(disabled=False)), "component.disabled", "COMPONENT_DISABLED_NOT_ALLOWED"),
        (labelled(people(disabled=True)), "component.disabled", "COMPONENT_DISABLED_NOT_ALLOWED"),
        (labelled(select(min_values=0)), "component.min_values", TOO_SMALL),
        (labelled(select(min_values=26)), "component.min_values", TOO_LARGE),
        (labelled(select(min_values=0, max_values=0, required=False)), "component.max_values", TOO_SMALL),
        (labelled(people(min_values=3, max_values=2)), "component.min_values", TOO_LARGE),
        (labelled(select(offered=many(26))), "component.options", BAD_LENGTH),
        (labelled({"type": 3, "custom_id": "s"}), "component.options", REQUIRED),
        (labelled(select(placeholder="x" * 151)), "component.placeholder", TOO_LONG),
        (
            labelled(select(offered=[{"label": "x" * 101, "value": "v"}])),
            "component.options.0.label",
            BAD_LENGTH,
        ),
        (
            labelled(select(offered=options("Red", "red"))),
            "component.options.1.value",
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        ),
        (
            labelled(people(5, default_values=[{"id": "1", "type": "role"}])),
            "component.default_values.0.type",
            BAD_CHOICE,
        ),
        (
            labelled(people(8, default_values=[{"id": "me", "type": "channel"}])),
            "component.default_values.0.id",
            "NUMBER_TYPE_COERCE",
        ),
        (
            labelled(people(6, default_values=[{"id": "1", "type": "role"}, {"id": "2", "type": "role"}])),
            "component.default_values",
            BAD_LENGTH,
        ),
        (labelled(people(8, channel_types=[99])), "component.channel_types.0", BAD_CHOICE),
        # Groups and checkboxes.
        (labelled(radio(offered=options("Red"))), "component.options", BAD_LENGTH),
        (
            labelled(radio(offered=[*options("Red", default="Red"), *options("Blue", default="Blue")])),
            "component.options",
            TOO_MANY_DEFAULTS,
        ),
        (labelled({"type": 22, "custom_id": "boxes", "options": []}), "component.options", BAD_LENGTH),
        (labelled(boxes(min_values=0)), "component.min_values", TOO_SMALL),
        (labelled(boxes(max_values=11)), "component.max_values", TOO_LARGE),
        (labelled(boxes(offered=[{"label": "L"}])), "component.options.0.value", REQUIRED),
        (
            labelled(boxes(offered=[{"label": "L", "value": "v", "description": "x" * 101}])),
            "component.options.0.description",
            TOO_LONG,
        ),
        (labelled(box(default="on")), "component.default", NO_BOOLEAN),
        # Files.
        (labelled(upload(min_values=0)), "component.min_values", TOO_SMALL),
        (labelled(upload(file_types=["text"])), "component.file_types.0", BAD_CHOICE),
    ],
)
async def test_what_is_wrong_in_a_modal_is_refused_where_it_is(
    desk: Desk, component: Json, path: str, code: str
) -> None:
    refused = await _answered(desk, modal({"type": 10, "content": "Hello"}, component))
    assert (refused.status, refused.code) == (400, 50035)
    assert refused.places == {f"data.components.1{path and '.'}{path}: {code}"}


async def test_a_modal_has_a_part_at_least(desk: Desk) -> None:
    refused = await _answered(desk, modal())
    assert (refused.status, refused.places) == (400, {f"data.components: {BAD_LENGTH}"})


async def test_custom_ids_are_unique_in_a_modal(desk: Desk) -> None:
    refused = await _answered(desk, modal(labelled(text("a")), old_row(custom_id="a")))
    assert refused.places == {"data.components.1.components.0.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED"}
