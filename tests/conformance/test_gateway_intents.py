"""Which intent each event of the gateway needs (page events/gateway, list of intents)."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from discord_sandbox import Channel, GatewaySettings, Permission
from discord_sandbox.gateway.events import EVENTS
from discord_sandbox.intents import KNOWN, PRIVILEGED, Intent
from tests.calling import started
from tests.conformance.scene import Scene, make_scene
from tests.raw_gateway import raw_gateway
from tests.sandbox.desk import Wire

Act = Callable[[Scene], Awaitable[Any] | Any]


@dataclass(frozen=True)
class Gate:
    """An event, the intent that it needs, and what brings it about."""

    event: str
    intent: Intent
    act: Act
    name: str = ""

    @property
    def id(self) -> str:
        """How pytest names the row."""
        needs = self.intent.name if self.intent else "no intent"
        return f"events/gateway: {self.event} needs {needs}{self.name and f', {self.name}'}"


def general(scene: Scene) -> Channel:
    return scene.guild.channel("general")


def own_message(scene: Scene) -> Any:  # noqa: ANN401 - what the actor gives
    return scene.alice.send(general(scene), "mine")


def role(scene: Scene) -> Any:  # noqa: ANN401 - a role
    return scene.guild.guild.roles[int(scene.ids["role"])]


def hide_and_show(scene: Scene) -> None:
    scene.guild.overwrite(general(scene), scene.guild.everyone, deny=Permission.VIEW_CHANNEL)
    scene.guild.overwrite(general(scene), scene.guild.everyone)


def reacted(scene: Scene, message: Any) -> None:  # noqa: ANN401 - what the actor gives
    scene.alice.react(message, "👍")
    scene.alice.unreact(message, "👍")


def ban_and_unban(scene: Scene) -> None:
    scene.guild.ban(scene.alice)
    scene.guild.unban(scene.alice)


async def clear_reactions(scene: Scene, emoji: str = "") -> None:
    scene.give(Permission.MANAGE_MESSAGES)
    message = own_message(scene)
    scene.alice.react(message, "👍")
    answer = await scene.call("DELETE", f"/channels/{{general}}/messages/{message.id}/reactions{emoji}")
    assert answer.status == 204


async def clear_emoji(scene: Scene) -> None:
    await clear_reactions(scene, "/👍")


async def delete_many(scene: Scene) -> None:
    scene.give(Permission.MANAGE_MESSAGES)
    body = {"messages": [str(own_message(scene).id) for _ in range(2)]}
    assert (await scene.call("POST", "/channels/{general}/messages/bulk-delete", body)).status == 204


async def come_back(scene: Scene) -> None:
    for method in ("DELETE", "PUT"):
        assert (await scene.call(method, "/channels/{public}/thread-members/@me")).status == 204


async def command(scene: Scene) -> None:
    (await started(scene.alice.command("do"))).cancel()


async def ephemeral(scene: Scene) -> None:
    hub, wire = scene.sandbox.gateway, Wire()
    session = hub.identify(0, None, wire)
    task = await started(scene.alice.command("do"))
    interaction = json.loads(wire.frames[-1])["d"]
    path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
    answer = await scene.call("POST", path, {"type": 4, "data": {"content": "psst", "flags": 64}})
    assert answer.status == 204
    await task
    hub.left(session)


def in_dm(scene: Scene) -> Any:  # noqa: ANN401 - what the actor gives
    return scene.alice.send(scene.channel("dm"), "hello")


GATES = [
    Gate("INTERACTION_CREATE", Intent.NONE, command),
    Gate("USER_UPDATE", Intent.NONE, lambda scene: scene.call("PATCH", "/users/@me", {"username": "Other"})),
    Gate(
        "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
        Intent.NONE,
        lambda scene: scene.guild.set_command_permission(None, scene.alice, allow=False),
    ),
    Gate("GUILD_CREATE", Intent.GUILDS, lambda scene: scene.sandbox.add_guild("New")),
    Gate("GUILD_UPDATE", Intent.GUILDS, lambda scene: scene.guild.rename("Other name")),
    Gate("GUILD_DELETE", Intent.GUILDS, lambda scene: scene.guild.begin_outage(), "an outage"),
    Gate("GUILD_DELETE", Intent.GUILDS, lambda scene: scene.guild.remove_bot(), "the bot is put out"),
    Gate("GUILD_ROLE_CREATE", Intent.GUILDS, lambda scene: scene.guild.create_role("New")),
    Gate("GUILD_ROLE_UPDATE", Intent.GUILDS, lambda scene: scene.guild.set_permissions(role(scene), 8)),
    Gate("GUILD_ROLE_DELETE", Intent.GUILDS, lambda scene: scene.guild.delete_role(role(scene))),
    Gate("CHANNEL_CREATE", Intent.GUILDS, lambda scene: scene.guild.create_channel("new")),
    Gate("CHANNEL_UPDATE", Intent.GUILDS, hide_and_show),
    Gate("CHANNEL_DELETE", Intent.GUILDS, lambda scene: scene.guild.delete_channel(general(scene))),
    Gate("THREAD_CREATE", Intent.GUILDS, lambda scene: scene.alice.create_thread(general(scene), "new")),
    Gate(
        "THREAD_UPDATE",
        Intent.GUILDS,
        lambda scene: scene.guild.owner.change_thread(scene.channel("thread"), archived=True),
    ),
    Gate(
        "THREAD_DELETE",
        Intent.GUILDS,
        lambda scene: scene.guild.owner.delete_thread(scene.channel("thread")),
    ),
    Gate("THREAD_LIST_SYNC", Intent.GUILDS, hide_and_show),
    Gate("THREAD_MEMBER_UPDATE", Intent.GUILDS, come_back),
    Gate(
        "THREAD_MEMBERS_UPDATE",
        Intent.GUILDS,
        lambda scene: scene.call("DELETE", "/channels/{thread}/thread-members/@me"),
        "the bot itself",
    ),
    Gate(
        "THREAD_MEMBERS_UPDATE",
        Intent.GUILD_MEMBERS,
        lambda scene: scene.alice.leave_thread(scene.channel("thread")),
        "somebody else",
    ),
    Gate("GUILD_MEMBER_ADD", Intent.GUILD_MEMBERS, lambda scene: scene.guild.add_member("New")),
    Gate(
        "GUILD_MEMBER_UPDATE",
        Intent.GUILD_MEMBERS,
        lambda scene: scene.guild.give_role(scene.alice, role(scene)),
    ),
    Gate("GUILD_MEMBER_REMOVE", Intent.GUILD_MEMBERS, lambda scene: scene.alice.leave()),
    Gate("GUILD_BAN_ADD", Intent.GUILD_MODERATION, lambda scene: scene.guild.ban(scene.alice)),
    Gate(
        "GUILD_BAN_REMOVE",
        Intent.GUILD_MODERATION,
        ban_and_unban,
    ),
    Gate("MESSAGE_CREATE", Intent.GUILD_MESSAGES, own_message),
    Gate(
        "MESSAGE_UPDATE", Intent.GUILD_MESSAGES, lambda scene: scene.alice.edit(own_message(scene), "changed")
    ),
    Gate("MESSAGE_DELETE", Intent.GUILD_MESSAGES, lambda scene: scene.alice.delete(own_message(scene))),
    Gate(
        "MESSAGE_REACTION_ADD",
        Intent.GUILD_MESSAGE_REACTIONS,
        lambda scene: reacted(scene, own_message(scene)),
    ),
    Gate(
        "MESSAGE_REACTION_REMOVE",
        Intent.GUILD_MESSAGE_REACTIONS,
        lambda scene: reacted(scene, own_message(scene)),
    ),
    Gate("MESSAGE_REACTION_REMOVE_ALL", Intent.GUILD_MESSAGE_REACTIONS, clear_reactions),
    Gate("MESSAGE_REACTION_REMOVE_EMOJI", Intent.GUILD_MESSAGE_REACTIONS, clear_emoji),
    Gate("MESSAGE_DELETE_BULK", Intent.GUILD_MESSAGES, delete_many),
    Gate("TYPING_START", Intent.GUILD_MESSAGE_TYPING, lambda scene: scene.alice.start_typing(general(scene))),
    Gate(
        "TYPING_START",
        Intent.DIRECT_MESSAGE_TYPING,
        lambda scene: scene.alice.start_typing(scene.channel("dm")),
        "a direct message",
    ),
    Gate("CHANNEL_PINS_UPDATE", Intent.GUILDS, lambda scene: scene.guild.owner.pin(own_message(scene))),
    Gate(
        "CHANNEL_PINS_UPDATE",
        Intent.DIRECT_MESSAGES,
        lambda scene: scene.alice.pin(in_dm(scene)),
        "a direct message",
    ),
    Gate("MESSAGE_CREATE", Intent.DIRECT_MESSAGES, in_dm, "a direct message"),
    Gate("MESSAGE_CREATE", Intent.DIRECT_MESSAGES, ephemeral, "an ephemeral message"),
    Gate(
        "MESSAGE_UPDATE",
        Intent.DIRECT_MESSAGES,
        lambda scene: scene.alice.edit(in_dm(scene), "changed"),
        "a direct message",
    ),
    Gate(
        "MESSAGE_DELETE",
        Intent.DIRECT_MESSAGES,
        lambda scene: scene.alice.delete(in_dm(scene)),
        "a direct message",
    ),
    Gate(
        "MESSAGE_REACTION_ADD",
        Intent.DIRECT_MESSAGE_REACTIONS,
        lambda scene: reacted(scene, in_dm(scene)),
        "a direct message",
    ),
    Gate(
        "MESSAGE_REACTION_REMOVE",
        Intent.DIRECT_MESSAGE_REACTIONS,
        lambda scene: reacted(scene, in_dm(scene)),
        "a direct message",
    ),
]


@pytest.mark.parametrize("gate", GATES, ids=[gate.id for gate in GATES])
async def test_gate(gate: Gate) -> None:
    settings = GatewaySettings(identify_seconds=0)
    async with (
        make_scene(gateway=settings, privileged_intents=PRIVILEGED) as scene,
        raw_gateway(scene.sandbox, gate.intent) as wanting,
        raw_gateway(scene.sandbox, KNOWN & ~gate.intent) as others,
    ):
        scene.give(Permission.BAN_MEMBERS)
        before = [await client.heard(gate.event) for client in (wanting, others)]
        made = gate.act(scene)
        if inspect.isawaitable(made):
            await made
        after = [await client.heard(gate.event) for client in (wanting, others)]
        assert len(after[0]) > len(before[0])
        if gate.intent:
            assert after[1] == before[1]
        await asyncio.sleep(0)


_OF_SESSIONS = {"READY", "RESUMED", "RATE_LIMITED", "GUILD_MEMBERS_CHUNK"}
"""Events that answer what a session does."""


def test_every_event_has_a_row() -> None:
    assert {gate.event for gate in GATES} | _OF_SESSIONS == EVENTS


async def test_bans_are_told_only_to_a_bot_that_may_ban(scene: Scene) -> None:
    """Page events/gateway-events, guild ban add."""
    async with raw_gateway(scene.sandbox, Intent.GUILD_MODERATION) as client:
        scene.guild.ban(scene.alice)
        assert await client.heard("GUILD_BAN_ADD") == []
        scene.give(Permission.BAN_MEMBERS)
        scene.guild.ban(scene.bob)
        assert len(await client.heard("GUILD_BAN_ADD")) == 1
