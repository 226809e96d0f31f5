"""Takes what people click, choose and write on a task."""

import sqlite3

import hikari

from bot.delivery import Delivery
from bot.errors import report
from bot.forms import Action, FormEvent, FormProblem, Panel
from bot.forms.controls import skip_modal
from bot.forms.custom_ids import MODAL_INPUTS, SKIP_MODAL_INPUT, ControlId, parse
from bot.forms.writing import whole_text
from bot.limits import SKIP_REASON
from bot.outgoing import Clicked
from bot.rendering.giving_back import given_back
from bot.rendering.seen import says
from bot.router import value_of
from bot.sessions.authority import Authority
from bot.sessions.controls import Controls
from bot.sessions.offering import Offering
from bot.sessions.outcomes import Outcomes
from bot.sessions.parts import Parts
from bot.sessions.reading import READING, Reading
from bot.store.outbox import OutboxEntry, OutboxState
from bot.store.sessions import ANSWERABLE, LIVE, Place, Session, SessionState
from bot.texts import texts_for

SECONDS_FOR_OUTCOME = 5.0
"""How long a person who sent an answer waits for the backend's word before they read that it is kept."""

STOPPED = "stopped by the person"
SKIPPED = "skipped"

TURNING = frozenset({Action.page, Action.page_next, Action.page_back})
"""What shows another part of the controls, and answers nothing."""


class Answering:
    """Brings clicks and submitted modals to the session of the message they were made on.

    Only the owner's count. What opens a modal or changes a choice is answered from the bot's database alone;
    an answer is in the outbox before anybody is thanked.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        delivery: Delivery,
        offering: Offering,
        outcomes: Outcomes,
        authority: Authority,
    ) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._delivery = delivery
        self._offering = offering
        self._outcomes = outcomes
        self._authority = authority
        self._controls = Controls(parts)
        self._reading = Reading(parts)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take a click or a choice on a task's controls."""
        session = await self._authority.session_of_click(interaction)
        if session is None:
            return
        control = parse(interaction.custom_id)
        if control is None:
            # It was drawn by another version of the bot.
            await self._controls.answer(interaction, session)
            return
        try:
            await self._act(interaction, session, control)
        except FormProblem as problem:
            texts = texts_for(str(interaction.locale))
            await self._outgoing.whisper(interaction, Panel(problem.text(texts)))

    async def _act(
        self, interaction: hikari.ComponentInteraction, session: Session, control: ControlId
    ) -> None:
        match control.action:
            case Action.next:
                await self._next(interaction, session)
            case Action.done:
                await self._done(interaction, session)
            case action if action in READING:
                await self._reading.click(interaction, session, action)
            case _ if session.state not in ANSWERABLE:
                await self._show_end(interaction, session)
            case _:
                await self._work_on(interaction, session, control)

    async def _work_on(
        self, interaction: hikari.ComponentInteraction, session: Session, control: ControlId
    ) -> None:
        """Take a click or a choice on the controls of an open task."""
        match control.action:
            case Action.write | Action.edit:
                form, state = self._presenter.form(session), self._presenter.state(session)
                texts = texts_for(str(interaction.locale))
                await self._outgoing.ask(interaction, form.modal(session.task, state, texts))
            case Action.skip:
                await self._outgoing.ask(interaction, skip_modal(texts_for(str(interaction.locale))))
            case Action.pause | Action.resume:
                await self._store.sessions.set_paused(session.code, paused=control.action is Action.pause)
                await self._controls.answer(interaction, session)
            case Action.stop:
                await self._give_back(interaction, session, STOPPED, close=True)
            case action:
                event = FormEvent(action, index=control.index, values=tuple(interaction.values))
                if not await self._apply(interaction, session, event):
                    await self._controls.answer(interaction, session)

    async def submit_text(self, interaction: hikari.ModalInteraction) -> None:
        """Take a written text: it is kept as a draft and shown for confirmation, or given back at once."""
        parts = [value_of(interaction, input_id) for input_id in MODAL_INPUTS]
        while parts and not parts[-1]:
            parts.pop()
        texts = texts_for(str(interaction.locale))
        intro = texts("task.too_late")
        try:
            session = await self._authority.session_of_modal(interaction)
            event = FormEvent(Action.text, values=tuple(parts))
            if session is not None and await self._apply(interaction, session, event):
                return
        except sqlite3.Error as error:
            # Discord has closed the modal, so this is the last place that has the text.
            intro = texts("error.unexpected", id=report(error))
        await self._outgoing.whisper_all(interaction, given_back(whole_text(parts), intro))

    async def submit_skip(self, interaction: hikari.ModalInteraction) -> None:
        """Give the task back, with the reason that the person typed or none."""
        session = await self._authority.session_of_modal(interaction)
        if session is None:
            await self._authority.say_elsewhere(interaction)
            return
        reason = value_of(interaction, SKIP_MODAL_INPUT).strip()[:SKIP_REASON] or SKIPPED
        await self._give_back(interaction, session, reason)

    async def _apply(self, interaction: Clicked, session: Session, event: FormEvent) -> bool:
        """Take what a person did and show it; False, and nothing is shown, where the task takes nothing."""
        try:
            async with self._store.database.transaction():
                fresh = await self._store.sessions.by_code(session.code)
                if fresh is None or fresh.state not in ANSWERABLE:
                    return False
                is_seen = event.action is not Action.send or self._is_seen(interaction, fresh)
                entry_id = await self._take(fresh, event, int(interaction.id)) if is_seen else None
                if fresh.paused:
                    # Who works on a paused task goes on with it, and sees that the pause is over.
                    await self._store.sessions.set_paused(fresh.code, paused=False)
        except FormProblem as problem:
            texts = texts_for(str(interaction.locale))
            await self._outgoing.whisper(interaction, Panel(problem.text(texts)))
            return True
        if entry_id is None:
            await self._controls.answer(interaction, session)
        else:
            await self._show_outcome(interaction, session, entry_id)
        return True

    def _is_seen(self, interaction: Clicked, session: Session) -> bool:
        """Whether the person sees what they would send: the last change may never have been shown."""
        message = interaction.message
        if message is None:
            return False
        return says(message.content, message.embeds, self._presenter.controls(session))

    async def _show_outcome(self, interaction: Clicked, session: Session, entry_id: int) -> None:
        await self._outgoing.defer_update(interaction)
        outcome = await self._delivery.outcome(entry_id, SECONDS_FOR_OUTCOME)
        await self._controls.finish(interaction, session)
        if outcome is not None:
            await self._outcomes.tell_rest(outcome)
            if outcome.state is OutboxState.refused:
                await self._outcomes.give_back_to(interaction, beside=session.code)

    async def _show_end(self, interaction: hikari.ComponentInteraction, session: Session) -> None:
        """Show how a task stands that takes nothing more, to who has not seen it yet.

        Then the outcome, with a text that was not taken: who sees a private message can be shown that only
        in answer to a click of theirs.
        """
        await self._controls.answer(interaction, session)
        is_current = int(interaction.message.id) == session.control_message_id
        if session.place is not Place.ephemeral or not is_current:
            return
        if session.state is SessionState.submitted:
            await self._delivery.drained(session.user_id, SECONDS_FOR_OUTCOME)
            await self._controls.finish(interaction, session)
        await self._outcomes.give_back_to(interaction, beside=session.code)

    async def _take(self, session: Session, event: FormEvent, interaction_id: int) -> int | None:
        """Keep the new state, and put a sent answer into the outbox; give its entry's id."""
        form = self._presenter.form(session)
        state = form.apply(session.task, self._presenter.state(session), event)
        # What is kept is not sent: the backend may want it mended, and then it must be sent anew.
        kept = state.model_copy(update={"sent": False}).model_dump_json()
        if not state.sent:
            if event.action in TURNING:
                await self._store.sessions.set_form(session.code, kept)
                return None
            drafted = getattr(state, "draft", None) is not None
            following = SessionState.drafted if drafted else SessionState.open
            await self._store.sessions.save_form(session.code, kept, following)
            return None
        answer = form.interaction(
            session.task,
            state,
            user=session.user,
            message_id=str(session.ack_message_id),
            user_message_id=str(interaction_id),
            lang=session.lang,
        )
        await self._store.sessions.save_form(session.code, kept, SessionState.submitted)
        return await self._store.outbox.add_answer(session.code, session.task_id, answer, self._clock.now())

    async def _give_back(
        self, interaction: Clicked, session: Session, reason: str, *, close: bool = False
    ) -> None:
        """Give the task back, and to the person what they wrote on it and never sent."""
        entry = await self._end(session, reason, close=close)
        await self._controls.answer(interaction, session)
        if entry is not None:
            await self._outcomes.hand_back(entry, interaction)
        elif close:
            await self._outcomes.close(session)
        # Only now: who delivers the entry tells of what was not announced.
        self._delivery.kick()

    async def _end(self, session: Session, reason: str, *, close: bool) -> OutboxEntry | None:
        """A task goes back, which is still to be shown; None where it was over already."""
        now = self._clock.now()
        async with self._store.database.transaction():
            fresh = await self._store.sessions.by_code(session.code)
            if fresh is None or fresh.state not in ANSWERABLE:
                return None
            entry_id = await self._store.outbox.add_nack(
                session.code, session.user, session.task_id, reason, now, announced=False
            )
            await self._store.sessions.end(session.code, SessionState.skipped, now)
            if close:
                await self._store.sessions.ask_to_close(session.code)
            return await self._store.outbox.get(entry_id)

    async def _next(self, interaction: hikari.ComponentInteraction, session: Session) -> None:
        await self._outgoing.defer_update(interaction)
        await self._offering.offer_next(interaction, session)
        # Who goes on like this may never use /task again.
        await self._outcomes.give_back_to(interaction)

    async def _done(self, interaction: hikari.ComponentInteraction, session: Session) -> None:
        if session.state in LIVE or not await self._store.sessions.may_go_on(session):
            # A late click: another task may be open in this thread.
            await self._controls.answer(interaction, session)
            return
        await self._store.sessions.ask_to_close(session.code)
        await self._controls.answer(interaction, session)
        await self._outcomes.close(session)
