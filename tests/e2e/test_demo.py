"""The demo as somebody runs it who has just cloned the project."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import demo
from bot.cli.main import app
from oasst_backend.dataset.writing import WrittenCounts
from oasst_backend.exporting import export_trees
from oasst_backend.storage.database import Storage
from tests.e2e.conftest import CommandLine

TREES = Path(__file__).parents[1] / "simulation" / "small_tree.jsonl"


def conversation(node: dict[str, Any]) -> tuple[str, str, list[Any]]:
    """Give a message with all below it, as (role, text, replies in their order)."""
    return node["role"], node["text"], [conversation(reply) for reply in node["replies"]]


def conversations(path: Path) -> list[Any]:
    return [conversation(json.loads(line)["prompt"]) for line in path.read_text("utf-8").splitlines()]


async def test_a_community_turns_prompts_into_the_dataset_they_came_from(run: CommandLine) -> None:
    ended = await run("bot", "demo", "--trees", str(TREES), "--out", "out/trees.jsonl")
    assert ended.errors == []
    assert ended.code == 0
    assert ended.lines[-1] == "out/trees.jsonl"
    assert any("nothing is missing, nothing was added" in line for line in ended.lines)
    assert conversations(run.folder / "out" / "trees.jsonl") == conversations(TREES)


async def test_a_dataset_that_cannot_be_written_is_said(run: CommandLine) -> None:
    (run.folder / "taken").write_text("a file, no folder", encoding="utf-8")
    ended = await run("bot", "demo", "--trees", str(TREES), "--out", "taken/trees.jsonl")
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert "taken/trees.jsonl cannot be written" in ended.errors[0]
    assert "--out" in ended.errors[0]
    # It is said before the play, not after it.
    assert not any("people play" in line for line in ended.lines)


async def test_a_folder_is_no_place_for_the_dataset(run: CommandLine) -> None:
    ended = await run("bot", "demo", "--trees", str(TREES), "--out", ".")
    assert ended.code == 1
    assert ended.errors == ["error: . is a folder; name a file with --out"]


def test_a_dataset_that_differs_is_said_and_ends_non_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_a_reply(storage: Storage, path: Path) -> WrittenCounts:
        written = export_trees(storage, path)
        tree = json.loads(path.read_text("utf-8"))
        tree["prompt"]["replies"].pop()
        path.write_text(json.dumps(tree), encoding="utf-8")
        return written

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "export_trees", lose_a_reply)
    ended = CliRunner().invoke(app, ["demo", "--trees", str(TREES), "--out", "trees.jsonl"])
    assert ended.exit_code == 1
    assert "is missing" in ended.stderr
    assert "nothing is missing" not in ended.stdout
