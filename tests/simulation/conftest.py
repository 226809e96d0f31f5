"""The trees that the simulation's tests play, and a running world to play them in."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import BotApp
from bot.settings import BotSettings
from discord_sandbox import RateLimits, Sandbox
from oasst_backend.exporting import ExportChoice, export_trees
from oasst_backend.importing import import_prompts
from oasst_backend.server import BackendServer
from oasst_backend.service.tree_counts import state_counts
from oasst_backend.settings import BackendSettings, TreeManagerSettings
from oasst_backend.storage.database import Storage
from simulation import EXAMPLES
from simulation.script import Script
from simulation.verify import differences
from tests.made_databases import backend_database, bot_database

REAL = Path(__file__).parents[3] / "shared" / "data" / "oasst_trees_60.jsonl"
SMALL = Path(__file__).parent / "small_tree.jsonl"

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


@dataclass
class World:
    """A sandbox with the bot and the backend, and a script whose prompts are imported."""

    sandbox: Sandbox
    server: BackendServer
    settings: BackendSettings
    script: Script
    folder: Path

    def import_prompts(self, prompts: list[Tree]) -> None:
        """Put prompts under review."""
        path = self.folder / "prompts.jsonl"
        path.write_text("".join(json.dumps(prompt) + "\n" for prompt in prompts), encoding="utf-8")
        import_prompts(self.storage, self.settings, path)

    @property
    def storage(self) -> Storage:
        """The backend's open storage."""
        assert self.server.storage is not None
        return self.server.storage

    async def is_finished(self) -> bool:
        """Tell whether all trees are ready and all spam is judged."""
        states = await asyncio.to_thread(self.storage.read_now, state_counts)
        over = states.pop("ready_for_export", 0) == len(self.script.trees)
        states.pop("aborted_low_grade", None)
        return over and not any(states.values())

    def differences(self) -> list[str]:
        """Export, and compare with the script."""
        path = self.folder / "export.jsonl"
        export_trees(self.storage, path, ExportChoice())
        return differences(path, self.script)


@pytest.fixture
def tree_file() -> Path:
    """Give the file that is played."""
    return SMALL


@pytest.fixture
def long_tree_file(write: Callable[[list[Tree]], Path]) -> Path:
    """Give a file in which what is ranked is too long to be shown in full."""
    tree: Tree = json.loads(SMALL.read_text(encoding="utf-8"))
    for number, reply in enumerate(tree["prompt"]["replies"]):
        reply["text"] += "\n\n" + " ".join(f"Reason {number}.{count}." for count in range(250))
    return write([tree])


@pytest.fixture
async def world(tmp_path: Path, tree_file: Path) -> AsyncIterator[World]:
    """Give one small tree with every kind of task in a running world; its prompt is not imported yet."""
    script = Script.read(tree_file, seed=4)
    needs = script.requirements()
    settings = BackendSettings(
        _env_file=None,
        backend_database_url=backend_database(tmp_path / "backend.db"),
        backend_port=0,
        backend_api_keys=[SecretStr("key")],
        message_size_limit=needs.message_size_limit,
        tree_manager=TreeManagerSettings.model_validate(needs.tree_manager()),
    )
    rng = random.Random(4)  # noqa: S311  # a repeatable play, no secret
    with BackendServer(settings, rng=rng) as server:
        async with Sandbox(rate_limits=RateLimits.roomy()) as sandbox:
            app = BotApp(
                BotSettings(
                    _env_file=None,
                    bot_token=SecretStr(sandbox.token),
                    oasst_api_url=server.url,
                    oasst_api_key=SecretStr("key"),
                    bot_database_url=bot_database(tmp_path / "bot.db"),
                    discord_rest_url=sandbox.rest_url,
                    message_size_limit=needs.message_size_limit,
                    # These people act in fast motion.
                    cooldown_commands=1000,
                    cooldown_clicks=1000,
                )
            )
            await app.start()
            try:
                yield World(sandbox, server, settings, script, tmp_path)
            finally:
                await app.close()
            assert sandbox.violations == []
