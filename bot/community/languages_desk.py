"""Answers /languages: which languages a person can work in, and their choice."""

from typing import Final

import hikari

from bot.access import Deed
from bot.community.language_menus import MOST_MENUS, after_choice, language_rows, offered
from bot.community.refusing import is_refused
from bot.outgoing import Answerable
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import Texts, texts_for

ID_PREFIX: Final = "languages:1:"

_IDS: Final = [f"{ID_PREFIX}{number}" for number in range(MOST_MENUS)]
_COLOUR: Final = 0x5865F2


class LanguagesDesk:
    """Shows and keeps people's languages; whoever chooses, chooses for themselves."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._people = services.store.people

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command."""
        if await is_refused(self._services, interaction, Deed.languages):
            return
        texts = texts_for(str(interaction.locale))
        chosen = await self._people.languages(int(interaction.user.id))
        await self._services.outgoing.whisper(interaction, await self._panel(interaction, chosen, texts))

    async def choose(self, interaction: hikari.ComponentInteraction) -> None:
        """Take a choice; the panel shows what it made."""
        if await is_refused(self._services, interaction, Deed.languages):
            return
        texts = texts_for(str(interaction.locale))
        before = await self._people.languages(int(interaction.user.id))
        chosen, notice = after_choice(interaction, before), "languages.saved"
        if chosen:
            await self._people.set_languages(int(interaction.user.id), chosen, now=self._services.clock.now())
        else:
            chosen, notice = before, "languages.at_least_one"
        panel = await self._panel(interaction, chosen, texts)
        await self._services.outgoing.update(interaction, panel.with_notice(texts(notice)))

    async def server_languages(self, interaction: Answerable) -> tuple[str, ...]:
        """List the languages that the server offers where a person is; empty: all alike."""
        if interaction.guild_id is None:
            return ()
        return (await self._services.store.guilds.settings(int(interaction.guild_id))).languages

    async def _panel(self, interaction: Answerable, chosen: list[str], texts: Texts) -> Panel:
        tags = offered(await self.server_languages(interaction), chosen, str(interaction.locale))
        usual = await self._people.language(int(interaction.user.id))
        lines = [texts("languages.about"), "", chosen_line(chosen, texts)]
        if usual is not None:
            lines.append(texts("languages.usual", language=texts.language_name(usual)))
        embed = hikari.Embed(title=texts("languages.title"), description="\n".join(lines), color=_COLOUR)
        return Panel(embeds=(embed,), rows=tuple(language_rows(_IDS, tags, chosen, texts)))


def chosen_line(chosen: list[str], texts: Texts) -> str:
    """Name the chosen languages."""
    if not chosen:
        return texts("languages.none")
    return texts("languages.chosen", languages=", ".join(texts.language_name(tag) for tag in chosen))
