"""Brings each click and each submitted modal to the one function that owns its custom_id."""

import math
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import hikari
import miru
from loguru import logger

from bot.cooldowns import Clicks
from bot.errors import DatabaseClosedError, RestartingError, TooFastError, report
from bot.in_hand import InHand
from bot.outgoing import Answerable, Clicked, Outgoing
from bot.rendering.giving_back import given_back
from bot.texts import Texts, texts_for

TOO_LATE = frozenset({10062, 10015, 50027})
"""Discord's codes for an interaction whose three seconds or fifteen minutes are over."""

OnClick = Callable[[hikari.ComponentInteraction], Awaitable[None]]
OnSubmit = Callable[[hikari.ModalInteraction], Awaitable[None]]
InteractionT = TypeVar("InteractionT", hikari.ComponentInteraction, hikari.ModalInteraction)


class Router:
    """Owns the custom_ids of everything that must work after a restart.

    Fixed ids of components belong to miru's persistent views, started once with the process; modals, and ids
    that carry a parameter, come by its hooks for what no view has. What nothing owns has expired. A handler
    gets the interaction unanswered, must answer it within three seconds, and may raise: the person is told,
    and the log says more. It gets no more clicks of one person than `clicks` let through.
    """

    def __init__(self, client: miru.Client, outgoing: Outgoing, in_hand: InHand, clicks: Clicks) -> None:
        self._client = client
        self._clicking = clicks
        self._outgoing = outgoing
        self._in_hand = in_hand
        self._clicks: dict[str, OnClick] = {}
        self._forms: dict[str, tuple[frozenset[str], OnSubmit]] = {}
        self._submits: dict[str, OnSubmit] = {}
        client.set_unhandled_component_interaction_hook(self._unowned_click)
        client.set_unhandled_modal_interaction_hook(self._submitted)

    def own(self, custom_ids: Iterable[str], on_click: OnClick) -> None:
        """Give the clicks and choices on components with these ids to a function."""
        guarded = self._guarded(on_click)
        for custom_id in custom_ids:
            # miru builds all components of a view at each click on one of them.
            self._client.start_view(_View(custom_id, guarded), bind_to=None)

    def own_modal(self, custom_id: str, input_ids: Iterable[str], on_submit: OnSubmit) -> None:
        """Give the submits of a modal with this id and any of these inputs to a function."""
        # Not to a modal of miru's: that drops a form with none of these, unanswered.
        self._forms[custom_id] = (frozenset(input_ids), self._guarded(on_submit))

    def own_prefix(self, prefix: str, on_click: OnClick) -> None:
        """Give the clicks on components whose id starts so, and that nothing owns whole, to a function."""
        self._clicks[prefix] = self._guarded(on_click)

    def own_modal_prefix(self, prefix: str, on_submit: OnSubmit) -> None:
        """Give the submits of modals whose id starts so, and that nothing owns whole, to a function."""
        self._submits[prefix] = self._guarded(on_submit)

    async def _submitted(self, interaction: hikari.ModalInteraction) -> None:
        known, owner = self._forms.get(interaction.custom_id, (frozenset(), self._expired))
        if any(one.custom_id in known for row in interaction.components for one in row.components):
            await owner(interaction)
            return
        for prefix, on_submit in self._submits.items():
            if interaction.custom_id.startswith(prefix):
                await on_submit(interaction)
                return
        await self._expired(interaction)

    async def _unowned_click(self, interaction: hikari.ComponentInteraction) -> None:
        for prefix, on_click in self._clicks.items():
            if interaction.custom_id.startswith(prefix):
                await on_click(interaction)
                return
        await self._guarded(self._expired)(interaction)

    async def _expired(self, interaction: InteractionT) -> None:
        await self._say(interaction, texts_for(str(interaction.locale))("error.expired"))

    async def say_restarting(self, interaction: Answerable) -> None:
        """Tell somebody that the bot is closing and what they did last may not have been taken."""
        await self._say(interaction, texts_for(str(interaction.locale))("error.restarting"))

    async def _say(self, interaction: Answerable, words: str) -> None:
        """Say why something was not done; what was typed into a modal goes back: nobody else has it."""
        typed = ""
        if isinstance(interaction, hikari.ModalInteraction):
            typed = "\n\n".join(one.value for row in interaction.components for one in row.components)
        await self._outgoing.tell_all(interaction, given_back(typed.strip(), words))

    def _guarded(
        self, handler: Callable[[InteractionT], Awaitable[None]]
    ) -> Callable[[InteractionT], Awaitable[None]]:
        async def guarded(interaction: InteractionT) -> None:
            try:
                self._in_hand.take(interaction)
                if self._is_taken(interaction):
                    await handler(interaction)
            except Exception as error:  # noqa: BLE001  # the one place that turns errors into words
                await self.failed(interaction, error)

        return guarded

    def _is_taken(self, interaction: Clicked) -> bool:
        """Say whether something is to be answered at all; clicks of who floods the bot are not."""
        is_click = isinstance(interaction, hikari.ComponentInteraction)
        return not is_click or self._clicking.lets_through(int(interaction.user.id))

    async def failed(self, interaction: Answerable, error: Exception) -> None:
        """Log an error that nobody expected, and tell the person under which id."""
        if isinstance(error, hikari.ComponentStateConflictError | DatabaseClosedError):
            logger.debug("An interaction was left unanswered, because the bot is closing")
            return
        if _came_too_late(error):
            logger.warning("Discord no longer takes an answer to an interaction: it came too late")
            return
        error_id = None if isinstance(error, RestartingError | TooFastError) else report(error)
        words = _words(error, error_id, texts_for(str(interaction.locale)))
        try:
            await self._say(interaction, words)
        except Exception as failure:  # noqa: BLE001  # nobody is left who could tell the person
            if _came_too_late(failure):
                logger.warning("Nobody could be told of error {}: it came too late", error_id)
            elif error_id is not None:
                report(failure)


def _words(error: Exception, error_id: str | None, texts: Texts) -> str:
    if isinstance(error, TooFastError):
        return texts("error.too_fast", seconds=math.ceil(error.seconds))
    return texts("error.restarting") if error_id is None else texts("error.unexpected", id=error_id)


def _came_too_late(error: Exception) -> bool:
    return isinstance(error, hikari.ClientHTTPResponseError) and error.code in TOO_LATE


class _View(miru.View):
    """Owns one id for ever, of whatever kind the component is; it is never rendered and holds no state."""

    def __init__(self, custom_id: str, on_click: OnClick) -> None:
        super().__init__(timeout=None, autodefer=False)
        self.add_item(_Item(custom_id, on_click))


class _Item(miru.Button):
    """The one component of such a view."""

    def __init__(self, custom_id: str, on_click: OnClick) -> None:
        super().__init__("-", custom_id=custom_id)
        self._on_click = on_click

    async def callback(self, context: miru.ViewContext) -> None:
        await self._on_click(context.interaction)


def value_of(interaction: hikari.ModalInteraction, input_id: str) -> str:
    """Give what was typed into an input of a modal; empty where it has no such input."""
    for row in interaction.components:
        for component in row.components:
            if component.custom_id == input_id:
                return component.value
    return ""
