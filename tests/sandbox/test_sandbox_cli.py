"""The command line as a real process: what it says, how it ends, and what it refuses."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import hikari
import pytest
import typer
from typer.testing import CliRunner

from discord_sandbox.cli import app

ROOT = Path(__file__).parents[2]
ANY_PORTS = ("--port", "0", "--control-port", "0", "--page-port", "0")

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "discord_sandbox", *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    stdout, stderr = process.communicate(timeout=30)
    return process.returncode, stdout, stderr


def get(url: str) -> Any:  # noqa: ANN401 - JSON
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - an address of this machine
        return json.load(response)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_all_is_and_ends_when_it_is_told_to(start: Start, number: signal.Signals) -> None:
    options = ("--guild", "Town", "--people", "Zoë, Max", "--bot", "Helper", "--clock", "frozen")
    process = start("--json", *ANY_PORTS, *options)
    assert process.stdout is not None
    where = json.loads(process.stdout.readline())
    assert set(where) == {"rest_url", "token", "control_url", "page_url"}
    told = get(f"{where['control_url']}sandbox")
    assert (told["rest_url"], told["token"]) == (where["rest_url"], where["token"])
    assert (told["guilds"], told["people"]) == (["Town"], ["Olivia Owner", "Zoë", "Max"])
    assert told["bot"]["name"] == "Helper"
    assert get(f"{where['control_url']}clock")["frozen"]
    asked = urllib.request.Request(  # noqa: S310 - an address of this machine
        f"{where['rest_url']}/users/@me",
        headers={
            "Authorization": f"Bot {where['token']}",
            "User-Agent": "DiscordBot (https://example.org, 1)",
        },
    )
    with urllib.request.urlopen(asked, timeout=10) as response:  # noqa: S310 - an address of this machine
        assert json.load(response)["username"] == "helper"
    assert get(f"{where['page_url']}api/people")["guild"] == "Town"
    process.send_signal(number)
    assert ended(process)[:2] == (0, "")


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ((), "discord"),
        (("--clock", "frozen"), "roomy"),
        (("--rate-limits", "roomy"), "roomy"),
        (("--clock", "frozen", "--rate-limits", "discord"), "discord"),
    ],
)
def test_how_often_the_bot_may_call_is_chosen(start: Start, options: tuple[str, ...], limits: str) -> None:
    process = start("--json", *ANY_PORTS, *options)
    assert process.stdout is not None
    where = json.loads(process.stdout.readline())
    assert get(f"{where['control_url']}clock")["rate_limits"] == limits


@pytest.mark.parametrize("options", [("--clock", "frozen"), ("--rate-limits", "roomy")])
async def test_hikari_goes_on_when_the_clock_is_moved(start: Start, options: tuple[str, ...]) -> None:
    process = start("--json", *ANY_PORTS, *options)
    assert process.stdout is not None
    where = json.loads(process.stdout.readline())
    bot = hikari.GatewayBot(where["token"], rest_url=where["rest_url"], banner=None, logs=None, max_retries=0)
    await bot.start(check_for_updates=False)
    try:
        (guild,) = await bot.rest.fetch_my_guilds()
        (channel, *_) = await bot.rest.fetch_guild_channels(guild)
        async with aiohttp.ClientSession() as session:
            for number in range(12):
                moved = {"seconds": 900}
                async with session.post(f"{where['control_url']}clock/advance", json=moved) as answer:
                    assert (await answer.json())["warning"] is None
                await bot.rest.create_message(channel.id, str(number))
    finally:
        await asyncio.wait_for(bot.close(), timeout=10)


def test_people_can_read_what_it_says(start: Start) -> None:
    process = start(*ANY_PORTS)
    assert process.stdout is not None
    lines = [process.stdout.readline().rstrip() for _ in range(5)]
    assert lines[0].startswith("The bot's REST URL  http://127.0.0.1:")
    assert ".sandbox." in lines[1]
    assert lines[4].endswith("Ctrl+C ends it.")
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == 0


@pytest.mark.parametrize("option", ["--port", "--control-port", "--page-port"])
def test_a_taken_port_is_named(option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = CliRunner().invoke(app, ["--json", *ANY_PORTS, option, port])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"error: Port {port} on 127.0.0.1 is already in use")
    assert option in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--people", "Ada,Ada"), "'Ada' is there already"),
        (("--people", "x" * 33), "longer than 32 characters"),
        (("--intents", "guilds"), "choose of guild_members, guild_presences, message_content"),
        (("--clock", "slow"), "'slow'"),
        (("--rate-limits", "none"), "'none'"),
        (("--port", "70000"), "'--port'"),
        (("--openapi", "nowhere.json"), "There is no file"),
    ],
)
def test_what_makes_no_sense_is_refused(options: tuple[str, ...], said: str) -> None:
    ran = CliRunner().invoke(app, [*ANY_PORTS, *options])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_every_option_is_in_the_help_and_in_the_docs() -> None:
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    documented = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
    for parameter in typer.main.get_command(app).params:
        option = parameter.opts[0]
        assert option in shown.stdout
        assert f"`{option}" in documented
