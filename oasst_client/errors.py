"""The client's one tree of errors, and the protocol's codes."""

from enum import IntEnum, StrEnum
from uuid import UUID


class OasstErrorCode(IntEnum):
    """Codes of the protocol that a caller tells apart; an unlisted code stays a plain int."""

    generic_error = 0
    database_unavailable = 1
    api_client_not_authorized = 2
    root_token_not_authorized = 3
    database_max_retries_exhausted = 4
    sort_key_unsupported = 100
    invalid_cursor_value = 101
    too_many_requests = 429
    server_error_0 = 500
    server_error_1 = 501
    invalid_authentication = 600
    task_invalid_request_type = 1000
    task_ack_failed = 1001
    task_nack_failed = 1002
    task_invalid_response_type = 1003
    task_interaction_request_failed = 1004
    task_generation_failed = 1005
    task_requested_type_not_available = 1006
    task_availability_query_failed = 1007
    task_message_too_long = 1008
    task_message_duplicated = 1009
    task_message_text_empty = 1010
    task_message_duplicate_reply = 1011
    task_too_many_pending = 1012
    invalid_frontend_message_id = 2000
    message_not_found = 2001
    rating_out_of_range = 2002
    invalid_ranking_value = 2003
    invalid_task_type = 2004
    no_message_tree_found = 2006
    no_replies_found = 2007
    invalid_message = 2008
    broken_conversation = 2009
    tree_in_aborted_state = 2010
    corrupt_ranking_result = 2011
    auth_and_username_required = 2012
    text_labels_wrong_message_id = 2050
    text_labels_invalid_label = 2051
    text_labels_mandatory_label_missing = 2052
    text_labels_no_self_labeling = 2053
    task_not_found = 2100
    task_expired = 2101
    task_payload_type_mismatch = 2102
    task_already_updated = 2103
    task_not_ack = 2104
    task_already_done = 2105
    task_not_assigned_to_user = 2106
    task_unexpected_payload_type = 2107
    external_model_api = 3001
    user_not_specified = 4000
    user_disabled = 4001
    user_not_found = 4002
    user_has_not_accepted_tos = 4003
    emoji_op_unsupported = 5000
    cached_stats_not_available = 6000


class OasstError(Exception):
    """Anything that kept a call from giving its result.

    The text of the exception is the client's own: it names the code and the status, and never holds a key or
    what somebody wrote, so it can be logged.

    Attributes:
        code: the protocol's error code, 0 where the answer named none.
        http_status: the status of the answer, None where there was no answer.
        message: what the backend said (500 characters at most), or what went wrong on the way. A backend may
            quote what was sent to it: show it to whoever sent that, and do not log it.
        retry_after: the seconds that the backend asked to wait, an hour at most; None where it did not say.
        by_backend: whether a failure was told in the protocol's shape, so that it was the backend's answer;
            false without an answer, and for the page of a proxy, which says nothing of what was sent.
    """

    summary = "The call failed"
    """What the text of the exception begins with."""

    def __init__(
        self,
        message: str = "",
        *,
        code: int = 0,
        http_status: int | None = None,
        retry_after: float | None = None,
        by_backend: bool = False,
    ) -> None:
        # Without args: what logs show of an exception comes from them.
        super().__init__()
        self.message = message or f"{self.summary}."
        self.code = code
        self.http_status = http_status
        self.retry_after = retry_after
        self.by_backend = by_backend

    def __str__(self) -> str:
        name = _NAMES.get(self.code) if self.code else None
        code = f"{self.code} {name}" if name else str(self.code)
        return f"{self._words()} (code {code}, HTTP {self.http_status or 'none'})"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def _words(self) -> str:
        return self.summary


class _LocalError(OasstError):
    """An error that the client words itself, so that its message is safe to show."""

    def _words(self) -> str:
        return self.message


class InvalidRequestError(_LocalError, ValueError):
    """An argument cannot be sent; nothing was."""


class TransportPhase(StrEnum):
    """How far a call got."""

    queue = "queue"
    """It was not begun: the client is closed, or too many other calls were under way."""
    connect = "connect"
    """No connection was made: name, address, refusal, or TLS."""
    answer = "answer"
    """A connection stood; whether the backend did what was asked is unknown."""


class TransportError(_LocalError):
    """No answer came: the backend was not reached, or the connection broke or took too long.

    Attributes:
        phase: how far the call got.
        timed_out: whether one of the client's timeouts ended it.
    """

    def __init__(
        self, message: str, *, phase: TransportPhase = TransportPhase.answer, timed_out: bool = False
    ) -> None:
        super().__init__(message)
        self.phase = phase
        self.timed_out = timed_out

    @property
    def unsent(self) -> bool:
        """Whether it is certain that the backend never saw the call."""
        return self.phase is not TransportPhase.answer


class InvalidResponseError(_LocalError):
    """An answer came that the client does not understand.

    Attributes:
        is_json: whether it was JSON at all; if not, something other than the backend may have answered, such
            as a proxy's or a network's page, and the backend may never have seen the call.
        task_id: the task's id where the answer was a task with a readable one, so that it can be nacked.
    """

    def __init__(
        self,
        message: str = "",
        *,
        http_status: int | None = None,
        is_json: bool = False,
        task_id: UUID | None = None,
    ) -> None:
        super().__init__(message, http_status=http_status)
        self.is_json = is_json
        self.task_id = task_id


class UnknownTaskTypeError(InvalidResponseError):
    """A task of a type that this client does not know; `task_id` lets the caller nack it.

    Attributes:
        raw_type: the type as the backend gave it, 64 characters at most.
    """

    def __init__(self, raw_type: str, task_id: UUID | None) -> None:
        shown = raw_type if raw_type.isidentifier() else "?"
        super().__init__(
            f"The backend sent a task of the unknown type {shown}",
            http_status=200,
            is_json=True,
            task_id=task_id,
        )
        self.raw_type = raw_type


class ServerError(OasstError):
    """The backend failed on its side (a 5xx that means nothing more definite)."""

    summary = "The backend failed"


class RateLimitedError(OasstError):
    """Too many requests (429): nothing was done; `retry_after` says how long to wait."""

    summary = "The backend asks to slow down"


class NotAuthorizedError(OasstError):
    """The API key or token is missing, wrong, or lacks the trust that the call needs."""

    summary = "The backend does not accept the key for this"


class RefusedError(OasstError):
    """The backend understood the call and refused it; the same again would be refused again."""

    summary = "The backend refused the call"


class TaskUnavailableError(RefusedError):
    """There is no work of the wanted type right now (1006)."""

    summary = "There is no such task now"


class TooManyPendingError(RefusedError):
    """The person has too many unfinished tasks (1012)."""

    summary = "The person has too many unfinished tasks"


class NotFoundError(RefusedError):
    """What the call names does not exist."""

    summary = "The backend does not know what the call names"


class UserDisabledError(RefusedError):
    """The person has been disabled (4001)."""

    summary = "The person has been disabled"


class TermsNotAcceptedError(RefusedError):
    """The person has to accept the backend's terms first (4003)."""

    summary = "The person has not accepted the terms"


class TaskAlreadyDoneError(RefusedError):
    """The task has its answer already (2105)."""

    summary = "The task has its answer already"


class NotSupportedError(OasstError):
    """The backend does not have this call."""

    summary = "The backend does not have this call"


_NAMES: dict[int, str] = {code.value: code.name for code in OasstErrorCode}

BY_CODE: dict[int, type[OasstError]] = {
    OasstErrorCode.api_client_not_authorized: NotAuthorizedError,
    OasstErrorCode.root_token_not_authorized: NotAuthorizedError,
    OasstErrorCode.invalid_authentication: NotAuthorizedError,
    OasstErrorCode.task_requested_type_not_available: TaskUnavailableError,
    OasstErrorCode.task_too_many_pending: TooManyPendingError,
    OasstErrorCode.message_not_found: NotFoundError,
    OasstErrorCode.task_not_found: NotFoundError,
    OasstErrorCode.user_not_found: NotFoundError,
    OasstErrorCode.user_disabled: UserDisabledError,
    OasstErrorCode.user_has_not_accepted_tos: TermsNotAcceptedError,
    OasstErrorCode.task_already_done: TaskAlreadyDoneError,
}


def error_for(
    *,
    status: int,
    code: int,
    message: str,
    retry_after: float | None = None,
    by_backend: bool = True,
) -> OasstError:
    """Choose the error for an answer by its code first, then by its HTTP status (none of 200 to 299)."""
    if status == 429 or code == OasstErrorCode.too_many_requests:  # noqa: PLR2004  # an HTTP status
        kind: type[OasstError] = RateLimitedError
    elif status < 400:  # noqa: PLR2004  # an HTTP status
        does = "redirects" if status >= 300 else "answers with no final status"  # noqa: PLR2004  # an HTTP status
        return InvalidResponseError(f"The backend {does} (HTTP {status})", http_status=status)
    else:
        kind = BY_CODE.get(code) or _by_status(status)
    return kind(
        message or f"The backend answered with HTTP {status}.",
        code=code,
        http_status=status,
        retry_after=retry_after,
        by_backend=by_backend,
    )


def _by_status(status: int) -> type[OasstError]:
    if status in {401, 403}:
        return NotAuthorizedError
    if status == 404:  # noqa: PLR2004  # an HTTP status
        return NotFoundError
    if status == 451:  # noqa: PLR2004  # an HTTP status
        return TermsNotAcceptedError
    if status >= 500:  # noqa: PLR2004  # an HTTP status
        return ServerError
    return RefusedError
