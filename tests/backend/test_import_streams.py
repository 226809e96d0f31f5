"""Imports take little memory, may be cut off anywhere, and let the backend answer while they run."""

import asyncio
import gc
import json
import os
import pty
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from rich.console import Console

from oasst_backend.dataset.lines import DatasetError
from oasst_backend.dataset.models import PromptLine
from oasst_backend.exporting import ExportChoice, export_trees
from oasst_backend.importing import ImportCounts, ImportCutOffError, import_prompts, import_trees
from oasst_backend.progress import ProgressBars, Step, StoppedError
from oasst_backend.server import BackendServer
from oasst_backend.service.context import Context
from oasst_backend.service.imported_prompts import PromptFile, add_prompts
from oasst_backend.service.upkeep import check
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import messages, trees
from oasst_client import OasstApiClient, TaskRequestType
from tests.made_databases import backend_database

MESSAGES = 5
"""The messages of each generated tree."""

EVERYTHING = ExportChoice(everything=True)
ROOT = Path(__file__).parents[2]


def write_trees(path: Path, count: int, *, states: tuple[str, ...] = ("ready_for_export",)) -> Path:
    """Write trees one by one, the same ones each time."""
    rng = random.Random(11)  # noqa: S311  # draws that repeat

    def node(role: str, parent: str | None, *below: str) -> dict[str, Any]:
        own = str(UUID(int=rng.getrandbits(128), version=4))
        given = {
            "message_id": own,
            "user_id": f"author-{rng.randrange(50)}",
            "text": " ".join(rng.choices(["alpha", "beta", "gamma"], k=rng.randrange(10, 60))),
            "role": role,
            "lang": "en",
            "review_count": 3,
            "review_result": True,
            "labels": {"spam": {"value": rng.random(), "count": 3}},
            "replies": [node(kind, own) for kind in below],
        }
        return given if parent is None else {**given, "parent_id": parent}

    with path.open("w") as stream:
        for number in range(count):
            prompt = node("prompter", None, *["assistant"] * (MESSAGES - 1))
            tree = {"message_tree_id": prompt["message_id"], "prompt": prompt}
            stream.write(json.dumps({**tree, "tree_state": states[number % len(states)]}) + "\n")
    return path


@pytest.fixture
def settings(settings_for: Callable[..., BackendSettings]) -> BackendSettings:
    return settings_for()


@pytest.fixture
def storage(settings: BackendSettings) -> Iterator[Storage]:
    with Storage(settings.backend_database_url) as opened:
        yield opened


def exported(storage: Storage) -> str:
    stream = StringIO()
    export_trees(storage, stream, EVERYTHING)
    return stream.getvalue()


def count(storage: Storage, table: sa.Table) -> int:
    counting = sa.select(sa.func.count()).select_from(table)
    return storage.read_now(lambda connection: int(connection.execute(counting).scalar_one()))


def differences(storage: Storage, settings: BackendSettings) -> list[str]:
    """Compare what is kept as it changes with a count from scratch."""
    context = Context(settings, datetime(2026, 3, 14, tzinfo=UTC), random.Random(1))  # noqa: S311  # nothing is drawn
    return storage.read_now(lambda connection: check(connection, context))


def peak_memory(work: Callable[[], object]) -> int:
    """Give the bytes that Python holds at most while something runs, beyond what it held before."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_file_or_the_dataset(tmp_path: Path, settings: BackendSettings) -> None:
    peaks: dict[int, tuple[int, int]] = {}
    # The first round fills what is filled once: compiled statements, caches of imports.
    for turn, size in enumerate([100, 100, 1000]):
        path = write_trees(tmp_path / "in.jsonl", size)
        with Storage(backend_database(tmp_path / f"{turn}.db")) as storage:
            peaks[size] = (
                peak_memory(lambda path=path, storage=storage: import_trees(storage, settings, path)),  # type: ignore[misc]  # bound in the loop
                peak_memory(lambda storage=storage: export_trees(storage, tmp_path / "out.jsonl")),  # type: ignore[misc]  # bound in the loop
            )
            assert count(storage, trees) == size
    assert peaks[1000][0] < 1.3 * peaks[100][0]
    assert peaks[1000][1] < 1.3 * peaks[100][1]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from oasst_backend.importing import import_trees
from oasst_backend.progress import Step
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

calls = 0

def die_at_last():
    global calls
    calls += 1
    if calls == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

def watch(step, done, total):
    if step is Step.adding and sys.argv[3] == "between":
        die_at_last()

def clock():
    if sys.argv[3] == "within":
        die_at_last()
    return datetime(2026, 1, 1, tzinfo=UTC)

settings = BackendSettings(_env_file=None, backend_database_url=sys.argv[1])
with Storage(sys.argv[1]) as storage:
    import_trees(storage, settings, Path(sys.argv[2]), clock=clock, watch=watch)
"""


@pytest.mark.parametrize(
    ("where", "call", "added"),
    [("between", 1, 50), ("between", 3, 150), ("within", 2, 0), ("within", 6, 100)],
)
def test_an_import_that_was_killed_is_completed_by_the_next_one(  # fixtures and a row of the table
    tmp_path: Path, settings: BackendSettings, where: str, call: int, added: int
) -> None:
    path = write_trees(tmp_path / "in.jsonl", 230)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    url = backend_database(tmp_path / "killed.db")
    script = [sys.executable, "-c", KILLED, url, str(path), where, str(call)]
    ended = subprocess.run(script, check=False, env={"PYTHONPATH": str(ROOT)})
    assert ended.returncode == -signal.SIGKILL
    with Storage(url) as killed, Storage(backend_database(tmp_path / "whole.db")) as whole:
        assert (count(killed, trees), count(killed, messages)) == (added, MESSAGES * added)
        assert differences(killed, settings) == []
        counts = import_trees(killed, settings, path, clock=lambda: moment)
        assert counts == ImportCounts(230 - added, MESSAGES * (230 - added), known=added)
        assert import_trees(killed, settings, path) == ImportCounts(known=230)
        import_trees(whole, settings, path, clock=lambda: moment)
        assert exported(killed) == exported(whole)
        assert differences(killed, settings) == []


def test_one_broken_line_at_the_end_of_a_long_file_keeps_all_of_it_out(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    path = write_trees(tmp_path / "in.jsonl", 200)
    with path.open("a") as stream:
        stream.write("{}\n")
    with pytest.raises(DatasetError, match="line 201: message_tree_id: field required"):
        import_trees(storage, settings, path)
    assert count(storage, trees) == 0


def test_an_import_that_is_stopped_says_how_far_it_came(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    path = write_trees(tmp_path / "in.jsonl", 120)
    stop = threading.Event()

    def watch(step: Step, done: int, total: int) -> None:
        assert 0 < done <= total == path.stat().st_size
        if step is Step.adding:
            stop.set()
        bars.show(step, done, total)

    with ProgressBars(Console(file=StringIO()), stop) as bars, pytest.raises(ImportCutOffError) as caught:
        import_trees(storage, settings, path, watch=watch)
    assert str(caught.value) == (
        f"the import of {path} ended in the middle: it was stopped; 50 trees were added, "
        "run it again to add the rest"
    )
    with ProgressBars(Console(file=StringIO()), stop) as bars, pytest.raises(StoppedError):
        import_trees(storage, settings, path, watch=watch)
    assert import_trees(storage, settings, path) == ImportCounts(70, 350, known=50)


def test_a_full_disk_in_the_middle_is_said_and_loses_nothing(
    storage: Storage, settings: BackendSettings, tmp_path: Path, database: Path
) -> None:
    path = write_trees(tmp_path / "in.jsonl", 120)

    def limit_pages(pages: int) -> None:
        storage.write_now(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))

    def watch(step: Step, _done: int, _total: int) -> None:
        if step is Step.adding:
            limit_pages(1)  # as few as there are

    with pytest.raises(ImportCutOffError, match=r"the database did not take the rest; 50 trees were added"):
        import_trees(storage, settings, path, watch=watch)
    limit_pages(1_000_000)
    assert import_trees(storage, settings, path) == ImportCounts(70, 350, known=50)
    assert count(storage, messages) == 600
    assert database.exists()


def test_what_is_written_to_a_file_while_it_is_read_does_no_harm(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    path = write_trees(tmp_path / "in.jsonl", 120)

    def append(step: Step, _done: int, _total: int) -> None:
        if step is Step.checking:
            with path.open("a") as stream:
                stream.write("half a li")

    assert import_trees(storage, settings, path, watch=append) == ImportCounts(120, 600)

    def overwrite(step: Step, done: int, total: int) -> None:
        if step is Step.checking and done == total:
            with path.open("r+b") as stream:
                stream.seek(-5000, os.SEEK_END)
                stream.write(b"x" * 5000)

    write_trees(path, 120)
    with Storage(backend_database(tmp_path / "other.db")) as other:
        with pytest.raises(ImportCutOffError, match="the file changed while it was read"):
            import_trees(other, settings, path, watch=overwrite)
        whole = count(other, trees)
        assert 0 < whole < 120
        assert count(other, messages) == MESSAGES * whole


def test_trees_that_go_on_living_have_their_work_at_once(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    states = ("growing", "ranking", "initial_prompt_review", "prompt_lottery_waiting", "halted_by_moderator")
    import_trees(storage, settings, write_trees(tmp_path / "in.jsonl", 60, states=states))
    import_prompts(storage, settings, _prompts(tmp_path / "prompts.jsonl", 60))
    assert differences(storage, settings) == []
    backlog = write_trees(tmp_path / "backlog.jsonl", 62)
    assert import_trees(storage, settings, backlog, backlog=True) == ImportCounts(2, 10, known=60)
    assert differences(storage, settings) == []


def _prompts(path: Path, number: int) -> Path:
    path.write_text("".join(f'"Question {place}?"\n' for place in range(number)))
    return path


def test_prompts_keep_the_order_of_their_file(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    path = _prompts(tmp_path / "prompts.jsonl", 600)
    steps: list[tuple[Step, int]] = []
    import_prompts(storage, settings, path, watch=lambda step, done, _total: steps.append((step, done)))
    texts = [json.loads(line)["prompt"]["text"] for line in exported(storage).splitlines()]
    assert texts == [f"Question {place}?" for place in range(600)]
    size = path.stat().st_size
    assert [step for step, _ in steps] == [Step.checking] * 3 + [Step.adding] * 3
    assert [done for _, done in steps if done == size] == [size, size]


async def test_the_backend_answers_while_a_long_import_runs(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    settings_for: Callable[..., BackendSettings],
    tmp_path: Path,
    database: Path,
) -> None:
    path = write_trees(tmp_path / "in.jsonl", 1500)
    server = start_backend(rules={"max_initial_prompt_review": 10_000})
    ann = worker_at(connect(server), "ann")
    rules = settings_for(rules={"max_initial_prompt_review": 10_000}).tree_manager
    environment = {
        **{
            f"TREE_MANAGER__{name.upper()}": str(value)
            for name, value in rules.model_dump(exclude_unset=True).items()
        },
        "PYTHONPATH": str(ROOT),
        "BACKEND_DATABASE_URL": f"sqlite:///{database}",
        "PATH": os.environ["PATH"],
    }
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "oasst_backend", "import", str(path)),
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    waits: list[float] = []
    while running.returncode is None:
        started = time.perf_counter()
        await ann.write(TaskRequestType.initial_prompt, f"{random.random()}"[2:18])  # noqa: S311  # any short text
        waits.append(time.perf_counter() - started)
    assert running.stdout is not None
    assert await running.stdout.read() == b"Added 1500 trees with 7500 messages.\n"
    # Three calls each; with one transaction for all they would wait for most of the import.
    assert len(waits) > 5
    assert max(waits) < 3


def test_a_terminal_shows_how_far_it_is_and_ctrl_c_ends_it_in_good_order(
    tmp_path: Path, settings: BackendSettings, database: Path
) -> None:
    path = write_trees(tmp_path / "in.jsonl", 3000)
    environment = {
        "PYTHONPATH": str(ROOT),
        "BACKEND_DATABASE_URL": f"sqlite:///{database}",
        "PATH": os.environ["PATH"],
        "TERM": "xterm",
        "COLUMNS": "100",
    }
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "oasst_backend", "import", str(path)],
        env=environment,
        cwd=tmp_path,
        stdout=theirs,
        stderr=subprocess.PIPE,
    ) as running:
        os.close(theirs)
        shown = b""
        while b"adding" not in shown:
            shown += os.read(ours, 4096)
        running.send_signal(signal.SIGINT)
        drawn = threading.Thread(target=_drain, args=(ours,))
        drawn.start()
        assert running.stderr is not None
        said = running.stderr.read().decode()
        assert running.wait(30) == 1
        drawn.join()
    os.close(ours)
    assert b"checking" in shown
    assert b"%" in shown
    with Storage(settings.backend_database_url) as storage:
        added = count(storage, trees)
        assert 0 < added < 3000
        assert said == (
            f"error: the import of {path} ended in the middle: it was stopped; {added} trees were added, "
            "run it again to add the rest\n"
        )
        assert count(storage, messages) == MESSAGES * added


def _drain(terminal: int) -> None:
    """Read what is drawn, so that the program can go on drawing; the end of it is an error on Linux."""
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        return


def test_known_prompts_are_found_by_their_index(storage: Storage, settings: BackendSettings) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    context = Context(settings, moment, random.Random(1))  # noqa: S311  # nothing is drawn
    plans: list[str] = []

    def explain(connection: sa.Connection) -> None:
        statements: list[tuple[str, Any]] = []

        def note(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:  # noqa: ANN401  # the driver's
            statements.append((statement, given))

        sa.event.listen(connection, "before_cursor_execute", note)
        add_prompts(
            connection, context, [PromptLine(text="Why?")], PromptFile("x", "en", accepted=False), moment
        )
        lookup, given = statements[0]
        plans.extend(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {lookup}", given))

    storage.write_now(explain)
    assert plans
    assert all("ix_messages_imported_prompts" in plan for plan in plans)
