"""What happens to a task that was handed out: acked, given back, closed, or found for its answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.service.moderation import note_skip
from oasst_backend.service.people import Person, check_enabled, person_in_header
from oasst_backend.service.selection import SKIP_LABELING, SKIP_RANKING, SKIP_REPLY, count_wanted_prompts
from oasst_backend.service.terms import check_terms
from oasst_backend.service.work import Reserves, release_task, reservation_end, reserve, work_at
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import people, tasks
from oasst_client import OasstErrorCode, TaskDone

TaskRow = AnyRow
"""A row of `tasks`."""

_SKIP_MARK = {
    Reserves.reply.value: SKIP_REPLY,
    Reserves.review.value: SKIP_LABELING,
    Reserves.ranking.value: SKIP_RANKING,
}
"""The marks that a skip leaves on a message; of other work the task itself tells that it was skipped."""

_BY_ID = Prepared(
    sa.select(tasks).where(
        tasks.c.id == sa.bindparam("task_id"), tasks.c.api_client_id == sa.bindparam("client_id")
    )
)
_BY_FRONTEND_ID = Prepared(
    sa.select(tasks).where(
        tasks.c.api_client_id == sa.bindparam("client_id"),
        tasks.c.frontend_message_id == sa.bindparam("frontend_id"),
    )
)
_ENABLED = Prepared(
    sa.select(sa.and_(people.c.enabled, ~people.c.deleted).label("is_enabled")).where(
        people.c.id == sa.bindparam("person_id")
    )
)
_SET_ACKED = Prepared(
    tasks.update()
    .where(tasks.c.id == sa.bindparam("at"))
    .values(frontend_message_id=sa.bindparam("frontend_id"), reserved_until=sa.bindparam("until"))
)
_SET_SKIPPED = Prepared(
    tasks.update()
    .where(tasks.c.id == sa.bindparam("at"))
    .values(is_open=False, reserved_until=None, skip_reason=sa.bindparam("reason"))
)
_SET_DONE = Prepared(
    tasks.update()
    .where(tasks.c.id == sa.bindparam("at"))
    .values(done=True, is_open=False, reserved_until=None, done_date=sa.bindparam("moment"))
)


def ack_task(  # who shows which task to whom, and where
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    task_id: UUID,
    frontend_id: str,
    header: str | None,
) -> None:
    """Note under which id of the frontend a task is shown; the same id again renews its place.

    Raises:
        Refusal: no such task (2100), shown under another id already (2103), somebody else's (2106), or the id
            is empty or stands for another task (2000); or the person has yet to accept the terms (4003).
    """
    person = person_in_header(connection, header)
    if person is not None:
        check_terms(context, person)
    if not frontend_id:
        raise Refusal(OasstErrorCode.invalid_frontend_message_id, "message_id must not be empty.")
    task = _task_by_id(connection, client, task_id, status=404)
    if task.frontend_message_id is None:
        if person is not None:
            _check_owner(task, person)
        taken = _BY_FRONTEND_ID.first(connection, {"client_id": client.id, "frontend_id": frontend_id})
        if taken is not None:
            raise Refusal(
                OasstErrorCode.invalid_frontend_message_id, "message_id stands for another task already."
            )
    elif task.frontend_message_id != frontend_id:
        raise Refusal(OasstErrorCode.task_already_updated, "The task is shown under another id already.")
    owner = person if person is not None and person.id == task.person_id else None
    until = _renewed(connection, context, task, owner)
    _SET_ACKED.run(connection, {"at": task.id, "frontend_id": frontend_id, "until": until})


def nack_task(  # who gives which task back, and why
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    task_id: UUID,
    reason: str | None,
    header: str | None,
) -> None:
    """Give a task back: its work is free again, but this person is not handed it another time.

    Raises:
        Refusal: nobody is named (4000), they are disabled (4001), no such task (2100), done (2105), or
            somebody else's (2106).
    """
    person = person_in_header(connection, header)
    if person is None:
        raise Refusal(OasstErrorCode.user_not_specified, "Name the person in x-oasst-user.")
    check_enabled(person)
    task = _task_by_id(connection, client, task_id)
    if task.done:
        raise Refusal(OasstErrorCode.task_already_done, "The task is done already.")
    _check_owner(task, person)
    if task.person_id == person.id:
        if task.reserved_until is not None:
            release_task(connection, kind=task.kind, subject_id=task.subject_id)
        _SET_SKIPPED.run(connection, {"at": task.id, "reason": reason})
    if task.kind in _SKIP_MARK:
        note_skip(connection, context, task.subject_id, person.id, _SKIP_MARK[task.kind])


def close_task(connection: sa.Connection, context: Context, client: ApiClient, frontend_id: str) -> TaskDone:
    """End a collective task.

    Raises:
        Refusal: no such task (2100), a personal one (2106), or closed already (2105).
    """
    task = task_by_frontend_id(connection, client, frontend_id)
    if not task.collective:
        raise Refusal(OasstErrorCode.task_not_assigned_to_user, "Only a collective task can be closed.")
    if task.done:
        raise Refusal(OasstErrorCode.task_already_done, "The task is closed already.")
    if task.reserved_until is not None:
        release_task(connection, kind=task.kind, subject_id=task.subject_id)
    finish_task(connection, context, task)
    return task_done()


def task_by_frontend_id(connection: sa.Connection, client: ApiClient, frontend_id: str) -> TaskRow:
    """Find the task that this frontend shows under an id.

    Raises:
        Refusal: there is none (2100).
    """
    row = _BY_FRONTEND_ID.first(connection, {"client_id": client.id, "frontend_id": frontend_id})
    if row is None:
        raise Refusal(OasstErrorCode.task_not_found, "No task was acked with this message_id.")
    return row


def acked_task(connection: sa.Connection, client: ApiClient, task_id: UUID | None) -> TaskRow:
    """Find a task that labels are handed in for.

    Raises:
        Refusal: there is none (2100), or it was not acked yet (2104).
    """
    if task_id is None:
        raise Refusal(OasstErrorCode.task_not_found, "Labels for a task must name it in task_id.")
    task = _task_by_id(connection, client, task_id)
    if task.frontend_message_id is None:
        raise Refusal(OasstErrorCode.task_not_ack, "The task was not acked yet.")
    return task


def check_answerable(context: Context, task: TaskRow, person: Person) -> None:
    """See that a task still takes an answer of this person.

    Raises:
        Refusal: done already (2105), expired (2101), or somebody else's (2106).
    """
    if task.done:
        raise Refusal(OasstErrorCode.task_already_done, "The task is done already.")
    if context.now > task.expiry_date:
        raise Refusal(OasstErrorCode.task_expired, "The task has expired.")
    _check_owner(task, person)


def finish_task(connection: sa.Connection, context: Context, task: TaskRow) -> None:
    """Mark a task as done."""
    _SET_DONE.run(connection, {"at": task.id, "moment": context.now})


def task_done() -> TaskDone:
    """Make the task that ends an exchange."""
    return TaskDone(id=UUID(new_id()))


def _renewed(
    connection: sa.Connection, context: Context, task: TaskRow, owner: Person | None
) -> datetime | None:
    """Give until when a task keeps its place; one that lost it gets it back while nobody else has it."""
    kept: datetime | None = task.reserved_until
    if not task.is_open or context.now > task.expiry_date or not _may_work(connection, task, owner):
        # It keeps what it has until that ends.
        return kept
    if kept is None and not _takes_place(connection, context, task):
        return None
    return reservation_end(context)


def _takes_place(connection: sa.Connection, context: Context, task: TaskRow) -> bool:
    """Take a place that a task has lost, if one is free."""
    if task.subject_id is None:
        return count_wanted_prompts(connection, context, task.lang) > 0
    work = work_at(connection, task.kind, task.subject_id)
    if work is None or not work.free:
        return False
    reserve(connection, context, work)
    return True


def _may_work(connection: sa.Connection, task: TaskRow, owner: Person | None) -> bool:
    """Say whether the person that a task was handed to is enabled; `owner` is their row, if it was read."""
    if owner is not None:
        return bool(owner.enabled and not owner.deleted)
    return task.person_id is None or bool(_ENABLED.scalar(connection, {"person_id": task.person_id}))


def _check_owner(task: TaskRow, person: Person) -> None:
    if not task.collective and task.person_id != person.id:
        raise Refusal(OasstErrorCode.task_not_assigned_to_user, "The task was handed out to somebody else.")


def _task_by_id(
    connection: sa.Connection, client: ApiClient, task_id: UUID, *, status: int | None = None
) -> TaskRow:
    key: dict[str, Any] = {"task_id": str(task_id), "client_id": client.id}
    row = _BY_ID.first(connection, key)
    if row is None:
        raise Refusal(OasstErrorCode.task_not_found, "There is no such task.", status=status)
    return row
