"""A direct route answers as FastAPI would, and the calls that are made most are direct."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, get_type_hints
from uuid import UUID

import aiohttp
import pytest
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, Field

from oasst_backend.api import operations
from oasst_backend.api.app import create_app
from oasst_backend.api.dependencies import (
    BackendDep,
    ClientDep,
    PersonHeader,
    TrustedDep,
    calling_client,
    running_backend,
    trusted_client,
)
from oasst_backend.api.direct import DirectRoute, sources_of
from oasst_backend.server import BackendServer
from oasst_backend.service.keys import key_hash, seed_keys
from oasst_backend.settings import BackendSettings, MetricsAccess
from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import api_clients
from oasst_client import Interaction, Task, TaskDone

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
KEY = "a-key-of-the-tests"
PLAIN = "a-key-without-trust"
RATING = (
    b'{"type": "message_rating", "user": {"id": 7, "display_name": "A", "auth_method": "local"}, '
    b'"message_id": "m", "rating": 3}'
)


class Note(BaseModel):
    """A body with a bound."""

    words: str = Field(max_length=5)
    count: int = 0


def is_direct(route: APIRoute) -> bool:
    """Tell whether a route serves its calls by itself."""
    return isinstance(route, DirectRoute) and sources_of(route) is not None


def add_calls(router: APIRouter) -> None:
    """Add calls with everything that a direct route knows."""

    @router.post("/note/{note_id}", status_code=202)
    async def note(
        backend: BackendDep, client: ClientDep, note_id: UUID, body: Note, person: PersonHeader = None
    ) -> dict[str, str]:
        return {
            "id": str(note_id),
            "words": body.words,
            "count": str(body.count),
            "person": str(person),
            "client": client.name,
            "now": backend.clock().isoformat(),
        }

    @router.post("/union")
    async def union(_client: ClientDep, given: Interaction) -> Task:
        return TaskDone(id=UUID(int=given.rating if given.type == "message_rating" else 0))

    @router.delete("/trusted/{note_id}", status_code=204, response_class=Response)
    async def trusted(_client: TrustedDep, note_id: UUID) -> None:
        assert note_id


@pytest.fixture
async def session(
    start_backend: Callable[..., BackendServer], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve the same calls by direct routes and by FastAPI's."""
    plain = operations.operations

    def more(version: str, access: MetricsAccess) -> APIRouter:
        both = plain(version, access)
        for prefix, route_class in (("/direct", DirectRoute), ("/plain", APIRoute)):
            router = APIRouter(prefix=prefix, route_class=route_class)
            add_calls(router)
            assert {is_direct(route) for route in router.routes if isinstance(route, APIRoute)} == {
                route_class is DirectRoute
            }
            both.routes.extend(router.routes)
        return both

    monkeypatch.setattr(operations, "operations", more)
    server = start_backend()
    assert server.storage is not None
    server.storage.write_now(lambda connection: seed_keys(connection, NOON, [KEY, PLAIN]))
    server.storage.write_now(
        lambda connection: connection.execute(
            api_clients.update().where(api_clients.c.key_hash == key_hash(PLAIN)).values(trusted=False)
        )
    )
    async with aiohttp.ClientSession(server.url) as opened:
        yield opened


async def both(
    session: aiohttp.ClientSession, method: str, path: str, body: bytes = b"", **headers: str
) -> list[tuple[int, str, Any]]:
    """Make a call of either kind; gives status, content type and body of both answers."""
    answers = []
    for prefix in ("/direct", "/plain"):
        given = {"X-API-Key": KEY, "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        async with session.request(method, prefix + path, data=body or None, headers=given) as response:
            answer = await response.json() if response.status != 204 else await response.text()
            answers.append((response.status, response.headers.get("Content-Type", ""), answer))
    return answers


NOTE = f"/note/{UUID(int=5)}"


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", NOTE, b'{"words": "short"}', {}, 202),
        ("POST", NOTE, b'{"words": "short", "count": "3", "more": null}', {"x_oasst_user": "discord:1"}, 202),
        ("POST", NOTE, b'{"words": "short"}', {"Content_Type": "application/json; charset=utf-8"}, 202),
        ("POST", NOTE, b'{"words": "short"}', {"Content_Type": "application/vnd.ours+json"}, 202),
        ("POST", f"{NOTE}?more=1", b'{"words": "a", "words": "b"}', {}, 202),
        ("POST", NOTE, b'{"words": "too long"}', {}, 422),
        ("POST", NOTE, b'{"words": "a", "count": 1.5}', {}, 422),
        ("POST", NOTE, b'{"count": 1}', {}, 422),
        ("POST", NOTE, b"", {}, 422),
        ("POST", "/note/nonsense", b'{"words": "short"}', {}, 422),
        ("POST", NOTE, b'{"words": "short"}', {"X_API_Key": "a-guess"}, 403),
        ("POST", "/union", RATING, {}, 200),
        ("POST", "/union", RATING.replace(b"3", b"0"), {}, 422),
        ("POST", "/union", RATING.replace(b"message_rating", b"nonsense"), {}, 422),
        ("POST", "/union", RATING.replace(b'"message_id": "m"', b'"message_id": ""'), {}, 400),
        ("DELETE", f"/trusted/{UUID(int=5)}", b"", {}, 204),
        ("DELETE", f"/trusted/{UUID(int=5)}", b"", {"X_API_Key": PLAIN}, 403),
        ("DELETE", "/trusted/5", b"", {}, 422),
    ],
)
async def test_either_kind_of_route_gives_the_same_answer(
    session: aiohttp.ClientSession, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    direct, plain = await both(session, method, path, body, **headers)
    assert direct == plain
    assert direct[0] == status


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"words": "short"}', "text/plain"),
        (b'{"words": "short"}', "application/x-www-form-urlencoded"),
        (b'{"words": "short"}', ""),
        (b'{"words": "short"}', "/;"),
        (b'{"words": "\\ud800"}', "application/json"),
        (b'{"words": "\xff"}', "application/json"),
        (b'{"words": ', "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"words": "a", "count": 1e999}', "application/json"),
        (b'{"words": "a", "count": NaN}', "application/json"),
        (b'{"words": "a", "count": 1%b}' % (b"0" * 5000), "application/json"),
        (b"[" * 100_000, "application/json"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_either(
    session: aiohttp.ClientSession, body: bytes, content_type: str
) -> None:
    answers = await both(session, "POST", NOTE, body, Content_Type=content_type)
    assert {status for status, _, _ in answers} <= {400, 422}
    assert answers[0][0] == 422
    assert all(fault.keys() == {"loc", "msg", "type"} for fault in answers[0][2]["detail"])


async def test_nothing_is_read_of_what_a_stranger_sends(session: aiohttp.ClientSession) -> None:
    direct, _ = await both(session, "POST", NOTE, b"{", X_API_Key="a-guess")
    assert direct[0] == 403


@pytest.fixture
def application(settings_for: Callable[..., BackendSettings]) -> Iterator[FastAPI]:
    settings = settings_for()
    with Storage(settings.backend_database_url) as storage:
        yield create_app(settings, storage=storage)


def test_the_calls_that_are_made_most_are_direct(application: FastAPI) -> None:
    found = {
        route.path_format
        for route in iter_route_contexts(application.routes)
        if isinstance(route.original_route, APIRoute) and is_direct(route.original_route)
    }
    assert found >= {
        "/api/v1/tasks/",
        "/api/v1/tasks/{task_id}/ack",
        "/api/v1/tasks/{task_id}/nack",
        "/api/v1/tasks/interaction",
    }


def dependencies(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Give what a route depends on, near and far."""
    for one in dependant.dependencies:
        assert one.call is not None
        yield one.call
        yield from dependencies(one)


def test_no_route_goes_through_a_thread_and_no_direct_one_leaves_a_check_out(application: FastAPI) -> None:
    for route in iter_route_contexts(application.routes):
        original = route.original_route
        if not isinstance(original, APIRoute):
            continue
        needed = set(dependencies(route.dependant))
        slow = {one for one in {original.endpoint, *needed} if not inspect.iscoroutinefunction(one)}
        assert not slow, f"{route.path}: make these coroutines: {slow}"
        if is_direct(original):
            hints = get_type_hints(original.endpoint, include_extras=True).values()
            assert needed <= {running_backend, calling_client, trusted_client}
            assert (trusted_client in needed) == (TrustedDep in hints)
            assert (calling_client in needed) == (ClientDep in hints or TrustedDep in hints)


def test_a_route_with_more_to_check_is_not_direct() -> None:
    guarded = APIRouter(route_class=DirectRoute, dependencies=[Depends(trusted_client)])
    other = APIRouter(route_class=DirectRoute)

    @guarded.get("/a")
    async def of_router(_backend: BackendDep) -> None: ...

    @other.get("/b", dependencies=[Depends(trusted_client)])
    async def of_route(_backend: BackendDep) -> None: ...

    @other.get("/c")
    async def with_query(_backend: BackendDep, lang: str) -> None: ...

    @other.post("/d")
    async def with_optional_body(_backend: BackendDep, note: Note | None = None) -> None: ...

    @other.get("/e")
    async def simple(_backend: BackendDep) -> None: ...

    @other.get("/f")
    async def ready(_backend: BackendDep) -> Response:
        return Response()

    @other.get("/g", response_model=dict[str, int])
    async def chosen(_backend: BackendDep) -> dict[str, object]:
        return {}

    told = {
        route.path: is_direct(route)
        for route in (*guarded.routes, *other.routes)
        if isinstance(route, APIRoute)
    }
    assert told == {"/a": False, "/b": False, "/c": False, "/d": False, "/e": True, "/f": False, "/g": False}
