"""The gateway's protocol as Discord documents it: hello, heartbeats, encodings, presence and voice states."""

import contextlib
import importlib
import json
import zlib
from typing import Any

import aiohttp
import pytest

from discord_sandbox import GatewaySettings, Sandbox
from discord_sandbox.intents import Intent
from tests.conformance.test_gateway_closing import PRESENCE, be_silent
from tests.raw_gateway import raw_gateway


async def test_hello_comes_first_and_heartbeats_are_answered(sandbox: Sandbox) -> None:
    """Page events/gateway, hello event and sending heartbeats."""
    async with raw_gateway(sandbox) as client:
        assert client.frames == [{"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None}]
        for latest in (None, 5):
            await client.send(1, latest)
            assert await client.receive() == {"op": 11, "d": None, "s": None, "t": None}


async def test_the_interval_can_be_set() -> None:
    async with (
        Sandbox(gateway=GatewaySettings(heartbeat_interval=0.5)) as sandbox,
        raw_gateway(sandbox) as client,
    ):
        assert client.frames[0]["d"] == {"heartbeat_interval": 500}


async def test_a_client_that_sends_heartbeats_is_never_closed(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox, 0) as client:
        for _ in range(10):
            sandbox.clock.advance(41)
            await client.send(1, client.seq)
            await client.until_op(11)
        assert sandbox.gateway.connected
        assert [frame for frame in client.frames if frame["op"] == 1] == []


async def test_a_client_that_was_silent_can_resume(sandbox: Sandbox) -> None:
    """Page events/gateway: you will be forced to resume."""
    async with raw_gateway(sandbox, 0) as client:
        await be_silent(client, sandbox)
        assert await client.closed() == 4000
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        await again.until("RESUMED")


async def test_a_heartbeat_that_is_asked_for_can_be_answered(sandbox: Sandbox) -> None:
    """Page events/gateway, heartbeat requests."""
    async with raw_gateway(sandbox, 0) as client:
        sandbox.gateway.ask_for_heartbeat()
        assert await client.until_op(1) is None
        sandbox.clock.advance(3600)
        await client.until_op(1)
        await client.send(1, client.seq)
        await client.until_op(11)
        sandbox.clock.advance(61)
        assert await client.heard("READY")


@pytest.mark.parametrize("compress", ["zlib-stream", None])
async def test_frames_come_as_asked(sandbox: Sandbox, compress: str | None) -> None:
    """Page events/gateway, transport compression; without it frames are texts."""
    query = {} if compress is None else {"compress": compress}
    async with raw_gateway(sandbox, Intent.GUILDS, query=query) as client:
        guild = await client.until("GUILD_CREATE")
        assert guild["name"] == "Sandbox"
        sandbox.gateway.ask_to_reconnect()
        message = await client.socket.receive()
        if compress is None:
            assert message.type is aiohttp.WSMsgType.TEXT
        else:
            assert message.type is aiohttp.WSMsgType.BINARY
            assert message.data.endswith(b"\x00\x00\xff\xff")


async def test_large_payloads_are_compressed_one_by_one_where_there_is_no_stream(sandbox: Sandbox) -> None:
    """Page events/gateway, payload compression: zlib format, no shared context, not for all payloads."""
    async with raw_gateway(sandbox) as client:
        await client.send(2, {"token": sandbox.token, "intents": 1, "properties": {}, "compress": True})
        kinds = {}
        for name in ("READY", "GUILD_CREATE"):
            message = await client.socket.receive(timeout=5)
            raw = zlib.decompress(message.data) if message.type is aiohttp.WSMsgType.BINARY else message.data
            assert json.loads(raw)["t"] == name
            kinds[name] = message.type
        assert kinds == {"READY": aiohttp.WSMsgType.TEXT, "GUILD_CREATE": aiohttp.WSMsgType.BINARY}


async def test_payload_compression_is_off_where_there_is_a_stream(sandbox: Sandbox) -> None:
    query = {"compress": "zlib-stream"}
    async with raw_gateway(sandbox, Intent.GUILDS, query=query, compress=True) as client:
        assert (await client.until("GUILD_CREATE"))["name"] == "Sandbox"


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        (
            {"compress": "lz4-stream"},
            "gateway: compress=lz4-stream is not known here; there is zlib-stream and zstd-stream",
        ),
        ({"encoding": "etf"}, "gateway: encoding=etf is not known here; there is json"),
        ({"colour": "red"}, "gateway: the parameter colour is not known here"),
    ],
)
async def test_what_the_sandbox_cannot_do_is_refused_loudly(
    sandbox: Sandbox, query: dict[str, str], complaint: str
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with raw_gateway(sandbox, query=query):
            pass
    assert sandbox.violations == [complaint]


def _zstd() -> Any:  # noqa: ANN401 - a module that may not be there
    for name in ("compression.zstd", "backports.zstd"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    return None


@pytest.mark.skipif(
    _zstd() is None, reason="zstd is not installed here: neither Python's own nor backports.zstd"
)
async def test_a_zstd_stream_is_one_stream_for_each_connection(sandbox: Sandbox) -> None:
    """Page events/gateway, transport compression."""
    inflate = _zstd().ZstdDecompressor().decompress
    params = {"v": "10", "encoding": "json", "compress": "zstd-stream"}
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(sandbox.gateway.url, params=params) as socket,
    ):
        assert json.loads(inflate(await socket.receive_bytes(timeout=5)))["op"] == 10
        await socket.send_str('{"op":1,"d":null}')
        assert json.loads(inflate(await socket.receive_bytes(timeout=5)))["op"] == 11


@pytest.mark.skipif(_zstd() is not None, reason="zstd is installed here, so nothing is refused")
async def test_where_zstd_is_missing_the_refusal_says_how_to_mend_it(sandbox: Sandbox) -> None:
    url = sandbox.gateway.url.replace("ws://", "http://")
    params = {"v": "10", "encoding": "json", "compress": "zstd-stream"}
    async with aiohttp.ClientSession() as http, http.get(url, params=params) as response:
        assert response.status == 400
        told = await response.text()
    assert "install the extra `speedups`, or backports.zstd" in told
    assert sandbox.violations == [f"gateway: {told}"]


@pytest.mark.parametrize(
    ("presence", "shown"),
    [
        (PRESENCE, "online"),
        ({**PRESENCE, "status": "dnd"}, "do not disturb"),
        ({**PRESENCE, "status": "invisible"}, "offline"),
        ({**PRESENCE, "activities": [{"name": "chess", "type": 0}]}, "online: Playing chess"),
        ({**PRESENCE, "activities": [{"name": "the rain", "type": 2}]}, "online: Listening to the rain"),
        (
            {
                **PRESENCE,
                "status": "idle",
                "activities": [{"name": "Custom Status", "type": 4, "state": "Resting"}],
            },
            "idle: Resting",
        ),
    ],
)
async def test_a_presence_is_shown_to_people(sandbox: Sandbox, presence: dict[str, Any], shown: str) -> None:
    """Page events/gateway-events, update presence: in the identify, and later."""
    async with raw_gateway(sandbox, 0, presence=presence) as client:
        assert sandbox.bot_presence == shown
        await client.send(3, PRESENCE)
        await client.so_far()
        assert sandbox.bot_presence == "online"


async def test_voice_states_are_taken(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox, 0) as client:
        guild_id = str(sandbox.guild.id)
        await client.send(
            4, {"guild_id": guild_id, "channel_id": None, "self_mute": False, "self_deaf": True}
        )
        await client.so_far()
        assert sandbox.violations == []
