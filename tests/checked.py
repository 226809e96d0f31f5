"""Shows in a folder of tests that what its bot sends is checked against Discord's own description."""

import os

import aiohttp
import pytest

from discord_sandbox import Sandbox
from tests.calling import Api, client_headers

needs_description = pytest.mark.skipif(
    not os.environ.get("DISCORD_OPENAPI"),
    reason=(
        "Discord's openapi.json is not here, so the requests of the bot were NOT checked against it; "
        "name its path in DISCORD_OPENAPI"
    ),
)


async def assert_checked(sandbox: Sandbox) -> None:
    """Assert that what the bot has called so far was right, and that a difference would be noticed."""
    assert [one for one in sandbox.requests if one.method != "GET"], "the bot has sent nothing yet"
    assert sandbox.violations == []
    sandbox.guild.guild.name = 7  # type: ignore[assignment]  # that is the difference
    async with aiohttp.ClientSession(headers=client_headers(sandbox)) as session:
        assert (await Api(session, sandbox.rest_url)("GET", f"/guilds/{sandbox.guild.id}"))[0] == 200
    assert len(sandbox.violations) == 1, sandbox.violations
    assert "$.name" in sandbox.violations[0]
