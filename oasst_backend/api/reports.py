"""The calls around what people reported, and the journal of what was done about it."""

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import Field

from oasst_backend.api.bodies import PlainText
from oasst_backend.api.dependencies import BackendDep, PersonHeader, TrustedDep
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.queries import MaxCount, PageQuery, WhoActsDep
from oasst_backend.service import reports
from oasst_backend.service.context import Context
from oasst_backend.service.journal import JournalEntry, read_journal
from oasst_backend.service.people import id_in_header
from oasst_backend.service.reports import ReportedMessage
from oasst_client import FlaggedMessage, Page

router = APIRouter(tags=["reports"], route_class=DirectRoute)

MOST_REPORTED = 100
"""Reported messages that one call gives at most, as each brings what was said of it."""


class ReportQuery(PageQuery):
    """Which part of the queue is read."""

    max_count: int = Field(10, gt=0, le=MOST_REPORTED)
    processed: bool = Field(default=False, description="What was dealt with, instead of what was not.")


class JournalQuery(PageQuery):
    """Which part of the journal is read."""

    max_count: int = Field(100, gt=0, le=1000)
    desc: bool = Field(default=True, description="Newest first.")
    subject_id: PlainText | None = Field(
        None, description="Only what was done to this message, tree, person or key."
    )
    actor_id: UUID | None = Field(None, description="Only what this person did.")


@router.get("/api/v1/admin/flagged_messages")
async def flagged(
    backend: BackendDep, _client: TrustedDep, max_count: MaxCount = 100
) -> list[FlaggedMessage]:
    """List what was reported or flagged, whether dealt with or not, the newest first."""
    return await backend.read(lambda connection, _context: reports.newest_flagged(connection, max_count))


@router.get("/api/v1/admin/flagged_messages/cursor")
async def flagged_page(
    backend: BackendDep, _client: TrustedDep, query: Annotated[PageQuery, Query()]
) -> Page[FlaggedMessage]:
    """List what was reported or flagged page by page, the oldest first."""
    return await backend.read(lambda connection, _context: reports.flagged_page(connection, query.span()))


@router.post("/api/v1/admin/flagged_messages/{message_id}/processed")
async def settle(backend: BackendDep, who: WhoActsDep, message_id: UUID) -> FlaggedMessage:
    """Note that a reported message was dealt with."""
    return await backend.write(
        lambda connection, context: reports.settle(connection, context, message_id, who(connection))
    )


@router.get("/api/ext/v1/reports")
async def reported(
    backend: BackendDep,
    _client: TrustedDep,
    query: Annotated[ReportQuery, Query()],
    person: PersonHeader = None,
) -> Page[ReportedMessage]:
    """List reported messages with what was said of them, the oldest first."""

    def read(connection: sa.Connection, _context: Context) -> Page[ReportedMessage]:
        return reports.read_reports(
            connection,
            query.span(),
            processed=query.processed,
            viewer_id=id_in_header(connection, person),
        )

    return await backend.read(read)


@router.get("/api/ext/v1/journal")
async def journal(
    backend: BackendDep, _client: TrustedDep, query: Annotated[JournalQuery, Query()]
) -> Page[JournalEntry]:
    """Show what was done to messages, trees and people, and by whom, the newest first."""
    return await backend.read(
        lambda connection, _context: read_journal(
            connection,
            query.span(),
            subject_id=query.subject_id,
            actor_id=str(query.actor_id) if query.actor_id else None,
        )
    )
