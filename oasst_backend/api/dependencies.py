"""What every route needs: the running backend, the frontend behind the key, and the person in the header.

What a route depends on is always a coroutine: FastAPI would send a plain function through a thread, which
costs more than all else that it does for a call.
"""

import contextvars
import hashlib
import hmac
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, TypeVar

import sqlalchemy as sa
from fastapi import Depends, Header, Request

from oasst_backend.api.limits import RateLimits
from oasst_backend.api.metrics import Metrics
from oasst_backend.api.remembered import Remembered
from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.keys import find_client, key_hash
from oasst_backend.service.statistics import FRESH_FOR
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage
from oasst_client import OasstErrorCode, Progress

ResultT = TypeVar("ResultT")
ValueT = TypeVar("ValueT")

KEY_CACHE_SECONDS = 2.0
"""For so long a key is taken, or refused, without asking the database, which may know better by then."""

KEY_CACHE_SIZE = 1000
"""Keys of either kind that are remembered at most, so that guessed ones cannot fill the memory."""


@dataclass
class Backend:
    """A running backend: its settings, its storage, its clock and chance, its limits and its numbers."""

    settings: BackendSettings
    storage: Storage
    clock: Callable[[], datetime]
    rng: random.Random
    limits: RateLimits
    metrics: Metrics
    rules_version: int = 0
    progress: Remembered[Progress] = field(default_factory=lambda: Remembered(FRESH_FOR))
    _clients: dict[str, tuple[float, ApiClient]] = field(default_factory=dict)
    _wrong_keys: dict[str, float] = field(default_factory=dict)

    def context(self) -> Context:
        """Give a transaction its surroundings, as of now."""
        return Context(self.settings, self.clock(), self.rng, self.rules_version)

    async def write(self, transaction: Callable[[sa.Connection, Context], ResultT]) -> ResultT:
        """Run a transaction and wait until it is on disk."""
        return await self.storage.write(self._surrounded(transaction))

    async def read(self, query: Callable[[sa.Connection, Context], ResultT]) -> ResultT:
        """Run a query beside the writer."""
        return await self.storage.read(self._surrounded(query))

    def _surrounded(
        self, transaction: Callable[[sa.Connection, Context], ResultT]
    ) -> Callable[[sa.Connection], ResultT]:
        """Give a transaction its surroundings; what it logs in its thread carries the call's id, too."""
        logged_as = contextvars.copy_context()
        return lambda connection: logged_as.run(transaction, connection, self.context())

    async def client_of(self, key: str) -> ApiClient | None:
        """Find the frontend that a key belongs to."""
        digest = key_hash(key)
        known = self._clients.get(digest)
        if known is not None and time.monotonic() - known[0] < KEY_CACHE_SECONDS:
            return known[1]
        self._clients.pop(digest, None)
        refused = self._wrong_keys.get(digest)
        if refused is not None and time.monotonic() - refused < KEY_CACHE_SECONDS:
            return None
        client = await self.storage.look_up(lambda connection: find_client(connection, key))
        # Apart, so that a flood of wrong keys drives out none of the good ones.
        if client is None:
            _remember(self._wrong_keys, digest, time.monotonic())
        else:
            _remember(self._clients, digest, (time.monotonic(), client))
        return client


def _remember(known: dict[str, ValueT], digest: str, value: ValueT) -> None:
    """Keep what is known of a key in place of what is known for longest, if there are too many."""
    known.pop(digest, None)
    if len(known) >= KEY_CACHE_SIZE:
        del known[next(iter(known))]
    known[digest] = value


async def running_backend(request: Request) -> Backend:
    """Give the backend that this application serves."""
    return backend_of(request)


def backend_of(request: Request) -> Backend:
    """Give the backend that answers a request."""
    backend: Backend = request.app.state.backend
    return backend


BackendDep = Annotated[Backend, Depends(running_backend)]


async def calling_client(request: Request) -> ApiClient:
    """Find the frontend that calls, by the header or the query parameter, and count its call.

    Raises:
        Refusal: the key is missing, unknown or revoked (2), or was used too often of late (429).
    """
    backend = backend_of(request)
    key = request.headers.get("x-api-key") or request.query_params.get("api_key")
    client = await backend.client_of(key) if key else None
    if client is None:
        raise Refusal(OasstErrorCode.api_client_not_authorized, "The API key is missing or not valid.")
    backend.limits.take_call(client, backend.clock())
    return client


ClientDep = Annotated[ApiClient, Depends(calling_client)]


async def trusted_client(client: ClientDep) -> ApiClient:
    """See that the frontend is trusted.

    Raises:
        Refusal: it is not (2).
    """
    if not client.trusted:
        raise Refusal(OasstErrorCode.api_client_not_authorized, "This call needs a trusted key.")
    return client


TrustedDep = Annotated[ApiClient, Depends(trusted_client)]


async def root_caller(request: Request) -> None:
    """See that the call carries the root token: `Authorization: Bearer ...`.

    Raises:
        Refusal: it does not, or the operator has set none (3).
    """
    token = backend_of(request).settings.backend_root_token
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token is None:
        raise Refusal(
            OasstErrorCode.root_token_not_authorized,
            "This backend has no root token; set BACKEND_ROOT_TOKEN.",
        )
    # Of equal length whatever was given, so that the time tells nothing of the token, not even its length.
    wanted, brought = (
        hashlib.sha256(text.encode()).digest() for text in (token.get_secret_value(), given.strip())
    )
    if scheme.lower() != "bearer" or not hmac.compare_digest(wanted, brought):
        raise Refusal(OasstErrorCode.root_token_not_authorized, "The root token is missing or not valid.")


RootDep = Annotated[None, Depends(root_caller)]
PersonHeader = Annotated[str | None, Header(alias="x-oasst-user")]

REQUEST_KEY = r"^[A-Za-z0-9_-]{1,64}$"
"""What a frontend may call a request, so that it can make it again."""

RequestKeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=REQUEST_KEY,
        description="The frontend's name for this request: made again with it, it gives the same task.",
    ),
]
