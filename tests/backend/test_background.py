"""What the backend does by itself goes on after a failure, says so, and ends with the service."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from loguru import logger

from oasst_backend.api import background
from oasst_backend.api.app import create_app
from oasst_backend.server import BackendServer
from oasst_backend.service.facts import read_fact
from oasst_backend.service.startup import VERSION_FACT
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.engine import PRAGMAS
from oasst_backend.storage.tables import trees
from oasst_client import OasstApiClient, TaskRequestType


@pytest.fixture
async def left_behind(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    settings_for: Callable[..., BackendSettings],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[FastAPI]:
    """An application of which a start under other rules has looked at one tree of three."""
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 100)
    monkeypatch.setattr(background, "AT_START", 1)
    monkeypatch.setattr(background, "BATCH", 1)
    server = start_backend()
    client = connect(server)
    for name in ("ann", "bob", "cat"):
        await worker_at(client, name).write(TaskRequestType.initial_prompt, f"{name} asks")
    server.close()
    app = create_app(settings_for(rules={"num_reviews_initial_prompt": 3}))
    yield app
    app.state.backend.storage.close()


async def told(words: str) -> None:
    """Wait until the log holds some words."""
    loop, heard = asyncio.get_running_loop(), asyncio.Event()

    def look(line: str) -> None:
        if words in line:
            loop.call_soon_threadsafe(heard.set)

    handler = logger.add(look, format="{message}", level="INFO")
    try:
        async with asyncio.timeout(30):
            await heard.wait()
    finally:
        logger.remove(handler)


async def test_trees_are_looked_at_once_a_lock_has_passed(
    left_behind: FastAPI, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "RETRY_SECONDS", 0.0)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        failed = asyncio.ensure_future(told("the database did not take what followed"))
        await asyncio.sleep(0)
        async with left_behind.router.lifespan_context(left_behind):
            await failed
            done = asyncio.ensure_future(told("more of them in the background"))
            await asyncio.sleep(0)
            other.execute("ROLLBACK")
            await done

            def versions(connection: sa.Connection) -> tuple[set[int], int]:
                found = set(connection.execute(sa.select(trees.c.rules_version)).scalars())
                return found, int(read_fact(connection, VERSION_FACT) or 0)

            found, version = left_behind.state.backend.storage.read_now(versions)
    assert found == {version}


async def test_nothing_is_left_running_when_the_service_has_ended(left_behind: FastAPI) -> None:
    before = asyncio.all_tasks()
    async with left_behind.router.lifespan_context(left_behind):
        begun = asyncio.all_tasks() - before
        assert len(begun) == 2
    assert all(task.done() for task in begun)


async def test_work_that_ends_by_a_fault_says_so(
    left_behind: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise LookupError

    monkeypatch.setattr(background, "catch_up", fail)
    ended = asyncio.ensure_future(told("work in the background ended by LookupError"))
    await asyncio.sleep(0)
    async with left_behind.router.lifespan_context(left_behind):
        await ended
