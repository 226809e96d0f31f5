"""Puts a task where its person sees it, once, however often the process dies on the way."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import hikari
from loguru import logger

from bot.rendering.panels import Panel
from bot.sessions.controls import Controls
from bot.sessions.parts import Parts
from bot.sessions.posted import posted_already
from bot.store.sessions import Place, Session, SessionState
from bot.store.shown import ShownMessage
from bot.texts import texts_for

Origin: TypeAlias = hikari.CommandInteraction | hikari.ComponentInteraction


class Poster:
    """Posts sessions. Their row is there before anything is posted; each step leaves what the next needs."""

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._controls = Controls(parts)

    async def post(
        self, session: Session, origin: Origin | None = None, *, is_new: bool = False, notice: str = ""
    ) -> Session:
        """Show a session's task and its controls, and note that it is shown.

        Args:
            session: offered, or open and to be shown anew.
            origin: an answered interaction of the person; what is ephemeral can be posted through it only.
            is_new: nothing of it was posted before; else what is there already is looked for, and kept.
            notice: stands above a task in direct messages.

        Returns:
            The session as it is then: it may have ended meanwhile.

        Raises:
            hikari.HikariError: Discord did not take a message; what was posted so far is found again.
            ValueError: an ephemeral task without an interaction, or one that is to stand nowhere.
        """
        match session.place:
            case Place.thread:
                posted = await self._post_in_thread(session, is_new=is_new)
            case Place.direct:
                posted = await self._post_directly(session, notice)
            case Place.ephemeral if origin is not None:
                posted = await self._whisper(session, origin)
            case _:
                raise ValueError(f"nothing can be posted there: {session.place}")
        await self._catch_up(session, posted)
        return posted

    async def _catch_up(self, drawn: Session, posted: Session) -> None:
        """Show what became of a task while it was posted: a form that was open may have ended it."""
        as_drawn = SessionState.open if drawn.state is SessionState.offered else drawn.state
        if (posted.state, posted.form_state, posted.paused) == (as_drawn, drawn.form_state, drawn.paused):
            return
        await self._controls.try_redraw(posted)
        if posted.thread_id is not None:
            # It was to be closed before there was anything, or has been opened by what was posted.
            await self._store.finished_threads.close_again(posted.thread_id)

    async def add(self, session: Session, panels: Sequence[Panel], what: str) -> int:
        """Post something more where a session's task stands, once, under a short word for what it is.

        Returns:
            The id of its last message.

        Raises:
            hikari.HikariError: Discord did not take it.
        """
        since = session.control_message_id or session.posted_after
        there: list[int] = []
        if session.place is not Place.direct:
            there = await posted_already(self._outgoing, session.channel_id, panels, since=since)
        message_id = there[-1] if there else 0
        for part, panel in enumerate(panels[len(there) :], start=len(there)):
            nonce = f"{session.code}-{what}-{part}"
            message_id = await self._outgoing.post(session.channel_id, panel, nonce)
        return message_id

    async def _whisper(self, session: Session, origin: Origin) -> Session:
        message_id = 0
        for panel in self._panels(session):
            message_id = await self._outgoing.whisper_more(origin, panel)
            await self._note_shown(session, message_id, panel)
        return await self._note_posted(session, message_id)

    async def _post_directly(self, session: Session, notice: str) -> Session:
        """Post in the direct messages; what is there is counted, because nobody's messages there are read."""
        channel_id = await self._outgoing.open_direct(session.user_id)
        await self._store.sessions.set_parent(session.code, channel_id)
        session = replace(session, parent_id=channel_id)
        first, *more = self._panels(session)
        panels = [first.with_notice(notice) if notice else first, *more]
        message_id = 0
        for part, panel in enumerate(panels[session.posted_parts :], start=session.posted_parts):
            message_id = await self._outgoing.post(channel_id, panel, _nonce(session, part))
            await self._note_shown(session, message_id, panel)
            if part + 1 < len(panels):
                await self._store.sessions.set_posted_parts(session.code, part + 1)
        return await self._note_posted(session, message_id)

    async def _post_in_thread(self, session: Session, *, is_new: bool) -> Session:
        thread_id = await self._thread_of(session, is_new=is_new)
        session = replace(session, thread_id=thread_id)
        panels = self._panels(session)
        there = [] if is_new else await self._posted(session, thread_id, panels)
        message_id = there[-1] if there else 0
        for part, panel in enumerate(panels[len(there) :], start=len(there)):
            message_id = await self._outgoing.post(thread_id, panel, _nonce(session, part))
            await self._note_shown(session, message_id, panel)
        return await self._note_posted(session, message_id)

    async def _thread_of(self, session: Session, *, is_new: bool) -> int:
        thread_id = session.thread_id
        if thread_id is None and not is_new and session.guild_id is not None:
            thread_id = await self._outgoing.find_thread(session.guild_id, session.code, session.posted_after)
        if thread_id is None:
            name = texts_for(session.locale)("thread.name", code=session.code)
            thread_id = await self._outgoing.open_thread(session.parent_id, name)
        if session.thread_id is None:
            await self._store.sessions.set_thread(session.code, thread_id)
        if session.thread_id is None or not is_new:
            await self._outgoing.let_in(thread_id, session.user_id)
        return thread_id

    async def _posted(self, session: Session, thread_id: int, panels: Sequence[Panel]) -> list[int]:
        """Find which of a task's panels stand in its thread already."""
        found = await posted_already(self._outgoing, thread_id, panels, since=session.posted_after)
        for message_id, panel in zip(found, panels, strict=False):
            await self._note_shown(session, message_id, panel)
        if found:
            logger.info("Task {} was posted in part; going on after {} messages", session.code, len(found))
        return found

    def _panels(self, session: Session) -> list[Panel]:
        return [*self._presenter.task(session), self._presenter.controls(session)]

    async def _note_shown(self, session: Session, message_id: int, panel: Panel) -> None:
        if panel.backend_message_ids:
            await self._store.shown.add(
                ShownMessage(
                    message_id,
                    position,
                    channel_id=session.channel_id,
                    parent_id=session.parent_id,
                    guild_id=None if session.place is Place.direct else session.guild_id,
                    backend_message_id=backend_id,
                )
                for position, backend_id in panel.backend_message_ids
            )

    async def _note_posted(self, session: Session, message_id: int) -> Session:
        """The controls stand in `message_id`: the first such message acks the task, later ones do not."""
        async with self._store.database.transaction():
            is_new = session.state is SessionState.offered
            if is_new and await self._store.sessions.set_posted(session.code, message_id):
                await self._store.outbox.add_ack(
                    session.code, session.user, session.task_id, message_id, self._clock.now()
                )
            else:
                await self._store.sessions.move_controls(session.code, message_id)
            fresh = await self._store.sessions.by_code(session.code)
        if fresh is None:
            raise LookupError(f"session {session.code} is gone")
        return fresh


def _nonce(session: Session, part: int) -> str:
    """Name one part of one showing: what was deleted and is shown anew is another message to Discord."""
    showing = base64.urlsafe_b64encode(session.posted_after.to_bytes(8)).decode().rstrip("=")
    return f"{session.code}-{part}-{showing}"
