"""Lets people read what a task's messages show only in part, see it as it was written, and report it."""

from collections.abc import Sequence
from uuid import UUID

import hikari

from bot import limits
from bot.forms import Action, FormProblem, Panel
from bot.forms.named_texts import NamedText
from bot.forms.reporting import which_panel
from bot.rendering.conversation import panels
from bot.rendering.files import bundled, text_file
from bot.sessions.parts import Parts
from bot.store.sessions import Session
from bot.store.shown import ShownMessage
from bot.texts import Texts, texts_for

READING = frozenset({Action.read, Action.as_written, Action.report})
"""What changes nothing about a task, so that it works also once the task is over."""


class Reading:
    """Answers in private, from the bot's database alone; what stands there can be labelled."""

    def __init__(self, parts: Parts) -> None:
        self._shown = parts.store.shown
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
        await self._note_shown(interaction, session, await self._outgoing.finish(interaction, first), first)
        for panel in more:
            message_id = await self._outgoing.whisper_more(interaction, panel)
            await self._note_shown(interaction, session, message_id, panel)

    async def _note_shown(
        self, interaction: hikari.ComponentInteraction, session: Session, message_id: int, panel: Panel
    ) -> None:
        await self._shown.add(
            ShownMessage(
                message_id,
                position,
                channel_id=int(interaction.channel_id),
                parent_id=session.parent_id,
                guild_id=session.guild_id,
                backend_message_id=backend_id,
            )
            for position, backend_id in panel.backend_message_ids
        )

    def _answer(
        self, session: Session, action: Action, values: Sequence[str], texts: Texts
    ) -> Sequence[Panel]:
        form, state = self._presenter.form(session), self._presenter.state(session)
        match action:
            case Action.read:
                return panels("", [form.in_full(session.task, state, values, texts)], texts)
            case Action.as_written:
                written = form.texts_of(session.task, texts)
                if not written:
                    raise FormProblem("problem.not_here")
                files = bundled([text_file(one.name, one.block.text) for one in written])
                return [Panel(texts("task.as_written"), files=files, backend_message_ids=_alone(written))]
            case _:
                return [which_panel(session.code, form.reportable(session.task, texts), texts)]


def _alone(written: Sequence[NamedText]) -> tuple[tuple[int, UUID], ...]:
    """Say which file is which message of the dataset; the last of too many files holds more than one."""
    fit = len(written) if len(written) <= limits.FILES else limits.FILES - 1
    ids = (one.block.message_id for one in written[:fit])
    return tuple((position, found) for position, found in enumerate(ids) if found is not None)
