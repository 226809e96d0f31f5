"""Runs the bot on Discord until a signal ends it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import BotApp
from bot.cli.backend import backend_for
from bot.cli.console import out
from bot.cli.lifecycle import stop_event, until_stopped
from bot.settings import BotSettings


async def run_bot_on_discord(settings: BotSettings) -> None:
    """Start the backend if it is needed, then the bot, and wait for the end.

    Raises:
        StartError: the bot cannot start.
    """
    stop = stop_event()
    async with backend_for(settings) as complete, running_bot(complete) as bot:
        out.print("The bot is running. Ctrl+C ends it.")
        await until_stopped(stop, bot.join)


@asynccontextmanager
async def running_bot(settings: BotSettings) -> AsyncIterator[BotApp]:
    """Start a bot and close it however the block ends."""
    bot = BotApp(settings)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.close()
