"""Builds the HTTP application of the backend."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from oasst_backend.api import (
    admin,
    boards,
    labels,
    messages,
    moderation,
    people,
    reports,
    statistics,
    tasks,
    users,
)
from oasst_backend.api.background import catch_up_later, catch_up_now, keep_boards_moving
from oasst_backend.api.dependencies import Backend, BackendDep
from oasst_backend.api.errors import install_error_handlers
from oasst_backend.service.startup import prepare
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

BYTES_PER_CHARACTER = 12
"""A character outside the first plane of Unicode is two escapes of six bytes in JSON."""

BODY_ROOM = 1024 * 1024
"""Bytes for all but the longest text: labels quote a message, and an imported one has no limit."""


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
    opened = storage or Storage(settings.backend_database_url)
    # Chance decides which work is drawn, and no secret depends on it.
    backend = Backend(settings, opened, clock, rng or random.Random())  # noqa: S311
    backend.rules_version = opened.write_now(lambda connection: prepare(connection, backend.context()))
    # A small dataset is in step before anybody asks; of a large one the rest follows in the background.
    left = catch_up_now(backend)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        background = [asyncio.create_task(keep_boards_moving(backend))]
        if left:
            background.append(asyncio.create_task(catch_up_later(backend)))
        yield
        for task in background:
            task.cancel()
        if storage is None:
            opened.close()

    app = FastAPI(title="OASST task backend", lifespan=lifespan, max_body_size=body_limit(settings))
    app.state.backend = backend
    install_error_handlers(app)
    for module in (tasks, labels, messages, moderation, reports, statistics, people, users, admin):
        app.include_router(module.router)
    app.include_router(boards.router)
    app.include_router(boards.extension_router)
    app.include_router(people.extension_router)

    @app.get("/healthz", tags=["health"])
    async def healthz(backend: BackendDep) -> dict[str, str]:
        """Say that the backend serves and that its database answers."""
        await backend.write(lambda connection, _context: connection.exec_driver_sql("SELECT 1").scalar())
        return {"status": "ok"}

    return app
