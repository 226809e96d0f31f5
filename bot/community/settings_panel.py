"""A server's settings as one panel: the values as they stand, selects to change them, what is still amiss."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import hikari

from bot.forms.controls import plain_button, row
from bot.guild_settings import ROLES, GuildSetting, GuildSettings
from bot.rendering.panels import Panel
from bot.texts import Texts

_SET: Final = "settings:1:set:"
_CLEAR: Final = "settings:1:clear:"
_COLOUR: Final = 0x5865F2

SHOWN: Final = (GuildSetting.task_channel, GuildSetting.log_channel, GuildSetting.moderator_role)
"""The settings on the panel, in its order."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether what a setting names can be used.

    Attributes:
        gone: the channel or role no longer exists here, or the bot is not told of it.
        missing: the permissions that the bot lacks in the channel.
    """

    gone: bool = False
    missing: tuple[hikari.Permissions, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing is amiss."""
        return not self.gone and not self.missing


@dataclass(frozen=True, slots=True)
class SettingsEvent:
    """What a control of the panel does: sets a setting to what was chosen, or clears it."""

    setting: GuildSetting
    clears: bool


EVENTS: Final = {
    f"{prefix}{setting.value}": SettingsEvent(setting, clears)
    for prefix, clears in ((_SET, False), (_CLEAR, True))
    for setting in SHOWN
}
"""What each control's custom_id stands for."""


def settings_panel(
    settings: GuildSettings, health: Mapping[GuildSetting, Health], texts: Texts, *, notice: str = ""
) -> Panel:
    """Show the settings.

    Args:
        settings: as they stand.
        health: of every setting that is set.
        texts: the reader's language.
        notice: one line about what the reader just did, above everything.
    """
    embed = hikari.Embed(title=texts("settings.title"), description=texts("settings.about"), color=_COLOUR)
    for setting in SHOWN:
        embed.add_field(
            texts(f"settings.{setting.value}.name"),
            "\n".join(_lines(setting, settings.value(setting), health.get(setting, Health()), texts)),
        )
    return Panel(content=notice, embeds=(embed,), rows=(*_selects(texts), _clear_buttons(settings, texts)))


def permission_names(permissions: tuple[hikari.Permissions, ...], texts: Texts) -> str:
    """Name permissions as Discord's own settings do, separated by commas."""
    return ", ".join(texts(f"permission.{permission.name}") for permission in permissions)


def _lines(setting: GuildSetting, value: int | None, health: Health, texts: Texts) -> list[str]:
    if value is None:
        return [texts(f"settings.{setting.value}.none")]
    mention = f"<@&{value}>" if setting in ROLES else f"<#{value}>"
    lines = [mention]
    if health.gone:
        lines.append(texts("settings.gone"))
    elif health.missing:
        lines.append(texts("settings.missing", permissions=permission_names(health.missing, texts)))
    return [*lines, texts(f"settings.{setting.value}.about")]


def _selects(texts: Texts) -> list[hikari.api.MessageActionRowBuilder]:
    rows: list[hikari.api.MessageActionRowBuilder] = []
    for setting in SHOWN:
        holder = hikari.impl.MessageActionRowBuilder()
        placeholder = texts(f"settings.{setting.value}.choose")
        custom_id = f"{_SET}{setting.value}"
        if setting in ROLES:
            holder.add_select_menu(
                hikari.ComponentType.ROLE_SELECT_MENU,
                custom_id,
                placeholder=placeholder,
                min_values=1,
            )
        else:
            holder.add_channel_menu(
                custom_id,
                channel_types=[hikari.ChannelType.GUILD_TEXT],
                placeholder=placeholder,
                min_values=1,
            )
        rows.append(holder)
    return rows


def _clear_buttons(settings: GuildSettings, texts: Texts) -> hikari.api.MessageActionRowBuilder:
    buttons = [
        plain_button(
            f"{_CLEAR}{setting.value}",
            texts(f"settings.{setting.value}.clear"),
            disabled=settings.value(setting) is None,
        )
        for setting in SHOWN
    ]
    return row(*buttons)
