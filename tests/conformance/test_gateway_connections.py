"""Connections that go wrong: how each ends, so that neither the sandbox nor a client hangs."""

import asyncio

import aiohttp

from discord_sandbox import Sandbox
from discord_sandbox.gateway.troubles import Troubles
from discord_sandbox.intents import Intent
from tests.raw_gateway import raw_gateway


class Broken(Troubles):
    """A fault that has a fault of its own."""

    def swallows_heartbeat(self) -> bool:
        raise RuntimeError("nobody thought of this")


async def test_a_failure_of_the_sandbox_closes_the_connection_and_is_recorded(sandbox: Sandbox) -> None:
    """Page topics/opcodes-and-status-codes: 4000, the bot should reconnect."""
    async with raw_gateway(sandbox, 0) as client:
        sandbox.gateway.troubles = Broken()
        await client.send(1, None)
        assert await client.closed() == 4000
    (line,) = sandbox.violations
    assert "the sandbox itself failed: RuntimeError('nobody thought of this')" in line


async def test_closing_the_sandbox_closes_connections_that_have_not_identified(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox) as client, raw_gateway(sandbox, 0) as identified:
        closing = asyncio.ensure_future(sandbox.close())
        assert await client.closed() == 1001
        assert await identified.closed() == 1001
        async with asyncio.timeout(0.9):
            await closing


async def test_a_client_that_does_not_read_is_dropped_all_the_same(sandbox: Sandbox) -> None:
    alice = sandbox.guild.add_member("Alice")
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES):
        await _flood(sandbox, 2_500)
        sandbox.gateway.drop()
        await alice.until(lambda: not sandbox.gateway.connections, what="the end of the connection")


async def test_a_client_that_never_reads_is_cut_off(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES):
        await _flood(sandbox, 2_500)
        async with asyncio.timeout(20):
            while sandbox.gateway.connections:
                for _ in range(1000):
                    sandbox.gateway.ask_for_heartbeat()
                await asyncio.sleep(0)
        assert not sandbox.gateway.connected
        assert sandbox.gateway.sessions, "the session can be resumed"


async def test_a_client_that_does_not_close_its_side_is_cut_off(sandbox: Sandbox) -> None:
    alice = sandbox.guild.add_member("Alice")
    params = {"v": "10", "encoding": "json"}
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(sandbox.gateway.url, params=params, autoclose=False) as socket,
    ):
        await socket.receive()
        await socket.send_str('{"op":99,"d":null}')
        await alice.until(lambda: not sandbox.gateway.connections, what="the end of the connection")


async def _flood(sandbox: Sandbox, times: int) -> None:
    """Send more than the machine keeps for a client that does not read, until the writing stands still."""
    author = sandbox.guild.add_member("Flood")
    for _ in range(times):
        author.send(sandbox.guild.channel("general"), "x" * 2000)
    await asyncio.sleep(0)
