"""The place that an answer takes: whether it still counts, and what its task gives back."""

from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.open_tasks import TaskRow
from oasst_backend.service.people import Person
from oasst_backend.service.work import Released, release_expired, release_expired_at, settle, work_at
from oasst_backend.storage.columns import AnyRow


@dataclass(frozen=True)
class Answering:
    """A person who answers a task, with everything that taking the answer needs."""

    connection: sa.Connection
    context: Context
    client: ApiClient
    task: TaskRow
    person: Person

    @cached_property
    def work(self) -> AnyRow | None:
        """The open work that the task was made of, as it stands before the answer."""
        if self.task.subject_id is None:
            return None
        if not self.is_kept:
            # Others may have let their places expire, too.
            release_expired(self.connection, self.context)
            release_expired_at(self.connection, self.context, self.task.kind, self.task.subject_id)
        return work_at(self.connection, self.task.kind, self.task.subject_id)

    @property
    def holds_place(self) -> bool:
        """Whether a place is still kept for the task."""
        return self.is_kept and self.work is not None

    @property
    def is_kept(self) -> bool:
        """Whether the reservation of the task still holds."""
        until = self.task.reserved_until
        return until is not None and bool(until > self.context.now)

    @property
    def has_room(self) -> bool:
        """Whether the answer counts: its place was kept, or nobody else has taken the last one."""
        work = self.work
        if work is None:
            return False
        if self.holds_place and not self.task.collective:
            # Also where more people have it in hand than are needed by now: the first of them count.
            return bool(work.wanted > 0)
        return bool(work.wanted > work.reserved - int(self.holds_place))

    @property
    def released(self) -> Released | None:
        """The place that is given back with the answer; a task for many keeps it until it is closed."""
        if not self.holds_place or self.task.collective:
            return None
        return Released(self.task.kind, self.task.subject_id)

    def give_back(self) -> None:
        """Give back the place of a task whose answer came too late to count."""
        if self.released is not None and self.work is not None:
            settle(self.connection, self.work, given_back=True)

    def settle(self, wanted: int) -> None:
        """Note that the answer counts and how many more people are needed, which must be one or more."""
        if self.work is not None:
            settle(self.connection, self.work, given_back=self.released is not None, wanted=wanted)
