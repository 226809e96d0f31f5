"""Gateway sessions as Discord documents them: identify with its limits, resume, and how they end."""

from typing import Any

import aiohttp
import pytest

from discord_sandbox import Clock, GatewaySettings, Sandbox
from discord_sandbox.intents import Intent
from tests.conformance.scene import OFFSET
from tests.conformance.test_gateway_closing import PRESENCE
from tests.raw_gateway import identifying, raw_gateway


async def rest(sandbox: Sandbox, path: str, token: str | None = None) -> tuple[int, Any]:
    """Call as the bot."""
    headers = {"Authorization": f"Bot {token or sandbox.token}", "User-Agent": "DiscordBot (https://a.b, 1)"}
    async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{sandbox.rest_url}{path}") as reply:
        return reply.status, await reply.json()


async def test_ready_has_what_discord_documents(sandbox: Sandbox) -> None:
    """Page events/gateway-events, ready."""
    async with raw_gateway(sandbox) as client:
        ready = await client.identify(Intent.GUILDS, shard=[0, 1])
        assert ready["v"] == 10
        assert (ready["user"]["id"], ready["user"]["bot"]) == (str(sandbox.bot_id), True)
        assert ready["guilds"] == [{"id": str(sandbox.guild.id), "unavailable": True}]
        assert ready["resume_gateway_url"] == sandbox.gateway.url
        assert ready["shard"] == [0, 1]
        assert ready["application"] == {"id": str(sandbox.bot_id), "flags": 0}
        assert ready["session_id"] in sandbox.gateway.sessions
        guild = await client.until("GUILD_CREATE")
        assert guild["unavailable"] is False
        extras = {"joined_at", "large", "member_count", "voice_states", "members", "channels", "threads"}
        extras |= {"presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds"}
        assert extras <= guild.keys()
        assert [one["user"]["id"] for one in guild["members"]] == [str(sandbox.bot_id)]


async def test_ready_has_a_shard_only_if_the_bot_sent_one(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox) as client:
        assert "shard" not in await client.identify()


async def test_a_second_identify_within_five_seconds_is_an_invalid_session(sandbox: Sandbox) -> None:
    """Page events/gateway, rate limiting; the same connection may identify again."""
    async with raw_gateway(sandbox, 0), raw_gateway(sandbox) as second:
        await second.send(*identifying(token=sandbox.token))
        assert await second.until_op(9) is False
        sandbox.clock.advance(4.9)
        await second.send(*identifying(token=sandbox.token))
        assert await second.until_op(9) is False
        sandbox.clock.advance(0.1)
        await second.identify()
        assert len(sandbox.gateway.sessions) == 2


async def test_shards_begin_at_once_as_far_as_max_concurrency_goes() -> None:
    """Page events/gateway, max concurrency: the key is the shard's number modulo it."""
    settings = GatewaySettings(max_concurrency=2)
    async with (
        Sandbox(clock=Clock(OFFSET, frozen=True), gateway=settings) as sandbox,
        raw_gateway(sandbox, 0, shard=[0, 3]),
        raw_gateway(sandbox, 0, shard=[1, 3]),
        raw_gateway(sandbox) as third,
    ):
        await third.send(*identifying(token=sandbox.token, shard=[2, 3]))
        assert await third.until_op(9) is False


async def test_session_starts_are_counted_for_a_day(sandbox: Sandbox) -> None:
    """Page events/gateway, session start limit: over all shards, without resumes.

    They are counted for limits.SESSION_STARTS_SECONDS.
    """
    path = "/gateway/bot"
    assert (await rest(sandbox, path))[1] == {
        "url": sandbox.gateway.url,
        "shards": 1,
        "session_start_limit": {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1},
    }
    async with raw_gateway(sandbox, 0, shard=[0, 2]) as client:
        sandbox.clock.advance(5)
    async with raw_gateway(sandbox, 0, shard=[1, 2]):
        pass
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        await again.until_op(9)
        limit = (await rest(sandbox, path))[1]["session_start_limit"]
        assert (limit["remaining"], limit["reset_after"]) == (998, (24 * 3600 - 5) * 1000)
        sandbox.clock.advance(24 * 3600 - 5)
        limit = (await rest(sandbox, path))[1]["session_start_limit"]
        assert (limit["remaining"], limit["reset_after"]) == (1000, 0)


async def test_too_many_session_starts_change_the_token() -> None:
    """Page events/gateway: all sessions end, and the token is reset; the owner must enter the new one."""
    settings = GatewaySettings(session_starts=2, identify_seconds=0)
    async with Sandbox(clock=Clock(OFFSET, frozen=True), gateway=settings) as sandbox:
        old = sandbox.token
        async with raw_gateway(sandbox, 0) as first, raw_gateway(sandbox, 0), raw_gateway(sandbox) as third:
            assert (await rest(sandbox, "/gateway/bot"))[1]["session_start_limit"]["remaining"] == 0
            await third.send(*identifying(token=old))
            assert await third.closed() == 4004
            assert await first.closed() == 4004
        assert sandbox.token != old
        assert (await rest(sandbox, "/users/@me", old))[0] == 401
        async with raw_gateway(sandbox) as client:
            await client.send(*identifying(token=old))
            assert await client.closed() == 4004
        async with raw_gateway(sandbox, 0):
            assert (await rest(sandbox, "/users/@me"))[0] == 200
        assert sandbox.violations == [
            "gateway: too many sessions were begun in 24 hours; the token was changed"
        ]


async def test_frames_are_counted_anew_each_minute(sandbox: Sandbox) -> None:
    """Page events/gateway, rate limiting: 120 in 60 seconds (limits.FRAMES_SECONDS) for each connection."""
    async with raw_gateway(sandbox) as client:
        for _minute in range(2):
            for _number in range(120):
                await client.send(1, None)
                await client.receive()
            sandbox.clock.advance(60)


async def test_a_resume_replays_exactly_what_was_missed(sandbox: Sandbox) -> None:
    """Page events/gateway, resuming: the missed events in order, then RESUMED."""
    alice = sandbox.guild.add_member("Alice")
    general = sandbox.guild.channel("general")
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        alice.send(general, "one")
        await client.until("MESSAGE_CREATE")
        sandbox.gateway.drop()
    sent = [alice.send(general, text).id for text in ("two", "three")]
    assert not sandbox.gateway.connected
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        await again.until("RESUMED")
        events = [frame for frame in again.frames if frame["op"] == 0]
        assert [frame["t"] for frame in events] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
        assert [int(frame["d"]["id"]) for frame in events[:2]] == sent
        assert [frame["s"] for frame in events] == [client.seq + n for n in (1, 2, 3)]
        alice.send(general, "four")
        await again.until("MESSAGE_CREATE")


async def test_a_resume_may_go_back_to_any_event_that_is_kept(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox, Intent.GUILDS) as client:
        sandbox.gateway.drop()
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, 0)
        await again.until("RESUMED")
        assert [frame["t"] for frame in again.frames[1:]] == ["READY", "GUILD_CREATE", "RESUMED"]


async def test_a_resume_takes_the_session_from_the_older_connection(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox, 0) as client, raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        await again.until("RESUMED")
        assert await client.closed() == 4000
        await again.so_far()
        assert len(sandbox.gateway.sessions) == 1


async def test_a_session_that_is_not_known_cannot_be_resumed(sandbox: Sandbox) -> None:
    """Page events/gateway-events, invalid session; the same connection may identify then."""
    async with raw_gateway(sandbox) as client:
        await client.resume("gone", 3)
        assert await client.receive() == {"op": 9, "d": False, "s": None, "t": None}
        await client.identify()


@pytest.mark.parametrize(("seconds", "back"), [(179, True), (181, False)])
async def test_a_session_can_be_resumed_for_some_minutes(
    sandbox: Sandbox, seconds: float, *, back: bool
) -> None:
    """Page events/gateway, initiating a disconnect: it stays active and times out after a few minutes.

    How many is not told: limits.RESUMABLE_SECONDS is the sandbox's own.
    """
    async with raw_gateway(sandbox, 0) as client:
        sandbox.gateway.drop()
    sandbox.clock.advance(seconds)
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        frame = await again.receive()
        assert (frame["op"], frame["t"]) == ((0, "RESUMED") if back else (9, None))


async def test_a_session_that_missed_too_much_cannot_be_resumed(sandbox: Sandbox) -> None:
    alice = sandbox.guild.add_member("Alice")
    general = sandbox.guild.channel("general")
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.gateway.drop()
    message = alice.send(general, "one")
    for number in range(10_000):
        alice.edit(message, str(number))
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        assert await again.until_op(9) is False


@pytest.mark.parametrize(("code", "over"), [(1000, True), (1001, True), (3000, False), (4000, False)])
async def test_how_the_bot_closes_decides_whether_it_can_come_back(
    sandbox: Sandbox, code: int, *, over: bool
) -> None:
    """Page events/gateway, initiating a disconnect."""
    async with raw_gateway(sandbox, 0) as client:
        assert sandbox.bot_presence == "online"
        await client.socket.close(code=code)
    async with raw_gateway(sandbox) as again:
        assert (sandbox.bot_presence == "offline") is over
        await again.resume(client.session_id, client.seq)
        frame = await again.receive()
        assert (frame["op"], frame["t"]) == ((9, None) if over else (0, "RESUMED"))


async def test_people_see_the_bot_go_offline_when_its_session_is_over(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox, 0):
        sandbox.gateway.drop()
    version = sandbox.version
    sandbox.clock.advance(180)
    assert sandbox.version > version
    assert sandbox.bot_presence == "offline"


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_active_session_can_be_invalidated(sandbox: Sandbox, *, resumable: bool) -> None:
    """Page events/gateway-events, invalid session; what is sent then meets 4003."""
    async with raw_gateway(sandbox, 0) as client:
        sandbox.gateway.invalidate_session(resumable=resumable)
        assert await client.until_op(9) is resumable
        await client.send(3, PRESENCE)
        assert await client.closed() == 4003
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        frame = await again.receive()
        assert (frame["op"], frame["t"]) == ((0, "RESUMED") if resumable else (9, None))


async def test_a_resume_beyond_the_latest_event_ends_the_session(sandbox: Sandbox) -> None:
    """Page topics/opcodes-and-status-codes: reconnect and start a new session."""
    async with raw_gateway(sandbox, 0) as client:
        session_id, seq = client.session_id, client.seq
        async with raw_gateway(sandbox) as other:
            await other.resume(session_id, seq + 1)
            assert await other.closed() == 4007
    async with raw_gateway(sandbox) as client:
        await client.resume(session_id, seq)
        assert await client.until_op(9) is False
