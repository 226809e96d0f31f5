"""The one request function that every call is a few lines over."""

import copy
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self, TypeVar
from urllib.parse import quote
from uuid import UUID

import aiohttp
from pydantic import TypeAdapter
from pydantic_core import to_json
from yarl import URL

from oasst_client.errors import InvalidRequestError, NotAuthorizedError, OasstErrorCode
from oasst_client.models import User
from oasst_client.reading import EXTENSIONS, error_in, read, read_nothing
from oasst_client.retrying import Repeat, Retries, repeated
from oasst_client.transport import Answer, Timeouts, Transport

ResultT = TypeVar("ResultT")
Parameter = str | int | bool | datetime | UUID | None

MAX_CONCURRENT = 32
MAX_RESPONSE_BYTES = 32 * 1024 * 1024
"""Larger than any task, tree or board of this protocol."""

_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+(%[\w.-]+)?")
"""A name (of any script) or an address."""

EXTENSION_PREFIX = f"{EXTENSIONS}v1/"
"""What the calls lie below that not every backend has."""

DEFAULT_TIMEOUTS = Timeouts()
DEFAULT_RETRIES = Retries()


def parse_backend_url(value: str) -> URL:
    """Check the base address of a backend and give it without a trailing slash; a path prefix is kept.

    Raises:
        ValueError: it is no http(s) address with a host, or it carries a user name, a password, a query or a
            fragment. The text of the error does not repeat the address.
    """
    try:
        if not value.isprintable():
            raise ValueError  # noqa: TRY301  # the library would leave such characters out without a word
        url = URL(value)
    except ValueError:
        raise ValueError("The backend's address cannot be read as a URL.") from None
    if url.scheme not in {"http", "https"} or not _HOST.fullmatch(url.host or "") or url.port == 0:
        raise ValueError("The backend's address must look like http://host:port.")
    if url.user is not None or url.password is not None:
        raise ValueError("The backend's address must carry no user name and no password.")
    if url.query_string or url.fragment:
        raise ValueError("The backend's address must carry no query and no fragment.")
    return url.with_path(url.raw_path.rstrip("/"), encoded=True)


def segment(value: object) -> str:
    """Write a value as one segment of a path.

    Raises:
        InvalidRequestError: it is empty, or means another folder.
    """
    text = str(value)
    if text in {"", ".", ".."}:
        raise InvalidRequestError("An id in an address must not be empty or consist of dots")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise InvalidRequestError("An id in an address is no valid text") from None


@dataclass(frozen=True)
class Call:
    """One call of the protocol.

    Attributes:
        method: the HTTP method.
        path: below the prefix, its values written with `segment`.
        body: what is sent as JSON; None: no body.
        params: the query; values of None are left out.
        user: who the call acts for, where the body does not say.
        repeat: how often it can be made without harm.
        root: whether it needs the root token.
        prefix: what the path lies below.
        request_key: what the frontend calls the request, if the backend may be asked about it.
    """

    method: str
    path: str
    body: object = field(default=None, repr=False)
    params: Mapping[str, Parameter] = field(default_factory=dict, repr=False)
    user: User | None = None
    repeat: Repeat = Repeat.safe
    root: bool = False
    prefix: str = "/api/v1/"
    request_key: str | None = None


class Calls:
    """What the groups of calls share; see `OasstApiClient` for the arguments."""

    def __init__(  # noqa: PLR0913  # each is one independent bound of the client
        self,
        backend_url: str,
        api_key: str,
        session: aiohttp.ClientSession | None = None,
        *,
        root_token: str | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        retries: Retries | None = DEFAULT_RETRIES,
        max_concurrent: int = MAX_CONCURRENT,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
    ) -> None:
        self._base = str(parse_backend_url(backend_url)).rstrip("/")
        self._secrets = [api_key, *([root_token] if root_token else [])]
        if max_concurrent < 1:
            raise ValueError("At least one call at a time must be allowed.")
        if not all(_fits_header(secret) for secret in self._secrets):
            raise ValueError("A key or token must not hold control characters.")
        self._headers = {"X-API-Key": api_key, "Accept": "application/json"}
        self._root_token = root_token
        self._retries = retries
        self._transport = Transport(
            session,
            timeouts=timeouts,
            max_concurrent=max_concurrent,
            max_response_bytes=max_response_bytes,
        )
        self._seconds: float | None = None

    def within(self, seconds: float) -> Self:
        """Give the same client with less patience: each call ends within so many seconds, all tries included.

        It shares everything with this one: connections, bounds, and its end, as closing one closes both. It
        costs next to nothing, so one may be made for a single call. The client's own timeouts stay in force.

        Args:
            seconds: more than 0; `put_user`, which is two calls, may take twice that.

        Raises:
            ValueError: it is not.
        """
        if not seconds > 0:
            raise ValueError("A call needs more than 0 seconds.")
        hurried = copy.copy(self)
        hurried._seconds = seconds  # noqa: SLF001  # the same class
        return hurried

    async def _get(
        self,
        adapter: TypeAdapter[ResultT],
        path: str,
        *,
        user: User | None = None,
        **params: Parameter,
    ) -> ResultT:
        """Read something."""
        return await self._read(adapter, Call("GET", path, params=params, user=user))

    async def _read(self, adapter: TypeAdapter[ResultT], call: Call) -> ResultT:
        """Make a call that has a result."""
        return read(adapter, await self._request(call))

    async def _do(self, call: Call) -> None:
        """Make a call that has no result."""
        read_nothing(await self._request(call))

    async def _request(self, call: Call) -> Answer:
        return await self._repeated(lambda deadline: self._once(call, deadline), call.repeat)

    async def _repeated(self, work: Callable[[float], Awaitable[ResultT]], repeat: Repeat) -> ResultT:
        """Do something that has a deadline by the monotonic clock, and again when that does no harm."""
        deadline = time.monotonic() + self._seconds if self._seconds is not None else math.inf
        return await repeated(lambda: work(deadline), repeat, self._retries, deadline)

    async def _once(self, call: Call, deadline: float) -> Answer:
        """Make one try of a call; every request of the client passes here."""
        path = call.prefix + call.path
        url = URL(self._base + path, encoded=True)
        query = {name: _parameter(value) for name, value in call.params.items() if value is not None}
        answer = await self._transport.exchange(
            call.method,
            url.with_query(query) if query else url,
            body=_json(call.body),
            headers=self._headers_of(call),
            deadline=deadline,
        )
        if not 200 <= answer.status < 300:  # noqa: PLR2004  # HTTP statuses
            raise error_in(answer, path, self._secrets)
        return answer

    def _headers_of(self, call: Call) -> dict[str, str]:
        headers = dict(self._headers)
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.user is not None:
            if not _fits_header(call.user.header):
                raise InvalidRequestError("A person's id must not hold control characters")
            headers["x-oasst-user"] = call.user.header
        if call.request_key is not None:
            headers["Idempotency-Key"] = call.request_key
        if call.root:
            if self._root_token is None:
                raise NotAuthorizedError(
                    "This call needs the root token; the client has none.",
                    code=OasstErrorCode.root_token_not_authorized,
                )
            headers["Authorization"] = f"Bearer {self._root_token}"
        return headers


def _json(body: object) -> bytes | None:
    if body is None:
        return None
    try:
        return to_json(body)
    except ValueError:
        pass
    # Outside of the handler, as the library's error may quote the text.
    raise InvalidRequestError("What was to be sent cannot be written as JSON")


def _parameter(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        text = str(value)
        text.encode()
    except ValueError:
        # What is no text would be left out without a word, and a number too long to write raises.
        raise InvalidRequestError("A value in a query cannot be written") from None
    return text


def _fits_header(value: str) -> bool:
    return value.isprintable()
