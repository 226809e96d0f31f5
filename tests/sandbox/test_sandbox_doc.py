"""Every example in the sandbox's documentation runs as it stands there, and its tables are complete."""

import ast
import asyncio
import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import hikari
import lightbulb
import pytest

import discord_sandbox.public
from discord_sandbox import Response, Sandbox
from discord_sandbox.control import SandboxControl
from discord_sandbox.control.server import CALLS
from tests.conftest import DESCRIPTION
from tests.sandbox.pytest_run import PLUGIN, ROOT, Run

PAGES = sorted(one.relative_to(ROOT).as_posix() for one in (ROOT / "docs").glob("sandbox*.md"))
KINDS = {"python", "python script", "python pytest", "console"}
"""Statements in a running scene, a whole program, a test file, and a session with the control."""

OTHERS = {"text", "sh"}
"""What is shown, and what installs the package: it would change the environment."""


@dataclass
class Example:
    """A block of a page: what kind it is, in which section it stands, and what it says."""

    page: str
    line: int
    section: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def examples() -> Iterator[Example]:
    for page in PAGES:
        section, kind, begun, block = "", None, 0, list[str]()
        for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("```") and kind is None:
                kind, begun, block = line[3:], number, []
            elif line == "```":
                yield Example(page, begun, section, str(kind), "\n".join(block))
                kind = None
            elif kind is not None:
                block.append(line)
            elif line.startswith("## "):
                section = line


EXAMPLES = [one for one in examples() if one.kind in KINDS]


def of_kind(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", [one for one in EXAMPLES if one.kind == kind], ids=str)


def test_every_example_is_of_a_kind_that_runs() -> None:
    kinds = {one.kind for one in examples()}
    assert kinds == KINDS | OTHERS


@of_kind("python script")
def test_programs_run(example: Example) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", example.text],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Hello!" in ran.stdout.splitlines()


@of_kind("python pytest")
def test_test_files_pass(example: Example, tmp_path: Path) -> None:
    (tmp_path / "test_example.py").write_text(example.text, encoding="utf-8")
    tests = re.findall(r"^async def (test_\w+)", example.text, re.MULTILINE)
    assert tests
    ran = Run(tmp_path, "-p", "pytest_asyncio.plugin", "-p", PLUGIN)
    assert ran.code == 0, ran.text
    for name in tests:
        assert ran.outcomes(name) == ["PASSED"]


# -- examples in a scene ------------------------------------------------------------------------------


class MyBot:
    """The bot that the examples speak of."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.gateway = hikari.GatewayBot(
            sandbox.token, rest_url=sandbox.rest_url, banner=None, logs=None, max_retries=0
        )
        client = lightbulb.client_from_app(self.gateway)

        @client.register
        class Hello(lightbulb.SlashCommand, name="hello", description="Say hello"):
            @lightbulb.invoke
            async def invoke(self, ctx: lightbulb.Context) -> None:
                await ctx.respond("Hello!")

        @client.register
        class Task(lightbulb.SlashCommand, name="task", description="Ask for a task"):
            @lightbulb.invoke
            async def invoke(self, ctx: lightbulb.Context) -> None:
                await ctx.respond("Your task", flags=hikari.MessageFlag.EPHEMERAL)

        @client.register
        class Post(lightbulb.SlashCommand, name="post", description="Answer, and post a message"):
            @lightbulb.invoke
            async def invoke(self, ctx: lightbulb.Context) -> None:
                await ctx.respond("Here it comes.")
                try:
                    await ctx.client.rest.create_message(ctx.channel_id, "x")
                except (hikari.HTTPError, aiohttp.ClientError):
                    return  # the example let it go wrong

        self.gateway.subscribe(hikari.StartingEvent, client.start)
        self._ends: asyncio.Task[None] | None = None

    def get_me(self) -> hikari.OwnUser | None:
        return self.gateway.get_me()

    async def kill(self) -> None:
        # Closing waits for the call in which it is killed, so it cannot be waited for there.
        self._ends = asyncio.ensure_future(self.close())

    async def close(self) -> None:
        if self.gateway.is_alive:
            await asyncio.wait_for(self.gateway.close(), timeout=10)

    async def end(self, sandbox: Sandbox) -> None:
        if self._ends is not None:
            await self._ends
            return
        # hikari hangs when it is closed in the same turn in which a gateway connection ends.
        await sandbox.bot_ready()
        await self.close()


@dataclass
class Stage:
    """A running sandbox with a bot and Alice, who has made the bot post something."""

    sandbox: Sandbox
    my_bot: MyBot
    answer: Response

    @property
    def names(self) -> dict[str, Any]:
        sandbox = self.sandbox
        alice = sandbox.guild.member("Alice")
        general = sandbox.guild.channel("general")
        return {
            **{name: getattr(discord_sandbox, name) for name in discord_sandbox.public.__all__},
            "sandbox": sandbox,
            "faults": sandbox.faults,
            "guild": sandbox.guild,
            "alice": alice,
            "general": general,
            "my_bot": self.my_bot,
            "answer": self.answer,
            "message": alice.messages(general)[-1],
        }


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Sandbox() as sandbox:
        my_bot = MyBot(sandbox)
        await my_bot.gateway.start(check_for_updates=False)
        await sandbox.bot_ready()
        alice = sandbox.guild.add_member("Alice")
        answer = await alice.command("post")
        await alice.until(lambda: len(alice.messages(sandbox.guild.channel("general"))) > 1)
        yield Stage(sandbox, my_bot, answer)
        sandbox.faults.clear()
        await my_bot.end(sandbox)
    assert sandbox.violations == []


SECTIONS: dict[str, list[Example]] = {}
for one in EXAMPLES:
    if one.kind == "python":
        SECTIONS.setdefault(f"{one.page}, {one.section}", []).append(one)


@pytest.mark.parametrize("section", SECTIONS)
async def test_examples_run_in_a_scene(
    section: str, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examples of a section build on each other, as one reads them."""
    monkeypatch.chdir(tmp_path)
    names = stage.names
    for example in SECTIONS[section]:
        if "openapi.json" in example.text:
            if not DESCRIPTION.is_file():
                pytest.skip("Discord's description is not here")
            (tmp_path / "openapi.json").symlink_to(DESCRIPTION)
        code = compile(example.text, str(example), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if (waiting := eval(code, names)) is not None:  # noqa: S307 - our own documentation
            await waiting
        stage.sandbox.faults.clear()


# -- sessions in a shell ------------------------------------------------------------------------------


async def curl(session: aiohttp.ClientSession, command: str, control: str) -> Any:  # noqa: ANN401 - JSON
    """Do what a line of a session does: a call with curl, and perhaps a look into its answer with jq."""
    call, _, look = command.partition(" | ")
    words = shlex.split(call.replace("$CONTROL", control))
    assert words.pop(0) == "curl"
    method, body = "GET", None
    while len(words) > 1:
        option, value = words.pop(0), words.pop(0)
        assert option in {"--json", "-X"}
        method, body = ("POST", value) if option == "--json" else (value, body)
    headers = {} if body is None else {"Content-Type": "application/json"}
    async with session.request(method, words[0], data=body, headers=headers) as response:
        found = await response.json()
    for step in look.removeprefix("jq ").split(".")[1:]:
        found = found[step]
    return found


@of_kind("console")
async def test_sessions_in_a_shell_go_as_they_are_shown(example: Example, stage: Stage) -> None:
    stage.sandbox.guild.add_member("Ada")
    lines = iter(example.text.splitlines())
    async with SandboxControl(stage.sandbox) as control, aiohttp.ClientSession() as session:
        for line in lines:
            found = await curl(session, line.removeprefix("$ "), control.url.rstrip("/"))
            assert found == json.loads(next(lines)), line


# -- the table of calls -------------------------------------------------------------------------------


def test_every_call_of_the_control_is_documented_with_what_it_takes() -> None:
    page = (ROOT / "docs/sandbox-control.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z]+ /\S*)` \| (.*?) ?\| (.+) \|$", page, re.MULTILINE)
    documented = {call: set(re.findall(r"`(\w+\??)`", fields)) for call, fields, _ in rows}
    assert len(documented) == len(rows)
    assert documented == {
        f"{one.method} {one.path}": {
            name if field.is_required() else f"{name}?" for name, field in one.body.model_fields.items()
        }
        for one in CALLS
    }


def test_every_error_of_the_control_is_documented() -> None:
    page = (ROOT / "docs/sandbox-control.md").read_text(encoding="utf-8")
    folders = [ROOT / "discord_sandbox" / name for name in ("control", "loopback")]
    source = "".join(one.read_text(encoding="utf-8") for folder in folders for one in folder.glob("*.py"))
    codes = set(re.findall(r'HTTPStatus\.[A-Z_]+,\s*"(\w+)"|HTTPStatus\(error\.status\), "(\w+)"', source))
    assert {first or second for first, second in codes} == set(
        re.findall(r"`(\w+)`", "".join(re.findall(r"^\| \w+ \| (.*?) \|", page, re.MULTILINE)))
    )


def test_every_fixture_of_the_plugin_is_documented() -> None:
    from discord_sandbox import pytest_plugin  # noqa: PLC0415 - pytest has it already; this only looks

    page = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
    fixtures = [
        name for name, one in inspect.getmembers(pytest_plugin) if "FixtureFunction" in type(one).__name__
    ]
    assert "sandbox" in fixtures
    for name in fixtures:
        assert re.search(rf"^\| .*`{name}`", page, re.MULTILINE), name
