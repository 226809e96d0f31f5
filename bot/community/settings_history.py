"""The history of a server's settings: who changed what, from what, to what, when; pages of it."""

from typing import Final

import hikari

from bot.access import Deed
from bot.community.names import mention_of
from bot.community.settings_editor import SettingsEditor
from bot.community.settings_panel import COLOUR
from bot.community.settings_words import setting_name, short_value
from bot.forms.controls import plain_button, row
from bot.numbers import number_in
from bot.outgoing import Answerable
from bot.rendering import times
from bot.rendering.panels import Panel
from bot.services import Services
from bot.store.guilds import SettingChange
from bot.texts import Texts, texts_for

PREFIX: Final = "settings_history:1:"
"""What the buttons' ids start with; the page follows, from 0."""

ON_PAGE: Final = 8
"""Changes on a page: with two values of 150 characters each they fit one embed."""


class HistoryDesk:
    """Shows the history, the newest change first."""

    def __init__(self, services: Services) -> None:
        self._guilds = services.store.guilds
        self._outgoing = services.outgoing
        self._editor = SettingsEditor(services, Deed.settings)

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command with the first page."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is not None:
            await self._outgoing.defer(interaction)
            await self._show(interaction, guild_id, 0)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Turn the page."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is not None:
            await self._outgoing.defer_update(interaction)
            await self._show(interaction, guild_id, _page(interaction.custom_id))

    async def _show(self, interaction: Answerable, guild_id: int, wanted: int) -> None:
        pages = max(-(-await self._guilds.count_changes(guild_id) // ON_PAGE), 1)
        page = min(wanted, pages - 1)
        changes = await self._guilds.changes(guild_id, skip=page * ON_PAGE, most=ON_PAGE, newest_first=True)
        texts = texts_for(str(interaction.locale))
        await self._outgoing.finish(interaction, history_panel(changes, page, pages, texts))


def history_panel(changes: list[SettingChange], page: int, pages: int, texts: Texts) -> Panel:
    """Show some changes.

    Args:
        changes: those of the page, the newest first.
        page: which page it is, from 0.
        pages: how many there are, 1 or more.
        texts: the reader's language.
    """
    lines = [_line(change, texts) for change in changes] or [texts("settings.history.empty")]
    embed = hikari.Embed(title=texts("settings.history.title"), description="\n".join(lines), color=COLOUR)
    if pages == 1:
        return Panel(embeds=(embed,))
    embed.set_footer(texts("settings.history.page", page=page + 1, pages=pages))
    buttons = (
        plain_button(f"{PREFIX}{max(page - 1, 0)}", texts("settings.history.newer"), disabled=page == 0),
        plain_button(f"{PREFIX}{page + 1}", texts("settings.history.older"), disabled=page + 1 == pages),
    )
    return Panel(embeds=(embed,), rows=(row(*buttons),))


def _line(change: SettingChange, texts: Texts) -> str:
    return texts(
        "settings.history.line",
        time=times.date_and_time(change.changed_at),
        who=mention_of(change.changed_by, texts),
        name=setting_name(change.setting, texts),
        old=short_value(change.setting, change.old_value, texts),
        new=short_value(change.setting, change.new_value, texts),
    )


def _page(custom_id: str) -> int:
    """Read the page out of an id; anybody can forge it, and the last page is the end."""
    return number_in(custom_id.removeprefix(PREFIX)) or 0
