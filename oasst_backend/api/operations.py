"""The calls for whoever runs the backend: is it well, and what does it do."""

import asyncio
from time import monotonic

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from oasst_backend.api.dependencies import Backend, BackendDep, trusted_client
from oasst_backend.api.metrics import open_work_by_type, trees_by_state
from oasst_backend.service.context import Context
from oasst_backend.settings import MetricsAccess
from oasst_client import BackendHealth

HEALTH_SECONDS = 1.0
"""For so long an answer about the health holds: the call needs no key, and each probe is a write."""


class _Probe:
    """Asks the writer for the schema's revision: once at a time, and once in a while, however many ask."""

    def __init__(self) -> None:
        self._asked: asyncio.Task[str] | None = None
        self._answered_at = float("-inf")

    async def revision(self, backend: Backend) -> str:
        """Give the revision, or raise what the writer did, as of `HEALTH_SECONDS` ago at most."""
        is_old = monotonic() - self._answered_at >= HEALTH_SECONDS
        if self._asked is None or (self._asked.done() and is_old):
            self._asked = asyncio.create_task(self._ask(backend))
        # A caller that goes away takes nothing from the others.
        return await asyncio.shield(self._asked)

    async def _ask(self, backend: Backend) -> str:
        try:
            return await backend.write(lambda connection, _context: _schema_revision(connection))
        finally:
            self._answered_at = monotonic()


def operations(version: str, access: MetricsAccess) -> APIRouter:
    """Make the routes for operators.

    Args:
        version: the backend's version.
        access: who may read the metrics.
    """
    router = APIRouter(tags=["operations"])
    probe = _Probe()

    @router.get("/healthz")
    async def healthz(backend: BackendDep) -> BackendHealth:
        """Say that the backend serves and that its database takes writes."""
        return BackendHealth(status="ok", version=version, schema_revision=await probe.revision(backend))

    async def metrics(backend: BackendDep) -> Response:
        """Give the backend's numbers in Prometheus' text format."""

        def render(connection: sa.Connection, _context: Context) -> bytes:
            return backend.metrics.render(trees_by_state(connection), open_work_by_type(connection))

        return Response(await backend.read(render), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    if access is not MetricsAccess.off:
        router.get(
            "/metrics",
            response_class=PlainTextResponse,
            dependencies=[Depends(trusted_client)] if access is MetricsAccess.trusted else [],
        )(metrics)
    return router


def _schema_revision(connection: sa.Connection) -> str:
    revision: str = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    return revision
