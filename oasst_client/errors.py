"""The client's one tree of errors, and the protocol's codes."""

from enum import IntEnum
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

    Attributes:
        code: the protocol's error code, 0 where the answer named none.
        http_status: the status of the answer, None where there was no answer.
        message: what the backend said, or what went wrong on the way; never a key or a text of a person.
    """

    def __init__(self, message: str, *, code: int = 0, http_status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http_status = http_status

    def __str__(self) -> str:
        return f"{self.message} (code {self.code}, HTTP {self.http_status or 'none'})"


class TransportError(OasstError):
    """No answer came: the backend was not reached, or the connection broke or took too long."""


class InvalidResponseError(OasstError):
    """An answer came that the client does not understand."""


class UnknownTaskTypeError(InvalidResponseError):
    """A task of a type that this client does not know; `task_id` lets the caller nack it."""

    def __init__(self, raw_type: str, task_id: UUID | None) -> None:
        super().__init__(f"The backend sent a task of the unknown type {raw_type!r}.", http_status=200)
        self.raw_type = raw_type
        self.task_id = task_id


class ServerError(OasstError):
    """The backend failed on its side (5xx without a code of its own); the call may be tried again."""


class RateLimitedError(OasstError):
    """Too many requests; `retry_after` is in seconds, None where the backend did not say."""

    def __init__(self, message: str, *, code: int, http_status: int, retry_after: float | None) -> None:
        super().__init__(message, code=code, http_status=http_status)
        self.retry_after = retry_after


class NotAuthorizedError(OasstError):
    """The API key or token is missing, wrong, or lacks the trust that the call needs."""


class RefusedError(OasstError):
    """The backend understood the call and refused it."""


class TaskUnavailableError(RefusedError):
    """There is no work of the wanted type right now (1006)."""


class TooManyPendingError(RefusedError):
    """The person has too many unfinished tasks (1012)."""


class NotFoundError(RefusedError):
    """What the call names does not exist."""


class UserDisabledError(RefusedError):
    """The person has been disabled (4001)."""


class TermsNotAcceptedError(RefusedError):
    """The person has to accept the backend's terms first (4003)."""


class TaskAlreadyDoneError(RefusedError):
    """The task has its answer already (2105)."""


class NotSupportedError(OasstError):
    """The backend does not have this call."""


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


def error_for(*, status: int, code: int, message: str, retry_after: float | None = None) -> OasstError:
    """Choose the error for an answer by its code first, then by its HTTP status."""
    if status == 429 or code == OasstErrorCode.too_many_requests:  # noqa: PLR2004  # an HTTP status
        return RateLimitedError(message, code=code, http_status=status, retry_after=retry_after)
    kind = BY_CODE.get(code)
    if kind is None:
        kind = _by_status(status)
    return kind(message, code=code, http_status=status)


def _by_status(status: int) -> type[OasstError]:
    if status in {401, 403}:
        return NotAuthorizedError
    if status == 404:  # noqa: PLR2004  # an HTTP status
        return NotFoundError
    if status == 451:  # noqa: PLR2004  # an HTTP status
        return TermsNotAcceptedError
    if status >= 500:  # noqa: PLR2004  # an HTTP status
        return ServerError
    if status >= 400:  # noqa: PLR2004  # an HTTP status
        return RefusedError
    return InvalidResponseError
