"""The limits on beginning sessions (page events/gateway, session start limit)."""

from enum import Enum, auto

from discord_sandbox import limits
from discord_sandbox.clock import Clock
from discord_sandbox.gateway.settings import GatewaySettings
from discord_sandbox.world.model import Json


class Start(Enum):
    """Whether a session may begin."""

    ALLOWED = auto()
    TOO_SOON = auto()
    """Another shard of the same remainder began less than 5 seconds ago: "invalid session"."""
    TOO_MANY = auto()
    """The day's starts are used up: the token is reset."""


class SessionStarts:
    """Counts how often the bot has begun a session; a resume is none."""

    def __init__(self, clock: Clock, settings: GatewaySettings) -> None:
        self._clock = clock
        self._settings = settings
        self._used = 0
        self._ends_at = 0.0
        self._latest: dict[int, float] = {}

    def begin(self, shard: int) -> Start:
        """Count the start of a session, if it may begin."""
        now = self._clock()
        key = shard % self._settings.max_concurrency
        latest = self._latest.get(key)
        if latest is not None and now - latest < self._settings.identify_seconds:
            return Start.TOO_SOON
        if now >= self._ends_at:
            self._used, self._ends_at = 0, now + limits.SESSION_STARTS_SECONDS
        if self._used >= self._settings.session_starts:
            return Start.TOO_MANY
        self._used += 1
        self._latest[key] = now
        return Start.ALLOWED

    def begin_anew(self) -> None:
        """Forget all starts, as for a new token."""
        self._used, self._ends_at = 0, 0.0
        self._latest.clear()

    def describe(self) -> Json:
        """Describe the session start limit, with milliseconds, as `GET /gateway/bot` does."""
        left = max(0.0, self._ends_at - self._clock())
        total = self._settings.session_starts
        return {
            "total": total,
            "remaining": max(0, total - self._used) if left else total,
            "reset_after": round(left * 1000),
            "max_concurrency": self._settings.max_concurrency,
        }
