"""A server's settings in words: names, values and what is amiss, for panels, the history and imports."""

from collections.abc import Sequence
from typing import Final

import hikari
from pydantic import JsonValue

from bot.community.guild_health import GOOD, Health
from bot.guild_settings import CHANNELS, CHOICES, DEFAULTS, ROLES, GuildSetting, GuildSettings
from bot.limits import trim
from bot.rendering.markdown import escape
from bot.texts import Texts

VALUE_LENGTH: Final = 150
"""UTF-16 units of a value in a line of several."""


def setting_name(setting: GuildSetting, texts: Texts) -> str:
    """Name a setting."""
    return texts(f"settings.{setting.value}.name")


def value_words(setting: GuildSetting, value: JsonValue, texts: Texts) -> str:
    """Say a setting's value, given as in JSON, in one line of markdown.

    A value that no setting has any more, from an old history, is shown as it is.
    """
    match value:
        case None | []:
            words = texts(f"settings.{setting.value}.none")
        case bool():
            words = texts("settings.on" if value else "settings.off")
        case int() if setting in CHANNELS:
            words = f"<#{value}>"
        case int() if setting in ROLES:
            words = f"<@&{value}>"
        case int():
            words = texts.number(value)
        case list():
            words = ", ".join(_item_words(setting, str(item), texts) for item in value)
        case _:
            words = _item_words(setting, str(value), texts)
    return words


def short_value(setting: GuildSetting, value: JsonValue, texts: Texts) -> str:
    """Say a setting's value as `value_words` does, cut off where it is long."""
    return trim(value_words(setting, value, texts), VALUE_LENGTH)


def change_lines(before: GuildSettings, after: GuildSettings, texts: Texts) -> list[str]:
    """Say what is different, a line for each setting."""
    return [
        texts(
            "settings.change",
            name=setting_name(setting, texts),
            old=short_value(setting, old, texts),
            new=short_value(setting, new, texts),
        )
        for setting in GuildSetting
        if (old := before.json_value(setting)) != (new := after.json_value(setting))
    ]


def setting_lines(
    setting: GuildSetting, settings: GuildSettings, health: Health, texts: Texts
) -> Sequence[str]:
    """Say a setting's value, what is amiss with it, and what it does."""
    value = settings.json_value(setting)
    return [
        value_words(setting, value, texts),
        *health_lines(health, texts),
        f"-# {texts(f'settings.{setting.value}.about')}",
    ]


def health_lines(health: Health, texts: Texts) -> list[str]:
    """Say what is amiss and what to do about it; nothing where all is well."""
    if health == GOOD:
        return []
    if health.gone:
        return [texts("settings.gone")]
    if health.missing:
        return [texts("settings.missing", permissions=permission_names(health.missing, texts))]
    if health.missing_here:
        return [texts("settings.missing_here", permissions=permission_names(health.missing_here, texts))]
    return [texts("settings.not_offered" if health.not_offered else "settings.unknown")]


def permission_names(permissions: Sequence[hikari.Permissions], texts: Texts) -> str:
    """Name permissions as Discord's own settings do, separated by commas."""
    return ", ".join(texts(f"permission.{permission.name}") for permission in permissions)


def is_default(setting: GuildSetting, settings: GuildSettings) -> bool:
    """Whether a setting stands at its default."""
    return bool(settings.value(setting) == DEFAULTS.value(setting))


def kind_name(kind: str, texts: Texts) -> str:
    """Name a kind of task as /task does, beginning with a capital."""
    name = texts(f"command.task.type.{kind}")
    return name[:1].upper() + name[1:]


def _item_words(setting: GuildSetting, item: str, texts: Texts) -> str:
    if setting in (GuildSetting.language, GuildSetting.languages):
        return texts.language_name(item)
    if setting is GuildSetting.task_types and texts.has(f"command.task.type.{item}"):
        return kind_name(item, texts)
    if setting in CHOICES and texts.has(f"settings.{setting.value}.{item}"):
        return texts(f"settings.{setting.value}.{item}")
    return escape(item)
