"""Bare calls to a backend over one connection, each made once."""

import json
import time
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlsplit

IDLE_SECONDS = 3.0
"""Less than the time after which the server closes an unused connection."""


class Answer(NamedTuple):
    """A status and a body."""

    status: int
    body: Any

    @property
    def code(self) -> int:
        """The protocol's error code, 0 if the body names none."""
        return int(self.body.get("error_code", 0)) if isinstance(self.body, dict) else 0

    @property
    def outcome(self) -> tuple[int, int]:
        """Status and code."""
        return self.status, self.code


class Api:
    """Bare calls over one connection, without any repeat.

    Raises:
        OSError, HTTPException: from `call`, if no answer came.
    """

    def __init__(self, url: str, key: str) -> None:
        self.key = key
        self._used = 0.0
        self._connection = _connected(url)

    def move_to(self, url: str) -> None:
        """Call another address from now on, as after a restart."""
        self._connection.close()
        self._connection = _connected(url)

    def call(self, method: str, path: str, body: object = None, *, person: str | None = None) -> Answer:
        """Make a call; `person` is named in the header."""
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        if person is not None:
            headers["x-oasst-user"] = f"discord:{user_of(person)['id']}"
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()
        try:
            self._connection.request(
                method, path, None if body is None else json.dumps(body).encode(), headers
            )
            response = self._connection.getresponse()
            raw = response.read()
        except (OSError, HTTPException):
            self._connection.close()
            raise
        self._used = time.monotonic()
        is_json = response.headers.get_content_type() == "application/json" and raw
        return Answer(response.status, json.loads(raw) if is_json else raw.decode())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _connected(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return HTTPConnection(parts.hostname, parts.port, timeout=30)


def user_of(person: str) -> dict[str, str]:
    """Give a person as bodies name them."""
    return {"id": f"id-{person}", "display_name": person.title(), "auth_method": "discord"}
