"""Faults of the gateway on demand: the exact frames, and what the unchanged hikari makes of each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import hikari
import pytest

from discord_sandbox import Actor, Clock, Fault, GatewaySettings, Sandbox
from discord_sandbox.faults.every import Faults
from discord_sandbox.gateway.closing import CloseCode
from discord_sandbox.intents import Intent
from tests.calling import started
from tests.conformance.scene import OFFSET
from tests.conformance.test_gateway_shards import register
from tests.raw_gateway import RawGateway, raw_gateway

ON = "MESSAGE_CREATE"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    settings = GatewaySettings(identify_seconds=0)
    async with Sandbox(clock=Clock(OFFSET, frozen=True), gateway=settings) as running:
        yield running
        assert running.violations == []


@pytest.fixture
def alice(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Alice")


def say(sandbox: Sandbox, alice: Actor, *texts: str) -> list[str]:
    """Let Alice write; gives the ids."""
    return [str(alice.send(sandbox.guild.channel("general"), text).id) for text in texts]


async def ids(client: RawGateway) -> list[str]:
    """Give the messages that a client heard of until now."""
    return [one["id"] for one in await client.heard(ON)]


async def came_back(client: RawGateway, sandbox: Sandbox) -> list[str]:
    """Resume on a new connection, and give the messages that are replayed there."""
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        await again.until("RESUMED")
        return await ids(again)


# -- the exact frames ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [None, 1001, 3000, *(int(one) for one in CloseCode)])
@pytest.mark.parametrize("before", [True, False])
async def test_a_drop_at_an_event(sandbox: Sandbox, alice: Actor, code: int | None, *, before: bool) -> None:
    """Page topics/opcodes-and-status-codes: after 4004, 4007 and 4009 a new session is needed."""
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        fault = sandbox.faults.drop_gateway(ON, code, before=before)
        (sent,) = say(sandbox, alice, "one")
        assert fault.struck == 1
        assert not sandbox.gateway.connected
        if not before:
            assert (await client.receive())["d"]["id"] == sent
        assert await client.closed() == (code or 1006)
        if code in {4004, 4007, 4009}:
            assert sandbox.gateway.sessions == {}
        else:
            assert await came_back(client, sandbox) == ([sent] if before else [])


async def test_an_event_can_come_twice(sandbox: Sandbox, alice: Actor) -> None:
    """Page reference: events may be delivered several times."""
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.faults.duplicate_event(ON)
        first, second = say(sandbox, alice, "one", "two")
        assert await ids(client) == [first, first, second]
        numbers = [frame["s"] for frame in client.frames if frame["t"] == ON]
        assert numbers == [2, 3, 4]


async def test_an_event_can_be_lost(sandbox: Sandbox, alice: Actor) -> None:
    """Page reference: events may be delivered zero times."""
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.faults.lose_event(ON)
        _, second = say(sandbox, alice, "one", "two")
        assert await ids(client) == [second]
        sandbox.gateway.drop()
        assert await came_back(client, sandbox) == []


async def test_an_event_can_be_late(sandbox: Sandbox, alice: Actor) -> None:
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.faults.delay_event(ON, 2.0)
        first, second = say(sandbox, alice, "one", "two")
        assert await ids(client) == [second]
        sandbox.clock.advance(1.9)
        assert await ids(client) == [second]
        sandbox.clock.advance(0.1)
        assert await ids(client) == [second, first]


async def test_the_bot_can_be_asked_to_reconnect_at_an_event(sandbox: Sandbox, alice: Actor) -> None:
    """Page events/gateway-events, reconnect."""
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.faults.ask_to_reconnect(ON)
        seq = client.seq
        (sent,) = say(sandbox, alice, "one")
        assert await client.receive() == {"op": 7, "d": None, "s": None, "t": None}
        assert (await client.receive())["d"]["id"] == sent
        client.seq = seq
        await client.socket.close(code=3000)
        assert await came_back(client, sandbox) == [sent]


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_session_can_become_invalid_at_an_event(
    sandbox: Sandbox, alice: Actor, *, resumable: bool
) -> None:
    """Page events/gateway-events, invalid session."""
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.faults.invalidate_session(ON, resumable=resumable)
        (sent,) = say(sandbox, alice, "one")
        assert await client.receive() == {"op": 9, "d": resumable, "s": None, "t": None}
        if resumable:
            assert await came_back(client, sandbox) == [sent]
        else:
            assert sandbox.gateway.sessions == {}


async def test_a_resume_can_be_refused(sandbox: Sandbox, alice: Actor) -> None:
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.gateway.drop()
    say(sandbox, alice, "one")
    fault = sandbox.faults.refuse_resume()
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        assert await again.until_op(9) is False
        assert fault.struck == 1
        await again.resume(client.session_id, client.seq)
        assert await again.until_op(9) is False, "the session is gone then"


async def test_an_identify_can_be_refused(sandbox: Sandbox) -> None:
    sandbox.faults.refuse_identify(4008)
    async with raw_gateway(sandbox) as client:
        await client.send(2, {"token": sandbox.token, "intents": 0, "properties": {}})
        assert await client.closed() == 4008
    async with raw_gateway(sandbox, 0):
        assert sandbox.gateway.connected


async def test_the_hello_can_be_late(sandbox: Sandbox) -> None:
    fault = sandbox.faults.slow_hello(5)
    async with raw_gateway(sandbox, hello=False) as client:
        await fault.happened()
        sandbox.clock.advance(4.9)
        await client.send(1, None)
        assert (await client.receive())["op"] == 11, "nothing came before it"
        sandbox.clock.advance(0.1)
        assert (await client.receive())["op"] == 10


async def test_heartbeats_can_stay_without_an_answer(sandbox: Sandbox) -> None:
    async with raw_gateway(sandbox) as client:
        fault = sandbox.faults.stop_heartbeat_acks(times=2, skip=1)
        for _ in range(4):
            await client.send(1, None)
        await client.send(2, {"token": sandbox.token, "intents": 0, "properties": {}})
        await client.until("READY")
        assert [frame["op"] for frame in client.frames] == [10, 11, 11, 0]
        assert fault.struck == 2


async def test_faults_count_what_goes_to_a_connected_session(sandbox: Sandbox, alice: Actor) -> None:
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.gateway.drop()
    fault = sandbox.faults.lose_event(ON, skip=1, times=2)
    (missed,) = say(sandbox, alice, "while it was away")
    async with raw_gateway(sandbox) as again:
        await again.resume(client.session_id, client.seq)
        await again.until("RESUMED")
        first, _, _, last = say(sandbox, alice, "one", "two", "three", "four")
        assert await ids(again) == [missed, first, last]
    assert (fault.struck, fault.active) == (2, False)


async def test_a_fault_that_is_removed_strikes_no_more(sandbox: Sandbox, alice: Actor) -> None:
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        with sandbox.faults.lose_event("*", times=None):
            say(sandbox, alice, "one")
        (second,) = say(sandbox, alice, "two")
        assert await ids(client) == [second]


async def test_of_two_faults_the_first_that_strikes_acts(sandbox: Sandbox, alice: Actor) -> None:
    async with raw_gateway(sandbox, Intent.GUILD_MESSAGES) as client:
        sandbox.faults.duplicate_event(ON)
        second_fault = sandbox.faults.lose_event(ON)
        first, _ = say(sandbox, alice, "one", "two")
        assert await ids(client) == [first, first]
        assert second_fault.struck == 1


async def test_what_the_gateway_does_not_have_cannot_be_a_fault(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no event 'INTERACTION'"):
        sandbox.faults.lose_event("INTERACTION")
    with pytest.raises(ValueError, match="4006"):
        sandbox.faults.refuse_identify(4006)


# -- what hikari makes of them ------------------------------------------------------------------------


@dataclass
class Bot:
    """A hikari bot, and how often it began a session, resumed one, and heard of an interaction."""

    gateway: hikari.GatewayBot
    ready: int = 0
    resumed: int = 0
    interactions: list[int] = field(default_factory=list)


@pytest.fixture
async def bot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    # hikari waits one to two seconds before it reconnects within half a minute; only that is shortened.
    monkeypatch.setattr("hikari.impl.shard._BACKOFF_WINDOW", 0.0)
    gateway = hikari.GatewayBot(
        sandbox.token, rest_url=sandbox.rest_url, banner=None, logs=None, intents=hikari.Intents.GUILDS
    )
    running = Bot(gateway)

    async def ready(_: hikari.ShardReadyEvent) -> None:
        running.ready += 1
        sandbox.store.feed.notify()

    async def resumed(_: hikari.ShardResumedEvent) -> None:
        running.resumed += 1
        sandbox.store.feed.notify()

    async def interaction(event: hikari.InteractionCreateEvent) -> None:
        running.interactions.append(int(event.interaction.id))
        sandbox.store.feed.notify()

    gateway.subscribe(hikari.ShardReadyEvent, ready)
    gateway.subscribe(hikari.ShardResumedEvent, resumed)
    gateway.subscribe(hikari.InteractionCreateEvent, interaction)
    await register(sandbox)
    yield running
    if gateway.is_alive:
        await asyncio.wait_for(gateway.close(), timeout=10)


AT = "INTERACTION_CREATE"


@dataclass(frozen=True)
class Trouble:
    """A fault at an interaction, and what hikari makes of it.

    Attributes:
        name: What the row shows.
        make: Makes the fault.
        sessions: How many sessions hikari begins in all.
        resumes: How many it resumes.
        heard: How often it hears of the interaction.
    """

    name: str
    make: Callable[[Faults], Fault]
    sessions: int = 1
    resumes: int = 1
    heard: int = 1


def closing(code: int) -> Callable[[Faults], Fault]:
    """Make a fault that closes with a code before the interaction is sent."""
    return lambda faults: faults.drop_gateway(AT, code, before=True)


TROUBLES = [
    Trouble("a broken connection before", lambda faults: faults.drop_gateway(AT, before=True)),
    Trouble("a broken connection after", lambda faults: faults.drop_gateway(AT)),
    *(Trouble(f"{code} before", closing(code)) for code in (1001, 4000, 4002, 4008)),
    Trouble("4000 after", lambda faults: faults.drop_gateway(AT, 4000)),
    Trouble("4009 before", closing(4009), 2, 0, 0),
    Trouble("4009 after", lambda faults: faults.drop_gateway(AT, 4009), 2, 0, 1),
    Trouble("4007 before", closing(4007), 2, 0, 0),
    Trouble("reconnect", lambda faults: faults.ask_to_reconnect(AT)),
    Trouble("invalid session, resumable", lambda faults: faults.invalidate_session(AT, resumable=True)),
    Trouble("invalid session, lost", lambda faults: faults.invalidate_session(AT, resumable=False), 2, 0, 0),
    Trouble("twice", lambda faults: faults.duplicate_event(AT), 1, 0, 2),
    Trouble("never", lambda faults: faults.lose_event(AT), 1, 0, 0),
]


@pytest.mark.parametrize("row", TROUBLES, ids=[row.name for row in TROUBLES])
async def test_what_hikari_makes_of_a_fault(sandbox: Sandbox, alice: Actor, bot: Bot, row: Trouble) -> None:
    await bot.gateway.start(check_for_updates=False)
    fault = row.make(sandbox.faults)
    first = await started(alice.command("do"))
    assert fault.struck == 1

    def settled() -> bool:
        return (bot.ready, bot.resumed) == (row.sessions, row.resumes) and sandbox.gateway.connected

    await alice.until(settled, what="the session after the fault")
    second = await started(alice.command("do"))
    await alice.until(lambda: len(set(bot.interactions)) == 1 + bool(row.heard), what="the next interaction")
    assert len(bot.interactions) == row.heard + 1
    for task in (first, second):
        task.cancel()


async def test_hikari_identifies_anew_when_its_resume_is_refused(
    sandbox: Sandbox, alice: Actor, bot: Bot
) -> None:
    await bot.gateway.start(check_for_updates=False)
    sandbox.faults.drop_gateway(AT, before=True)
    sandbox.faults.refuse_resume()
    task = await started(alice.command("do"))
    await alice.until(lambda: bot.ready == 2, what="a second session")
    assert (bot.resumed, bot.interactions) == (0, [])
    task.cancel()


async def test_hikari_leaves_a_connection_that_does_not_answer_heartbeats(
    sandbox: Sandbox, alice: Actor, bot: Bot
) -> None:
    sandbox.gateway.settings.heartbeat_interval = 0.2
    await bot.gateway.start(check_for_updates=False)
    fault = sandbox.faults.stop_heartbeat_acks(times=1)
    await fault.happened()
    task = await started(alice.command("do"))
    await alice.until(lambda: bot.resumed == 1, what="a resumed session")
    assert (bot.ready, len(bot.interactions)) == (1, 1)
    task.cancel()


async def test_hikari_answers_when_it_is_asked_for_a_heartbeat(
    sandbox: Sandbox, alice: Actor, bot: Bot
) -> None:
    """However far the clock is moved, a bot that is alive keeps its session."""
    await bot.gateway.start(check_for_updates=False)
    for _ in range(3):
        sandbox.clock.advance(3600)
        bot.interactions.clear()
        task = await started(alice.command("do"))
        await alice.until(lambda: bool(bot.interactions), what="the interaction")
        task.cancel()
    assert (bot.ready, bot.resumed) == (1, 0)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_hikari_gives_up_where_discord_says_so(sandbox: Sandbox, bot: Bot, code: int) -> None:
    """Page topics/opcodes-and-status-codes: do not reconnect."""
    sandbox.faults.refuse_identify(code)
    with pytest.raises(hikari.GatewayServerClosedConnectionError) as refused:
        await bot.gateway.start(check_for_updates=False)
    assert refused.value.code == code


async def test_hikari_waits_for_a_late_hello(sandbox: Sandbox, bot: Bot) -> None:
    fault = sandbox.faults.slow_hello(5)
    starting = asyncio.ensure_future(bot.gateway.start(check_for_updates=False))
    await fault.happened()
    sandbox.clock.advance(5)
    await starting
    assert sandbox.gateway.connected
