"""A server's settings as a file: what /settings export writes and /settings import reads."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from pydantic import JsonValue, ValidationError

from bot.community.settings_changes import Here
from bot.community.settings_words import setting_name
from bot.forms import TASK_TYPES
from bot.guild_settings import (
    CHANNELS,
    CHOICES,
    DEFAULTS,
    MOST_LANGUAGES,
    MOST_TASKS_A_DAY,
    ROLES,
    GuildSetting,
    GuildSettings,
)
from bot.limits import trim
from bot.numbers import number_in
from bot.rendering.markdown import escape
from bot.rendering.panels import TextFile
from bot.texts import Texts

FORMAT: Final = "oasst-discord-bot settings"
VERSION: Final = 1
FILE_NAME: Final = "settings.json"

LARGEST: Final = 32 * 1024
"""Bytes of the largest file that is read; an export has about a thousand."""

_NAME_LENGTH: Final = 40
"""UTF-16 units of an unknown setting's name that are shown."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file says.

    Attributes:
        values: of the settings that it names and that fit, as `GuildSettings` has them.
        problems: what is wrong with it, a line each; only without any may it be used.
    """

    values: Mapping[GuildSetting, Any]
    problems: tuple[str, ...] = ()


class _WrongError(Exception):
    """A value is refused; the message says why, in the reader's words."""


class _TwiceError(ValueError):
    """A file names something twice; which one counts is not for us to choose."""


def export_file(settings: GuildSettings) -> TextFile:
    """Write all settings; ids as text, as Discord's own JSON has them."""
    values = {
        setting.value: str(value) if setting in (*CHANNELS, *ROLES) and value is not None else value
        for setting, value in settings.model_dump(mode="json").items()
        for setting in (GuildSetting(setting),)
    }
    body = {"format": FORMAT, "version": VERSION, "settings": values}
    return TextFile(FILE_NAME, (json.dumps(body, indent=2) + "\n").encode())


def fingerprint(settings: GuildSettings) -> str:
    """Give twelve hex digits that tell these settings from others: who confirms must have seen these."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12]


def read_file(content: bytes, here: Here, texts: Texts) -> ReadFile:
    """Read a file, and find all that is wrong with it.

    Args:
        content: the file; anything.
        here: the server: the channels and roles of another one are refused.
        texts: the reader's language.
    """
    try:
        body = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except _TwiceError as twice:
        return ReadFile({}, (texts("settings.file.twice", name=_shown(str(twice))),))
    except (ValueError, RecursionError):
        return ReadFile({}, (texts("settings.file.not_json"),))
    settings = body.get("settings") if isinstance(body, dict) else None
    if not isinstance(settings, dict) or body.get("format") != FORMAT or type(body.get("version")) is not int:
        return ReadFile({}, (texts("settings.file.not_ours"),))
    if body["version"] != VERSION:
        return ReadFile({}, (texts("settings.file.version", version=_shown(str(body["version"]))),))
    return _read_settings(settings, here, texts)


def _read_settings(settings: Mapping[str, JsonValue], here: Here, texts: Texts) -> ReadFile:
    values: dict[GuildSetting, Any] = {}
    problems: list[str] = []
    for name, raw in settings.items():
        if name not in GuildSetting.__members__:
            problems.append(texts("settings.file.unknown", name=_shown(name)))
            continue
        setting = GuildSetting(name)
        try:
            values[setting] = _value(setting, raw, here, texts)
        except _WrongError as wrong:
            problems.append(
                texts(
                    "settings.file.problem",
                    setting=setting.value,
                    name=setting_name(setting, texts),
                    problem=str(wrong),
                )
            )
    return ReadFile(values, tuple(problems))


def _value(setting: GuildSetting, raw: JsonValue, here: Here, texts: Texts) -> Any:  # noqa: ANN401  # each setting has a type of its own
    is_entity = setting in (*CHANNELS, *ROLES)
    found = number_in(raw) if is_entity and isinstance(raw, str) else None
    kept = raw if found is None else found
    try:
        value = DEFAULTS.with_value(setting, kept).value(setting)
    except ValidationError:
        raise _WrongError(_expected(setting, texts)) from None
    if is_entity and value is not None and (misfit := here.misfit(setting, value)):
        raise _WrongError(texts(f"settings.file.{misfit.value}", id=value))
    return value


def _expected(setting: GuildSetting, texts: Texts) -> str:
    """Say what a setting takes."""
    kind = setting.value
    values: Sequence[str] = ()
    if setting in (*CHANNELS, *ROLES):
        kind = "id"
    elif setting in CHOICES:
        kind, values = "choice", list(CHOICES[setting])
    elif setting is GuildSetting.task_types:
        values = TASK_TYPES
    elif isinstance(DEFAULTS.value(setting), bool):
        kind = "switch"
    most = MOST_LANGUAGES if setting is GuildSetting.languages else MOST_TASKS_A_DAY
    listed = ", ".join(f"`{value}`" for value in values)
    return texts(f"settings.file.expected.{kind}", values=listed, most=texts.number(most))


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _refuse(constant: str) -> NoReturn:
    """Refuse what Python reads and JSON does not have, such as NaN."""
    raise ValueError(constant)


def _shown(text: str) -> str:
    return escape(trim(text, _NAME_LENGTH))
