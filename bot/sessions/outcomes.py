"""Tells people what became of their answers, and closes what is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

import hikari
from loguru import logger

from bot.forms import Panel
from bot.guarding import guarded_row
from bot.outgoing import Answerable
from bot.rendering.giving_back import given_back
from bot.sessions.closing import Closing
from bot.sessions.controls import Controls
from bot.sessions.farewell import Farewell
from bot.sessions.moving import Moving
from bot.sessions.parts import Parts
from bot.sessions.posting import Poster
from bot.sessions.presenting import problem_text
from bot.store.outbox import OutboxEntry, OutboxKind, OutboxState
from bot.store.sessions import LIVE, Place, Session, SessionState
from bot.texts import Texts, texts_for
from oasst_client import TextLabels

EXPIRED = "expired"

AT_A_TIME: Final = 50
"""Outcomes that are told in one round, so that nothing else waits long for its turn."""

GIVEN_BACK = frozenset({SessionState.expired, SessionState.skipped, SessionState.left})
"""The states of sessions whose task went back; their threads may be closed for good."""

NOT_TAKEN = GIVEN_BACK | {SessionState.refused}
"""The states of sessions that are over though their text, if there is one, was not taken."""

_BACK: Final = {
    SessionState.expired: "task.draft_back",
    SessionState.skipped: "task.skipped_back",
    SessionState.left: "task.left_back",
}

NEWS = frozenset({SessionState.refused, SessionState.expired, SessionState.held})
"""The states that come to sessions without their person's doing, and that the person should see."""


class GuildLog(Protocol):
    """What servers are told of; it raises nothing."""

    async def task_finished(self, session: Session) -> None:
        """The backend has the answer to a session."""
        ...

    async def labelled(self, entry: OutboxEntry) -> None:
        """The backend has labels that were given outside a task, or a report of a message of the dataset."""
        ...


class Outcomes:
    """Everything that happens to a session without its person: outcomes, the end of its time, closed threads.

    Args:
        parts: the store and the rest.
        poster: posts texts that were not taken.
        moving: moves what cannot be shown where it stands.
        closing: closes threads.
        log: is told once of each session whose answer the backend has, and of labels outside tasks.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        poster: Poster,
        moving: Moving,
        closing: Closing,
        log: GuildLog,
    ) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._controls = Controls(parts)
        self._poster = poster
        self._moving = moving
        self._farewell = Farewell(parts)
        self._closing = closing
        self._log = log
        self._announced_up_to = 0

    async def announce(self, entry: OutboxEntry) -> None:
        """Show on a session's message what became of its answer, or that its time is over; again is fine.

        Raises:
            hikari.HikariError: Discord did not take it; it is to be announced again later.
        """
        if entry.kind is OutboxKind.erase:
            await self._farewell.tell(entry)
            return
        session = await self._store.sessions.by_code(entry.session_code or "")
        if session is None:
            # Of labels outside a task only a refusal is news, and it is private: it waits for the person.
            if entry.state is OutboxState.refused:
                await self._store.outbox.wait_for_person(entry.id)
            elif await self._store.outbox.set_announced(entry.id):
                await self._log.labelled(entry)
            return
        await self._note_reopening(session)
        await self._show(session)
        await self.tell_rest(entry)

    async def announce_missed(self, older_than: timedelta) -> None:
        """Announce what nobody came to announce in all that time since it was settled.

        One round takes the next few; after the last the following one begins anew.
        """
        before = self._clock.now() - older_than
        entries = await self._store.outbox.unannounced(AT_A_TIME, after=self._announced_up_to, before=before)
        for entry in entries:
            self._announced_up_to = entry.id
            with guarded_row(f"telling of outcome {entry.id}"):
                try:
                    await self.announce(entry)
                except hikari.HikariError as error:
                    logger.warning("Outcome {} is not shown yet: {}", entry.id, type(error).__name__)
        if len(entries) < AT_A_TIME:
            self._announced_up_to = 0

    async def tell_rest(self, entry: OutboxEntry, *, closes: bool = True) -> None:
        """After the controls: give a text back that was not taken, tell the guild's log; then all is told.

        Args:
            entry: what was announced.
            closes: whether the thread of a task that went back is closed then, if it is to be.
        """
        session = await self._store.sessions.by_code(entry.session_code or "")
        if session is not None:
            await self._note_reopening(session)
            if not await self._given_back(session):
                await self._store.outbox.wait_for_person(entry.id)
                return
        is_first = await self._set_told(entry, session)
        if session is None:
            return
        if is_first and entry.kind is OutboxKind.answer and entry.state is OutboxState.done:
            await self._log.task_finished(session)
        if closes and session.state in GIVEN_BACK and session.closing:
            await self._closing.close(session)

    async def _note_reopening(self, session: Session) -> None:
        """What is given back or shown opens a closed thread again, and then it is to be closed once more."""
        if session.state in GIVEN_BACK and session.closing:
            await self._store.sessions.ask_to_close(session.code)

    async def hand_back(self, entry: OutboxEntry, interaction: Answerable) -> None:
        """Give a person, who has just given a task back, the text that they wrote on it."""
        try:
            await self.tell_rest(entry, closes=False)
            await self.give_back_to(interaction, beside=entry.session_code)
        except hikari.HikariError as error:
            logger.warning("A text is not given back yet: {}", type(error).__name__)
            return
        session = await self._store.sessions.by_code(entry.session_code or "")
        if session is not None and session.closing:
            # Only now: with a thread that is deleted goes what the person is told privately there.
            await self._closing.close(session)

    async def give_back_to(self, interaction: Answerable, *, beside: str | None = None) -> None:
        """Give a person, who is here now, the texts that could not be given back before.

        And tell them of labels that were refused after they had gone.

        Args:
            interaction: answered.
            beside: the code of the session whose controls they look at; those say why it is over.
        """
        for entry in await self._store.outbox.untold(int(interaction.user.id)):
            if entry.kind is OutboxKind.labels and entry.state is OutboxState.refused:
                refusal = _labels_refused(entry, texts_for(str(interaction.locale)))
                await self._outgoing.whisper_more(interaction, Panel(refusal))
                await self._closing.keep(int(interaction.channel_id))
                await self._store.outbox.set_announced(entry.id)
                continue
            if entry.kind is OutboxKind.erase:
                await self._farewell.tell_beside(entry, interaction)
                continue
            session = await self._store.sessions.by_code(entry.session_code or "")
            if session is None or session.state not in NOT_TAKEN:
                continue
            locale = str(interaction.locale)
            await self._closing.keep(int(interaction.channel_id))
            for panel in self._returned(session, locale, beside=session.code == beside):
                await self._outgoing.whisper_more(interaction, panel)
            await self._set_told(entry, session)

    async def close(self, session: Session) -> None:
        """Close the thread of a session; a failure is made good by `close_missed`."""
        await self._closing.close(session)

    async def close_missed(self) -> None:
        """Close the threads that no process came to close, once they show that their tasks are over."""
        for listed in await self._store.sessions.to_close():
            with guarded_row(f"closing the thread of {listed.code}"):
                # The threads before it may have taken long.
                session = await self._store.sessions.still_to_close(listed.code)
                if session is None:
                    continue
                try:
                    await self.close_one(session)
                except hikari.HikariError as error:
                    logger.warning("The end of {} is not shown yet: {}", session.code, type(error).__name__)

    async def close_one(self, session: Session) -> None:
        """Show that a task is over, and close its thread.

        Raises:
            hikari.HikariError: its end cannot be shown now.
        """
        await self._show(session)
        await self.close(session)

    async def expire(self) -> bool:
        """End the sessions whose time is over; give whether there was one."""
        overdue = await self._store.sessions.overdue(self._clock.now())
        for session in overdue:
            with guarded_row(f"ending {session.code}"):
                await self.end(session, SessionState.expired, EXPIRED)
        return bool(overdue)

    async def end(self, session: Session, state: SessionState, reason: str) -> None:
        """A live session is over without its person's doing: its task goes back, and they are told.

        Args:
            session: the session.
            state: `expired` or `left`.
            reason: what the backend reads.
        """
        now = self._clock.now()
        async with self._store.database.transaction():
            fresh = await self._store.sessions.by_code(session.code)
            if fresh is None or fresh.state not in LIVE:
                return
            entry_id = await self._store.outbox.add_nack(
                session.code, session.user, session.task_id, reason, now, announced=False
            )
            await self._store.sessions.end(session.code, state, now)
            await self._store.sessions.ask_to_close(session.code)
            if state is SessionState.expired:
                # Whoever comes late reads what became of it.
                await self._closing.keep(session.thread_id)
        entry = await self._store.outbox.get(entry_id)
        try:
            if entry is not None:
                await self.announce(entry)
        except hikari.HikariError as error:
            logger.warning("The end of {} is not shown yet: {}", session.code, type(error).__name__)

    async def _given_back(self, session: Session) -> bool:
        """Give a text back that was not taken; False where that must wait for the next /task."""
        panels = self._returned(session, session.locale) if session.state in NOT_TAKEN else []
        if not panels:
            return True
        if _has_room(session):
            try:
                if session.closing and session.thread_id is not None:
                    await self._closing.reopen(session.thread_id, session.guild_id)
                await self._closing.keep(session.thread_id)
                if session.thread_id is not None and session.state is not SessionState.skipped:
                    # Who has left the thread reads nothing there, and who has left the server cannot come in.
                    await self._outgoing.let_in(session.thread_id, session.user_id)
                await self._poster.add(session, self._returned(session, session.locale, beside=True), "back")
            except hikari.ClientHTTPResponseError as error:
                logger.info("A text of {} cannot be given back there: {}", session.code, error.message)
                await self._store.sessions.set_out_of_reach(session.code)
            else:
                return True
        return await self._given_back_directly(session, panels)

    async def _given_back_directly(self, session: Session, panels: list[Panel]) -> bool:
        if not await self._store.people.direct_messages(session.user_id):
            return False
        try:
            channel_id = await self._outgoing.open_direct(session.user_id)
            there = replace(session, place=Place.direct, thread_id=None, parent_id=channel_id)
            await self._poster.add(there, panels, "back")
        except hikari.ClientHTTPResponseError as error:
            await self._moving.note_refusal(session.user_id, error)
            return False
        return True

    async def _set_told(self, entry: OutboxEntry, session: Session | None) -> bool:
        """All of an outcome is told; a text that was given back is the person's alone again.

        Returns:
            Whether nobody told of it before.
        """
        async with self._store.database.transaction():
            is_first = await self._store.outbox.set_announced(entry.id)
            if session is not None and session.state in NOT_TAKEN:
                await self._store.sessions.set_form(session.code, self._presenter.first_state(session))
        return is_first

    def _returned(self, session: Session, locale: str, *, beside: bool = False) -> list[Panel]:
        """Give the messages with a text that was not taken; `beside` its controls they need no reason."""
        draft = self._presenter.draft(session)
        if not draft:
            return []
        texts = texts_for(locale)
        if beside:
            return given_back(draft, texts("task.returned"))
        if session.state is SessionState.refused:
            return given_back(draft, texts("task.text_back", reason=problem_text(session.problem, texts)))
        return given_back(draft, texts(_BACK[session.state]))

    async def _show(self, session: Session) -> None:
        """Make the controls look as the session stands, as far as they take an edit."""
        # Who closed a thread has seen that the answer is kept, or gave the task back; other news open it.
        is_news = session.state in NEWS
        if await self._controls.redraw(session, reopen=is_news):
            return
        if session.state is SessionState.held and session.place is not Place.ephemeral:
            # The person has to act, and cannot do it there.
            await self._moving.lose(session, "place.out_of_reach")


def _has_room(session: Session) -> bool:
    """Whether a session that is over has a thread or direct messages, in which nobody else reads a text.

    On its way to another place it has none: its channel is then the one in which its person asked for it.
    """
    if session.place is Place.thread:
        # Who has left a server sees none of its threads.
        return session.thread_id is not None and session.state is not SessionState.left
    return session.place is Place.direct and session.control_message_id is not None


def _labels_refused(entry: OutboxEntry, texts: Texts) -> str:
    """Say that labels outside a task, or a report, were not taken, and why."""
    section = "report" if TextLabels.model_validate_json(entry.payload).is_report else "label_menu"
    return texts(f"{section}.refused", reason=problem_text(entry.error_code, texts))
