"""The log of all calls: what came, what was answered, and what was refused."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from discord_sandbox.errors import ApiError
from discord_sandbox.rest.call import Call, Reply
from discord_sandbox.world.model import encode

_CALLS = 100_000
_BODIES = 10_000
_SHOWN = 300
"""How much of the JSON one line shows."""

_REFUSED = 400
_NOTHING: Mapping[str, str] = {}


class SentFile(NamedTuple):
    """A file that came with a call: its name, and its size in bytes."""

    name: str
    size: int


@dataclass(slots=True, repr=False)
class LoggedRequest:
    """One call that was answered. It has no token: not the bot's, and none of an interaction.

    Attributes:
        time: When it was answered, Unix seconds by the sandbox's clock.
        method: GET, POST, PUT, PATCH or DELETE.
        route: The route as a pattern, such as `/channels/{}/messages`; the path, if it is not known.
        path: The path, URL-encoded; `{token}` stands where an interaction's token was.
        query: The query of the URL.
        status: The HTTP status of the answer; 0 if the connection was cut instead.
        code: Discord's own code, if the call was refused.
        payload: The JSON that came; None if there was none, and for all but the latest 10,000 that had any.
        files: The files that came, of as many calls.
    """

    time: float
    method: str
    route: str
    path: str
    query: Mapping[str, str]
    status: int
    code: int | None = None
    payload: Any = None
    files: tuple[SentFile, ...] = ()

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.time, UTC).strftime("%H:%M:%S.%f")[:-3]
        query = f"?{urlencode(self.query)}" if self.query else ""
        answer = "reply lost" if self.status == 0 else str(self.status)
        code = f" ({self.code})" if self.code else ""
        sent = "" if self.payload is None else f" {_short(encode(self.payload))}"
        files = "".join(f" +{name} ({size} bytes)" for name, size in self.files)
        return f"{when} {self.method} {self.path}{query} -> {answer}{code}{sent}{files}"

    __repr__ = __str__


class Refusal(NamedTuple):
    """One call that was refused as Discord refuses it: why, by Discord's code, and where in the body."""

    method: str
    route: str
    status: int
    code: int
    where: tuple[str, ...]


class RequestLog:
    """Keeps the latest 100,000 calls, and the bodies of the latest 10,000.

    Attributes:
        calls: All calls, oldest first.
        refusals: Those that were refused for what they asked, oldest first.
    """

    def __init__(self) -> None:
        self.calls: deque[LoggedRequest] = deque(maxlen=_CALLS)
        self.refusals: deque[Refusal] = deque(maxlen=_CALLS)
        self._with_body: deque[LoggedRequest] = deque()

    def add(self, call: Call, path: str, reply: Reply | None, time: float) -> None:
        """Note a call and its reply; None if the reply was lost."""
        status, code = (0, None) if reply is None else (reply.status, None)
        if reply is not None and status >= _REFUSED and isinstance(reply.body, dict):
            code = reply.body.get("code")
        entry = LoggedRequest(time, call.method, call.route, without_token(path), call.query, status, code)
        self.calls.append(entry)
        if call.payload is not None or call.uploads:
            entry.payload = call.payload
            entry.files = tuple(SentFile(one.name, len(one.data)) for one in call.uploads.values())
            self._with_body.append(entry)
            if len(self._with_body) > _BODIES:
                old = self._with_body.popleft()
                old.payload, old.files = None, ()

    def refuse(self, call: Call, error: ApiError) -> None:
        """Note why a call was refused."""
        found = Refusal(call.method, call.route, error.status, error.code, error.places)
        self.refusals.append(found)


def without_token(path: str) -> str:
    """Give a path with `{token}` where an interaction's token is."""
    if not path.startswith(("/interactions/", "/webhooks/")):
        return path
    steps = path.split("/")
    steps[3:4] = ["{token}"] * len(steps[3:4])
    return "/".join(steps)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
