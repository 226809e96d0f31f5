"""Reminds people, once, that the time of their task is nearly over, as long as it matters."""

from datetime import timedelta

import hikari
from loguru import logger

from bot.guarding import guarded_row
from bot.outgoing import is_gone
from bot.rendering import times
from bot.rendering.panels import Panel
from bot.sessions import wording
from bot.sessions.moving import Moving
from bot.sessions.parts import Parts
from bot.sessions.posting import Poster
from bot.store.sessions import ANSWERABLE, STANDING, Session, SessionState
from bot.texts import texts_for

LONGEST_NOTICE = timedelta(hours=6)
SHARE_OF_TIME = 8
"""The last eighth of a task's time, six hours at most: enough for an evening, late enough to be of use."""


class Reminders:
    """Writes below tasks; in an ephemeral answer nothing can be written later, so there is no reminder."""

    def __init__(self, parts: Parts, poster: Poster, moving: Moving) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._poster = poster
        self._moving = moving

    async def remind(self) -> None:
        """Remind everybody whose time is nearly over; what fails for now is tried again the next time."""
        due = await self._store.sessions.to_remind(self._clock.now(), LONGEST_NOTICE, SHARE_OF_TIME)
        for session in due:
            with guarded_row(f"reminding of {session.code}"):
                await self._remind_of(session.code)

    async def _remind_of(self, code: str) -> None:
        session = await self._store.sessions.by_code(code)
        if session is None or session.state not in ANSWERABLE or session.paused:
            return
        if session.place not in STANDING or session.control_message_id is None:
            # It has lost its place since it was listed, and nothing is to stand in the channel around that.
            return
        reminder = None
        try:
            message_id = await self._poster.add(session, [self._reminder(session)], "soon")
            reminder = (session.channel_id, message_id)
        except hikari.ClientHTTPResponseError as error:
            logger.info("Nobody can be reminded of {} there: {}", code, error.message)
            if is_gone(error):
                await self._moving.lose(session, "place.out_of_reach")
        except hikari.HikariError as error:
            logger.warning("The reminder of {} is not shown yet: {}", code, type(error).__name__)
            return
        await self._store.sessions.set_reminded(code, self._clock.now(), reminder=reminder)
        if session.thread_id is not None:
            # The task may have ended meanwhile, and the reminder has opened its thread.
            await self._store.finished_threads.close_again(session.thread_id)

    async def take_back(self) -> None:
        """Delete the reminders of tasks that are over; Discord deletes in closed threads, too."""
        for code, channel_id, message_id in await self._store.sessions.old_reminders():
            try:
                await self._outgoing.delete(channel_id, message_id)
            except hikari.ClientHTTPResponseError as error:
                logger.info("The reminder of {} stays: {}", code, error.message)
            except hikari.HikariError as error:
                logger.warning("The reminder of {} is not deleted yet: {}", code, type(error).__name__)
                continue
            await self._store.sessions.forget_reminder(code)

    def _reminder(self, session: Session) -> Panel:
        texts = texts_for(session.locale)
        time = times.relative(session.expires_at)
        lines = [texts("reminder.soon", time=time, task=wording.jump_link(session))]
        if session.state is SessionState.held:
            lines.append(texts("reminder.held"))
        elif self._presenter.draft(session):
            lines.append(texts("reminder.draft"))
        return Panel("\n".join(lines))
