"""What the project promises about itself: its walls, its files, and that its docs are complete."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.cli.main import app as bot_cli
from bot.permissions import FOR_ANNOUNCEMENTS, FOR_LOG, FOR_TASKS
from bot.settings import BotSettings
from bot.texts import texts_for
from oasst_backend.settings import load_settings

TOP = Path(__file__).parent.parent
ROOMS = ("bot", "oasst_client", "oasst_backend", "discord_sandbox", "simulation")
LONGEST_MODULE = 500


def read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def test_every_import_keeps_to_the_rooms() -> None:
    checker = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    walls = subprocess.run(
        [sys.executable, "-c", checker, "--no-cache"], cwd=TOP, capture_output=True, text=True, check=False
    )
    assert walls.returncode == 0, walls.stdout


def test_every_module_says_what_it_is_for_and_stays_short() -> None:
    for room in ROOMS:
        for module in (TOP / room).rglob("*.py"):
            lines = module.read_text(encoding="utf-8").splitlines()
            assert lines, f"{module} is empty"
            assert lines[0].startswith('"""'), f"{module} does not say what it is for"
            assert len(lines) <= LONGEST_MODULE, f"{module} has {len(lines)} lines"


@pytest.mark.parametrize("name", sorted(BotSettings.model_fields))
def test_each_setting_of_the_bot_is_in_the_help_the_docs_and_the_example(name: str) -> None:
    field = BotSettings.model_fields[name]
    assert field.description
    shown = CliRunner().invoke(bot_cli, ["--help"]).output
    assert re.search(rf"^ +{name.upper()}$", shown, re.MULTILINE)
    assert f"| `{name.upper()}` |" in read("docs/operating.md")
    assert re.search(rf"^#? ?{name.upper()}=", read(".env.example"), re.MULTILINE)


def test_what_the_example_says_makes_commands_plant_trees_as_the_bots_own_backend_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TREE_MANAGER__PRESET", raising=False)
    embedded = load_settings(TOP / "no such file", embedded=True)
    assert load_settings(TOP / ".env.example").tree_manager == embedded.tree_manager


def test_each_module_of_a_tasks_life_is_in_the_map_for_contributors() -> None:
    page = read("docs/contributing.md")
    for module in (TOP / "bot/sessions").glob("[!_]*.py"):
        assert f"`{module.name}`" in page


def test_each_command_of_the_bot_is_documented() -> None:
    group = typer.main.get_command(bot_cli)
    assert isinstance(group, typer.core.TyperGroup)
    for name in group.commands:
        assert f"python -m bot {name}" in read("docs/operating.md")


def test_the_invitation_asks_for_just_the_permissions_that_the_bot_uses() -> None:
    needed = 0
    for permission in {*FOR_TASKS, *FOR_LOG, *FOR_ANNOUNCEMENTS}:
        needed |= int(permission)
    readme, texts = read("README.md"), texts_for("en")
    assert f"permissions={needed}\n" in readme
    (table,) = re.findall(r"\| permission \|.*?\n\n", readme, re.DOTALL)
    _, _, *rows = table.strip().splitlines()
    names = {
        texts(f"permission.{permission.name}") for permission in {*FOR_TASKS, *FOR_LOG, *FOR_ANNOUNCEMENTS}
    }
    assert {line.split("|")[1].strip() for line in rows} == names


def test_exact_versions_come_without_an_address() -> None:
    lines = read("constraints.txt").split()
    assert lines
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line) for line in lines)
