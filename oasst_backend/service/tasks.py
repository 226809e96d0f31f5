"""Hands out tasks: draws the work, takes a place at it, and keeps what the answer is checked against."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.rules import lottery as lottery_rules
from oasst_backend.rules.selection import KIND_OF_TYPE, WorkKind, draw_kind
from oasst_backend.service.asked_tasks import Asked, task_asked_before
from oasst_backend.service.availability import count_work
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.drafts import Draft, draft_of, prompt_draft
from oasst_backend.service.growth import fill_rankings
from oasst_backend.service.lottery import draw_waiting_prompts
from oasst_backend.service.people import Person, acting_person, record_activity
from oasst_backend.service.selection import count_wanted_prompts, find_work
from oasst_backend.service.work import RESERVED_BY, release_expired, reservation_end, reserve
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import tasks
from oasst_client import OasstErrorCode, Task, TaskRequest, TaskRequestType, User

DEFAULT_LANG = "en"

_PENDING = Prepared(
    sa.select(sa.func.count())
    .select_from(tasks)
    .where(
        tasks.c.person_id == sa.bindparam("person_id"),
        tasks.c.is_open == sa.true(),
        tasks.c.created_date > sa.bindparam("since", type_=tasks.c.created_date.type),
    )
)
_INSERT = Prepared.insert(tasks)


@dataclass(frozen=True)
class HandedOut:
    """A task in the hands of its frontend; `again` if an earlier request with the same key got it first."""

    task: Task
    again: bool = False


def fetch_task(
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    request: TaskRequest,
    request_key: str | None = None,
) -> HandedOut | None:
    """Hand out a task; None if there is no such work for this person now.

    A request with the key of an earlier one gets the same task, and changes nothing.

    Raises:
        Refusal: no person (4000), a disabled one (4001), or one with too many unfinished tasks (1012); for
            a key that was used before, see `task_asked_before`.
    """
    person = acting_person(connection, context, request.user)
    lang = request.lang or DEFAULT_LANG
    asked = Asked(client, person, request, lang, request_key)
    if (task := task_asked_before(connection, context, asked)) is not None:
        return HandedOut(task, again=True)
    _check_pending(connection, context, person)
    release_expired(connection, context)
    states = draw_waiting_prompts(connection, context, lang, at_most=lottery_rules.DRAWS_PER_REQUEST)
    fill_rankings(connection, context, lang)
    work, found = _draw_work(connection, context, person, lang, request.type, states)
    record_activity(connection, person, context.now, finished=False)
    if not found:
        return None
    if work is None:
        draft = prompt_draft()
    else:
        by_type = request.type is not TaskRequestType.random
        draft = draft_of(connection, context, work, person.id, by_type=by_type)
        reserve(connection, context, work)
    _keep(connection, context, asked, draft, work)
    return HandedOut(draft.task)


def prepare_count(connection: sa.Connection, context: Context, user: User | None, lang: str | None) -> str:
    """Do what changes anything before work is counted: the person is made known, and a prompt may be drawn.

    Returns:
        The person's id.

    Raises:
        Refusal: no person (4000), or a disabled one (4001).
    """
    person = acting_person(connection, context, user)
    release_expired(connection, context)
    draw_waiting_prompts(
        connection, context, lang or DEFAULT_LANG, at_most=lottery_rules.DRAWS_PER_AVAILABILITY_QUERY
    )
    person_id: str = person.id
    return person_id


def count_available(
    connection: sa.Connection, context: Context, person_id: str, lang: str | None
) -> dict[TaskRequestType, int]:
    """Count the work that a person could get now, by type, after `prepare_count`."""
    return count_work(connection, context, person_id=person_id, lang=lang or DEFAULT_LANG)


def _check_pending(connection: sa.Connection, context: Context, person: Person) -> None:
    since = context.now - timedelta(seconds=context.trees.recent_tasks_span_sec)
    pending = _PENDING.scalar(connection, {"person_id": person.id, "since": since})
    if pending >= context.trees.max_pending_tasks_per_user:
        raise Refusal(
            OasstErrorCode.task_too_many_pending,
            "This person has too many unfinished tasks; finish or skip one.",
        )


def _keep(
    connection: sa.Connection,
    context: Context,
    asked: Asked,
    draft: Draft,
    work: AnyRow | None,
) -> None:
    _INSERT.run(
        connection,
        {
            "id": str(draft.task.id),
            "type": draft.type.value,
            "kind": RESERVED_BY[draft.type].value,
            "lang": asked.lang,
            "api_client_id": asked.client.id,
            "person_id": asked.person.id,
            "subject_id": None if work is None else work.subject_id,
            "tree_id": None if work is None else work.tree_id,
            "payload": draft.payload,
            "collective": asked.request.collective,
            "created_date": context.now,
            "expiry_date": context.now + timedelta(hours=context.settings.task_validity_hours),
            "reserved_until": reservation_end(context),
            "is_open": True,
            "done": False,
            "request_key": asked.key,
        },
    )


def _draw_work(
    connection: sa.Connection,
    context: Context,
    person: Person,
    lang: str,
    wanted: TaskRequestType,
    states: Mapping[str, int],
) -> tuple[AnyRow | None, bool]:
    """Draw a piece of work; gives its row, None for a prompt, and whether there is any."""
    if wanted is not TaskRequestType.random:
        return _draw_of(connection, context, person, lang, KIND_OF_TYPE[wanted], states, wanted)
    # Kinds are drawn by weight and tried until one has work: the same chances as counting all of it first.
    untried = set(WorkKind)
    while (kind := draw_kind(untried, context.rng)) is not None:
        work, found = _draw_of(connection, context, person, lang, kind, states, kind)
        if found:
            return work, True
        untried.remove(kind)
    return None, False


def _draw_of(
    connection: sa.Connection,
    context: Context,
    person: Person,
    lang: str,
    kind: WorkKind,
    states: Mapping[str, int],
    wanted: TaskRequestType | WorkKind,
) -> tuple[AnyRow | None, bool]:
    if kind is WorkKind.prompt:
        return None, count_wanted_prompts(connection, context, lang, states) > 0
    found: list[AnyRow] = []
    if kind is WorkKind.reply and context.rng.random() < context.trees.p_lonely_child_extension:
        found = find_work(connection, context, person_id=person.id, lang=lang, wanted=wanted, lonely=True)
    found = found or find_work(connection, context, person_id=person.id, lang=lang, wanted=wanted)
    return (context.rng.choice(found), True) if found else (None, False)
