"""The log of all calls: what one can ask it, and what is never in it."""

import aiohttp
import hikari
import pytest

from discord_sandbox import Actor, Clock, RateLimits, Sandbox
from tests.calling import Api, client_headers
from tests.small_bot import RunningBot

ANSWER = "POST /interactions/{}/{}/callback"
SEND = "POST /channels/{}/messages"


async def test_an_entry_has_what_came_and_what_was_answered(sandbox: Sandbox, api: Api) -> None:
    general = sandbox.guild.channel("general").id
    body = {"content": "x" * 2001}
    await api("POST", f"/channels/{general}/messages", body)
    await api("GET", f"/channels/{general}/messages?limit=5")
    await api("PUT", f"/channels/{general}/thread-members/@me")
    sent, read, join = sandbox.requests
    assert (sent.method, sent.route, sent.status, sent.code) == ("POST", "/channels/{}/messages", 400, 50035)
    assert (sent.path, sent.payload) == (f"/channels/{general}/messages", body)
    assert (read.status, read.code, dict(read.query), read.payload) == (200, None, {"limit": "5"}, None)
    assert (join.status, join.code) == (400, 50024)


async def test_the_time_is_that_of_the_sandboxs_clock() -> None:
    clock = Clock(1_700_000_000.25, frozen=True)
    async with (
        Sandbox(clock=clock) as sandbox,
        aiohttp.ClientSession(headers=client_headers(sandbox)) as session,
    ):
        api = Api(session, sandbox.rest_url)
        await api("GET", "/users/@me")
        clock.advance(60)
        await api("POST", f"/channels/{sandbox.guild.channel('log').id}/messages?x=1 2", {"content": "é"})
        first, second = sandbox.requests
        assert (first.time, second.time) == (1_700_000_000.25, 1_700_000_060.25)
        assert str(first) == "22:13:20.250 GET /users/@me -> 200"
        channel = sandbox.guild.channel("log").id
        assert str(second) == (
            f'22:14:20.250 POST /channels/{channel}/messages?x=1+2 -> 400 (50035) {{"content":"\\u00e9"}}'
        )


async def test_a_long_body_is_one_short_line(sandbox: Sandbox, api: Api) -> None:
    await api("POST", f"/channels/{sandbox.guild.channel('log').id}/messages", {"content": "a\nb" * 500})
    line = str(sandbox.requests[-1])
    assert "\n" not in line
    assert len(line) < 400
    assert line.endswith("…")


async def test_files_are_named_with_their_sizes(sandbox: Sandbox, bot: RunningBot) -> None:
    files = [hikari.Bytes(b"12345", "five.txt"), hikari.Bytes(b"123", "three.txt")]
    await bot.rest.create_message(sandbox.guild.channel("general").id, "two files", attachments=files)
    (entry,) = sandbox.requests_to(SEND)
    assert [(one.name, one.size) for one in entry.files] == [("five.txt", 5), ("three.txt", 3)]
    assert entry.payload["content"] == "two files"
    assert str(entry).endswith("+five.txt (5 bytes) +three.txt (3 bytes)")


async def test_no_token_is_in_the_log(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    assert bot.gateway.is_alive
    message = (await alice.command("task")).message
    assert message is not None
    await message.click("Later")
    await alice.until(lambda: message.content == "later came")
    tokens = [it.token for it in sandbox.store.interactions._in_order]  # noqa: SLF001 - nothing else knows them all
    assert len(tokens) == 2
    shown = "\n".join(map(repr, sandbox.requests))
    for secret in (sandbox.token, *tokens):
        assert secret not in shown
    assert {one.path.split("/")[3] for one in sandbox.requests_to(ANSWER)} == {"{token}"}
    assert f"/webhooks/{sandbox.bot_id}/{{token}}/messages/" in shown


async def test_no_token_is_in_a_complaint(strict_sandbox: Sandbox, strict_api: Api) -> None:
    await strict_api("POST", "/webhooks/1/secret-token/slack", {})
    assert strict_sandbox.violations == ["POST /webhooks/1/{token}/slack: unknown route"]
    assert [one.path for one in strict_sandbox.requests] == ["/webhooks/1/{token}/slack"]


async def test_calls_to_one_route_are_asked_for_by_its_pattern(sandbox: Sandbox, api: Api) -> None:
    general = sandbox.guild.channel("general").id
    await api("POST", f"/channels/{general}/messages", {"content": "one"})
    await api("GET", f"/channels/{general}/messages")
    await api("POST", f"/channels/{general}/messages", {"content": "two"})
    assert [one.payload["content"] for one in sandbox.requests_to(SEND)] == ["one", "two"]
    with pytest.raises(ValueError, match=r"do you mean POST /channels/\{\}/messages"):
        sandbox.requests_to("POST /channel/{}/messages")


async def test_a_lost_reply_and_a_fault_are_in_the_log(sandbox: Sandbox, api: Api) -> None:
    general = sandbox.guild.channel("general").id
    sandbox.faults.lose_reply(SEND)
    sandbox.faults.rate_limit(3, SEND, skip=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api("POST", f"/channels/{general}/messages", {"content": "one"})
    await api("POST", f"/channels/{general}/messages", {"content": "two"})
    assert [(one.status, one.code, one.payload["content"]) for one in sandbox.requests] == [
        (0, None, "one"),
        (429, None, "two"),
    ]
    assert "-> reply lost" in str(sandbox.requests[0])


async def test_old_calls_lose_their_bodies_first(
    sandbox: Sandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord_sandbox.watching.log._BODIES", 2)
    general = sandbox.guild.channel("general").id
    for content in ("one", "two", "three"):
        await api("POST", f"/channels/{general}/messages", {"content": content})
    assert [one.payload for one in sandbox.requests] == [None, {"content": "two"}, {"content": "three"}]


async def test_a_refused_bucket_is_in_the_log_and_among_the_refusals() -> None:
    async with (
        Sandbox(clock=Clock(frozen=True), rate_limits=RateLimits()) as sandbox,
        aiohttp.ClientSession(headers=client_headers(sandbox)) as session,
    ):
        api = Api(session, sandbox.rest_url)
        general = sandbox.guild.channel("general").id
        for number in range(6):
            await api("POST", f"/channels/{general}/messages", {"content": str(number)})
        assert [one.status for one in sandbox.requests] == [200] * 5 + [429]
        assert sandbox.requests[-1].payload == {"content": "5"}
        assert [one.status for one in sandbox.refusals] == [429]
