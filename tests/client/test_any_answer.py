"""Whatever a network brings, only the client's own errors leave it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oasst_client import (
    LeaderboardTimeFrame,
    OasstApiClient,
    OasstError,
    TaskRequestType,
    Timeouts,
    User,
    task_adapter,
)

ID = UUID("6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
odd_fields = st.fixed_dictionaries(
    {},
    optional={
        "id": st.uuids().map(str) | json_values,
        "type": st.sampled_from([kind.value for kind in TaskRequestType]) | json_values,
        "conversation": json_values | st.fixed_dictionaries({"messages": json_values}),
        "message_id": st.uuids().map(str) | json_values,
        "valid_labels": json_values,
        "labels": json_values | st.lists(st.fixed_dictionaries({"name": json_values})),
        "reply": json_values,
        "replies": json_values,
        "prompts": json_values,
        "error_code": st.integers() | json_values,
        "message": json_values,
        "detail": json_values | st.lists(st.fixed_dictionaries({"loc": json_values, "msg": json_values})),
        "text": json_values,
        "is_assistant": json_values,
    },
)
bodies = st.binary(max_size=200) | (json_values | odd_fields).map(lambda value: json.dumps(value).encode())
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "Retry-After", "Location", "X-Other"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)

CALLS: list[Callable[[OasstApiClient, User], Awaitable[object]]] = [
    lambda c, user: c.fetch_random_task(user),
    lambda c, user: c.ack_task(ID, "1", user),
    lambda c, user: c.fetch_availability(user),
    lambda c, user: c.fetch_leaderboard(LeaderboardTimeFrame.day, user=user),
    lambda c, user: c.fetch_message(ID, user),
    lambda c, _: c.fetch_valid_labels(),
    lambda c, user: c.fetch_user(user),
    lambda c, _: c.fetch_cached_stats(),
    lambda c, _: c.call_extension("GET", "anything"),
]


async def only_own_errors(client: OasstApiClient, user: User) -> None:
    for call in CALLS:
        try:
            await call(client, user)
        except OasstError as error:
            assert str(error)  # noqa: PT017  # any of them may come, or none


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(status=st.integers(200, 599), body=bodies, named=headers)
def test_any_status_header_and_body_gives_a_result_or_an_own_error(
    alice: User, status: int, body: bytes, named: dict[str, str]
) -> None:
    async def run() -> None:
        async def handle(_: web.Request) -> web.Response:
            return web.Response(status=status, body=body, headers=named)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with OasstApiClient(
            f"http://127.0.0.1:{runner.addresses[0][1]}", "key", retries=None, timeouts=Timeouts(total=5)
        ) as client:
            await only_own_errors(client, alice)
        await runner.cleanup()

    asyncio.run(run())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300)
    | st.builds(
        lambda head, body: b"HTTP/1.1 " + head + b"\r\n\r\n" + body,
        st.binary(max_size=80),
        st.binary(max_size=80),
    )
)
def test_any_bytes_instead_of_http_give_an_own_error(alice: User, data: bytes) -> None:
    async def run() -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with OasstApiClient(
                f"http://127.0.0.1:{port}", "key", retries=None, timeouts=Timeouts(total=5)
            ) as client:
                await only_own_errors(client, alice)

    asyncio.run(run())


@given(raw=odd_fields)
def test_a_task_that_is_read_can_be_written_and_read_again(raw: dict[str, Any]) -> None:
    try:
        task = task_adapter.validate_python(raw)
    except ValueError:
        return
    assert task_adapter.validate_json(task.model_dump_json()) == task
