"""Checks the names and descriptions of commands, options and choices, in every language."""

import unicodedata

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import Path, child, text
from discord_sandbox.locales import LOCALES
from discord_sandbox.world.model import Json

_SIGNS = frozenset("-_\u02bc")
"""What a name may have besides letters and digits; the apostrophe is U+02BC, the ASCII one is refused."""

_SCRIPTS = (
    (0x0900, 0x0950),
    (0x0955, 0x0963),
    (0x0966, 0x097F),
    (0xA8E0, 0xA8FF),
    (0x11B00, 0x11B09),
    (0x0E01, 0x0E3A),
    (0x0E40, 0x0E5B),
)
"""Devanagari and Thai: of these scripts, marks and signs may stand in a name too."""

_REGEX = ("STRING_TYPE_REGEX", "String value did not match validation regex.")
_INVALID = ("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def problem(name: str) -> tuple[str, str] | None:
    """Give what Discord says to a name of a slash command or option: code and message; None if it is right.

    The rule is on the page interactions/application-commands, "Application Command Naming".
    """
    if not all(map(_fits, name)):
        return _REGEX
    return None if name == name.lower() else _INVALID


def _fits(char: str) -> bool:
    if char in _SIGNS or unicodedata.category(char)[0] in "LN":
        return True
    return any(first <= ord(char) <= last for first, last in _SCRIPTS)


def check_name(errors: FormErrors, node: Json, path: Path, *, slash: bool) -> None:
    """Check a name in every language: 1 to 32 characters, and what slash commands and options may have."""
    name = text(errors, node, "name", path, least=1, most=limits.COMMAND_NAME, required=True)
    if slash and name and (said := problem(name)):
        errors.add((*path, "name"), *said)
    for locale, translated in _translations(errors, node, "name", path).items():
        fits = 1 <= limits.units(translated) <= limits.COMMAND_NAME
        if locale not in LOCALES or not fits or (slash and problem(translated)):
            # Discord does not say in which language.
            errors.add((*path, "name_localizations"), *_INVALID)
            return


def check_description(errors: FormErrors, node: Json, path: Path) -> None:
    """Check a description in every language: 1 to 100 characters."""
    most = limits.COMMAND_DESCRIPTION
    text(errors, node, "description", path, least=1, most=most, required=True)
    _check_translations(errors, node, "description", path, most)


def check_choice_name(errors: FormErrors, node: Json, path: Path) -> None:
    """Check the name of a choice in every language: 1 to 100 characters."""
    text(errors, node, "name", path, least=1, most=limits.CHOICE_NAME, required=True)
    _check_translations(errors, node, "name", path, limits.CHOICE_NAME)


def _check_translations(errors: FormErrors, node: Json, key: str, path: Path, most: int) -> None:
    for locale, translated in _translations(errors, node, key, path).items():
        where = (*path, f"{key}_localizations", locale)
        if locale not in LOCALES:
            errors.bad_choice(where, sorted(LOCALES))
        elif not 1 <= limits.units(translated) <= most:
            errors.bad_length(where, 1, most)


def _translations(errors: FormErrors, node: Json, key: str, path: Path) -> dict[str, str]:
    found = child(errors, node, f"{key}_localizations", path) or {}
    texts = {locale: one for locale, one in found.items() if isinstance(one, str)}
    for locale in found.keys() - texts.keys():
        where = (*path, f"{key}_localizations", locale)
        errors.add(where, "BASE_TYPE_STRING", "Could not interpret value as string.")
    node[f"{key}_localizations"] = texts or None
    return texts


def check_distinct(errors: FormErrors, options: list[Json], path: Path) -> None:
    """Check that no two options have one name, in any language.

    Neither may an option be called in a language as another one is by default (page
    interactions/application-commands, "Localization").
    """
    taken: dict[tuple[str | None, str], int] = {}
    for index, option in enumerate(options):
        name = option.get("name")
        if isinstance(name, str) and taken.setdefault((None, name), index) != index:
            _doubled(errors, (*path, "options", index, "name"))
    for index, option in enumerate(options):
        for locale, translated in (option.get("name_localizations") or {}).items():
            default = taken.get((None, translated), index)
            if default != index or taken.setdefault((locale, translated), index) != index:
                _doubled(errors, (*path, "options", index, "name_localizations"))


def _doubled(errors: FormErrors, where: Path) -> None:
    errors.add(where, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
