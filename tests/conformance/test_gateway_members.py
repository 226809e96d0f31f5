"""Requesting guild members (page events/gateway-events): who is given, in which chunks, and how often."""

from typing import Any

import hikari
import pytest

from discord_sandbox import GatewaySettings, Sandbox
from discord_sandbox.intents import PRIVILEGED, Intent
from tests.conformance.scene import Scene, make_scene
from tests.raw_gateway import RawGateway, raw_gateway

ALL = Intent.GUILDS | Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES


async def ask(client: RawGateway, scene: Scene, **wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the request
    """Ask for members of the guild, and give the first chunk."""
    await client.send(8, {"guild_id": scene.ids["guild"], **wanted})
    chunk: dict[str, Any] = await client.until("GUILD_MEMBERS_CHUNK")
    return chunk


def names(chunk: dict[str, Any]) -> set[str]:
    return {one["user"]["username"] for one in chunk["members"]}


async def test_all_members_come_in_chunks_of_a_thousand() -> None:
    """Page events/gateway-events, request guild members: limits.MEMBERS_PER_CHUNK."""
    async with (
        make_scene(privileged_intents=PRIVILEGED) as scene,
        raw_gateway(scene.sandbox, ALL) as client,
    ):
        for number in range(2000):
            scene.guild.add_member(f"Person {number}")
        everybody = len(scene.guild.members) + 1
        chunks = [await ask(client, scene, query="", limit=0, nonce="n")]
        while len(chunks) < chunks[0]["chunk_count"]:
            chunks.append(await client.until("GUILD_MEMBERS_CHUNK"))
        assert [len(one["members"]) for one in chunks] == [1000, 1000, everybody - 2000]
        assert [one["chunk_index"] for one in chunks] == [0, 1, 2]
        assert {one["nonce"] for one in chunks} == {"n"}
        assert {one["guild_id"] for one in chunks} == {scene.ids["guild"]}
        assert len({one["user"]["id"] for chunk in chunks for one in chunk["members"]}) == everybody
        assert "presences" not in chunks[0]


async def test_some_members_are_given_by_id_and_the_others_named(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, 0) as client:
        wanted = [scene.ids["alice"], "1", "nobody"]
        chunk = await ask(client, scene, user_ids=wanted)
        assert (names(chunk), chunk["not_found"]) == ({"alice"}, ["1", "nobody"])
        assert (chunk["chunk_index"], chunk["chunk_count"]) == (0, 1)
        chunk = await ask(client, scene, user_ids=scene.ids["bob"])
        assert names(chunk) == {"bob"}
        assert chunk.keys().isdisjoint({"not_found", "nonce", "presences"})


@pytest.mark.parametrize(
    ("query", "limit", "found"), [("al", 5, {"alice"}), ("AL", 0, {"alice"}), ("x", 5, set())]
)
async def test_members_are_found_by_how_their_names_begin(
    scene: Scene, query: str, limit: int, found: set[str]
) -> None:
    async with raw_gateway(scene.sandbox, 0) as client:
        assert names(await ask(client, scene, query=query, limit=limit)) == found


async def test_a_hundred_at_most_are_found_by_name_or_id(scene: Scene) -> None:
    """Page events/gateway-events, request guild members: limits.MEMBERS_NAMED."""
    people = [scene.guild.add_member(f"Person {number}") for number in range(101)]
    async with raw_gateway(scene.sandbox, 0) as client:
        for limit in (0, 101):
            assert len((await ask(client, scene, query="person", limit=limit))["members"]) == 100
        assert len((await ask(client, scene, query="person", limit=7))["members"]) == 7
        chunk = await ask(client, scene, user_ids=[str(one.id) for one in people])
        assert len(chunk["members"]) == 100


async def test_presences_need_the_intent() -> None:
    settings = GatewaySettings(identify_seconds=0)
    async with make_scene(privileged_intents=PRIVILEGED, gateway=settings) as scene:
        for intents, given in ((ALL, True), (Intent.GUILDS, False)):
            async with raw_gateway(scene.sandbox, intents) as client:
                chunk = await ask(client, scene, query="al", limit=1, presences=True)
                assert ("presences" in chunk) is given


@pytest.mark.parametrize(
    ("nonce", "repeated"), [("x" * 32, True), ("x" * 33, False), ("ä" * 17, False), (5, False)]
)
async def test_a_nonce_of_32_bytes_is_repeated_and_any_other_ignored(
    scene: Scene, nonce: object, *, repeated: bool
) -> None:
    """Page events/gateway-events, request guild members: limits.MEMBERS_NONCE_BYTES."""
    async with raw_gateway(scene.sandbox, 0) as client:
        chunk = await ask(client, scene, query="al", limit=1, nonce=nonce)
        assert chunk.get("nonce") == (nonce if repeated else None)


async def test_all_members_may_be_asked_for_once_in_thirty_seconds() -> None:
    """Each guild for itself, by limits.ALL_MEMBERS_SECONDS; the answer is then RATE_LIMITED."""
    async with (
        make_scene(privileged_intents=PRIVILEGED) as scene,
        raw_gateway(scene.sandbox, ALL) as client,
    ):
        other = scene.sandbox.add_guild("Second")
        everybody = {"query": "", "limit": 0}
        await ask(client, scene, **everybody)
        await client.send(8, {"guild_id": str(other.id), **everybody})
        await client.until("GUILD_MEMBERS_CHUNK")
        scene.clock.advance(10)
        await client.send(8, {"guild_id": scene.ids["guild"], "nonce": "n", **everybody})
        limited = await client.until("RATE_LIMITED")
        assert limited == {
            "opcode": 8,
            "retry_after": 20.0,
            "meta": {"guild_id": scene.ids["guild"], "nonce": "n"},
        }
        await ask(client, scene, query="al", limit=1)
        scene.clock.advance(20)
        assert len((await ask(client, scene, **everybody))["members"]) == 4


async def test_all_members_need_the_intent(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        await client.send(8, {"guild_id": scene.ids["guild"], "query": "", "limit": 0})
        assert await client.heard("GUILD_MEMBERS_CHUNK") == []
    assert scene.sandbox.violations == ["gateway: all members of a guild need the intent GUILD_MEMBERS"]


async def test_members_of_a_guild_without_the_bot_are_not_given(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, 0) as client:
        await client.send(8, {"guild_id": scene.ids["other_guild"], "query": "a", "limit": 1})
        assert await client.heard("GUILD_MEMBERS_CHUNK") == []
    assert scene.sandbox.violations == ["gateway: the bot is not in the guild whose members it wants"]


@pytest.mark.parametrize(("threshold", "large"), [(50, True), (60, False)])
async def test_a_guild_comes_with_members_only_for_those_who_get_presences(
    *, threshold: int, large: bool
) -> None:
    """Page events/gateway-events, guild create and request guild members."""
    settings = GatewaySettings(identify_seconds=0)
    async with make_scene(privileged_intents=PRIVILEGED, gateway=settings) as scene:
        for number in range(50):
            scene.guild.add_member(f"Person {number}")
        scene.guild.give_role(scene.alice, scene.guild.guild.roles[int(scene.ids["role"])])
        for intents in (Intent.GUILDS, ALL):
            async with raw_gateway(scene.sandbox, intents, large_threshold=threshold) as client:
                guild = await client.until("GUILD_CREATE")
                assert (guild["member_count"], guild["large"]) == (54, large)
                expected = 54 if intents == ALL else 1
                if intents == ALL and large:
                    assert names(guild) == {"sandbox_bot", "alice"}
                else:
                    assert len(guild["members"]) == expected


async def test_hikari_fills_its_cache_with_all_members() -> None:
    """Its `auto_chunk_members` asks for them when a guild comes."""
    async with Sandbox(privileged_intents=PRIVILEGED) as sandbox:
        for number in range(1100):
            sandbox.guild.add_member(f"Person {number}")
        bot = hikari.GatewayBot(
            sandbox.token,
            rest_url=sandbox.rest_url,
            banner=None,
            logs=None,
            intents=hikari.Intents.GUILDS | hikari.Intents.GUILD_MEMBERS,
        )
        chunks: list[hikari.MemberChunkEvent] = []

        async def hear(event: hikari.MemberChunkEvent) -> None:
            chunks.append(event)
            sandbox.store.feed.notify()

        bot.subscribe(hikari.MemberChunkEvent, hear)
        await bot.start(check_for_updates=False)
        await sandbox.guild.owner.until(lambda: len(chunks) == 2, what="both chunks")
        assert len(bot.cache.get_members_view_for_guild(sandbox.guild.id)) == 1102
        await bot.close()
        assert sandbox.violations == []
