"""Runs the bot on Discord until a signal ends it."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import BotApp
from bot.cli.backend import backend_for
from bot.cli.console import out
from bot.cli.lifecycle import stop_event, until_stopped
from bot.errors import BackendUnusableError
from bot.settings import BotSettings
from oasst_client import NotAuthorizedError, OasstApiClient, OasstError, TransportError


async def run_bot_on_discord(settings: BotSettings) -> None:
    """Start the backend if it is needed, then the bot, and wait for the end.

    Raises:
        StartError: the bot cannot start.
    """
    stop = stop_event()
    async with backend_for(settings) as complete:
        await check_backend(complete)
        async with running_bot(complete) as bot:
            # What stands now stands to the end: the collector need not go through it again and again.
            gc.collect()
            gc.freeze()
            out.print("The bot is running. Ctrl+C ends it.")
            await until_stopped(stop, bot.join)


async def check_backend(settings: BotSettings) -> None:
    """See that a backend answers and takes the key, while somebody is there to read what is wrong.

    Raises:
        BackendUnusableError: it does not.
    """
    url = settings.oasst_api_url
    async with OasstApiClient(url, settings.oasst_api_key.get_secret_value()) as client:
        try:
            await client.fetch_valid_labels()
        except TransportError:
            raise BackendUnusableError(
                f"The task backend at {url} does not answer. Start it, correct OASST_API_URL, "
                "or leave that empty for the embedded backend."
            ) from None
        except NotAuthorizedError:
            raise BackendUnusableError(
                f"The task backend at {url} refuses OASST_API_KEY. Put the key that it gave you there."
            ) from None
        except OasstError as error:
            raise BackendUnusableError(
                f"What answers at {url} is not a working task backend ({error}). Correct OASST_API_URL."
            ) from None


@asynccontextmanager
async def running_bot(settings: BotSettings) -> AsyncIterator[BotApp]:
    """Start a bot and close it however the block ends."""
    bot = BotApp(settings)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.close()
