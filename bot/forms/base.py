"""What every task form offers: its state, the events it takes, and the panels it gives out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from bot import limits
from bot.forms.custom_ids import Action
from bot.forms.named_texts import NamedText
from bot.rendering.conversation import Block
from bot.rendering.panels import ModalPanel, Panel
from bot.texts import Texts
from oasst_client.interactions import Interaction
from oasst_client.models import User

__all__ = ["Form", "FormEvent", "FormProblem", "FormRules", "FormState", "ModalPanel", "Panel", "TaskForm"]


@dataclass(frozen=True)
class FormRules:
    """What a form must know besides its task.

    Attributes:
        longest_text: how many characters (code points) of a text the backend takes, 1 or more.
    """

    longest_text: int = limits.MODAL_TEXT


@dataclass(frozen=True)
class FormEvent:
    """What a person did: `index` from the custom_id, `values` of a select menu or a modal's inputs."""

    action: Action
    index: int | None = None
    values: tuple[str, ...] = ()


class FormState(BaseModel):
    """What a person has answered so far; it never changes, an event gives a new one.

    `sent` is true once the person sent a complete answer: then `interaction()` gives what the backend gets.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    sent: bool = False


class FormProblem(Exception):  # noqa: N818  # what a person must mend is no error of the program
    """What a person must mend before an answer can be taken; `key` and `params` name the catalogue text."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    def text(self, texts: Texts) -> str:
        """Return the problem in a person's language."""
        params = {
            name: texts.number(value) if isinstance(value, int) else value
            for name, value in self.params.items()
        }
        return texts(self.key, **params)


TaskT = TypeVar("TaskT")
StateT = TypeVar("StateT", bound=FormState)


class Form(ABC, Generic[TaskT, StateT]):
    """How one kind of task is shown, answered, and handed in. Pure: no I/O, no clock, no memory.

    A kind is a module in `bot/forms/kinds` with one concrete form, whose `task_type` is the protocol's.
    `held_key` names the words for what to do about an answer that the backend wants mended.

    Args:
        rules: what the backend takes.
    """

    task_type: ClassVar[str]
    held_key: ClassVar[str]
    state_type: type[StateT]

    def __init__(self, rules: FormRules) -> None:
        self.rules = rules

    @abstractmethod
    def first_state(self, task: TaskT) -> StateT:
        """Return the state of a task that nobody has touched."""

    @abstractmethod
    def texts_of(self, task: TaskT, texts: Texts) -> list[NamedText]:
        """Return every text that the task is about, whole, in the order in which they are shown."""

    @abstractmethod
    def shown(
        self, task: TaskT, texts: Texts, *, lang: str | None = None, closes_at: datetime | None = None
    ) -> list[Panel]:
        """Return the messages that show the task, in order, without its controls; at least one.

        Args:
            task: the task.
            texts: the reader's language.
            lang: the language that the task was asked for in, shown where it matters.
            closes_at: when the task runs out (aware), shown as a Discord timestamp.
        """

    @abstractmethod
    def controls(self, task: TaskT, state: StateT, texts: Texts, *, held: str | None = None) -> Panel:
        """Return the message with the controls, as it looks in this state; at most 4 rows.

        The row with which a person leaves any task (`controls.leaving_row`) is added below.

        Args:
            task: the task.
            state: what was answered so far.
            texts: the reader's language.
            held: why the answer was not taken, in place of the words that ask for it to be sent.
        """

    def modal(self, task: TaskT, state: StateT, texts: Texts) -> ModalPanel:  # noqa: ARG002  # writing tasks use them
        """Return the modal that takes the text, prefilled with the draft.

        Raises:
            FormProblem: this kind of task takes no text.
        """
        raise FormProblem("problem.not_here")

    def in_full(self, task: TaskT, state: StateT, values: Sequence[str], texts: Texts) -> Block:  # noqa: ARG002  # for forms that shorten
        """Return a whole text of which the messages show only the beginning.

        Args:
            task: the task.
            state: what was answered so far.
            values: what was chosen from the menu `Action.read`; empty: it was a button.
            texts: the reader's language.

        Raises:
            FormProblem: there is no such text.
        """
        raise FormProblem("problem.not_here")

    def reportable(self, task: TaskT, texts: Texts) -> list[NamedText]:  # noqa: ARG002  # for forms that offer it
        """Return the texts of which each can be reported by itself, in the order of their choice."""
        return []

    @abstractmethod
    def apply(self, task: TaskT, state: StateT, event: FormEvent) -> StateT:
        """Return the state after an event.

        Raises:
            FormProblem: the event does not fit; the state stays as it was.
        """

    @abstractmethod
    def interaction(
        self,
        task: TaskT,
        state: StateT,
        *,
        user: User,
        message_id: str,
        user_message_id: str,
        lang: str | None,
    ) -> Interaction:
        """Return what the backend gets.

        Args:
            task: the task.
            state: a state with a complete answer.
            user: who answers.
            message_id: the id that the task was acked with.
            user_message_id: the frontend's id of the message that holds a text; unique for ever.
            lang: the language of the answer, a BCP 47 tag.

        Raises:
            FormProblem: the answer is incomplete.
        """


TaskForm: TypeAlias = Form[Any, Any]
"""A form whose kind of task is known at run time only; see `bot.forms.form_for`."""
