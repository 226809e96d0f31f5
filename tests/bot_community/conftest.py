"""What these tests share: a database, and the whole bot between the stand-in and a backend."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.app import BotApp
from bot.settings import BotSettings
from bot.store.database import Database, database_path
from discord_sandbox import Actor, Channel, Permission, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from tests.bot_community.small_backend import SmallBackend
from tests.made_databases import backend_database, bot_database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A real database file with every migration applied."""
    opened = Database(database_path(bot_database(tmp_path / "bot.db")))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def backend() -> AsyncIterator[SmallBackend]:
    """A task backend that holds nothing yet."""
    small = SmallBackend()
    await small.start()
    yield small
    await small.close()


@pytest.fixture
def cooldowns() -> dict[str, int]:
    """The settings that slow people down: tests are quicker than people."""
    return {"cooldown_commands": 1000, "cooldown_clicks": 1000}


@pytest.fixture
async def own_backend(tmp_path: Path) -> AsyncIterator[BackendServer]:
    """The project's own task backend; a module that wants it in place of the small one says so."""
    settings = BackendSettings(
        _env_file=None,
        backend_database_url=backend_database(tmp_path / "backend.db"),
        backend_port=0,
        backend_api_keys=["key"],
        tree_manager={"preset": "small"},
    )
    server = await asyncio.to_thread(BackendServer(settings).start)
    yield server
    await asyncio.to_thread(server.close)


@pytest.fixture
async def start_bot(
    tmp_path: Path, sandbox: Sandbox, backend: SmallBackend, cooldowns: dict[str, int]
) -> AsyncIterator[Callable[[], Awaitable[BotApp]]]:
    """Starts the whole bot and waits until it is connected; each start finds the same database."""
    settings = BotSettings(
        _env_file=None,
        bot_token=sandbox.token,
        discord_rest_url=sandbox.rest_url,
        oasst_api_url=backend.url,
        oasst_api_key="key",
        bot_database_url=bot_database(tmp_path / "bot.db"),
    ).model_copy(update=cooldowns)
    async with AsyncExitStack() as running:

        async def start() -> BotApp:
            app = BotApp(settings)
            running.push_async_callback(app.close)
            await app.start()
            await sandbox.bot_ready()
            return app

        yield start


@pytest.fixture
async def bot(start_bot: Callable[[], Awaitable[BotApp]]) -> BotApp:
    """The whole bot, connected."""
    return await start_bot()


async def terms_ledger(database: Database, user_id: int) -> list[tuple[int, str, int, float]]:
    """Read all that the ledger holds of a person, oldest first: version, language, click, time."""
    rows = await database.fetch_all(
        "SELECT version, locale, interaction_id, accepted_at FROM terms_ledger WHERE user_id = ? ORDER BY id",
        (user_id,),
    )
    return [tuple(row) for row in rows]


@pytest.fixture
def alice(sandbox: Sandbox) -> Actor:
    """Let a member in of whom nothing matters but that they are a person."""
    return sandbox.guild.add_member("Alice")


@pytest.fixture
def mia(sandbox: Sandbox) -> Actor:
    """Let somebody in who moderates the server."""
    return sandbox.guild.add_member("Mia", Permission.MANAGE_MESSAGES)


@pytest.fixture
def general(sandbox: Sandbox) -> Channel:
    """Give the channel in which people talk."""
    return sandbox.guild.channel("general")
