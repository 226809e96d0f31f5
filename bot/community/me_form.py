"""The form in which somebody gives a text of theirs another wording."""

import math
import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import hikari
from hikari.impl import ModalActionRowBuilder, TextInputBuilder

from bot import limits
from bot.community.me_ids import modal_id
from bot.forms.custom_ids import MODAL_INPUTS
from bot.forms.writing import whole_text
from bot.rendering.panels import ModalPanel
from bot.texts import Texts

_PARAGRAPHS: Final = re.compile(r"\n[^\S\n]*\n\s*")


def form_parts(text: str) -> tuple[str, ...] | None:
    """Cut a text so that its parts fit the inputs of a form, and make the same text when put together.

    Returns:
        One to five parts; None where it cannot be cut so: a paragraph is too long, or there are too many.
    """
    if limits.utf16_length(text) <= limits.MODAL_TEXT:
        return (text,)
    parts: list[str] = []
    for paragraph in _PARAGRAPHS.split(text):
        longer = f"{parts[-1]}\n\n{paragraph}" if parts else paragraph
        if parts and limits.utf16_length(longer) <= limits.MODAL_TEXT:
            parts[-1] = longer
        else:
            parts.append(paragraph)
    fits = len(parts) <= limits.MODAL_INPUTS and all(
        limits.utf16_length(part) <= limits.MODAL_TEXT for part in parts
    )
    return tuple(parts) if fits and whole_text(parts) == text.strip() else None


def wording_form(message_id: UUID, parts: Sequence[str], texts: Texts, *, longest_text: int) -> ModalPanel:
    """Build the form.

    Args:
        message_id: the message.
        parts: what it is filled with, as `form_parts` cut it.
        texts: the reader's language.
        longest_text: how many characters (code points) the backend takes.
    """
    count = min(max(math.ceil(longest_text / limits.MODAL_TEXT), len(parts)), limits.MODAL_INPUTS)
    inputs = [
        TextInputBuilder(
            custom_id=MODAL_INPUTS[position],
            label=limits.trim(
                texts("write.part", number=position + 1, count=count) if count > 1 else texts("write.label"),
                limits.MODAL_LABEL,
            ),
            style=hikari.TextInputStyle.PARAGRAPH,
            value=value or hikari.UNDEFINED,
            required=position == 0,
            min_length=0 if position else 1,
            max_length=limits.MODAL_TEXT
            if count > 1
            else min(limits.MODAL_TEXT, max(longest_text, limits.utf16_length(value))),
        )
        for position, value in enumerate([*parts, *[""] * count][:count])
    ]
    return ModalPanel(
        modal_id(message_id),
        limits.trim(texts("me.edit.title"), limits.MODAL_TITLE),
        tuple(ModalActionRowBuilder(components=[one]) for one in inputs),
    )


def written_text(interaction: hikari.ModalInteraction) -> str:
    """Put together what was typed into the form; empty where nothing can be read."""
    return whole_text([component.value for row in interaction.components for component in row.components])
