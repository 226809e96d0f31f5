"""Who may call: keys of frontends, and the root token of the operator."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fastapi import APIRouter

from oasst_backend.api import dependencies, operations
from oasst_backend.api.dependencies import RootDep
from oasst_backend.server import BackendServer
from oasst_backend.service import keys
from oasst_backend.settings import BackendSettings, MetricsAccess, load_settings

TOKEN = "a-root-token-of-the-tests"


@pytest.fixture
def with_root_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a call that wants the root token."""
    plain = operations.operations

    def more(version: str, access: MetricsAccess) -> APIRouter:
        router = plain(version, access)

        @router.post("/root")
        async def root(_: RootDep) -> str:
            return "done"

        return router

    monkeypatch.setattr(operations, "operations", more)


async def call_root(server: BackendServer, headers: dict[str, str]) -> tuple[int, Any]:
    """Make the call; gives the status, and the result or the code."""
    async with (
        aiohttp.ClientSession(server.url) as session,
        session.post("/root", headers=headers) as response,
    ):
        answer = await response.json()
        return response.status, answer if response.status == 200 else answer["error_code"]


@pytest.mark.usefixtures("with_root_call")
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Authorization": f"Bearer {TOKEN}"}, (200, "done")),
        ({"Authorization": f"bearer  {TOKEN}"}, (200, "done")),
        ({}, (403, 3)),
        ({"Authorization": TOKEN}, (403, 3)),
        ({"Authorization": "Bearer"}, (403, 3)),
        ({"Authorization": f"Basic {TOKEN}"}, (403, 3)),
        ({"Authorization": f"Bearer {TOKEN}x"}, (403, 3)),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, (403, 3)),
        ({"Authorization": "Bearer é"}, (403, 3)),
        ({"X-API-Key": TOKEN}, (403, 3)),
        ({"X-API-Key": "a-key-of-the-tests"}, (403, 3)),
    ],
)
async def test_the_root_token_alone_opens_the_administration(
    start_backend: Callable[..., BackendServer], headers: dict[str, str], expected: tuple[int, Any]
) -> None:
    server = start_backend(backend_root_token=TOKEN)
    assert await call_root(server, headers) == expected


@pytest.mark.usefixtures("with_root_call")
@pytest.mark.parametrize("given", ["", "None", "null"])
async def test_without_a_root_token_nothing_opens_the_administration(
    start_backend: Callable[..., BackendServer], given: str
) -> None:
    assert await call_root(start_backend(), {"Authorization": f"Bearer {given}"}) == (403, 3)


@pytest.mark.usefixtures("with_root_call")
async def test_the_description_asks_for_the_token(
    start_backend: Callable[..., BackendServer], call: Callable[..., Any]
) -> None:
    _, described = await call("GET", "/openapi.json", url=start_backend().url)
    operation = described["paths"]["/root"]["post"]
    assert operation["security"] == [{"RootToken": []}]
    assert "403" in operation["responses"]


def test_an_empty_root_token_is_none_and_a_short_one_is_refused(
    settings_for: Callable[..., BackendSettings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BACKEND_ROOT_TOKEN", "")
    assert load_settings(tmp_path / "none").backend_root_token is None
    with pytest.raises(ValueError, match="at least 16"):
        settings_for(backend_root_token="short")
    assert TOKEN not in repr(settings_for(backend_root_token=TOKEN))


async def test_a_revoked_key_is_refused_once_it_is_looked_up_again(
    backend: BackendServer, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert backend.storage is not None
    now = datetime.now(UTC)
    key = backend.storage.write_now(lambda to: keys.create_key(to, now, "website", trusted=True))
    monkeypatch.setattr(dependencies, "KEY_CACHE_SECONDS", 1000.0)
    assert (await call("GET", "/api/v1/stats/", key=key))[0] == 200
    backend.storage.write_now(lambda to: keys.revoke_key(to, "website"))
    assert (await call("GET", "/api/v1/stats/", key=key))[0] == 200
    monkeypatch.setattr(dependencies, "KEY_CACHE_SECONDS", 0.0)
    assert (await call("GET", "/api/v1/stats/", key=key))[0] == 403


@pytest.mark.parametrize("key", ["é", "\x7f", "k" * 10_000, "a-key-of-the-tests ", "A-KEY-OF-THE-TESTS"])
async def test_an_odd_key_is_only_wrong(call: Callable[..., Any], key: str) -> None:
    status, answer = await call("GET", f"/api/v1/stats/?api_key={key}", key=None)
    assert (status, answer["error_code"]) == (403, 2)
