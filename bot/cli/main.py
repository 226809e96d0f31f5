"""The commands: `run`, `sandbox` and `demo`; without one, `run` if there is a token, else `sandbox`.

What runs takes seconds to import, so each command imports it once the settings are found to be right: the
help and what is wrong with a setting come at once.
"""

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

import oasst_backend.settings
from bot.cli.console import EXIT_BAD_INPUT, fail
from bot.cli.settings_help import settings_help
from bot.errors import SettingsError
from bot.settings import BotSettings, load_settings

app = typer.Typer(
    help="A Discord bot with which communities write, rank and label conversations for language models.",
    epilog=settings_help(),
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DEFAULT_PAGE_PORT = 8090

Port = Annotated[
    int, typer.Option(min=0, max=65535, help="The port of the page on this machine; 0: any free one.")
]


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Run on Discord if BOT_TOKEN is set, else on this machine."""
    if context.invoked_subcommand is not None:
        return
    settings = _settings()
    if settings.bot_token.get_secret_value():
        _run(settings)
    else:
        _sandbox(settings, DEFAULT_PAGE_PORT)


@app.command(epilog=settings_help())
def run() -> None:
    """Run the bot on Discord.

    The embedded backend comes along, unless OASST_API_URL names another one.
    """
    settings = _settings()
    if not settings.bot_token.get_secret_value():
        fail(
            "BOT_TOKEN is empty. Put your bot's token into .env, or try the bot without Discord: "
            "python -m bot sandbox",
            code=EXIT_BAD_INPUT,
        )
    _run(settings)


@app.command()
def sandbox(port: Port = DEFAULT_PAGE_PORT) -> None:
    """Try it all on this machine.

    A page in the browser stands in for Discord; nothing is kept.
    """
    _sandbox(_settings(), port)


@app.command()
def demo(
    trees: Annotated[
        Path | None, typer.Option(help="A file of trees in the dataset's format; default: the examples.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the dataset is written.")] = Path("data/demo/trees.jsonl"),
    seed: Annotated[int, typer.Option(help="The same seed, the same choices.")] = 0,
) -> None:
    """Watch a simulated community at work.

    It turns prompts into a dataset, which is then compared with the file that it plays.
    """
    settings = _settings()
    from bot.cli.demo import run_demo
    from bot.logging import set_up_logging

    if "log_level" not in settings.model_fields_set:
        set_up_logging("WARNING")  # what people do is in the progress display already
    _finish(run_demo(settings, trees=trees, out_path=out, seed=seed))


def _run(settings: BotSettings) -> None:
    from bot.cli.run import run_bot_on_discord

    _finish(run_bot_on_discord(settings))


def _sandbox(settings: BotSettings, page_port: int) -> None:
    from bot.cli.sandbox import run_sandbox

    _finish(run_sandbox(settings, page_port=page_port))


def _settings() -> BotSettings:
    """Read all settings, those of the embedded backend too, so that every mistake is named at once."""
    # The reader of .env warns of a broken line in its own words; ours name the line and what to do.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    problems: list[str] = []
    settings = None
    try:
        settings = load_settings()
    except SettingsError as error:
        problems += error.problems
    try:
        oasst_backend.settings.load_settings(embedded=True)
    except oasst_backend.settings.SettingsError as error:
        problems += error.problems
    if settings is None or problems:
        fail(list(dict.fromkeys(problems)), code=EXIT_BAD_INPUT)
    from bot.logging import set_up_logging

    set_up_logging(settings.log_level)
    return settings


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end and turn every foreseen failure into clear lines and an exit code."""
    from bot.cli.problems import EXPECTED, problem_lines

    try:
        asyncio.run(work)
    except EXPECTED as error:
        fail(problem_lines(error))
