"""The calls by which moderators change messages and their trees; each goes to the journal."""

from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Response

from oasst_backend.api.bodies import EditBody
from oasst_backend.api.dependencies import BackendDep, PersonHeader, TrustedDep
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.openapi import errors_of
from oasst_backend.api.queries import Reason, WhoActsDep
from oasst_backend.service import message_reads, moderation, revisions
from oasst_backend.service.context import Context
from oasst_backend.service.conversations import message_row
from oasst_backend.service.people import person_in_header
from oasst_client import MessageRevision, TreeStatus

router = APIRouter(prefix="/api/v1/messages/{message_id}", tags=["moderation"], route_class=DirectRoute)


@router.delete("", status_code=204, response_class=Response)
async def delete(backend: BackendDep, who: WhoActsDep, message_id: UUID) -> None:
    """Mark a message and all below it as deleted."""
    await backend.write(
        lambda connection, context: moderation.delete_message(
            connection, context, message_row(connection, message_id), who(connection)
        )
    )


@router.put("/undelete", status_code=202)
async def undelete(backend: BackendDep, who: WhoActsDep, message_id: UUID) -> None:
    """Restore a message, what is above it, and what was deleted together with it."""
    await backend.write(
        lambda connection, context: moderation.undelete_message(
            connection, context, message_row(connection, message_id), who(connection)
        )
    )


@router.put("/tree/state")
async def set_tree_state(
    backend: BackendDep,
    who: WhoActsDep,
    message_id: UUID,
    halt: bool,  # noqa: FBT001  # a query parameter
) -> TreeStatus:
    """Halt a message's tree, or let it go on; nothing changes while its prompt waits for the lottery."""

    def change(connection: sa.Connection, context: Context) -> TreeStatus:
        row = message_row(connection, message_id)
        moderation.set_halted(connection, context, row.tree_id, who(connection), halt=halt)
        return message_reads.tree_status(connection, row)

    return await backend.write(change)


@router.post("/edit", responses=errors_of(451))
async def edit(
    backend: BackendDep, client: TrustedDep, message_id: UUID, body: EditBody, reason: Reason = None
) -> None:
    """Give a message another text; the earlier one is kept."""
    await backend.write(
        lambda connection, context: revisions.edit_message(
            connection,
            context,
            client,
            message_row(connection, message_id),
            body.user,
            body.new_content,
            reason=reason,
        )
    )


@router.get("/history")
async def history(
    backend: BackendDep, _client: TrustedDep, message_id: UUID, person: PersonHeader = None
) -> list[MessageRevision]:
    """Show every text that a message ever had, the present one last."""

    def read(connection: sa.Connection, _context: Context) -> list[MessageRevision]:
        viewer = person_in_header(connection, person)
        return revisions.history(
            connection, message_row(connection, message_id), viewer.id if viewer else None
        )

    return await backend.read(read)
