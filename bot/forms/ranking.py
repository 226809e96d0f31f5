"""The form of ranking tasks: choose the next best from a menu until all are in order, then send."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final, Never, TypeVar

import hikari
from hikari import ButtonStyle
from hikari.impl import TextSelectMenuBuilder

from bot import limits
from bot.forms.base import Form, FormEvent, FormProblem, FormState, Panel
from bot.forms.controls import button, intro, menu, option, row
from bot.forms.custom_ids import Action, custom_id
from bot.rendering.conversation import CHOICE_COLOUR, Block, panels
from bot.rendering.markdown import escape, preview
from bot.texts import Texts
from oasst_client.interactions import MessageRanking
from oasst_client.models import ConversationMessage, User
from oasst_client.tasks import RankTask

_PREVIEW: Final = 80


class RankingState(FormState):
    """What was chosen so far: `order` holds served positions (0-based), best first, each once."""

    order: tuple[int, ...] = ()
    all_bad: bool = False
    page: int = 0
    asked_unchanged: bool = False


RankTaskT = TypeVar("RankTaskT", bound=RankTask)


class RankingForm(Form[RankTaskT, RankingState]):
    """Put replies or prompts in order, best first."""

    state_type = RankingState
    heading_key: ClassVar[str] = "heading.reply"

    @abstractmethod
    def candidates(self, task: RankTaskT) -> Sequence[ConversationMessage]:
        """Return what is to be ranked, in the order in which it was served; at least one."""

    @abstractmethod
    def context(self, task: RankTaskT, texts: Texts) -> list[Block]:
        """Return what is to be read before."""

    def first_state(self, task: RankTaskT) -> RankingState:  # noqa: ARG002  # other forms look at the task
        """Return the state with nothing chosen."""
        return RankingState()

    def shown(
        self, task: RankTaskT, texts: Texts, *, lang: str | None = None, closes_at: datetime | None = None
    ) -> list[Panel]:
        """Return the conversation, and after it what is to be ranked, numbered as served."""
        candidates = self.candidates(task)
        content = intro(
            task.type, texts, lang=lang, closes_at=closes_at, context=[("count", len(candidates))]
        )
        blocks = self.context(task, texts)
        for position, message in enumerate(candidates):
            heading = self._name(position, texts)
            if message.synthetic and getattr(task, "reveal_synthetic", False):
                heading = texts("heading.synthetic", heading=heading)
            blocks.append(Block(heading, message.text, CHOICE_COLOUR, message.id))
        return panels(content, blocks, texts)

    def controls(self, task: RankTaskT, state: RankingState, texts: Texts) -> Panel:
        """Return the menu of what is left, the order so far, and the buttons."""
        order = self._full_order(task, state)
        complete = state.all_bad or len(order) == len(self.candidates(task))
        rows: list[hikari.api.ComponentBuilder] = []
        if not complete:
            rows.append(row(self._menu(task, state, texts)))
            rows += self._paging_rows(task, state, texts)
        untouched = not state.order and not state.all_bad
        rows.append(
            row(
                button(Action.undo, texts("button.undo"), disabled=not state.order or state.all_bad),
                button(Action.reset, texts("button.reset"), disabled=untouched),
                button(
                    Action.all_bad,
                    texts("button.all_bad"),
                    style=ButtonStyle.DANGER if state.all_bad else ButtonStyle.SECONDARY,
                ),
            )
        )
        send = texts("button.send_unchanged" if state.asked_unchanged else "button.send")
        rows.append(row(button(Action.send, send, disabled=not complete)))
        return Panel(
            content=self._guidance(task, state, texts),
            embeds=self._order_embeds(task, order, texts),
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
        return texts(self.heading_key, number=position + 1)

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

    def _chosen(self, task: RankTaskT, state: RankingState, values: Sequence[str]) -> RankingState:
        try:
            position = int(values[0])
        except (IndexError, ValueError):
            raise FormProblem("problem.not_here") from None
        if state.all_bad or position not in range(len(self.candidates(task))):
            raise FormProblem("problem.not_here")
        if position in state.order:
            # A second click on a menu that was already out of date.
            return state
        return _changed(state, order=(*state.order, position))

    def _last_page(self, task: RankTaskT, state: RankingState) -> int:
        return max(len(self._left(task, state)) - 1, 0) // limits.SELECT_OPTIONS

    def _menu(self, task: RankTaskT, state: RankingState, texts: Texts) -> TextSelectMenuBuilder[Never]:
        first = min(state.page, self._last_page(task, state)) * limits.SELECT_OPTIONS
        candidates = self.candidates(task)
        options = [
            option(f"{position + 1}. {preview(candidates[position].text, limits.OPTION_TEXT)}", str(position))
            for position in self._left(task, state)[first : first + limits.SELECT_OPTIONS]
        ]
        placeholder = texts("rank.choose_next" if state.order else "rank.choose_best")
        return menu(custom_id(Action.rank), placeholder, options)

    def _paging_rows(
        self, task: RankTaskT, state: RankingState, texts: Texts
    ) -> list[hikari.api.ComponentBuilder]:
        last = self._last_page(task, state)
        if last == 0:
            return []
        return [
            row(
                button(Action.page_back, texts("button.page_back"), disabled=state.page <= 0),
                button(Action.page_next, texts("button.more_replies"), disabled=state.page >= last),
            )
        ]

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
        candidates = self.candidates(task)
        # Escaping at most doubles a preview.
        length = min(_PREVIEW, max(limits.EMBED_DESCRIPTION // (2 * len(candidates)) - 20, 10))
        lines = [
            texts(
                "rank.line",
                place=place,
                name=self._name(position, texts),
                text=escape(preview(candidates[position].text, length)),
            )
            for place, position in enumerate(order, start=1)
        ]
        description = limits.trim("\n".join(lines), limits.EMBED_DESCRIPTION)
        return (hikari.Embed(title=texts("heading.order"), description=description, color=CHOICE_COLOUR),)


def _changed(state: RankingState, **changes: object) -> RankingState:
    return state.model_copy(update={"asked_unchanged": False, "page": 0, **changes})


def _reconsidered(state: RankingState, action: Action) -> RankingState:
    if action is Action.undo:
        return _changed(state, order=state.order[:-1])
    if action is Action.reset:
        return RankingState()
    return _changed(state, all_bad=not state.all_bad)
