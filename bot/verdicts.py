"""Decides what a failure means for what was sent to the backend, and how long to wait before the next try."""

from enum import Enum, auto
from http import HTTPStatus

from bot.backend_health import FIRST_REFUSAL_CODE
from bot.backoff import LONGEST_PAUSE, growing_pause
from oasst_client import (
    InvalidResponseError,
    NotAuthorizedError,
    OasstError,
    OasstErrorCode,
    RateLimitedError,
    ServerError,
    TaskAlreadyDoneError,
    TermsNotAcceptedError,
    TransportError,
    UnknownTaskTypeError,
)

PASSING = frozenset(
    {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.MISDIRECTED_REQUEST,
        HTTPStatus.TOO_EARLY,
    }
)
"""Statuses that, without a code of the protocol, say nothing of what was sent.

A backend that lacks a task or a message names the code; without one it is the call that it lacks, and then
OASST_API_URL is wrong.
"""

THE_PERSON_MENDS = frozenset(
    {
        OasstErrorCode.user_has_not_accepted_tos,
        OasstErrorCode.task_message_too_long,
        OasstErrorCode.task_message_duplicated,
        OasstErrorCode.task_message_text_empty,
        OasstErrorCode.text_labels_mandatory_label_missing,
    }
)


class Verdict(Enum):
    """What a failure means for what was sent."""

    again = auto()
    operator = auto()
    person = auto()
    done = auto()
    refused = auto()


def verdict(error: OasstError) -> Verdict:
    """Decide what becomes of an entry that failed with `error`."""
    match error:
        case NotAuthorizedError():
            found = Verdict.operator
        case TransportError() | RateLimitedError():
            found = Verdict.again
        case OasstError(code=0, http_status=status) if status in PASSING:
            found = Verdict.again
        case ServerError():
            found = Verdict.again if error.code < FIRST_REFUSAL_CODE else Verdict.refused
        case UnknownTaskTypeError() | TaskAlreadyDoneError():
            # Whatever the next task is, this one was taken.
            found = Verdict.done
        case InvalidResponseError() | OasstError(http_status=int(), by_backend=False):
            # It may be anybody's page: a proxy's, or a login. Was it taken after all, the next try says so.
            found = Verdict.again
        case TermsNotAcceptedError():
            found = Verdict.person
        case _:
            found = Verdict.person if error.code in THE_PERSON_MENDS else Verdict.refused
    return found


def pause_after(attempts: int, error: OasstError) -> float:
    """Give the seconds to wait at least after the `attempts`-th failure (from 1).

    What the backend itself asks for, an hour at most, is never undercut.
    """
    pause = LONGEST_PAUSE if isinstance(error, NotAuthorizedError) else growing_pause(attempts)
    return max(pause, error.retry_after or 0.0)
