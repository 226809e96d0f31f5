"""Gets tasks for people and shows them, once, whatever happens on the way."""

import asyncio
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import hikari
from loguru import logger

from bot.delivery import Delivery
from bot.errors import report
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.sessions import wording
from bot.sessions.fetching import NoTaskError, TaskSource, Wish
from bot.sessions.parts import Parts
from bot.sessions.places import Destination, Places
from bot.sessions.posting import Origin, Poster
from bot.store.guilds import GuildSettings
from bot.store.sessions import LIVE, OpenTaskError, Place, Session, SessionState
from bot.texts import texts_for
from oasst_client import OasstApiClient

SECONDS_FOR_POSTING = 2.0
"""How long a click on a message that is just being posted waits for that."""

NOT_SHOWN = "could not be shown"
ANOTHER_OPEN = "has another open task"

Say = Callable[[Panel], Awaitable[object]]


class Offering:
    """Offers tasks, and finishes what an earlier process began to offer."""

    def __init__(
        self,
        parts: Parts,
        *,
        client: OasstApiClient,
        delivery: Delivery,
        places: Places,
        lifetime: timedelta,
    ) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._source = TaskSource(parts, client, delivery)
        self._delivery = delivery
        self._places = places
        self._lifetime = lifetime
        self._poster = Poster(parts)
        self._finishing: set[asyncio.Task[None]] = set()
        # Who asks twice at once waits for themselves; what holds across processes is the table's index.
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def offer(self, interaction: Origin, wish: Wish) -> None:
        """Get a task and show it, or lead the person to the one they have; completes a private "thinking"."""

        async def say(panel: Panel) -> None:
            await self._outgoing.finish(interaction, panel)

        texts = texts_for(str(interaction.locale))
        async with self._turns[int(interaction.user.id)]:
            live = await self._store.sessions.live_of(int(interaction.user.id))
            if live is not None:
                await self._show_again(interaction, live, say)
                return
            destination = self._places.choose(interaction, await self._guild_settings(interaction))
            try:
                session = await self._new_session(interaction, wish, destination)
            except NoTaskError as reason:
                await say(reason.panel)
                return
            if destination.place is Place.ephemeral:
                await say(wording.ready(session, destination, texts))
            posted = await self._show(interaction, session, say, is_new=True)
            if posted is not None and posted.place is Place.thread:
                await say(wording.ready(posted, destination, texts))

    async def offer_next(self, interaction: hikari.ComponentInteraction, last: Session) -> None:
        """Get the next task and show it below the last; the click has its deferred update."""

        async def say(panel: Panel) -> None:
            await self._outgoing.whisper_more(interaction, panel)

        wish = Wish(last.wanted, last.lang)
        async with self._turns[last.user_id]:
            live = await self._store.sessions.live_of(last.user_id)
            if live is not None:
                await self._show_again(interaction, live, say)
                return
            destination = Destination(last.place, last.parent_id)
            try:
                session = await self._new_session(interaction, wish, destination, thread_id=last.thread_id)
            except NoTaskError as reason:
                await say(reason.panel)
                return
            await self._show(interaction, session, say, is_new=True)
            done = await self._store.sessions.by_code(last.code) or last
            await self._outgoing.finish(interaction, self._presenter.controls(done))

    async def posted(self, user_id: int) -> None:
        """See that a person's live task is wholly posted, as far as that goes while a click waits."""
        live = await self._store.sessions.live_of(user_id)
        if live is None or live.control_message_id is not None:
            return
        finishing = asyncio.create_task(self._finish(live))
        self._finishing.add(finishing)
        finishing.add_done_callback(self._finishing.discard)
        await asyncio.wait({finishing}, timeout=SECONDS_FOR_POSTING)

    async def finish_posting(self) -> None:
        """Post what is not wholly shown, because an earlier process ended on the way."""
        for session in await self._store.sessions.unposted():
            await self._finish(session)

    async def _finish(self, session: Session) -> None:
        async with self._turns[session.user_id]:
            fresh = await self._store.sessions.by_code(session.code)
            if fresh is None or fresh.control_message_id is not None or fresh.state not in LIVE:
                return
            if fresh.place is Place.ephemeral:
                # Nobody can write into an ephemeral answer of another process: the task goes back.
                await self._give_up(fresh)
                return
            try:
                await self._poster.post(fresh)
                self._delivery.kick()
            except hikari.ClientHTTPResponseError as error:
                logger.warning("Task {} cannot be shown, it goes back: {}", fresh.code, error.message)
                await self._give_up(fresh)
            except hikari.HikariError as error:
                logger.warning("Task {} is not shown yet: {}", fresh.code, type(error).__name__)
            except sqlite3.Error:
                raise
            except Exception as error:  # noqa: BLE001  # a task nobody can show must not keep its person from others
                logger.error("Task {} cannot be shown, it goes back: see {}", fresh.code, report(error))
                await self._give_up(fresh)

    async def _new_session(
        self, interaction: Origin, wish: Wish, destination: Destination, *, thread_id: int | None = None
    ) -> Session:
        texts = texts_for(str(interaction.locale))
        user = backend_user(interaction)
        task = await self._source.fetch(user, wish, texts)
        now = self._clock.now()
        session = Session(
            code=secrets.token_hex(4),
            user_id=int(interaction.user.id),
            display_name=user.display_name,
            locale=str(interaction.locale),
            guild_id=None if interaction.guild_id is None else int(interaction.guild_id),
            place=destination.place,
            parent_id=destination.channel_id,
            thread_id=thread_id,
            posted_after=int(interaction.id),
            ack_message_id=None,
            control_message_id=None,
            task=task,
            lang=wish.lang,
            wanted=wish.kind,
            state=SessionState.offered,
            form_state="{}",
            problem=None,
            created_at=now,
            expires_at=now + self._lifetime,
            ended_at=None,
        )
        session = replace(session, form_state=self._presenter.first_state(session))
        try:
            await self._store.sessions.add(session)
        except OpenTaskError:
            live = await self._store.sessions.live_of(session.user_id)
            if live is not None and live.task_id != session.task_id:
                await self._store.outbox.add_nack(None, user, session.task_id, ANOTHER_OPEN, now)
                self._delivery.kick()
            panel = wording.open_already(live, texts) if live is not None else Panel(texts("task.none_now"))
            raise NoTaskError(panel) from None
        return session

    async def _show(
        self, interaction: Origin, session: Session, say: Say, *, is_new: bool = False
    ) -> Session | None:
        """Post a session, in an ephemeral message where no thread can be had; None where even that fails.

        Args:
            interaction: of the session's person.
            session: the session.
            say: tells the person something, and replaces what was told before.
            is_new: nothing of it was posted before, so that nothing is looked for.
        """
        texts = texts_for(session.locale)
        try:
            posted = await self._poster.post(session, interaction, is_new=is_new)
        except hikari.ClientHTTPResponseError as error:
            logger.warning("Task {} cannot be posted there: {}", session.code, error.message)
            if session.place is Place.ephemeral:
                await self._give_up(session)
                await say(Panel(texts("task.not_shown")))
                return None
            moved = Destination(Place.ephemeral, int(interaction.channel_id), "place.bot_may_not")
            session = await self._move(session, moved, interaction)
            await say(wording.ready(session, moved, texts))
            return await self._show(interaction, session, say)
        except hikari.HikariError as error:
            logger.warning("Task {} is not shown yet: {}", session.code, type(error).__name__)
            await say(Panel(texts("task.coming")))
            return None
        self._delivery.kick()
        return posted

    async def _show_again(self, interaction: Origin, session: Session, say: Say) -> None:
        """Lead a person to their open task, and mend what is missing of it."""
        texts = texts_for(str(interaction.locale))
        if session.place is Place.thread and session.thread_id is not None:
            try:
                await self._outgoing.reopen_thread(session.thread_id)
                await self._outgoing.let_in(session.thread_id, session.user_id)
                if session.control_message_id is not None:
                    await self._outgoing.look_at(session.thread_id, session.control_message_id)
            except hikari.NotFoundError:
                destination = self._places.choose(interaction, await self._guild_settings(interaction))
                session = await self._move(session, destination, interaction)
            except hikari.HikariError as error:
                logger.warning("Thread of {} not reopened: {}", session.code, type(error).__name__)
        if session.place is Place.ephemeral:
            await say(wording.open_already(session, texts))
            await self._show(interaction, session, say)
            return
        if session.control_message_id is None:
            shown = await self._show(interaction, session, say)
            if shown is None or shown.place is Place.ephemeral:
                return
            session = shown
        await say(wording.open_already(session, texts))

    async def _move(self, session: Session, destination: Destination, interaction: Origin) -> Session:
        # It may be another server than before, and each server's log tells only of its own.
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        await self._store.sessions.move(
            session.code,
            guild_id=guild_id,
            place=destination.place,
            parent_id=destination.channel_id,
            posted_after=int(interaction.id),
        )
        return replace(
            session,
            guild_id=guild_id,
            place=destination.place,
            parent_id=destination.channel_id,
            thread_id=None,
            control_message_id=None,
            posted_after=int(interaction.id),
        )

    async def _give_up(self, session: Session) -> None:
        now = self._clock.now()
        async with self._store.database.transaction():
            await self._store.outbox.add_nack(session.code, session.user, session.task_id, NOT_SHOWN, now)
            await self._store.sessions.end(session.code, SessionState.skipped, now)
        self._delivery.kick()

    async def _guild_settings(self, interaction: Origin) -> GuildSettings:
        if interaction.guild_id is None:
            return GuildSettings()
        return await self._store.guilds.settings(int(interaction.guild_id))
