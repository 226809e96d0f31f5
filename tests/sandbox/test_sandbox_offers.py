"""Who is offered which command where, and what the bot hears when a guild changes that."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest
from hikari.events.application_events import ApplicationCommandPermissionsUpdateEvent

from discord_sandbox import Actor, Channel, NotPermitted, NotVisible, Permission, Sandbox
from discord_sandbox.world.commands import USER_MENU, Command
from tests.small_bot import RunningBot

Api = Callable[..., Awaitable[tuple[int, Any]]]
Json = dict[str, Any]


@pytest.fixture
def register(api: Api, sandbox: Sandbox) -> Callable[..., Awaitable[dict[str, Command]]]:
    """Register global slash commands by name and fields, and give them."""

    async def put(**commands: Json) -> dict[str, Command]:
        bodies = [{"name": name, "description": "x", **fields} for name, fields in commands.items()]
        assert (await api("PUT", f"/applications/{sandbox.bot_id}/commands", bodies))[0] == 200
        return {one.name: one for one in sandbox.store.commands.listed(None)}

    return put


def names(person: Actor, channel: Channel | None = None) -> list[str]:
    return [one.name for one in person.commands(channel)]


async def test_a_person_or_role_is_let_in_or_kept_out(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, alice: Actor, bob: Actor
) -> None:
    guild = sandbox.guild
    helpers = guild.create_role("Helpers")
    guild.give_role(alice, helpers)
    made = await register(task={}, keep={"default_member_permissions": "0"})

    guild.set_command_permission(made["task"], guild.everyone, allow=False)
    assert (names(alice), names(bob), names(guild.owner)) == ([], [], ["task", "keep"])
    guild.set_command_permission(made["task"], helpers, allow=True)
    assert (names(alice), names(bob)) == (["task"], [])
    guild.set_command_permission(made["task"], alice, allow=False)
    assert names(alice) == []
    guild.set_command_permission(made["task"], alice, allow=None)
    assert names(alice) == ["task"]
    guild.set_command_permission(made["keep"], bob, allow=True)
    assert names(bob) == ["keep"], "an explicit permission is enough, whatever the command needs by default"


async def test_a_role_that_may_outweighs_one_that_may_not(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, alice: Actor
) -> None:
    guild = sandbox.guild
    made = await register(task={})
    for name, allow in (("Newcomers", False), ("Helpers", True)):
        role = guild.create_role(name)
        guild.give_role(alice, role)
        guild.set_command_permission(made["task"], role, allow=allow)
    assert names(alice) == ["task"]


async def test_a_channel_is_switched_off_with_its_threads(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, alice: Actor
) -> None:
    guild = sandbox.guild
    general, tasks = guild.channel("general"), guild.channel("tasks")
    thread = alice.create_thread(general, "talk")
    made = await register(task={})
    guild.set_command_permission(made["task"], general, allow=False)
    assert (names(alice, general), names(alice, thread), names(alice, tasks)) == ([], [], ["task"])
    guild.set_command_permission(made["task"], None, allow=False)
    guild.set_command_permission(made["task"], general, allow=True)
    assert (names(alice, general), names(alice, thread), names(alice, tasks)) == (["task"], ["task"], [])


async def test_what_is_set_for_all_counts_where_nothing_else_is(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, alice: Actor, bob: Actor
) -> None:
    guild = sandbox.guild
    made = await register(task={}, other={}, keep={"default_member_permissions": "32"})
    guild.set_command_permission(None, guild.everyone, allow=False)
    guild.set_command_permission(None, alice, allow=True)
    assert names(alice) == ["task", "other"], "what needs a permission still needs it"
    assert names(bob) == []
    guild.set_command_permission(made["task"], bob, allow=True)
    assert names(bob) == ["task"]


async def test_renaming_or_deleting_a_command_drops_what_was_set(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, api: Api, alice: Actor
) -> None:
    guild, path = sandbox.guild, f"/applications/{sandbox.bot_id}/commands"
    made = await register(task={}, other={})
    for command in made.values():
        guild.set_command_permission(command, guild.everyone, allow=False)
    await api("PUT", path, [{"id": str(made["task"].id), "name": "renamed", "description": "x"}])
    assert [(one.id, one.name) for one in alice.commands()] == [(made["task"].id, "renamed")]
    guild.set_command_permission(made["task"], guild.everyone, allow=False)
    await api("PATCH", f"{path}/{made['task'].id}", {"description": "y"})
    assert names(alice) == []
    await api("PATCH", f"{path}/{made['task'].id}", {"name": "task"})
    assert names(alice) == ["task"]
    guild.set_command_permission(made["task"], guild.everyone, allow=False)
    await api("DELETE", f"{path}/{made['task'].id}")
    assert guild.guild.command_permissions == {}


async def test_the_bot_hears_of_it(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    task = next(one for one in alice.commands() if one.name == "task")
    sandbox.guild.set_command_permission(task, alice, allow=False)
    await alice.until(lambda: bot.heard(ApplicationCommandPermissionsUpdateEvent))
    (event,) = bot.heard(ApplicationCommandPermissionsUpdateEvent)
    assert event.permissions.id == task.id
    (rule,) = event.permissions.permissions
    assert (rule.id, rule.type, rule.has_access) == (alice.id, hikari.CommandPermissionType.USER, False)
    read = await bot.rest.fetch_application_command_permissions(sandbox.bot_id, sandbox.guild.id, task.id)
    assert read == event.permissions
    with pytest.raises(NotVisible, match="not offered to this person"):
        await alice.command("task")


async def test_age_restricted_commands_need_such_a_channel(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, alice: Actor
) -> None:
    general, log = sandbox.guild.channel("general"), sandbox.guild.channel("log")
    log.nsfw = True
    await register(task={"nsfw": True}, tame={})
    direct = alice.open_dm()
    assert (names(alice, general), names(alice, log)) == (["tame"], ["task", "tame"])
    assert names(alice, alice.create_thread(log, "talk")) == ["task", "tame"]
    assert names(alice, direct) == ["tame"]
    alice.age_restricted_dms = True
    assert names(alice, direct) == ["task", "tame"]


async def test_direct_messages_need_a_guild_in_common(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, alice: Actor
) -> None:
    await register(task={}, here={"contexts": [0]}, user={"contexts": [2]})
    direct = alice.open_dm()
    assert names(alice, direct) == ["task"]
    alice.leave()
    assert names(alice, direct) == []
    other = sandbox.add_guild("Other", bot_permissions=None)
    other.join(alice)
    assert names(alice, direct) == []
    assert names(alice, other.channel("general")) == [], "the bot is not there"
    other.let_bot_in()
    assert names(alice, direct) == ["task"]


async def test_a_guilds_command_stands_beside_a_global_one_and_is_meant_first(
    register: Callable[..., Awaitable[dict[str, Command]]], sandbox: Sandbox, api: Api, alice: Actor
) -> None:
    await register(task={})
    path = f"/applications/{sandbox.bot_id}/guilds/{sandbox.guild.id}/commands"
    await api("PUT", path, [{"name": "task", "description": "Here"}])
    assert [one.guild_id for one in alice.commands()] == [sandbox.guild.id, None]
    meant = sandbox.store.commands.find("task", 1, sandbox.guild.id)
    assert meant is not None
    assert meant.body["description"] == "Here"


async def test_people_can_use_the_names_that_they_see(sandbox: Sandbox, bot: RunningBot) -> None:
    dora = sandbox.guild.add_member("Dora", locale="de")
    body = next(one for one in sandbox.store.commands.listed(None) if one.name == "task").body
    body["name_localizations"] = {"de": "aufgabe"}
    body["options"][0]["name_localizations"] = {"de": "art"}
    response = await dora.command("aufgabe", art="random")
    assert response.message is not None
    assert response.message.content == "random in en"
    with pytest.raises(NotVisible):
        await sandbox.guild.owner.command("aufgabe")
    assert bot.heard(hikari.InteractionCreateEvent)[-1].interaction.command_name == "task"


async def test_a_persons_menu_needs_the_right_to_write(
    api: Api, sandbox: Sandbox, alice: Actor, bob: Actor
) -> None:
    path = f"/applications/{sandbox.bot_id}/commands"
    await api("PUT", path, [{"name": "Who", "type": USER_MENU}])
    general = sandbox.guild.channel("general")
    sandbox.guild.overwrite(general, sandbox.guild.everyone, deny=Permission.SEND_MESSAGES)
    with pytest.raises(NotPermitted, match="50013"):
        await alice.context_menu("Who", bob, general)
