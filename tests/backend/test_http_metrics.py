"""The numbers under `/metrics` are right, complete in the docs, and name nobody."""

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

import oasst_backend
from oasst_backend.api import operations
from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from oasst_client import TaskRequestType

PAGE = Path(oasst_backend.__file__).parents[1] / "docs" / "backend.md"

Call = Callable[..., Any]
Labels = frozenset[tuple[str, str]]


async def numbers(call: Call, **how: object) -> dict[str, dict[Labels, float]]:
    """Read all metrics: for each sample's name, the value of each set of labels."""
    status, text = await call("GET", "/metrics", **how)
    assert status == 200
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def labels(**values: str) -> Labels:
    return frozenset(values.items())


async def test_calls_tasks_answers_and_errors_are_counted(call: Call, worker: Callable[[str], Any]) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    for _ in range(2):
        await call("POST", "/api/v1/tasks/", body={})
    await call("GET", "/api/v1/messages/nonsense")
    await call("GET", "/api/v1/frontend_messages/nonsense?more=1")
    await call("GET", "/nonsense")
    found = await numbers(call)
    requests = found["oasst_http_requests_total"]
    fetch = {"method": "POST", "route": "/api/v1/tasks/"}
    assert requests[labels(**fetch, status="200")] == 2
    assert requests[labels(**fetch, status="400")] == 2
    one = labels(method="GET", route="/api/v1/frontend_messages/{frontend_id}", status="404")
    assert requests[one] == 1
    assert requests[labels(method="GET", route="other", status="404")] == 1
    assert found["oasst_http_request_seconds_count"][labels(**fetch)] == 4
    assert 0 < found["oasst_http_request_seconds_sum"][labels(**fetch)] < 60
    assert found["oasst_errors_total"] == {
        labels(code="4000"): 2,
        labels(code="2001"): 1,
        labels(code="0"): 1,
    }
    assert found["oasst_tasks_handed_out_total"] == {
        labels(type="initial_prompt"): 1,
        labels(type="label_initial_prompt"): 1,
    }
    assert found["oasst_answers_total"] == {
        labels(type="text_reply_to_message"): 1,
        labels(type="text_labels"): 1,
    }


async def test_the_writer_and_the_trees_are_counted(
    call: Call, worker: Callable[[str], Any], backend: BackendServer, finished_tree: str
) -> None:
    assert finished_tree
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    assert backend.storage is not None
    found = await numbers(call)
    committed = found["oasst_writer_commits_total"][labels()]
    assert committed == backend.storage.writer.commits > 20
    for name in ("group_size", "group_seconds", "commit_seconds"):
        assert found[f"oasst_writer_{name}_count"][labels()] == committed
        assert found[f"oasst_writer_{name}_sum"][labels()] > 0
    assert found["oasst_writer_queue_length"] == {labels(): 0}
    assert found["oasst_trees"] == {
        labels(state="ready_for_export"): 1,
        labels(state="initial_prompt_review"): 1,
    }
    assert sum(found["oasst_open_work"].values()) == 1


async def test_a_state_that_no_tree_is_in_any_more_is_gone(call: Call, worker: Callable[[str], Any]) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    assert (await numbers(call))["oasst_trees"] == {labels(state="initial_prompt_review"): 1}
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    assert labels(state="initial_prompt_review") not in (await numbers(call))["oasst_trees"]


async def test_every_metric_is_described_with_its_kind_and_no_other(
    call: Call, worker: Callable[[str], Any]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await call("GET", "/nonsense")
    _, text = await call("GET", "/metrics")
    served = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    table = re.findall(r"^\| `([a-z_]+)` \| (counter|gauge|histogram) \|", PAGE.read_text(), re.MULTILINE)
    assert dict(table) == served
    assert len(table) == len(served)


async def test_no_metric_names_a_person_or_what_they_wrote(call: Call, worker: Callable[[str], Any]) -> None:
    await worker("marker").write(TaskRequestType.initial_prompt, "marker text", "de")
    await call("GET", "/api/v1/frontend_users/discord/id-marker")
    await call("GET", "/marker", person="discord:id-marker")
    _, text = await call("GET", "/metrics")
    assert "marker" not in text.lower()


@pytest.mark.parametrize(
    ("access", "expected"),
    [("open", (200, 200, 200)), ("trusted", (403, 403, 200)), ("off", (404, 404, 404))],
)
async def test_who_may_read_them(
    start_backend: Callable[..., BackendServer],
    call: Call,
    clock: Callable[[], Any],
    access: str,
    expected: tuple[int, ...],
) -> None:
    server = start_backend(backend_metrics=access)
    assert server.storage is not None
    plain = server.storage.write_now(
        lambda connection: create_key(connection, clock(), "plain", trusted=False)
    )
    found = [
        (await call("GET", "/metrics", key=key, url=server.url))[0]
        for key in (None, plain, "a-key-of-the-tests")
    ]
    assert tuple(found) == expected


async def test_a_second_backend_in_the_process_counts_for_itself(
    start_backend: Callable[..., BackendServer], call: Call
) -> None:
    for _ in range(2):
        server = start_backend()
        await call("GET", "/nonsense", url=server.url)
        found = await numbers(call, url=server.url)
        assert found["oasst_http_requests_total"][labels(method="GET", route="other", status="404")] == 1


async def test_the_health_names_the_version_and_the_schema(
    call: Call, backend: BackendServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "HEALTH_SECONDS", 0.0)
    await asyncio.gather(*(call("GET", "/healthz", key=None) for _ in range(2)))
    status, health = await call("GET", "/healthz", key=None)
    assert status == 200
    assert health.keys() == {"status", "version", "schema_revision"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", health["version"])
    assert backend.storage is not None
    held = backend.storage.read_now(
        lambda connection: connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    )
    assert health["schema_revision"] == held
    backend.storage.writer.close()
    status, answer = await call("GET", "/healthz", key=None)
    assert (status, answer["error_code"]) == (503, 1)


async def test_the_health_is_asked_for_once_however_many_ask(
    backend: BackendServer, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = backend.storage
    assert storage is not None
    monkeypatch.setattr(operations, "HEALTH_SECONDS", 3600.0)
    # What was known since the start is old by then.
    monkeypatch.setattr(operations, "monotonic", lambda: 1e12)
    started, go = threading.Event(), threading.Event()

    def wait(_connection: object) -> None:
        started.set()
        assert go.wait(30)

    held = storage.writer.submit(wait)
    await asyncio.to_thread(started.wait, 30)
    sent = [asyncio.ensure_future(call("GET", "/healthz", key=None)) for _ in range(20)]
    # As many calls that need no writer are answered after those were begun.
    for _ in range(20):
        await call("GET", "/api/v1/text_labels/report_labels", key=None)
    waiting = storage.writer.waiting()
    go.set()
    assert {status for status, _ in await asyncio.gather(*sent)} == {200}
    held.result()
    commits = storage.writer.commits
    for _ in range(5):
        assert (await call("GET", "/healthz", key=None))[0] == 200
    assert storage.writer.commits == commits
    assert waiting == 1
