"""Rate limits: the headers, the refusals, and what an unchanged hikari makes of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import hikari
import pytest

from discord_sandbox import Clock, Limit, RateLimits, Sandbox
from tests.calling import client_headers
from tests.sandbox.desk import Wire

SEND = "POST /channels/{}/messages"
HEADERS = ("Limit", "Remaining", "Reset", "Reset-After", "Bucket")


@dataclass
class Shop:
    """A sandbox with limits, and a plain client that does not heed them."""

    sandbox: Sandbox
    clock: Clock
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any, Mapping[str, str]]:
        """Give status, body and headers."""
        async with self.session.request(method, f"{self.sandbox.rest_url}{path}", json=body) as response:
            read = await response.json() if response.content_type == "application/json" else None
            return response.status, read, response.headers

    async def send(self, channel: str = "general") -> tuple[int, Any, Mapping[str, str]]:
        """Send a message."""
        path = f"/channels/{self.sandbox.guild.channel(channel).id}/messages"
        return await self.call("POST", path, {"content": "x"})


@asynccontextmanager
async def shop(limits: RateLimits | None = None, *, frozen: bool = True) -> AsyncIterator[Shop]:
    clock = Clock(frozen=frozen)
    async with (
        Sandbox(clock=clock, rate_limits=limits) as sandbox,
        aiohttp.ClientSession(headers=client_headers(sandbox)) as session,
    ):
        yield Shop(sandbox, clock, session)
        assert sandbox.violations == []


def limited(headers: Mapping[str, str]) -> list[str | None]:
    return [headers.get(f"X-RateLimit-{name}") for name in HEADERS]


async def test_headers_count_down_and_say_when_the_bucket_is_full_again() -> None:
    async with shop() as here:
        for number in range(1, 6):
            status, _, headers = await here.send()
            assert status == 200
            assert headers["X-RateLimit-Limit"] == "5"
            assert headers["X-RateLimit-Remaining"] == str(5 - number)
            assert headers["X-RateLimit-Reset-After"] == f"{number}.000"
            assert float(headers["X-RateLimit-Reset"]) == pytest.approx(here.clock() + number, abs=0.002)
            assert "X-RateLimit-Scope" not in headers


async def test_a_used_up_bucket_refuses_until_it_has_one_call_back() -> None:
    async with shop() as here:
        for _ in range(5):
            await here.send()
        status, body, headers = await here.send()
        assert status == 429
        assert body == {"message": "You are being rate limited.", "retry_after": 1.0, "global": False}
        assert (headers["Retry-After"], headers["X-RateLimit-Scope"]) == ("1", "user")
        assert headers["X-RateLimit-Remaining"] == "0"
        assert "X-RateLimit-Global" not in headers
        here.clock.advance(0.4)
        assert (await here.send())[1]["retry_after"] == 0.6
        here.clock.advance(0.6)
        assert (await here.send())[0] == 200
        assert (await here.send())[0] == 429, "one call came back, not all five"
        here.clock.advance(5)
        assert [(await here.send())[0] for _ in range(6)] == [200] * 5 + [429]
        assert len(here.sandbox.guild.channel("general").log) == 11, "what is refused is not handled"
        refused = [(one.method, one.route, one.status) for one in here.sandbox.refusals]
        assert refused == [("POST", "/channels/{}/messages", 429)] * 4


async def test_a_refused_call_has_the_headers_of_its_bucket_too() -> None:
    async with shop() as here:
        status, _, headers = await here.call("GET", "/channels/1")
        assert status == 404
        assert None not in limited(headers)
        status, _, headers = await here.call("GET", "/channels/somebody")
        assert status == 400
        assert headers["X-RateLimit-Remaining"] == "49", "another channel, another bucket"
        here.sandbox.violations.clear()


async def test_each_channel_has_a_bucket_and_each_route_too() -> None:
    async with shop() as here:
        for _ in range(5):
            _, message, sent = await here.send()
        _, _, elsewhere = await here.send("tasks")
        assert elsewhere["X-RateLimit-Remaining"] == "4"
        assert elsewhere["X-RateLimit-Bucket"] == sent["X-RateLimit-Bucket"], "the channel is not in the hash"
        path = f"/channels/{message['channel_id']}/messages"
        status, _, read = await here.call("GET", path)
        assert status == 200
        assert read["X-RateLimit-Bucket"] != sent["X-RateLimit-Bucket"]


async def test_all_changes_of_reactions_share_one_bucket() -> None:
    async with shop() as here:
        _, message, _ = await here.send()
        path = f"/channels/{message['channel_id']}/messages/{message['id']}/reactions"
        assert (await here.call("PUT", f"{path}/👍/@me"))[0] == 204
        status, body, _ = await here.call("DELETE", path)
        assert (status, body["retry_after"]) == (429, 0.25)
        here.clock.advance(0.25)
        assert (await here.call("DELETE", f"{path}/👍/@me"))[0] == 204
        assert (await here.call("GET", f"{path}/👍"))[0] == 200, "looking is another bucket"


async def test_guilds_have_a_bucket_each_wherever_they_stand_in_the_path() -> None:
    name = "GET /applications/{}/guilds/{}/commands"
    async with shop(RateLimits(routes={name: Limit(1, 10)})) as here:
        application = f"/applications/{here.sandbox.bot_id}/guilds"
        other = here.sandbox.add_guild("Other").id
        first = here.sandbox.guild.id
        statuses = [
            (await here.call("GET", f"{application}/{one}/commands"))[0] for one in (first, other, first)
        ]
        assert statuses == [200, 200, 429]


async def test_the_bot_may_call_fifty_times_in_a_second_over_all_routes() -> None:
    async with shop() as here:
        ids = [str(one.id) for one in here.sandbox.guild.channels]
        paths = [f"/channels/{ids[number % 3]}" for number in range(51)]
        answers = [await here.call("GET", path) for path in paths]
        assert [status for status, _, _ in answers] == [200] * 50 + [429]
        _, body, headers = answers[-1]
        assert body == {"message": "You are being rate limited.", "retry_after": 0.02, "global": True}
        assert (headers["X-RateLimit-Global"], headers["X-RateLimit-Scope"]) == ("true", "global")
        assert headers["Retry-After"] == "1"
        assert limited(headers) == [None] * 5
        assert (await here.call("GET", "/gateway"))[0] == 429, "the client shows its token there too"
        here.clock.advance(0.02)
        assert (await here.call("GET", paths[0]))[0] == 200


async def test_interactions_are_free_of_the_limit_over_all_routes() -> None:
    async with shop(RateLimits(bot=Limit(1, 1000))) as here:
        sandbox = here.sandbox
        commands = [{"name": "do", "description": "Do it"}]
        assert (await here.call("PUT", f"/applications/{sandbox.bot_id}/commands", commands))[0] == 200
        assert (await here.call("GET", "/users/@me"))[0] == 429
        sandbox.gateway.identify(0, (0, 1), Wire())
        alice = sandbox.guild.add_member("Alice")
        asked = [asyncio.ensure_future(alice.command("do")) for _ in range(3)]
        await asyncio.sleep(0)
        tokens = []
        for it in list(sandbox.store.interactions._in_order):  # noqa: SLF001 - it is the bot's view of it
            tokens.append(it.token)
            path = f"/interactions/{it.id}/{it.token}/callback"
            status, _, headers = await here.call("POST", path, {"type": 4, "data": {"content": "x"}})
            assert status == 204
            assert limited(headers) == [None] * 5, "the first answer has no bucket"
        await asyncio.gather(*asked)
        follow_ups = [f"/webhooks/{sandbox.bot_id}/{token}" for token in tokens]
        statuses = [(await here.call("POST", follow_ups[0], {"content": "y"}))[0] for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        _, _, headers = await here.call("POST", follow_ups[1], {"content": "y"})
        assert headers["X-RateLimit-Remaining"] == "4", "each token has a bucket of its own"
        sandbox.gateway.sessions.clear()


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ({"POST /channels/{}/message": Limit(1, 1)}, "no bucket has the name"),
        ({"DELETE /channels/{}/messages/{}/reactions": Limit(1, 1)}, "no bucket has the name"),
        ({"POST /interactions/{}/{}/callback": Limit(1, 1)}, "no bucket has the name"),
        ({SEND: Limit(0, 1)}, "1 call or more"),
        ({SEND: Limit(1, 0)}, "more than 0 seconds"),
    ],
)
def test_limits_that_mean_nothing_are_told_at_once(routes: Mapping[str, Limit], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Sandbox(rate_limits=RateLimits(routes=routes))


async def test_roomy_limits_have_headers_and_refuse_nothing() -> None:
    async with shop(RateLimits.roomy()) as here:
        answers = [await here.send() for _ in range(60)]
        assert {status for status, _, _ in answers} == {200}
        _, _, headers = answers[-1]
        assert headers["X-RateLimit-Remaining"] == "999940"


async def test_the_time_to_a_full_bucket_is_never_nothing() -> None:
    async with shop(RateLimits(routes={SEND: Limit(10_000, 1)})) as here:
        _, _, headers = await here.send()
        assert headers["X-RateLimit-Reset-After"] == "0.001", "hikari divides by it"


async def test_forgotten_buckets_are_those_that_are_full_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discord_sandbox.rest.rate_limits._KEPT", 3)
    async with shop() as here:
        for _ in range(5):
            await here.send()
        for number in range(2, 8):
            await here.call("GET", f"/channels/{number}")
            here.clock.advance(0.3)
        assert (await here.send())[2]["X-RateLimit-Remaining"] == "0"


Start = Callable[[Sandbox], Awaitable[hikari.impl.RESTClientImpl]]


@pytest.fixture
async def rest() -> AsyncIterator[Start]:
    """Start hikari's REST client, which knows how to heed rate limits."""
    apps: list[hikari.RESTApp] = []
    clients: list[hikari.impl.RESTClientImpl] = []

    async def start(sandbox: Sandbox) -> hikari.impl.RESTClientImpl:
        app = hikari.RESTApp(url=sandbox.rest_url, max_retries=0)
        await app.start()
        apps.append(app)
        client = app.acquire(sandbox.token, hikari.TokenType.BOT)
        client.start()
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()
    for app in apps:
        await app.close()


async def test_hikari_slows_down_before_it_is_refused(rest: Start) -> None:
    async with shop(RateLimits(routes={SEND: Limit(5, 0.5)}), frozen=False) as here:
        general = here.sandbox.guild.channel("general")
        client = await rest(here.sandbox)
        await asyncio.gather(*(client.create_message(general.id, str(number)) for number in range(12)))
        sent = here.sandbox.requests_to(SEND)
        assert [one.status for one in sent] == [200] * 12
        assert sent[-1].time - sent[0].time >= 0.69, "5 at once, then 1 each tenth of a second"
        assert list(here.sandbox.refusals) == []


class Warned(logging.Handler):
    """Lets the clock run once hikari was refused, so that it is refused however slow the machine is."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock

    def emit(self, record: logging.LogRecord) -> None:
        if "rate limited" in record.getMessage():
            self._clock.run()


@asynccontextmanager
async def stopped_until_refused(limits: RateLimits) -> AsyncIterator[Shop]:
    async with shop(limits) as here:
        handler = Warned(here.clock)
        logging.getLogger("hikari.rest").addHandler(handler)
        yield here
        logging.getLogger("hikari.rest").removeHandler(handler)


async def test_hikari_waits_out_a_bucket_that_another_used_up(rest: Start) -> None:
    async with stopped_until_refused(RateLimits(routes={SEND: Limit(5, 1.0)})) as here:
        general = here.sandbox.guild.channel("general")
        client = await rest(here.sandbox)
        for _ in range(5):
            await here.send()
        await client.create_message(general.id, "patience")
        sent = here.sandbox.requests_to(SEND)
        assert [one.status for one in sent[:6]] == [200] * 5 + [429]
        assert sent[-1].status == 200
        assert sent[-1].time - sent[5].time >= 0.199
        assert [message.content for message in general.log] == ["x"] * 5 + ["patience"]


async def test_hikari_waits_out_the_limit_over_all_routes(rest: Start) -> None:
    async with stopped_until_refused(RateLimits(bot=Limit(3, 0.6))) as here:
        general = here.sandbox.guild.channel("general")
        client = await rest(here.sandbox)
        await client.create_message(general.id, "first")
        for _ in range(2):
            await here.call("GET", "/users/@me")
        await client.create_message(general.id, "patience")
        sent = here.sandbox.requests_to(SEND)
        assert [one.status for one in sent] == [200, 429, 200]
        assert sent[2].time - sent[1].time >= 0.199
