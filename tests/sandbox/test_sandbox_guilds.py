"""Several guilds: who is in which, what the bot hears of each, and what one guild never sees of another."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, NotVisible, Sandbox
from tests.small_bot import RunningBot

Api = Callable[..., Awaitable[tuple[int, Any]]]


async def test_a_command_works_in_each_guild_and_knows_where_it_is(
    sandbox: Sandbox, bot: RunningBot, alice: Actor
) -> None:
    other = sandbox.add_guild("Other")
    other.join(alice)
    for guild in (sandbox.guild, other):
        answer = (await alice.command("greet", guild.channel("general"), who=guild.owner)).message
        assert answer is not None
        assert answer.raw.channel.guild_id == guild.id
    assert [one.guild_id for one in bot.heard(hikari.GuildJoinEvent)] == [other.id]
    assert {guild.name for guild in bot.gateway.cache.get_guilds_view().values()} == {"Sandbox", "Other"}


async def test_people_see_only_the_guilds_they_are_in(sandbox: Sandbox, alice: Actor) -> None:
    other = sandbox.add_guild("Other", sandbox.guild.owner)
    assert {one.guild_id for one in alice.channels()} == {sandbox.guild.id}
    assert {one.guild_id for one in other.owner.channels()} == {sandbox.guild.id, other.id}
    with pytest.raises(NotVisible, match="no channel #general"):
        await alice.command("task", other.channel("general"))
    other.join(alice)
    assert other.channel("general") in alice.channels()
    alice.leave(other)
    assert other.channel("general") not in alice.channels()
    assert alice not in other
    assert alice in sandbox.guild


async def test_the_bot_is_told_when_it_is_invited_kicked_and_cut_off(
    sandbox: Sandbox, bot: RunningBot, alice: Actor, api: Api
) -> None:
    other = sandbox.add_guild("Other", bot_permissions=None)
    assert (await api("GET", f"/guilds/{other.id}")) == (403, {"message": "Missing Access", "code": 50001})
    other.let_bot_in()
    await alice.until(lambda: bot.heard(hikari.GuildJoinEvent))
    assert (await api("GET", f"/guilds/{other.id}"))[0] == 200

    other.begin_outage()
    await alice.until(lambda: bot.heard(hikari.GuildUnavailableEvent))
    other.create_channel("unheard")
    other.end_outage()
    await alice.until(
        lambda: len(bot.heard(hikari.GuildAvailableEvent)) == 2
    )  # the first guild's at the start
    assert not [one for one in bot.heard(hikari.GuildChannelCreateEvent) if one.channel.name == "unheard"]

    other.remove_bot()
    await alice.until(lambda: bot.heard(hikari.GuildLeaveEvent))
    listed = (await api("GET", "/users/@me/guilds"))[1]
    assert [one["name"] for one in listed] == ["Sandbox"]


async def test_a_person_without_a_guild_in_common_gets_no_direct_message(
    sandbox: Sandbox, api: Api, alice: Actor
) -> None:
    dm = alice.open_dm()
    alice.leave()
    status, body = await api("POST", f"/channels/{dm.id}/messages", {"content": "hello"})
    assert (status, body["code"]) == (403, 50278)
    sandbox.guild.join(alice)
    assert (await api("POST", f"/channels/{dm.id}/messages", {"content": "hello"}))[0] == 200


async def test_names_are_unique_over_all_guilds(sandbox: Sandbox, alice: Actor) -> None:
    other = sandbox.add_guild("Other")
    with pytest.raises(ValueError, match="already somebody called 'Alice'"):
        other.add_member(alice.name)
    with pytest.raises(ValueError, match="already somebody called 'Alice'"):
        sandbox.add_guild("Third", "Alice")
