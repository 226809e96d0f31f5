"""Makes results and errors of answers, whatever is in them."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from oasst_client.errors import (
    InvalidResponseError,
    NotSupportedError,
    OasstError,
    UnknownTaskTypeError,
    error_for,
)
from oasst_client.tasks import Task, task_adapter
from oasst_client.transport import Answer

ResultT = TypeVar("ResultT")

EXTENSIONS = "/api/ext/"
HEALTH = "/healthz"
"""Where calls begin that not every backend has."""

LONGEST_MESSAGE = 500
LONGEST_TYPE = 64
"""Characters that are kept of what a backend says."""

LARGEST_CODE = 2**31 - 1
SHORTEST_SECRET = 8

_ABSENT_CALL = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_FAULTS_TOLD = 3


def read(adapter: TypeAdapter[ResultT], answer: Answer) -> ResultT:
    """Read a successful answer.

    Raises:
        InvalidResponseError: it is not what the protocol says.
    """
    try:
        return adapter.validate_json(answer.body)
    except ValidationError as error:
        faults = _told(error)
    # Outside of the handler, as the library's error holds the body.
    raise _not_understood(answer, faults)


def read_nothing(answer: Answer) -> None:
    """Check a successful answer of a call that has no result.

    Raises:
        InvalidResponseError: it holds something that no backend of this protocol would send.
    """
    if answer.body.strip() and not _is_json(answer.body):
        raise _not_understood(answer, "json_invalid")


def read_task(answer: Answer) -> Task:
    """Read a task.

    Raises:
        UnknownTaskTypeError: its type is none of the protocol's.
        InvalidResponseError: it is not what the protocol says.
    """
    try:
        return task_adapter.validate_json(answer.body)
    except ValidationError as error:
        faults = _told(error)
        unknown = any(fault["type"] == "union_tag_invalid" for fault in error.errors(include_input=False))
    raw = _object_in(answer.body)
    task_id = _uuid_in(raw.get("id"))
    if unknown:
        raise UnknownTaskTypeError(str(raw.get("type"))[:LONGEST_TYPE], task_id)
    failure = _not_understood(answer, faults)
    failure.task_id = task_id
    raise failure


def error_in(answer: Answer, path: str, secrets: Iterable[str]) -> OasstError:
    """Make the error of an answer whose status is none of success.

    Args:
        answer: the answer.
        path: what was called.
        secrets: what must not be in the error, should the backend quote it.
    """
    raw = _object_in(answer.body)
    code, message = _code_and_message(raw)
    by_backend = _is_the_protocols(raw)
    for secret in secrets:
        # Anything shorter is no secret, and would tear words apart.
        if len(secret) >= SHORTEST_SECRET:
            message = message.replace(secret, "***")
    message = message[:LONGEST_MESSAGE]
    if code == 0 and answer.status in _ABSENT_CALL and path.startswith((EXTENSIONS, HEALTH)):
        return NotSupportedError(message, http_status=answer.status, by_backend=by_backend)
    return error_for(
        status=answer.status,
        code=code,
        message=message,
        retry_after=answer.retry_after,
        by_backend=by_backend,
    )


def _told(error: ValidationError) -> str:
    """Name the first faults by place and kind alone; places that the backend chose are not repeated."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)[:_FAULTS_TOLD]
    return "; ".join(
        ".".join([*(str(part) if str(part).isidentifier() else "#" for part in fault["loc"]), fault["type"]])
        for fault in faults
    )


def _not_understood(answer: Answer, faults: str) -> InvalidResponseError:
    return InvalidResponseError(
        f"The backend's answer was not understood: {faults}",
        http_status=answer.status,
        is_json=_is_json(answer.body),
    )


def _is_json(body: bytes) -> bool:
    try:
        from_json(body)
    except ValueError:
        return False
    return True


def _object_in(body: bytes) -> dict[str, object]:
    try:
        raw = from_json(body)
    except ValueError:
        return {}
    return raw if isinstance(raw, dict) else {}


def _uuid_in(raw: object) -> UUID | None:
    try:
        return UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def _is_the_protocols(raw: dict[str, object]) -> bool:
    """Whether it was a backend that failed: proxies, too, send a `message`, but none of these two."""
    return _is_number(raw.get("error_code")) or isinstance(raw.get("detail"), str | list)


def _is_number(raw: object) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool)


def _code_and_message(raw: dict[str, object]) -> tuple[int, str]:
    """Read what an error answer says: the protocol's shape, either kind of `detail`, or nothing known."""
    code, message, detail = raw.get("error_code"), raw.get("message"), raw.get("detail")
    known = isinstance(code, int) and _is_number(code) and 0 <= code <= LARGEST_CODE
    if isinstance(message, str):
        said = message
    elif isinstance(detail, str):
        said = detail
    elif isinstance(detail, list):
        said = "; ".join(_fault(item) for item in detail[:_FAULTS_TOLD])
    else:
        said = ""
    return (code if known and isinstance(code, int) else 0), said


def _fault(item: object) -> str:
    place = item.get("loc") if isinstance(item, dict) else None
    words = item.get("msg") if isinstance(item, dict) else None
    parts = [str(part) for part in place if isinstance(part, str | int)] if isinstance(place, list) else []
    return f"{'.'.join(parts)}: {words if isinstance(words, str) else 'not accepted'}"
