"""Carries one HTTP exchange: connections, timeouts, bounds, and one error for whatever breaks on the way."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from oasst_client.errors import InvalidResponseError, OasstError, TransportError, TransportPhase

IDLE_SECONDS = 4.0
"""How long an unused connection is kept: less than the 5 s after which many servers close it."""

LONGEST_RETRY_AFTER = 3600.0
"""Seconds; a longer `Retry-After` counts as this."""

_CHUNK = 65536


@dataclass(frozen=True)
class Timeouts:
    """How long the parts of one try may take, in seconds, each more than 0.

    Attributes:
        connect: until a connection stands: name, TCP and TLS.
        read: between two pieces of the answer.
        total: from the call to the end of the answer, waiting for a free slot included.
    """

    connect: float = 5.0
    read: float = 20.0
    total: float = 30.0

    def __post_init__(self) -> None:
        # The library takes 0 for no bound at all.
        if not all(seconds > 0 for seconds in astuple(self)):
            raise ValueError("A timeout must be more than 0 seconds.")


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: the HTTP status.
        body: the body, decompressed.
        retry_after: seconds, from the header of that name; None where it is absent or unreadable.
    """

    status: int
    body: bytes = field(repr=False)
    retry_after: float | None = None


class _Pool:
    """A session with its connections, and how many calls are on it."""

    def __init__(self, session: aiohttp.ClientSession, *, owned: bool) -> None:
        self.session = session
        self.owned = owned
        self.retired = False
        self._users = 0

    async def __aenter__(self) -> Self:
        self._users += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._users -= 1
        if self.retired and not self._users:
            await self.session.close()


class Transport:
    """One HTTP session, used by many calls at a time.

    Args:
        session: a session to use instead of one's own; whoever made it closes it.
        timeouts: how long a try may take.
        max_concurrent: how many exchanges may be under way at a time; further ones wait.
        max_response_bytes: the largest body that is read.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        *,
        timeouts: Timeouts,
        max_concurrent: int,
        max_response_bytes: int,
    ) -> None:
        self._pool = _Pool(session, owned=False) if session is not None else None
        self._timeouts = timeouts
        self._aiohttp_timeout = aiohttp.ClientTimeout(
            total=None, connect=timeouts.connect, sock_read=timeouts.read
        )
        self._max_concurrent = max_concurrent
        self._max_bytes = max_response_bytes
        self._slots = asyncio.Semaphore(max_concurrent)
        self._retired: set[_Pool] = set()
        self._closed = False

    async def close(self) -> None:
        """Close what the transport opened; calls under way fail, later ones are refused."""
        self._closed = True
        self._retire()
        for pool in self._retired:
            await pool.session.close()

    async def exchange(
        self,
        method: str,
        url: URL,
        *,
        body: bytes | None,
        headers: Mapping[str, str],
        deadline: float = math.inf,
    ) -> Answer:
        """Send a request and read its whole answer, whatever its status.

        Args:
            method: the HTTP method.
            url: where to.
            body: what is sent; None: nothing.
            headers: the headers.
            deadline: the moment of the monotonic clock at which it is given up, if that comes first.

        Raises:
            TransportError: no whole answer came.
            InvalidResponseError: the answer is larger than allowed.
        """
        phase = TransportPhase.queue
        try:
            seconds = min(self._timeouts.total, deadline - time.monotonic())
            async with asyncio.timeout(seconds), self._slots, self._join() as pool:
                phase = TransportPhase.answer
                async with pool.session.request(
                    method,
                    url,
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    raise_for_status=False,
                    timeout=self._aiohttp_timeout,
                ) as response:
                    return await self._receive(response, pool)
        except OasstError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a broken peer makes the library raise is no answer
            failure = _failure(error, phase)
        # Outside of the handler: the library's error holds the request's headers, and would stay as context.
        raise failure

    def _join(self) -> _Pool:
        if self._closed:
            raise TransportError("The client is closed", phase=TransportPhase.queue)
        if self._pool is None:
            self._pool = _Pool(
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(
                        limit=self._max_concurrent, keepalive_timeout=IDLE_SECONDS
                    ),
                    cookie_jar=aiohttp.DummyCookieJar(),
                ),
                owned=True,
            )
        return self._pool

    async def _receive(self, response: aiohttp.ClientResponse, pool: _Pool) -> Answer:
        # A session that came after is in use by others, or by nobody, who would close it.
        if response.status == HTTPStatus.INTERNAL_SERVER_ERROR and pool is self._pool:
            self._retire()
        chunks: list[bytes] = []
        size = response.content_length or 0
        if size <= self._max_bytes:
            size = 0
            async for chunk in response.content.iter_chunked(_CHUNK):
                size += len(chunk)
                if size > self._max_bytes:
                    break
                chunks.append(chunk)
        if size > self._max_bytes:
            raise InvalidResponseError("The backend's answer is too large", http_status=response.status)
        return Answer(response.status, b"".join(chunks), seconds_in(response.headers.get("Retry-After")))

    def _retire(self) -> None:
        """Use no connection again that stood when the backend said 500.

        A backend of this protocol closes its connection after that without a word, and a request that is on
        its way then fails though nobody has seen it.
        """
        if self._pool is not None and self._pool.owned:
            self._pool.retired = True
            self._retired = {pool for pool in self._retired if not pool.session.closed} | {self._pool}
            self._pool = None


def seconds_in(retry_after: str | None) -> float | None:
    """Read a `Retry-After` header: seconds or a date; gives seconds from now, 0 to an hour."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after).astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _failure(error: Exception, phase: TransportPhase) -> TransportError:
    """Say what broke, without the library's words: they may quote the answer or the request."""
    kind = type(error).__name__
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return TransportError(
            "The backend took too long to connect", phase=TransportPhase.connect, timed_out=True
        )
    if isinstance(error, TimeoutError):
        return TransportError("The backend took too long to answer", phase=phase, timed_out=True)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return TransportError("The backend's name was not found", phase=TransportPhase.connect)
    # The certificate's error is no kind of the other.
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        return TransportError(f"The backend's TLS was not accepted ({kind})", phase=TransportPhase.connect)
    if isinstance(error, aiohttp.ClientConnectorError):
        return TransportError(f"The backend could not be reached ({kind})", phase=TransportPhase.connect)
    return TransportError(f"The connection to the backend broke ({kind})", phase=phase)
