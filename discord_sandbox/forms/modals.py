"""Checks modals: texts, labelled fields of all kinds, and the rows of text inputs that came before them."""

from collections.abc import Callable

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import Path, child, known_fields, number, objects, text, truth, whole
from discord_sandbox.forms.components import ROW, SELECTS, TEXT, TEXT_INPUT, Checker
from discord_sandbox.forms.files import check_file_types
from discord_sandbox.world.model import Json

LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23

_TOP = (ROW, TEXT, LABEL)
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
_UPLOAD = ("type", "id", "custom_id", "min_values", "max_values", "required", "file_types")
_GROUP = ("type", "id", "custom_id", "options", "required")


class _ModalChecker:
    """Checks the components of one modal."""

    def __init__(self, errors: FormErrors, checker: Checker) -> None:
        self._errors = errors
        self._checker = checker
        self._fields: dict[int, Callable[[Json, Path], None]] = {
            TEXT_INPUT: self._labelled_input,
            **dict.fromkeys(SELECTS, self._select),
            FILE_UPLOAD: self._upload,
            RADIO_GROUP: self._radio_group,
            CHECKBOX_GROUP: self._checkbox_group,
            CHECKBOX: self._checkbox,
        }

    def top(self, raw: Json, path: Path) -> Json:
        """Check what stands in the modal itself, and give it as Discord stores it."""
        kind = number(raw)
        if kind not in _TOP:
            return self._checker.misplaced(raw, path, _TOP)
        part = self._checker.taken(raw, path)
        if kind == TEXT:
            self._checker.text_display(part, path)
        elif kind == LABEL:
            self._label(part, path)
        else:
            self._row(part, path)
        return part

    def _label(self, part: Json, path: Path) -> None:
        errors = self._errors
        known_fields(errors, part, ("type", "id", "label", "description", "component"), path)
        text(errors, part, "label", path, least=1, most=limits.INPUT_LABEL, required=True)
        text(errors, part, "description", path, least=1, most=limits.LABEL_DESCRIPTION)
        raw = child(errors, part, "component", path)
        where = (*path, "component")
        if raw is None:
            if "component" not in part:
                errors.required(where)
            return
        check = self._fields.get(number(raw) or 0)
        if check is None:
            self._checker.misplaced(raw, where, self._fields)
            return
        part["component"] = field = self._checker.taken(raw, where)
        check(field, where)

    def _row(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "components"), path)
        found = objects(self._errors, part, "components", path, least=1, most=1)
        part["components"] = [self._old_input(one, (*path, "components", i)) for i, one in enumerate(found)]

    def _old_input(self, raw: Json, path: Path) -> Json:
        if number(raw) != TEXT_INPUT:
            return self._checker.misplaced(raw, path, (TEXT_INPUT,))
        part = self._checker.taken(raw, path)
        text(self._errors, part, "label", path, least=1, most=limits.INPUT_LABEL, required=True)
        self._input(part, path)
        return part

    def _labelled_input(self, part: Json, path: Path) -> None:
        if "label" in part:
            self._errors.add(
                (*path, "label"),
                "COMPONENT_LABEL_NOT_ALLOWED",
                "A text input inside a label cannot have a label of its own",
            )
        self._input(part, path)

    def _input(self, part: Json, path: Path) -> None:
        errors = self._errors
        known_fields(errors, part, _INPUT, path)
        self._checker.custom_id(part, path)
        text(errors, part, "placeholder", path, most=limits.INPUT_PLACEHOLDER)
        text(errors, part, "value", path, most=limits.INPUT_VALUE)
        if number(part, "style") not in {1, 2}:
            errors.bad_choice((*path, "style"), (1, 2))
        least = whole(errors, part, "min_length", path, least=0, most=limits.INPUT_VALUE) or 0
        most = whole(errors, part, "max_length", path, least=1, most=limits.INPUT_VALUE) or limits.INPUT_VALUE
        if most < least <= limits.INPUT_VALUE:
            errors.add((*path, "min_length"), "NUMBER_TYPE_MAX", "min_length must not be above max_length.")
        truth(errors, part, "required", path, default=True)
        part.update(min_length=least, max_length=most)
        value = part.get("value")
        length = limits.units(value) if isinstance(value, str) else 0
        if length and not least <= length <= most and length <= limits.INPUT_VALUE:
            errors.bad_length((*path, "value"), least, most)

    def _select(self, part: Json, path: Path) -> None:
        if "disabled" in part:
            self._errors.add(
                (*path, "disabled"), "COMPONENT_DISABLED_NOT_ALLOWED", "Nothing can be disabled in a modal"
            )
        self._required(part, path)
        self._checker.select(part, path)

    def _upload(self, part: Json, path: Path) -> None:
        errors = self._errors
        known_fields(errors, part, _UPLOAD, path)
        self._checker.custom_id(part, path)
        self._required(part, path)
        self._checker.amounts(part, path, limits.UPLOADS)
        check_file_types(errors, part, path)

    def _radio_group(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, _GROUP, path)
        self._checker.custom_id(part, path)
        truth(self._errors, part, "required", path, default=True)
        self._checker.options(part, path, limits.RADIO_OPTIONS, 1)

    def _checkbox_group(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, (*_GROUP, "min_values", "max_values"), path)
        self._checker.custom_id(part, path)
        self._required(part, path)
        offered = part.get("options")
        all_of_them = len(offered) if isinstance(offered, list) and offered else 1
        self._checker.amounts(part, path, limits.CHECKBOX_OPTIONS, all_of_them)
        self._checker.options(part, path, (1, limits.CHECKBOX_OPTIONS), part["max_values"])

    def _checkbox(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "custom_id", "default"), path)
        self._checker.custom_id(part, path)
        truth(self._errors, part, "default", path, default=False)

    def _required(self, part: Json, path: Path) -> None:
        """Check the rule of everything with a least number: only what is not required may be left empty."""
        truth(self._errors, part, "required", path, default=True)
        if part["required"] is True and part.get("min_values") == 0:
            self._errors.add(
                (*path, "min_values"),
                "NUMBER_TYPE_MIN",
                "int value should be greater than or equal to 1 where something is required.",
            )


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
    tree = _ModalChecker(errors, checker)
    found = objects(errors, data, "components", path, least=1, most=limits.MODAL_PARTS)
    kept = [tree.top(one, (*path, "components", i)) for i, one in enumerate(found)]
    errors.raise_if_any()
    checker.fill_ids(kept)
    return {**data, "components": kept}
