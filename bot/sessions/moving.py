"""Takes a task to where its person can reach it, when where it stood is gone."""

import hikari
from loguru import logger

from bot.outgoing import DIRECT_MESSAGES_CLOSED
from bot.sessions.parts import Parts
from bot.sessions.places import Destination
from bot.sessions.posting import Poster
from bot.store.sessions import LIVE, Place, Session, SessionState
from bot.texts import texts_for


class Moving:
    """Moves sessions; whatever moves, the id that the task was acked with stays."""

    def __init__(self, parts: Parts, poster: Poster) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._turns = parts.turns
        self._poster = poster

    async def move(self, session: Session, destination: Destination, *, since: int) -> Session:
        """A session is to be posted elsewhere, or anew.

        Args:
            session: a live one, in its person's turn.
            destination: where to.
            since: a snowflake older than every message that will be posted there.
        """
        async with self._store.database.transaction():
            await self._store.sessions.move(
                session.code,
                guild_id=destination.guild_id,
                place=destination.place,
                parent_id=destination.channel_id,
                posted_after=since,
            )
            await self._leave_thread(session)
        return await self._fresh(session)

    async def set_nowhere(self, session: Session) -> None:
        """The place of a session is gone, or out of reach; it waits for the next /task."""
        async with self._store.database.transaction():
            await self._store.sessions.set_nowhere(session.code)
            await self._leave_thread(session)

    async def _leave_thread(self, session: Session) -> None:
        if session.thread_id is not None:
            await self._store.finished_threads.close_again(session.thread_id)

    async def lose(self, session: Session, why: str) -> None:
        """The place of a session is gone: it is shown in direct messages, or waits for the next /task.

        Args:
            session: as it was when its place was lost; where it has moved on since, nothing happens.
            why: the catalogue key of what its person reads above the task.
        """
        async with self._turns.of(session.user_id):
            fresh = await self._store.sessions.by_code(session.code)
            # Of what is only offered, the posting itself finds out.
            if fresh is not None and fresh.state is not SessionState.offered and _stands_as(fresh, session):
                await self.lose_now(fresh, why)

    async def lose_now(self, session: Session, why: str) -> bool:
        """Do as `lose` does, in the person's turn; give whether the task is shown again."""
        logger.info("The place of task {} is gone: {}", session.code, why)
        await self.set_nowhere(session)
        if (
            session.state not in LIVE
            or session.place is Place.direct
            or not await self._store.people.direct_messages(session.user_id)
        ):
            return False
        moved = await self.move(
            session,
            Destination(Place.direct, session.parent_id, None),
            since=int(hikari.Snowflake.from_datetime(self._clock.now())),
        )
        try:
            await self._poster.post(moved, notice=texts_for(session.locale)(why))
        except hikari.ClientHTTPResponseError as error:
            await self.note_refusal(session.user_id, error)
            await self.set_nowhere(moved)
            return False
        except hikari.HikariError as error:
            # What was begun is finished from time to time.
            logger.warning("Task {} is not shown yet: {}", session.code, type(error).__name__)
        return True

    async def note_refusal(self, user_id: int, error: hikari.ClientHTTPResponseError) -> bool:
        """A direct message was refused: who takes none has to choose them anew; give whether it is that."""
        logger.info("A direct message was refused: {}", error.message)
        is_closed = error.code in DIRECT_MESSAGES_CLOSED
        if is_closed:
            await self._store.people.set_direct_messages(user_id, wanted=False, now=self._clock.now())
        return is_closed

    async def _fresh(self, session: Session) -> Session:
        fresh = await self._store.sessions.by_code(session.code)
        if fresh is None:
            raise LookupError(f"session {session.code} is gone")
        return fresh


def _stands_as(fresh: Session, session: Session) -> bool:
    return (fresh.place, fresh.thread_id, fresh.control_message_id) == (
        session.place,
        session.thread_id,
        session.control_message_id,
    )
