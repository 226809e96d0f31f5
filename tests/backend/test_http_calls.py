"""One id leads from an answer to all that was logged for the call, and no line says more than it should."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from loguru import logger

from oasst_backend.server import BackendServer
from oasst_backend.service import answers
from oasst_client import TaskRequestType

KEY = "a-key-of-the-tests"
MARKER = "a-text-that-somebody-wrote"
ANN = {"id": "id-ann", "display_name": "Ann", "auth_method": "discord"}

Lines = list[tuple[str | None, str]]


@pytest.fixture
async def session(backend: BackendServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(backend.url, headers={"X-API-Key": KEY}) as opened:
        yield opened


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Collect what is logged: the call's id, and the line."""
    found: Lines = []

    def take(message: Any) -> None:  # noqa: ANN401  # loguru's class exists for type checkers alone
        found.append((message.record["extra"].get("request_id"), message.record["message"]))

    handler = logger.add(take, level="DEBUG")
    yield found
    logger.remove(handler)


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/healthz", {}, 200),
        ("POST", "/api/v1/frontend_users/", {"json": ANN}, 200),
        ("POST", "/api/v1/tasks", {"json": {"user": ANN}}, 307),
        ("POST", "/api/v1/tasks/", {"json": {}}, 400),
        ("POST", "/api/v1/tasks/", {"data": b"\xff", "headers": {"Content-Type": "application/json"}}, 422),
        ("POST", "/api/v1/tasks/", {"json": {"user": ANN}, "headers": {"X-API-Key": "a-guess"}}, 403),
        ("GET", "/api/v1/nothing", {}, 404),
        ("PATCH", "/healthz", {}, 405),
        ("GET", "/openapi.json", {}, 200),
    ],
)
async def test_every_answer_has_an_id_of_its_own(
    session: aiohttp.ClientSession, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    ids = set()
    for _ in range(2):
        async with session.request(method, path, allow_redirects=False, **sent) as response:
            assert response.status == status
            ids.add(response.headers["X-Request-ID"])
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in ids)
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v1/nothing", 404), ("PUT", "/healthz", 405)]
)
async def test_what_is_no_call_is_refused_in_the_shape_of_all_errors(
    session: aiohttp.ClientSession, method: str, path: str, status: int
) -> None:
    async with session.request(method, path) as response:
        assert response.status == status
        answer = await response.json()
    assert answer.keys() == {"error_code", "message"}
    assert answer["error_code"] == 0
    assert status != 405 or response.headers["Allow"] == "GET"


@pytest.mark.parametrize("given", ["a", "proxy-1.2_3", "x" * 64])
async def test_an_id_that_comes_with_the_call_is_kept(session: aiohttp.ClientSession, given: str) -> None:
    async with session.get("/healthz", headers={"X-Request-ID": given}) as response:
        assert response.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "a\tb", "{0}", "é", "a;b"])
async def test_a_malformed_id_is_not_taken(
    backend: BackendServer, session: aiohttp.ClientSession, lines: Lines, given: str
) -> None:
    async with session.get("/healthz", headers={"X-Request-ID": given}) as response:
        assert re.fullmatch(r"[0-9a-f]{16}", response.headers["X-Request-ID"])
    backend.close()
    assert given not in {known for known, _ in lines}


async def test_every_line_of_a_call_has_its_id(
    backend: BackendServer, session: aiohttp.ClientSession, worker: Callable[[str], Any], lines: Lines
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    task, _ = await worker("bob").take(TaskRequestType.label_initial_prompt)
    body = {
        "type": "text_labels",
        "user": ANN | {"id": "id-bob"},
        "text": "",
        "labels": {"spam": 1},
        "message_id": str(task.message_id),
        "task_id": str(task.id),
    }
    async with session.post(
        "/api/v1/tasks/interaction", json=body, headers={"X-Request-ID": "mine"}
    ) as response:
        assert response.status == 200
    backend.close()  # a call's last line comes after its answer
    mine = [line for known, line in lines if known == "mine"]
    assert re.fullmatch(r"POST /api/v1/tasks/interaction 200 \d+\.\d ms", mine[-1])
    # The tree's line is written by the writer's thread.
    moved = [known for known, line in lines if re.match(r"tree \S+ went from initial_prompt_review", line)]
    assert moved == ["mine"]


async def test_calls_at_the_same_time_keep_their_ids_apart(backend: BackendServer, lines: Lines) -> None:
    async def look(session: aiohttp.ClientSession, name: str) -> None:
        path = f"/api/v1/frontend_messages/{name}"
        async with session.get(path, headers={"X-API-Key": KEY, "X-Request-ID": name}) as response:
            assert response.headers["X-Request-ID"] == name

    async with aiohttp.ClientSession(backend.url) as session:
        names = {f"call-{number}" for number in range(20)}
        await asyncio.gather(*(look(session, name) for name in names))
    backend.close()
    told = [known for known, line in lines if line.startswith("GET /api/v1/frontend")]
    assert len(told) == 20
    assert set(told) == names


async def test_a_fault_is_found_by_the_id_that_the_answer_names(
    session: aiohttp.ClientSession, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(MARKER)

    monkeypatch.setattr(answers, "take_answer", fail)
    body = {"type": "message_rating", "user": ANN, "message_id": MARKER, "rating": 1}
    async with session.post("/api/v1/tasks/interaction", json=body) as response:
        assert response.status == 500
        answer = await response.json()
    known = response.headers["X-Request-ID"]
    assert answer == {"error_code": 0, "message": f"Something went wrong here ({known})."}
    assert (known, "POST /api/v1/tasks/interaction failed with ValueError") in lines


async def test_no_line_names_what_stood_in_the_address_or_in_a_header(
    backend: BackendServer, session: aiohttp.ClientSession, lines: Lines
) -> None:
    for path in (
        f"/api/v1/frontend_messages/{MARKER}?include={MARKER}",
        f"/{MARKER}",
        f"/api/v1/text_labels/report_labels?api_key={MARKER}",
        f"/api/v1/frontend_users/discord/{MARKER}",
    ):
        async with session.get(
            path, headers={"x-oasst-user": f"discord:{MARKER}", "X-Request-ID": f"{MARKER} {MARKER}"}
        ):
            pass
    backend.close()
    told = [re.sub(r"[\d.]+ ms", "", line).strip() for _, line in lines]
    assert told == [
        "GET /api/v1/frontend_messages/{frontend_id} 404",
        "GET other 404",
        "GET /api/v1/text_labels/report_labels 200",
        "GET /api/v1/frontend_users/{auth_method}/{username} 404",
    ]


def test_a_backend_on_its_own_logs_the_id(tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("BACKEND_", "TREE_MANAGER"))
    } | {
        "BACKEND_PORT": "0",
        "BACKEND_DATABASE_URL": f"sqlite:///{tmp_path}/backend.db",
        "BACKEND_LOG_LEVEL": "DEBUG",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "oasst_backend", "serve"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        logged = process.stderr.read()
    # The server's own first call sees whether it serves.
    assert re.search(r" DEBUG    oasst_backend\.\S+: \[[0-9a-f]{16}\] GET /healthz 200 [\d.]+ ms\n", logged)
