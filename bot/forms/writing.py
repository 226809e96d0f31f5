"""The form of tasks that are answered with a text: written in a modal, shown for confirmation, then sent."""

from datetime import datetime
from typing import Final

import hikari
from hikari import ButtonStyle
from hikari.impl import ModalActionRowBuilder, TextInputBuilder

from bot import limits
from bot.forms import custom_ids
from bot.forms.base import Form, FormEvent, FormProblem, FormState, ModalPanel, Panel
from bot.forms.controls import button, intro, leaving_buttons, row
from bot.forms.custom_ids import Action
from bot.rendering.conversation import (
    CHOICE_COLOUR,
    PLAIN_COLOUR,
    Block,
    conversation_blocks,
    panels,
)
from bot.rendering.markdown import escape
from bot.texts import Texts
from oasst_client.interactions import TextReplyToMessage
from oasst_client.models import User
from oasst_client.tasks import InitialPromptTask, SummarizeStoryTask, TextTask

_HINT_IN_INTRO: Final = 600
"""UTF-16 units of a hint that still stand in the intro; a longer one gets an embed of its own."""


class WritingState(FormState):
    """A text that waits for its confirmation, as the person typed it."""

    draft: str | None = None


class WritingForm(Form[TextTask, WritingState]):
    """Write a text.

    Args:
        longest_text: how many characters (code points) the backend takes.
    """

    state_type = WritingState

    def __init__(self, longest_text: int) -> None:
        self._longest = longest_text

    def first_state(self, task: TextTask) -> WritingState:  # noqa: ARG002  # other forms look at the task
        """Return the state without a draft."""
        return WritingState()

    def shown(
        self, task: TextTask, texts: Texts, *, lang: str | None = None, closes_at: datetime | None = None
    ) -> list[Panel]:
        """Return the conversation or the story, with what to do above it."""
        hint = escape(getattr(task, "hint", None) or "")
        short = limits.utf16_length(hint) <= _HINT_IN_INTRO
        content = intro(
            task.type,
            texts,
            lang=lang,
            closes_at=closes_at,
            context=[("hint", hint if hint and short else None)],
        )
        blocks = [] if short else [Block(texts("heading.hint"), str(getattr(task, "hint", "")), PLAIN_COLOUR)]
        if isinstance(task, SummarizeStoryTask):
            blocks.append(Block(texts("heading.story"), task.story, PLAIN_COLOUR))
        elif not isinstance(task, InitialPromptTask):
            blocks += conversation_blocks(task.conversation.messages, texts)
        return panels(content, blocks, texts)

    def controls(self, task: TextTask, state: WritingState, texts: Texts) -> Panel:
        """Return the button to write, or the draft with the buttons to send or edit it."""
        if state.draft is None:
            rows = (row(button(Action.write, texts("button.write")), *leaving_buttons(texts)),)
            return Panel(content=texts(f"write.start.{task.type}"), rows=rows)
        shown = panels("", [Block(texts("heading.draft"), state.draft, CHOICE_COLOUR)], texts)
        lines = [texts("write.check")]
        if len(shown) > 1:
            lines.append(texts("write.partly"))
        too_long = len(state.draft) > self._longest
        if too_long:
            lines.append(self._too_long(state.draft).text(texts))
        buttons = row(
            button(Action.send, texts("button.send"), disabled=too_long),
            button(Action.edit, texts("button.edit"), style=ButtonStyle.PRIMARY),
            *leaving_buttons(texts),
        )
        return Panel(content="\n".join(lines), embeds=shown[0].embeds, rows=(buttons,))

    def modal(self, task: TextTask, state: WritingState, texts: Texts) -> ModalPanel:
        """Return the modal with one input, prefilled with the draft."""
        longest = min(limits.MODAL_TEXT, self._longest)
        draft = state.draft or ""
        text_input = TextInputBuilder(
            custom_id=custom_ids.MODAL_INPUT,
            label=limits.trim(texts("write.label"), limits.MODAL_LABEL),
            style=hikari.TextInputStyle.PARAGRAPH,
            placeholder=limits.trim(texts(f"write.placeholder.{task.type}"), limits.MODAL_PLACEHOLDER),
            value=draft or hikari.UNDEFINED,
            min_length=1,
            max_length=min(limits.MODAL_TEXT, max(longest, len(draft))),
        )
        return ModalPanel(
            custom_ids.MODAL,
            limits.trim(texts(f"write.title.{task.type}"), limits.MODAL_TITLE),
            (ModalActionRowBuilder(components=[text_input]),),
        )

    def apply(self, task: TextTask, state: WritingState, event: FormEvent) -> WritingState:  # noqa: ARG002  # as above
        """Take a submitted text, or send the draft."""
        if event.action is Action.text:
            draft = (event.text or "").strip()
            if not draft:
                raise FormProblem("problem.text_empty")
            # A text that is too long is kept, so that it can be shortened; it is only not sent.
            return state.model_copy(update={"draft": draft})
        if event.action is Action.send:
            self._complete(state)
            return state.model_copy(update={"sent": True})
        raise FormProblem("problem.not_here")

    def interaction(  # described on the base
        self,
        task: TextTask,  # noqa: ARG002  # the text alone answers it
        state: WritingState,
        *,
        user: User,
        message_id: str,
        user_message_id: str,
        lang: str | None,
    ) -> TextReplyToMessage:
        """Return the text as the protocol's reply."""
        return TextReplyToMessage(
            user=user,
            message_id=message_id,
            user_message_id=user_message_id,
            text=self._complete(state),
            lang=lang,
        )

    def _complete(self, state: WritingState) -> str:
        if state.draft is None:
            raise FormProblem("problem.text_missing")
        if len(state.draft) > self._longest:
            raise self._too_long(state.draft)
        return state.draft

    def _too_long(self, draft: str) -> FormProblem:
        return FormProblem("problem.text_too_long", length=len(draft), longest=self._longest)
