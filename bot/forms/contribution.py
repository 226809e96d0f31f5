"""The form of the menu "Contribute": a message of one's own, to be given as a first message."""

import re
from dataclasses import replace
from typing import Final
from uuid import UUID

from bot import limits
from bot.forms.base import FormRules, ModalPanel
from bot.forms.registry import form_for
from bot.forms.writing import WritingState
from bot.texts import Texts
from oasst_client.tasks import InitialPromptTask

_TASK: Final = InitialPromptTask(id=UUID(int=0))
"""What the form is like; the task itself comes once the text is there."""

_EMOJI: Final = re.compile(r"<a?(:\w{1,32}:)\d{1,20}>")
_PERSON_OR_ROLE: Final = re.compile(r"<@[!&]?\d{1,20}>")
_CHANNEL: Final = re.compile(r"<#\d{1,20}>")


def without_ids(content: str) -> str:
    """Return what a message says without Discord's numbers: nobody else's id goes into a dataset.

    Emoji keep their names; of people, roles and channels only the sign is left, for the author to fill in.
    """
    named = _EMOJI.sub(r"\1", content)
    return _CHANNEL.sub("#…", _PERSON_OR_ROLE.sub("@…", named))


def contribution_modal(
    content: str, longest_text: int, custom_id: str, texts: Texts, *, language: str | None
) -> ModalPanel:
    """Return the modal with what a message says, in as many inputs as that or the longest text needs.

    Args:
        content: the message, as its author wrote it.
        longest_text: how many characters the backend takes.
        custom_id: what the modal is called.
        texts: the reader's language.
        language: the language in which the text is given, in words; None: it is asked for afterwards.
    """
    state = WritingState(parts=_parts(without_ids(content)))
    modal = form_for(_TASK, FormRules(longest_text)).modal(_TASK, state, texts)
    title = texts("contribute.title") if language is None else texts("contribute.title_in", language=language)
    return replace(modal, custom_id=custom_id, title=limits.trim(title, limits.MODAL_TITLE))


def _parts(content: str) -> tuple[str, ...]:
    """Cut what is too long for one input, at a blank line, a line or a word if there is one."""
    parts = []
    while len(content) > limits.MODAL_TEXT:
        window = content[: limits.MODAL_TEXT]
        found = (window.rfind(mark) for mark in ("\n\n", "\n", " "))
        end = next((place for place in found if place > 0), limits.MODAL_TEXT)
        parts.append(content[:end])
        content = content[end:].lstrip()
    return (*parts, content)
