"""Tells people what became of their answers, and closes what is over."""

from collections.abc import Awaitable, Callable

import hikari
from loguru import logger

from bot.forms import Panel
from bot.outgoing import Answerable
from bot.sessions import wording
from bot.sessions.parts import Parts
from bot.sessions.presenting import problem_text
from bot.store.outbox import OutboxEntry, OutboxKind, OutboxState
from bot.store.sessions import LIVE, Place, Session, SessionState
from bot.texts import texts_for

EXPIRED = "expired"

OnFinished = Callable[[Session], Awaitable[None]]


class Outcomes:
    """Everything that happens to a session without its person: outcomes, the end of its time, closed threads.

    Args:
        parts: the store and the rest.
        on_finished: is told once of each session whose answer the backend has.
    """

    def __init__(self, parts: Parts, on_finished: OnFinished) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._on_finished = on_finished

    async def announce(self, entry: OutboxEntry) -> None:
        """Show on a session's message what became of its answer; again is fine.

        Raises:
            hikari.HikariError: Discord did not take it; it is to be announced again later.
        """
        session = await self._store.sessions.by_code(entry.session_code or "")
        if session is None:
            # Of labels outside a task only a refusal is news, and it is private: it waits for the person.
            if entry.state is not OutboxState.refused:
                await self._store.outbox.set_announced(entry.id)
            return
        if session.place is Place.thread:
            # An archived thread takes no edits; who closed it has seen that the answer is kept.
            await self._show(session)
        await self.tell_rest(entry)

    async def announce_missed(self) -> None:
        """Announce what no process came to announce."""
        for entry in await self._store.outbox.unannounced():
            try:
                await self.announce(entry)
            except hikari.HikariError as error:
                logger.warning("Outcome {} is not shown yet: {}", entry.id, type(error).__name__)

    async def tell_rest(self, entry: OutboxEntry) -> None:
        """After the controls: give a refused text back, tell the guild's log; then it is announced."""
        session = await self._store.sessions.by_code(entry.session_code or "")
        if session is not None and entry.state is OutboxState.refused and not await self._given_back(session):
            return
        await self._store.outbox.set_announced(entry.id)
        if session is not None and entry.state is OutboxState.done:
            await self._on_finished(session)

    async def give_back_to(self, interaction: Answerable) -> None:
        """Give a person, who is here now, the refused texts that could not be given back before.

        And tell them of labels that were refused after they had gone.
        """
        for entry in await self._store.outbox.unannounced(int(interaction.user.id)):
            if entry.kind is OutboxKind.labels and entry.state is OutboxState.refused:
                texts = texts_for(str(interaction.locale))
                refusal = texts("label_menu.refused", reason=problem_text(entry.error_code, texts))
                await self._outgoing.whisper_more(interaction, Panel(refusal))
                await self._store.outbox.set_announced(entry.id)
                continue
            session = await self._store.sessions.by_code(entry.session_code or "")
            if session is None or session.state is not SessionState.refused:
                continue
            for panel in self._refusal(session):
                await self._outgoing.whisper_more(interaction, panel)
            await self._store.outbox.set_announced(entry.id)

    async def close(self, session: Session) -> None:
        """Archive the thread of a session; a failure is made good by `close_missed`."""
        if session.thread_id is not None:
            try:
                await self._outgoing.close_thread(session.thread_id)
            except hikari.HikariError as error:
                logger.warning("Thread of {} is not closed yet: {}", session.code, type(error).__name__)
                if not isinstance(error, hikari.ForbiddenError):
                    return
        await self._store.sessions.set_closed(session.code)

    async def close_missed(self) -> None:
        """Close the threads that no process came to close."""
        for session in await self._store.sessions.to_close():
            await self.close(session)

    async def expire(self) -> bool:
        """End the sessions whose time is over; give whether there was one."""
        overdue = await self._store.sessions.overdue(self._clock.now())
        for session in overdue:
            now = self._clock.now()
            async with self._store.database.transaction():
                fresh = await self._store.sessions.by_code(session.code)
                if fresh is None or fresh.state not in LIVE:
                    continue
                await self._store.outbox.add_nack(session.code, session.user, session.task_id, EXPIRED, now)
                await self._store.sessions.end(session.code, SessionState.expired, now)
                await self._store.sessions.ask_to_close(session.code)
            await self._show_expired(fresh)
            await self.close(fresh)
        return bool(overdue)

    async def _show_expired(self, session: Session) -> None:
        draft = self._presenter.draft(session)
        try:
            if session.place is Place.thread:
                await self._show(session)
                if draft and session.thread_id is not None:
                    intro = texts_for(session.locale)("task.draft_back")
                    await self._post_all(session, wording.given_back(draft, intro), "late")
        except hikari.HikariError as error:
            logger.warning("The end of {} is not shown: {}", session.code, type(error).__name__)

    async def _given_back(self, session: Session) -> bool:
        """Give a refused text back in the thread; False where that must wait for the next /task."""
        panels = self._refusal(session)
        if panels and (session.place is not Place.thread or session.thread_id is None):
            return False
        try:
            await self._post_all(session, panels, "back")
        except hikari.ClientHTTPResponseError:
            return False
        return True

    def _refusal(self, session: Session) -> list[Panel]:
        draft = self._presenter.draft(session)
        if not draft:
            return []
        texts = texts_for(session.locale)
        return wording.given_back(draft, texts("task.text_back", reason=problem_text(session.problem, texts)))

    async def _post_all(self, session: Session, panels: list[Panel], what: str) -> None:
        for part, panel in enumerate(panels):
            await self._outgoing.post(session.channel_id, panel, f"{session.code}-{what}-{part}")

    async def _show(self, session: Session) -> bool:
        """Make the controls look as the session stands; False where the message takes no edit any more."""
        fresh = await self._store.sessions.by_code(session.code)
        if fresh is None or fresh.control_message_id is None:
            return False
        may_go_on = await self._store.sessions.may_go_on(fresh)
        panel = self._presenter.controls(fresh, may_go_on=may_go_on)
        try:
            await self._outgoing.edit(fresh.channel_id, fresh.control_message_id, panel)
        except hikari.ClientHTTPResponseError as error:
            logger.info("The controls of {} take no edit: {}", fresh.code, error.message)
            return False
        return True
