"""The calls around people as frontends name them: who they are, their data, what they wrote, the terms."""

from collections.abc import AsyncIterator, Generator
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from oasst_backend.api.bodies import FrontEndUserBody, OwnTextBody, TermsBody
from oasst_backend.api.dependencies import Backend, BackendDep, ClientDep, PersonHeader, TrustedDep
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.openapi import errors_of
from oasst_backend.api.person_queries import (
    ContributionsQuery,
    PeopleListQuery,
    WrittenListQuery,
    WrittenPageQuery,
)
from oasst_backend.api.queries import Reason, WhoActsDep
from oasst_backend.service import own_messages, own_texts, person_changes
from oasst_backend.service.context import Context
from oasst_backend.service.journal import Act
from oasst_backend.service.message_lists import visible_client
from oasst_backend.service.people import (
    find_person,
    front_end_user,
    known_person,
    look_for_person,
    person_in_header,
)
from oasst_backend.service.person_removal import erase
from oasst_backend.service.personal_data import write_personal_data
from oasst_backend.service.terms import check_relayed, record_terms
from oasst_backend.service.user_lists import list_people
from oasst_client import Contribution, Contributions, FrontEndUser, Message
from oasst_client.models import Page

router = APIRouter(prefix="/api/v1/frontend_users", tags=["people"], route_class=DirectRoute)
extension_router = APIRouter(prefix="/api/ext/v1", tags=["people"], route_class=DirectRoute)


@router.post("/")
async def put_user(
    backend: BackendDep,
    client: ClientDep,
    body: FrontEndUserBody,
    person: PersonHeader = None,
    reason: Reason = None,
) -> FrontEndUser:
    """Make a person known, or change what the body names of them."""
    given = body.model_dump(exclude_unset=True)

    def put(connection: sa.Connection, context: Context) -> FrontEndUser:
        actor = person_in_header(connection, person)
        act = Act(client, actor.id if actor else None, reason)
        known = person_changes.put_person(connection, context, body, given, act)
        return front_end_user(known, context.now, client)

    return await backend.write(put)


@router.get("/")
async def find_users(
    backend: BackendDep, client: ClientDep, query: Annotated[PeopleListQuery, Query()]
) -> list[FrontEndUser]:
    """List people by what frontends call them."""
    return await backend.read(
        lambda connection, context: list_people(
            connection, context.now, client, "username", query.filters(), query.max_count
        )
    )


@router.get("/{auth_method}/{username}")
async def get_user(backend: BackendDep, client: ClientDep, auth_method: str, username: str) -> FrontEndUser:
    """Show a person."""
    return await backend.read(
        lambda connection, context: front_end_user(
            find_person(connection, auth_method, username), context.now, client
        )
    )


@router.get("/{auth_method}/{username}/messages")
async def written(
    backend: BackendDep,
    client: ClientDep,
    auth_method: str,
    username: str,
    query: Annotated[WrittenListQuery, Query()],
) -> list[Message]:
    """List what a person wrote, as they see it themselves; the newest first."""

    def read(connection: sa.Connection, _context: Context) -> list[Message]:
        person = find_person(connection, auth_method, username)
        return query.read(connection, client, person, person.id)

    return await backend.read(read)


@router.get("/{auth_method}/{username}/messages/cursor", responses=errors_of(400))
async def written_page(
    backend: BackendDep,
    client: ClientDep,
    auth_method: str,
    username: str,
    query: Annotated[WrittenPageQuery, Query()],
) -> Page[Message]:
    """List what a person wrote page by page, as they see it themselves; the oldest first."""

    def read(connection: sa.Connection, context: Context) -> Page[Message]:
        person = find_person(connection, auth_method, username)
        return query.read(connection, context, client, person, person.id)

    return await backend.read(read)


@router.delete("/{auth_method}/{username}/messages", status_code=204, response_class=Response)
async def delete_written(backend: BackendDep, who: WhoActsDep, auth_method: str, username: str) -> None:
    """Mark all that a person wrote as deleted, with what is below it."""
    await backend.write(
        lambda connection, context: own_messages.delete_all(
            connection, context, find_person(connection, auth_method, username), who(connection)
        )
    )


@extension_router.get("/people/{auth_method}/{username}/contributions", responses=errors_of(400))
async def contributions(
    backend: BackendDep,
    client: ClientDep,
    auth_method: str,
    username: str,
    query: Annotated[ContributionsQuery, Query()],
) -> Contributions:
    """List what a person wrote and what became of it, the newest first."""
    return await backend.read(
        lambda connection, context: own_messages.contributions(
            connection,
            context,
            find_person(connection, auth_method, username),
            visible_client(client, None),
            query.span(),
        )
    )


@extension_router.get("/people/{auth_method}/{username}/contributions/{message_id}")
async def contribution(
    backend: BackendDep, client: ClientDep, auth_method: str, username: str, message_id: UUID
) -> Contribution:
    """Show one text of a person and what became of it."""
    return await backend.read(
        lambda connection, context: own_messages.contribution(
            connection,
            context,
            find_person(connection, auth_method, username),
            visible_client(client, None),
            message_id,
        )
    )


@extension_router.put(
    "/people/{auth_method}/{username}/messages/{message_id}", responses=errors_of(400, 451, 503)
)
async def reword(  # the parts of an address, and what is sent
    backend: BackendDep,
    client: ClientDep,
    auth_method: str,
    username: str,
    message_id: UUID,
    body: OwnTextBody,
) -> Contribution:
    """Give a message another wording at its author's wish, while nobody has worked with it."""

    def change(connection: sa.Connection, context: Context) -> Contribution:
        person = find_person(connection, auth_method, username)
        own_texts.reword(connection, context, client, person, message_id, body.text)
        visible = visible_client(client, None)
        return own_messages.contribution(connection, context, person, visible, message_id)

    return await backend.write(change)


@extension_router.delete(
    "/people/{auth_method}/{username}/messages/{message_id}",
    status_code=204,
    response_class=Response,
    responses=errors_of(400),
)
async def withdraw(
    backend: BackendDep, client: ClientDep, auth_method: str, username: str, message_id: UUID
) -> None:
    """Delete a message at its author's wish, while nobody has replied to it."""

    def change(connection: sa.Connection, context: Context) -> None:
        person = find_person(connection, auth_method, username)
        own_messages.withdraw(connection, context, person, message_id, Act(client, person.id))

    await backend.write(change)


@extension_router.get("/people/{auth_method}/{username}/data", response_model=dict[str, list[dict[str, Any]]])
async def personal_data(
    backend: BackendDep, _client: TrustedDep, auth_method: str, username: str
) -> StreamingResponse:
    """Hand out all that is kept of a person, by table, as it is at this moment."""
    person = await backend.read(lambda connection, _context: find_person(connection, auth_method, username))
    return StreamingResponse(_streamed(backend, person.id), media_type="application/json")


@extension_router.delete("/people/{auth_method}/{username}", status_code=204, response_class=Response)
async def erase_person(
    backend: BackendDep,
    who: WhoActsDep,
    auth_method: str,
    username: str,
    texts: Annotated[
        Literal["keep", "remove"],
        Query(description="keep: take the name away alone; remove: all that the person gave, too."),
    ],
) -> None:
    """Take a person out at their own wish; who is not there is out already."""

    def change(connection: sa.Connection, context: Context) -> None:
        person = look_for_person(connection, auth_method, username)
        if person is not None:
            erase(connection, context, person, who(connection), keep_texts=texts == "keep")

    await backend.write(change)


@extension_router.delete("/bans/{auth_method}/{username}", status_code=204, response_class=Response)
async def let_come_back(backend: BackendDep, who: WhoActsDep, auth_method: str, username: str) -> None:
    """Let a person come back who was removed and kept out."""
    await backend.write(
        lambda connection, context: person_changes.let_come_back(
            connection, context, auth_method, username, who(connection)
        )
    )


@extension_router.post("/terms", status_code=204, response_class=Response)
async def answer_terms(backend: BackendDep, client: ClientDep, body: TermsBody) -> None:
    """Note that a person accepts a version of the terms, or does not.

    A key that is not trusted passes on that a person accepts the version in force, and nothing else.
    """

    def note(connection: sa.Connection, context: Context) -> None:
        check_relayed(context, client, body.version, accepted=body.accepted)
        person = known_person(connection, context, body.user)
        record_terms(connection, context, person, body.version, accepted=body.accepted)

    await backend.write(note)


async def _streamed(backend: Backend, person_id: str) -> AsyncIterator[str]:
    """Pass the data on as they are read; a frontend that goes away ends the reading, too."""
    pieces = _pieces(backend, person_id)
    try:
        async for piece in iterate_in_threadpool(pieces):
            yield piece
    finally:
        pieces.close()


def _pieces(backend: Backend, person_id: str) -> Generator[str]:
    with backend.storage.reading() as connection:
        yield from write_personal_data(connection, person_id)
