"""The calls around people by the backend's own ids, and the lists of people."""

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, HTTPException, Query, Response

from oasst_backend.api.dependencies import BackendDep, ClientDep, PersonHeader
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.openapi import errors_of
from oasst_backend.api.person_queries import (
    ChangesQuery,
    PeopleListQuery,
    PeoplePageQuery,
    WrittenListQuery,
    WrittenPageQuery,
)
from oasst_backend.api.queries import WhoActsDep
from oasst_backend.service import own_messages, person_changes, person_removal
from oasst_backend.service.context import Context
from oasst_backend.service.people import front_end_user, person_by_id, person_in_header
from oasst_backend.service.user_lists import list_people, page_of_people
from oasst_client import FrontEndUser, Message
from oasst_client.models import Page

router = APIRouter(prefix="/api/v1/users", tags=["people"], route_class=DirectRoute)


def _add_list(sort_key: str) -> None:
    @router.get(f"/by_{sort_key}")
    async def find(
        backend: BackendDep, client: ClientDep, query: Annotated[PeopleListQuery, Query()]
    ) -> list[FrontEndUser]:
        """List people by the beginning of a name; deleted ones are left out."""
        return await backend.read(
            lambda connection, context: list_people(
                connection, context.now, client, sort_key, query.filters(), query.max_count
            )
        )


_add_list("username")
_add_list("display_name")


@router.get("/cursor", responses=errors_of(400))
async def page(
    backend: BackendDep, client: ClientDep, query: Annotated[PeoplePageQuery, Query()]
) -> Page[FrontEndUser]:
    """List people page by page; deleted ones are left out."""
    return await backend.read(
        lambda connection, context: page_of_people(
            connection, context.now, client, query.filters(), query.span()
        )
    )


@router.api_route("/by_username", methods=["PUT", "DELETE"], include_in_schema=False)
@router.api_route("/by_display_name", methods=["PUT", "DELETE"], include_in_schema=False)
@router.api_route("/cursor", methods=["PUT", "DELETE"], include_in_schema=False)
async def no_such_call() -> None:
    """Say that lists can only be read; else these names would be taken for ids of people."""
    raise HTTPException(405, headers={"Allow": "GET"})


@router.get("/{user_id}")
async def get_user(backend: BackendDep, client: ClientDep, user_id: UUID) -> FrontEndUser:
    """Show a person."""
    return await backend.read(
        lambda connection, context: front_end_user(
            person_by_id(connection, str(user_id)), context.now, client
        )
    )


@router.put("/{user_id}", status_code=204, response_class=Response)
async def change_user(
    backend: BackendDep, who: WhoActsDep, user_id: UUID, query: Annotated[ChangesQuery, Query()]
) -> None:
    """Change what is known of a person; what is left out stays."""
    await backend.write(
        lambda connection, context: person_changes.update_person(
            connection, context, user_id, query.model_dump(), who(connection)
        )
    )


@router.delete("/{user_id}", status_code=204, response_class=Response)
async def anonymise_user(backend: BackendDep, who: WhoActsDep, user_id: UUID) -> None:
    """Take a person's name away and keep what they wrote."""
    await backend.write(
        lambda connection, context: person_removal.anonymise(connection, context, user_id, who(connection))
    )


@router.get("/{user_id}/messages")
async def written(
    backend: BackendDep,
    client: ClientDep,
    user_id: UUID,
    query: Annotated[WrittenListQuery, Query()],
    viewer: PersonHeader = None,
) -> list[Message]:
    """List what a person wrote, the newest first."""

    def read(connection: sa.Connection, _context: Context) -> list[Message]:
        person, looking = person_by_id(connection, str(user_id)), person_in_header(connection, viewer)
        return query.read(connection, client, person, looking.id if looking else None)

    return await backend.read(read)


@router.get("/{user_id}/messages/cursor", responses=errors_of(400))
async def written_page(
    backend: BackendDep,
    client: ClientDep,
    user_id: UUID,
    query: Annotated[WrittenPageQuery, Query()],
    viewer: PersonHeader = None,
) -> Page[Message]:
    """List what a person wrote page by page, the oldest first."""

    def read(connection: sa.Connection, context: Context) -> Page[Message]:
        person, looking = person_by_id(connection, str(user_id)), person_in_header(connection, viewer)
        return query.read(connection, context, client, person, looking.id if looking else None)

    return await backend.read(read)


@router.delete("/{user_id}/messages", status_code=204, response_class=Response)
async def delete_written(backend: BackendDep, who: WhoActsDep, user_id: UUID) -> None:
    """Mark all that a person wrote as deleted, with what is below it."""
    await backend.write(
        lambda connection, context: own_messages.delete_all(
            connection, context, person_by_id(connection, str(user_id)), who(connection)
        )
    )
