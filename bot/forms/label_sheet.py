"""Asks for labels over pages of buttons and menus, for label tasks and for labels outside them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import hikari
from hikari import ButtonStyle
from pydantic import Field

from bot import limits
from bot.forms.base import FormEvent, FormProblem, FormState
from bot.forms.controls import button, menu, option, row
from bot.forms.custom_ids import Action, Space, custom_id
from bot.rendering.conversation import CHOICE_COLOUR
from bot.rendering.markdown import escape
from bot.texts import Texts
from oasst_client.models import LabelDescription, LabelWidget

ROWS_ON_PAGE: Final = limits.ROWS - 2
"""One row is for sending and turning pages, one for leaving the task."""

STEPS: Final = 5
_FIELD_NAME: Final = 150
_WIDGETS: Final[Mapping[str, LabelWidget]] = {
    **dict.fromkeys(("spam", "fails_task"), LabelWidget.yes_no),
    **dict.fromkeys(
        ("quality", "toxicity", "humor", "helpfulness", "creativity", "violence"), LabelWidget.likert
    ),
}
"""The controls of labels that a backend names without describing them; every other one is a flag."""


class LabelState(FormState):
    """What was answered: values in 0..1 by label; flags are there once their menu was used."""

    values: dict[str, float] = Field(default_factory=dict)
    page: int = 0
    furthest: int = 0


@dataclass(frozen=True)
class LabelRow:
    """One row of controls: one yes/no or likert label, or up to 25 flags in one menu."""

    widget: LabelWidget
    labels: tuple[LabelDescription, ...]


def described(names: Iterable[str], texts: Texts) -> list[LabelDescription]:
    """Return descriptions of our own for labels that a backend only names."""
    return [
        LabelDescription(
            name=name,
            widget=_WIDGETS.get(name, LabelWidget.flag),
            display_text=texts(f"label.{name}") if texts.has(f"label.{name}") else name.replace("_", " "),
            help_text=texts(f"label.{name}.help") if texts.has(f"label.{name}.help") else None,
        )
        for name in names
    ]


class LabelSheet:
    """The controls for one list of labels.

    Args:
        labels: what is asked, as the backend describes it.
        mandatory: names of the labels that must be answered.
    """

    def __init__(self, labels: Sequence[LabelDescription], mandatory: Collection[str] = ()) -> None:
        self._labels = {label.name: label for label in labels}
        self._mandatory = [name for name in self._labels if name in mandatory]
        self.rows = _rows(list(self._labels.values()))

    @property
    def last_page(self) -> int:
        """The number of the last page, from 0."""
        return max(len(self.rows) - 1, 0) // ROWS_ON_PAGE

    def label_rows(self, state: LabelState, texts: Texts, space: Space) -> list[hikari.api.ComponentBuilder]:
        """Return the rows of the state's page, at most 4."""
        return [self._row(index, state, texts, space) for index in self._on_page(state)]

    def paging_buttons(
        self, state: LabelState, texts: Texts, space: Space
    ) -> list[hikari.impl.InteractiveButtonBuilder]:
        """Return the buttons to other pages; none when there is only one."""
        if self.last_page == 0:
            return []
        return [
            button(Action.page_back, texts("button.page_back"), space=space, disabled=state.page <= 0),
            button(
                Action.page_next,
                texts("button.page_next"),
                space=space,
                # The way on stands out until every page was seen.
                style=ButtonStyle.PRIMARY if state.furthest < self.last_page else ButtonStyle.SECONDARY,
                disabled=state.page >= self.last_page,
            ),
        ]

    def help_embed(self, state: LabelState, texts: Texts) -> hikari.Embed:
        """Return what the labels of the page mean and how they are answered; at most 4,900 UTF-16 units."""
        embed = hikari.Embed(color=CHOICE_COLOUR)
        for index in self._on_page(state):
            shown = self.rows[index]
            if shown.widget is LabelWidget.flag:
                name, value = texts("labels.flags"), _flags_help(shown, state, texts)
            else:
                name, value = escape(shown.labels[0].display_text), self._single_help(shown, state, texts)
                if shown.labels[0].name in self._mandatory:
                    name = texts("labels.required", label=limits.trim(name, _FIELD_NAME - 20))
            embed.add_field(
                limits.trim(name, _FIELD_NAME) or "…", limits.trim(value, limits.EMBED_FIELD_VALUE)
            )
        if self.last_page:
            embed.set_footer(texts("labels.page", page=state.page + 1, pages=self.last_page + 1))
        return embed

    def apply(self, state: LabelState, event: FormEvent) -> dict[str, object]:
        """Return what an event changes in the state.

        Raises:
            FormProblem: the event does not fit these labels.
        """
        match event.action:
            case Action.yes | Action.no:
                label = self._row_at(event.index, LabelWidget.yes_no).labels[0]
                value = 1.0 if event.action is Action.yes else 0.0
                return {"values": {**state.values, label.name: value}}
            case Action.scale:
                label = self._row_at(event.index, LabelWidget.likert).labels[0]
                return {"values": _scaled(state.values, label.name, event.values)}
            case Action.flags:
                flags = self._row_at(event.index, LabelWidget.flag).labels
                chosen = {flag.name: 1.0 if flag.name in event.values else 0.0 for flag in flags}
                return {"values": {**state.values, **chosen}}
            case Action.page_next | Action.page_back:
                step = 1 if event.action is Action.page_next else -1
                page = min(max(state.page + step, 0), self.last_page)
                return {"page": page, "furthest": max(page, state.furthest)}
        raise FormProblem("problem.not_here")

    def values(self, state: LabelState) -> dict[str, float]:
        """Return the answer: what was chosen, and 0 for flags that were seen and not chosen.

        Raises:
            FormProblem: a mandatory label is missing, or there is no answer at all.
        """
        answered: dict[str, float] = {}
        seen = (state.furthest + 1) * ROWS_ON_PAGE
        for index, shown in enumerate(self.rows):
            for label in shown.labels:
                if label.name in state.values:
                    answered[label.name] = state.values[label.name]
                elif shown.widget is LabelWidget.flag and index < seen:
                    answered[label.name] = 0.0
        missing = [self._labels[name].display_text for name in self._mandatory if name not in answered]
        if missing:
            raise FormProblem("problem.labels_missing", labels=", ".join(escape(text) for text in missing))
        if not answered:
            raise FormProblem("problem.labels_none")
        return answered

    def _on_page(self, state: LabelState) -> range:
        first = min(state.page, self.last_page) * ROWS_ON_PAGE
        return range(first, min(first + ROWS_ON_PAGE, len(self.rows)))

    def _row_at(self, index: int | None, widget: LabelWidget) -> LabelRow:
        if index is None or index >= len(self.rows) or self.rows[index].widget is not widget:
            raise FormProblem("problem.not_here")
        return self.rows[index]

    def _row(self, index: int, state: LabelState, texts: Texts, space: Space) -> hikari.api.ComponentBuilder:
        shown = self.rows[index]
        label = shown.labels[0]
        given = state.values.get(label.name)
        match shown.widget:
            case LabelWidget.yes_no:
                return row(
                    _answer_button(Action.yes, label, index, space, texts, chosen=given == 1.0),
                    _answer_button(Action.no, label, index, space, texts, chosen=given == 0.0),
                )
            case LabelWidget.likert:
                options = [
                    option(
                        _step_words(label, step, texts), str(step), chosen=given == (step - 1) / (STEPS - 1)
                    )
                    for step in range(1, STEPS + 1)
                ]
                least = 1 if label.name in self._mandatory else 0
                placeholder = label.display_text.strip() or label.name
                return row(
                    menu(custom_id(Action.scale, index, space=space), placeholder, options, least=least)
                )
            case LabelWidget.flag:
                options = [
                    option(
                        flag.display_text.strip() or flag.name,
                        flag.name,
                        description=flag.help_text,
                        chosen=state.values.get(flag.name) == 1.0,
                    )
                    for flag in shown.labels
                ]
                identifier = custom_id(Action.flags, index, space=space)
                return row(menu(identifier, texts("labels.flags"), options, least=0, most=len(options)))

    def _single_help(self, shown: LabelRow, state: LabelState, texts: Texts) -> str:
        label = shown.labels[0]
        given = state.values.get(label.name)
        if given is None:
            answer = texts("labels.unanswered")
        elif shown.widget is LabelWidget.yes_no:
            answer = texts("labels.answer", answer=texts("labels.yes" if given else "labels.no"))
        else:
            step = round(given * (STEPS - 1)) + 1
            answer = texts("labels.answer", answer=escape(_step_words(label, step, texts)))
        explained = limits.trim(escape(label.help_text or ""), limits.EMBED_FIELD_VALUE - 200)
        return "\n".join(line for line in (explained, answer) if line)


def _rows(labels: Sequence[LabelDescription]) -> list[LabelRow]:
    """Return yes/no questions, then flags, then scales."""
    of = {widget: [label for label in labels if label.widget is widget] for widget in LabelWidget}
    size = limits.SELECT_OPTIONS
    flags = of[LabelWidget.flag]
    return [
        *(LabelRow(LabelWidget.yes_no, (label,)) for label in of[LabelWidget.yes_no]),
        *(LabelRow(LabelWidget.flag, tuple(flags[at : at + size])) for at in range(0, len(flags), size)),
        *(LabelRow(LabelWidget.likert, (label,)) for label in of[LabelWidget.likert]),
    ]


def _answer_button(
    action: Action,
    label: LabelDescription,
    index: int,
    space: Space,
    texts: Texts,
    *,
    chosen: bool,
) -> hikari.impl.InteractiveButtonBuilder:
    answer = texts("labels.yes" if action is Action.yes else "labels.no").lower()
    question = label.display_text.strip().rstrip("?").rstrip() or label.name
    question = limits.trim(question, limits.BUTTON_LABEL - limits.utf16_length(answer) - 2)
    return button(
        action,
        texts("labels.button", label=question, answer=answer),
        index=index,
        space=space,
        style=ButtonStyle.PRIMARY if chosen else ButtonStyle.SECONDARY,
    )


def _scaled(values: Mapping[str, float], name: str, chosen: Sequence[str]) -> dict[str, float]:
    others = {other: value for other, value in values.items() if other != name}
    if not chosen:
        return others
    if chosen[0] not in {str(step) for step in range(1, STEPS + 1)}:
        raise FormProblem("problem.not_here")
    return {**others, name: (int(chosen[0]) - 1) / (STEPS - 1)}


def _step_words(label: LabelDescription, step: int, texts: Texts) -> str:
    end = {1: "low", STEPS: "high"}.get(step)
    if end is None:
        return str(step)
    own = f"likert.{label.name}.{end}"
    return texts("likert.step", step=step, words=texts(own if texts.has(own) else f"likert.{end}"))


def _flags_help(shown: LabelRow, state: LabelState, texts: Texts) -> str:
    chosen = [flag.display_text for flag in shown.labels if state.values.get(flag.name) == 1.0]
    lines = [
        texts("labels.chosen", labels=", ".join(escape(text) for text in chosen))
        if chosen
        else texts("labels.none_chosen")
    ]
    # An option shows 100 characters of its help; what is longer stands here in full.
    lines += [
        texts("labels.flag_help", label=escape(flag.display_text), help=escape(flag.help_text))
        for flag in shown.labels
        if flag.help_text and limits.utf16_length(flag.help_text) > limits.OPTION_TEXT
    ]
    return "\n".join(lines)
