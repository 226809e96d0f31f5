"""Shows one page of labels: what was answered, what is missing, what each label means, and the controls."""

from typing import Final, Never

import hikari
from hikari import ButtonStyle

from bot import limits
from bot.forms.controls import button, menu, option, row
from bot.forms.custom_ids import Action, Space, custom_id
from bot.forms.label_pages import TITLE, LabelRow, PageEntry, needs_words
from bot.forms.label_sheet import LabelSheet, LabelState
from bot.forms.label_words import STEPS, help_lines, inline, step_words, words_of
from bot.rendering.conversation import CHOICE_COLOUR
from bot.rendering.markdown import preview
from bot.texts import Texts
from oasst_client.models import LabelDescription, LabelWidget

_NAMED: Final = 5
"""How many of the missing labels are named; the others are counted."""

_NAME: Final = 100


class LabelView:
    """One page of a sheet of labels in one language.

    Args:
        sheet: the questions.
        state: what was answered, and which page is shown.
        texts: the reader's language.
        space: where the controls stand.
    """

    def __init__(self, sheet: LabelSheet, state: LabelState, texts: Texts, space: Space) -> None:
        self._sheet = sheet
        self._state = state
        self._texts = texts
        self._space = space
        self._words = words_of(sheet.labels, texts)
        self._missing = frozenset(sheet.missing(state))
        self._menus = [number for number, one in enumerate(sheet.rows) if len(one.labels) > 1]

    def guidance(self, ask: str) -> str:
        """Return what stands above the controls: what to do, or why nothing was sent.

        Args:
            ask: the words that ask for answers.
        """
        missing = self._still_missing()
        if self._state.not_sent:
            empty = "problem.labels_none" if self._sheet.is_empty(self._state) else "labels.look_over"
            return self._texts("labels.not_sent", problem=missing or self._texts(empty))
        lines = [ask]
        if missing:
            lines.append(self._texts("labels.star"))
            # On a single page all that is missing is before the person.
            lines += [missing] if len(self._sheet.pages) > 1 else []
        return "\n".join(lines)

    def embed(self) -> hikari.Embed:
        """Return the labels of the page with their answers and what they mean."""
        blocks = [self._block(entry) for entry in self._entries()]
        embed = hikari.Embed(description="\n\n".join(blocks), color=CHOICE_COLOUR)
        pages = len(self._sheet.pages)
        if pages > 1:
            asked = [one for one in self._sheet.rows if one.widget is not LabelWidget.flag]
            answered = sum(one.labels[0].name in self._state.values for one in asked)
            embed.set_footer(
                self._texts(
                    "labels.progress" if asked else "labels.page",
                    page=self._sheet.page(self._state) + 1,
                    pages=pages,
                    answered=answered,
                    questions=len(asked),
                )
            )
        return embed

    def rows(self) -> list[hikari.api.ComponentBuilder]:
        """Return the controls of the page, at most 3 rows."""
        return [self._row(entry.row) for entry in self._entries() if entry.has_controls]

    def paging_buttons(self) -> list[hikari.impl.InteractiveButtonBuilder]:
        """Return the buttons to the pages before and after; none when there is only one page."""
        page, last = self._sheet.page(self._state), len(self._sheet.pages) - 1
        if last == 0:
            return []
        # The way on stands out until every page was seen.
        on = ButtonStyle.SECONDARY if self._sheet.all_seen(self._state) else ButtonStyle.PRIMARY
        return [
            self._page_button("button.page_back", max(page - 1, 0), disabled=page == 0),
            self._page_button("button.page_next", min(page + 1, last), style=on, disabled=page == last),
        ]

    def _page_button(
        self, key: str, page: int, *, style: ButtonStyle | None = None, disabled: bool
    ) -> hikari.impl.InteractiveButtonBuilder:
        return button(
            Action.page, self._texts(key), index=page, space=self._space, style=style, disabled=disabled
        )

    def _entries(self) -> tuple[PageEntry, ...]:
        return self._sheet.pages[self._sheet.page(self._state)]

    def _still_missing(self) -> str:
        """Name the mandatory labels without an answer, and the pages of those that are elsewhere."""
        names = self._sheet.missing(self._state)
        if not names:
            return ""
        here = self._sheet.page(self._state)
        parts = []
        for name in names[:_NAMED]:
            label, page = inline(self._words[name].title, _NAME), self._sheet.page_of(name)
            key = "labels.named" if page == here else "labels.named_elsewhere"
            parts.append(self._texts(key, label=label, page=page + 1))
        if len(names) > _NAMED:
            parts.append(self._texts("labels.and_more", count=len(names) - _NAMED))
        return self._texts("problem.labels_missing", labels=", ".join(parts))

    def _block(self, entry: PageEntry) -> str:
        shown = self._sheet.rows[entry.row]
        lines = [self._title(entry.row)]
        if entry.has_controls:
            lines.append(self._answer(shown))
        lines += self._explained(shown, entry)
        return "\n".join(line for line in lines if line)

    def _title(self, number: int) -> str:
        shown = self._sheet.rows[number]
        if len(shown.labels) > 1:
            return self._texts("labels.title", label=self._menu_words(number))
        name = shown.labels[0].name
        # A flag is answered by being left alone, so nobody need choose it.
        star = name in self._sheet.mandatory and shown.widget is not LabelWidget.flag
        key = "labels.title_required" if star else "labels.title"
        return self._texts(key, label=inline(self._words[name].title, TITLE))

    def _answer(self, shown: LabelRow) -> str:
        if shown.widget is LabelWidget.flag:
            chosen = [
                inline(self._words[flag.name].title, limits.OPTION_TEXT)
                for flag in shown.labels
                if self._state.values.get(flag.name) == 1.0
            ]
            return self._given(", ".join(chosen)) if chosen else self._texts("labels.nothing_chosen")
        label = shown.labels[0]
        given = self._state.values.get(label.name)
        if given is None:
            asked_for = self._state.not_sent and label.name in self._missing
            return self._texts("labels.asked_for" if asked_for else "labels.unanswered")
        if shown.widget is LabelWidget.yes_no:
            return self._given(self._texts("labels.yes" if given else "labels.no"))
        step = _step(given)
        words = step_words(label.name, step, self._texts)
        between = self._texts("likert.between", step=step, steps=STEPS)
        return self._given(between if words == str(step) else words)

    def _given(self, answer: str) -> str:
        return self._texts("labels.answer", answer=answer)

    def _explained(self, shown: LabelRow, entry: PageEntry) -> list[str]:
        if len(shown.labels) == 1:
            words = self._words[shown.labels[0].name]
            return [shown.help_pieces[entry.piece] if shown.help_pieces else help_lines(words.help_text)]
        return [
            self._texts("labels.flag_help", label=inline(words.title), help=help_lines(words.help_text))
            for flag in shown.labels
            if needs_words((words := self._words[flag.name]).title, words.help_text)
        ]

    def _row(self, number: int) -> hikari.api.ComponentBuilder:
        shown = self._sheet.rows[number]
        match shown.widget:
            case LabelWidget.yes_no:
                return row(
                    self._answer_button(Action.yes, number, shown.labels[0]),
                    self._answer_button(Action.no, number, shown.labels[0]),
                )
            case LabelWidget.likert:
                return row(self._scale_menu(number, shown.labels[0]))
            case LabelWidget.flag:
                return row(self._flags_menu(number, shown))

    def _answer_button(
        self, action: Action, number: int, label: LabelDescription
    ) -> hikari.impl.InteractiveButtonBuilder:
        is_yes = action is Action.yes
        chosen = self._state.values.get(label.name) == float(is_yes)
        answer = self._texts("labels.yes" if is_yes else "labels.no").lower()
        return button(
            action,
            self._question_and(
                answer, label, limits.BUTTON_LABEL, "labels.button_chosen" if chosen else "labels.button"
            ),
            index=number,
            space=self._space,
            style=ButtonStyle.PRIMARY if chosen else ButtonStyle.SECONDARY,
        )

    def _scale_menu(self, number: int, label: LabelDescription) -> hikari.impl.TextSelectMenuBuilder[Never]:
        given = self._state.values.get(label.name)
        options = []
        for step in range(1, STEPS + 1):
            chosen = given is not None and _step(given) == step
            words = step_words(label.name, step, self._texts)
            if chosen:
                # A menu with a choice shows that instead of what it is about.
                words = self._question_and(words, label, limits.OPTION_TEXT)
            options.append(option(words, str(step), chosen=chosen))
        required = label.name in self._sheet.mandatory
        placeholder = limits.trim(self._words[label.name].title, limits.SELECT_PLACEHOLDER - 2)
        if required:
            placeholder = self._texts("labels.required", label=placeholder)
        identifier = custom_id(Action.scale, number, space=self._space)
        return menu(identifier, placeholder, options, least=1 if required else 0)

    def _flags_menu(self, number: int, shown: LabelRow) -> hikari.impl.TextSelectMenuBuilder[Never]:
        options = [
            option(
                words.title,
                str(place),
                description=" ".join(words.help_text.split()),
                chosen=self._state.values.get(flag.name) == 1.0,
            )
            for place, flag in enumerate(shown.labels)
            if (words := self._words[flag.name])
        ]
        identifier = custom_id(Action.flags, number, space=self._space)
        return menu(identifier, self._menu_words(number), options, least=0, most=len(options))

    def _menu_words(self, number: int) -> str:
        """Return what to do with a menu of flags, told apart from the others."""
        flags = self._sheet.rows[number].labels
        if len(flags) == 1:
            words = self._words[flags[0].name]
            return self._texts("labels.flag_alone", label=words.title)
        if len(self._menus) == 1:
            return self._texts("labels.flags")
        place = self._menus.index(number) + 1
        return self._texts("labels.flags_part", part=place, parts=len(self._menus))

    def _question_and(
        self, answer: str, label: LabelDescription, limit: int, key: str = "labels.button"
    ) -> str:
        """Return a question with an answer in one short line; the answer is always whole."""
        title = self._words[label.name].title
        question = title.rstrip("?").rstrip() or title
        room = limit - limits.utf16_length(self._texts(key, label="", answer=answer))
        return self._texts(key, label=preview(question, room), answer=answer)


def _step(value: float) -> int:
    return round(value * (STEPS - 1)) + 1
