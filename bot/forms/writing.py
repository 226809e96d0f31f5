"""The form of tasks that are answered with a text: written in a modal, shown for confirmation, then sent."""

import math
import re
from collections.abc import Sequence
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
from bot.forms.named_texts import NamedText
from bot.rendering.blank import is_blank
from bot.rendering.conversation import CHOICE_COLOUR, PLAIN_COLOUR, Block, panels
from bot.rendering.markdown import escape
from bot.texts import Texts
from oasst_client.interactions import TextReplyToMessage
from oasst_client.models import User
from oasst_client.tasks import TextTask

_HINT: Final = "hint"
_HINT_IN_INTRO: Final = 600
"""UTF-16 units of a hint that still stand in the intro; a longer one gets an embed of its own."""

_BEGINNING: Final = 3000
"""UTF-16 units that are shown of a draft that does not fit one message."""

_BLANK_LINES: Final = re.compile(r"\A(?:[^\S\n]*\n)+")


def whole_text(parts: Sequence[str]) -> str:
    """Return the text that was written in parts: those that say something, with a blank line between them."""
    written = [_BLANK_LINES.sub("", part).rstrip() for part in parts if not is_blank(part)]
    return "\n\n".join(written).strip()


class WritingState(FormState):
    """A text that waits for its confirmation.

    Attributes:
        parts: what stood in each input of the modal, as the person typed it.
        earlier: the parts of the text that this one took the place of.
    """

    parts: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()

    @property
    def draft(self) -> str | None:
        """The whole text; None where nothing was written yet."""
        return whole_text(self.parts) or None


TextTaskT = TypeVar("TextTaskT", bound=TextTask)


class WritingForm(Form[TextTaskT, WritingState]):
    """Write a text."""

    held_key = "held.write"
    state_type = WritingState

    def read_before(self, task: TextTaskT, texts: Texts) -> list[NamedText]:  # noqa: ARG002  # kinds that show something use them
        """Return what is to be read before writing."""
        return []

    def texts_of(self, task: TextTaskT, texts: Texts) -> list[NamedText]:
        """Return the idea that came with the task, if one did, and what is to be read."""
        hint = getattr(task, "hint", None)
        idea = [NamedText(_HINT, Block(texts("heading.hint"), hint, PLAIN_COLOUR))] if hint else []
        return [*idea, *self.read_before(task, texts)]

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
        blocks = [one.block for one in self.texts_of(task, texts) if not (short and one.name == _HINT)]
        return panels(content, blocks, texts)

    def controls(
        self, task: TextTaskT, state: WritingState, texts: Texts, *, held: str | None = None
    ) -> Panel:
        """Return the button to write, or the draft with the buttons to send or edit it."""
        if state.draft is None:
            lines = [texts(f"write.start.{task.type}")]
            if self._inputs(state) > 1:
                lines.append(texts("write.parts", parts=self._inputs(state)))
            return Panel(content="\n".join(lines), rows=(row(button(Action.write, texts("button.write"))),))
        whole = panels("", [_draft_block(state.draft, texts)], texts)
        partly = len(whole) > 1
        if partly:
            whole = panels("", [_draft_block(state.draft, texts, shorten_to=_BEGINNING)], texts)
        too_long = len(state.draft) > self.rules.longest_text
        buttons = [
            button(Action.send, texts("button.send"), disabled=too_long),
            button(Action.edit, texts("button.edit"), style=ButtonStyle.PRIMARY),
        ]
        if state.earlier:
            buttons.append(button(Action.undo, texts("button.undo")))
        if partly:
            buttons.append(button(Action.read, texts("button.read")))
        content = self._check(state.draft, held or texts("write.check"), texts)
        if too_long:
            content = self._too_long(state.draft).text(texts)
        return Panel(content=content, embeds=whole[0].embeds, rows=(row(*buttons),))

    def modal(self, task: TextTaskT, state: WritingState, texts: Texts) -> ModalPanel:
        """Return the modal, prefilled with the draft: one input, or as many as the longest text needs."""
        count = self._inputs(state)
        inputs = [
            TextInputBuilder(
                custom_id=custom_ids.MODAL_INPUTS[position],
                label=limits.trim(
                    texts("write.part", number=position + 1, count=count)
                    if count > 1
                    else texts("write.label"),
                    limits.MODAL_LABEL,
                ),
                style=hikari.TextInputStyle.PARAGRAPH,
                placeholder=limits.trim(
                    texts("write.placeholder_more" if position else f"write.placeholder.{task.type}"),
                    limits.MODAL_PLACEHOLDER,
                ),
                value=value or hikari.UNDEFINED,
                required=position == 0,
                min_length=0 if position else 1,
                max_length=limits.MODAL_TEXT if count > 1 else self._longest_input(value),
            )
            for position, value in enumerate([*state.parts, *[""] * count][:count])
        ]
        return ModalPanel(
            custom_ids.MODAL,
            limits.trim(texts(f"write.title.{task.type}"), limits.MODAL_TITLE),
            tuple(ModalActionRowBuilder(components=[one]) for one in inputs),
        )

    def in_full(self, task: TextTaskT, state: WritingState, values: Sequence[str], texts: Texts) -> Block:  # noqa: ARG002  # as on the base
        """Return the draft."""
        if state.draft is None:
            raise FormProblem("problem.text_missing")
        return _draft_block(state.draft, texts)

    def apply(self, task: TextTaskT, state: WritingState, event: FormEvent) -> WritingState:  # noqa: ARG002  # as above
        """Take a submitted text, bring back the one before it, or send."""
        if event.action is Action.text:
            draft = whole_text(event.values)
            if not draft:
                raise FormProblem("problem.text_empty")
            # A text that is too long is kept, so that it can be shortened; it is only not sent.
            replaced = state.parts if state.draft != draft else state.earlier
            return state.model_copy(update={"parts": event.values, "earlier": replaced})
        if event.action is Action.undo and state.earlier:
            return state.model_copy(update={"parts": state.earlier, "earlier": state.parts})
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

    def _inputs(self, state: WritingState) -> int:
        """Return how many inputs the modal has: enough for the longest text, and for what was typed."""
        needed = max(math.ceil(self.rules.longest_text / limits.MODAL_TEXT), len(state.parts))
        return min(needed, limits.MODAL_INPUTS)

    def _longest_input(self, value: str) -> int:
        return min(limits.MODAL_TEXT, max(self.rules.longest_text, limits.utf16_length(value)))

    def _check(self, draft: str, ask: str, texts: Texts) -> str:
        length, longest = texts.number(len(draft)), texts.number(self.rules.longest_text)
        return f"{ask}\n{texts('write.count', length=length, longest=longest)}"

    def _too_long(self, draft: str) -> FormProblem:
        return FormProblem("problem.text_too_long", length=len(draft), longest=self.rules.longest_text)


def _draft_block(draft: str, texts: Texts, *, shorten_to: int | None = None) -> Block:
    return Block(texts("heading.draft"), draft, CHOICE_COLOUR, shorten_to=shorten_to)
