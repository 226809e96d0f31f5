"""Several shards: which gets what (page events/gateway, sharding)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import hikari
import pytest

from discord_sandbox import Actor, Clock, GatewaySettings, InteractionFailed, Sandbox, SandboxGuild
from discord_sandbox.intents import Intent
from tests.calling import client_headers, started
from tests.conformance.scene import OFFSET
from tests.raw_gateway import RawGateway, raw_gateway

INTENTS = Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES
COUNT = 3


@dataclass
class Fleet:
    """A sandbox with a guild for each of three shards, and Alice in all."""

    sandbox: Sandbox
    guilds: list[SandboxGuild]
    alice: Actor

    async def connect(self, stack: AsyncExitStack, *shards: int) -> list[RawGateway]:
        """Connect some of the shards."""
        return [
            await stack.enter_async_context(raw_gateway(self.sandbox, INTENTS, shard=[number, COUNT]))
            for number in shards
        ]


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    settings = GatewaySettings(max_concurrency=COUNT, shards_required=COUNT)
    clock = Clock(OFFSET, frozen=True)
    async with Sandbox(clock=clock, gateway=settings) as sandbox:
        alice = sandbox.guild.add_member("Alice")
        guilds = {(sandbox.guild.id >> 22) % COUNT: sandbox.guild}
        while len(guilds) < COUNT:
            clock.advance(0.001)
            guild = sandbox.add_guild(f"Guild {clock()}")
            guild.join(alice)
            guilds.setdefault((guild.id >> 22) % COUNT, guild)
        yield Fleet(sandbox, [guilds[number] for number in range(COUNT)], alice)
        assert sandbox.violations == []


async def register(sandbox: Sandbox) -> None:
    """Register a command, as the bot does."""
    path = f"{sandbox.rest_url}/applications/{sandbox.bot_id}/commands"
    commands = [{"name": "do", "description": "Do something"}]
    async with (
        aiohttp.ClientSession(headers=client_headers(sandbox)) as http,
        http.put(path, json=commands) as reply,
    ):
        assert reply.status == 200


async def test_each_shard_gets_its_guilds_and_what_happens_in_them(fleet: Fleet) -> None:
    async with AsyncExitStack() as stack:
        shards = await fleet.connect(stack, 0, 1, 2)
        for number, client in enumerate(shards):
            created = {one["id"] for one in await client.heard("GUILD_CREATE")}
            assert str(fleet.guilds[number].id) in created
            assert {(int(one) >> 22) % COUNT for one in created} == {number}
            assert client.frames[1]["d"]["shard"] == [number, COUNT]
        for guild in fleet.guilds:
            fleet.alice.send(guild.channel("general"), "hello")
        for number, client in enumerate(shards):
            heard = await client.heard("MESSAGE_CREATE")
            assert [one["guild_id"] for one in heard] == [str(fleet.guilds[number].id)]


async def test_direct_messages_go_to_the_first_shard_alone(fleet: Fleet) -> None:
    async with AsyncExitStack() as stack:
        shards = await fleet.connect(stack, 0, 1, 2)
        fleet.alice.send(fleet.alice.open_dm(), "hello")
        assert [len(await one.heard("MESSAGE_CREATE")) for one in shards] == [1, 0, 0]


async def test_interactions_follow_their_guild(fleet: Fleet) -> None:
    await register(fleet.sandbox)
    async with AsyncExitStack() as stack:
        shards = await fleet.connect(stack, 0, 1, 2)
        task = await started(fleet.alice.command("do", fleet.guilds[2].channel("general")))
        assert [len(await one.heard("INTERACTION_CREATE")) for one in shards] == [0, 0, 1]
        task.cancel()


async def test_a_guild_whose_shard_is_away_has_no_bot(fleet: Fleet) -> None:
    await register(fleet.sandbox)
    async with AsyncExitStack() as stack:
        await fleet.connect(stack, 0, 1)
        with pytest.raises(InteractionFailed, match="not connected"):
            await fleet.alice.command("do", fleet.guilds[2].channel("general"))


async def test_shards_of_different_counts_may_stand_side_by_side(fleet: Fleet) -> None:
    """The page allows it, so that a bot can be split anew without a break."""
    async with (
        raw_gateway(fleet.sandbox, INTENTS, shard=[0, COUNT]) as old,
        raw_gateway(fleet.sandbox, INTENTS, shard=[1, COUNT + 1]) as new,
    ):
        guild = fleet.guilds[0]
        fleet.alice.send(guild.channel("general"), "hello")
        assert len(await old.heard("MESSAGE_CREATE")) == 1
        fits = (guild.id >> 22) % (COUNT + 1) == 1
        assert len(await new.heard("MESSAGE_CREATE")) == fits


async def test_hikari_runs_as_several_shards(fleet: Fleet) -> None:
    bot = hikari.GatewayBot(
        fleet.sandbox.token,
        rest_url=fleet.sandbox.rest_url,
        banner=None,
        logs=None,
        intents=hikari.Intents(int(INTENTS)),
    )
    heard: dict[int, int] = {}

    async def hear(event: hikari.MessageCreateEvent) -> None:
        place = event.guild_id if isinstance(event, hikari.GuildMessageCreateEvent) else 0
        heard[place] = event.shard.id
        fleet.sandbox.store.feed.notify()

    bot.subscribe(hikari.MessageCreateEvent, hear)
    await bot.start(check_for_updates=False)
    try:
        assert bot.shard_count == COUNT
        for guild in fleet.guilds:
            fleet.alice.send(guild.channel("general"), "hello")
        fleet.alice.send(fleet.alice.open_dm(), "hello")
        await fleet.alice.until(
            lambda: len(heard) == COUNT + 1, what="a message of each guild, and a direct one"
        )
        assert heard == {0: 0, **{guild.id: number for number, guild in enumerate(fleet.guilds)}}
        assert {guild.id for guild in fleet.guilds} <= set(bot.cache.get_guilds_view())
    finally:
        await bot.close()
