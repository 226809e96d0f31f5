"""Gets tasks for people and shows them, once, whatever happens on the way."""

import asyncio
import secrets
import sqlite3
from dataclasses import replace
from functools import partial

import hikari
from loguru import logger

from bot.delivery import Delivery
from bot.errors import report
from bot.guarding import guarded_row
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.sessions import wording
from bot.sessions.admission import Admission, Asking
from bot.sessions.controls import Controls
from bot.sessions.fetching import NoTaskError, Say, TaskSource
from bot.sessions.guild_rules import Search
from bot.sessions.moving import Moving
from bot.sessions.parts import Parts
from bot.sessions.places import Destination
from bot.sessions.posting import Origin, Poster
from bot.sessions.showing import Showing, Telling
from bot.sessions.wish import Wish
from bot.store.sessions import LIVE, STANDING, OpenTaskError, Place, Session, SessionState
from bot.texts import Texts, texts_for

SECONDS_FOR_POSTING = 1.0
"""How long a click on a message that is just being posted waits for it, before its first answer."""

SECONDS_FOR_TURN = 2.0
"""How long a second request waits for the first."""

ANOTHER_OPEN = "has another open task"


class Offering:
    """Offers tasks, and finishes what an earlier process began to offer."""

    def __init__(
        self,
        parts: Parts,
        *,
        admission: Admission,
        source: TaskSource,
        delivery: Delivery,
        showing: Showing,
        poster: Poster,
        moving: Moving,
    ) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._presenter = parts.presenter
        self._clock = parts.clock
        self._turns = parts.turns
        self._controls = Controls(parts)
        self._admission = admission
        self._source = source
        self._delivery = delivery
        self._showing = showing
        self._poster = poster
        self._moving = moving
        self._finishing: set[asyncio.Task[None]] = set()

    async def offer(self, asking: Asking) -> None:
        """Get a task and show it, or lead the person to the one they have; completes a private "thinking"."""

        async def say(panel: Panel) -> None:
            await self._outgoing.finish(asking.interaction, panel)

        await self._offer(asking, Telling(say, wording.ready))

    async def offer_next(self, interaction: hikari.ComponentInteraction, last: Session) -> None:
        """Get the next task and show it below the last; the click has its deferred update."""

        async def say(panel: Panel) -> None:
            await self._outgoing.whisper_more(interaction, panel)

        def lead(posted: Session, reason: str | None, here: int, texts: Texts) -> Panel | None:
            below = (posted.place, posted.channel_id) == (last.place, last.channel_id)
            return None if below else wording.ready(posted, reason, here, texts)

        wish = Wish(last.requested_type, last.lang, takes_other_langs=True)
        asking = await self._admission.ask_again(interaction, wish)
        if await self._offer(asking, Telling(say, lead), last):
            done = await self._store.sessions.by_code(last.code) or last
            await self._controls.finish_last(interaction, done)

    async def _offer(self, asking: Asking, telling: Telling, last: Session | None = None) -> bool:
        """Get a task and show it, in the person's turn, where they may have one and have none.

        Args:
            asking: who asks, where, for what.
            telling: how they are told where it is, or why there is none.
            last: their last task, below which it is shown if the bot can; None: it is shown where they are.

        Returns:
            Whether there was one to show.
        """
        interaction = asking.interaction
        first_answer = await self._admission.first_answer(asking)
        if first_answer is not None:
            await telling.say(first_answer)
            return False
        async with self._turns.soon(int(interaction.user.id), SECONDS_FOR_TURN) as is_free:
            if not is_free:
                await telling.say(Panel(texts_for(str(interaction.locale))("task.coming_already")))
                return False
            live = await self._store.sessions.live_of(int(interaction.user.id))
            if live is not None:
                await self._showing.show_again(interaction, live, telling.say)
                return False
            destination, thread_id = await self._destination(asking, last)
            try:
                search = await self._admission.search(asking)
                session = await self._new_session(
                    interaction, search, destination, telling.say, thread_id=thread_id
                )
            except NoTaskError as reason:
                await telling.say(reason.panel)
                return False
            except OpenTaskError:
                # Meanwhile the backend wants an earlier answer mended, or another process was faster.
                live = await self._store.sessions.live_of(int(interaction.user.id))
                if live is None:
                    await telling.say(Panel(texts_for(str(interaction.locale))("task.none_now")))
                else:
                    await self._showing.show_again(interaction, live, telling.say)
                return False
            telling = replace(telling, reason=destination.reason)
            if session.lang != search.wish.lang:
                lead = partial(wording.in_other_language, telling.lead, search.wish.lang)
                telling = replace(telling, lead=lead)
            await self._showing.show(interaction, session, telling, is_new=True)
            return True

    async def _destination(self, asking: Asking, last: Session | None) -> tuple[Destination, int | None]:
        """Choose where a new task is shown, and in which thread, if it is one that is there already."""
        interaction = asking.interaction
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        if last is not None and last.place in STANDING:
            return Destination(last.place, last.parent_id, guild_id), last.thread_id
        here = int(interaction.channel_id)
        parent_id = await self._store.news_threads.parent_of(here, int(interaction.user.id))
        if parent_id is not None:
            return Destination(Place.thread, parent_id, guild_id), here
        return await self._showing.destination(interaction, asking.settings), None

    async def choose_direct(self, interaction: hikari.ComponentInteraction, *, wanted: bool) -> None:
        """Take a person's choice for or against direct messages; their open task goes along at once."""
        await self._outgoing.defer_update(interaction)
        user_id = int(interaction.user.id)

        async def say(panel: Panel) -> None:
            await self._outgoing.finish(interaction, panel)

        async with self._turns.of(user_id):
            await self._store.people.set_direct_messages(user_id, wanted=wanted, now=self._clock.now())
            if wanted:
                await self._store.outbox.announce_again(user_id)
            live = await self._store.sessions.live_of(user_id)
            if live is None:
                texts = texts_for(str(interaction.locale))
                key = "direct.on" if wanted else "direct.off"
                await say(Panel(texts(key), rows=wording.direct_choice(texts, direct=not wanted)))
            elif live.place in ((Place.ephemeral, Place.nowhere) if wanted else (Place.direct,)):
                destination = await self._showing.destination(interaction)
                if wanted:
                    destination = Destination(Place.direct, destination.channel_id, None)
                session = await self._showing.move(live, destination, interaction)
                await self._showing.show(
                    interaction, session, Telling(say, wording.ready, destination.reason)
                )
                await self._showing.leave_word(live)
            else:
                await self._showing.show_again(interaction, live, say)

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
            with guarded_row(f"posting {session.code}"):
                await self._finish(session)

    async def close(self) -> None:
        """End what clicks have set going; what was begun is finished after the next start."""
        for finishing in self._finishing:
            finishing.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)

    async def _finish(self, session: Session) -> None:
        async with self._turns.of(session.user_id):
            fresh = await self._store.sessions.by_code(session.code)
            if fresh is None or fresh.control_message_id is not None or fresh.state not in LIVE:
                return
            if fresh.place is Place.nowhere:
                return
            if fresh.place is Place.ephemeral:
                # Nobody can write into an ephemeral answer of another process.
                await self._lose(fresh)
                return
            try:
                await self._poster.post(fresh)
                self._delivery.kick()
            except hikari.ClientHTTPResponseError as error:
                logger.warning("Task {} cannot be shown there: {}", fresh.code, error.message)
                await self._lose(fresh)
            except hikari.HikariError as error:
                logger.warning("Task {} is not shown yet: {}", fresh.code, type(error).__name__)
            except sqlite3.Error:
                raise
            except Exception as error:  # noqa: BLE001  # a task nobody can show must not keep its person from others
                logger.error("Task {} cannot be shown: see {}", fresh.code, report(error))
                await self._showing.cannot_show(fresh)

    async def _lose(self, session: Session) -> None:
        """Show a task in direct messages, if its person chose them; else what they never saw goes back."""
        if not await self._moving.lose_now(session, "place.out_of_reach"):
            await self._showing.cannot_show(session)
            return
        self._delivery.kick()

    async def _new_session(
        self,
        interaction: Origin,
        search: Search,
        destination: Destination,
        say: Say,
        *,
        thread_id: int | None = None,
    ) -> Session:
        texts = texts_for(str(interaction.locale))
        user = backend_user(interaction)
        fetched = await self._source.fetch(user, search, texts, say)
        now = self._clock.now()
        session = Session(
            code=secrets.token_hex(4),
            user_id=int(interaction.user.id),
            display_name=user.display_name,
            locale=str(interaction.locale),
            guild_id=destination.guild_id,
            place=destination.place,
            parent_id=destination.channel_id,
            thread_id=thread_id,
            posted_after=int(interaction.id),
            ack_message_id=None,
            control_message_id=None,
            task=fetched.task,
            lang=fetched.request.lang,
            requested_type=search.wish.task_type,
            state=SessionState.offered,
            form_state="{}",
            problem=None,
            created_at=now,
            expires_at=fetched.expires_at,
            ended_at=None,
        )
        session = replace(session, form_state=self._presenter.first_state(session))
        try:
            await self._source.begin(session, fetched.request)
        except OpenTaskError:
            live = await self._store.sessions.live_of(session.user_id)
            if live is not None and live.task_id != session.task_id:
                await self._source.give_back(fetched, ANOTHER_OPEN)
            else:
                await self._store.task_requests.remove(fetched.request.key)
            raise
        return session
