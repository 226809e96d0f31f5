"""The form of rating tasks: one button per step of the scale, then send."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

import hikari
from hikari import ButtonStyle

from bot import limits
from bot.forms.base import Form, FormEvent, FormProblem, FormState, Panel
from bot.forms.controls import button, intro, menu, option, row
from bot.forms.custom_ids import Action, custom_id
from bot.rendering.conversation import panels
from bot.texts import Texts
from oasst_client.interactions import MessageRating
from oasst_client.models import User
from oasst_client.tasks import RateSummaryTask, RatingScale

_MOST_BUTTONS: Final = 2 * limits.BUTTONS_IN_ROW


class RatingState(FormState):
    """The step that was chosen, a value of the task's scale."""

    rating: int | None = None


RatedTaskT = TypeVar("RatedTaskT", bound=RateSummaryTask)


class RatingForm(Form[RatedTaskT, RatingState]):
    """Choose a step of a scale."""

    held_key = "held.rate"
    state_type = RatingState

    @abstractmethod
    def scale(self, task: RatedTaskT) -> RatingScale:
        """Return the scale."""

    def first_state(self, task: RateSummaryTask) -> RatingState:  # noqa: ARG002  # other forms look at the task
        """Return the state with nothing chosen."""
        return RatingState()

    def shown(
        self,
        task: RatedTaskT,
        texts: Texts,
        *,
        lang: str | None = None,
        closes_at: datetime | None = None,
    ) -> list[Panel]:
        """Return what is to be rated, with what to do above it."""
        steps = scale_steps(self.scale(task))
        context = [("low", steps[0]), ("high", steps[-1])]
        content = intro(task.type, texts, lang=lang, closes_at=closes_at, context=context)
        return panels(content, [one.block for one in self.texts_of(task, texts)], texts)

    def controls(
        self, task: RatedTaskT, state: RatingState, texts: Texts, *, held: str | None = None
    ) -> Panel:
        """Return the steps, and the buttons to send, skip or stop."""
        steps = scale_steps(self.scale(task))
        chosen = steps.index(state.rating) if state.rating in steps else None
        words = [_step_words(steps, index, texts) for index in range(len(steps))]
        rows: list[hikari.api.ComponentBuilder] = []
        if len(steps) <= _MOST_BUTTONS:
            buttons = [
                button(
                    Action.rate,
                    texts("rate.button_chosen", step=step) if index == chosen else step,
                    index=index,
                    style=ButtonStyle.PRIMARY if index == chosen else ButtonStyle.SECONDARY,
                )
                for index, step in enumerate(words)
            ]
            width = limits.BUTTONS_IN_ROW
            rows += [row(*buttons[first : first + width]) for first in range(0, len(buttons), width)]
        else:
            options = [option(step, str(index), chosen=index == chosen) for index, step in enumerate(words)]
            rows.append(row(menu(custom_id(Action.rate, 0), texts("rate.choose"), options)))
        rows.append(row(button(Action.send, texts("button.send"), disabled=chosen is None)))
        content = texts("rate.choose") if chosen is None else texts("rate.chosen", rating=words[chosen])
        return Panel(content=held or content, rows=tuple(rows))

    def apply(self, task: RatedTaskT, state: RatingState, event: FormEvent) -> RatingState:
        """Take a step of the scale, or send."""
        if event.action is Action.rate:
            return state.model_copy(update={"rating": _step(scale_steps(self.scale(task)), event)})
        if event.action is Action.send:
            self._complete(task, state)
            return state.model_copy(update={"sent": True})
        raise FormProblem("problem.not_here")

    def interaction(  # described on the base
        self,
        task: RatedTaskT,
        state: RatingState,
        *,
        user: User,
        message_id: str,
        user_message_id: str,  # noqa: ARG002  # only texts have one
        lang: str | None,  # noqa: ARG002  # a rating has no language
    ) -> MessageRating:
        """Return the step as the protocol's rating."""
        return MessageRating(user=user, message_id=message_id, rating=self._complete(task, state))

    def _complete(self, task: RatedTaskT, state: RatingState) -> int:
        if state.rating is None or state.rating not in scale_steps(self.scale(task)):
            raise FormProblem("problem.rating_missing")
        return state.rating


def scale_steps(scale: RatingScale) -> list[int]:
    """Return the steps to choose from: all of a scale, or 25 of them with both ends where there are more."""
    low = max(1, min(scale.min, scale.max))
    span = max(scale.min, scale.max, low) - low
    count = min(span, limits.SELECT_OPTIONS - 1)
    # In whole numbers: a scale may be longer than a float is exact.
    return [low + (2 * span * index + count) // (2 * count) for index in range(count + 1)] if count else [low]


def _step_words(steps: Sequence[int], index: int, texts: Texts) -> str:
    """Return a step as its number, at the ends of the scale with what it means."""
    if len(steps) > 1 and index in {0, len(steps) - 1}:
        return texts("rate.worst" if index == 0 else "rate.best", step=steps[index])
    return str(steps[index])


def _step(steps: Sequence[int], event: FormEvent) -> int:
    """Return the step of a button, which its index names, or of a menu, whose values are indexes."""
    chosen = event.values[0] if event.values else str(event.index)
    by_index = {str(index): step for index, step in enumerate(steps)}
    if chosen not in by_index:
        raise FormProblem("problem.not_here")
    return by_index[chosen]
