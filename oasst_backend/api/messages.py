"""The calls that read messages and mark them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, TypeVar
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from oasst_backend.api.bodies import EmojiBody
from oasst_backend.api.dependencies import BackendDep, ClientDep, PersonHeader
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.openapi import errors_of
from oasst_backend.api.queries import MessageListQuery, MessagePageQuery
from oasst_backend.service import message_lists, message_reads
from oasst_backend.service.context import Context
from oasst_backend.service.conversations import MessageRow, message_row, message_row_by_frontend_id
from oasst_backend.service.marks import mark_message
from oasst_backend.service.message_reads import Part
from oasst_backend.service.people import id_in_header
from oasst_client import Conversation, Message
from oasst_client.models import MessageTree, Page, TreeStatus

router = APIRouter(prefix="/api/v1", tags=["messages"], route_class=DirectRoute)

ResultT = TypeVar("ResultT")
FindRow = Callable[[sa.Connection], MessageRow]
Finder = Callable[..., Awaitable[FindRow]]


async def _by_id(_client: ClientDep, message_id: UUID) -> FindRow:
    """Find the message by the backend's id."""
    return lambda connection: message_row(connection, message_id)


async def _by_frontend_id(client: ClientDep, frontend_id: str) -> FindRow:
    """Find the message by the id that this frontend gave it."""
    return lambda connection: message_row_by_frontend_id(connection, client.id, frontend_id)


async def _look(
    backend: BackendDep,
    find: FindRow,
    person: str | None,
    show: Callable[[sa.Connection, MessageRow, str | None], ResultT],
) -> ResultT:
    def query(connection: sa.Connection, _context: Context) -> ResultT:
        viewer_id = id_in_header(connection, person)
        return show(connection, find(connection), viewer_id)

    return await backend.read(query)


@router.get("/messages/")
async def find(
    backend: BackendDep,
    client: ClientDep,
    query: Annotated[MessageListQuery, Query()],
    person: PersonHeader = None,
) -> list[Message]:
    """List messages, the newest first."""
    choice = replace(
        query.filter_for(client),
        start_date=query.start_date,
        end_date=query.end_date,
        include_deleted=query.allow_deleted,
    )

    def read(connection: sa.Connection, _context: Context) -> list[Message]:
        return message_lists.list_messages(
            connection,
            choice,
            id_in_header(connection, person),
            max_count=query.max_count,
            desc=query.desc,
        )

    return await backend.read(read)


@router.get("/messages/cursor")
async def page(
    backend: BackendDep,
    client: ClientDep,
    query: Annotated[MessagePageQuery, Query()],
    person: PersonHeader = None,
) -> Page[Message]:
    """List messages page by page, the oldest first."""
    choice = replace(
        query.filter_for(client),
        user_id=str(query.user_id) if query.user_id else None,
        include_deleted=query.include_deleted,
        search=query.search_query,
    )

    def read(connection: sa.Connection, context: Context) -> Page[Message]:
        return message_lists.message_page(
            connection,
            context,
            choice,
            id_in_header(connection, person),
            query.span(),
            authors_for=client if query.include_user else None,
        )

    return await backend.read(read)


def _add_reads(prefix: str, finder: Finder) -> None:
    """Add the calls that exist for either kind of id."""
    found = Annotated[FindRow, Depends(finder)]

    @router.get(prefix)
    async def one(backend: BackendDep, find: found, person: PersonHeader = None) -> Message:
        """Show a message."""
        return await _look(backend, find, person, message_reads.one_message)

    @router.get(f"{prefix}/conversation")
    async def conversation(backend: BackendDep, find: found, person: PersonHeader = None) -> Conversation:
        """Show a message with all above it, the prompt first."""
        return await _look(backend, find, person, message_reads.conversation)

    @router.get(f"{prefix}/children")
    async def children(backend: BackendDep, find: found, person: PersonHeader = None) -> list[Message]:
        """Show the replies to a message."""
        return await _look(backend, find, person, message_reads.children)

    @router.get(f"{prefix}/longest_conversation_in_tree")
    async def longest(backend: BackendDep, find: found, person: PersonHeader = None) -> Conversation:
        """Show the longest conversation of a message's tree."""
        return await _look(backend, find, person, message_reads.longest_conversation)

    @router.get(f"{prefix}/max_children_in_tree")
    async def most_answered(backend: BackendDep, find: found, person: PersonHeader = None) -> MessageTree:
        """Show the message of a tree that has most replies, with them."""
        return await _look(backend, find, person, message_reads.most_answered)

    def add_part(part: Part) -> None:
        @router.get(f"{prefix}/{part.value}")
        async def tree(
            backend: BackendDep,
            find: found,
            include_spam: bool = True,  # noqa: FBT001, FBT002  # a query parameter
            include_deleted: bool = False,  # noqa: FBT001, FBT002  # a query parameter
            person: PersonHeader = None,
        ) -> MessageTree:
            """Show the tree of a message, or what is below it."""
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
async def tree_status(backend: BackendDep, _client: ClientDep, message_id: UUID) -> TreeStatus:
    """Show where a message's tree is in its life."""
    return await backend.read(
        lambda connection, _context: message_reads.tree_status(
            connection, message_row(connection, message_id)
        )
    )


@router.post("/messages/{message_id}/emoji", status_code=202, responses=errors_of(451))
async def mark(backend: BackendDep, _client: ClientDep, message_id: UUID, body: EmojiBody) -> Message:
    """Mark a message, or take a mark back."""

    def change(connection: sa.Connection, context: Context) -> Message:
        row = message_row(connection, message_id)
        person_id = mark_message(connection, context, row, body.user, body.emoji, body.op)
        # Read once more: enough red flags delete it.
        return message_reads.one_message(connection, message_row(connection, message_id), person_id)

    return await backend.write(change)
