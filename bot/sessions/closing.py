"""Closes threads whose tasks are over, as their server wants it: archived, locked, or deleted."""

from datetime import timedelta
from typing import Final

import hikari
from loguru import logger

from bot.guarding import guarded_row
from bot.guild_settings import FinishedThreads
from bot.sessions.parts import Parts
from bot.store.finished_threads import FinishedThread
from bot.store.sessions import Session

READABLE: Final = timedelta(days=1)
"""How long a thread that is to be deleted stays after something was told there without its person's doing."""

AT_A_TIME: Final = 20
"""Threads that are closed or deleted in one round, besides those that people close themselves."""


class Closing:
    """Nothing that people have still to read goes with a thread.

    A thread that is to be deleted is archived instead as long as a task is open in it, an outcome is not
    told, or something was told there less than `READABLE` ago; `delete_due` comes back for it.
    """

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._clock = parts.clock

    async def keep(self, thread_id: int | None) -> None:
        """Something was told in a thread, and is to be read there for a while."""
        if thread_id is not None:
            await self._store.finished_threads.keep(thread_id, self._clock.now() + READABLE)

    async def reopen(self, thread_id: int, guild_id: int | None) -> None:
        """Open a closed thread for something that is to be told there, a locked one, too.

        Raises:
            hikari.HikariError: that cannot be.
        """
        is_locked = await self._wanted(guild_id) is FinishedThreads.lock
        await self._outgoing.reopen_thread(thread_id, unlock=is_locked)

    async def close(self, session: Session) -> None:
        """Close the thread of a session; where Discord has trouble, it is to be tried again.

        A thread in which another task has begun stays open, or is opened anew.
        """
        try:
            await self._close(session)
        except hikari.ForbiddenError as error:
            logger.warning("Thread of {} stays open: {}", session.code, error.message)
            await self._store.sessions.set_closed(session.code)
        except hikari.HikariError as error:
            logger.warning("Thread of {} is not closed yet: {}", session.code, type(error).__name__)

    async def _close(self, session: Session) -> None:
        thread_id, has_open_task = session.thread_id, self._store.finished_threads.has_open_task
        is_over = True
        if thread_id is not None and not await has_open_task(thread_id):
            is_over = await self.end(thread_id, session.guild_id)
        if thread_id is not None and await has_open_task(thread_id):
            # It may have come meanwhile, or an earlier process died between the two.
            await self.reopen(thread_id, session.guild_id)
            async with self._store.database.transaction():
                # One that has gone elsewhere since leaves the thread to be closed again.
                if await has_open_task(thread_id):
                    await self._store.sessions.set_closed(session.code)
        elif is_over:
            await self._store.sessions.set_closed(session.code)
        else:
            await self._store.finished_threads.delete_later(session.code, self._clock.now())

    async def end(self, thread_id: int, guild_id: int | None) -> bool:
        """Do with a thread what its server wants, as far as the bot may.

        Returns:
            False where it is archived only, and still to be deleted.

        Raises:
            hikari.HikariError: it stays open.
        """
        wanted = await self._wanted(guild_id)
        if wanted is FinishedThreads.archive:
            await self._outgoing.close_thread(thread_id)
            return True
        if wanted is FinishedThreads.delete and await self._store.finished_threads.is_needed(
            thread_id, self._clock.now()
        ):
            await self._outgoing.close_thread(thread_id)
            return False
        try:
            if wanted is FinishedThreads.delete:
                await self._outgoing.delete_thread(thread_id)
            else:
                await self._outgoing.close_thread(thread_id, lock=True)
        except hikari.ForbiddenError as error:
            logger.warning("The thread {} is archived instead: {}", thread_id, error.message)
            await self._outgoing.close_thread(thread_id)
        await self._store.finished_threads.set_over(thread_id)
        return True

    async def delete_due(self) -> None:
        """Ask to close what was left behind, and delete the threads that nobody needs any more."""
        now = self._clock.now()
        await self._store.finished_threads.close_left_behind(now, AT_A_TIME)
        for thread in await self._store.finished_threads.to_delete(now, AT_A_TIME):
            with guarded_row(f"deleting the thread {thread.thread_id}"):
                await self._delete(thread)

    async def _delete(self, thread: FinishedThread) -> None:
        """Delete a thread that is archived, if its server still wants that; as it is, nobody writes there."""
        if not await self._store.finished_threads.is_to_delete(thread.thread_id, self._clock.now()):
            return
        try:
            if await self._wanted(thread.guild_id) is FinishedThreads.delete:
                await self._outgoing.delete_thread(thread.thread_id)
        except hikari.ForbiddenError as error:
            logger.warning("The thread {} stays archived: {}", thread.thread_id, error.message)
        except hikari.HikariError as error:
            logger.warning("The thread {} is not deleted yet: {}", thread.thread_id, type(error).__name__)
            return
        await self._store.finished_threads.set_over(thread.thread_id)

    async def _wanted(self, guild_id: int | None) -> FinishedThreads:
        if guild_id is None:
            return FinishedThreads.archive
        return (await self._store.guilds.settings(guild_id)).finished_threads
