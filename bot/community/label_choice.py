"""Which of several messages in one post is meant: the question, and what its answer says."""

from collections.abc import Sequence
from typing import Final

import hikari

from bot.forms.controls import menu, option, row
from bot.limits import OPTION_TEXT, SELECT_OPTIONS
from bot.rendering.markdown import preview
from bot.rendering.panels import Panel
from bot.store.shown import ShownMessage
from bot.texts import Texts

ID_PREFIX: Final = "label_which:1:"


def choice_panel(target: hikari.Message, shown: Sequence[ShownMessage], texts: Texts) -> Panel:
    """Ask which message of a post is meant, each named by its heading and its first words."""
    options = []
    for number, message in enumerate(shown[:SELECT_OPTIONS], start=1):
        heading, words = _as_posted(target, message.position)
        label = preview(heading, OPTION_TEXT) if heading else texts("label_menu.message", number=number)
        description = preview(words, OPTION_TEXT) if words else None
        options.append(option(label, str(message.position), description=description))
    choice = menu(f"{ID_PREFIX}{target.id}", texts("label_menu.choose"), options)
    return Panel(content=texts("label_menu.which"), rows=(row(choice),))


def chosen_message(values: Sequence[str], shown: Sequence[ShownMessage]) -> ShownMessage | None:
    """Return the message that was chosen; None where the post shows no such message."""
    value = next(iter(values), "")
    return next((message for message in shown if str(message.position) == value), None)


def post_of(custom_id: str) -> int | None:
    """Return the id of the post that the question is about; None where it names none."""
    value = custom_id.removeprefix(ID_PREFIX)
    return int(value) if value.isascii() and value.isdecimal() else None


def _as_posted(target: hikari.Message, position: int) -> tuple[str, str]:
    """Return heading and words of the embed at a position; empty where the post is not as expected."""
    if not 0 <= position < len(target.embeds):
        return "", ""
    embed = target.embeds[position]
    return (embed.author.name or "" if embed.author else ""), embed.description or ""
