"""The form of tasks that are answered with a text: written in a modal, shown for confirmation, then sent."""

from datetime import datetime
from typing import Final, TypeVar

import hikari
from hikari import ButtonStyle
from hikari.impl import ModalActionRowBuilder, TextInputBuilder

from bot import limits
from bot.forms import custom_ids
from bot.forms.base import Form, FormEvent, FormProblem, FormState, ModalPanel, Panel
from bot.forms.controls import button, intro, row
from bot.forms.custom_ids import Action
from bot.rendering.conversation import CHOICE_COLOUR, PLAIN_COLOUR, Block, panels
from bot.rendering.markdown import escape
from bot.texts import Texts
from oasst_client.interactions import TextReplyToMessage
from oasst_client.models import User
from oasst_client.tasks import TextTask

_HINT_IN_INTRO: Final = 600
"""UTF-16 units of a hint that still stand in the intro; a longer one gets an embed of its own."""


class WritingState(FormState):
    """A text that waits for its confirmation, as the person typed it."""

    draft: str | None = None


TextTaskT = TypeVar("TextTaskT", bound=TextTask)


class WritingForm(Form[TextTaskT, WritingState]):
    """Write a text."""

    state_type = WritingState

    def blocks(self, task: TextTaskT, texts: Texts) -> list[Block]:  # noqa: ARG002  # kinds that show something use them
        """Return what is to be read before writing."""
        return []

    def first_state(self, task: TextTaskT) -> WritingState:  # noqa: ARG002  # other forms look at the task
        """Return the state without a draft."""
        return WritingState()

    def shown(
        self, task: TextTaskT, texts: Texts, *, lang: str | None = None, closes_at: datetime | None = None
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
        return panels(content, [*blocks, *self.blocks(task, texts)], texts)

    def controls(self, task: TextTaskT, state: WritingState, texts: Texts) -> Panel:
        """Return the button to write, or the draft with the buttons to send or edit it."""
        if state.draft is None:
            rows = (row(button(Action.write, texts("button.write"))),)
            return Panel(content=texts(f"write.start.{task.type}"), rows=rows)
        shown = panels("", [Block(texts("heading.draft"), state.draft, CHOICE_COLOUR)], texts)
        lines = [texts("write.check")]
        if len(shown) > 1:
            lines.append(texts("write.partly"))
        too_long = len(state.draft) > self.rules.longest_text
        if too_long:
            lines.append(self._too_long(state.draft).text(texts))
        buttons = row(
            button(Action.send, texts("button.send"), disabled=too_long),
            button(Action.edit, texts("button.edit"), style=ButtonStyle.PRIMARY),
        )
        return Panel(content="\n".join(lines), embeds=shown[0].embeds, rows=(buttons,))

    def modal(self, task: TextTaskT, state: WritingState, texts: Texts) -> ModalPanel:
        """Return the modal with one input, prefilled with the draft."""
        longest = min(limits.MODAL_TEXT, self.rules.longest_text)
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

    def apply(self, task: TextTaskT, state: WritingState, event: FormEvent) -> WritingState:  # noqa: ARG002  # as above
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
        task: TextTaskT,  # noqa: ARG002  # the text alone answers it
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
        if len(state.draft) > self.rules.longest_text:
            raise self._too_long(state.draft)
        return state.draft

    def _too_long(self, draft: str) -> FormProblem:
        return FormProblem("problem.text_too_long", length=len(draft), longest=self.rules.longest_text)
