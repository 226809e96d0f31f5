"""The form of ranking tasks: choose the next best from a menu until all are in order, then send."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final, Never, TypeVar

import hikari
from hikari import ButtonStyle
from hikari.impl import MessageActionRowBuilder, SelectOptionBuilder, TextSelectMenuBuilder

from bot import limits
from bot.forms.base import Form, FormEvent, FormProblem, FormState, Panel
from bot.forms.controls import button, intro, menu, option, row
from bot.forms.custom_ids import Action, custom_id
from bot.forms.named_texts import NamedText
from bot.rendering.blank import is_blank
from bot.rendering.conversation import CHOICE_COLOUR, Block, panels
from bot.rendering.markdown import escape, preview
from bot.texts import Texts
from oasst_client.interactions import MessageRanking
from oasst_client.models import ConversationMessage, User
from oasst_client.tasks import RankTask

_PREVIEW: Final = 80

_ALL_IN_FULL: Final = 5000
"""UTF-16 units of all that is to be ranked that still stand in one message together, headings besides."""

_BEGINNING: Final = 900
"""UTF-16 units that are shown of each where all in full would not fit one message."""

_SHORTENED_FROM: Final = 1200
"""A text that is a little longer than its beginning is shown whole: it is read sooner than asked for."""


class RankingState(FormState):
    """What was chosen so far: `order` holds served positions (0-based), best first, each once."""

    order: tuple[int, ...] = ()
    all_bad: bool = False
    page: int = 0
    asked_unchanged: bool = False


RankTaskT = TypeVar("RankTaskT", bound=RankTask)


class RankingForm(Form[RankTaskT, RankingState]):
    """Put replies or prompts in order, best first.

    `word` is the protocol's for what is ranked: the texts about it and the names of files have it.
    """

    held_key = "held.rank"
    state_type = RankingState
    word: ClassVar[str] = "reply"

    @abstractmethod
    def candidates(self, task: RankTaskT) -> Sequence[ConversationMessage]:
        """Return what is to be ranked, in the order in which it was served; at least one."""

    def read_before(self, task: RankTaskT, texts: Texts) -> list[NamedText]:  # noqa: ARG002  # kinds that show something use them
        """Return what is to be read before."""
        return []

    def texts_of(self, task: RankTaskT, texts: Texts) -> list[NamedText]:
        """Return what is to be read before, and after it what is to be ranked, numbered as served."""
        return [*self.read_before(task, texts), *self.reportable(task, texts)]

    def reportable(self, task: RankTaskT, texts: Texts) -> list[NamedText]:
        """Return what is to be ranked."""
        return [
            NamedText(f"{self.word}-{position + 1}", self._block(task, position, texts))
            for position in range(len(self.candidates(task)))
        ]

    def first_state(self, task: RankTaskT) -> RankingState:  # noqa: ARG002  # other forms look at the task
        """Return the state with nothing chosen."""
        return RankingState()

    def shown(
        self, task: RankTaskT, texts: Texts, *, lang: str | None = None, closes_at: datetime | None = None
    ) -> list[Panel]:
        """Return the conversation, and after it what is to be ranked, shortened if it must be."""
        count = len(self.candidates(task))
        content = intro(task.type, texts, lang=lang, closes_at=closes_at, context=[("count", count)])
        shortened = self._shortened(task)
        blocks = [one.block for one in self.read_before(task, texts)]
        blocks += [
            self._block(task, position, texts, shorten_to=_BEGINNING if position in shortened else None)
            for position in range(count)
        ]
        return panels(content, blocks, texts)

    def in_full(self, task: RankTaskT, state: RankingState, values: Sequence[str], texts: Texts) -> Block:  # noqa: ARG002  # as on the base
        """Return what was chosen to be read."""
        return self._block(task, self._position(task, values), texts)

    def controls(
        self, task: RankTaskT, state: RankingState, texts: Texts, *, held: str | None = None
    ) -> Panel:
        """Return the menus of what is left and of what can be read, the order so far, and the buttons."""
        order = self._full_order(task, state)
        complete = state.all_bad or len(order) == len(self.candidates(task))
        rows: list[hikari.api.ComponentBuilder] = []
        if not complete:
            rows.append(row(self._rank_menu(task, state, texts)))
        rows += self._reading_rows(task, state, texts)
        untouched = not state.order and not state.all_bad
        send = texts("button.send_unchanged" if state.asked_unchanged else "button.send")
        all_bad = ButtonStyle.DANGER if state.all_bad else ButtonStyle.SECONDARY
        rows.append(
            row(
                button(Action.send, send, disabled=not complete),
                button(Action.undo, texts("button.undo"), disabled=not state.order or state.all_bad),
                button(Action.reset, texts("button.reset"), disabled=untouched),
                button(Action.all_bad, texts("button.all_bad"), style=all_bad),
                button(Action.report, texts("button.report")),
            )
        )
        return Panel(
            content=held or self._guidance(task, state, texts),
            embeds=() if state.all_bad else self._order_embeds(task, order, texts),
            rows=tuple(rows),
        )

    def apply(self, task: RankTaskT, state: RankingState, event: FormEvent) -> RankingState:
        """Take a choice, take one back, start over, mark all as bad, turn a page, or send."""
        match event.action:
            case Action.rank:
                return self._chosen(task, state, event.values)
            case Action.undo | Action.reset | Action.all_bad:
                return _reconsidered(state, event.action)
            case Action.page_next | Action.page_back:
                step = 1 if event.action is Action.page_next else -1
                page = min(max(state.page + step, 0), self._last_page(task, state))
                return state.model_copy(update={"page": page})
            case Action.send:
                ranking = self._ranking(task, state)
                ask = len(ranking) > 1 and ranking == sorted(ranking)
                ask = ask and not (state.all_bad or state.asked_unchanged)
                return state.model_copy(update={"asked_unchanged": True} if ask else {"sent": True})
        raise FormProblem("problem.not_here")

    def interaction(  # described on the base
        self,
        task: RankTaskT,
        state: RankingState,
        *,
        user: User,
        message_id: str,
        user_message_id: str,  # noqa: ARG002  # only texts have one
        lang: str | None,  # noqa: ARG002  # a ranking has no language
    ) -> MessageRanking:
        """Return the order as the protocol's ranking; when all are bad, the rest follows as served."""
        return MessageRanking(
            user=user,
            message_id=message_id,
            ranking=self._ranking(task, state),
            not_rankable=True if state.all_bad else None,
        )

    def _name(self, position: int, texts: Texts) -> str:
        return texts(f"heading.{self.word}", number=position + 1)

    def _block(self, task: RankTaskT, position: int, texts: Texts, *, shorten_to: int | None = None) -> Block:
        message = self.candidates(task)[position]
        heading = self._name(position, texts)
        if message.synthetic and getattr(task, "reveal_synthetic", False):
            heading = texts("heading.synthetic", heading=heading)
        return Block(heading, message.text, CHOICE_COLOUR, message.id, shorten_to)

    def _shortened(self, task: RankTaskT) -> list[int]:
        """Return the positions of which only the beginning is shown."""
        lengths = [limits.utf16_length(message.text) for message in self.candidates(task)]
        if len(lengths) <= limits.EMBEDS and sum(lengths) <= _ALL_IN_FULL:
            return []
        return [position for position, length in enumerate(lengths) if length >= _SHORTENED_FROM]

    def _left(self, task: RankTaskT, state: RankingState) -> list[int]:
        return [position for position in range(len(self.candidates(task))) if position not in state.order]

    def _full_order(self, task: RankTaskT, state: RankingState) -> list[int]:
        """Return what was chosen, with the last one added when it alone is left."""
        left = self._left(task, state)
        return [*state.order, *left] if len(left) == 1 else list(state.order)

    def _ranking(self, task: RankTaskT, state: RankingState) -> list[int]:
        order = self._full_order(task, state)
        if state.all_bad:
            order = [*state.order, *self._left(task, state)]
        if not order or len(order) < len(self.candidates(task)):
            raise FormProblem("problem.order_incomplete")
        return order

    def _position(self, task: RankTaskT, values: Sequence[str]) -> int:
        """Return the position that was chosen from a menu.

        Raises:
            FormProblem: there is none like that.
        """
        positions = {str(position): position for position in range(len(self.candidates(task)))}
        chosen = positions.get(values[0]) if values else None
        if chosen is None:
            raise FormProblem("problem.not_here")
        return chosen

    def _chosen(self, task: RankTaskT, state: RankingState, values: Sequence[str]) -> RankingState:
        position = self._position(task, values)
        if state.all_bad:
            raise FormProblem("problem.not_here")
        if position in state.order:
            # A second click on a menu that was already out of date.
            return state
        return _changed(state, order=(*state.order, position))

    def _last_page(self, task: RankTaskT, state: RankingState) -> int:
        """Return the last page (from 0) of the longer of the two menus."""
        complete = state.all_bad or len(self._full_order(task, state)) == len(self.candidates(task))
        left = [] if complete else self._left(task, state)
        return max(_last_page(left), _last_page(self._shortened(task)))

    def _rank_menu(self, task: RankTaskT, state: RankingState, texts: Texts) -> TextSelectMenuBuilder[Never]:
        placeholder = texts("rank.choose_next" if state.order else "rank.choose_best")
        options = self._options(task, _page(self._left(task, state), state.page), texts)
        return menu(custom_id(Action.rank), placeholder, options)

    def _reading_rows(
        self, task: RankTaskT, state: RankingState, texts: Texts
    ) -> list[MessageActionRowBuilder]:
        """Return the pages, if there are several, and the menu of what is shown shortened, if anything is."""
        rows = []
        last = self._last_page(task, state)
        if last > 0:
            back = button(Action.page_back, texts("button.page_back"), disabled=state.page <= 0)
            more = button(Action.page_next, texts("button.more_replies"), disabled=state.page >= last)
            rows.append(row(back, more))
        shortened = _page(self._shortened(task), state.page)
        if shortened:
            options = self._options(task, shortened, texts)
            rows.append(row(menu(custom_id(Action.read), texts(f"rank.read.{self.word}"), options)))
        return rows

    def _options(self, task: RankTaskT, positions: Sequence[int], texts: Texts) -> list[SelectOptionBuilder]:
        return [
            option(f"{position + 1}. {self._words(task, position, limits.OPTION_TEXT, texts)}", str(position))
            for position in positions
        ]

    def _words(self, task: RankTaskT, position: int, length: int, texts: Texts) -> str:
        """Return the beginning of one on one line, at most `length` UTF-16 units."""
        text = self.candidates(task)[position].text
        return preview(texts("text.blank") if is_blank(text) else text, length)

    def _guidance(self, task: RankTaskT, state: RankingState, texts: Texts) -> str:
        if state.all_bad:
            return texts("rank.all_bad")
        if state.asked_unchanged:
            return texts("rank.unchanged")
        if len(self._full_order(task, state)) == len(self.candidates(task)):
            return texts("rank.complete")
        return texts("rank.choose_next_long" if state.order else "rank.choose_best_long")

    def _order_embeds(self, task: RankTaskT, order: Sequence[int], texts: Texts) -> tuple[hikari.Embed, ...]:
        if not order:
            return ()
        # Escaping at most doubles a preview.
        length = min(_PREVIEW, max(limits.EMBED_DESCRIPTION // (2 * len(self.candidates(task))) - 20, 10))
        lines = [
            texts(
                "rank.line",
                place=place,
                name=self._name(position, texts),
                text=escape(self._words(task, position, length, texts)),
            )
            for place, position in enumerate(order, start=1)
        ]
        description = limits.trim("\n".join(lines), limits.EMBED_DESCRIPTION)
        complete = len(order) == len(self.candidates(task))
        title = texts("heading.order_complete" if complete else "heading.order")
        return (hikari.Embed(title=title, description=description, color=CHOICE_COLOUR),)


def _last_page(positions: Sequence[int]) -> int:
    return max(len(positions) - 1, 0) // limits.SELECT_OPTIONS


def _page(positions: Sequence[int], page: int) -> Sequence[int]:
    """Return what stands on a page, the last one where the menu has fewer."""
    first = min(page, _last_page(positions)) * limits.SELECT_OPTIONS
    return positions[first : first + limits.SELECT_OPTIONS]


def _changed(state: RankingState, **changes: object) -> RankingState:
    return state.model_copy(update={"asked_unchanged": False, "page": 0, **changes})


def _reconsidered(state: RankingState, action: Action) -> RankingState:
    if action is Action.undo:
        return _changed(state, order=state.order[:-1])
    if action is Action.reset:
        return RankingState()
    return _changed(state, all_bad=not state.all_bad)
