"""When a call is tried again: never without bounds, and never where it could count twice."""

import math
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

import stamina

from oasst_client.errors import (
    OasstError,
    OasstErrorCode,
    RateLimitedError,
    ServerError,
    TransportError,
    TransportPhase,
)

ResultT = TypeVar("ResultT")

FIRST_TASK_CODE = OasstErrorCode.task_invalid_request_type
"""Codes below it are the backend's own trouble; from it on they are about the call and do not pass."""

JITTER = 0.1
"""Seconds, at most, that are added to a pause, so that many clients do not return at the same moment."""


class Repeat(Enum):
    """How often a call can be made without harm."""

    safe = auto()
    """As often as one likes: it reads, or doing it twice is the same as doing it once."""
    unsent = auto()
    """Again only if it is certain that the backend did nothing: it was not reached, or it said 429."""


@dataclass(frozen=True)
class Retries:
    """The bounds of trying again.

    Attributes:
        attempts: tries in all, 1 or more.
        seconds: from the first try on; no try starts later. A longer `Retry-After` is left to the caller.
        first_pause: seconds before the second try; each pause is twice the one before.
        longest_pause: seconds, at most, between two tries, unless the backend asks for more.
    """

    attempts: int = 3
    seconds: float = 2.0
    first_pause: float = 0.1
    longest_pause: float = 0.5

    def __post_init__(self) -> None:
        spans = (self.seconds, self.first_pause, self.longest_pause)
        if self.attempts < 1 or not all(span >= 0 for span in spans):
            raise ValueError("Retries need 1 attempt or more, and no time below 0.")


def may_be_done(error: OasstError) -> bool:
    """Whether a failed call may have had its effect all the same."""
    if isinstance(error, TransportError):
        return not error.unsent
    return isinstance(error, ServerError) and error.code < FIRST_TASK_CODE


def _passes(error: OasstError, repeat: Repeat) -> bool:
    """Whether the same call may succeed a moment later, and making it again does no harm."""
    if isinstance(error, TransportError) and error.unsent:
        return error.phase is TransportPhase.connect
    return isinstance(error, RateLimitedError) or (repeat is Repeat.safe and may_be_done(error))


async def repeated(
    work: Callable[[], Awaitable[ResultT]],
    repeat: Repeat,
    retries: Retries | None,
    deadline: float = math.inf,
) -> ResultT:
    """Do something, and again when it failed in a way that passes.

    Args:
        work: makes one try.
        repeat: how often it can be done without harm.
        retries: the bounds; None: one try.
        deadline: the moment of the monotonic clock after which no try starts.

    Raises:
        OasstError: the failure of the last try.
    """
    if retries is None:
        return await work()
    begun = time.monotonic()

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, OasstError) or not _passes(error, repeat):
            return False
        left = min(begun + retries.seconds, deadline) - time.monotonic()
        if error.retry_after is None:
            return left > retries.longest_pause
        wanted = error.retry_after + random.uniform(0, JITTER)  # noqa: S311  # spreads clients, hides nothing
        return wanted if wanted <= left else False

    async for attempt in stamina.retry_context(
        on=pause,
        attempts=retries.attempts,
        timeout=retries.seconds,
        wait_initial=retries.first_pause,
        wait_max=retries.longest_pause,
        wait_jitter=JITTER,
    ):
        with attempt:
            return await work()
    raise AssertionError("never reached")  # pragma: no cover  # the loop returns or raises; types need it
