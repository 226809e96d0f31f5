"""Knows whether the task backend answers, for all calls, so that nobody waits for one that is away."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from loguru import logger

from bot.clock import Clock
from oasst_client import (
    InvalidResponseError,
    NotAuthorizedError,
    NotSupportedError,
    OasstApiClient,
    OasstError,
    RateLimitedError,
    ServerError,
    TransportError,
    TransportPhase,
)

FAILURES_IN_A_ROW: Final = 2
"""A call that broke may be the call's own trouble; a second one in a row, of whomever, is the backend's."""

FIRST_LOOK_PAUSE: Final = 2.0
LONGEST_LOOK_PAUSE: Final = 30.0
"""Seconds between two looks at a backend that is away; each pause is twice the one before, up to this."""

SECONDS_FOR_LOOK: Final = 5.0
"""How long a look may take; who is told to try again is told a moment after that."""

LOOKS_DUE: Final = 1.0
"""Seconds between two looks at the clock while the backend is away."""

FIRST_FAULT_STATUS: Final = 500

FIRST_REFUSAL_CODE: Final = 1000
"""Codes below it are the backend's own trouble, codes from it on are about what was sent."""


def brief(error: OasstError) -> str:
    """Say what went wrong without the backend's words, which may quote what somebody wrote."""
    return f"{type(error).__name__}, code {error.code}, HTTP {error.http_status or 'none'}"


def is_own_trouble(error: OasstError) -> bool:
    """Whether a failure says that the backend is in trouble or out of reach, whatever was asked of it."""
    match error:
        case TransportError():
            # Too many calls of our own, or a client that is closed, say nothing of the backend.
            return error.phase is not TransportPhase.queue
        case ServerError():
            return error.code < FIRST_REFUSAL_CODE
        case InvalidResponseError():
            return not error.is_json
        case NotAuthorizedError() | RateLimitedError() | NotSupportedError():
            return False
        case OasstError(http_status=int(), by_backend=False):
            # A page of whatever stands before the backend, or in its place.
            return True
        case _:
            return False


class BackendHealth:
    """Whether the backend is there, learnt from every call that anybody makes.

    While it is away, `watch` looks at it with growing pauses, and nobody else need try.

    Args:
        client: the way to the backend.
        clock: the time that pauses are counted in.
    """

    def __init__(self, client: OasstApiClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._failures = 0
        self._looks = 0
        self._away_since: datetime | None = None
        self._look_at: datetime = clock.now()
        self._key_refused = False
        self._gone = asyncio.Event()
        self._when_back: list[Callable[[], None]] = []

    @property
    def is_away(self) -> bool:
        """Whether a call would most likely be in vain."""
        return self._away_since is not None

    @property
    def try_again_at(self) -> datetime:
        """When it is worth trying again: once the next look has been taken."""
        return max(self._look_at, self._clock.now()) + timedelta(seconds=SECONDS_FOR_LOOK)

    def when_back(self, call: Callable[[], None]) -> None:
        """Have a function called each time the backend comes back."""
        self._when_back.append(call)

    def answered(self) -> None:
        """A call had its result."""
        if self._key_refused:
            self._key_refused = False
            logger.info("The backend takes the bot's key again")
        self._is_there()

    def failed(self, error: OasstError) -> None:
        """A call failed, in whatever way; the operator is told once of each spell."""
        if isinstance(error, NotAuthorizedError):
            self._is_there()
            if not self._key_refused:
                self._key_refused = True
                logger.error(
                    "The backend does not accept the bot's key, OASST_API_KEY ({}). What people did is kept,"
                    " and is tried again every few minutes and after a restart.",
                    brief(error),
                )
        elif is_own_trouble(error):
            unreached = isinstance(error, TransportError) and error.unsent
            self._failures += 1
            if self._away_since is None and (unreached or self._failures >= FAILURES_IN_A_ROW):
                self._is_away(error)
        elif not isinstance(error, TransportError):
            self._is_there()

    async def watch(self) -> None:
        """Look at the backend now, and then whenever it is away and a look is due, until cancelled."""
        await self._look()
        while True:
            await self._gone.wait()
            if self._clock.now() >= self._look_at:
                await self._look()
            await asyncio.sleep(LOOKS_DUE)

    async def _look(self) -> None:
        try:
            await self._client.within(SECONDS_FOR_LOOK).fetch_valid_labels()
        except OasstError as error:
            # Nothing of anybody's is in a look, so that its failure is the backend's.
            self._failures = FAILURES_IN_A_ROW
            self.failed(error)
            if not is_own_trouble(error) and not isinstance(error, NotAuthorizedError):
                logger.warning("The backend answers, but not well ({}); look at OASST_API_URL", brief(error))
        else:
            self.answered()
        self._looks += 1
        self._plan()

    def _plan(self) -> None:
        pause = min(FIRST_LOOK_PAUSE * 2.0 ** min(self._looks, 10), LONGEST_LOOK_PAUSE)
        spread = random.uniform(1.0, 1.2)  # noqa: S311  # keeps bots of one backend apart, hides nothing
        self._look_at = self._clock.now() + timedelta(seconds=pause * spread)

    def _is_away(self, error: OasstError) -> None:
        self._away_since = self._clock.now()
        self._looks = 0
        self._plan()
        self._gone.set()
        # A 5xx page tells the same as no answer; any other page may stand there for ever.
        is_page = error.http_status is not None and error.http_status < FIRST_FAULT_STATUS
        logger.warning(
            "{} ({}). People are told so, and what they send is kept; it is looked for every {:.0f} to {:.0f}"
            " seconds.",
            "Something else answers in place of the backend; if that lasts, look at OASST_API_URL"
            if is_page
            else "The backend does not answer",
            brief(error),
            FIRST_LOOK_PAUSE,
            LONGEST_LOOK_PAUSE,
        )

    def _is_there(self) -> None:
        self._failures = 0
        since, self._away_since = self._away_since, None
        if since is None:
            return
        self._gone.clear()
        logger.info("The backend answers again, after {:.0f} s", (self._clock.now() - since).total_seconds())
        for call in self._when_back:
            call()
