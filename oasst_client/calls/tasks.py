"""The calls around tasks: ask, show, skip, answer, close."""

import re
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError

from oasst_client.calls.base import EXTENSION_PREFIX, Call, Calls, segment
from oasst_client.errors import InvalidRequestError, NotFoundError, OasstError, TaskAlreadyDoneError
from oasst_client.interactions import Interaction
from oasst_client.models import User
from oasst_client.reading import read_task
from oasst_client.retrying import Repeat, may_be_done
from oasst_client.tasks import Task, TaskDone, TaskRequest, TaskRequestType
from oasst_client.waiting import WorkReport

LONGEST_REASON = 512
"""Characters; a longer reason makes the original backend fail."""

_REQUEST_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")

_availability = TypeAdapter(dict[str, int])
_report = TypeAdapter(WorkReport)


class TaskCalls(Calls):
    """The life of a task, in the order in which it is lived."""

    async def fetch_task(
        self,
        task_type: TaskRequestType,
        user: User | None = None,
        *,
        collective: bool = False,
        lang: str | None = None,
        request_key: str | None = None,
    ) -> Task:
        """Ask for a task of a type: `POST /tasks/`.

        Tried again only if the backend was not reached or said 429: each time it may hand out another task.
        With a `request_key` a backend that knows keys hands out the same task again, and the caller may ask
        again at will; but others do not look at it, so that the client does not.

        Args:
            task_type: what kind of task.
            user: the person who will do it; made known to the backend on first sight.
            collective: whether many people may answer it until it is closed.
            lang: a BCP 47 tag of 32 characters at most; None means `en`.
            request_key: what this request is called: 1 to 64 letters, digits, dashes and underscores of
                ASCII, another one for each task that is wanted. `find_asked_task` finds the task by it.

        Raises:
            TaskUnavailableError: no work of this type is there now.
            TooManyPendingError: the person has too many unfinished tasks.
            UserDisabledError: the person may not take part.
            TermsNotAcceptedError: the person has to accept the backend's terms first.
            UnknownTaskTypeError: the task is of a type this client does not know; nack it.
            TaskAlreadyDoneError: the key was used before, and its task is done.
            NotFoundError: the key was used before, and its task was given back (2100).
            RefusedError: the key was used before: its task has expired (2101), or it stands for a request of
                somebody else (2106), or for another type or language (2102).
        """
        _check_request_key(request_key)
        try:
            request = TaskRequest(type=task_type, user=user, collective=collective, lang=lang)
        except ValidationError:
            raise InvalidRequestError("No task can be of this type or language") from None
        call = Call("POST", "tasks/", body=request, repeat=Repeat.unsent, request_key=request_key)
        return read_task(await self._request(call))

    async def fetch_random_task(
        self,
        user: User | None = None,
        *,
        collective: bool = False,
        lang: str | None = None,
        request_key: str | None = None,
    ) -> Task:
        """Ask for a task of whatever kind the backend finds most useful; see `fetch_task`."""
        return await self.fetch_task(
            TaskRequestType.random, user, collective=collective, lang=lang, request_key=request_key
        )

    async def find_asked_task(self, request_key: str, user: User | None = None) -> Task | None:
        """Find a task that was asked for: `GET /tasks/asked/{request_key}`, an extension. Tried again freely.

        Args:
            request_key: what `fetch_task` was given.
            user: the person whose task it is; None: whoever asked.

        Returns:
            The task as it was handed out, while it can be answered; None if this person has no such task. A
            request that may still be on its way can bring one later: ask with the same key again.

        Raises:
            NotSupportedError: this backend does not look at keys.
            UnknownTaskTypeError: the task is of a type this client does not know; nack it.
        """
        _check_request_key(request_key)
        path = f"tasks/asked/{segment(request_key)}"
        try:
            return read_task(await self._request(Call("GET", path, user=user, prefix=EXTENSION_PREFIX)))
        except NotFoundError:
            return None

    async def fetch_availability(self, user: User, *, lang: str | None = None) -> dict[str, int]:
        """Count the work for a person by task type: `POST /tasks/availability`. Tried again freely.

        Args:
            user: the person.
            lang: a BCP 47 tag; None means `en`.

        Returns:
            The counts, 0 or more, by the names of all types that the backend knows; `random` is their sum.
        """
        return await self._read(
            _availability, Call("POST", "tasks/availability", body=user, params={"lang": lang})
        )

    async def fetch_waiting(self, user: User, *, lang: str | None = None) -> WorkReport:
        """Ask what work there is, why there is none, and what trees wait for: `POST /tasks/waiting`.

        An extension. Tried again freely.

        Args:
            user: the person; made known to the backend on first sight.
            lang: a BCP 47 tag; None means `en`.

        Raises:
            UserDisabledError: the person may not take part.
            TermsNotAcceptedError: the person has to accept the backend's terms first.
            NotSupportedError: this backend does not have the call.
        """
        call = Call("POST", "tasks/waiting", body=user, params={"lang": lang}, prefix=EXTENSION_PREFIX)
        return await self._read(_report, call)

    async def ack_task(self, task_id: UUID, message_id: str, user: User | None = None) -> None:
        """Say under which id a task is shown: `POST /tasks/{task_id}/ack`.

        Tried again freely: the same id again is fine.

        Args:
            task_id: the task.
            message_id: the frontend's id of the message that shows it, 1 to 200 characters. No other task
                may have it: not every backend checks, and one id on two tasks breaks both.
            user: the person whose task it is.

        Raises:
            NotFoundError: the backend does not know the task or the person.
            RefusedError: it is shown under another id already (2103).
        """
        body = {"message_id": message_id}
        await self._do(Call("POST", f"tasks/{segment(task_id)}/ack", body=body, user=user))

    async def nack_task(self, task_id: UUID, reason: str, user: User) -> None:
        """Give a task back, because it was not shown or was skipped: `POST /tasks/{task_id}/nack`.

        Tried again freely: twice is fine.

        Args:
            task_id: the task.
            reason: why; only the first 512 characters are sent. May be empty.
            user: the person whose task it is.

        Raises:
            NotFoundError: the backend does not know the task (2100) or the person.
            TaskAlreadyDoneError: it was answered.
            RefusedError: it is somebody else's (2106).
        """
        body = {"reason": reason[:LONGEST_REASON]}
        await self._do(Call("POST", f"tasks/{segment(task_id)}/nack", body=body, user=user))

    async def post_interaction(self, interaction: Interaction, *, collective: bool = False) -> Task:
        """Hand in what a person did: `POST /tasks/interaction`.

        Tried again when the backend did nothing for certain. When a try may have arrived, the answer of a
        personal task is handed in once more, and that the task is done already then means success.

        Args:
            interaction: what the person did.
            collective: whether the task is a collective one. It stays open, so that its answer is handed in
                again only when no try can have arrived.

        Returns:
            The next task, in practice always `TaskDone`.

        Raises:
            TaskAlreadyDoneError: the task has had its answer before this call.
            RefusedError: the answer is not taken; `code` says why. The task is still open unless it expired.
            UserDisabledError: the person may not take part.
        """
        call = Call("POST", "tasks/interaction", body=interaction.model_dump(mode="json", exclude_none=True))
        in_doubt = False

        async def hand_in(deadline: float) -> Task:
            nonlocal in_doubt
            try:
                return read_task(await self._once(call, deadline))
            except TaskAlreadyDoneError:
                if in_doubt:
                    return TaskDone(id=uuid4())
                raise
            except OasstError as error:
                in_doubt = in_doubt or may_be_done(error)
                raise

        return await self._repeated(hand_in, Repeat.unsent if collective else Repeat.safe)

    async def close_task(self, message_id: str) -> Task:
        """End a collective task: `POST /tasks/close`. Tried again only if the backend did nothing.

        Args:
            message_id: the id that the task was acked with.

        Returns:
            The next task, in practice always `TaskDone`.

        Raises:
            RefusedError: it is a personal task (2106).
            ServerError: the original backend fails on every close.
        """
        body = {"message_id": message_id}
        return read_task(await self._request(Call("POST", "tasks/close", body=body, repeat=Repeat.unsent)))


def _check_request_key(key: str | None) -> None:
    if key is not None and not _REQUEST_KEY.fullmatch(key):
        raise InvalidRequestError("A request key has 1 to 64 letters, digits, dashes and underscores")
