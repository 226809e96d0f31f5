"""The calls around labels outside tasks."""

from uuid import UUID

from fastapi import APIRouter, Response

from oasst_backend.api.bodies import check_label_names
from oasst_backend.api.dependencies import BackendDep, ClientDep
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.openapi import errors_of
from oasst_backend.rules.labels import describe
from oasst_backend.service import answers, free_labels
from oasst_client import REPORT_LABELS, TextLabels, ValidLabels

router = APIRouter(
    prefix="/api/v1/text_labels", tags=["labels"], route_class=DirectRoute, responses=errors_of(451)
)


@router.post("/", status_code=204, response_class=Response)
async def label(backend: BackendDep, client: ClientDep, given: TextLabels) -> None:
    """Label a message; with a task's id the labels answer that task."""
    check_label_names(given)
    if given.task_id is not None:
        await backend.write(
            lambda connection, context: answers.take_answer(connection, context, client, given)
        )
        backend.metrics.answered(given.type)
        return
    await backend.write(lambda connection, context: free_labels.label_freely(connection, context, given))


@router.get("/valid_labels")
async def valid_labels(
    backend: BackendDep, _client: ClientDep, message_id: UUID | None = None
) -> ValidLabels:
    """Describe the labels that fit a message, or any message."""
    return await backend.read(
        lambda connection, context: free_labels.valid_labels(connection, context, message_id)
    )


@router.get("/report_labels")
async def report_labels() -> ValidLabels:
    """Describe the labels that a report may give; they are no secret, so no key is asked for."""
    return ValidLabels(valid_labels=describe(REPORT_LABELS))
