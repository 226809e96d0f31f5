"""What the client sends and what it makes of every kind of answer, over real sockets."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from oasst_client import (
    AssistantReplyTask,
    AuthMethod,
    InvalidResponseError,
    LeaderboardTimeFrame,
    MessageRanking,
    NotAuthorizedError,
    NotFoundError,
    OasstApiClient,
    OasstError,
    RateLimitedError,
    RefusedError,
    Retries,
    ServerError,
    TaskAlreadyDoneError,
    TaskDone,
    TaskRequestType,
    TaskUnavailableError,
    TermsNotAcceptedError,
    TextReplyToMessage,
    Timeouts,
    TooManyPendingError,
    TransportError,
    UnknownTaskTypeError,
    User,
    UserDisabledError,
    parse_backend_url,
)

ALICE = User(id="80351110224678912", display_name="Alice", auth_method=AuthMethod.discord)
TASK_ID = UUID("6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def backend(handler: Handler) -> AsyncIterator[str]:
    """Serve every path with one handler on a free loopback port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def answering(body: object, status: int = 200, **headers: str) -> Handler:
    """Answer every request in the same way; bytes are sent as they are, all else as JSON."""

    async def handler(_: web.Request) -> web.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw, status=status, headers=headers)

    return handler


async def test_a_task_is_asked_for_and_read() -> None:
    seen: dict[str, object] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(
            path=request.path,
            key=request.headers["X-API-Key"],
            body=await request.json(),
            method=request.method,
        )
        conversation = {"messages": [{"text": "Hi", "is_assistant": False, "brand_new": 1}]}
        return web.json_response(
            {"id": str(TASK_ID), "type": "assistant_reply", "conversation": conversation, "unknown": True}
        )

    async with backend(handler) as url, OasstApiClient(url + "/", "key") as client:
        task = await client.fetch_task(TaskRequestType.assistant_reply, ALICE, lang="de")

    assert isinstance(task, AssistantReplyTask)
    assert task.conversation.messages[0].text == "Hi"
    assert seen == {
        "method": "POST",
        "path": "/api/v1/tasks/",
        "key": "key",
        "body": {
            "type": "assistant_reply",
            "collective": False,
            "lang": "de",
            "user": {"id": "80351110224678912", "display_name": "Alice", "auth_method": "discord"},
        },
    }


async def test_ack_nack_and_interaction_name_the_person_and_the_message() -> None:
    seen: list[tuple[str, object, str | None]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.path, await request.json(), request.headers.get("x-oasst-user")))
        if request.path.endswith("interaction"):
            return web.json_response({"id": str(uuid4()), "type": "task_done"})
        return web.Response(status=204)

    async with backend(handler) as url, OasstApiClient(url, "key") as client:
        await client.ack_task(TASK_ID, "111", ALICE)
        await client.nack_task(TASK_ID, "not my field", ALICE)
        answer = TextReplyToMessage(
            user=ALICE, message_id="111", user_message_id="222", text="  Hello  ", lang="en"
        )
        done = await client.post_interaction(answer)

    assert isinstance(done, TaskDone)
    assert seen[0] == (f"/api/v1/tasks/{TASK_ID}/ack", {"message_id": "111"}, "discord:80351110224678912")
    assert seen[1] == (
        f"/api/v1/tasks/{TASK_ID}/nack",
        {"reason": "not my field"},
        "discord:80351110224678912",
    )
    assert seen[2][1] == {
        "type": "text_reply_to_message",
        "message_id": "111",
        "user_message_id": "222",
        "text": "Hello",
        "lang": "en",
        "user": {"id": "80351110224678912", "display_name": "Alice", "auth_method": "discord"},
    }


@pytest.mark.parametrize(
    ("status", "body", "error", "code", "words"),
    [
        (503, {"error_code": 1006, "message": "none"}, TaskUnavailableError, 1006, "none"),
        (400, {"error_code": 1012, "message": "many"}, TooManyPendingError, 1012, "many"),
        (400, {"error_code": 2105, "message": "done"}, TaskAlreadyDoneError, 2105, "done"),
        (400, {"error_code": 2101, "message": "late"}, RefusedError, 2101, "late"),
        (403, {"error_code": 2, "message": "Forbidden"}, NotAuthorizedError, 2, "Forbidden"),
        (401, b"", NotAuthorizedError, 0, "HTTP 401"),
        (404, {"error_code": 2001, "message": "gone"}, NotFoundError, 2001, "gone"),
        (404, {"detail": "Not Found"}, NotFoundError, 0, "Not Found"),
        (503, {"error_code": 4001, "message": "off"}, UserDisabledError, 4001, "off"),
        (451, {"error_code": 4003, "message": "terms"}, TermsNotAcceptedError, 4003, "terms"),
        (
            422,
            {"detail": [{"loc": ["body", "text"], "msg": "too short"}]},
            RefusedError,
            0,
            "body.text: too short",
        ),
        (502, b"<html><h1>Bad gateway</h1>", ServerError, 0, "HTTP 502"),
        (500, b"\xff\xfe\x00", ServerError, 0, "HTTP 500"),
        (500, {"error_code": 0, "message": "oops"}, ServerError, 0, "oops"),
        (307, b"", InvalidResponseError, 0, "HTTP 307"),
        (200, b"{", InvalidResponseError, 0, "not understood"),
        (200, {"id": "x", "type": "task_done"}, InvalidResponseError, 0, "not understood"),
        (200, [], InvalidResponseError, 0, "not understood"),
    ],
)
async def test_each_failure_becomes_its_own_error(
    status: int, body: object, error: type[OasstError], code: int, words: str
) -> None:
    async with backend(answering(body, status)) as url, OasstApiClient(url, "secret-key") as client:
        with pytest.raises(error) as caught:
            await client.fetch_random_task(ALICE)
    assert type(caught.value) is error
    assert words in caught.value.message
    assert (caught.value.code, caught.value.http_status) == (code, status)
    assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize("ranking", [[], [0, 0], [1, 2], [0, 2], [-1, 0]])
def test_a_ranking_that_is_no_order_cannot_be_made(ranking: list[int]) -> None:
    with pytest.raises(ValueError, match="ranking"):
        MessageRanking(user=ALICE, message_id="1", ranking=ranking)


@pytest.mark.parametrize("given", ["", "x" * 129, True])
def test_an_id_that_no_backend_takes_cannot_be_made(given: object) -> None:
    with pytest.raises(ValueError, match="id"):
        User.model_validate({"id": given, "display_name": "A", "auth_method": "discord"})


async def test_a_rate_limit_says_how_long_to_wait() -> None:
    body = {"error_code": 429, "message": "slow down"}
    async with (
        backend(answering(body, 429, **{"Retry-After": "2.5"})) as url,
        OasstApiClient(url, "k") as client,
    ):
        with pytest.raises(RateLimitedError) as caught:
            await client.fetch_random_task(ALICE)
    assert caught.value.retry_after == 2.5


async def test_an_unknown_task_type_can_be_nacked() -> None:
    body = {"id": str(TASK_ID), "type": "compose_opera"}
    async with backend(answering(body)) as url, OasstApiClient(url, "k") as client:
        with pytest.raises(UnknownTaskTypeError) as caught:
            await client.fetch_random_task(ALICE)
    assert (caught.value.raw_type, caught.value.task_id) == ("compose_opera", TASK_ID)


async def test_nobody_listening_is_a_transport_error() -> None:
    async with backend(answering({})) as url:
        pass
    async with OasstApiClient(url, "k") as client:
        with pytest.raises(TransportError):
            await client.fetch_leaderboard(LeaderboardTimeFrame.day)


async def test_a_closed_connection_is_a_transport_error() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with backend(handler) as url, OasstApiClient(url, "k") as client:
        with pytest.raises(TransportError):
            await client.post_interaction(
                TextReplyToMessage(user=ALICE, message_id="1", user_message_id="2", text="kept private")
            )


async def test_closing_twice_is_fine() -> None:
    client = OasstApiClient("http://127.0.0.1:1", "k")
    await client.close()
    await client.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:8080",
        "ftp://host",
        "http://",
        "http://host/?x=1",
        "http://h/#a",
        "http://h:70000",
        "http://[::1",
        "http://ann:hunter2@host",
        "http://:hunter2@host",
        "http://host hunter2",
        "http://host\r\nhunter2",
        "http://host/\ud800hunter2",
        "http://host:0",
    ],
)
def test_a_bad_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        OasstApiClient(address, "k")
    assert "hunter2" not in str(caught.value)


def test_a_client_that_may_make_no_call_is_refused() -> None:
    with pytest.raises(ValueError, match="one call at a time"):
        OasstApiClient("http://h", "k", max_concurrent=0)


@pytest.mark.parametrize("key", ["hunter2\r\nX-Other: 1", "hunter2\x00", "hunter2\ud800"])
def test_a_key_that_would_break_the_header_is_refused_and_not_told(key: str) -> None:
    for api_key, root_token in ((key, None), ("k", key)):
        with pytest.raises(ValueError, match="control characters") as caught:
            OasstApiClient("http://h", api_key, root_token=root_token)
        assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize("part", ["connect", "read", "total"])
@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_time_that_would_bound_nothing_is_refused(part: str, seconds: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Timeouts(**{part: seconds})


@pytest.mark.parametrize("bound", [{"attempts": 0}, {"seconds": -1}, {"first_pause": float("nan")}])
def test_retries_without_sense_are_refused(bound: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Retries need"):
        Retries(**bound)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://h:1/", "http://h:1"),
        ("https://h/prefix/", "https://h/prefix"),
        ("https://h/a%2Fb/", "https://h/a%2Fb"),
        ("http://[::1]:5", "http://[::1]:5"),
        ("http://my_host.example", "http://my_host.example"),
    ],
)
def test_an_address_is_kept_without_its_last_slash(given: str, kept: str) -> None:
    assert str(parse_backend_url(given)).rstrip("/") == kept
