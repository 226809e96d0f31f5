"""A sandbox, a real small bot (hikari, lightbulb, miru) that runs against it, and a plain REST client."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from discord_sandbox import Actor, RateLimits, Sandbox, SandboxGuild
from discord_sandbox.control import SandboxControl
from tests.calling import Api, client_headers
from tests.sandbox.control_client import Control
from tests.sandbox.desk import Desk, open_desk
from tests.small_bot import bot, make_bot

__all__ = ["bot", "make_bot"]  # fixtures


@pytest.fixture
async def strict_sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox for tests that provoke violations on purpose."""
    async with Sandbox(rate_limits=RateLimits.roomy()) as running:
        yield running


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield opened


@pytest.fixture
def alice(guild: SandboxGuild) -> Actor:
    return guild.add_member("Alice", locale="de")


@pytest.fixture
def bob(guild: SandboxGuild) -> Actor:
    return guild.add_member("Bob")


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(headers=client_headers(sandbox)) as session:
        yield Api(session, sandbox.rest_url)


@pytest.fixture
async def strict_api(strict_sandbox: Sandbox) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(headers=client_headers(strict_sandbox)) as session:
        yield Api(session, strict_sandbox.rest_url)


@pytest.fixture
async def control(sandbox: Sandbox) -> AsyncIterator[Control]:
    """Give the control of the sandbox, in which Ada and Ben are."""
    async with SandboxControl(sandbox) as running, aiohttp.ClientSession() as session:
        client = Control(session, running.url.rstrip("/"))
        for name in ("Ada", "Ben"):
            await client.post("/guilds/Sandbox/people", name=name)
        yield client
