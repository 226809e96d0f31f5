"""The connections of a client: after a 500, when calls are cancelled, when it is closed, and their number."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import aiohttp
import pytest

from oasst_client import (
    OasstApiClient,
    ServerError,
    TaskDone,
    TransportError,
    TransportPhase,
    User,
)
from tests.client.raw_answers import hand_in, http, request_of, sending

Connect = Callable[..., Awaitable[OasstApiClient]]
ServeRaw = Callable[..., Awaitable[str]]


DONE = b'{"id": "6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f", "type": "task_done"}'


async def test_a_connection_that_is_dropped_after_a_500_is_survived(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    connections: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await request_of(reader)
        writer.write(http(500, b"") if len(connections) == 1 else http(200, DONE))
        await writer.drain()
        # It stays open as far as the client can tell, and whatever comes next on it is lost.
        await reader.read(1)
        writer.transport.abort()

    client = await connect(await serve_raw(handle))
    with pytest.raises(ServerError):
        await client.fetch_random_task(alice)
    assert isinstance(await client.fetch_random_task(alice), TaskDone)
    assert len(connections) == 2


async def test_a_500_does_not_break_the_calls_beside_it(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    failed = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/stats/" in await request_of(reader):
            writer.write(http(500, b""))
            await writer.drain()
        else:
            await failed.wait()
            writer.write(http(200, DONE))
            await writer.drain()

    client = await connect(await serve_raw(handle))
    beside = asyncio.create_task(client.fetch_random_task(alice))
    with pytest.raises(ServerError):
        await client.fetch_stats()
    failed.set()
    assert isinstance(await beside, TaskDone)


async def test_the_connections_from_before_a_500_are_closed_and_not_left_lying(
    serve_raw: ServeRaw, connect: Connect
) -> None:
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(http(500, b""))
        await writer.drain()
        await reader.read()
        gone.set()

    client = await connect(await serve_raw(handle))
    with pytest.raises(ServerError):
        await client.fetch_stats()
    # An idle connection would be dropped later than this anyway.
    async with asyncio.timeout(2):
        await gone.wait()


async def test_a_late_500_does_not_cost_the_connections_made_since(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    connections = 0
    late, both = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            asked = await request_of(reader)
            if b"/stats/" in asked:
                if b"/stats/cached" in asked:
                    both.set()
                    await late.wait()
                else:
                    await both.wait()
                writer.write(http(500, b""))
            else:
                writer.write(http(200, DONE))
            await writer.drain()

    client = await connect(await serve_raw(handle))
    second = asyncio.create_task(client.fetch_cached_stats())
    with pytest.raises(ServerError):
        await client.fetch_stats()
    await client.fetch_random_task(alice)
    late.set()
    with pytest.raises(ServerError):
        await second
    await client.fetch_random_task(alice)
    assert connections == 3


async def test_closing_ends_the_calls_under_way_also_those_from_before_a_500(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    waiting = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/stats/" in await request_of(reader):
            await waiting.wait()
            writer.write(http(500, b""))
            await writer.drain()
        else:
            waiting.set()
            await reader.read()

    client = await connect(await serve_raw(handle))
    old = asyncio.create_task(client.fetch_random_task(alice))
    with pytest.raises(ServerError):
        await client.fetch_stats()
    waiting.clear()
    new = asyncio.create_task(client.fetch_random_task(alice))
    await waiting.wait()
    await client.close()
    async with asyncio.timeout(5):
        ends = await asyncio.gather(old, new, return_exceptions=True)
    assert [type(end) for end in ends] == [TransportError, TransportError]


async def test_a_cancelled_call_leaves_nothing_open(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await request_of(reader)
        arrived.set()
        await reader.read()
        gone.set()

    client = await connect(await serve_raw(handle), max_concurrent=1)
    call = asyncio.create_task(hand_in(client, alice))
    await arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    async with asyncio.timeout(5):
        await gone.wait()
    arrived.clear()
    # The one slot is free again.
    again = asyncio.create_task(hand_in(client, alice))
    async with asyncio.timeout(5):
        await arrived.wait()
    again.cancel()


@pytest.mark.parametrize("shared", [False, True])
async def test_no_more_calls_than_allowed_are_under_way(
    *, shared: bool, serve_raw: ServeRaw, connect: Connect
) -> None:
    under_way, most = 0, 0
    full = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        while True:
            await request_of(reader)
            under_way += 1
            most = max(most, under_way)
            if under_way == 3:
                full.set()
            await full.wait()
            # All others, were they sent, have their turn before this one is answered.
            for _ in range(50):
                await asyncio.sleep(0)
            under_way -= 1
            writer.write(http(200, b"{}"))
            await writer.drain()

    async with aiohttp.ClientSession() as session:
        client = await connect(await serve_raw(handle), max_concurrent=3, session=session if shared else None)
        await asyncio.gather(*(client.fetch_tree_state_counts() for _ in range(12)))
    assert most == 3


async def test_a_closed_client_says_so_and_closing_again_is_fine(
    serve_raw: ServeRaw, connect: Connect
) -> None:
    client = await connect(await serve_raw(sending(http(200, b"{}"))))
    assert await client.fetch_tree_state_counts() == {}
    await client.close()
    await client.close()
    with pytest.raises(TransportError, match="closed") as caught:
        await client.fetch_tree_state_counts()
    assert caught.value.phase is TransportPhase.queue


async def test_a_session_of_the_caller_is_used_and_left_open(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    async def refuse(*_: Any) -> NoReturn:  # noqa: ANN401  # aiohttp's signature
        raise AssertionError("the session checks statuses itself")

    async with aiohttp.ClientSession(raise_for_status=refuse, headers={"X-Mine": "1"}) as session:
        client = await connect(await serve_raw(sending(http(500, b""))), session=session)
        with pytest.raises(ServerError):
            await client.fetch_random_task(alice)
        await client.close()
        assert not session.closed
