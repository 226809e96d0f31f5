"""Faults on demand: what strikes which call, how often, and what a bot notices of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import hikari
import pytest

from discord_sandbox import (
    Actor,
    ApiError,
    Call,
    Clock,
    InteractionFailed,
    LoseReply,
    RateLimits,
    Reply,
    Sandbox,
    WaitTimeout,
)
from discord_sandbox.rest.rate_limits import Scope
from tests.calling import Api, client_headers, started
from tests.small_bot import RunningBot

SEND = "POST /channels/{}/messages"
READ = "GET /channels/{}/messages"


@pytest.fixture
def path(sandbox: Sandbox) -> str:
    return f"/channels/{sandbox.guild.channel('general').id}/messages"


@pytest.fixture
async def send(api: Api, path: str) -> Callable[[], Awaitable[int]]:
    """Send a message, and give the status; 0 if the connection was cut."""

    async def send() -> int:
        try:
            return (await api("POST", path, {"content": "x"}))[0]
        except aiohttp.ServerDisconnectedError:
            return 0

    return send


Send = Callable[[], Awaitable[int]]


async def test_a_fault_lets_some_calls_pass_and_strikes_the_next(
    sandbox: Sandbox, api: Api, path: str, send: Send
) -> None:
    fault = sandbox.faults.status(503, on=SEND, times=2, skip=1)
    assert (await api("GET", path))[0] == 200, "another route is not meant"
    assert [await send() for _ in range(4)] == [200, 503, 503, 200]
    assert (fault.struck, fault.left, fault.active) == (2, 0, False)
    assert len(sandbox.guild.channel("general").log) == 2, "what was struck was not handled"
    assert list(sandbox.refusals) == [], "the bot did nothing wrong"


async def test_a_fault_without_an_end_strikes_until_it_is_removed(sandbox: Sandbox, send: Send) -> None:
    with sandbox.faults.status(500, on=SEND, times=None) as fault:
        assert [await send() for _ in range(3)] == [500] * 3
        assert fault.active
        assert sandbox.faults.waiting == []
    assert await send() == 200
    assert fault.struck == 3


async def test_faults_of_one_route_come_one_after_the_other(sandbox: Sandbox, send: Send) -> None:
    sandbox.faults.status(502, on=SEND)
    sandbox.faults.cut(on="*")
    sandbox.faults.lose_reply(on=lambda call: call.payload == {"content": "x"})
    assert [await send() for _ in range(4)] == [502, 0, 0, 200]
    assert len(sandbox.guild.channel("general").log) == 2, "a lost reply is of a call that was handled"
    assert sandbox.faults.waiting == []


async def test_a_reply_breaks_off_in_its_body(sandbox: Sandbox, api: Api, path: str, send: Send) -> None:
    sandbox.faults.break_reply(on=SEND)
    with pytest.raises(aiohttp.ClientPayloadError):
        await api("POST", path, {"content": "x"})
    assert await send() == 200
    assert len(sandbox.guild.channel("general").log) == 2, "a broken reply is of a call that was handled"
    sandbox.faults.break_reply(on="POST /channels/{}/typing")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api("POST", path.replace("messages", "typing"))
    assert list(sandbox.refusals) == []
    assert sandbox.faults.waiting == []


async def test_a_status_answers_as_discord_words_it(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.status(503, on="GET /users/@me")
    assert await api("GET", "/users/@me") == (503, {"message": "503: Service Unavailable", "code": 0})
    with pytest.raises(ValueError, match="400 to 599"):
        sandbox.faults.status(200, on="*")


async def test_a_route_that_there_is_not_is_told_at_once(sandbox: Sandbox) -> None:
    with pytest.raises(
        ValueError, match=r"no route 'POST /channels/\{\}/message'; do you mean POST /channels"
    ):
        sandbox.faults.status(503, on="POST /channels/{}/message")
    with pytest.raises(ValueError, match="1 or more"):
        sandbox.faults.cut(on=SEND, times=0)
    with pytest.raises(ValueError, match="0 or more"):
        sandbox.faults.cut(on=SEND, skip=-1)
    assert sandbox.faults.waiting == []


async def test_what_has_not_struck_is_listed_until_it_is_cleared(sandbox: Sandbox, send: Send) -> None:
    twice = sandbox.faults.status(503, on=SEND, times=2)
    never = sandbox.faults.delay(1, on=READ, times=None, skip=1)
    await send()
    assert list(map(str, sandbox.faults.waiting)) == [
        "status 503 on POST /channels/{}/messages: struck 1 of 2",
        "delay of 1 s on GET /channels/{}/messages: struck 0, 1 more to pass",
    ]
    await send()
    assert sandbox.faults.waiting == [never]
    assert not twice.active
    sandbox.faults.clear()
    assert sandbox.faults.waiting == []
    assert not never.active


async def test_a_wait_ends_when_the_fault_strikes(sandbox: Sandbox, send: Send) -> None:
    fault = sandbox.faults.status(503, on=SEND, times=2)
    waits = asyncio.create_task(fault.happened(2))
    await send()
    assert not waits.done()
    await send()
    await asyncio.wait_for(waits, 5)
    await fault.happened()
    with pytest.raises(ValueError, match="strikes 2 times, so never 3"):
        await fault.happened(3)


async def test_a_wait_in_vain_says_what_happened_instead(sandbox: Sandbox, send: Send) -> None:
    fault = sandbox.faults.status(503, on=READ)
    await send()
    with pytest.raises(WaitTimeout) as caught:
        await fault.happened(timeout=0.01)
    story = str(caught.value)
    assert "status 503 on GET /channels/{}/messages: struck 0 of 1" in story
    assert '-> 200 {"content":"x"}' in story
    waits = asyncio.create_task(fault.happened())
    await asyncio.sleep(0)
    fault.remove()
    with pytest.raises(WaitTimeout, match="It was removed"):
        await waits
    with pytest.raises(WaitTimeout, match="It was removed"):
        await fault.happened()


@pytest.fixture
async def frozen() -> AsyncIterator[tuple[Sandbox, Clock, Api]]:
    """A sandbox whose time is moved by hand."""
    clock = Clock(frozen=True)
    async with (
        Sandbox(clock=clock, rate_limits=RateLimits.roomy()) as sandbox,
        aiohttp.ClientSession(headers=client_headers(sandbox)) as session,
    ):
        yield sandbox, clock, Api(session, sandbox.rest_url)


async def test_a_delay_goes_by_the_sandboxs_clock(frozen: tuple[Sandbox, Clock, Api]) -> None:
    sandbox, clock, api = frozen
    fault = sandbox.faults.delay(30, on="GET /users/@me")
    slow = asyncio.create_task(api("GET", "/users/@me"))
    await fault.happened()
    clock.advance(29)
    assert (await api("GET", "/users/@me"))[0] == 200, "the next call does not wait"
    assert not slow.done()
    clock.advance(1)
    assert (await asyncio.wait_for(slow, 5))[0] == 200


async def test_a_hook_before_a_call_may_answer_refuse_or_cut(sandbox: Sandbox, send: Send) -> None:
    seen: list[Any] = []

    async def look(call: Call) -> None:
        seen.append(call.payload)

    async def answer(_: Call) -> Reply:
        return Reply(418, {"message": "a teapot", "code": 0})

    async def refuse(_: Call) -> None:
        raise ApiError(403, 50013, "Missing Permissions")

    async def cut(_: Call) -> None:
        raise LoseReply

    sandbox.faults.before(SEND, look)
    for hook in (answer, refuse, cut):
        sandbox.faults.before(SEND, hook, times=1)
    assert [await send() for _ in range(4)] == [418, 403, 0, 200]
    assert seen == [{"content": "x"}] * 4
    assert [one.code for one in sandbox.refusals] == [50013]
    assert len(sandbox.guild.channel("general").log) == 1


async def test_a_hook_after_a_call_may_replace_or_lose_its_reply(sandbox: Sandbox, send: Send) -> None:
    seen: list[int] = []

    async def look(_: Call, reply: Reply) -> None:
        seen.append(reply.status)

    async def replace(_: Call, __: Reply) -> Reply:
        return Reply(500, {"message": "500: Internal Server Error", "code": 0})

    async def lose(_: Call, __: Reply) -> None:
        raise LoseReply

    sandbox.faults.after(SEND, look)
    sandbox.faults.after(SEND, replace, times=1)
    sandbox.faults.after(SEND, lose, times=1, skip=1)
    assert [await send() for _ in range(3)] == [500, 0, 200]
    assert seen == [200, 200, 200]
    assert len(sandbox.guild.channel("general").log) == 3


async def test_a_hook_after_a_call_sees_refusals_too(sandbox: Sandbox, api: Api) -> None:
    seen: list[tuple[int, int]] = []

    async def look(_: Call, reply: Reply) -> None:
        seen.append((reply.status, reply.body["code"]))

    sandbox.faults.after("*", look)
    await api("GET", "/channels/1")
    assert seen == [(404, 10003)]


@pytest.mark.parametrize("side", ["before", "after"])
async def test_a_hook_that_fails_is_loud(strict_api: Api, strict_sandbox: Sandbox, side: str) -> None:
    async def stumble(*_: object) -> None:
        raise ZeroDivisionError

    faults = strict_sandbox.faults
    if side == "before":
        faults.before("*", stumble)
    else:
        faults.after("*", stumble)
    assert (await strict_api("GET", "/users/@me"))[0] == 500
    assert strict_sandbox.violations == ["GET /users/@me: a hook of the tests failed: ZeroDivisionError"]


async def test_what_is_not_known_fails_before_any_fault(strict_api: Api, strict_sandbox: Sandbox) -> None:
    fault = strict_sandbox.faults.status(503, on="*", times=None)
    assert (await strict_api("GET", "/stage-instances/1"))[0] == 501
    headers = {"Authorization": "Bot wrong"}
    assert (await strict_api("GET", "/users/@me", headers=headers))[0] == 401
    assert fault.struck == 0


@pytest.mark.parametrize(
    ("scope", "said", "headers"),
    [
        (
            "user",
            {"message": "You are being rate limited.", "retry_after": 1.25, "global": False},
            {
                "Retry-After": "2",
                "X-RateLimit-Scope": "user",
                "X-RateLimit-Limit": "1",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset-After": "1.250",
            },
        ),
        (
            "shared",
            {"message": "The resource is being rate limited.", "retry_after": 1.25, "global": False},
            {"Retry-After": "2", "X-RateLimit-Scope": "shared", "X-RateLimit-Remaining": "999999"},
        ),
        (
            "global",
            {"message": "You are being rate limited.", "retry_after": 1.25, "global": True},
            {"Retry-After": "2", "X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"},
        ),
    ],
)
async def test_a_rate_limit_has_discords_body_and_headers(
    sandbox: Sandbox, api: Api, path: str, scope: Scope, said: dict[str, Any], headers: dict[str, str]
) -> None:
    async with api.session.get(f"{api.base}{path}") as usual:
        bucket = usual.headers["X-RateLimit-Bucket"]
    sandbox.faults.rate_limit(1.25, on=READ, scope=scope)
    async with api.session.get(f"{api.base}{path}") as response:
        assert response.status == 429
        assert await response.json() == said
        assert {key: response.headers.get(key) for key in headers} == headers
        assert response.headers.get("X-RateLimit-Bucket") == (None if scope == "global" else bucket)
    assert (await api("GET", path))[0] == 200
    assert list(sandbox.refusals) == []


async def test_hikari_waits_out_a_rate_limit(sandbox: Sandbox, bot: RunningBot) -> None:
    general = sandbox.guild.channel("general")
    sandbox.faults.rate_limit(0.2, on=SEND, scope="shared")
    await bot.rest.create_message(general.id, "patience")
    refused, sent = sandbox.requests_to(SEND)
    assert (refused.status, sent.status) == (429, 200)
    assert sent.time - refused.time >= 0.2


async def test_hikari_fails_where_discord_fails(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    sandbox.faults.status(503, on=SEND)
    with pytest.raises(hikari.InternalServerError):
        await bot.rest.create_message(general.id, "lost")
    sandbox.faults.lose_reply(on=SEND)
    with pytest.raises(hikari.HTTPError):
        await bot.rest.create_message(general.id, "sent, and hikari does not know")
    assert [one.content for one in alice.messages(general)] == ["sent, and hikari does not know"]


async def test_a_person_gets_no_answer_where_the_callback_is_cut(
    sandbox: Sandbox, bot: RunningBot, alice: Actor
) -> None:
    answer = "POST /interactions/{}/{}/callback"
    assert bot.gateway.is_alive
    sandbox.clock.freeze()
    with sandbox.faults.cut(on=answer) as fault:
        waiting = await started(alice.command("greet", who=alice))
        await fault.happened()
        sandbox.clock.advance(3)
        with pytest.raises(InteractionFailed):
            await waiting
    assert fault.struck == 1
    assert [one.status for one in sandbox.requests_to(answer)] == [0]
