"""The form of label tasks, and the same questions about a message outside a task."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from bot.forms.base import Form, FormEvent, Panel
from bot.forms.controls import button, intro, row
from bot.forms.custom_ids import Action, Space
from bot.forms.label_sheet import LabelSheet, LabelState
from bot.forms.label_view import LabelView
from bot.forms.label_words import asked_labels
from bot.forms.named_texts import NamedText, conversation_texts
from bot.rendering.conversation import (
    PLAIN_COLOUR,
    TARGET_COLOUR,
    Block,
    block_embeds,
    panels,
)
from bot.rendering.markdown import preview
from bot.texts import Texts
from oasst_client.interactions import TextLabels
from oasst_client.models import LabelDescription, User
from oasst_client.tasks import LabelTask, LabelTaskMode

_QUOTE: Final = 900

LabelTaskT = TypeVar("LabelTaskT", bound=LabelTask)


class LabelForm(Form[LabelTaskT, LabelState]):
    """Label the last message of a conversation."""

    held_key = "held.labels"
    state_type = LabelState

    def first_state(self, task: LabelTask) -> LabelState:  # noqa: ARG002  # other forms look at the task
        """Return the state with nothing answered."""
        return LabelState()

    def texts_of(self, task: LabelTaskT, texts: Texts) -> list[NamedText]:
        """Return the conversation, the message to label at its end."""
        return conversation_texts(task.conversation.messages, texts)

    def shown(
        self, task: LabelTaskT, texts: Texts, *, lang: str | None = None, closes_at: datetime | None = None
    ) -> list[Panel]:
        """Return the conversation; its last message is marked as the one to label."""
        content = intro(
            task.type,
            texts,
            lang=lang,
            closes_at=closes_at,
            context=[("count", len(task.conversation.messages)), ("purpose", _purpose(task, texts))],
        )
        *before, last = (one.block for one in self.texts_of(task, texts))
        heading = texts("heading.to_label", heading=last.heading)
        return panels(content, [*before, Block(heading, last.text, TARGET_COLOUR, task.message_id)], texts)

    def controls(
        self, task: LabelTaskT, state: LabelState, texts: Texts, *, held: str | None = None
    ) -> Panel:
        """Return one page of questions with what they mean, and the buttons."""
        sheet = _sheet(task)
        if not sheet.rows:
            return Panel(content=texts("labels.nothing"))
        view = LabelView(sheet, state, texts, Space.task)
        buttons = [*view.paging_buttons(), button(Action.send, texts("button.send"))]
        return Panel(
            content=view.guidance(held or texts("labels.guidance")),
            embeds=(view.embed(),),
            rows=(*view.rows(), row(*buttons)),
        )

    def apply(self, task: LabelTaskT, state: LabelState, event: FormEvent) -> LabelState:
        """Take an answer, turn a page, or send."""
        return _sheet(task).apply(state, event)

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
            labels=_sheet(task).values(state),
            message_id=task.message_id,
            task_id=task.id,
        )


class FreeLabelState(LabelState):
    """Labels for a message outside a task, with all that the panel needs to be shown again.

    `is_report`: they say what is wrong with it; `heading`: what it is called, if not just the message;
    `is_again`: the person's earlier answers were chosen when it was opened.
    """

    is_report: bool = False
    is_again: bool = False
    heading: str = ""
    message_id: UUID
    text: str
    labels: list[LabelDescription]


class FreeLabelForm:
    """Label any message of the dataset; nothing is mandatory, one answer is enough."""

    def first_state(
        self,
        message_id: UUID,
        text: str,
        labels: list[LabelDescription],
        *,
        report_of: str | None = None,
        given: Mapping[str, float] = MappingProxyType({}),
    ) -> FreeLabelState:
        """Return the state with nothing answered, but for what the person said of the message before.

        Args:
            message_id: the backend's id of the message.
            text: what the message says.
            labels: what may be asked about it, at least one.
            report_of: what it is called, where the answers are to say what is wrong with it.
            given: the person's earlier answers, 0..1 by label; what is not asked any more is left out.
        """
        asked = asked_labels(labels, (), ())
        values = {label.name: given[label.name] for label in asked if label.name in given}
        return FreeLabelState(
            message_id=message_id,
            text=text,
            labels=asked,
            is_report=report_of is not None,
            is_again=bool(values),
            heading=report_of or "",
            values=values,
        )

    def panel(self, state: FreeLabelState, texts: Texts) -> Panel:
        """Return the beginning of the message and one page of questions.

        The controls have ids of their own: `custom_ids.ALL_LABEL` and `custom_ids.LABEL_PREFIXES`.
        """
        view = LabelView(_free_sheet(state), state, texts, Space.label)
        heading = state.heading or texts("heading.labelled")
        quote = Block(heading, preview(state.text, _QUOTE), PLAIN_COLOUR, state.message_id)
        buttons = [
            *view.paging_buttons(),
            button(Action.send, texts("button.send"), space=Space.label),
            button(Action.stop, texts("button.cancel"), space=Space.label),
        ]
        return Panel(
            content=view.guidance(_free_guidance(state, texts)),
            embeds=(*block_embeds(quote, texts), view.embed()),
            rows=(*view.rows(), row(*buttons)),
            backend_message_ids=((0, state.message_id),),
        )

    def apply(self, state: FreeLabelState, event: FormEvent) -> FreeLabelState:
        """Return the state after an answer, a turned page or a send.

        Raises:
            FormProblem: the event does not fit; the state stays as it was.
        """
        return _free_sheet(state).apply(state, event)

    def interaction(self, state: FreeLabelState, *, user: User) -> TextLabels:
        """Return the answers as labels that belong to no task.

        Raises:
            FormProblem: nothing was answered.
        """
        return TextLabels(
            user=user,
            text=state.text,
            labels=_free_sheet(state).values(state),
            message_id=state.message_id,
            is_report=True if state.is_report else None,
        )


def _sheet(task: LabelTask) -> LabelSheet:
    mandatory = task.mandatory_labels or ()
    return LabelSheet(asked_labels(task.labels or (), task.valid_labels, mandatory), mandatory)


def _free_sheet(state: FreeLabelState) -> LabelSheet:
    # Without a task nobody was asked about each flag: a menu that was not touched says nothing.
    return LabelSheet(state.labels, untouched_flags=False)


def _free_guidance(state: FreeLabelState, texts: Texts) -> str:
    kind = "report" if state.is_report else "free"
    return texts(f"labels.{kind}_{'again' if state.is_again else 'guidance'}")


def _purpose(task: LabelTask, texts: Texts) -> str:
    """Return how thorough the labelling is to be, and what matters most in it; empty where nobody says."""
    sentences = []
    if task.mode is LabelTaskMode.simple:
        count = len(_sheet(task).rows)
        key = "labels.mode.simple_one" if count == 1 else "labels.mode.simple"
        sentences.append(texts(key, count=count))
    elif task.mode is not None:
        sentences.append(texts("labels.mode.full"))
    if task.disposition is not None:
        sentences.append(texts(f"labels.disposition.{task.disposition.value}"))
    return " ".join(sentences)
