"""A server's settings as one message of several pages: values, what is amiss, controls to change them."""

from collections.abc import Mapping
from typing import Final

import hikari
from hikari.impl import ModalActionRowBuilder, TextInputBuilder

from bot import limits
from bot.community.guild_health import GOOD, Health
from bot.community.settings_ids import LIMIT_INPUT, LIMIT_MODAL, PAGES, Control, Page, Surface
from bot.community.settings_menus import control_rows
from bot.community.settings_words import setting_lines, setting_name
from bot.forms.controls import plain_button, row
from bot.guild_settings import GuildSetting, GuildSettings
from bot.rendering.panels import ModalPanel, Panel
from bot.texts import Texts

COLOUR: Final = 0x5865F2

LIMIT_LENGTH: Final = 100
"""Characters that can be typed as a daily limit: more than fit, so that a slip is answered by us in words."""


def settings_panel(
    page: Page,
    settings: GuildSettings,
    health: Mapping[GuildSetting, Health],
    texts: Texts,
    *,
    notice: str = "",
) -> Panel:
    """Show one page of the settings.

    Args:
        page: one of the settings' pages.
        settings: as they stand.
        health: of what is set on the page.
        texts: the reader's language.
        notice: one line about what the reader just did, above everything.
    """
    embed = hikari.Embed(
        title=texts("settings.title", page=texts(f"settings.page.{page.value}")),
        description=texts("settings.about"),
        color=COLOUR,
    )
    add_settings(embed, PAGES[Surface.settings][page], settings, health, texts)
    rows = control_rows(Surface.settings, page, settings, health, texts)
    return Panel(content=notice, embeds=(embed,), rows=(*rows, _page_buttons(page, texts)))


def add_settings(
    embed: hikari.Embed,
    shown: tuple[GuildSetting, ...],
    settings: GuildSettings,
    health: Mapping[GuildSetting, Health],
    texts: Texts,
) -> None:
    """Give each setting a field: its value, what is amiss, what it does."""
    for setting in shown:
        lines = setting_lines(setting, settings, health.get(setting, GOOD), texts)
        embed.add_field(setting_name(setting, texts), limits.trim("\n".join(lines), limits.EMBED_FIELD_VALUE))


def limit_modal(settings: GuildSettings, texts: Texts) -> ModalPanel:
    """Ask for the daily limit; it shows the one that stands."""
    value = "" if settings.daily_limit is None else str(settings.daily_limit)
    text_input = TextInputBuilder(
        custom_id=LIMIT_INPUT,
        label=limits.trim(texts("settings.daily_limit.label"), limits.MODAL_LABEL),
        placeholder=limits.trim(texts("settings.daily_limit.placeholder"), limits.MODAL_PLACEHOLDER),
        value=value or hikari.UNDEFINED,
        required=False,
        max_length=LIMIT_LENGTH,
    )
    title = limits.trim(texts("settings.daily_limit.name"), limits.MODAL_TITLE)
    return ModalPanel(LIMIT_MODAL, title, (ModalActionRowBuilder(components=[text_input]),))


def _page_buttons(page: Page, texts: Texts) -> hikari.api.MessageActionRowBuilder:
    # The page that is open can be pressed, too: it looks again for what was amiss.
    return row(
        *(
            plain_button(
                str(Control(Surface.settings, each)),
                texts(f"settings.page.{each.value}"),
                hikari.ButtonStyle.PRIMARY if each is page else hikari.ButtonStyle.SECONDARY,
            )
            for each in PAGES[Surface.settings]
        )
    )
