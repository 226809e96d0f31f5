"""The backend's tree of errors: refusals that a frontend reads, and what keeps the backend from starting."""

from oasst_client import OasstErrorCode


class BackendError(Exception):
    """Anything this backend raises on purpose."""


class Refusal(BackendError):  # noqa: N818  # it is no fault of the program, but an answer
    """A call that is answered with one of the protocol's error codes.

    Attributes:
        code: the protocol's code.
        message: what went wrong and what to do, for the frontend's log.
        status: the HTTP status of the answer.
    """

    STATUS = {  # noqa: RUF012  # a constant table, never written to
        OasstErrorCode.generic_error: 500,
        OasstErrorCode.api_client_not_authorized: 403,
        OasstErrorCode.root_token_not_authorized: 403,
        OasstErrorCode.too_many_requests: 429,
        OasstErrorCode.message_not_found: 404,
        OasstErrorCode.user_not_found: 404,
        OasstErrorCode.user_has_not_accepted_tos: 451,
        OasstErrorCode.user_disabled: 503,
        OasstErrorCode.task_requested_type_not_available: 503,
        OasstErrorCode.database_max_retries_exhausted: 503,
    }
    """The statuses that are not 400."""

    def __init__(self, code: OasstErrorCode, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status if status is not None else self.STATUS.get(code, 400)


class RateExceeded(Refusal):
    """A call that came too soon after others of the same kind.

    Attributes:
        seconds: whole seconds to wait until it may be made again, 1 or more.
    """

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(OasstErrorCode.too_many_requests, f"{message}; try again in {seconds} seconds.")
        self.seconds = seconds


class ReadTookTooLong(Refusal):
    """A read that was broken off, so that one call's reads do not keep all others waiting."""

    def __init__(self) -> None:
        super().__init__(
            OasstErrorCode.database_max_retries_exhausted,
            "The database did not find this in time; ask for less: fewer items, fewer words, a shorter span. "
            "If it asks for little already, try again soon.",
        )


class SetupError(BackendError):
    """Something outside the program keeps it from doing its work; the message says what to do."""


class DatabaseUnusableError(SetupError):
    """The database file cannot be opened, read or written, or is no database of ours."""


class PortTakenError(SetupError):
    """The address that the backend should listen on is in use or not ours."""


class UnknownKeyError(SetupError):
    """No API key goes by the given name, or one does already."""
