"""Finds a task again by the key that it was asked for with: its frontend may never have seen the answer."""

from dataclasses import dataclass

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.drafts import task_again
from oasst_backend.service.people import Person, person_in_header
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import tasks
from oasst_client import OasstErrorCode, Task, TaskRequest, TaskRequestType

_BY_KEY = Prepared(
    sa.select(tasks).where(
        tasks.c.api_client_id == sa.bindparam("client_id"),
        tasks.c.request_key == sa.bindparam("request_key"),
        # The index has no other rows, and must be told so.
        tasks.c.request_key.is_not(None),
    )
)


@dataclass(frozen=True)
class Asked:
    """A request for a task: which frontend asks, for whom, for what, in which language, and by which key."""

    client: ApiClient
    person: Person
    request: TaskRequest
    lang: str
    key: str | None


def task_asked_before(connection: sa.Connection, context: Context, asked: Asked) -> Task | None:
    """Give what was handed out for an earlier request with the same key; None if nothing was.

    Raises:
        Refusal: that request was for somebody else (2106), or for something else (2102); or its task was done
            (2105), has expired (2101), or was given back or withdrawn (2100).
    """
    row = None if asked.key is None else _by_key(connection, asked.client, asked.key)
    if row is None:
        return None
    if row.person_id != asked.person.id:
        raise Refusal(
            OasstErrorCode.task_not_assigned_to_user, "The key stands for another person's request."
        )
    fits = asked.request.type in {TaskRequestType.random, TaskRequestType(row.type)}
    if not fits or (row.lang, row.collective) != (asked.lang, asked.request.collective):
        raise Refusal(
            OasstErrorCode.task_payload_type_mismatch, "The key stands for another kind of request."
        )
    if row.done:
        raise Refusal(OasstErrorCode.task_already_done, "The task is done already.")
    if context.now > row.expiry_date:
        raise Refusal(OasstErrorCode.task_expired, "The task has expired.")
    if not row.is_open:
        raise Refusal(OasstErrorCode.task_not_found, "The task was given back.")
    return task_again(connection, row)


def open_asked_task(
    connection: sa.Connection, context: Context, client: ApiClient, key: str, header: str | None
) -> Task:
    """Give the task that was handed out for a key, while it can be answered.

    Args:
        connection: a connection that sees what was asked before, see `api.tasks`.
        context: settings, moment and chance.
        client: the frontend that asked for the task.
        key: what it asked with.
        header: names the person whose task it is; None: whoever it is.

    Raises:
        Refusal: there is none, it is somebody else's, or it was done, given back or withdrawn, or has expired
            (2100); or nobody goes by the given name (4002).
    """
    person = person_in_header(connection, header)
    row = _by_key(connection, client, key)
    is_theirs = row is not None and (person is None or row.person_id == person.id)
    if row is None or not is_theirs or not row.is_open or context.now > row.expiry_date:
        raise Refusal(OasstErrorCode.task_not_found, "No open task was asked for with this key.", status=404)
    return task_again(connection, row)


def _by_key(connection: sa.Connection, client: ApiClient, key: str) -> AnyRow | None:
    return _BY_KEY.first(connection, {"client_id": client.id, "request_key": key})
