"""Lets people read what a task's messages show only in part, see it as it was written, and report it."""

from collections.abc import Sequence

import hikari

from bot.forms import Action, FormProblem, Panel
from bot.forms.reporting import which_panel
from bot.rendering.conversation import panels
from bot.rendering.files import bundled, text_file
from bot.sessions.parts import Parts
from bot.store.sessions import Session
from bot.texts import Texts, texts_for

READING = frozenset({Action.read, Action.as_written, Action.report})
"""What changes nothing about a task, so that it works also once the task is over."""


class Reading:
    """Answers in private, from the bot's database alone."""

    def __init__(self, parts: Parts) -> None:
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter

    async def click(self, interaction: hikari.ComponentInteraction, session: Session, action: Action) -> None:
        """Show what is asked for.

        Args:
            interaction: unanswered, of the session's owner.
            session: the session.
            action: one of READING.
        """
        await self._outgoing.defer(interaction)
        texts = texts_for(str(interaction.locale))
        try:
            first, *more = self._answer(session, action, tuple(interaction.values), texts)
        except FormProblem as problem:
            first, more = Panel(problem.text(texts)), []
        await self._outgoing.finish(interaction, first)
        for panel in more:
            await self._outgoing.whisper_more(interaction, panel)

    def _answer(
        self, session: Session, action: Action, values: Sequence[str], texts: Texts
    ) -> Sequence[Panel]:
        form, state = self._presenter.form(session), self._presenter.state(session)
        match action:
            case Action.read:
                return panels("", [form.in_full(session.task, state, values, texts)], texts)
            case Action.as_written:
                files = [text_file(one.name, one.block.text) for one in form.texts_of(session.task, texts)]
                if not files:
                    raise FormProblem("problem.not_here")
                return [Panel(texts("task.as_written"), files=bundled(files))]
            case _:
                return [which_panel(session.code, form.reportable(session.task, texts), texts)]
