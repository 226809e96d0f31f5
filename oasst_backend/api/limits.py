"""The limits on how often a key or a person may call; each is off until a setting names a rate."""

from collections.abc import Hashable
from datetime import datetime

from oasst_backend.errors import RateExceeded
from oasst_backend.rates import Rate, SlidingWindow
from oasst_backend.service.context import ApiClient
from oasst_backend.settings import BackendSettings
from oasst_client import TaskRequestType, User


class RateLimits:
    """Counts calls in memory, so that a restart begins anew; used from the event loop alone.

    Args:
        settings: name the rates.
    """

    def __init__(self, settings: BackendSettings) -> None:
        self._calls = _window(settings.backend_rate_limit_key)
        self._requests = _window(settings.backend_rate_limit_tasks)
        self._requests_of_type = {
            TaskRequestType.assistant_reply: _window(settings.backend_rate_limit_assistant_reply),
            TaskRequestType.prompter_reply: _window(settings.backend_rate_limit_prompter_reply),
        }

    def take_call(self, client: ApiClient, now: datetime) -> None:
        """Count a call with a key.

        Raises:
            RateExceeded: there were too many of late (429).
        """
        _take(client.id, now, "There are too many calls with this key", self._calls)

    def take_task_request(self, user: User | None, task_type: TaskRequestType, now: datetime) -> None:
        """Count a person's request for a task, or for what tasks there are, which costs as much.

        Without a person there is nothing to count.

        Raises:
            RateExceeded: there were too many of late (429), of any type or of this one.
        """
        if user is None:
            return
        of_type = self._requests_of_type.get(task_type)
        subject = (user.auth_method, user.id)
        _take(subject, now, "This person asks for too many tasks", self._requests, of_type)


def _window(rate: Rate | None) -> SlidingWindow | None:
    return SlidingWindow(rate) if rate is not None else None


def _take(subject: Hashable, now: datetime, words: str, *windows: SlidingWindow | None) -> None:
    """Count in all windows, or in none if one of them is full."""
    in_force = [window for window in windows if window is not None]
    if seconds := max((window.wait(subject, now) for window in in_force), default=0):
        raise RateExceeded(words, seconds)
    for window in in_force:
        window.note(subject, now)
