"""Checks buttons, select menus and modals, and gives them back as Discord stores them."""

from collections.abc import Iterable, Iterator
from itertools import count

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import Path, child, known_fields, number, objects, text, whole
from discord_sandbox.model import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
ENTITY_SELECTS = frozenset({5, 6, 7, 8})
SELECTS = ENTITY_SELECTS | {STRING_SELECT}
LINK_STYLE = 5

_BUTTON = ("type", "id", "style", "label", "emoji", "custom_id", "url", "disabled")
_SELECT = (
    "type",
    "id",
    "custom_id",
    "placeholder",
    "min_values",
    "max_values",
    "disabled",
    "options",
    "channel_types",
    "default_values",
)
_OPTION = ("label", "value", "description", "emoji", "default")
_INPUT = (
    "type",
    "id",
    "custom_id",
    "style",
    "label",
    "min_length",
    "max_length",
    "required",
    "value",
    "placeholder",
)


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Give all components from top to bottom, each before those inside it."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if accessory := component.get("accessory"):
            yield accessory


class Checker:
    """Checks one message's components; custom ids must be unique in all of it."""

    def __init__(self, errors: FormErrors) -> None:
        self._errors = errors
        self._custom_ids: set[str] = set()
        self._numbers = count(1)

    def numbered(self, component: Json) -> Json:
        """Give the component with the number that Discord fills in."""
        return {**component, "id": component.get("id") or next(self._numbers)}

    def row(self, raw: Json, path: Path) -> Json:
        """Check a row of a message."""
        if number(raw) != ROW:
            self._errors.bad_choice((*path, "type"), (ROW,))
            return raw
        known_fields(self._errors, raw, ("type", "id", "components"), path)
        row = self.numbered(raw)
        found = objects(self._errors, raw, "components", path, least=1, most=limits.BUTTONS_PER_ROW)
        row["components"] = [self.part(one, (*path, "components", i)) for i, one in enumerate(found)]
        if len(found) > 1 and any(number(one) in SELECTS for one in found):
            self._errors.add(
                (*path, "components"),
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                "A select menu needs a row of its own.",
            )
        return row

    def part(self, raw: Json, path: Path) -> Json:
        """Check a button or a menu."""
        part = self.numbered({key: value for key, value in raw.items() if value is not None})
        if number(raw) == BUTTON:
            self._button(part, path)
        elif number(raw) in SELECTS:
            self._select(part, path)
        else:
            self._errors.bad_choice((*path, "type"), (BUTTON, *sorted(SELECTS)))
        return part

    def custom_id(self, part: Json, path: Path) -> None:
        """Check that a custom id is there, fits and is new."""
        custom_id = text(self._errors, part, "custom_id", path, least=1, most=limits.CUSTOM_ID, required=True)
        if custom_id in self._custom_ids:
            self._errors.add(
                (*path, "custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        elif custom_id is not None:
            self._custom_ids.add(custom_id)

    def _button(self, part: Json, path: Path) -> None:
        errors = self._errors
        known_fields(errors, part, _BUTTON, path)
        text(errors, part, "label", path, most=limits.BUTTON_LABEL)
        if number(part, "style") == LINK_STYLE:
            text(errors, part, "url", path, least=1, most=limits.BUTTON_URL, required=True)
            if "custom_id" in part:
                errors.add(
                    path, "BUTTON_COMPONENT_CUSTOM_ID_URL", "A custom id and url cannot both be specified"
                )
        else:
            if number(part, "style") not in {1, 2, 3, 4}:
                errors.bad_choice((*path, "style"), (1, 2, 3, 4, 5))
            if "url" in part:
                errors.add(
                    path, "BUTTON_COMPONENT_CUSTOM_ID_URL", "A custom id and url cannot both be specified"
                )
            self.custom_id(part, path)
        self._emoji(part, path)
        if not part.get("label") and "emoji" not in part:
            errors.add(path, "BUTTON_COMPONENT_INVALID_EMOJI", "A button must have a label or an emoji")
        part.setdefault("disabled", False)

    def _emoji(self, part: Json, path: Path) -> None:
        emoji = child(self._errors, part, "emoji", path)
        if emoji is not None:
            known_fields(self._errors, emoji, ("id", "name", "animated"), (*path, "emoji"))
            part["emoji"] = {"id": None, "name": None, **emoji}

    def _select(self, part: Json, path: Path) -> None:
        errors = self._errors
        known_fields(errors, part, _SELECT, path)
        self.custom_id(part, path)
        text(errors, part, "placeholder", path, most=limits.PLACEHOLDER)
        part.setdefault("disabled", False)
        least = whole(errors, part, "min_values", path, least=0, most=limits.OPTIONS)
        most = whole(errors, part, "max_values", path, least=1, most=limits.OPTIONS)
        part["min_values"] = least = 1 if least is None else least
        part["max_values"] = most = 1 if most is None else most
        if least > most:
            errors.add((*path, "min_values"), "NUMBER_TYPE_MAX", "min_values must not be above max_values.")
        if part["type"] != STRING_SELECT:
            return
        found = objects(errors, part, "options", path, least=1, most=limits.OPTIONS)
        part["options"] = [self._option(one, (*path, "options", i)) for i, one in enumerate(found)]
        if found and most > len(found):
            errors.bad_length((*path, "options"), most, limits.OPTIONS)
        if sum(bool(one.get("default")) for one in found) > most:
            errors.add(
                (*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "Too many default values."
            )
        values = [one.get("value") for one in found]
        for i, value in enumerate(values):
            if value in values[:i]:
                errors.add(
                    (*path, "options", i, "value"),
                    "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                    "The specified option value is already used",
                )

    def _option(self, raw: Json, path: Path) -> Json:
        errors = self._errors
        option = {key: value for key, value in raw.items() if value is not None}
        known_fields(errors, option, _OPTION, path)
        text(errors, option, "label", path, least=1, most=limits.OPTION_TEXT, required=True)
        text(errors, option, "value", path, least=1, most=limits.OPTION_TEXT, required=True)
        text(errors, option, "description", path, most=limits.OPTION_TEXT)
        self._emoji(option, path)
        return option

    def input_row(self, raw: Json, path: Path) -> Json:
        """Check a row of a modal: it holds one text input."""
        if number(raw) != ROW:
            self._errors.unknown_field(
                (*path, "type"), "The sandbox knows only rows of text inputs in modals."
            )
            return raw
        known_fields(self._errors, raw, ("type", "id", "components"), path)
        row = self.numbered(raw)
        found = objects(self._errors, raw, "components", path, least=1, most=1)
        row["components"] = [self._input(one, (*path, "components", i)) for i, one in enumerate(found)]
        return row

    def _input(self, raw: Json, path: Path) -> Json:
        errors = self._errors
        part = self.numbered({key: value for key, value in raw.items() if value is not None})
        if number(part) != TEXT_INPUT:
            errors.bad_choice((*path, "type"), (TEXT_INPUT,))
            return part
        known_fields(errors, part, _INPUT, path)
        self.custom_id(part, path)
        text(errors, part, "label", path, least=1, most=limits.INPUT_LABEL, required=True)
        text(errors, part, "placeholder", path, most=limits.INPUT_PLACEHOLDER)
        text(errors, part, "value", path, most=limits.INPUT_VALUE)
        if number(part, "style") not in {1, 2}:
            errors.bad_choice((*path, "style"), (1, 2))
        least = whole(errors, part, "min_length", path, least=0, most=limits.INPUT_VALUE) or 0
        most = whole(errors, part, "max_length", path, least=1, most=limits.INPUT_VALUE) or limits.INPUT_VALUE
        part.update(min_length=least, max_length=most, required=part.get("required", True))
        value = part.get("value")
        if isinstance(value, str) and value and not least <= limits.units(value) <= most:
            errors.bad_length((*path, "value"), least, most)
        return part


def components(errors: FormErrors, body: Json, path: Path) -> list[Json] | None:
    """Check the components of a message body.

    Returns:
        The rows, numbered and with defaults filled in; None if the body has no components at all.
    """
    if "components" not in body:
        return None
    checker = Checker(errors)
    found = objects(errors, body, "components", path, most=limits.ROWS)
    return [checker.row(one, (*path, "components", i)) for i, one in enumerate(found)]


def modal(data: Json) -> Json:
    """Check the data of a modal.

    Returns:
        The modal, numbered and with defaults filled in.

    Raises:
        ApiError: 50035, the modal is not valid.
    """
    errors = FormErrors()
    path: Path = ("data",)
    known_fields(errors, data, ("custom_id", "title", "components"), path)
    text(errors, data, "custom_id", path, least=1, most=limits.CUSTOM_ID, required=True)
    text(errors, data, "title", path, least=1, most=limits.MODAL_TITLE, required=True)
    checker = Checker(errors)
    found = objects(errors, data, "components", path, least=1, most=limits.MODAL_ROWS)
    rows = [checker.input_row(one, (*path, "components", i)) for i, one in enumerate(found)]
    errors.raise_if_any()
    return {**data, "components": rows}
