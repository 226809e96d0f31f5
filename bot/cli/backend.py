"""The embedded backend as the command line starts it: beside the bot, with a key that nobody else knows."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.settings import BotSettings
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings, load_settings


@asynccontextmanager
async def backend_for(settings: BotSettings) -> AsyncIterator[BotSettings]:
    """Start the embedded backend if the settings name no other one; give the settings that reach it.

    Raises:
        oasst_backend.settings.SettingsError, oasst_backend.errors.SetupError: it cannot start.
    """
    if settings.oasst_api_url:
        yield settings
        return
    async with embedded_backend(load_settings(embedded=True)) as (server, key):
        yield settings.model_copy(update={"oasst_api_url": server.url, "oasst_api_key": key})


@asynccontextmanager
async def embedded_backend(settings: BackendSettings) -> AsyncIterator[tuple[BackendServer, SecretStr]]:
    """Start a backend in a thread of its own, with a new key for the bot besides those of the settings."""
    key = SecretStr(secrets.token_urlsafe(32))
    # The bot's key comes first, so that after each start it stands for the same frontend as before.
    keys = [key, *settings.backend_api_keys]
    server = BackendServer(settings.model_copy(update={"backend_api_keys": keys}))
    await asyncio.to_thread(server.start)
    try:
        yield server, key
    finally:
        await asyncio.to_thread(server.close)
