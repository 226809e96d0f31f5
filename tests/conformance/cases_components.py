"""Rows about buttons and menus of messages."""

from functools import partial
from typing import Any

from tests.calling import Json
from tests.conformance.scene import Scene
from tests.conformance.shown import same
from tests.conformance.table import Case, bounds, refused

ROWS = "components/reference#action-row"
BUTTON = "components/reference#button"
STRING = "components/reference#string-select"
OPTION = "components/reference#string-select-select-option-structure"
USER = "components/reference#user-select"
CHANNEL = "components/reference#channel-select"
ANATOMY = "components/reference#anatomy-of-a-component"
MESSAGES = "/channels/{general}/messages"

TOO_LONG = "BASE_TYPE_MAX_LENGTH"
BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
REQUIRED = "BASE_TYPE_REQUIRED"
FIRST = "components.0.components.0"


def rows(*found: Json) -> Json:
    """Make a body with a row for each part."""
    return {"components": [{"type": 1, "components": [one]} for one in found]}


def button(number: int = 0, **more: object) -> Json:
    made = {"type": 2, "style": 1, "label": "B", "custom_id": f"b{number}", **more}
    return {key: value for key, value in made.items() if value is not None}


def link() -> Json:
    return button(style=5, custom_id=None, url="https://x.example")


def options(count: int, **more: object) -> list[Json]:
    return [{"label": f"L{number}", "value": f"v{number}", **more} for number in range(count)]


def select(**more: object) -> Json:
    return {"type": 3, "custom_id": "s", "options": options(2), **more}


def option_of(key: str, length: int) -> Json:
    """Make a body with an option that has so long a text."""
    return rows(select(options=options(1, **{key: "x" * length})))


def users(**more: object) -> Json:
    return {"type": 5, "custom_id": "s", **more}


def chosen(count: int, kind: str = "user") -> list[Json]:
    return [{"id": str(number + 1), "type": kind} for number in range(count)]


def part_has(**expected: Any) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show some fields of the first part of the answer's first row."""

    def shows(_: Scene, body: Json) -> None:
        part = body["components"][0]["components"][0]
        assert {key: part.get(key) for key in expected} == expected

    return shows


def ids(*expected: int) -> Any:  # noqa: ANN401 - a row's `shows`
    """Show the ids of the rows and parts in the order of the tree."""

    def shows(_: Scene, body: Json) -> None:
        found = [one for row in body["components"] for one in (row, *row["components"])]
        assert [one["id"] for one in found] == list(expected)

    return shows


def taken(page: str, name: str, part: Json, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return Case(page, name, "POST", MESSAGES, rows(part), **more)


def wrong(page: str, name: str, part: Json, at: str, **more: Any) -> Case:  # noqa: ANN401 - a row's columns
    return refused(page, name, "POST", MESSAGES, rows(part), f"{FIRST}{at}", **more)


BUTTONS = [
    *bounds(
        ROWS, "ROWS", 5, "POST", MESSAGES, lambda n: rows(*map(button, range(n))), f"components: {TOO_LONG}"
    ),
    *bounds(
        ROWS,
        "BUTTONS_PER_ROW",
        5,
        "POST",
        MESSAGES,
        lambda n: {"components": [{"type": 1, "components": [button(one) for one in range(n)]}]},
        f"components.0.components: {BAD_LENGTH}",
    ),
    *bounds(
        BUTTON,
        "BUTTON_LABEL",
        80,
        "POST",
        MESSAGES,
        lambda n: rows(button(label="x" * n)),
        f"{FIRST}.label: {TOO_LONG}",
    ),
    *bounds(
        BUTTON,
        "BUTTON_URL",
        512,
        "POST",
        MESSAGES,
        lambda n: rows(button(style=5, custom_id=None, url="https://x.example/".ljust(n, "x"))),
        f"{FIRST}.url: {BAD_LENGTH}",
    ),
    *bounds(
        ANATOMY,
        "CUSTOM_ID",
        100,
        "POST",
        MESSAGES,
        lambda n: rows(button(custom_id="x" * n)),
        f"{FIRST}.custom_id: {BAD_LENGTH}",
    ),
    *bounds(
        ANATOMY,
        "COMPONENT_ID",
        2**31 - 1,
        "POST",
        MESSAGES,
        lambda n: rows(button(id=n)),
        f"{FIRST}.id: NUMBER_TYPE_MAX",
    ),
    *(
        taken(BUTTON, f"style {style}", button(style=style), shows=part_has(style=style, disabled=False))
        for style in (1, 2, 3, 4)
    ),
    taken(BUTTON, "a link", link(), shows=part_has(style=5, custom_id=None)),
    taken(BUTTON, "an emoji without a label", button(label=None, emoji={"name": "👍"})),
    wrong(BUTTON, "neither", button(label=None), ": BUTTON_COMPONENT_INVALID_EMOJI"),
    wrong(BUTTON, "an unknown style", button(style=9), ".style: BASE_TYPE_CHOICES"),
    wrong(BUTTON, "no custom id", button(custom_id=None), f".custom_id: {REQUIRED}"),
    wrong(BUTTON, "a link with a custom id", link() | {"custom_id": "b"}, ": BUTTON_COMPONENT_CUSTOM_ID_URL"),
    wrong(BUTTON, "a link to nowhere", button(style=5, custom_id=None), f".url: {REQUIRED}"),
    wrong(
        BUTTON,
        "another button with an address",
        button(url="https://x.example"),
        ": BUTTON_COMPONENT_CUSTOM_ID_URL",
    ),
    wrong(BUTTON, "half disabled", button(disabled="half"), ".disabled: BOOLEAN_TYPE_CONVERT"),
    refused(
        ANATOMY,
        "one custom id twice",
        "POST",
        MESSAGES,
        rows(button(1), button(1)),
        "components.1.components.0.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    refused(
        ANATOMY,
        "also if one is disabled",
        "POST",
        MESSAGES,
        rows(button(1, disabled=True), button(1)),
        "components.1.components.0.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    Case(
        ANATOMY,
        "ids are filled in, zero counts as none",
        "POST",
        MESSAGES,
        rows(button(1, id=2), button(2, id=0)),
        shows=ids(1, 2, 3, 4),
    ),
    refused(
        ANATOMY,
        "one id twice",
        "POST",
        MESSAGES,
        rows(button(1, id=7), button(2, id=7)),
        "components.1.components.0.id: COMPONENT_ID_DUPLICATED",
    ),
    refused(
        ROWS,
        "an empty row",
        "POST",
        MESSAGES,
        {"components": [{"type": 1, "components": []}]},
        f"components.0.components: {BAD_LENGTH}",
    ),
    refused(
        ROWS,
        "a menu beside a button",
        "POST",
        MESSAGES,
        {"components": [{"type": 1, "components": [button(), select()]}]},
        "components.0.components: COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    refused(
        ROWS,
        "a button without a row",
        "POST",
        MESSAGES,
        {"components": [button()]},
        "components.0: UNION_TYPE_CHOICES",
    ),
    wrong(
        ROWS,
        "a field of modals",
        {"type": 4, "custom_id": "t", "style": 1, "label": "T"},
        ": UNION_TYPE_CHOICES",
    ),
    Case(
        ROWS,
        "none is taken away",
        "PATCH",
        f"{MESSAGES}/{{message}}",
        {"components": []},
        shows=lambda _, body: same(body["components"], []),
    ),
]

MENUS = [
    *bounds(
        STRING,
        "OPTIONS",
        25,
        "POST",
        MESSAGES,
        lambda n: rows(select(options=options(n))),
        f"{FIRST}.options: {BAD_LENGTH}",
    ),
    *bounds(
        STRING,
        "PLACEHOLDER",
        150,
        "POST",
        MESSAGES,
        lambda n: rows(select(placeholder="x" * n)),
        f"{FIRST}.placeholder: {TOO_LONG}",
    ),
    *(
        row
        for key, code in (("label", BAD_LENGTH), ("value", BAD_LENGTH), ("description", TOO_LONG))
        for row in bounds(
            OPTION,
            "OPTION_TEXT",
            100,
            "POST",
            MESSAGES,
            partial(option_of, key),
            f"{FIRST}.options.0.{key}: {code}",
            what=f"option {key}",
        )
    ),
    taken(
        STRING, "one to one by default", select(), shows=part_has(min_values=1, max_values=1, disabled=False)
    ),
    taken(
        STRING, "none to all", select(min_values=0, max_values=2), shows=part_has(min_values=0, max_values=2)
    ),
    taken(
        STRING,
        "twenty-five of twenty-five",
        select(options=options(25), min_values=25, max_values=25),
        limits=("OPTIONS",),
    ),
    wrong(STRING, "no options", select(options=[]), f".options: {BAD_LENGTH}"),
    wrong(STRING, "none at all", {"type": 3, "custom_id": "s"}, f".options: {REQUIRED}"),
    wrong(STRING, "more than there are", select(max_values=3), f".options: {BAD_LENGTH}"),
    wrong(STRING, "less than none", select(min_values=-1), ".min_values: NUMBER_TYPE_MIN"),
    wrong(STRING, "none at most", select(min_values=0, max_values=0), ".max_values: NUMBER_TYPE_MIN"),
    wrong(
        STRING,
        "more than twenty-five",
        select(min_values=26),
        ".min_values: NUMBER_TYPE_MAX",
        limits=("OPTIONS",),
    ),
    wrong(
        STRING,
        "at least more than at most",
        select(min_values=2, max_values=1),
        ".min_values: NUMBER_TYPE_MAX",
    ),
    wrong(STRING, "no custom id", {"type": 3, "options": options(1)}, f".custom_id: {REQUIRED}"),
    wrong(
        OPTION,
        "one value twice",
        select(options=options(1) * 2),
        ".options.1.value: SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    wrong(
        OPTION,
        "more chosen than can be",
        select(options=options(2, default=True)),
        ".options: SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    ),
    wrong(OPTION, "no label", select(options=[{"value": "v"}]), f".options.0.label: {REQUIRED}"),
    *(
        taken(
            f"components/reference#{page}",
            "nothing to be listed",
            {"type": kind, "custom_id": "s"},
            shows=part_has(type=kind, min_values=1, max_values=1),
        )
        for kind, page in (
            (5, "user-select"),
            (6, "role-select"),
            (7, "mentionable-select"),
            (8, "channel-select"),
        )
    ),
    taken(USER, "as many chosen as can be", users(max_values=2, default_values=chosen(2))),
    wrong(
        USER,
        "more chosen than can be",
        users(max_values=2, default_values=chosen(3)),
        f".default_values: {BAD_LENGTH}",
    ),
    wrong(
        USER,
        "fewer chosen than must be",
        users(min_values=2, max_values=3, default_values=chosen(1)),
        f".default_values: {BAD_LENGTH}",
    ),
    wrong(
        USER,
        "a role among users",
        users(default_values=chosen(1, "role")),
        ".default_values.0.type: BASE_TYPE_CHOICES",
    ),
    taken(
        "components/reference#mentionable-select",
        "a role among mentionables",
        {**users(default_values=chosen(1, "role")), "type": 7},
    ),
    taken(
        CHANNEL,
        "only some types of channel",
        {"type": 8, "custom_id": "s", "channel_types": [0, 15]},
        shows=part_has(channel_types=[0, 15]),
    ),
    wrong(
        CHANNEL,
        "an unknown type of channel",
        {"type": 8, "custom_id": "s", "channel_types": [99]},
        ".channel_types.0: BASE_TYPE_CHOICES",
    ),
]

CASES = [*BUTTONS, *MENUS]
