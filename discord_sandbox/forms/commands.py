"""Checks the bodies with which commands are registered."""

from collections import Counter
from typing import Any

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import Path, known_fields, number, one_of, permission_bits, truth, values
from discord_sandbox.forms.naming import check_description, check_name
from discord_sandbox.forms.options import check_options
from discord_sandbox.world.commands import SLASH
from discord_sandbox.world.model import Json

_ENTRY_POINT = 4
_CONTEXTS = (0, 1, 2)
_INSTALLS = (0, 1)

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
        "default_permission",
        "dm_permission",
        "nsfw",
        "integration_types",
        "contexts",
    }
)


def check_command(raw: Json, path: Path, errors: FormErrors, known: Json | None = None) -> Json:
    """Check one command.

    Args:
        raw: The body as it came.
        path: Where it is in the whole request.
        errors: Where problems are noted.
        known: What the command is until now, if it is changed.

    Returns:
        The body as Discord keeps it: with kind, description, permissions and so on always there.
    """
    known_fields(errors, raw, _COMMAND, path)
    body = {**(known or {}), **_without_deprecated(errors, raw, path)}
    body.pop("id", None)
    kind = body["type"] = number(body) if body.get("type") is not None else SLASH
    if kind == _ENTRY_POINT:
        errors.unknown_field((*path, "type"), "The sandbox has no activities, so no entry point commands.")
    elif kind not in limits.COMMANDS:
        errors.bad_choice((*path, "type"), sorted(limits.COMMANDS))
    check_name(errors, body, path, slash=kind == SLASH)
    if kind == SLASH:
        check_description(errors, body, path)
        body["options"] = check_options(errors, body, path)
    elif kind in limits.COMMANDS:
        _check_menu(errors, body, path)
    bits = permission_bits(errors, body, "default_member_permissions", path)
    body["default_member_permissions"] = None if bits is None else str(bits)
    truth(errors, body, "nsfw", path, default=False)
    body["contexts"] = _choices(errors, body, "contexts", path, _CONTEXTS)
    body["integration_types"] = _choices(errors, body, "integration_types", path, _INSTALLS) or [0]
    # Only a command whose parts are right can be measured.
    if not errors and _size(body) > limits.COMMAND_TOTAL:
        errors.add(
            path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({limits.COMMAND_TOTAL})"
        )
    return body


def check_commands(raws: list[Json]) -> list[Json]:
    """Check all commands of a scope, as they replace it at once.

    Raises:
        ApiError: 50035, with all that is wrong; 30032, there are too many of one kind.
    """
    errors = FormErrors()
    if len(raws) > sum(limits.COMMANDS.values()):
        errors.too_long((), sum(limits.COMMANDS.values()))
    bodies = [check_command(raw, (index,), errors) for index, raw in enumerate(raws)]
    seen: set[tuple[Any, Any]] = set()
    for index, body in enumerate(bodies):
        key = (str(body.get("name")), body["type"])
        if key in seen:
            duplicate(errors, (index,))
        seen.add(key)
    errors.raise_if_any()
    for kind, count in Counter(body["type"] for body in bodies).items():
        if count > limits.COMMANDS[kind]:
            raise refusal(30032)
    return bodies


def duplicate(errors: FormErrors, path: Path) -> None:
    """Note that another command of this kind has the name."""
    errors.add(path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")


def _without_deprecated(errors: FormErrors, raw: Json, path: Path) -> Json:
    """Write a body without the deprecated fields, by what took their place."""
    body = raw.copy()
    for key in ("dm_permission", "default_permission"):
        truth(errors, body, key, path)
    if body.pop("dm_permission", None) is False:
        body.setdefault("contexts", [0])
    if body.pop("default_permission", None) is False:
        body.setdefault("default_member_permissions", "0")
    return body


def _check_menu(errors: FormErrors, body: Json, path: Path) -> None:
    """Check that a menu entry has neither description nor options."""
    for key in ("description", "options"):
        if body.get(key):
            errors.add(
                (*path, key),
                f"APPLICATION_COMMAND_INVALID_{key.upper()}",
                f"Context menu commands cannot have {key}",
            )
    body["description"] = ""
    body["description_localizations"] = None
    body.pop("options", None)


def _choices(
    errors: FormErrors, body: Json, key: str, path: Path, allowed: tuple[int, ...]
) -> list[int] | None:
    """Give a list of different numbers out of the allowed ones, in order; None if it is absent or null."""
    if body.get(key) is None:
        return None
    found = values(errors, body, key, path)
    if not found:
        errors.bad_length((*path, key), 1, len(allowed))
    for index, one in enumerate(found):
        if not one_of(one, allowed):
            errors.bad_choice((*path, key, index), allowed)
        elif one in found[:index]:
            errors.add((*path, key), "SET_TYPE_ALREADY_CONTAINS_VALUE", f"{one} is there already")
    return [one for one in allowed if one in found]


def _size(node: Json) -> int:
    """Measure a command: of each text that has translations, the longest counts."""
    total = 0
    for key in ("name", "description"):
        texts = [node.get(key) or "", *(node.get(f"{key}_localizations") or {}).values()]
        total += max(len(str(one)) for one in texts)
    total += len(node["value"]) if isinstance(node.get("value"), str) else 0
    children: list[Json] = [*(node.get("options") or ()), *(node.get("choices") or ())]
    return total + sum(map(_size, children))
