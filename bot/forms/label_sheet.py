"""Takes the answers to a list of labels, page by page, and knows what is still missing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from pydantic import Field

from bot.forms.base import FormEvent, FormProblem, FormState
from bot.forms.custom_ids import Action
from bot.forms.label_pages import LabelRow, PageEntry, label_pages, label_rows
from bot.forms.label_words import STEPS
from oasst_client.models import LabelDescription, LabelWidget

_STEP_VALUES: Final = {str(step): (step - 1) / (STEPS - 1) for step in range(1, STEPS + 1)}


class LabelState(FormState):
    """What was answered so far.

    Attributes:
        values: 0..1 by label; flags are there once their menu was used.
        page: which page is shown, from 0.
        seen: names of the labels on pages that were turned or sent from; the page that is shown is seen, too.
        not_sent: **Send** was pressed too early, and what it asked for is still missing.
    """

    values: dict[str, float] = Field(default_factory=dict)
    page: int = 0
    seen: frozenset[str] = frozenset()
    not_sent: bool = False


StateT = TypeVar("StateT", bound=LabelState)


class LabelSheet:
    """The questions of one list of labels.

    Args:
        labels: what is asked, each name once.
        mandatory: names of the labels that must be answered.
        untouched_flags: whether a flag that was seen and not chosen is an answer, 0.
    """

    def __init__(
        self,
        labels: Sequence[LabelDescription],
        mandatory: Collection[str] = (),
        *,
        untouched_flags: bool = True,
    ) -> None:
        self.labels = tuple(labels)
        self.mandatory = frozenset(label.name for label in labels if label.name in mandatory)
        self.rows: Sequence[LabelRow] = label_rows(labels)
        self.pages: Sequence[tuple[PageEntry, ...]] = label_pages(self.rows)
        self._untouched_flags = untouched_flags

    def page(self, state: LabelState) -> int:
        """Return the number of the page that is shown, from 0."""
        return min(max(state.page, 0), len(self.pages) - 1)

    def page_of(self, name: str) -> int:
        """Return the number of the page with the controls of a label, from 0."""
        return next(number for number in range(len(self.pages)) if name in self._names_on(number))

    def seen(self, state: LabelState) -> frozenset[str]:
        """Return the labels that were before the person, those of the page that is shown included."""
        return state.seen | self._names_on(self.page(state))

    def all_seen(self, state: LabelState) -> bool:
        """Say whether the person had every label before them."""
        return self.seen(state).issuperset(label.name for label in self.labels)

    def missing(self, state: LabelState) -> list[str]:
        """Return the mandatory labels without an answer, in the order of the pages."""
        given = self._given(state)
        in_order = (label.name for row in self.rows for label in row.labels)
        return [name for name in in_order if name in self.mandatory and name not in given]

    def is_complete(self, state: LabelState) -> bool:
        """Say whether the answer can be sent."""
        return not self.missing(state) and not self.is_empty(state)

    def is_empty(self, state: LabelState) -> bool:
        """Say whether there is no answer at all."""
        return not self._given(state)

    def values(self, state: LabelState) -> dict[str, float]:
        """Return the answer by label: what was chosen, and 0 for flags that were seen and not chosen.

        Raises:
            FormProblem: a mandatory label is missing, or there is no answer at all.
        """
        if not self.is_complete(state):
            raise FormProblem("problem.labels_incomplete")
        return self._given(state)

    def apply(self, state: StateT, event: FormEvent) -> StateT:
        """Return the state after an answer, a turned page, or an attempt to send.

        An answer that cannot be sent yet leads to the page of what is missing first.

        Raises:
            FormProblem: the event does not fit these labels.
        """
        if event.action is Action.send:
            return self._sent(state)
        if event.action is Action.page and event.index is not None:
            # The number is the page that the button names: pressed twice, it still leads there.
            page = min(event.index, len(self.pages) - 1)
            return state.model_copy(update={"page": page, "seen": self.seen(state)})
        answered = state.model_copy(update={"values": self._answered(state.values, event)})
        not_sent = state.not_sent and not self.is_complete(answered)
        return answered.model_copy(update={"not_sent": not_sent})

    def _sent(self, state: StateT) -> StateT:
        if self.is_complete(state):
            return state.model_copy(update={"sent": True, "not_sent": False})
        missing = self.missing(state)
        page = self.page_of(missing[0]) if missing else self.page(state)
        return state.model_copy(update={"not_sent": True, "page": page, "seen": self.seen(state)})

    def _answered(self, values: Mapping[str, float], event: FormEvent) -> dict[str, float]:
        match event.action:
            case Action.yes | Action.no:
                (label,) = self._row_at(event.index, LabelWidget.yes_no).labels
                return {**values, label.name: 1.0 if event.action is Action.yes else 0.0}
            case Action.scale:
                (label,) = self._row_at(event.index, LabelWidget.likert).labels
                others = {name: value for name, value in values.items() if name != label.name}
                if not event.values:
                    return others
                if event.values[0] not in _STEP_VALUES:
                    raise FormProblem("problem.not_here")
                return {**others, label.name: _STEP_VALUES[event.values[0]]}
            case Action.flags:
                flags = self._row_at(event.index, LabelWidget.flag).labels
                # A label's name may be longer than Discord lets an option's value be.
                if not {*event.values} <= {str(place) for place in range(len(flags))}:
                    raise FormProblem("problem.not_here")
                chosen = {flag.name: float(str(place) in event.values) for place, flag in enumerate(flags)}
                return {**values, **chosen}
        raise FormProblem("problem.not_here")

    def _given(self, state: LabelState) -> dict[str, float]:
        """Return the answers, and 0 for flags that the person had before them and left alone."""
        seen = self.seen(state) if self._untouched_flags else frozenset[str]()
        given: dict[str, float] = {}
        for label in self.labels:
            if label.name in state.values:
                given[label.name] = state.values[label.name]
            elif label.widget is LabelWidget.flag and label.name in seen:
                given[label.name] = 0.0
        return given

    def _names_on(self, page: int) -> frozenset[str]:
        rows = (self.rows[entry.row] for entry in self.pages[page] if entry.has_controls)
        return frozenset(label.name for row in rows for label in row.labels)

    def _row_at(self, index: int | None, widget: LabelWidget) -> LabelRow:
        if index is None or index >= len(self.rows) or self.rows[index].widget is not widget:
            raise FormProblem("problem.not_here")
        return self.rows[index]
