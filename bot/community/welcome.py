"""The welcome after a person's first acceptance of the terms: languages, and whether to be shown how."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import hikari
from hikari import ButtonStyle

from bot import languages
from bot.community.language_menus import MOST_MENUS, language_rows
from bot.community.languages_desk import chosen_line
from bot.community.names import safe_name
from bot.forms.controls import plain_button, row
from bot.rendering.panels import Panel
from bot.sessions.terms import Purpose, parse_purpose, with_purpose
from bot.sessions.wish import Wish
from bot.texts import Texts

ID_PREFIX: Final = "welcome:1:"

_COLOUR: Final = 0x3BA55D


class WelcomeAction(StrEnum):
    """What a person does on the panel: choose languages, be shown how, or go straight on."""

    languages = "languages"
    learn = "learn"
    go = "go"


@dataclass(frozen=True, slots=True)
class WelcomeId:
    """What a custom_id says; it carries what the person came for, so that it works after any restart."""

    action: WelcomeAction
    purpose: Purpose


def welcome_panel(
    name: str, purpose: Purpose, tags: Sequence[str], chosen: Sequence[str], texts: Texts
) -> Panel:
    """Ask for languages, and offer the tutorial.

    Args:
        name: what the person is called, as they wrote it.
        purpose: what they came for.
        tags: what languages can be chosen.
        chosen: those that are marked.
        texts: the person's language.
    """
    lines = [texts("welcome.languages"), chosen_line(list(chosen), texts), "", texts("welcome.tutorial")]
    embed = hikari.Embed(
        title=texts("welcome.title", name=safe_name(name)), description="\n".join(lines), color=_COLOUR
    )
    ids = [
        with_purpose(f"{ID_PREFIX}{WelcomeAction.languages}:{number}:", purpose)
        for number in range(MOST_MENUS)
    ]
    straight = "welcome.straight.task" if isinstance(purpose, Wish) else "welcome.straight.on"
    buttons = row(
        plain_button(_id(WelcomeAction.learn, purpose), texts("welcome.learn"), ButtonStyle.PRIMARY),
        plain_button(_id(WelcomeAction.go, purpose), texts(straight)),
    )
    return Panel(embeds=(embed,), rows=(*language_rows(ids, tags, chosen, texts), buttons))


def parse_welcome_id(custom_id: str) -> WelcomeId | None:
    """Read what a custom_id says; None where it is none that was made here."""
    if not custom_id.startswith(ID_PREFIX):
        return None
    action, _, value = custom_id.removeprefix(ID_PREFIX).partition(":")
    if action == WelcomeAction.languages:
        _, _, value = value.partition(":")
    purpose = parse_purpose(value)
    if purpose is None or action not in set(WelcomeAction):
        return None
    return WelcomeId(WelcomeAction(action), purpose)


def preselected(purpose: Purpose, locale: str) -> list[str]:
    """Give the languages that a person most likely works in: the one they named, that of their Discord."""
    named = [purpose.lang] if isinstance(purpose, Wish) and purpose.remembers_lang else []
    return list(dict.fromkeys([*named, languages.of_locale(locale)]))


def in_their_language(purpose: Purpose, chosen: Sequence[str]) -> Purpose:
    """Give the purpose in a language that the person chose, unless they named its language themselves."""
    if not isinstance(purpose, Wish) or not purpose.takes_other_langs or not chosen:
        return purpose
    if purpose.lang in chosen:
        return purpose
    return replace(purpose, lang=chosen[0])


def _id(action: WelcomeAction, purpose: Purpose) -> str:
    return with_purpose(f"{ID_PREFIX}{action}:", purpose)
