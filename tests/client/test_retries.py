"""When a call is made again, how often, how long, and what that means."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import pytest
from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

from oasst_client import (
    Emoji,
    EmojiOp,
    InvalidResponseError,
    OasstApiClient,
    OasstError,
    RateLimitedError,
    RefusedError,
    Retries,
    ServerError,
    TaskAlreadyDoneError,
    TaskDone,
    TextLabels,
    TextReplyToMessage,
    TransportError,
    User,
)
from oasst_client.retrying import Repeat, repeated
from oasst_client.transport import seconds_in

Connect = Callable[..., Awaitable[OasstApiClient]]
Make = Callable[[OasstApiClient, User], Awaitable[object]]

ID = UUID("6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f")
DONE = {"id": str(ID), "type": "task_done"}
QUICK = Retries(first_pause=0.001, longest_pause=0.002)
BROKEN = (500, {"error_code": 0, "message": "broken"})
ALREADY = (400, {"error_code": 2105, "message": "done"})


def answer(user: User) -> TextReplyToMessage:
    return TextReplyToMessage(user=user, message_id="1", user_message_id="2", text="Hello")


def labels(user: User, *, is_report: bool) -> TextLabels:
    return TextLabels(user=user, text="", labels={"spam": 1}, message_id=ID, is_report=is_report)


SAFE: dict[str, Make] = {
    "read": lambda c, _: c.fetch_stats(),
    "availability": lambda c, user: c.fetch_availability(user),
    "asked task": lambda c, _: c.find_asked_task("one"),
    "waiting": lambda c, user: c.fetch_waiting(user),
    "health": lambda c, _: c.fetch_health(),
    "ack": lambda c, user: c.ack_task(ID, "1", user),
    "nack": lambda c, user: c.nack_task(ID, "no", user),
    "labels": lambda c, user: c.post_text_labels(labels(user, is_report=False)),
    "interaction": lambda c, user: c.post_interaction(answer(user)),
    "delete": lambda c, _: c.delete_message(ID),
    "withdraw": lambda c, user: c.withdraw_message(user, ID),
    "another wording": lambda c, user: c.edit_own_message(user, ID, "new"),
    "add a mark": lambda c, user: c.mark_message(ID, user, Emoji.clap, EmojiOp.add),
    "person": lambda c, user: c.send_user(
        user, show_on_leaderboard=True, enabled=True, tos_acceptance=None, notes=""
    ),
}
ONCE: dict[str, Make] = {
    "task": lambda c, user: c.fetch_random_task(user),
    "task with a key": lambda c, user: c.fetch_random_task(user, request_key="one"),
    "report": lambda c, user: c.post_text_labels(labels(user, is_report=True)),
    "collective": lambda c, user: c.post_interaction(answer(user), collective=True),
    "close": lambda c, _: c.close_task("1"),
    "edit": lambda c, user: c.edit_message(ID, user, "new"),
    "toggle a mark": lambda c, user: c.mark_message(ID, user, Emoji.clap),
    "purge": lambda c, _: c.purge_user(ID, preview=False),
    "extension": lambda c, _: c.call_extension("POST", "journal"),
}


@pytest.mark.parametrize(
    ("make", "tries"),
    [*((make, 3) for make in SAFE.values()), *((make, 1) for make in ONCE.values())],
    ids=[*SAFE, *ONCE],
)
async def test_only_what_does_no_harm_twice_is_tried_again_after_a_failure_within(
    make: Make,
    tries: int,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
    alice: User,
) -> None:
    script.will(*BROKEN)
    client = await connect(script.url, retries=QUICK, root_token="root")
    with pytest.raises(ServerError):
        await make(client, alice)
    assert len(script.seen) == tries


@pytest.mark.parametrize("make", [*SAFE.values(), *ONCE.values()], ids=[*SAFE, *ONCE])
async def test_everything_is_tried_again_that_was_turned_away_untouched(
    make: Make,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
    alice: User,
) -> None:
    script.will(429, {"error_code": 429, "message": "slow"}, Retry_After="0").will(*ALREADY)
    client = await connect(script.url, retries=QUICK, root_token="root")
    with pytest.raises(TaskAlreadyDoneError):
        await make(client, alice)
    assert len(script.seen) == 2


@pytest.mark.parametrize("make", [SAFE["read"], ONCE["task"]], ids=["read", "task"])
async def test_a_backend_that_is_away_is_tried_again_and_not_for_long(
    make: Make, connect: Connect, alice: User
) -> None:
    async with await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    client = await connect(f"http://127.0.0.1:{port}", retries=Retries())
    begun = time.monotonic()
    with pytest.raises(TransportError):
        await make(client, alice)
    assert 0.1 < time.monotonic() - begun < 3


@pytest.mark.parametrize("failure", [BROKEN, (502, b"<html>"), (503, {"error_code": 4, "message": "busy"})])
async def test_an_answer_that_was_taken_all_the_same_is_a_success(
    failure: tuple[int, object],
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
    alice: User,
) -> None:
    script.will(*failure).will(*ALREADY)
    client = await connect(script.url, retries=QUICK)
    assert isinstance(await client.post_interaction(answer(alice)), TaskDone)
    assert script.seen[0].body == script.seen[1].body


async def test_an_answer_whose_reply_was_lost_is_a_success(
    serve_raw: Callable[..., Awaitable[str]], connect: Connect, alice: User
) -> None:
    requests = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
        requests += 1
        if requests == 1:
            return
        body = b'{"error_code": 2105, "message": "done"}'
        writer.write(b"HTTP/1.1 400 X\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()

    client = await connect(await serve_raw(handle), retries=QUICK)
    assert isinstance(await client.post_interaction(answer(alice)), TaskDone)
    assert requests == 2


async def test_an_answer_stays_in_doubt_over_a_rate_limit(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
    alice: User,
) -> None:
    script.will(*BROKEN).will(429, b"", Retry_After="0").will(*ALREADY)
    client = await connect(script.url, retries=QUICK)
    assert isinstance(await client.post_interaction(answer(alice)), TaskDone)


async def test_a_task_that_was_done_before_stays_a_refusal(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
    alice: User,
) -> None:
    script.will(429, b"", Retry_After="0").will(*ALREADY)
    client = await connect(script.url, retries=QUICK)
    with pytest.raises(TaskAlreadyDoneError):
        await client.post_interaction(answer(alice))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error_code": 2101, "message": "late"}, RefusedError),
        (500, {"error_code": 2008, "message": "odd"}, ServerError),
        (200, b"<html>", InvalidResponseError),
        (307, b"", InvalidResponseError),
    ],
)
async def test_what_would_only_fail_again_is_not_tried_again(  # a case and three fixtures
    status: int,
    body: object,
    kind: type[OasstError],
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
    alice: User,
) -> None:
    script.will(status, body)
    with pytest.raises(kind):
        await (await connect(script.url, retries=QUICK)).post_interaction(answer(alice))
    assert len(script.seen) == 1


async def test_without_retries_every_call_is_made_once(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
) -> None:
    script.will(*BROKEN)
    with pytest.raises(ServerError):
        await (await connect(script.url, retries=None)).fetch_stats()
    assert len(script.seen) == 1


async def test_a_short_wait_that_the_backend_asks_for_is_kept(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
) -> None:
    script.will(429, b"", Retry_After="0.3").will(200, {})
    begun = time.monotonic()
    assert await (await connect(script.url, retries=QUICK)).fetch_tree_state_counts() == {}
    assert 0.3 <= time.monotonic() - begun < 2


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_wait_is_left_to_the_caller(
    status: int,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
) -> None:
    script.will(status, b"", Retry_After="60")
    with pytest.raises(RateLimitedError if status == 429 else ServerError) as caught:
        await (await connect(script.url, retries=QUICK)).fetch_stats()
    assert (caught.value.retry_after, len(script.seen)) == (60.0, 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("-3", 0.0),
        ("1e9", 3600.0),
        ("inf", 3600.0),
        ("nan", None),
        ("soon", None),
        ("Fri, 99 Nov 2026 99:00:00 GMT", None),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 0.0),
    ],
)
def test_a_wait_is_read_whatever_it_says(header: str | None, seconds: float | None) -> None:
    assert seconds_in(header) == seconds


def test_a_wait_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < (seconds_in(soon) or 0) <= 90


async def test_what_is_no_error_of_the_backend_passes_through() -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise KeyError("a fault of one's own")

    with pytest.raises(KeyError):
        await repeated(work, Repeat.safe, QUICK)
    assert tries == 1


@pytest.fixture
def _usual_hooks() -> Iterator[None]:
    """Let stamina log as it does for a program that changed nothing: hooks belong to the whole process."""
    before = get_on_retry_hooks()
    set_on_retry_hooks(None)
    yield
    set_on_retry_hooks(before)


@pytest.mark.usefixtures("_usual_hooks")
async def test_what_is_logged_of_a_retry_tells_nothing(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Connect,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    script.will(500, {"error_code": 0, "message": "Hello came with a-very-secret-key"}).will(200, DONE)
    client = await connect(script.url, retries=QUICK, api_key="a-very-secret-key")
    await client.post_interaction(answer(alice))
    told = "".join(repr(vars(record)) for record in caplog.records)
    assert "stamina" in told
    assert "Hello" not in told
    assert "a-very-secret-key" not in told
