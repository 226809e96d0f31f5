"""The calls for those who run the backend; all but one want the root token."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Response

from oasst_backend.api.bodies import ApiClientBody, MergeBody
from oasst_backend.api.dependencies import Backend, BackendDep, RootDep, TrustedDep
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.queries import Reason, UtcMoment
from oasst_backend.service import keys, shown_settings
from oasst_backend.service.context import Context
from oasst_backend.service.journal import Act
from oasst_backend.service.person_merge import merge_people
from oasst_backend.service.person_removal import Texts, purge_person, purge_texts, rehearse
from oasst_backend.service.statistics import message_stats
from oasst_client.statistics import PurgeResult

router = APIRouter(prefix="/api/v1/admin", tags=["administration"], route_class=DirectRoute)


@router.post("/api_client")
async def create_api_client(
    backend: BackendDep, _root: RootDep, body: ApiClientBody, reason: Reason = None
) -> str:
    """Make a key for a frontend, and give it; it cannot be read again."""
    return await backend.write(
        lambda connection, context: keys.create_client(
            connection,
            context,
            keys.NewClient(body.description, body.trusted, body.frontend_type, body.admin_email),
            Act(reason=reason),
        )
    )


@router.post("/purge_user/{user_id}")
async def purge_user(
    backend: BackendDep,
    _root: RootDep,
    user_id: UUID,
    preview: bool = True,  # noqa: FBT001, FBT002  # a query parameter
    ban: bool = True,  # noqa: FBT001, FBT002  # a query parameter
    reason: Reason = None,
) -> PurgeResult:
    """Remove a person and all they wrote, or tell what would be removed."""
    act = Act(reason=reason)
    return await _purge(
        backend,
        lambda connection, context: purge_person(connection, context, user_id, act, keep_out=ban),
        preview=preview,
    )


@router.post("/purge_user/{user_id}/messages")
async def purge_user_messages(  # the protocol's parameters
    backend: BackendDep,
    _root: RootDep,
    user_id: UUID,
    purge_initial_prompts: bool = False,  # noqa: FBT001, FBT002  # a query parameter
    min_date: UtcMoment | None = None,
    max_date: UtcMoment | None = None,
    preview: bool = True,  # noqa: FBT001, FBT002  # a query parameter
    reason: Reason = None,
) -> PurgeResult:
    """Remove what a person wrote, or tell what would be removed."""
    texts, act = Texts(purge_initial_prompts, min_date, max_date), Act(reason=reason)
    return await _purge(
        backend,
        lambda connection, context: purge_texts(connection, context, user_id, texts, act),
        preview=preview,
    )


@router.post("/merge_users", status_code=204, response_class=Response)
async def merge_users(backend: BackendDep, _root: RootDep, body: MergeBody, reason: Reason = None) -> None:
    """Make one person of several."""
    await backend.write(
        lambda connection, context: merge_people(
            connection, context, body.destination_user_id, body.source_user_ids, Act(reason=reason)
        )
    )


@router.get("/backend_settings/full")
async def full_settings(backend: BackendDep, _root: RootDep) -> dict[str, Any]:
    """Show all settings, without keys, tokens and passwords."""
    return shown_settings.all_settings(backend.settings)


@router.get("/backend_settings/public")
async def public_settings(backend: BackendDep, _client: TrustedDep) -> dict[str, Any]:
    """Show the settings that a frontend may know."""
    return shown_settings.public_settings(backend.settings)


async def _purge(
    backend: Backend, remove: Callable[[sa.Connection, Context], None], *, preview: bool
) -> PurgeResult:
    """Remove something, or see what would be left, and count the messages before and after."""

    def purge(connection: sa.Connection, context: Context) -> PurgeResult:
        begun = time.perf_counter()
        before = message_stats(connection)
        if preview:
            after = rehearse(
                connection, lambda: remove(connection, context), lambda: message_stats(connection)
            )
        else:
            remove(connection, context)
            after = message_stats(connection)
        return PurgeResult(before=before, after=after, preview=preview, duration=time.perf_counter() - begun)

    return await backend.write(purge)
