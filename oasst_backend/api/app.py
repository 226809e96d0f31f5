"""Builds the HTTP application of the backend."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from fastapi import FastAPI

from oasst_backend.api import (
    admin,
    boards,
    labels,
    messages,
    moderation,
    operations,
    people,
    reports,
    statistics,
    tasks,
    users,
)
from oasst_backend.api.background import catch_up_now, working
from oasst_backend.api.dependencies import Backend
from oasst_backend.api.errors import install_error_handlers
from oasst_backend.api.limits import RateLimits
from oasst_backend.api.metrics import Metrics
from oasst_backend.api.middleware import CallMiddleware
from oasst_backend.api.openapi import DescribedApp
from oasst_backend.service.startup import prepare
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

BYTES_PER_CHARACTER = 12
"""A character outside the first plane of Unicode is two escapes of six bytes in JSON."""

BODY_ROOM = 1024 * 1024
"""Bytes for all but the longest text: labels quote a message, and an imported one has no limit."""


def installed_version() -> str:
    """Give the version of the backend; `unknown` where it runs without being installed."""
    try:
        return version("oasst-discord-bot")
    except PackageNotFoundError:
        return "unknown"


VERSION: Final = installed_version()


def utc_now() -> datetime:
    """Give the moment it is."""
    return datetime.now(UTC)


def body_limit(settings: BackendSettings) -> int:
    """Give the bytes of the longest body that is read: the longest text at JSON's widest, and more."""
    return BODY_ROOM + BYTES_PER_CHARACTER * settings.message_size_limit


def create_app(
    settings: BackendSettings,
    *,
    clock: Callable[[], datetime] = utc_now,
    rng: random.Random | None = None,
    storage: Storage | None = None,
) -> FastAPI:
    """Build the application; its storage is opened and prepared here, so that faults show before it serves.

    Args:
        settings: the backend's settings.
        clock: gives the moment in UTC.
        rng: the source of chance for draws.
        storage: a storage to use instead of opening one; whoever opened it closes it.

    Raises:
        DatabaseUnusableError: the database cannot be opened; the message says what to do.
    """
    opened = storage or Storage(settings.backend_database_url, settings.backend_read_seconds)
    backend = Backend(
        settings,
        opened,
        clock,
        # Chance decides which work is drawn, and no secret depends on it.
        rng or random.Random(),  # noqa: S311
        RateLimits(settings),
        Metrics(VERSION, opened.writer),
    )
    backend.rules_version = opened.write_now(lambda connection: prepare(connection, backend.context()))
    # A small dataset is in step before anybody asks; of a large one the rest follows in the background.
    left = catch_up_now(backend)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with working(backend, left=left):
            yield
        if storage is None:
            opened.close()

    routers = (
        tasks.router,
        tasks.extension_router,
        labels.router,
        messages.router,
        moderation.router,
        reports.router,
        statistics.router,
        statistics.extension_router,
        people.router,
        people.extension_router,
        users.router,
        boards.router,
        boards.extension_router,
        admin.router,
        operations.operations(VERSION, settings.backend_metrics),
    )
    app = DescribedApp(
        title="OASST task backend",
        description="Hands out tasks by which a community builds a dataset, and takes the answers.",
        version=VERSION,
        lifespan=lifespan,
        # Given as they are, because each router that is included instead is searched anew for each call.
        routes=[route for router in routers for route in router.routes],
        # Whatever would be recorded holds what people wrote; the numbers are in `/metrics`.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.backend = backend
    install_error_handlers(app)
    app.add_middleware(CallMiddleware, metrics=backend.metrics, body_limit=body_limit(settings))
    return app
