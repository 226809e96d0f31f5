"""The async client of an OASST task backend."""

import json
from typing import Any, Self, TypeVar
from uuid import UUID

import aiohttp
from pydantic import TypeAdapter, ValidationError
from yarl import URL

from oasst_client.errors import (
    InvalidResponseError,
    NotSupportedError,
    OasstError,
    TransportError,
    UnknownTaskTypeError,
    error_for,
)
from oasst_client.interactions import Interaction, TextLabels
from oasst_client.models import (
    FrontEndUser,
    LeaderboardStats,
    LeaderboardTimeFrame,
    Message,
    User,
    ValidLabels,
)
from oasst_client.tasks import Task, TaskRequest, TaskRequestType, task_adapter

ResultT = TypeVar("ResultT")

DEFAULT_TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=5)
"""Seconds: 5 to connect, 30 for a whole call."""

MAX_RESPONSE_BYTES = 32 * 1024 * 1024
"""A larger answer is not read to its end: no task or board comes near it."""

_message_adapter = TypeAdapter(Message)
_labels_adapter = TypeAdapter(ValidLabels)
_board_adapter = TypeAdapter(LeaderboardStats)
_user_adapter = TypeAdapter(FrontEndUser)
_availability_adapter = TypeAdapter(dict[str, int])


def parse_backend_url(value: str) -> URL:
    """Check the base address of a backend and give it without a trailing slash.

    Raises:
        ValueError: it is no http(s) address with a host, or it carries a query or a fragment.
    """
    try:
        url = URL(value)
    except ValueError as error:
        raise ValueError("The backend's address cannot be read as a URL.") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("The backend's address must look like http://host:port.")
    if url.query_string or url.fragment:
        raise ValueError("The backend's address must carry no query and no fragment.")
    return url.with_path(url.path.rstrip("/"))


class OasstApiClient:
    """Speaks the OASST task protocol over one shared HTTP session.

    Args:
        backend_url: the backend's base address, without `/api/v1`; a path prefix is kept.
        api_key: the frontend's key, sent as `X-API-Key`.
        session: a session to use instead of one's own; whoever made it closes it.

    Every method raises a subclass of `OasstError` and nothing else.
    """

    def __init__(self, backend_url: str, api_key: str, session: aiohttp.ClientSession | None = None) -> None:
        self._base = parse_backend_url(backend_url)
        self._headers = {"X-API-Key": api_key, "Accept": "application/json"}
        self._session = session
        self._owns_session = session is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session if the client made it; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None and self._owns_session:
            await session.close()

    async def fetch_task(
        self,
        task_type: TaskRequestType,
        user: User | None = None,
        *,
        collective: bool = False,
        lang: str | None = None,
    ) -> Task:
        """Ask for a task of a type for a person (`POST /tasks/`).

        Raises:
            TaskUnavailableError: no work of this type is there now.
            TooManyPendingError: the person has too many unfinished tasks.
            UnknownTaskTypeError: the task is of a type this client does not know; nack it.
        """
        request = TaskRequest(type=task_type, user=user, collective=collective, lang=lang)
        body = await self._request("POST", "/api/v1/tasks/", json_body=request.model_dump(mode="json"))
        return _read_task(body)

    async def fetch_random_task(
        self, user: User | None = None, *, collective: bool = False, lang: str | None = None
    ) -> Task:
        """Ask for a task of whatever kind the backend finds most useful; see `fetch_task`."""
        return await self.fetch_task(TaskRequestType.random, user, collective=collective, lang=lang)

    async def fetch_availability(self, user: User, *, lang: str | None = None) -> dict[str, int]:
        """Count the work for a person by task type (`POST /tasks/availability`)."""
        params = {"lang": lang} if lang else {}
        body = await self._request(
            "POST", "/api/v1/tasks/availability", json_body=user.model_dump(mode="json"), params=params
        )
        return _read(_availability_adapter, body)

    async def ack_task(self, task_id: UUID, message_id: str, user: User | None = None) -> None:
        """Say under which frontend message id a task is shown; again with the same id is fine."""
        await self._request(
            "POST", f"/api/v1/tasks/{task_id}/ack", json_body={"message_id": message_id}, user=user
        )

    async def nack_task(self, task_id: UUID, reason: str, user: User) -> None:
        """Give a task back: not shown, or skipped (reason: 512 characters at most)."""
        await self._request("POST", f"/api/v1/tasks/{task_id}/nack", json_body={"reason": reason}, user=user)

    async def post_interaction(self, interaction: Interaction) -> Task:
        """Hand in what a person did; the answer is the next task, in practice `TaskDone`.

        Raises:
            TaskAlreadyDoneError: this task has its answer already.
            RefusedError: the answer is not taken; `code` says why.
        """
        body = await self._request(
            "POST",
            "/api/v1/tasks/interaction",
            json_body=interaction.model_dump(mode="json", exclude_none=True),
            user=interaction.user,
        )
        return _read_task(body)

    async def post_text_labels(self, labels: TextLabels) -> None:
        """Label a message outside a task; again by the same person replaces the earlier labels."""
        await self._request(
            "POST",
            "/api/v1/text_labels/",
            json_body=labels.model_dump(mode="json", exclude_none=True),
            user=labels.user,
        )

    async def fetch_valid_labels(self, message_id: UUID | None = None) -> ValidLabels:
        """List the labels, of one message's kind where `message_id` is given."""
        params = {"message_id": str(message_id)} if message_id else {}
        return _read(
            _labels_adapter, await self._request("GET", "/api/v1/text_labels/valid_labels", params=params)
        )

    async def fetch_message(self, message_id: UUID, user: User | None = None) -> Message:
        """Read one message."""
        return _read(
            _message_adapter, await self._request("GET", f"/api/v1/messages/{message_id}", user=user)
        )

    async def fetch_leaderboard(
        self, time_frame: LeaderboardTimeFrame, *, max_count: int = 100, user: User | None = None
    ) -> LeaderboardStats:
        """Read a board; with `user` that person's row is highlighted.

        Raises:
            NotFoundError: the backend has never seen `user`.
        """
        body = await self._request(
            "GET", f"/api/v1/leaderboards/{time_frame.value}", params={"max_count": str(max_count)}, user=user
        )
        return _read(_board_adapter, body)

    async def put_user(self, user: User) -> FrontEndUser:
        """Make a person known to the backend, and give what it knows of them."""
        body = await self._request(
            "POST", "/api/v1/frontend_users/", json_body=user.model_dump(mode="json"), user=user
        )
        return _read(_user_adapter, body)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        json_body: object = None,
        params: dict[str, str] | None = None,
        user: User | None = None,
    ) -> bytes:
        headers = dict(self._headers)
        if user is not None:
            headers["x-oasst-user"] = user.header
        session = self._open_session()
        try:
            async with session.request(
                method,
                self._base.joinpath(path.lstrip("/"), encoded=True),
                json=json_body,
                params=params,
                headers=headers,
                allow_redirects=False,
                timeout=DEFAULT_TIMEOUT,
            ) as response:
                body = await _read_limited(response)
                if response.status >= 300:  # noqa: PLR2004  # an HTTP status
                    raise _error_of(response, body, path)
                return body
        except aiohttp.ClientError as error:
            raise TransportError(f"The backend could not be reached ({type(error).__name__}).") from error
        except TimeoutError as error:
            raise TransportError("The backend took too long to answer.") from error

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


async def _read_limited(response: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(65536):
        size += len(chunk)
        if size > MAX_RESPONSE_BYTES:
            raise InvalidResponseError("The backend's answer is too large.", http_status=response.status)
        chunks.append(chunk)
    return b"".join(chunks)


def _read(adapter: TypeAdapter[ResultT], body: bytes) -> ResultT:
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise InvalidResponseError(
            f"The backend's answer was not understood ({error.error_count()} faults).", http_status=200
        ) from error


def _read_task(body: bytes) -> Task:
    try:
        return task_adapter.validate_json(body)
    except ValidationError as error:
        if any(fault["type"] == "union_tag_invalid" for fault in error.errors(include_input=False)):
            raise _unknown_type(body) from error
        raise InvalidResponseError(
            f"The backend's task was not understood ({error.error_count()} faults).", http_status=200
        ) from error


def _unknown_type(body: bytes) -> UnknownTaskTypeError:
    raw: dict[str, Any] = json.loads(body)
    try:
        task_id = UUID(str(raw.get("id")))
    except ValueError:
        task_id = None
    return UnknownTaskTypeError(str(raw.get("type"))[:64], task_id)


def _error_of(response: aiohttp.ClientResponse, body: bytes, path: str) -> OasstError:
    code, message = _code_and_message(body)
    message = message or f"The backend answered with HTTP {response.status}."
    if response.status == 404 and code == 0 and path.startswith("/api/ext/"):  # noqa: PLR2004  # an HTTP status
        return NotSupportedError(message, http_status=404)
    return error_for(
        status=response.status,
        code=code,
        message=message,
        retry_after=_seconds(response.headers.get("Retry-After")),
    )


def _code_and_message(body: bytes) -> tuple[int, str]:
    """Read what an error answer says: the protocol's shape, either kind of `detail`, or nothing known."""
    try:
        raw = json.loads(body)
    except ValueError:
        return 0, ""
    if not isinstance(raw, dict):
        return 0, ""
    code, message, detail = raw.get("error_code"), raw.get("message"), raw.get("detail")
    if isinstance(code, int) and isinstance(message, str):
        return code, message
    if isinstance(detail, str):
        return 0, detail
    if isinstance(detail, list):
        return 0, "; ".join(_fault(item) for item in detail)
    return 0, ""


def _fault(item: object) -> str:
    if not isinstance(item, dict):
        return "a fault without a description"
    place = ".".join(str(part) for part in item.get("loc") or [])
    return f"{place}: {item.get('msg')}"


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header is not None else None
    except ValueError:
        return None
