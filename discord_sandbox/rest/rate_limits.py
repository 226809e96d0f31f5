"""Rate limits: how often a bot may call, the headers that say so, and the refusal of what comes too early."""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple, Self

from discord_sandbox.errors import ApiError
from discord_sandbox.rest.call import Route
from discord_sandbox.world.model import Json

Scope = Literal["user", "global", "shared"]
"""Whose limit it is: the bot's on a route, the bot's over all routes, or everybody's on a resource."""

_TOLERANCE = 0.0005
"""Seconds by which a call may be early: half of the last digit that the headers show."""

_KEPT = 10_000
"""How many buckets are remembered before those that are full again are forgotten."""

_MESSAGES = "/channels/{}/messages"
_REACTIONS = f"{_MESSAGES}/{{}}/reactions"
_FOLLOW_UPS = "/webhooks/{}/{}"


class Limit(NamedTuple):
    """So many calls in so many seconds."""

    calls: int
    seconds: float


_BOT = Limit(50, 1.0)
_ROUTE = Limit(50, 10.0)


def _observed() -> dict[str, Limit]:
    return {
        f"POST {_MESSAGES}": Limit(5, 5.0),
        f"PATCH {_MESSAGES}/{{}}": Limit(5, 5.0),
        f"DELETE {_MESSAGES}/{{}}": Limit(5, 1.0),
        f"PUT {_REACTIONS}/{{}}/@me": Limit(1, 0.25),
        "PATCH /channels/{}": Limit(10, 15.0),
        "PUT /guilds/{}/members/{}/roles/{}": Limit(10, 10.0),
        f"POST {_FOLLOW_UPS}": Limit(5, 2.0),
        f"GET {_FOLLOW_UPS}/messages/{{}}": Limit(5, 2.0),
        f"PATCH {_FOLLOW_UPS}/messages/{{}}": Limit(5, 2.0),
        f"DELETE {_FOLLOW_UPS}/messages/{{}}": Limit(5, 2.0),
    }


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How often the bot may call.

    Discord documents one number only, the 50 calls per second of a bot over all routes that are not for
    interactions (topics/rate-limits). All others are near what bots have observed, rather too roomy than too
    tight, and Discord may change its own at any time: a bot must go by the headers.

    Each route has a bucket of its own per channel, guild, or webhook with its token. All changes of reactions
    share one, and the first answer to an interaction has none. A bucket gets its calls back one by one, as
    Discord's do since 2022 (discord-api-docs#7680): one of 5 calls in 5 seconds gets one back each second.

    Attributes:
        bot: Over all routes; interactions are free of it. Calls without a token count by their address.
        route: For a route that `routes` does not name.
        routes: For single routes, as `METHOD /route/pattern`; reactions by the route that adds one.
    """

    bot: Limit = _BOT
    route: Limit = _ROUTE
    routes: Mapping[str, Limit] = field(default_factory=_observed)

    def __post_init__(self) -> None:
        for calls, seconds in (self.bot, self.route, *self.routes.values()):
            if calls < 1 or seconds <= 0:
                raise ValueError("a limit is 1 call or more in more than 0 seconds")

    @classmethod
    def roomy(cls) -> Self:
        """Give limits that nobody meets in practice, for a play in fast motion; the headers are there."""
        much = Limit(1_000_000, 1000.0)
        return cls(much, much, {})


class RateLimited(ApiError):  # noqa: N818 - an answer to the bot, like ApiError
    """The refusal of a call that came too early.

    Attributes:
        retry_after: After how many seconds the next call may come.
        headers: What the answer carries besides its body.
    """

    def __init__(self, retry_after: float, scope: Scope, bucket: Mapping[str, str]) -> None:
        what = "The resource is" if scope == "shared" else "You are"
        super().__init__(429, 0, f"{what} being rate limited.")
        self.retry_after = retry_after
        self._scope = scope
        self.headers = {
            **bucket,
            "Retry-After": str(math.ceil(retry_after)),
            "X-RateLimit-Scope": scope,
            **({"X-RateLimit-Global": "true"} if scope == "global" else {}),
        }

    def body(self) -> Json:
        """Give the JSON body, which is of a shape of its own."""
        return {
            "message": self.message,
            "retry_after": self.retry_after,
            "global": self._scope == "global",
        }


class _Bucket:
    """The limit of one route, or of several that share it.

    Attributes:
        places: Which parts of a route's path have a bucket each.
        exempt: Whether the limit over all routes does not count here.
    """

    __slots__ = ("calls", "exempt", "hash", "places", "seconds", "unit")

    def __init__(self, name: str, limit: Limit, route: Route | None = None) -> None:
        self.calls, self.seconds = limit
        self.unit = limit.seconds / limit.calls
        self.hash = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
        steps = route.pattern.strip("/").split("/") if route else [""]
        self.places = _places(steps)
        self.exempt = steps[0] == "webhooks"

    def headers(self, full_at: float, now: float) -> dict[str, str]:
        """Describe it when it will be full again at `full_at`."""
        left = max(0, int((self.seconds - (full_at - now) + _TOLERANCE) / self.unit))
        return _headers(self.hash, self.calls, left, full_at - now, now)


def _headers(name: str, calls: int, left: int, reset_after: float, now: float) -> dict[str, str]:
    # Clients divide by it, so it is never 0.
    shown = max(0.001, _milliseconds(reset_after))
    return {
        "X-RateLimit-Limit": str(calls),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{now + shown:.3f}",
        "X-RateLimit-Reset-After": f"{shown:.3f}",
        "X-RateLimit-Bucket": name,
    }


def _milliseconds(seconds: float) -> float:
    return math.ceil((seconds - _TOLERANCE / 10) * 1000) / 1000


class RateLimiter:
    """Counts calls.

    Args:
        limits: How often a bot may call.
        clock: Gives the time as Unix seconds.
        routes: All routes that there are.

    Raises:
        ValueError: The limits name a route that there is not, or that goes by another's bucket or by none.
    """

    def __init__(self, limits: RateLimits, clock: Callable[[], float], routes: Iterable[Route]) -> None:
        self._clock = clock
        self._bot = _Bucket("bot", limits.bot)
        self._full_at: dict[tuple[str, ...], float] = {}
        self._purge_at = _KEPT
        self._buckets: dict[tuple[str, str], _Bucket | None] = {}
        names: set[str] = set()
        for route in routes:
            name = _bucket_name(route)
            bucket = _Bucket(name, limits.routes.get(name, limits.route), route) if name else None
            self._buckets[route.method, route.pattern] = bucket
            names.add(name)
        if wrong := limits.routes.keys() - names:
            raise ValueError(f"no bucket has the name of this route: {', '.join(sorted(wrong))}")

    def take(self, route: Route, params: tuple[str, ...], who: str) -> dict[str, str]:
        """Count a call, and give the headers for its answer; none where there is no limit.

        Args:
            route: The route that was called.
            params: What stands at the places of its pattern.
            who: Whose limit over all routes it counts for.

        Raises:
            RateLimited: It came too early; it does not count for its bucket.
        """
        bucket = self._buckets[route.method, route.pattern]
        if bucket is None:
            return {}
        now = self._clock()
        if not bucket.exempt:
            full_at, early = self._count(self._bot, (who,), now)
            if early > 0:
                raise RateLimited(early, "global", {})
        full_at, early = self._count(bucket, (bucket.hash, *[params[place] for place in bucket.places]), now)
        headers = bucket.headers(full_at, now)
        if early > 0:
            raise RateLimited(early, "user", headers)
        return headers

    def refused(self, method: str, route: str, retry_after: float, scope: Scope) -> RateLimited:
        """Give the refusal of a call whose limit is said to be used up, whatever was counted."""
        bucket = self._buckets[method, route]
        if scope == "global" or bucket is None:
            return RateLimited(retry_after, scope, {})
        now = self._clock()
        if scope == "shared":
            return RateLimited(retry_after, scope, bucket.headers(now + bucket.unit, now))
        return RateLimited(retry_after, scope, _headers(bucket.hash, 1, 0, retry_after, now))

    def _count(self, bucket: _Bucket, key: tuple[str, ...], now: float) -> tuple[float, float]:
        """Give when the bucket will be full again, and how many seconds the call came too early."""
        full_at = max(self._full_at.get(key, now), now)
        early = full_at + bucket.unit - now - bucket.seconds
        if early > _TOLERANCE:
            return full_at, _milliseconds(early)
        full_at += bucket.unit
        self._full_at[key] = full_at
        if len(self._full_at) > self._purge_at:
            self._full_at = {key: moment for key, moment in self._full_at.items() if moment > now}
            self._purge_at = max(_KEPT, 2 * len(self._full_at))
        return full_at, 0.0


def _bucket_name(route: Route) -> str:
    """Give the route whose bucket a route has; empty if it has none."""
    if route.pattern.startswith("/interactions/"):
        return ""
    if route.pattern.startswith(_REACTIONS) and route.method != "GET":
        return f"PUT {_REACTIONS}/{{}}/@me"
    return route.name


def _places(steps: list[str]) -> tuple[int, ...]:
    """Give which places of a pattern have a bucket each: a webhook's id and token, a channel's, a guild's."""
    if steps[0] == "webhooks":
        return (0, 1)
    for number, (word, step) in enumerate(pairwise(steps)):
        if word in {"channels", "guilds"} and step == "{}":
            return (steps[:number].count("{}"),)
    return ()
