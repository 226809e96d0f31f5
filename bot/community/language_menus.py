"""The menus with which people choose the languages that they can work in, and what a choice makes of them."""

from collections.abc import Sequence
from typing import Final

import hikari

from bot import languages
from bot.forms.controls import menu, option, row
from bot.limits import SELECT_OPTIONS
from bot.texts import Texts

MOST_MENUS: Final = 4
"""Of the five rows of a message one is for buttons."""


def offered(server_languages: Sequence[str], chosen: Sequence[str], locale: str) -> list[str]:
    """List what can be chosen, as many as the menus hold: the server's first, the reader's, then by name.

    Args:
        server_languages: those that the server offers; empty: all alike.
        chosen: the person's own, which never go missing.
        locale: the reader's, one of Discord's.
    """
    room = MOST_MENUS * SELECT_OPTIONS
    listed = languages.everything(server_languages, locale)
    unlisted = [tag for tag in chosen if tag not in listed][:room]
    return listed[: room - len(unlisted)] + unlisted


def language_rows(
    ids: Sequence[str], tags: Sequence[str], chosen: Sequence[str], texts: Texts
) -> list[hikari.api.MessageActionRowBuilder]:
    """Show the menus, one a row; what is chosen is marked.

    Args:
        ids: a custom_id for each menu, `MOST_MENUS` of them.
        tags: what is `offered`.
        chosen: what is marked.
        texts: the reader's language.
    """
    rows: list[hikari.api.MessageActionRowBuilder] = []
    for number, start in enumerate(range(0, len(tags), SELECT_OPTIONS)):
        part = tags[start : start + SELECT_OPTIONS]
        words = texts("languages.choose" if number == 0 else "languages.more")
        options = [_option(tag, texts, chosen=tag in chosen) for tag in part]
        rows.append(row(menu(ids[number], words, options, least=0, most=len(part))))
    return rows


def after_choice(interaction: hikari.ComponentInteraction, before: Sequence[str]) -> list[str]:
    """Give the languages after a choice in one of the menus: those of the other menus stay.

    What is no language is left out, whatever a client sends.
    """
    in_menu = _values_of(interaction)
    kept = [tag for tag in before if tag not in in_menu or tag in interaction.values]
    added = [tag for tag in interaction.values if tag in in_menu and languages.understand(tag) == tag]
    return list(dict.fromkeys([*kept, *added]))


def _values_of(interaction: hikari.ComponentInteraction) -> set[str]:
    return {
        choice.value
        for line in interaction.message.components
        if isinstance(line, hikari.ActionRowComponent)
        for part in line.components
        if isinstance(part, hikari.TextSelectMenuComponent) and part.custom_id == interaction.custom_id
        for choice in part.options
    }


def _option(tag: str, texts: Texts, *, chosen: bool) -> hikari.impl.SelectOptionBuilder:
    name, own = texts.language_name(tag), languages.own_name(tag)
    label = name[:1].upper() + name[1:]
    return option(label, tag, description=own if own != label else None, chosen=chosen)
