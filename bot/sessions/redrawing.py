"""Answers a click by showing its task as it stands now, wherever its controls are by then."""

import hikari
from loguru import logger

from bot.forms import Panel
from bot.outgoing import THREAD_IS_ARCHIVED, Clicked
from bot.sessions import wording
from bot.sessions.parts import Parts
from bot.store.sessions import LIVE, STANDING, Session
from bot.texts import texts_for


class Redrawing:
    """Changes the message with the controls; an open task's thread is opened again for that."""

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter

    async def answer(self, interaction: Clicked, session: Session) -> None:
        """Answer a click or a modal, unanswered so far, by what the session looks like now."""
        fresh = await self._store.sessions.by_code(session.code)
        if fresh is None:
            return
        clicked = interaction.message
        if fresh.state in LIVE and clicked is not None and int(clicked.id) != fresh.control_message_id:
            await self._answer_elsewhere(interaction, fresh)
            return
        panel = await self._panel(fresh)
        if not await self._outgoing.update(interaction, panel) and fresh.state in LIVE:
            await self._reopen(interaction, fresh, panel)

    async def finish(self, interaction: Clicked, session: Session) -> None:
        """Complete a deferred answer by what the session looks like now."""
        fresh = await self._store.sessions.by_code(session.code)
        if fresh is None:
            return
        panel = await self._panel(fresh)
        try:
            await self._outgoing.finish(interaction, panel)
        except hikari.BadRequestError as error:
            if error.code != THREAD_IS_ARCHIVED:
                raise
            await self._reopen(interaction, fresh, panel)

    async def _panel(self, session: Session) -> Panel:
        may_go_on = session.state not in LIVE and await self._store.sessions.may_go_on(session)
        return self._presenter.controls(session, may_go_on=may_go_on)

    async def _reopen(self, interaction: Clicked, session: Session, panel: Panel) -> None:
        """Show a session in a thread that somebody archived meanwhile."""
        if session.thread_id is None or interaction.message is None:
            return
        try:
            await self._outgoing.reopen_thread(session.thread_id)
            await self._outgoing.edit(session.thread_id, int(interaction.message.id), panel)
        except hikari.ClientHTTPResponseError as error:
            logger.info("The thread of {} stays closed: {}", session.code, error.message)
            text = texts_for(session.locale)("task.thread_closed")
            await self._outgoing.whisper_more(interaction, Panel(text))

    async def _answer_elsewhere(self, interaction: Clicked, session: Session) -> None:
        """Tell who acted on an older message where their task is, and bring its controls up to date there."""
        await self._outgoing.whisper(interaction, wording.elsewhere(session, texts_for(session.locale)))
        if session.place not in STANDING or session.control_message_id is None:
            return
        panel = await self._panel(session)
        try:
            await self._outgoing.edit(session.channel_id, session.control_message_id, panel)
        except hikari.HikariError as error:
            logger.info("The controls of {} take no edit: {}", session.code, type(error).__name__)
