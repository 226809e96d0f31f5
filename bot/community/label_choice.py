"""Which of several messages in one post is meant: the question, and what its answer says."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import hikari

from bot.access import Deed
from bot.forms.controls import menu, option, row
from bot.limits import OPTION_TEXT, SELECT_OPTIONS
from bot.numbers import number_in
from bot.rendering.markdown import preview
from bot.rendering.panels import Panel
from bot.store.shown import ShownMessage
from bot.texts import Texts


class LabelKind(StrEnum):
    """Whether somebody labels a message of the dataset, or reports it; by the words that belong to it."""

    labels = "label_menu"
    report = "report"

    @property
    def deed(self) -> Deed:
        """What the gate is asked for."""
        return Deed.report if self is LabelKind.report else Deed.label

    @property
    def id_prefix(self) -> str:
        """What the custom_id of the question starts with; then comes the post's id."""
        return "report_which:1:" if self is LabelKind.report else "label_which:1:"


ID_PREFIXES: Final = {kind.id_prefix: kind for kind in LabelKind}


def choice_panel(
    target: hikari.Message, shown: Sequence[ShownMessage], kind: LabelKind, texts: Texts
) -> Panel:
    """Ask which message of a post is meant, each named by its heading and its first words."""
    options = []
    for number, message in enumerate(shown[:SELECT_OPTIONS], start=1):
        heading, words = _as_posted(target, message.position)
        label = preview(heading, OPTION_TEXT) if heading else texts("label_menu.message", number=number)
        description = preview(words, OPTION_TEXT) if words else None
        options.append(option(label, str(message.position), description=description))
    choice = menu(f"{kind.id_prefix}{target.id}", texts("label_menu.choose"), options)
    return Panel(content=texts(f"{kind.value}.which_message"), rows=(row(choice),))


def chosen_message(values: Sequence[str], shown: Sequence[ShownMessage]) -> ShownMessage | None:
    """Return the message that was chosen; None where the post shows no such message."""
    value = next(iter(values), "")
    return next((message for message in shown if str(message.position) == value), None)


def post_of(custom_id: str) -> tuple[LabelKind, int] | None:
    """Return what is done, and the id of the post that the question is about; None where it names none."""
    for prefix, kind in ID_PREFIXES.items():
        post_id = number_in(custom_id.removeprefix(prefix))
        if post_id is not None and custom_id.startswith(prefix):
            return kind, post_id
    return None


def _as_posted(target: hikari.Message, position: int) -> tuple[str, str]:
    """Return heading and words of the embed at a position, or the name of the file; else both are empty."""
    if 0 <= position < len(target.embeds):
        embed = target.embeds[position]
        return (embed.author.name or "" if embed.author else ""), embed.description or ""
    if 0 <= position < len(target.attachments):
        return target.attachments[position].filename, ""
    return "", ""
