"""The calls that read messages, and those by which moderators delete them or halt their trees."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response

from oasst_backend.api.dependencies import BackendDep, ClientDep, PersonHeader, TrustedDep
from oasst_backend.service import message_reads, moderation, tree_counts
from oasst_backend.service.context import Context
from oasst_backend.service.conversations import MessageRow, message_row, message_row_by_frontend_id
from oasst_backend.service.message_reads import MessageTree, Part, TreeStateView
from oasst_backend.service.people import person_in_header
from oasst_client import Conversation, Message

router = APIRouter(prefix="/api/v1", tags=["messages"])

ResultT = TypeVar("ResultT")
FindRow = Callable[[sa.Connection], MessageRow]


def _by_id(_client: ClientDep, message_id: UUID) -> FindRow:
    """Find the message by the backend's id."""
    return lambda connection: message_row(connection, message_id)


def _by_frontend_id(client: ClientDep, frontend_id: str) -> FindRow:
    """Find the message by the id that this frontend gave it."""
    return lambda connection: message_row_by_frontend_id(connection, client.id, frontend_id)


async def _look(
    backend: BackendDep,
    find: FindRow,
    person: str | None,
    show: Callable[[sa.Connection, MessageRow, str | None], ResultT],
) -> ResultT:
    def query(connection: sa.Connection, _context: Context) -> ResultT:
        viewer = person_in_header(connection, person)
        return show(connection, find(connection), viewer.id if viewer else None)

    return await backend.read(query)


def _add_reads(prefix: str, finder: Callable[..., FindRow]) -> None:
    """Add the calls that exist for either kind of id."""
    found = Annotated[FindRow, Depends(finder)]

    @router.get(prefix)
    async def one(backend: BackendDep, find: found, person: PersonHeader = None) -> Message:
        return await _look(backend, find, person, message_reads.one_message)

    @router.get(f"{prefix}/conversation")
    async def conversation(backend: BackendDep, find: found, person: PersonHeader = None) -> Conversation:
        return await _look(backend, find, person, message_reads.conversation)

    @router.get(f"{prefix}/children")
    async def children(backend: BackendDep, find: found, person: PersonHeader = None) -> list[Message]:
        return await _look(backend, find, person, message_reads.children)

    def add_part(part: Part) -> None:
        @router.get(f"{prefix}/{part.value}")
        async def tree(
            backend: BackendDep,
            find: found,
            include_spam: bool = True,  # noqa: FBT001, FBT002  # a query parameter
            include_deleted: bool = False,  # noqa: FBT001, FBT002  # a query parameter
            person: PersonHeader = None,
        ) -> MessageTree:
            return await _look(
                backend,
                find,
                person,
                lambda connection, row, viewer_id: message_reads.tree(
                    connection,
                    row,
                    viewer_id,
                    part,
                    include_deleted=include_deleted,
                    include_spam=include_spam,
                ),
            )

    for part in Part:
        add_part(part)


_add_reads("/messages/{message_id}", _by_id)
_add_reads("/frontend_messages/{frontend_id}", _by_frontend_id)


@router.get("/messages/{message_id}/tree/state")
async def tree_state(backend: BackendDep, _client: ClientDep, message_id: UUID) -> TreeStateView:
    """Show where a message's tree is in its life."""
    return await backend.read(
        lambda connection, _context: message_reads.tree_state(connection, message_row(connection, message_id))
    )


@router.put("/messages/{message_id}/tree/state")
async def set_tree_state(
    backend: BackendDep,
    _client: TrustedDep,
    message_id: UUID,
    halt: bool,  # noqa: FBT001  # a query parameter
) -> TreeStateView:
    """Halt a message's tree, or let it go on."""

    def change(connection: sa.Connection, context: Context) -> TreeStateView:
        row = message_row(connection, message_id)
        moderation.set_halted(connection, context, row.tree_id, halt=halt)
        return message_reads.tree_state(connection, row)

    return await backend.write(change)


@router.delete("/messages/{message_id}", status_code=204, response_class=Response)
async def delete(backend: BackendDep, _client: TrustedDep, message_id: UUID) -> None:
    """Mark a message and all below it as deleted."""
    await backend.write(
        lambda connection, context: moderation.delete_message(
            connection, context, message_row(connection, message_id)
        )
    )


@router.get("/stats/")
async def stats(backend: BackendDep, _client: TrustedDep) -> dict[str, Any]:
    """Count messages and trees."""
    return await backend.read(lambda connection, _context: message_reads.message_stats(connection))


@router.get("/stats/tree_manager/state_counts")
async def state_counts(backend: BackendDep, _client: TrustedDep) -> dict[str, int]:
    """Count the trees in each state."""
    return await backend.read(lambda connection, _context: tree_counts.state_counts(connection))
