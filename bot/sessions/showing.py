"""Shows a task to its person where they can reach it, whatever stands in the way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import hikari
from loguru import logger

from bot.delivery import Delivery
from bot.guild_settings import DEFAULTS, GuildSettings
from bot.outgoing import TOO_MANY_THREADS, UNKNOWN_MESSAGE
from bot.rendering.panels import Panel
from bot.sessions import wording
from bot.sessions.closing import Closing
from bot.sessions.controls import Controls
from bot.sessions.moving import Moving
from bot.sessions.parts import Parts
from bot.sessions.places import Destination, Places
from bot.sessions.posting import Origin, Poster
from bot.store.sessions import LIVE, Place, Session, SessionState
from bot.texts import texts_for

NOT_SHOWN = "could not be shown"


@dataclass(frozen=True)
class Telling:
    """How a person is told where their task is.

    Attributes:
        say: tells them something, and may replace what was told before.
        lead: what that is; None: nothing.
        reason: that key, as far as it is known.
    """

    say: Callable[[Panel], Awaitable[object]]
    lead: wording.Lead
    reason: str | None = None


class Showing:
    """Shows sessions, in their person's turn."""

    def __init__(
        self, parts: Parts, *, delivery: Delivery, places: Places, poster: Poster, moving: Moving
    ) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._clock = parts.clock
        self._presenter = parts.presenter
        self._closing = Closing(parts)
        self._controls = Controls(parts)
        self._delivery = delivery
        self._places = places
        self._poster = poster
        self._moving = moving

    async def destination(self, interaction: Origin, settings: GuildSettings | None = None) -> Destination:
        """Choose where a person is shown a task, by where they are now.

        Args:
            interaction: theirs.
            settings: of the server, as far as they are known.
        """
        if interaction.guild_id is None:
            settings = DEFAULTS
        elif settings is None:
            settings = await self._store.guilds.settings(int(interaction.guild_id))
        direct = await self._store.people.direct_messages(int(interaction.user.id))
        return self._places.choose(interaction, settings, direct=direct)

    async def move(self, session: Session, destination: Destination, interaction: Origin) -> Session:
        """A session is to be shown elsewhere, or anew, where its person asked for it."""
        return await self._moving.move(session, destination, since=int(interaction.id))

    async def show(
        self, interaction: Origin, session: Session, telling: Telling, *, is_new: bool = False
    ) -> None:
        """Post a session, elsewhere where it cannot be had there, and tell its person where it is.

        Args:
            interaction: of the session's person.
            session: the session.
            telling: how they are told.
            is_new: nothing of it was posted before, so that nothing is looked for.
        """
        texts = texts_for(str(interaction.locale))
        first, reason = session, telling.reason
        while True:
            if session.place is Place.ephemeral:
                await _tell(telling, session, reason, interaction)
            try:
                posted = await self._poster.post(session, interaction, is_new=is_new)
            except hikari.ClientHTTPResponseError as error:
                logger.warning("Task {} cannot be posted there: {}", session.code, error.message)
                destination = await self._instead(interaction, session, error, is_first=session is first)
                if destination is None:
                    is_kept = await self.cannot_show(session)
                    await telling.say(Panel(texts("task.not_shown_kept" if is_kept else "task.not_shown")))
                    return
                await self._close_behind(session)
                session, reason = await self.move(session, destination, interaction), destination.reason
                is_new = False
            except hikari.HikariError as error:
                logger.warning("Task {} is not shown yet: {}", session.code, type(error).__name__)
                # What stands in an answer to its person can come in another such answer only.
                is_private = session.place is Place.ephemeral
                await telling.say(Panel(texts("task.not_shown_now" if is_private else "task.coming")))
                return
            else:
                break
        self._delivery.kick()
        if posted.state not in LIVE:
            await telling.say(self._presenter.controls(posted))
        elif posted.place is not Place.ephemeral:
            await _tell(telling, posted, reason, interaction)

    async def show_again(
        self, interaction: Origin, session: Session, say: Callable[[Panel], Awaitable[object]]
    ) -> None:
        """Lead a person to their open task; where they cannot reach it any more, it comes to them."""
        telling = Telling(say, wording.open_already)
        is_known = stands = reached = is_whole = False
        try:
            session = await self._with_thread(session)
            stands = session.thread_id is not None or session.place is Place.direct
            reached = stands and await self._enter(interaction, session)
            is_whole = reached and await self._has_controls(session)
            is_known = True
        except hikari.ClientHTTPResponseError as error:
            logger.info("Task {} is out of reach: {}", session.code, error.message)
            is_known, stands, reached = True, True, False
        except hikari.HikariError as error:
            logger.warning("Task {} is not shown anew yet: {}", session.code, type(error).__name__)
        ended = await self._ended_meanwhile(session)
        if ended is not None:
            await say(self._presenter.controls(ended))
            return
        if not is_known:
            await say(Panel(texts_for(str(interaction.locale))("task.coming")))
            return
        if not reached:
            destination = await self.destination(interaction)
            session = await self.move(session, destination, interaction)
            telling = replace(telling, reason=destination.reason or ("place.moved" if stands else None))
        elif is_whole:
            await _tell(telling, session, None, interaction)
            return
        elif session.control_message_id is not None:
            session = await self._renew(session, interaction)
        await self.show(interaction, session, telling)

    async def _ended_meanwhile(self, session: Session) -> Session | None:
        """Give a session that ended while it was looked for; a thread that was opened for it is closed."""
        fresh = await self._store.sessions.by_code(session.code)
        if fresh is None or fresh.state in LIVE:
            return None
        if fresh.closing:
            await self._store.sessions.ask_to_close(fresh.code)
            await self._closing.close(fresh)
        return fresh

    async def leave_word(self, session: Session) -> None:
        """Make the message from which a session has moved away say so, as far as it can be changed."""
        if session.place is Place.direct:
            moved = Panel(texts_for(session.locale)("task.moved_away"))
            await self._controls.try_redraw(session, moved)

    async def cannot_show(self, session: Session) -> bool:
        """What its person has never seen goes back, what they have begun waits; give whether it waits."""
        if session.state is SessionState.offered:
            await self._give_up(session)
            return False
        await self._moving.set_nowhere(session)
        return True

    async def _give_up(self, session: Session) -> None:
        now = self._clock.now()
        async with self._store.database.transaction():
            await self._store.outbox.add_nack(session.code, session.user, session.task_id, NOT_SHOWN, now)
            await self._store.sessions.end(session.code, SessionState.skipped, now)
        self._delivery.kick()

    async def _instead(
        self,
        interaction: Origin,
        session: Session,
        error: hikari.ClientHTTPResponseError,
        *,
        is_first: bool,
    ) -> Destination | None:
        """Choose another place for a session whose place was refused; None where there is none."""
        here = int(interaction.channel_id)
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        match session.place:
            case Place.thread if is_first and session.thread_id is not None:
                # Its thread is gone or closed to us; another one may do.
                destination = await self.destination(interaction)
                return replace(destination, reason=destination.reason or "place.moved")
            case Place.thread:
                is_full = error.code == TOO_MANY_THREADS
                reason = "place.too_many_threads" if is_full else "place.bot_may_not"
                if await self._store.people.direct_messages(int(interaction.user.id)):
                    return Destination(Place.direct, here, None, reason)
                return Destination(Place.ephemeral, here, guild_id, reason)
            case Place.direct:
                is_closed = await self._moving.note_refusal(int(interaction.user.id), error)
                reason = "place.direct_closed" if is_closed else "place.direct_later"
                return Destination(Place.ephemeral, here, guild_id, reason)
        return None

    async def _close_behind(self, session: Session) -> None:
        """Close the thread that was opened for a session which then could not be posted there."""
        fresh = await self._store.sessions.by_code(session.code)
        if fresh is None or fresh.thread_id is None or fresh.thread_id == session.thread_id:
            return
        try:
            await self._outgoing.close_thread(fresh.thread_id)
        except hikari.HikariError as error:
            logger.info("The empty thread of {} stays open: {}", session.code, type(error).__name__)

    async def _with_thread(self, session: Session) -> Session:
        """Find the thread of a session whose making was never confirmed."""
        if session.place is not Place.thread or session.thread_id is not None or session.guild_id is None:
            return session
        thread_id = await self._outgoing.find_thread(session.guild_id, session.code, session.posted_after)
        if thread_id is not None:
            await self._store.sessions.set_thread(session.code, thread_id)
        return replace(session, thread_id=thread_id)

    async def _enter(self, interaction: Origin, session: Session) -> bool:
        """Open a session's place for its person.

        Returns:
            False where the person may not enter.

        Raises:
            hikari.ClientHTTPResponseError: it is gone, or closed for good.
            hikari.HikariError: Discord does not say.
        """
        if session.place is Place.thread and session.thread_id is not None:
            if not await self._may_enter(interaction, session):
                return False
            await self._outgoing.reopen_thread(session.thread_id)
            await self._outgoing.let_in(session.thread_id, session.user_id)
        return True

    async def _has_controls(self, session: Session) -> bool:
        """Whether the controls stand where they should; raises what `_enter` does."""
        if session.control_message_id is None:
            return False
        try:
            await self._outgoing.look_at(session.channel_id, session.control_message_id)
        except hikari.NotFoundError as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            return False
        return True

    async def _renew(self, session: Session, interaction: Origin) -> Session:
        """A session whose controls were deleted is to be shown anew in the same place."""
        moved = await self._moving.move(
            session,
            Destination(session.place, session.parent_id, session.guild_id),
            since=int(interaction.id),
        )
        if session.thread_id is not None:
            await self._store.sessions.set_thread(session.code, session.thread_id)
        return replace(moved, thread_id=session.thread_id)

    async def _may_enter(self, interaction: Origin, session: Session) -> bool:
        if session.guild_id is None:
            return True
        member: hikari.Member | None = interaction.member
        if member is None or interaction.guild_id != session.guild_id:
            member = await self._outgoing.member(session.guild_id, session.user_id)
        return self._places.may_enter(member, session.parent_id)


async def _tell(telling: Telling, session: Session, reason: str | None, interaction: Origin) -> None:
    panel = telling.lead(session, reason, int(interaction.channel_id), texts_for(str(interaction.locale)))
    if panel is not None:
        await telling.say(panel)
