"""Channels that the bot cannot see: obfuscated over the gateway, left out over REST.

From the page resources/channel, obfuscated channels.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Channel, Permission, Sandbox
from discord_sandbox.intents import Intent
from discord_sandbox.world.model import ChannelType
from tests.calling import started
from tests.conformance.scene import Scene
from tests.raw_gateway import RawGateway, raw_gateway

VIEW = Permission.VIEW_CHANNEL

Change = Callable[[Scene], None]


def hidden(scene: Scene, position: int = 0) -> dict[str, Any]:
    """Give the channel `general` as it comes obfuscated."""
    return {
        "id": scene.ids["general"],
        "type": 0,
        "guild_id": scene.ids["guild"],
        "position": position,
        "parent_id": None,
        "name": "___hidden___",
        "flags": 1 << 17,
        "topic": None,
        "nsfw": False,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "permission_overwrites": [{"id": scene.ids["guild"], "type": 0, "allow": "0", "deny": "1024"}],
    }


def deny(scene: Scene) -> None:
    scene.guild.overwrite(scene.channel("general"), scene.guild.everyone, deny=VIEW)


def allow(scene: Scene) -> None:
    scene.guild.overwrite(scene.channel("general"), scene.guild.everyone)


async def since(client: RawGateway, mark: int) -> list[tuple[str, Any]]:
    """Give the events after the first `mark`, as (name, data)."""
    return [(frame["t"], frame["d"]) for frame in (await client.so_far())[mark:]]


async def test_a_hidden_channel_is_obfuscated_in_the_guild(scene: Scene) -> None:
    scene.channel("general").topic = "secret plans"
    deny(scene)
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        guild = await client.until("GUILD_CREATE")
        found = {one["id"]: one for one in guild["channels"]}
        assert hidden(scene).items() <= found[scene.ids["general"]].items()
        assert "secret plans" not in str(guild)
        assert found[scene.ids["tasks"]]["name"] == "tasks"
        assert guild["threads"] == []


async def test_a_hidden_channel_is_left_out_over_rest(scene: Scene) -> None:
    deny(scene)
    listed = (await scene.call("GET", "/guilds/{guild}/channels")).body
    assert [one["name"] for one in listed] == ["tasks", "log"]
    assert (await scene.call("GET", "/channels/{general}")).code == 50001


def by_role(scene: Scene) -> None:
    everyone = scene.guild.everyone
    scene.guild.set_permissions(scene.guild.bot_role, 0)
    scene.guild.set_permissions(everyone, everyone.permissions & ~VIEW)


def by_lost_role(scene: Scene) -> None:
    reader = scene.guild.create_role("Readers")
    bot = scene.guild.guild.members[scene.sandbox.bot_id]
    bot.roles.append(reader.id)
    scene.guild.overwrite(scene.channel("general"), reader, allow=VIEW)
    deny(scene)
    scene.guild.delete_role(reader)


@pytest.mark.parametrize("lose", [deny, by_role, by_lost_role])
async def test_losing_sight_of_a_channel_is_told_once_and_obfuscated(scene: Scene, lose: Change) -> None:
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        mark = len(await client.so_far())
        lose(scene)
        events = await since(client, mark)
        of_general = [
            data for name, data in events if name == "CHANNEL_UPDATE" and data["id"] == scene.ids["general"]
        ]
        assert hidden(scene).items() <= of_general[-1].items()
        assert len([one for one in of_general if one["name"] == "___hidden___"]) == 1
        assert not {"THREAD_DELETE", "THREAD_LIST_SYNC", "CHANNEL_DELETE"} & {name for name, _ in events}


async def test_getting_sight_of_a_channel_again_tells_all_of_it_and_its_threads(scene: Scene) -> None:
    deny(scene)
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        mark = len(await client.so_far())
        allow(scene)
        (first, channel), (second, threads) = await since(client, mark)
        assert (first, channel["id"], channel["name"]) == ("CHANNEL_UPDATE", scene.ids["general"], "general")
        assert channel["flags"] == 0
        assert second == "THREAD_LIST_SYNC"
        assert threads["guild_id"] == scene.ids["guild"]
        assert threads["channel_ids"] == [scene.ids["general"]]
        assert {one["id"] for one in threads["threads"]} == {scene.ids["thread"], scene.ids["public"]}
        assert {one["id"] for one in threads["members"]} == {scene.ids["thread"], scene.ids["public"]}


async def test_archived_threads_are_not_synced(scene: Scene) -> None:
    scene.guild.owner.change_thread(scene.channel("thread"), archived=True)
    deny(scene)
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        allow(scene)
        threads = await client.until("THREAD_LIST_SYNC")
        assert [one["id"] for one in threads["threads"]] == [scene.ids["public"]]


async def test_changes_of_a_hidden_channel_come_obfuscated(scene: Scene) -> None:
    deny(scene)
    async with raw_gateway(scene.sandbox, Intent.GUILDS | Intent.GUILD_MESSAGES) as client:
        mark = len(await client.so_far())
        scene.guild.overwrite(scene.channel("general"), scene.bob, deny=Permission.SEND_MESSAGES)
        scene.alice.leave()
        scene.guild.owner.send(scene.channel("general"), "secret")
        scene.guild.owner.delete_thread(scene.channel("public"))
        scene.guild.delete_channel(scene.channel("general"))
        events = await since(client, mark)
        assert [name for name, _ in events] == ["CHANNEL_UPDATE", "CHANNEL_DELETE"]
        for _, channel in events:
            assert hidden(scene).items() <= channel.items()


async def test_a_new_channel_that_is_hidden_comes_obfuscated(scene: Scene) -> None:
    by_role(scene)
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        made = scene.guild.create_channel("plans")
        channel = await client.until("CHANNEL_CREATE")
        assert (channel["id"], channel["name"], channel["position"]) == (str(made.id), "___hidden___", 3)


def of_category(scene: Scene) -> tuple[Channel, Channel]:
    """Make a hidden category with a hidden channel."""
    category = scene.guild.create_channel("area", kind=ChannelType.CATEGORY)
    scene.guild.overwrite(category, scene.guild.everyone, deny=VIEW)
    return category, scene.guild.create_channel("room", parent=category)


async def test_a_category_is_seen_with_one_of_its_channels(scene: Scene) -> None:
    category, room = of_category(scene)
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        guild = await client.until("GUILD_CREATE")
        hidden_ones = {one["id"]: one for one in guild["channels"] if one["flags"]}
        assert hidden_ones.keys() == {str(category.id), str(room.id)}
        assert hidden_ones[str(room.id)]["parent_id"] == str(category.id)

        scene.guild.overwrite(room, scene.guild.everyone, allow=VIEW)
        mark = len(client.frames)
        await client.so_far()
        told = [frame["d"] for frame in client.frames[mark - 1 :] if frame["t"] == "CHANNEL_UPDATE"]
        assert {one["name"] for one in told} == {"area", "room"}
        listed = (await scene.call("GET", "/guilds/{guild}/channels")).body
        assert {"area", "room"} <= {one["name"] for one in listed}

        mark = len(await client.so_far())
        scene.guild.delete_channel(room)
        (first, gone), (second, left) = await since(client, mark)
        assert (first, gone["id"]) == ("CHANNEL_DELETE", str(room.id))
        assert (second, left["id"], left["name"]) == ("CHANNEL_UPDATE", str(category.id), "___hidden___")


async def test_one_change_of_overwrites_and_name_is_told_once(scene: Scene) -> None:
    scene.give(Permission.MANAGE_CHANNELS, Permission.MANAGE_ROLES)
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        mark = len(await client.so_far())
        hide = {"id": scene.ids["guild"], "type": 0, "allow": "0", "deny": str(int(VIEW))}
        body = {"name": "renamed", "permission_overwrites": [hide]}
        assert (await scene.call("PATCH", "/channels/{general}", body)).status == 200
        assert [data["name"] for _, data in await since(client, mark)] == ["___hidden___"]


async def test_changes_that_do_not_concern_the_bot_tell_nothing(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        mark = len(await client.so_far())
        scene.guild.add_member("Carol")
        scene.guild.give_role(scene.alice, scene.guild.guild.roles[int(scene.ids["role"])])
        assert await since(client, mark) == []


async def test_what_changed_in_an_outage_comes_with_the_guild(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        scene.guild.begin_outage()
        mark = len(await client.so_far())
        deny(scene)
        assert await since(client, mark) == []
        scene.guild.end_outage()
        (name, guild), *more = await since(client, mark)
        assert (name, more) == ("GUILD_CREATE", [])
        assert guild["channels"][0]["name"] == "___hidden___"
        allow(scene)
        assert (await client.until("CHANNEL_UPDATE"))["name"] == "general"


async def test_an_interaction_in_a_hidden_channel_has_its_real_data(scene: Scene) -> None:
    scene.guild.overwrite(scene.channel("general"), scene.guild.bot_role, deny=VIEW)
    async with raw_gateway(scene.sandbox, Intent.GUILDS) as client:
        task = await started(scene.alice.command("do", scene.channel("general")))
        interaction = await client.until("INTERACTION_CREATE")
        assert (interaction["channel"]["name"], interaction["app_permissions"]) == ("general", "0")
        task.cancel()


async def test_hikari_sees_what_is_hidden(sandbox: Sandbox) -> None:
    bot = hikari.GatewayBot(
        sandbox.token, rest_url=sandbox.rest_url, banner=None, logs=None, intents=hikari.Intents.GUILDS
    )
    general = sandbox.guild.channel("general")
    await bot.start(check_for_updates=False)
    try:
        for deny_bits, name, obfuscated in ((VIEW, "___hidden___", True), (0, "general", False)):
            heard = asyncio.ensure_future(bot.wait_for(hikari.GuildChannelUpdateEvent, timeout=10))
            await asyncio.sleep(0)
            sandbox.guild.overwrite(general, sandbox.guild.everyone, deny=deny_bits)
            channel = (await heard).channel
            assert channel.name == name
            assert bool(channel.flags & hikari.ChannelFlag.CHANNEL_OBFUSCATED) is obfuscated
    finally:
        await bot.close()
