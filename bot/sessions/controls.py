"""The message with a task's controls: makes it look as the task stands, wherever it is by then."""

import hikari
from loguru import logger

from bot.forms import Action, Panel
from bot.forms.custom_ids import parse
from bot.outgoing import THREAD_IS_ARCHIVED, Clicked
from bot.sessions import wording
from bot.sessions.closing import Closing
from bot.sessions.parts import Parts
from bot.store.sessions import LIVE, STANDING, Session, SessionState
from bot.texts import texts_for

KEPT = frozenset({SessionState.submitted, SessionState.delivered})
"""The states of sessions whose answer is safe."""


class Controls:
    """Changes the one message on which everything about a task happens."""

    def __init__(self, parts: Parts) -> None:
        self._closing = Closing(parts)
        self._sessions = parts.store.sessions
        self._finished_threads = parts.store.finished_threads
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter

    async def redraw(self, session: Session, panel: Panel | None = None, *, reopen: bool = False) -> bool:
        """Change the message where it stands, unless Discord refuses that or the bot cannot change it there.

        Args:
            session: as it stands.
            panel: what it is to look like; None: as the session stands.
            reopen: open its thread again where that was archived; else only where the message still offers to
                work on the task, and a thread that the bot had closed is closed again.

        Returns:
            Whether it is changed.

        Raises:
            hikari.HikariError: Discord does not say; it may be tried again.
        """
        if session.place not in STANDING or session.control_message_id is None:
            return False
        panel = await self._panel(session) if panel is None else panel
        try:
            await self._edit(session, session.control_message_id, panel, reopen=reopen)
        except hikari.ClientHTTPResponseError as error:
            _note_refusal(session, error)
            return False
        return True

    async def try_redraw(self, session: Session, panel: Panel | None = None) -> None:
        """Change the message where nothing depends on it: whatever goes wrong is only logged."""
        try:
            await self.redraw(session, panel)
        except hikari.HikariError as error:
            logger.info("The controls of {} are not changed: {}", session.code, type(error).__name__)

    async def answer(self, interaction: Clicked, session: Session) -> None:
        """Answer a click or a modal, unanswered so far, by what the session looks like now."""
        fresh = await self._sessions.by_code(session.code)
        if fresh is None:
            await self._outgoing.whisper(interaction, wording.elsewhere(None, interaction))
            return
        clicked = interaction.message
        if clicked is not None and int(clicked.id) != fresh.control_message_id:
            # Who acted on an older message, which may be gone, reads where the task is, or how it ended.
            is_live = fresh.state in LIVE
            where = wording.elsewhere(fresh, interaction)
            await self._outgoing.whisper(interaction, where if is_live else self._presenter.controls(fresh))
            await self.try_redraw(fresh)
            return
        panel = await self._panel(fresh)
        if await self._outgoing.update(interaction, panel):
            return
        if fresh.state in LIVE:
            await self._reopen(interaction, fresh, panel)
        elif not await self.redraw(fresh, panel):
            # The thread is archived, and nothing in it changes any more.
            await self._outgoing.whisper_more(interaction, self._presenter.controls(fresh))

    async def finish(self, interaction: Clicked, session: Session) -> None:
        """Complete a deferred answer by what the session looks like now."""
        fresh = await self._sessions.by_code(session.code)
        if fresh is None:
            await self._outgoing.whisper_more(interaction, wording.elsewhere(None, interaction))
            return
        panel = await self._panel(fresh)
        try:
            await self._outgoing.finish(interaction, panel)
        except hikari.BadRequestError as error:
            if error.code != THREAD_IS_ARCHIVED:
                raise
            now = await self._sessions.by_code(session.code) or fresh
            if now.closing and now.state in KEPT:
                # Who closed the thread meanwhile has seen that the answer is kept, or it is shown now.
                await self.redraw(now)
            else:
                await self._reopen(interaction, now, await self._panel(now))
        except hikari.NotFoundError as error:
            # It was dismissed, or deleted, while its person waited.
            _note_refusal(fresh, error)
            await self._outgoing.whisper_more(interaction, self._presenter.controls(fresh))

    async def finish_last(self, interaction: Clicked, session: Session) -> None:
        """Complete a deferred answer on a task that is over: the next one is shown, so none is offered."""
        try:
            await self._outgoing.finish(interaction, self._presenter.controls(session))
        except hikari.ClientHTTPResponseError as error:
            _note_refusal(session, error)

    async def _panel(self, session: Session) -> Panel:
        may_go_on = session.state not in LIVE and await self._sessions.may_go_on(session)
        return self._presenter.controls(session, may_go_on=may_go_on)

    async def _reopen(self, interaction: Clicked, session: Session, panel: Panel) -> None:
        """Show a session in a thread that somebody archived meanwhile."""
        if session.thread_id is not None and not await self.redraw(session, panel, reopen=True):
            text = texts_for(str(interaction.locale))("task.thread_closed")
            await self._outgoing.whisper_more(interaction, Panel(text))

    async def _edit(self, session: Session, message_id: int, panel: Panel, *, reopen: bool) -> None:
        try:
            await self._outgoing.edit(session.channel_id, message_id, panel)
        except hikari.BadRequestError as error:
            if error.code != THREAD_IS_ARCHIVED or session.thread_id is None:
                raise
            if not reopen and not await self._offers_work(session, message_id):
                raise
            await self._closing.reopen(session.thread_id, session.guild_id)
            await self._outgoing.edit(session.channel_id, message_id, panel)
            if not reopen:
                await self._finished_threads.close_again(session.thread_id)

    async def _offers_work(self, session: Session, message_id: int) -> bool:
        """Whether the message looks like that of a task that is open, which its person may have given up."""
        message = await self._outgoing.look_at(session.channel_id, message_id)
        rows = (row for row in message.components if isinstance(row, hikari.ActionRowComponent))
        buttons = (part for row in rows for part in row if isinstance(part, hikari.ButtonComponent))
        found = (parse(button.custom_id or "") for button in buttons)
        return any(control is not None and control.action is Action.skip for control in found)


def _note_refusal(session: Session, error: hikari.ClientHTTPResponseError) -> None:
    logger.info("The controls of {} take no edit: {}", session.code, error.message)
