"""Checks the bodies with which commands are registered."""

import re
import unicodedata
from collections.abc import Collection
from typing import Any

from discord_sandbox import limits
from discord_sandbox.commands import SLASH, SUB_COMMAND, SUB_COMMAND_GROUP
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import Path, child, known_fields, number, objects, text, values
from discord_sandbox.locales import LOCALES
from discord_sandbox.model import Json

_COMMAND = frozenset(
    {
        "id",
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "options",
        "default_member_permissions",
        "dm_permission",
        "nsfw",
        "integration_types",
        "contexts",
    }
)
_CONTEXTS = (0, 1, 2)
_INSTALLATIONS = (0, 1)
_OPTION = frozenset(
    {
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "required",
        "choices",
        "options",
        "channel_types",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "autocomplete",
    }
)
_STRING, _INTEGER, _NUMBER, _LAST_OPTION = 3, 4, 10, 11
_EXTRA_WORD = frozenset("-_'\u02bc")


def is_slash_name(name: str) -> bool:
    """Whether a slash command or option may have this name: 1 to 32 letters, digits, - or _, no capitals."""
    if not 1 <= len(name) <= limits.COMMAND_NAME or name != name.lower():
        return False
    return all(char in _EXTRA_WORD - {"'"} or unicodedata.category(char)[0] in "LNM" for char in name)


def check_command(raw: Json, path: Path, errors: FormErrors) -> Json:
    """Check one command.

    Args:
        raw: The body as it came.
        path: Where it is in the whole request.
        errors: Where problems are noted.

    Returns:
        The body as Discord keeps it: with kind, description, and permissions always there.
    """
    known_fields(errors, raw, _COMMAND, path)
    body = {key: value for key, value in raw.items() if key != "id"}
    kind = body["type"] = number(body) if "type" in body else SLASH
    if kind not in limits.COMMANDS:
        errors.bad_choice((*path, "type"), sorted(limits.COMMANDS))
    _name(errors, body, path, slash=kind == SLASH)
    if kind == SLASH:
        _description(errors, body, path)
        body["options"] = _options(errors, body, path, depth=0)
    else:
        if body.get("description"):
            errors.add(
                (*path, "description"),
                "APPLICATION_COMMAND_INVALID_DESCRIPTION",
                "Context menu commands cannot have a description",
            )
        if body.get("options"):
            errors.add(
                (*path, "options"),
                "APPLICATION_COMMAND_INVALID_OPTIONS",
                "Context menu commands cannot have options",
            )
        body["description"] = ""
    body["default_member_permissions"] = _permissions(errors, body, path)
    _one_or_more_of(errors, body, "contexts", _CONTEXTS, path)
    _one_or_more_of(errors, body, "integration_types", _INSTALLATIONS, path)
    body.setdefault("nsfw", False)
    body.setdefault("contexts", None)
    body.setdefault("integration_types", [0])
    # Only a command whose parts are right can be measured.
    if not errors and _size(body) > limits.COMMAND_TOTAL:
        errors.add(
            path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({limits.COMMAND_TOTAL})"
        )
    return body


def check_commands(raws: list[Json]) -> list[Json]:
    """Check all commands of a scope, as they replace it at once.

    Raises:
        ApiError: 50035, with all that is wrong.
    """
    errors = FormErrors()
    bodies = [check_command(raw, (index,), errors) for index, raw in enumerate(raws)]
    seen: set[tuple[Any, Any]] = set()
    for index, body in enumerate(bodies):
        key = (str(body.get("name")), body["type"])
        if key in seen:
            errors.add(
                (index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
            )
        seen.add(key)
    for kind, most in limits.COMMANDS.items():
        if sum(body["type"] == kind for body in bodies) > most:
            errors.bad_length((), 0, most)
    errors.raise_if_any()
    return bodies


def _one_or_more_of(errors: FormErrors, node: Json, key: str, allowed: Collection[int], path: Path) -> None:
    """Check a list that may be absent or null, but not empty."""
    where = (*path, key)
    listed = values(errors, node, key, path)
    if node.get(key) == []:
        errors.bad_length(where, 1, len(allowed))
    for index, one in enumerate(listed):
        if one not in allowed:
            errors.bad_choice((*where, index), allowed)


def _name(errors: FormErrors, node: Json, path: Path, *, slash: bool) -> None:
    name = text(errors, node, "name", path, least=1, most=limits.COMMAND_NAME, required=True)
    if slash and name is not None and not is_slash_name(name):
        errors.add((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    for locale, translated in _localizations(errors, node, "name_localizations", path).items():
        bad = not 1 <= limits.units(translated) <= limits.COMMAND_NAME or (
            slash and not is_slash_name(translated)
        )
        if locale not in LOCALES or bad:
            errors.add(
                (*path, "name_localizations"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"
            )
            return


def _description(errors: FormErrors, node: Json, path: Path) -> None:
    text(errors, node, "description", path, least=1, most=limits.COMMAND_DESCRIPTION, required=True)
    for locale, translated in _localizations(errors, node, "description_localizations", path).items():
        where = (*path, "description_localizations", locale)
        if locale not in LOCALES:
            errors.bad_choice(where, sorted(LOCALES))
        elif not 1 <= limits.units(translated) <= limits.COMMAND_DESCRIPTION:
            errors.bad_length(where, 1, limits.COMMAND_DESCRIPTION)


def _localizations(errors: FormErrors, node: Json, key: str, path: Path) -> dict[str, str]:
    found = child(errors, node, key, path) or {}
    node[key] = found or None
    return {locale: str(translated) for locale, translated in found.items()}


def _options(errors: FormErrors, node: Json, path: Path, *, depth: int) -> list[Json]:
    found = objects(errors, node, "options", path, most=limits.COMMAND_OPTIONS)
    options = [_option(errors, one, (*path, "options", i), depth) for i, one in enumerate(found)]
    names = [one.get("name") for one in options]
    optional_before = False
    for index, option in enumerate(options):
        where = (*path, "options", index)
        if names[index] in names[:index]:
            errors.add(
                (*where, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique"
            )
        if option.get("required") and optional_before:
            errors.add(
                where,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_before = optional_before or not option.get("required")
    # Only options whose parts are right can be compared.
    if not errors:
        _check_translated_names(errors, options, path)
    nested = [number(one) in {SUB_COMMAND, SUB_COMMAND_GROUP} for one in options]
    if any(nested) and not all(nested):
        errors.add(
            (*path, "options"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other types",
        )
    return options


def _check_translated_names(errors: FormErrors, options: list[Json], path: Path) -> None:
    """Check that in no language an option is called as another one, or as another one is by default."""
    taken = {(None, one.get("name")): index for index, one in enumerate(options)}
    for index, option in enumerate(options):
        for locale, translated in (option.get("name_localizations") or {}).items():
            default = taken.get((None, translated), index)
            if taken.setdefault((locale, translated), index) != index or default != index:
                errors.add(
                    (*path, "options", index, "name_localizations"),
                    "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
                    "Option names must be unique",
                )


def _option(errors: FormErrors, raw: Json, path: Path, depth: int) -> Json:
    known_fields(errors, raw, _OPTION, path)
    option = {key: value for key, value in raw.items() if value is not None}
    kind = number(option)
    if kind is None or not 1 <= kind <= _LAST_OPTION:
        errors.bad_choice((*path, "type"), range(1, _LAST_OPTION + 1))
        return option
    _name(errors, option, path, slash=True)
    _description(errors, option, path)
    if kind in {SUB_COMMAND, SUB_COMMAND_GROUP}:
        if depth > (0 if kind == SUB_COMMAND_GROUP else 1):
            errors.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Commands nest too deep")
        option.pop("required", None)
        option["options"] = _options(errors, option, path, depth=depth + 1)
        return option
    option.setdefault("required", False)
    if "choices" in option:
        option["choices"] = _choices(errors, option, path)
    if option.get("autocomplete") and (option.get("choices") or kind not in {_STRING, _INTEGER, _NUMBER}):
        errors.add(
            (*path, "autocomplete"),
            "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
            "This option cannot have autocomplete",
        )
    return option


def _choices(errors: FormErrors, option: Json, path: Path) -> list[Json]:
    found = objects(errors, option, "choices", path, most=limits.CHOICES)
    for index, choice in enumerate(found):
        check_choice(errors, choice, (*path, "choices", index), option["type"])
    return [{key: value for key, value in choice.items() if value or value == 0} for choice in found]


def check_choice(errors: FormErrors, choice: Json, path: Path, option_type: int) -> None:
    """Check one choice of an option, whether registered or offered by autocomplete."""
    known_fields(errors, choice, ("name", "name_localizations", "value"), path)
    text(errors, choice, "name", path, least=1, most=limits.CHOICE_NAME, required=True)
    value = choice.get("value")
    if option_type == _STRING:
        text(errors, choice, "value", path, least=1, most=limits.CHOICE_VALUE, required=True)
    elif not isinstance(value, int | float) or isinstance(value, bool):
        errors.add((*path, "value"), "NUMBER_TYPE_COERCE", f"Value {value!r} is not a number.")


def _permissions(errors: FormErrors, body: Json, path: Path) -> str | None:
    value = body.get("default_member_permissions")
    if value is None:
        return None
    # hikari sends a number where the documentation has a text; Discord takes both.
    if isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"\d+", value)):
        return str(int(value))
    errors.add(
        (*path, "default_member_permissions"), "BITFIELD_TYPE_COERCE", "This is no permission bit field."
    )
    return None


def _size(node: Json) -> int:
    total = 0
    for key in ("name", "description"):
        texts = [node.get(key) or "", *(node.get(f"{key}_localizations") or {}).values()]
        total += max(len(str(one)) for one in texts)
    total += len(node["value"]) if isinstance(node.get("value"), str) else 0
    children: list[Json] = [*(node.get("options") or ()), *(node.get("choices") or ())]
    return total + sum(map(_size, children))
