"""What the tests of the rules and of the dataset share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real_trees() -> Path:
    """A file of real trees, where the reference material lies beside the project."""
    return _reference("oasst_trees_60.jsonl")


@pytest.fixture(scope="session")
def real_prompts() -> Path:
    """A file of real prompts, where the reference material lies beside the project."""
    return _reference("oasst_prompts_150.jsonl")


@pytest.fixture(scope="session")
def docs() -> Path:
    """The folder of the documentation."""
    return ROOT / "docs"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test writes lines of the dataset."""
    return tmp_path / "file.jsonl"


def _reference(name: str) -> Path:
    path = ROOT.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the reference file ../shared/data/{name} is not here")
    return path
