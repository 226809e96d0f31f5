"""The form of label tasks, and the same questions about a message outside a task."""

from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

import hikari

from bot.forms.base import Form, FormEvent, FormProblem, Panel
from bot.forms.controls import button, intro, row
from bot.forms.custom_ids import Action, Space
from bot.forms.label_sheet import LabelSheet, LabelState, described
from bot.rendering.conversation import (
    PLAIN_COLOUR,
    TARGET_COLOUR,
    Block,
    block_embeds,
    conversation_blocks,
    panels,
)
from bot.rendering.markdown import preview
from bot.texts import Texts, texts_for
from oasst_client.interactions import TextLabels
from oasst_client.models import LabelDescription, User
from oasst_client.tasks import LabelTask

_QUOTE: Final = 900

LabelTaskT = TypeVar("LabelTaskT", bound=LabelTask)


class LabelForm(Form[LabelTaskT, LabelState]):
    """Label the last message of a conversation."""

    state_type = LabelState

    def first_state(self, task: LabelTask) -> LabelState:  # noqa: ARG002  # other forms look at the task
        """Return the state with nothing answered."""
        return LabelState()

    def shown(
        self, task: LabelTaskT, texts: Texts, *, lang: str | None = None, closes_at: datetime | None = None
    ) -> list[Panel]:
        """Return the conversation; its last message is marked as the one to label."""
        content = intro(
            task.type,
            texts,
            lang=lang,
            closes_at=closes_at,
            context=[("count", len(task.conversation.messages))],
        )
        *before, last = conversation_blocks(task.conversation.messages, texts)
        heading = texts("heading.to_label", heading=last.heading)
        return panels(content, [*before, Block(heading, last.text, TARGET_COLOUR, task.message_id)], texts)

    def controls(self, task: LabelTaskT, state: LabelState, texts: Texts) -> Panel:
        """Return one page of questions with what they mean, and the buttons."""
        sheet = _sheet(task, texts)
        rows = sheet.label_rows(state, texts, Space.task)
        buttons = [
            *sheet.paging_buttons(state, texts, Space.task),
            button(Action.send, texts("button.send")),
        ]
        embeds = (sheet.help_embed(state, texts),) if sheet.rows else ()
        content = texts("labels.guidance_required" if task.mandatory_labels else "labels.guidance")
        return Panel(content=content, embeds=embeds, rows=(*rows, row(*buttons)))

    def apply(self, task: LabelTaskT, state: LabelState, event: FormEvent) -> LabelState:
        """Take an answer, turn a page, or send."""
        sheet = _sheet(task, texts_for(None))
        if event.action is Action.send:
            sheet.values(state)
            return state.model_copy(update={"sent": True})
        return state.model_copy(update=sheet.apply(state, event))

    def interaction(  # described on the base
        self,
        task: LabelTaskT,
        state: LabelState,
        *,
        user: User,
        message_id: str,  # noqa: ARG002  # labels name the labelled message and the task
        user_message_id: str,  # noqa: ARG002  # only texts have one
        lang: str | None,  # noqa: ARG002  # labels have no language
    ) -> TextLabels:
        """Return the answers as the protocol's labels of this task."""
        return TextLabels(
            user=user,
            text=task.conversation.messages[-1].text,
            labels=_sheet(task, texts_for(None)).values(state),
            message_id=task.message_id,
            task_id=task.id,
        )


class FreeLabelState(LabelState):
    """Labels for a message outside a task, with all that the panel needs to be shown again."""

    message_id: UUID
    text: str
    labels: list[LabelDescription]


class FreeLabelForm:
    """Label any message of the dataset; nothing is mandatory, one answer is enough."""

    def first_state(self, message_id: UUID, text: str, labels: list[LabelDescription]) -> FreeLabelState:
        """Return the state with nothing answered.

        Args:
            message_id: the backend's id of the message.
            text: what the message says.
            labels: what may be asked about it.
        """
        return FreeLabelState(message_id=message_id, text=text, labels=labels)

    def panel(self, state: FreeLabelState, texts: Texts) -> Panel:
        """Return the beginning of the message and one page of questions; ids: `custom_ids.ALL_LABEL`."""
        sheet = LabelSheet(state.labels)
        quote = Block(texts("heading.labelled"), preview(state.text, _QUOTE), PLAIN_COLOUR, state.message_id)
        embeds: list[hikari.Embed] = block_embeds(quote, texts)
        if sheet.rows:
            embeds.append(sheet.help_embed(state, texts))
        buttons = [
            *sheet.paging_buttons(state, texts, Space.label),
            button(Action.send, texts("button.send"), space=Space.label),
            button(Action.stop, texts("button.cancel"), space=Space.label),
        ]
        return Panel(
            content=texts("labels.free_guidance"),
            embeds=tuple(embeds),
            rows=(*sheet.label_rows(state, texts, Space.label), row(*buttons)),
            backend_message_ids=((0, state.message_id),),
        )

    def apply(self, state: FreeLabelState, event: FormEvent) -> FreeLabelState:
        """Return the state after an answer, a turned page or a send.

        Raises:
            FormProblem: the event does not fit; the state stays as it was.
        """
        sheet = LabelSheet(state.labels)
        if event.action is Action.send:
            self._complete(state)
            return state.model_copy(update={"sent": True})
        return state.model_copy(update=sheet.apply(state, event))

    def interaction(self, state: FreeLabelState, *, user: User, is_report: bool | None = None) -> TextLabels:
        """Return the answers as labels that belong to no task.

        Raises:
            FormProblem: nothing was answered.
        """
        return TextLabels(
            user=user,
            text=state.text,
            labels=self._complete(state),
            message_id=state.message_id,
            is_report=is_report,
        )

    def _complete(self, state: FreeLabelState) -> dict[str, float]:
        # Without a task nobody was asked about each flag: a menu that was not touched says nothing.
        if not state.values:
            raise FormProblem("problem.labels_none")
        return state.values


def _sheet(task: LabelTask, texts: Texts) -> LabelSheet:
    labels = task.labels or described(task.valid_labels, texts)
    return LabelSheet(labels, task.mandatory_labels or ())
