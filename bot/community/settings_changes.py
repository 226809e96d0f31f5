"""What a click on the settings means: the new values by those that stand, or why it is refused."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from pydantic import ValidationError

from bot.community.guild_health import GuildHealth
from bot.community.settings_ids import Act, Control
from bot.community.settings_menus import OWN_LANGUAGE, language_parts
from bot.forms import TASK_TYPES
from bot.guild_settings import CHANNELS, DEFAULTS, MOST_LANGUAGES, ROLES, GuildSetting, GuildSettings
from bot.numbers import number_in
from bot.texts import Texts


class NotTakenError(Exception):
    """A value is refused; `key` is that of the text that says why, in which nothing is filled in."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Misfit(StrEnum):
    """Why a channel or role cannot be set."""

    not_here = "not_here"
    """It is none of this server that the setting takes."""
    everyone = "everyone"
    """It is the role that everybody has."""


class Here:
    """What belongs to one server: its channels and roles, and no other's."""

    def __init__(self, health: GuildHealth, guild_id: int) -> None:
        self._health = health
        self._guild_id = guild_id

    def misfit(self, setting: GuildSetting, value: int) -> Misfit | None:
        """Say why a channel or role cannot be set; None where it can."""
        if not self._health.belongs_here(setting, value, self._guild_id):
            return Misfit.not_here
        return Misfit.everyone if setting in ROLES and value == self._guild_id else None


def new_value(
    control: Control, setting: GuildSetting, chosen: Sequence[str], here: Here, texts: Texts
) -> Callable[[GuildSettings], object]:
    """Say what a click sets a setting to.

    Args:
        control: what was used.
        setting: which it changes.
        chosen: the values of a menu, as they came: anybody can forge them.
        here: the server.
        texts: the reader's language, in whose order the menus of languages are.

    Returns:
        A function that gives the new value by the settings as they stand.

    Raises:
        NotTakenError: the value is refused; the function raises it, too.
    """
    if control.act is Act.clear:
        return lambda _: DEFAULTS.value(setting)
    if control.act is Act.turn:
        return lambda _: bool(control.part)
    if setting is GuildSetting.languages:
        return lambda settings: _languages(control.part, chosen, settings, texts)
    value: object
    if setting in (*CHANNELS, *ROLES):
        value = _one_id(setting, chosen, here)
    elif setting is GuildSetting.task_types:
        value = _kinds(chosen)
    elif len(chosen) == 1:
        is_none = setting is GuildSetting.language and chosen[0] == OWN_LANGUAGE
        value = None if is_none else chosen[0]
    else:
        raise NotTakenError("settings.not_taken")
    return lambda _: value


def checked(settings: GuildSettings, setting: GuildSetting, value: object) -> object:
    """Give a value that the setting takes.

    Raises:
        NotTakenError: it does not take it.
    """
    try:
        settings.with_value(setting, value)
    except ValidationError:
        raise NotTakenError("settings.not_taken") from None
    return value


def _one_id(setting: GuildSetting, chosen: Sequence[str], here: Here) -> int | None:
    if not chosen:
        return None
    found = number_in(chosen[0]) if len(chosen) == 1 else None
    if found is None:
        raise NotTakenError("settings.not_here")
    match here.misfit(setting, found):
        case Misfit.not_here:
            raise NotTakenError("settings.not_here")
        case Misfit.everyone:
            raise NotTakenError(f"settings.{setting.value}.everyone")
    return found


def _kinds(chosen: Sequence[str]) -> tuple[str, ...]:
    """Give the chosen kinds in their order; all of them are as none: new ones are then offered, too."""
    kinds = tuple(kind for kind in TASK_TYPES if kind in chosen)
    if len(kinds) < len(chosen):
        raise NotTakenError("settings.not_taken")
    return () if kinds == TASK_TYPES else kinds


def _languages(part: int, chosen: Sequence[str], settings: GuildSettings, texts: Texts) -> tuple[str, ...]:
    """Put what one menu says in place of what it showed; the other menu's languages stay."""
    parts = language_parts(GuildSetting.languages, settings, texts)
    shown = parts[part] if part < len(parts) else []
    kept = [tag for tag in settings.languages if tag not in shown and tag not in chosen]
    wanted = tuple(sorted([*kept, *chosen]))
    if len(wanted) > MOST_LANGUAGES:
        raise NotTakenError("settings.languages.too_many")
    return wanted
