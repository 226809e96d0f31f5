"""A call can be given less time than the client's own; one that is given up leaves nothing behind."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from oasst_client import (
    OasstApiClient,
    Retries,
    ServerError,
    TaskDone,
    TaskRequestType,
    Timeouts,
    TransportError,
    TransportPhase,
    User,
)
from tests.client.raw_answers import hand_in, hang, http, request_of, sending

Connect = Callable[..., Awaitable[OasstApiClient]]
ServeRaw = Callable[..., Awaitable[str]]

DONE = b'{"id": "6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f", "type": "task_done"}'
PATIENT = Retries(attempts=50, seconds=20, first_pause=0.05, longest_pause=0.05)


@pytest.fixture(autouse=True)
async def complaints() -> AsyncIterator[list[str]]:
    """See that nothing is left over: no task, and no failure that nobody looked at."""
    loop = asyncio.get_running_loop()
    told: list[str] = []
    loop.set_exception_handler(lambda _, context: told.append(context["message"]))
    before = asyncio.all_tasks()
    yield told
    # What was given up has a moment to notice.
    async with asyncio.timeout(5):
        while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
            await asyncio.wait(left)
    gc.collect()
    await asyncio.sleep(0)
    assert told == []


@pytest.mark.parametrize("retries", [None, PATIENT])
async def test_a_hurried_call_ends_in_time_whatever_the_client_would_wait(
    retries: Retries | None, serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    client = await connect(await serve_raw(hang), retries=retries)
    for make in (
        lambda c: c.fetch_task(TaskRequestType.random, alice, request_key="one"),
        lambda c: c.fetch_waiting(alice),
        lambda c: hand_in(c, alice),
    ):
        begun = time.monotonic()
        with pytest.raises(TransportError) as caught:
            await make(client.within(0.1))
        assert 0.05 < time.monotonic() - begun < 1.5
        assert (caught.value.timed_out, caught.value.phase) == (True, TransportPhase.answer)


async def test_the_time_holds_for_all_tries_together(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
) -> None:
    script.will(500, {"error_code": 0, "message": "broken"})
    client = await connect(script.url, retries=PATIENT)
    begun = time.monotonic()
    with pytest.raises(ServerError):
        await client.within(0.3).fetch_stats()
    assert time.monotonic() - begun < 1.5
    assert 1 < len(script.seen) < 20


async def test_a_wait_that_would_end_too_late_is_left_to_the_caller(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
) -> None:
    script.will(429, b"", Retry_After="1")
    client = await connect(script.url, retries=PATIENT)
    begun = time.monotonic()
    with pytest.raises(Exception, match="slow down"):
        await client.within(0.5).fetch_stats()
    assert (time.monotonic() - begun < 0.4, len(script.seen)) == (True, 1)


async def test_a_hurried_call_that_waits_for_its_turn_says_that_it_was_not_sent(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        arrived.set()
        await go.wait()
        writer.write(http(200, DONE))
        await writer.drain()

    client = await connect(await serve_raw(handle), max_concurrent=1)
    patient = asyncio.create_task(client.fetch_random_task(alice))
    await arrived.wait()
    with pytest.raises(TransportError) as caught:
        await client.within(0.05).fetch_random_task(alice)
    assert caught.value.unsent
    go.set()
    # The one in front of it is not hurried.
    assert isinstance(await patient, TaskDone)


async def test_the_client_s_own_timeouts_stay_in_force(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    client = await connect(await serve_raw(hang), timeouts=Timeouts(total=0.1))
    begun = time.monotonic()
    with pytest.raises(TransportError):
        await client.within(30).fetch_random_task(alice)
    assert time.monotonic() - begun < 2


async def test_a_hurried_client_shares_connections_and_end(
    serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await request_of(reader)
            writer.write(http(200, DONE))
            await writer.drain()

    client = await connect(await serve_raw(handle))
    for one in (client.within(5), client, client.within(3).within(5)):
        assert isinstance(await one.fetch_random_task(alice), TaskDone)
    assert connections == 1
    await client.within(5).close()
    with pytest.raises(TransportError, match="closed"):
        await client.fetch_random_task(alice)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
async def test_no_time_at_all_is_a_mistake(seconds: float, connect: Connect) -> None:
    client = await connect("http://127.0.0.1:1")
    with pytest.raises(ValueError, match="more than 0"):
        client.within(seconds)


@pytest.mark.parametrize("how", ["cancelled", "timed out", "hurried"])
@pytest.mark.parametrize("where", ["hangs", "breaks", "away", "no such name", "no greeting"])
async def test_many_calls_that_are_given_up_leave_nothing_behind(  # a case and its fixtures
    how: str, where: str, serve_raw: ServeRaw, connect: Connect, alice: User
) -> None:
    url = {
        "hangs": await serve_raw(hang),
        "breaks": await serve_raw(sending(b"HTTP/1.1 2")),
        "away": "http://127.0.0.1:1",
        "no such name": "http://name.invalid:8080",
        "no greeting": (await serve_raw(hang)).replace("http:", "https:"),
    }[where]
    client = await connect(url, retries=PATIENT, max_concurrent=8)

    async def make(number: int) -> object:
        seconds = 0.002 * number
        if how == "hurried":
            return await client.within(seconds + 0.001).fetch_task(
                TaskRequestType.random, alice, request_key="one"
            )
        if how == "timed out":
            async with asyncio.timeout(seconds):
                return await client.fetch_waiting(alice)
        call = asyncio.create_task(client.fetch_waiting(alice))
        await asyncio.sleep(seconds)
        call.cancel()
        return await call

    ends = await asyncio.gather(*(make(number) for number in range(24)), return_exceptions=True)
    assert {type(end) for end in ends} <= {asyncio.CancelledError, TimeoutError, TransportError}
    # All places are free again: as many as there are can wait at a time.
    waiting = [asyncio.create_task(client.within(0.05).fetch_random_task(alice)) for _ in range(8)]
    for end in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(end, TransportError)
        assert end.phase is not TransportPhase.queue
    await client.close()
