"""The page about the backend names every setting, command and error code, and no others."""

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

import oasst_backend
from oasst_backend.cli import app
from oasst_backend.errors import Refusal
from oasst_backend.settings import BackendSettings, TreeManagerSettings, setting_names
from oasst_client import OasstErrorCode

ROOM = Path(oasst_backend.__file__).parent
PAGE = ROOM.parent / "docs" / "backend.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def rows(page: str, name: str) -> dict[str, str]:
    """Read the second column of the table rows whose first one is like `name`."""
    return dict(re.findall(rf"^\| `({name})` \| (.*?) \|", page, re.MULTILINE))


def test_every_setting_is_described_with_its_default(page: str) -> None:
    described = rows(page, "[A-Z_]+")
    assert described.keys() == setting_names().keys()
    for model, prefix in ((BackendSettings, ""), (TreeManagerSettings, "TREE_MANAGER__")):
        for name, field in model.model_fields.items():
            default = field.get_default(call_default_factory=True)
            if name == "tree_manager":
                continue
            shown = described[prefix + name.upper()].strip("`")
            if default is None:
                assert shown == "none"
            elif isinstance(default, list):
                assert shown == (", ".join(map(str, default)) or "none")
            elif isinstance(default, bool):
                assert shown == str(default).lower()
            elif isinstance(default, float):
                assert float(shown) == default
            else:
                assert shown == str(default)


def commands(group: TyperGroup, path: str) -> list[tuple[str, TyperCommand]]:
    """List the commands below a group with the words that call them."""
    found: list[tuple[str, TyperCommand]] = []
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            found += commands(command, f"{path} {name}")
        elif isinstance(command, TyperCommand):
            found.append((f"{path} {name}", command))
    return found


def test_every_command_and_option_is_described(page: str) -> None:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    found = commands(root, "python -m oasst_backend")
    table = re.findall(r"^\| `(python -m oasst_backend [a-z ]+?)(?: [A-Z]+)?` \|", page, re.MULTILINE)
    assert sorted(table) == sorted(path for path, _ in found)
    for path, command in found:
        short = path.removeprefix("python -m oasst_backend ")
        for parameter in command.params:
            if isinstance(parameter, TyperOption) and parameter.name != "help":
                assert f"`{short} {parameter.opts[0]}" in page, f"{short} {parameter.opts[0]}"


def test_every_error_code_that_is_emitted_is_described_with_its_status(page: str) -> None:
    emitted = {
        OasstErrorCode[name]
        for path in ROOM.rglob("*.py")
        for name in re.findall(r"OasstErrorCode\.(\w+)", path.read_text(encoding="utf-8"))
    }
    described = {OasstErrorCode(int(code)): int(status) for code, status in rows(page, r"\d+").items()}
    assert described.keys() == emitted
    for code, status in described.items():
        assert status == (503 if code is OasstErrorCode.database_unavailable else Refusal(code, "").status)
