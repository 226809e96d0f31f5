"""The trees that the simulation's tests play."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulation import EXAMPLES
from simulation.script import Script

REAL = Path(__file__).parents[3] / "shared" / "data" / "oasst_trees_60.jsonl"

Tree = dict[str, Any]


@pytest.fixture
def script() -> Script:
    return Script.read(EXAMPLES, seed=1)


@pytest.fixture
def trees() -> list[Tree]:
    """Give the example trees as they stand in the file."""
    return [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[list[Tree]], Path]:
    """Give a function that writes trees to a file."""

    def write_trees(trees: list[Tree]) -> Path:
        path = tmp_path / "trees.jsonl"
        path.write_text("".join(json.dumps(tree) + "\n" for tree in trees), encoding="utf-8")
        return path

    return write_trees


@pytest.fixture
def real_file() -> Path:
    """Give a file of 60 real trees where one lies beside the project."""
    if not REAL.exists():
        pytest.skip("there is no file of real trees beside the project")
    return REAL


@pytest.fixture(params=["examples", "real"])
def any_file(request: pytest.FixtureRequest) -> Path:
    """Give our examples, then the real trees."""
    if request.param == "examples":
        return EXAMPLES
    path: Path = request.getfixturevalue("real_file")
    return path
