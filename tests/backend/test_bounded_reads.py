"""Reads that take long are broken off and keep nobody else waiting: no key, no answer, no other read."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from oasst_backend.api import dependencies
from oasst_backend.errors import ReadTookTooLong
from oasst_backend.server import BackendServer
from oasst_backend.service import keys, message_lists
from oasst_backend.service.message_lists import MessageFilter
from oasst_backend.service.paging import Span
from oasst_backend.storage import database as storage_module
from oasst_backend.storage.database import Storage
from oasst_backend.storage.engine import READERS
from oasst_backend.storage.tables import api_clients, messages, trees

Call = Callable[..., Any]

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
SEARCH = "/api/v1/messages/cursor?search_query="
ASK = {"type": "random", "user": {"id": "ann", "display_name": "Ann", "auth_method": "discord"}}


def storage_of(server: BackendServer) -> Storage:
    assert server.storage is not None
    return server.storage


def write_many(connection: sa.Connection, number: int = 2000) -> None:
    """Put a tree of many messages into the database."""
    tree_id = str(uuid4())
    connection.execute(
        trees.insert(),
        {
            "id": tree_id,
            "state": "ready_for_export",
            "lang": "en",
            "goal_tree_size": 1,
            "max_depth": 1,
            "max_children_count": 1,
            "created_date": NOON,
            "reply_places": 0,
            "replies_under_way": 0,
            "rules_version": 1,
        },
    )
    connection.execute(
        messages.insert(),
        [
            {
                "id": str(uuid4()),
                "tree_id": tree_id,
                "source": "import",
                "role": "prompter",
                "depth": 0,
                "lang": "en",
                "text": "nothing but words",
                "text_hash": "",
                "created_date": NOON,
                "deleted": False,
                "edited": False,
                "synthetic": False,
                "surplus": False,
                "review_count": 0,
                "ranking_count": 0,
            }
            for _ in range(number)
        ],
    )


@asynccontextmanager
async def held_readers(storage: Storage) -> AsyncIterator[None]:
    """Keep every reader busy."""
    begun, go = threading.Barrier(READERS + 1), threading.Event()

    def wait(_connection: sa.Connection) -> None:
        begun.wait(10)
        assert go.wait(60)

    waiting = [asyncio.ensure_future(storage.read(wait)) for _ in range(READERS)]
    await asyncio.to_thread(begun.wait, 10)
    try:
        yield
    finally:
        go.set()
        await asyncio.gather(*waiting)


async def test_a_read_that_takes_too_long_is_broken_off(
    backend: BackendServer, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage_of(backend).write_now(write_many)
    assert (await call("GET", SEARCH + "cheese"))[0] == 200
    with monkeypatch.context() as patched:
        # Each look at the clock finds six seconds gone: the third one is beyond the ten that there are.
        patched.setattr(storage_module, "monotonic", itertools.count(0, 6).__next__)
        status, answer = await call("GET", SEARCH + "cheese")
        assert (status, answer["error_code"]) == (503, 4)
        assert "ask for less" in answer["message"]
        assert (await call("GET", "/api/v1/text_labels/valid_labels"))[0] == 200
    status, found = await call("GET", SEARCH + "cheese")
    assert (status, found["items"]) == (200, [])


async def test_a_read_that_waited_too_long_for_its_turn_is_not_begun(
    backend: BackendServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_module, "monotonic", itertools.count(0, 11).__next__)
    begun: list[object] = []
    with pytest.raises(ReadTookTooLong):
        await storage_of(backend).read(begun.append)
    assert not begun


async def test_commands_read_as_long_as_they_need(
    backend: BackendServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = storage_of(backend)
    storage.write_now(write_many)
    monkeypatch.setattr(storage_module, "monotonic", itertools.count(0, 1000).__next__)
    with storage.reading() as connection:
        counted = sa.select(sa.func.count()).where(messages.c.text.icontains("words"))
        assert connection.execute(counted).scalar_one() == 2000


async def test_keys_are_looked_up_while_every_reader_is_held(
    backend: BackendServer, call: Call, plain_key: str
) -> None:
    async with asyncio.timeout(30), held_readers(storage_of(backend)):
        assert (await call("POST", "/api/v1/tasks/", body=ASK, key="wrong"))[0] == 403
        assert (await call("POST", "/api/v1/tasks/", body=ASK, key=plain_key))[0] == 200


async def test_a_wrong_key_is_not_looked_up_each_time(
    backend: BackendServer, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, storage = "/api/v1/stats/", storage_of(backend)
    monkeypatch.setattr(dependencies, "KEY_CACHE_SECONDS", 1000.0)
    assert (await call("GET", path, key="mine"))[0] == 403
    storage.write_now(lambda to: keys.create_key(to, NOON, "website", trusted=True))
    storage.write_now(
        lambda to: to.execute(
            api_clients.update().where(api_clients.c.name == "website").values(key_hash=keys.key_hash("mine"))
        )
    )
    assert (await call("GET", path, key="mine"))[0] == 403
    monkeypatch.setattr(dependencies, "KEY_CACHE_SECONDS", 0.0)
    assert (await call("GET", path, key="mine"))[0] == 200


async def test_a_flood_of_wrong_keys_drives_out_no_good_one(
    backend: BackendServer, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, storage = "/api/v1/stats/", storage_of(backend)
    good = storage.write_now(lambda to: keys.create_key(to, NOON, "website", trusted=True))
    monkeypatch.setattr(dependencies, "KEY_CACHE_SECONDS", 1000.0)
    monkeypatch.setattr(dependencies, "KEY_CACHE_SIZE", 2)
    assert (await call("GET", path, key=good))[0] == 200
    storage.write_now(lambda to: keys.revoke_key(to, "website"))
    assert {(await call("GET", path, key=f"wrong{number}"))[0] for number in range(5)} == {403}
    # Still known, though the database would say otherwise.
    assert (await call("GET", path, key=good))[0] == 200


@pytest.mark.parametrize(("words", "status"), [(5, 200), (6, 422)])
async def test_a_search_is_for_few_words(call: Call, words: int, status: int) -> None:
    found, answer = await call("GET", SEARCH + "+".join("abcdef"[:words]))
    assert found == status
    assert status == 200 or "5 words" in answer["detail"][0]["msg"]


CONTEXT: Any = None
"""Lists look at no setting unless they show who wrote."""


@pytest.mark.parametrize(
    "more", [{}, {"lang": "en"}, {"only_roots": True}, {"start_date": NOON}, {"search": "sea"}]
)
@pytest.mark.parametrize("desc", [True, False])
def test_what_came_in_with_a_key_is_found_by_an_index_in_its_order(
    backend: BackendServer, *, desc: bool, more: dict[str, Any]
) -> None:
    seen: list[str] = []

    def run(connection: sa.Connection) -> list[str]:
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(seen.append)
        choice = MessageFilter(api_client_id=str(uuid4()), **more)
        for after in (None, f"{uuid4()}${NOON.isoformat()}"):
            span = Span(10, after=after, desc=desc)
            message_lists.message_page(connection, CONTEXT, choice, None, span, authors_for=None)
        driver.set_trace_callback(None)
        return [step[3] for statement in seen for step in driver.execute(f"EXPLAIN QUERY PLAN {statement}")]

    steps = storage_of(backend).read_now(run)
    assert len(seen) == 2
    assert all("ix_messages_client_date (api_client_id=?" in step for step in steps), steps
