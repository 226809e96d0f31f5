"""The calls for whoever runs the backend: is it well, and what does it do."""

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel

from oasst_backend.api.dependencies import BackendDep, trusted_client
from oasst_backend.api.metrics import open_work_by_type, trees_by_state
from oasst_backend.service.context import Context
from oasst_backend.settings import MetricsAccess


class Health(BaseModel):
    """A backend that is well: its version, and the revision of its database's schema."""

    status: str
    version: str
    schema_revision: str


def operations(version: str, access: MetricsAccess) -> APIRouter:
    """Make the routes for operators.

    Args:
        version: the backend's version.
        access: who may read the metrics.
    """
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    async def healthz(backend: BackendDep) -> Health:
        """Say that the backend serves and that its database takes writes."""
        revision = await backend.write(lambda connection, _context: _schema_revision(connection))
        return Health(status="ok", version=version, schema_revision=revision)

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
