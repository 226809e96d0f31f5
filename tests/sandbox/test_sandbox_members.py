"""Guilds, roles and members, as an unchanged hikari bot changes them, and what people notice of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, NotPermitted, Permission, Sandbox
from tests.small_bot import INTENTS, RunningBot


@pytest.fixture
async def manager(sandbox: Sandbox, make_bot: Callable[..., hikari.GatewayBot]) -> RunningBot:
    """A bot that may manage everything below it, with the events that it heard."""
    sandbox.guild.set_permissions(
        sandbox.guild.bot_role,
        sandbox.guild.bot_role.permissions
        | Permission.MANAGE_GUILD
        | Permission.MANAGE_ROLES
        | Permission.MANAGE_NICKNAMES
        | Permission.MODERATE_MEMBERS
        | Permission.KICK_MEMBERS
        | Permission.BAN_MEMBERS,
    )
    gateway = make_bot(intents=INTENTS | hikari.Intents.GUILD_MODERATION)
    running = RunningBot(gateway)

    async def hear(event: hikari.Event) -> None:
        running.events.append(event)
        sandbox.store.feed.notify()

    gateway.subscribe(hikari.Event, hear)
    await gateway.start(check_for_updates=False)
    return running


async def test_a_guild_gets_another_name(sandbox: Sandbox, manager: RunningBot, alice: Actor) -> None:
    guild = await manager.rest.edit_guild(sandbox.guild.id, name="Renamed", reason="it was time, 100 % sûr")
    assert guild.name == sandbox.guild.name == "Renamed"
    (entry,) = sandbox.guild.audit_log
    assert (entry.action, entry.reason) == (1, "it was time, 100 % sûr")
    await alice.until(lambda: manager.heard(hikari.GuildUpdateEvent))
    assert manager.heard(hikari.GuildUpdateEvent)[-1].guild.name == "Renamed"

    sandbox.guild.rename("Again")
    sandbox.guild.set_locale("de")
    await alice.until(lambda: len(manager.heard(hikari.GuildUpdateEvent)) == 3)
    cached = manager.gateway.cache.get_guild(sandbox.guild.id)
    assert cached is not None
    assert (cached.name, cached.preferred_locale) == ("Again", "de")


async def test_roles_are_made_moved_and_deleted(sandbox: Sandbox, manager: RunningBot, alice: Actor) -> None:
    rest, guild = manager.rest, sandbox.guild.id
    role = await rest.create_role(guild, name="Writers", color=0x00FF00, hoist=True, mentionable=True)
    assert (role.name, role.color, role.is_hoisted, role.is_mentionable) == ("Writers", 0x00FF00, True, True)
    await rest.add_role_to_member(guild, alice.id, role)
    edited = await rest.edit_role(guild, role, name="Authors", permissions=hikari.Permissions.VIEW_CHANNEL)
    assert (edited.name, edited.permissions) == ("Authors", hikari.Permissions.VIEW_CHANNEL)
    await rest.reposition_roles(guild, {0: role})
    assert sandbox.guild.guild.roles[role.id].position == 0
    await rest.delete_role(guild, role)
    assert sandbox.guild.guild.members[alice.id].roles == []
    await alice.until(lambda: manager.heard(hikari.RoleDeleteEvent))
    assert len(manager.heard(hikari.RoleCreateEvent)) == 1
    assert len(manager.heard(hikari.RoleUpdateEvent)) == 2


async def test_members_are_renamed_and_timed_out(sandbox: Sandbox, manager: RunningBot, alice: Actor) -> None:
    until = datetime.fromtimestamp(sandbox.clock() + 60, UTC)
    member = await manager.rest.edit_member(
        sandbox.guild.id, alice.id, nickname="Al", communication_disabled_until=until
    )
    assert (member.nickname, member.communication_disabled_until()) == ("Al", until)
    back = await manager.rest.edit_member(sandbox.guild.id, alice.id, communication_disabled_until=None)
    assert back.raw_communication_disabled_until is None
    assert (await manager.rest.edit_my_member(sandbox.guild.id, nickname="Tasks")).nickname == "Tasks"
    await alice.until(lambda: manager.heard(hikari.MemberUpdateEvent))

    sandbox.guild.time_out(alice, 60)
    member = await manager.rest.fetch_member(sandbox.guild.id, alice.id)
    assert member.communication_disabled_until() is not None
    sandbox.guild.time_out(alice, 0)
    member = await manager.rest.fetch_member(sandbox.guild.id, alice.id)
    assert member.communication_disabled_until() is None


async def test_who_is_kicked_may_come_back_and_who_is_banned_may_not(
    sandbox: Sandbox, manager: RunningBot, alice: Actor, bob: Actor
) -> None:
    rest, guild = manager.rest, sandbox.guild
    await rest.kick_user(guild.id, alice.id, reason="mistake")
    assert alice.channels() == []
    guild.join(alice)
    assert alice in guild

    await rest.ban_user(guild.id, bob.id, reason="spam")
    assert bob not in guild
    with pytest.raises(NotPermitted, match="Bob is banned"):
        guild.join(bob)
    (ban,) = await rest.fetch_bans(guild.id)
    assert (ban.user.id, ban.reason) == (bob.id, "spam")
    assert (await rest.fetch_ban(guild.id, bob.id)).reason == "spam"
    await rest.unban_user(guild.id, bob.id)
    guild.join(bob)
    assert bob in guild
    assert [one.action for one in guild.audit_log] == [20, 22, 23]
    await bob.until(lambda: manager.heard(hikari.BanDeleteEvent))
    assert len(manager.heard(hikari.BanCreateEvent)) == 1


async def test_people_kick_and_ban_too(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    sandbox.guild.kick(alice)
    sandbox.guild.ban(bob, "spam")
    assert [one.name for one in sandbox.guild] == [sandbox.guild.owner.name]
    sandbox.guild.unban(bob)
    sandbox.guild.join(alice)
    sandbox.guild.join(bob)
    assert {alice, bob} <= set(sandbox.guild)


async def test_a_bot_leaves_and_renames_itself(sandbox: Sandbox, manager: RunningBot, alice: Actor) -> None:
    user = await manager.rest.edit_my_user(username="Tasks")
    assert user.username == "Tasks"
    await alice.until(lambda: manager.heard(hikari.OwnUserUpdateEvent))
    application = await manager.rest.edit_application(description="Gives tasks", tags=["tasks"])
    assert (application.description, application.tags) == ("Gives tasks", ["tasks"])
    await manager.rest.leave_guild(sandbox.guild.id)
    await alice.until(lambda: manager.heard(hikari.GuildLeaveEvent))
    with pytest.raises(hikari.ForbiddenError):
        await manager.rest.fetch_guild(sandbox.guild.id)


async def test_direct_messages_are_refused_and_taken_again(manager: RunningBot, alice: Actor) -> None:
    direct = await manager.rest.create_dm_channel(alice.id)
    alice.block_dms()
    with pytest.raises(hikari.ForbiddenError) as refused:
        await direct.send("hello")
    assert refused.value.code == 50007
    alice.allow_dms()
    await direct.send("hello")
    assert alice.dm is not None
    assert [one.content for one in alice.messages(alice.dm)] == ["hello"]


async def test_direct_messages_are_not_opened_too_fast(
    api: Callable[..., Any], sandbox: Sandbox, alice: Actor, bob: Actor
) -> None:
    sandbox.dm_openings = 1
    path = "/users/@me/channels"
    assert (await api("POST", path, {"recipient_id": str(alice.id)}))[0] == 200
    status, body = await api("POST", path, {"recipient_id": str(bob.id)})
    assert (status, body["code"]) == (403, 40003)
    sandbox.clock.advance(600)
    assert (await api("POST", path, {"recipient_id": str(bob.id)}))[0] == 200
