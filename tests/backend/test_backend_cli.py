"""The command line does what it says, and ends with one clear line when it cannot."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner, Result

from oasst_backend.cli import app
from oasst_backend.errors import PortTakenError
from oasst_backend.server import BackendServer
from oasst_backend.service import keys
from oasst_backend.settings import load_settings

Run = Callable[..., Result]


@pytest.fixture
def environment(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Run in an empty folder with no settings but the database."""
    for name in [name for name in os.environ if name.startswith(("BACKEND_", "TREE_MANAGER"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKEND_DATABASE_URL", f"sqlite:///{database}")
    return dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    assert environment
    runner = CliRunner()
    return lambda *arguments, **settings: runner.invoke(app, list(arguments), env=settings)


def test_prompts_go_in_and_are_counted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prompts.jsonl").write_text('"One?"\n{"text": "Zwei?", "lang": "de"}\n')
    result = run("import", "prompts.jsonl")
    assert (result.exit_code, result.stdout) == (0, "Added 2 trees with 2 messages.\n")
    shown = run("stats").stdout
    assert "initial_prompt_review" in shown
    assert "2 messages (de 1, en 1), 0 deleted" in shown
    assert "0 reviews and 0 rankings that count" in shown
    assert "Wrote 0 trees" in run("export", "out.jsonl").stdout
    assert "Wrote 2 trees with 2 messages to all.jsonl" in run("export", "all.jsonl", "--all").stdout
    printed = run("export", "-", "--all", "--lang", "de").stdout
    assert json.loads(printed)["prompt"]["text"] == "Zwei?"
    (tmp_path / "all.jsonl").rename(tmp_path / "trees.jsonl")
    other = f"sqlite:///{tmp_path}/other.db"
    assert (
        run("import", "trees.jsonl", BACKEND_DATABASE_URL=other).stdout == "Added 2 trees with 2 messages.\n"
    )
    again = run("import", "prompts.jsonl")
    assert again.stdout == "Added 0 trees with 0 messages; 2 were there already.\n"
    (tmp_path / "prompts.jsonl").write_text('"One?"\n"Three?"\n')
    again = run("import", "prompts.jsonl")
    assert again.stdout == "Added 1 tree with 1 message; 1 was there already.\n"


def test_what_is_kept_is_compared_by_the_rules_that_the_backend_serves_with(
    run: Run, tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKEND_PORT", "0")

    def start_as_the_bot_does() -> None:
        BackendServer(load_settings(embedded=True)).start().close()

    def wanted() -> list[tuple[str, int]]:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute("SELECT kind, wanted FROM open_work ORDER BY kind").fetchall()

    start_as_the_bot_does()
    for arguments in (["check"], ["check", "--repair"]):
        refused = run(*arguments)
        assert refused.exit_code == 2
        assert refused.stderr.endswith("set TREE_MANAGER__PRESET=small\n")
    refused = run("check", TREE_MANAGER__GOAL_TREE_SIZE="7")
    assert refused.exit_code == 2
    assert "give this command the TREE_MANAGER__ settings of the backend" in refused.stderr
    assert run("check", TREE_MANAGER__PRESET="small").stdout == "Everything is in step.\n"

    (tmp_path / "prompts.jsonl").write_text('"One?"\n')
    (tmp_path / "stories.jsonl").write_text('{"story": "Once there was a fox."}\n')
    monkeypatch.setenv("TREE_MANAGER__NUM_SUMMARIES_STORY", "9")
    for name in ("prompts", "stories"):
        told = run("import", f"{name}.jsonl").stdout
        assert "The backend looks at what was added when it starts again" in told
    assert wanted() == [("review", 3), ("summary", 9)]
    monkeypatch.delenv("TREE_MANAGER__NUM_SUMMARIES_STORY")
    start_as_the_bot_does()
    assert wanted() == [("review", 1), ("summary", 2)]
    assert run("check", TREE_MANAGER__PRESET="small").exit_code == 0

    (tmp_path / "prompts.jsonl").write_text('"Two?"\n')
    told = run("import", "prompts.jsonl", TREE_MANAGER__PRESET="small").stdout
    assert told == "Added 1 tree with 1 message.\n"


def test_stories_go_in_and_come_out(run: Run, tmp_path: Path) -> None:
    told = [
        {"story": "Once there was a fox.", "summaries": [{"text": "A fox."}]},
        {"story": "Es war einmal.", "lang": "de"},
    ]
    (tmp_path / "stories.jsonl").write_text("".join(json.dumps(story) + "\n" for story in told))
    assert run("import", "stories.jsonl").stdout == "Added 2 stories with 1 summary.\n"
    assert (
        run("import", "stories.jsonl").stdout == "Added 0 stories with 0 summaries; 2 were there already.\n"
    )
    wrote = run("export", "out.jsonl", "--stories").stdout
    assert wrote == "Wrote 1 story with 1 summary to out.jsonl\n"
    printed = run("export", "-", "--stories", "--all", "--lang", "de").stdout
    assert json.loads(printed)["story"] == "Es war einmal."


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "line"),
    [
        (["import", "none.jsonl"], {}, 2, r"error: none\.jsonl: there is no such file"),
        (["import", "broken.jsonl"], {}, 2, r"error: broken\.jsonl: line 2: not JSON.*"),
        (["import", "trees.jsonl", "--accepted"], {}, 2, r"error: --accepted is for prompts.*leave it out"),
        (["import", "good.jsonl", "--lang", "d_e"], {}, 2, r"error: --lang d_e is no language.*"),
        (["import", "stories.jsonl", "--accepted"], {}, 2, r"error: --accepted is for prompts.*of stories.*"),
        (["import", "stories.jsonl"], {}, 2, r"error: stories\.jsonl: line 1: story: must not be empty"),
        (["import", "."], {}, 2, r"error: \.: this is no file that can be read twice; name one"),
        (["import", "good.jsonl", "--backlog"], {}, 2, r"error: --backlog is for trees.*leave it out"),
        (
            ["import", "good.jsonl"],
            {"MESSAGE_SIZE_LIMIT": "3"},
            2,
            r"error: good\.jsonl: line 1: .* at most 3 .*",
        ),
        (["stats"], {"BACKEND_PORT": "many"}, 2, r"error: BACKEND_PORT: .*"),
        (["stats"], {"TREE_MANAGER__GOAL": "3"}, 2, r"error: TREE_MANAGER__GOAL is not a setting.*"),
        (
            ["stats"],
            {"BACKEND_DATABASE_URL": "sqlite:///good.jsonl"},
            1,
            r"error: the database good\.jsonl .*",
        ),
        (
            ["serve"],
            {"BACKEND_DATABASE_URL": "sqlite:///good.jsonl"},
            1,
            r"error: the database good\.jsonl .*",
        ),
        (["serve"], {"BACKEND_HOST": "no.such.host.invalid"}, 1, r"error: BACKEND_HOST .*"),
        (["export", "good.jsonl/out"], {}, 1, r"error: good\.jsonl/out cannot be written.*"),
        (["keys", "revoke", "nobody"], {}, 1, r"error: there is no key named 'nobody'.*"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(  # fixtures and one row of the table
    run: Run, tmp_path: Path, arguments: list[str], settings: dict[str, str], code: int, line: str
) -> None:
    (tmp_path / "good.jsonl").write_text('"A good prompt?"\n')
    (tmp_path / "broken.jsonl").write_text('"A good prompt?"\n{"text":\n')
    (tmp_path / "trees.jsonl").write_text('{"prompt": {}}\n')
    (tmp_path / "stories.jsonl").write_text('{"story": ""}\n')
    result = run(*arguments, **settings)
    assert result.exit_code == code
    assert re.fullmatch(line + "\n", result.stderr), result.stderr
    assert result.stdout == ""
    assert "0 messages" in run("stats").stdout


def test_a_database_that_fails_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(keys, "create_key", fail)
    result = run("keys", "create", "website")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "error: the database did not take it (database or disk is full); nothing was changed, try again\n"
    )


async def test_what_people_handed_in_is_counted(run: Run, finished_tree: str) -> None:
    assert finished_tree
    assert "3 reviews and 1 rankings that count" in run("stats").stdout


def test_a_taken_port_is_one_clear_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run("serve", BACKEND_PORT=str(port))
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: port {port} on 127.0.0.1 is taken; "
        "stop what listens there, or set BACKEND_PORT to another one\n"
    )


def test_two_backends_cannot_have_the_same_port(
    backend: BackendServer, settings_for: Callable[..., Any], tmp_path: Path
) -> None:
    port = int(backend.url.rpartition(":")[2])
    second = BackendServer(
        settings_for(backend_port=port, backend_database_url=f"sqlite:///{tmp_path}/second.db")
    )
    with pytest.raises(PortTakenError):
        second.start()


def test_keys_are_made_listed_and_revoked(run: Run, database: Path) -> None:
    key = run("keys", "create", "website", "--trusted").stdout.strip()
    assert len(key) == 43
    assert key.encode() not in database.read_bytes()
    assert "a key named 'website' exists already" in run("keys", "create", "website").stderr
    assert re.search(r"website.*yes.*valid.*keys create", run("keys", "list").stdout)
    assert run("keys", "revoke", "website").exit_code == 0
    assert "revoked" in run("keys", "list").stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_serving_until_a_signal(environment: dict[str, str], how: signal.Signals) -> None:
    settings = environment | {"BACKEND_PORT": "0", "BACKEND_API_KEYS": "k", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "oasst_backend", "serve"],
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().split()[-1]
        with urlopen(f"{url}/healthz", timeout=10) as response:  # noqa: S310  # our own address
            assert response.status == 200
        process.send_signal(how)
        assert process.wait(30) == 0
        assert process.stdout.read() == "The backend is going down.\n"
        assert "Traceback" not in process.stderr.read()
