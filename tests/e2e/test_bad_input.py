"""What an operator gets wrong: one clear line that says what to do, a non-zero exit, nothing half-done."""

import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing

import pytest
from aiohttp import web

from discord_sandbox import RateLimits, Sandbox
from tests.e2e.conftest import CommandLine

A_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.ghijkl"
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@asynccontextmanager
async def something_else() -> AsyncIterator[str]:
    """Listen as a web server that is no task backend."""
    app = web.Application()
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("BOT_TOKN=x", "line 1: BOT_TOKN is not a setting; do you mean BOT_TOKEN?"),
        ("TREE_MANAGER__GOAL=3", "TREE_MANAGER__GOAL is not a setting"),
        ("LOG_LEVEL=loud", "LOG_LEVEL"),
        ("BACKEND_PORT=many", "BACKEND_PORT"),
        ("TREE_MANAGER__NUM_REQUIRED_RANKINGS=0", "TREE_MANAGER__NUM_REQUIRED_RANKINGS"),
        ("no equals sign", "line 1: this is not of the form NAME=value"),
    ],
)
async def test_a_mistake_in_the_settings(run: CommandLine, line: str, words: str) -> None:
    (run.folder / ".env").write_text(line + "\n", encoding="utf-8")
    ended = await run("bot", "run")
    assert ended.code == 2
    assert len(ended.errors) == 1
    assert words in ended.errors[0]


async def test_no_token(run: CommandLine) -> None:
    ended = await run("bot", "run")
    assert ended.code == 2
    assert len(ended.errors) == 1
    assert "BOT_TOKEN is empty" in ended.errors[0]
    assert "python -m bot sandbox" in ended.errors[0]


async def test_a_token_that_discord_refuses(run: CommandLine) -> None:
    async with Sandbox(rate_limits=RateLimits.roomy()) as sandbox:
        ended = await run(
            "bot", "run", BOT_TOKEN=A_TOKEN, DISCORD_REST_URL=sandbox.rest_url, BACKEND_PORT="0"
        )
    assert ended.code == 1
    assert sandbox.violations == []
    assert ended.errors == ["error: Discord refuses BOT_TOKEN; copy it anew from the developer portal."]


async def test_something_that_is_no_token(run: CommandLine) -> None:
    ended = await run("bot", "run", BOT_TOKEN="my token", BACKEND_PORT="0")
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert "BOT_TOKEN is not a bot's token" in ended.errors[0]
    assert "my token" not in ended.errors[0]


async def test_discord_that_is_not_there(run: CommandLine) -> None:
    ended = await run("bot", "run", BOT_TOKEN=A_TOKEN, DISCORD_REST_URL=f"{NOBODY}/api/v10", BACKEND_PORT="0")
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert f"Discord cannot be reached at {NOBODY}/api/v10" in ended.errors[0]


async def test_a_backend_that_is_not_there(run: CommandLine) -> None:
    ended = await run("bot", "run", BOT_TOKEN=A_TOKEN, OASST_API_URL=NOBODY)
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert f"The task backend at {NOBODY} does not answer. Start it" in ended.errors[0]


async def test_a_backend_that_is_something_else(run: CommandLine) -> None:
    async with something_else() as url:
        ended = await run("bot", "run", BOT_TOKEN=A_TOKEN, OASST_API_URL=url)
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert f"What answers at {url} is not a working task backend" in ended.errors[0]


async def test_a_port_that_is_taken(run: CommandLine, taken_port: int) -> None:
    port = str(taken_port)
    for command in (("bot", "run"), ("oasst_backend", "serve")):
        ended = await run(*command, BOT_TOKEN=A_TOKEN, BACKEND_PORT=port)
        assert ended.code == 1
        assert len(ended.errors) == 1
        assert f"port {port} on 127.0.0.1 is taken" in ended.errors[0]
        assert "BACKEND_PORT" in ended.errors[0]
    ended = await run("bot", "sandbox", "--port", port)
    assert ended.code == 1
    assert ended.errors[-1].startswith(f"error: Port {port} on 127.0.0.1 is already in use")


async def test_a_description_of_discord_that_is_missing(run: CommandLine) -> None:
    ended = await run("bot", "sandbox", DISCORD_OPENAPI="none.json")
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert "none.json" in ended.errors[0]
    assert "unset DISCORD_OPENAPI" in ended.errors[0]


@pytest.mark.parametrize(
    "command", [("bot", "demo", "--trees", "none.jsonl"), ("oasst_backend", "import", "none.jsonl")]
)
async def test_a_file_that_is_missing(run: CommandLine, command: tuple[str, ...]) -> None:
    ended = await run(*command)
    assert ended.code != 0
    assert len(ended.errors) == 1
    assert "none.jsonl" in ended.errors[0]


async def test_one_broken_line_and_nothing_is_imported(run: CommandLine) -> None:
    path = run.folder / "prompts.jsonl"
    good = json.dumps("How do bees find home?")
    path.write_text(f'{good}\n{{"text": 7}}\n{good}\n"open\n', encoding="utf-8")
    ended = await run("oasst_backend", "import", str(path))
    assert ended.code == 2
    assert [line.split(": ")[2] for line in ended.errors] == ["line 2", "line 4"]

    out = run.folder / "trees.jsonl"
    assert (await run("oasst_backend", "export", "--all", str(out))).code == 0
    assert out.read_text(encoding="utf-8") == ""


async def test_a_folder_instead_of_a_file(run: CommandLine) -> None:
    ended = await run("bot", "demo", "--trees", str(run.folder))
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert "this is a folder" in ended.errors[0]


async def test_a_broken_file_of_trees_is_not_played(run: CommandLine) -> None:
    path = run.folder / "trees.jsonl"
    path.write_text('{"prompt": 1}\nnot json\n', encoding="utf-8")
    ended = await run("bot", "demo", "--trees", str(path))
    assert ended.code == 1
    assert len(ended.errors) == 2
    assert "line 1" in ended.errors[0]
    assert "line 2" in ended.errors[1]
