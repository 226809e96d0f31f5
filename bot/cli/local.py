"""The whole product on this machine: stand-in, backend and bot, each reached by its loopback address."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from bot.app import BotApp
from bot.cli.backend import embedded_backend
from bot.cli.run import running_bot
from bot.settings import BotSettings
from discord_sandbox import RateLimits, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

IN_FAST_MOTION: Final = 1000
"""Commands or clicks of one person at which they still are no flood."""


@dataclass(frozen=True)
class LocalParts:
    """The running parts."""

    sandbox: Sandbox
    backend: BackendServer
    backend_settings: BackendSettings
    bot: BotApp

    @property
    def storage(self) -> Storage:
        """The backend's storage, open as long as the backend runs."""
        if self.backend.storage is None:
            raise RuntimeError("The backend has been closed.")
        return self.backend.storage


@asynccontextmanager
async def local_parts(
    settings: BotSettings, backend_settings: BackendSettings, folder: Path
) -> AsyncIterator[LocalParts]:
    """Start all parts, with their databases in `folder`, and wait until the bot's commands can be used.

    Raises:
        StartError: the bot cannot start.
        oasst_backend.errors.SetupError: the backend cannot start.
    """
    backend_settings = backend_settings.model_copy(
        update={
            "backend_database_url": f"sqlite:///{folder / 'backend.db'}",
            "backend_host": "127.0.0.1",
            "backend_port": 0,
        }
    )
    # Its people act in fast motion, which Discord's rate limits and the bot's cooldowns would slow down.
    async with (
        Sandbox(rate_limits=RateLimits.roomy()) as sandbox,
        embedded_backend(backend_settings) as (backend, key),
    ):
        bot_settings = settings.model_copy(
            update={
                "bot_token": SecretStr(sandbox.token),
                "discord_rest_url": sandbox.rest_url,
                "oasst_api_url": backend.url,
                "oasst_api_key": key,
                "bot_database_url": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
                "message_size_limit": backend_settings.message_size_limit,
                "declare_guild_ids": [],
                "cooldown_commands": IN_FAST_MOTION,
                "cooldown_clicks": IN_FAST_MOTION,
            }
        )
        async with running_bot(bot_settings) as bot:
            await sandbox.bot_ready()
            yield LocalParts(sandbox, backend, backend_settings, bot)


def write_prompts(prompts: Sequence[Mapping[str, object]], folder: Path) -> Path:
    """Write prompts as a file that the backend imports."""
    path = folder / "prompts.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(prompt) + "\n" for prompt in prompts)
    return path
