"""Brings what people did to the backend: across restarts, in order, until it has it or will not have it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from loguru import logger

from bot.backend_health import BackendHealth, brief
from bot.backoff import Backoff
from bot.clock import Clock
from bot.erasing import Eraser
from bot.errors import report
from bot.store import Store
from bot.store.outbox import OutboxEntry, OutboxKind, OutboxState
from bot.store.personal import NOBODY
from bot.store.sessions import Place, Session, SessionState
from bot.telling_terms import TermsTeller
from bot.verdicts import Verdict, pause_after, verdict
from oasst_client import (
    OasstApiClient,
    OasstError,
    OasstErrorCode,
    TermsNotAcceptedError,
    TransportError,
    interaction_adapter,
)
from oasst_client.interactions import TextLabels

AT_ONCE = 16
"""Calls to the backend under way at the same time."""

SPREAD = 1.25
"""A pause is up to so many times as long, so that what failed at once is not tried again at once."""

LOOK_AGAIN = 30.0
"""Seconds after which the outbox is read even though nobody said that something is in it."""

NOT_ACKED = frozenset({OasstErrorCode.task_not_found, OasstErrorCode.task_not_ack})
"""What a backend says of an answer to a task whose ack it never got, by the kind of answer."""


class Delivery:
    """The worker that empties the outbox.

    Args:
        store: where the outbox is.
        client: the way to the backend.
        health: hears of each call, and says when a call would be in vain.
        clock: the time that pauses are counted in.
        announce: is told of each settled answer that nobody waits for; what it raises is logged, and it is
            told again at the next start.
    """

    def __init__(
        self,
        store: Store,
        client: OasstApiClient,
        health: BackendHealth,
        clock: Clock,
        announce: Callable[[OutboxEntry], Awaitable[None]],
    ) -> None:
        self._store = store
        self._client = client
        self._terms = TermsTeller(store, client)
        self._health = health
        self._clock = clock
        self._announce = announce
        self._eraser = Eraser(store, client)
        self._hurry = True
        health.when_back(self._when_back)
        self._kicked = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._waiting: dict[int, list[asyncio.Future[OutboxEntry | None]]] = {}
        self._taken_over: set[int] = set()
        self._unwritten: Backoff[int] = Backoff(clock)
        self._is_finishing = False

    def kick(self) -> None:
        """Say that something new is in the outbox."""
        self._kicked.set()

    def finish(self) -> None:
        """Begin no more calls: `run` ends when those under way are through."""
        self._is_finishing = True
        self.kick()

    def _when_back(self) -> None:
        """What failed for want of a backend need not wait out its pause."""
        self._hurry = True
        self.kick()

    async def outcome(self, entry_id: int, seconds: float) -> OutboxEntry | None:
        """Wait for an entry to be settled, and take over telling the person what became of it.

        Returns:
            The settled entry; None when a try failed, the backend is away, or `seconds` passed first: then
            `announce` will be told. None, too, where it has been told already.
        """
        self._taken_over.add(entry_id)
        try:
            await self._settled(entry_id, 0.0 if self._health.is_away else seconds)
        finally:
            self._taken_over.discard(entry_id)
        # It may have been settled before anybody waited for it, or just when the wait ended.
        entry = await self._store.outbox.get(entry_id)
        if entry is None or entry.state is OutboxState.waiting:
            return None
        telling = self._under_way.get(entry_id)
        if telling is not None:
            await asyncio.wait({telling}, timeout=seconds)
            entry = await self._store.outbox.get(entry_id)
        # Of what belongs to no task, only who waits for it says anything.
        is_told = entry is None or (entry.announced and entry.session_code is not None)
        return None if is_told else entry

    async def drained(self, user_id: int, seconds: float) -> bool:
        """Wait until the backend knows all that a person did so far, or a try failed, `seconds` at most.

        What is not tried within that time is not waited for.
        """
        until = self._clock.now() + timedelta(seconds=seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while entries := await self._store.outbox.waiting_of(user_id):
                    if entries[0].next_at > until:
                        return False
                    if await self._settled(entries[0].id, seconds) is None:
                        return False
                return True
        return False

    async def _settled(self, entry_id: int, seconds: float) -> OutboxEntry | None:
        future: asyncio.Future[OutboxEntry | None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(entry_id, [])
        waiting.append(future)
        try:
            entry = await self._store.outbox.get(entry_id)
            if entry is None or entry.state is not OutboxState.waiting:
                return entry
            self.kick()
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            return None
        finally:
            waiting.remove(future)
            if not waiting:
                self._waiting.pop(entry_id, None)

    async def run(self) -> None:
        """Work until `finish` or cancelled."""
        self._hurry = True
        try:
            while not self._is_finishing:
                self._kicked.clear()
                if self._hurry:
                    self._hurry = False
                    await self._store.outbox.hurry(self._clock.now())
                await self._start_due()
                await self._wait()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _start_due(self) -> None:
        for entry in await self._store.outbox.due(self._clock.now(), AT_ONCE * 2 + len(self._unwritten)):
            if len(self._under_way) >= (1 if self._health.is_away else AT_ONCE):
                return
            if entry.id not in self._under_way and not self._unwritten.is_held(entry.id):
                self._under_way[entry.id] = asyncio.create_task(self._deliver(entry))

    async def _wait(self) -> None:
        next_at = await self._store.outbox.next_at()
        pause = LOOK_AGAIN
        if next_at is not None:
            # What is under way or held back counts as waiting, too; the former kicks when it is through.
            shortest = 1.0 if self._under_way or self._unwritten else 0.01
            pause = min(max(next_at - self._clock.now().timestamp(), shortest), LOOK_AGAIN)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._kicked.wait()

    async def _deliver(self, entry: OutboxEntry) -> None:
        try:
            await self._bring(entry)
        except Exception as error:  # noqa: BLE001  # whatever it is, it ends neither the worker nor the entry
            self._hold_back(entry, error)
        else:
            self._unwritten.forget(entry.id)
        finally:
            self._under_way.pop(entry.id, None)
            self.kick()

    async def _bring(self, entry: OutboxEntry) -> None:
        """Try to deliver an entry, and write down what became of it.

        Raises:
            Exception: it could not be written down, as on a disk that is full.
        """
        try:
            await self._terms.insist(entry.user, lambda: self._try(entry))
        except OasstError as error:
            self._health.failed(error)
            await self._failed(entry, error)
        except Exception:  # noqa: BLE001  # as in _deliver
            # What cannot even be sent must not stand in the way of the rest; it stays, and is tried later.
            logger.exception("Outbox entry {} ({}) could not be handled", entry.id, entry.kind.value)
            await self._postpone(entry, TransportError("could not be handled"))
        else:
            self._health.answered()
            await self._settle(entry, OutboxState.done)

    def _hold_back(self, entry: OutboxEntry, error: Exception) -> None:
        """Let an entry alone for a while of which nothing can be written down, not even when to try again."""
        is_news = not self._unwritten
        failures = self._unwritten.failed(entry.id)
        if is_news:
            logger.error(
                "The bot's database takes no changes, so that what becomes of answers cannot be written down."
                " They are kept, and tried again with growing pauses: see {}",
                report(error),
            )
        logger.debug(
            "Try {} of {} {} left no trace: {}", failures, entry.kind.value, entry.id, type(error).__name__
        )
        self._wake(entry.id, None)

    async def _try(self, entry: OutboxEntry) -> None:
        match entry.kind:
            case OutboxKind.ack:
                await self._client.ack_task(_task_id(entry), entry.payload, entry.user)
            case OutboxKind.nack:
                await self._client.nack_task(_task_id(entry), entry.payload, entry.user)
            case OutboxKind.answer:
                await self._hand_in(entry)
            case OutboxKind.labels:
                # Labels that their person took back before they went are empty.
                if entry.payload:
                    await self._client.post_text_labels(TextLabels.model_validate_json(entry.payload))
            case OutboxKind.erase:
                await self._eraser.carry_out(entry)
            case OutboxKind.terms:
                await self._terms.tell(entry.user, entry.payload)

    async def _hand_in(self, entry: OutboxEntry) -> None:
        """Hand an answer in, and should the backend have lost the ack of its task, that first."""
        answer = interaction_adapter.validate_json(entry.payload)
        try:
            await self._client.post_interaction(answer)
        except OasstError as error:
            session = await self._session_of(entry)
            if error.code not in NOT_ACKED or session is None or session.ack_message_id is None:
                raise
            logger.warning("The ack of task {} was lost ({}); it is sent again", session.code, brief(error))
            try:
                await self._client.ack_task(session.task_id, str(session.ack_message_id), entry.user)
            except OasstError as failure:
                # A backend that refuses the ack, too, means what it said of the answer.
                raise error if verdict(failure) is Verdict.refused else failure from None
            await self._client.post_interaction(answer)

    async def _failed(self, entry: OutboxEntry, error: OasstError) -> None:
        match verdict(error):
            case Verdict.done:
                await self._settle(entry, OutboxState.done)
            case Verdict.person if entry.kind is OutboxKind.answer:
                await self._settle(entry, OutboxState.held, error)
            case Verdict.person | Verdict.refused:
                logger.warning("The backend refuses {} {}: {}", entry.kind.value, entry.id, brief(error))
                await self._settle(entry, OutboxState.refused, error)
            case Verdict.operator | Verdict.again:
                level = "DEBUG" if entry.attempts or self._health.is_away else "WARNING"
                logger.log(
                    level,
                    "Try {} of {} {} failed: {}",
                    entry.attempts + 1,
                    entry.kind.value,
                    entry.id,
                    brief(error),
                )
                await self._postpone(entry, error)

    async def _postpone(self, entry: OutboxEntry, error: OasstError) -> None:
        spread = random.uniform(1.0, SPREAD)  # noqa: S311  # parts entries and bots, hides nothing
        pause = pause_after(entry.attempts + 1, error) * spread
        await self._store.outbox.postpone(
            entry.id,
            self._clock.now() + timedelta(seconds=pause),
            error_code=error.code,
            error_message=type(error).__name__,
        )
        self._wake(entry.id, None)

    def _wake(self, entry_id: int, settled: OutboxEntry | None) -> None:
        for future in self._waiting.get(entry_id, ()):
            if not future.done():
                future.set_result(settled)

    async def _settle(self, entry: OutboxEntry, state: OutboxState, error: OasstError | None = None) -> None:
        """Write down what became of an entry and of its session, then see that the person is told."""
        now = self._clock.now()
        code = error.code if error is not None else None
        if isinstance(error, TermsNotAcceptedError):
            code = OasstErrorCode.user_has_not_accepted_tos
        async with self._store.database.transaction():
            session = await self._session_of(entry)
            if state is OutboxState.held and not await self._can_be_mended(session):
                state = OutboxState.refused
            await self._store.outbox.settle(
                entry.id, state, now, error_code=code, error_message=type(error).__name__ if error else None
            )
            if session is not None and entry.kind is OutboxKind.answer:
                await self._move_session(session, state, code)
        settled = await self._store.outbox.get(entry.id)
        if settled is None:
            return
        self._wake(entry.id, settled)
        if entry.id not in self._taken_over and not settled.announced:
            await self._tell(settled)

    async def _move_session(self, session: Session, state: OutboxState, code: int | None) -> None:
        now = self._clock.now()
        match state:
            case OutboxState.done:
                await self._store.sessions.end(session.code, SessionState.delivered, now)
                if session.guild_id is not None:
                    await self._store.contributors.note(session.guild_id, session.user_id, now)
            case OutboxState.held:
                await self._store.sessions.set_state(session.code, SessionState.held, problem=code)
            case OutboxState.refused:
                await self._store.sessions.end(session.code, SessionState.refused, now, problem=code)
            case OutboxState.waiting:
                raise ValueError("a waiting entry is not settled")

    async def _session_of(self, entry: OutboxEntry) -> Session | None:
        session = await self._store.sessions.by_code(entry.session_code) if entry.session_code else None
        # Whoever has left meanwhile gets nothing to mend.
        return None if session is None or session.user_id == NOBODY else session

    async def _can_be_mended(self, session: Session | None) -> bool:
        """Whether a task can be opened again: it stood in a message, and its person has no other by now."""
        if session is None or session.place is Place.modal:
            return False
        return await self._store.sessions.live_of(session.user_id) is None

    async def _tell(self, entry: OutboxEntry) -> None:
        try:
            await self._announce(entry)
        except Exception as error:  # noqa: BLE001  # whatever it is, the answer is safe and it is told again later
            logger.warning("The outcome of {} could not be shown yet: {}", entry.id, type(error).__name__)


def _task_id(entry: OutboxEntry) -> UUID:
    if entry.task_id is None:
        raise ValueError(f"outbox entry {entry.id} names no task")
    return entry.task_id
