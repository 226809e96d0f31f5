"""Checks the options of commands, and their choices."""

from collections.abc import Collection
from typing import Any

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import Path, known_fields, number, objects, one_of, truth, values, whole
from discord_sandbox.forms.files import check_file_types
from discord_sandbox.forms.naming import check_choice_name, check_description, check_distinct, check_name
from discord_sandbox.world.commands import SUB_COMMAND, SUB_COMMAND_GROUP
from discord_sandbox.world.model import Json

STRING, INTEGER, CHANNEL, NUMBER, ATTACHMENT = 3, 4, 7, 10, 11

_PLAIN = frozenset(range(STRING, ATTACHMENT + 1))
_INSIDE: dict[int | None, frozenset[int]] = {
    None: _PLAIN | {SUB_COMMAND, SUB_COMMAND_GROUP},
    SUB_COMMAND_GROUP: frozenset({SUB_COMMAND}),
    SUB_COMMAND: _PLAIN,
}
"""Which options a command (None), a group and a subcommand may have."""

_COMMON = frozenset(
    {"type", "name", "name_localizations", "description", "description_localizations", "required"}
)
_FOR_TYPES: dict[str, Collection[int]] = {
    "options": (SUB_COMMAND, SUB_COMMAND_GROUP),
    "choices": (STRING, INTEGER, NUMBER),
    "autocomplete": (STRING, INTEGER, NUMBER),
    "min_length": (STRING,),
    "max_length": (STRING,),
    "min_value": (INTEGER, NUMBER),
    "max_value": (INTEGER, NUMBER),
    "channel_types": (CHANNEL,),
    "file_types": (ATTACHMENT,),
}
"""For which types of option the other fields are."""

_CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)


def check_options(
    errors: FormErrors,
    node: Json,
    path: Path,
    *,
    parent: int | None = None,
    most: int = limits.COMMAND_OPTIONS,
) -> list[Json]:
    """Check the options of a command, group or subcommand.

    Args:
        errors: Where problems are noted.
        node: What has the options.
        path: Where it is in the whole request.
        parent: Its type as an option; None for the command itself.
        most: How many there may be.

    Returns:
        The options as Discord keeps them.
    """
    found = objects(errors, node, "options", path, most=most)
    options = [_option(errors, one, (*path, "options", i), parent) for i, one in enumerate(found)]
    for index, (option, before) in enumerate(zip(options[1:], options, strict=False), 1):
        if option.get("required") and before.get("required") is False:
            errors.add(
                (*path, "options", index),
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
    check_distinct(errors, options, path)
    nested = [one.get("type") in {SUB_COMMAND, SUB_COMMAND_GROUP} for one in options]
    if any(nested) and not all(nested):
        errors.add(
            (*path, "options"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other types",
        )
    return options


def _option(errors: FormErrors, raw: Json, path: Path, parent: int | None) -> Json:
    known_fields(errors, raw, _COMMON | _FOR_TYPES.keys(), path)
    kind = number(raw)
    if kind is None or kind not in _INSIDE[None]:
        errors.bad_choice((*path, "type"), sorted(_INSIDE[None]))
        return {}
    if kind not in _INSIDE[parent]:
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "This option cannot stand here")
        # What is inside it is not looked at: however deep it is, only the first wrong place counts.
        return {}
    _refuse_misplaced(errors, raw, kind, path)
    # Whatever else is not for this type of option is ignored.
    option = {
        key: value
        for key, value in raw.items()
        if value is not None and kind in _FOR_TYPES.get(key, _INSIDE[None])
    }
    check_name(errors, option, path, slash=True)
    check_description(errors, option, path)
    if kind in {SUB_COMMAND, SUB_COMMAND_GROUP}:
        option.pop("required", None)
        option["options"] = check_options(errors, option, path, parent=kind)
        return option
    truth(errors, option, "required", path, default=False)
    truth(errors, option, "autocomplete", path)
    _check_choices(errors, option, path)
    _check_range(errors, option, path)
    for index, one in enumerate(values(errors, option, "channel_types", path)):
        if not one_of(one, _CHANNEL_TYPES):
            errors.bad_choice((*path, "channel_types", index), _CHANNEL_TYPES)
    check_file_types(errors, option, path)
    return option


def _refuse_misplaced(errors: FormErrors, raw: Json, kind: int, path: Path) -> None:
    if raw.get("choices") and kind not in _FOR_TYPES["choices"]:
        errors.add(
            (*path, "choices"),
            "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
            "Choices cannot be configured for this type of option",
        )
    if raw.get("autocomplete") and (kind not in _FOR_TYPES["autocomplete"] or raw.get("choices")):
        errors.add(
            (*path, "autocomplete"),
            "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
            "This option cannot have autocomplete",
        )


# -- choices ------------------------------------------------------------------------------------------


def _check_choices(errors: FormErrors, option: Json, path: Path) -> None:
    if "choices" not in option:
        return
    found = check_choices(errors, option, path, option["type"])
    for index, choice in enumerate(found):
        if any(choice.get("name") == other.get("name") for other in found[:index]):
            errors.add(
                (*path, "choices", index),
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS",
                "Option choice name already exists",
            )
    option["choices"] = found


def check_choices(errors: FormErrors, node: Json, path: Path, option_type: int) -> list[Json]:
    """Check the choices of an option, whether registered or offered by autocomplete.

    Args:
        errors: Where problems are noted.
        node: What has the choices.
        path: Where it is in the whole request.
        option_type: The type of the option.

    Returns:
        The choices as Discord keeps them.
    """
    found = []
    for index, raw in enumerate(objects(errors, node, "choices", path, most=limits.CHOICES)):
        choice = raw.copy()
        _check_choice(errors, choice, (*path, "choices", index), option_type)
        found.append({key: value for key, value in choice.items() if value is not None})
    return found


def _check_choice(errors: FormErrors, choice: Json, path: Path, option_type: int) -> None:
    known_fields(errors, choice, ("name", "name_localizations", "value"), path)
    check_choice_name(errors, choice, path)
    value, where = choice.get("value"), (*path, "value")
    if value is None:
        errors.required(where)
    elif option_type == STRING:
        if not isinstance(value, str):
            errors.add(where, "BASE_TYPE_STRING", "Could not interpret value as string.")
        elif limits.units(value) > limits.CHOICE_VALUE:
            errors.too_long(where, limits.CHOICE_VALUE)
    else:
        _check_number(errors, value, where, option_type)


def _check_number(errors: FormErrors, value: Any, where: Path, option_type: int) -> None:  # noqa: ANN401 - JSON of any shape
    """Check a number that an option may have: a whole one below 2^53, or one up to it."""
    kinds = int if option_type == INTEGER else int | float
    most = limits.LARGEST_NUMBER - (option_type == INTEGER)
    if not isinstance(value, kinds) or isinstance(value, bool):
        errors.add(where, "NUMBER_TYPE_COERCE", f"Value {value!r} is not a number of this kind.")
    elif not -most <= value <= most:
        errors.add(where, "NUMBER_TYPE_RANGE", f"value should be between -{most} and {most}.")


# -- ranges -------------------------------------------------------------------------------------------


def _check_range(errors: FormErrors, option: Json, path: Path) -> None:
    whole(errors, option, "min_length", path, least=0, most=limits.OPTION_LENGTH)
    whole(errors, option, "max_length", path, least=1, most=limits.OPTION_LENGTH)
    for key in ("min_value", "max_value"):
        if key in option:
            _check_number(errors, option[key], (*path, key), option["type"])
    # Only a range whose ends are right can be compared.
    if not errors:
        for least, most in (("min_length", "max_length"), ("min_value", "max_value")):
            if least in option and most in option and option[least] > option[most]:
                errors.add(
                    (*path, most),
                    "APPLICATION_COMMAND_OPTIONS_RANGE_INVALID",
                    f"{most} cannot be below {least}",
                )
