"""The calls around tasks: ask, count, ack, nack, answer, close."""

from uuid import UUID

from fastapi import APIRouter, Response

from oasst_backend.api.bodies import AckBody, CloseBody, NackBody, check_answer, check_lang
from oasst_backend.api.dependencies import BackendDep, ClientDep, PersonHeader
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.openapi import errors_of
from oasst_backend.errors import Refusal
from oasst_backend.service import answers, open_tasks
from oasst_backend.service import tasks as task_service
from oasst_client import (
    Interaction,
    OasstErrorCode,
    Task,
    TaskDone,
    TaskRequest,
    TaskRequestType,
    User,
)

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=DirectRoute, responses=errors_of(451))


@router.post("/")
async def fetch(backend: BackendDep, client: ClientDep, request: TaskRequest) -> Task:
    """Hand out a task."""
    check_lang(request.lang, "body")
    backend.limits.take_task_request(request.user, request.type, backend.clock())
    task = await backend.write(
        lambda connection, context: task_service.fetch_task(connection, context, client, request)
    )
    if task is None:
        # Not raised inside, so that prompts which the request drew stay drawn.
        raise Refusal(
            OasstErrorCode.task_requested_type_not_available,
            f"There is no task of type {request.type.value} for this person now.",
        )
    backend.metrics.handed_out(task.type)
    return task


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
