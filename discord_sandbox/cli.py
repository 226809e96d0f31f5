"""The sandbox's command line: a little Discord with a control for tests and a page for people."""

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from discord_sandbox.clock import Clock
from discord_sandbox.control import SandboxControl
from discord_sandbox.errors import PortTakenError
from discord_sandbox.intents import PRIVILEGED, Intent
from discord_sandbox.openapi import DescriptionError
from discord_sandbox.page import SandboxPage
from discord_sandbox.rest.rate_limits import RateLimits
from discord_sandbox.sandbox import Sandbox

EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2

_LONGEST_NAME = 32
_INTENTS = {one.name.lower(): one for one in Intent if one & PRIVILEGED and one.name}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
out = Console(highlight=False, soft_wrap=True)


class LimitsKind(StrEnum):
    """How often the bot may call."""

    discord = "discord"
    roomy = "roomy"


class ClockKind(StrEnum):
    """How the sandbox's clock begins."""

    running = "running"
    frozen = "frozen"


def fail(message: str, code: int) -> NoReturn:
    """End with one clear line on stderr."""
    sys.stderr.write(f"error: {message}\n")
    raise typer.Exit(code)


@app.command()
def serve(  # noqa: PLR0913 - a command line has many options, all by name
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port of REST and gateway.")] = 8092,
    control_port: Annotated[int, typer.Option(min=0, max=65535, help="The port of the control.")] = 8091,
    page_port: Annotated[int, typer.Option(min=0, max=65535, help="The port of the page.")] = 8090,
    guild: Annotated[str, typer.Option(help="What the guild is called.")] = "Sandbox",
    people: Annotated[str, typer.Option(help="Who is in it, separated by commas.")] = "Ada,Ben",
    bot: Annotated[str, typer.Option(help="What the bot is called.")] = "Sandbox Bot",
    intents: Annotated[
        str,
        typer.Option(help=f"The privileged intents that the bot may use, of {', '.join(_INTENTS)}."),
    ] = "",
    clock: Annotated[
        ClockKind, typer.Option(help="Whether time runs, or stands still until the control moves it.")
    ] = ClockKind.running,
    rate_limits: Annotated[
        LimitsKind | None,
        typer.Option(
            help="How often the bot may call: about as often as with Discord, or as often as it likes. "
            "By default discord with a running clock and roomy with a frozen one.",
            show_default=False,
        ),
    ] = None,
    openapi: Annotated[
        Path | None,
        typer.Option(help="Discord's own description, against which all calls are checked."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say where it all is in one line of JSON.")] = False,
) -> None:
    """Run a little Discord on this machine.

    It has REST and a gateway for a bot, a control for tests, and a page for people. A port of 0 takes any
    free one. Nothing is kept when it ends.
    """
    try:
        sandbox = Sandbox(
            port=port,
            clock=Clock(frozen=clock is ClockKind.frozen),
            guild_name=guild,
            bot_name=bot,
            privileged_intents=_intents(intents),
            rate_limits=_limits(rate_limits, clock),
            openapi=openapi,
        )
    except DescriptionError as error:
        fail(str(error), EXIT_BAD_INPUT)
    _let_in(sandbox, people)
    try:
        asyncio.run(_run(sandbox, control_port, page_port, as_json=as_json))
    except PortTakenError as error:
        fail(f"{error} The options are --port, --control-port and --page-port.", EXIT_FAILURE)


async def _run(sandbox: Sandbox, control_port: int, page_port: int, *, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as running:
        await running.enter_async_context(sandbox)
        control = await running.enter_async_context(SandboxControl(sandbox, port=control_port))
        page = await running.enter_async_context(SandboxPage(sandbox, port=page_port))
        where = {
            "rest_url": sandbox.rest_url,
            "token": sandbox.token,
            "control_url": control.url,
            "page_url": page.url,
        }
        if as_json:
            sys.stdout.write(f"{json.dumps(where)}\n")
            sys.stdout.flush()
        else:
            _show(where)
        await stop.wait()


def _show(where: dict[str, str]) -> None:
    out.print(f"The bot's REST URL  [bold]{where['rest_url']}[/bold]")
    out.print(f"The bot's token     [bold]{where['token']}[/bold]")
    out.print(f"For tests           [bold]{where['control_url']}[/bold]")
    out.print(f"For people          [bold]{where['page_url']}[/bold]")
    out.print("Nothing is kept when this ends. Ctrl+C ends it.")


def _let_in(sandbox: Sandbox, people: str) -> None:
    for name in filter(None, map(str.strip, people.split(","))):
        if len(name) > _LONGEST_NAME:
            fail(f"--people: {name!r} is longer than {_LONGEST_NAME} characters; shorten it.", EXIT_BAD_INPUT)
        if any(one.name == name for one in sandbox.people):
            fail(
                f"--people: {name!r} is there already; give each person a name of their own.", EXIT_BAD_INPUT
            )
        sandbox.guild.add_member(name)


def _limits(wanted: LimitsKind | None, clock: ClockKind) -> RateLimits:
    by_default = LimitsKind.roomy if clock is ClockKind.frozen else LimitsKind.discord
    return RateLimits.roomy() if (wanted or by_default) is LimitsKind.roomy else RateLimits()


def _intents(names: str) -> int:
    bits = 0
    for name in filter(None, map(str.strip, names.split(","))):
        if name not in _INTENTS:
            fail(
                f"--intents: {name!r} is no privileged intent; choose of {', '.join(_INTENTS)}.",
                EXIT_BAD_INPUT,
            )
        bits |= _INTENTS[name]
    return int(bits)
