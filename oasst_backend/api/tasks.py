"""The calls around tasks: ask, count, ack, nack, answer, close."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from oasst_backend.api.bodies import AckBody, CloseBody, NackBody, check_answer, check_lang
from oasst_backend.api.dependencies import (
    REQUEST_KEY,
    BackendDep,
    ClientDep,
    PersonHeader,
    RequestKeyHeader,
)
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.openapi import errors_of
from oasst_backend.errors import Refusal
from oasst_backend.service import answers, asked_tasks, open_tasks
from oasst_backend.service import tasks as task_service
from oasst_backend.service.waiting import report_work
from oasst_client import (
    Interaction,
    OasstErrorCode,
    Task,
    TaskDone,
    TaskRequest,
    TaskRequestType,
    User,
    WorkReport,
)

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=DirectRoute, responses=errors_of(451))
extension_router = APIRouter(prefix="/api/ext/v1/tasks", tags=["tasks"], route_class=DirectRoute)


@router.post("/")
async def fetch(
    backend: BackendDep, client: ClientDep, request: TaskRequest, request_key: RequestKeyHeader = None
) -> Task:
    """Hand out a task; to a request that is made again with its key, the same one."""
    check_lang(request.lang, "body")
    backend.limits.take_task_request(request.user, request.type, backend.clock())
    handed_out = await backend.write(
        lambda connection, context: task_service.fetch_task(connection, context, client, request, request_key)
    )
    if handed_out is None:
        # Not raised inside, so that prompts which the request drew stay drawn.
        raise Refusal(
            OasstErrorCode.task_requested_type_not_available,
            f"There is no task of type {request.type.value} for this person now.",
        )
    if not handed_out.again:
        backend.metrics.handed_out(handed_out.task.type)
    return handed_out.task


@router.post("/availability")
async def availability(
    backend: BackendDep, _client: ClientDep, user: User | None = None, lang: str | None = None
) -> dict[TaskRequestType, int]:
    """Count the work for a person by type."""
    check_lang(lang, "query")
    backend.limits.take_task_request(user, TaskRequestType.random, backend.clock())
    person_id = await backend.write(
        lambda connection, context: task_service.prepare_count(connection, context, user, lang)
    )
    return await backend.read(
        lambda connection, context: task_service.count_available(connection, context, person_id, lang)
    )


@router.post("/interaction")
async def interaction(backend: BackendDep, client: ClientDep, interaction: Interaction) -> TaskDone:
    """Take what a person did."""
    check_answer(interaction)
    done = await backend.write(
        lambda connection, context: answers.take_answer(connection, context, client, interaction)
    )
    backend.metrics.answered(interaction.type)
    return done


@router.post("/close")
async def close(backend: BackendDep, client: ClientDep, body: CloseBody) -> TaskDone:
    """End a collective task."""
    return await backend.write(
        lambda connection, context: open_tasks.close_task(connection, context, client, body.message_id)
    )


@router.post("/{task_id}/ack", status_code=204, response_class=Response)
async def ack(
    backend: BackendDep, client: ClientDep, task_id: UUID, body: AckBody, person: PersonHeader = None
) -> None:
    """Note where a task is shown."""
    await backend.write(
        lambda connection, context: open_tasks.ack_task(
            connection, context, client, task_id, body.message_id, person
        )
    )


@router.post("/{task_id}/nack", status_code=204, response_class=Response)
async def nack(
    backend: BackendDep, client: ClientDep, task_id: UUID, body: NackBody, person: PersonHeader = None
) -> None:
    """Take a task back."""
    await backend.write(
        lambda connection, context: open_tasks.nack_task(
            connection, context, client, task_id, body.reason, person
        )
    )


@extension_router.post("/waiting", responses=errors_of(451))
async def waiting(backend: BackendDep, _client: ClientDep, user: User, lang: str | None = None) -> WorkReport:
    """Tell what work there is for a person, why there is none, and what trees wait for."""
    check_lang(lang, "query")
    backend.limits.take_task_request(user, TaskRequestType.random, backend.clock())
    person_id = await backend.write(
        lambda connection, context: task_service.prepare_count(connection, context, user, lang)
    )
    return await backend.read(
        lambda connection, context: report_work(
            connection, context, person_id=person_id, lang=lang or task_service.DEFAULT_LANG
        )
    )


@extension_router.get("/asked/{key}")
async def asked(
    backend: BackendDep,
    client: ClientDep,
    key: Annotated[str, Path(pattern=REQUEST_KEY)],
    person: PersonHeader = None,
) -> Task:
    """Show the task that was handed out for a request's key, while it can be answered."""
    # In the writer's queue, behind the request itself, should that still be waiting there.
    return await backend.write(
        lambda connection, context: asked_tasks.open_asked_task(connection, context, client, key, person)
    )
