"""/settings show: who may change what, forged clicks, restarts, and several admins at once."""

from collections.abc import Awaitable, Callable

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSettings
from discord_sandbox import Actor, MessageView, NotVisible, Permission, Sandbox, SandboxGuild
from tests.bot_community.settings_scene import (
    forge,
    history,
    settings_of,
    shows,
    stored,
)

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def admin(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)


async def settings_in(person: Actor, guild: SandboxGuild) -> MessageView:
    """Open the settings of a server."""
    answer = await person.command("settings show", guild.channel("general"))
    assert answer.message is not None
    return answer.message


async def test_members_are_not_offered_the_settings(sandbox: Sandbox) -> None:
    with pytest.raises(NotVisible):
        await sandbox.guild.add_member("Bob").command("settings show")


async def test_who_lost_the_permission_changes_nothing_with_an_open_panel(
    sandbox: Sandbox, bot: BotApp
) -> None:
    managers = sandbox.guild.create_role("Managers", Permission.MANAGE_GUILD)
    carol = sandbox.guild.add_member("Carol", roles=[managers])
    panel = await settings_of(carol, "Tasks")
    opened = await panel.click("Change the daily limit")
    assert opened.modal is not None
    sandbox.guild.take_role(carol, managers)
    for answer in (
        await panel.choose("Tasks open", "Tasks open: in direct"),
        await panel.click("Roles"),
        await opened.modal.submit({"Tasks for each person in a day": "5"}),
        await panel.click("Change the daily limit"),
    ):
        assert answer.message is not None
        assert answer.message.text == "Only members with the permission Manage Server can do that."
    assert await stored(bot, sandbox) == GuildSettings()


async def test_the_admin_of_another_server_rules_that_server_alone(sandbox: Sandbox, bot: BotApp) -> None:
    eve = sandbox.guild.add_member("Eve")
    second = sandbox.add_guild("Second", owner=eve)
    panel = await settings_in(eve, second)
    await panel.choose("Choose the task", "tasks")
    await shows(eve, panel, "Saved: Task channel")
    await forge(
        eve, panel, "settings:2:channels:choose:log_channel:0", [str(sandbox.guild.channel("log").id)]
    )
    await shows(eve, panel, "not a channel or role of this server")
    await forge(eve, panel, "settings:2:roles:choose:moderator_role:0", [str(sandbox.guild.bot_role.id)])
    await shows(eve, panel, "Settings · Roles")
    await shows(eve, panel, "not a channel or role of this server")
    assert await stored(bot, sandbox) == GuildSettings()
    theirs = await bot.services.store.guilds.settings(second.id)
    assert theirs == GuildSettings(task_channel=second.channel("tasks").id)
    with pytest.raises(NotVisible):
        await eve.command("settings show", sandbox.guild.channel("general"))


@pytest.mark.parametrize(
    ("custom_id", "values", "words"),
    [
        ("settings:2:channels:choose:log_channel:0", ["everything"], "not a channel or role of this server"),
        ("settings:2:channels:choose:log_channel:0", ["1" * 90], "not a channel or role of this server"),
        ("settings:2:channels:choose:log_channel:0", ["1", "2"], "not a channel or role of this server"),
        ("settings:2:languages:choose:languages:0", ["en", "not a language"], "does not fit this setting"),
        ("settings:2:languages:choose:languages:1", ["en", "en"], "does not fit this setting"),
        ("settings:2:languages:choose:language:0", ["*"], "does not fit this setting"),
        ("settings:2:languages:choose:language:1", [], "does not fit this setting"),
        ("settings:2:tasks:choose:task_types:0", ["random"], "does not fit this setting"),
        ("settings:2:tasks:choose:task_types:0", ["initial_prompt"] * 2, "does not fit this setting"),
        ("settings:2:tasks:choose:finished_threads:0", ["burn"], "does not fit this setting"),
        ("settings:2:log:choose:when_bot_leaves:0", ["keep", "forget"], "does not fit this setting"),
    ],
)
async def test_forged_values_are_refused(  # three of the six are fixtures
    admin: Actor, sandbox: Sandbox, bot: BotApp, custom_id: str, values: list[str], words: str
) -> None:
    panel = await settings_of(admin)
    await forge(admin, panel, custom_id, values)
    await shows(admin, panel, words)
    assert await stored(bot, sandbox) == GuildSettings()


@pytest.mark.parametrize(
    "custom_id",
    [
        "settings:2:",
        "settings:2:channels",
        "settings:2:channels:choose",
        "settings:2:channels:choose:daily_limit:0",
        "settings:2:tasks:choose:daily_limit:0",
        "settings:2:log:turn:log_tasks:2",
        "settings:2:summary:show",
        "settings:2:channels:choose:log_channel:0:1",
        "settings:3:channels:show",
        "settings:1:set:task_channel",
    ],
)
async def test_forged_and_old_ids_have_expired(
    admin: Actor, sandbox: Sandbox, bot: BotApp, custom_id: str
) -> None:
    panel = await settings_of(admin)
    answer = await forge(admin, panel, custom_id, ["1"])
    assert answer.message is not None
    assert "This has expired" in answer.message.text
    assert await stored(bot, sandbox) == GuildSettings()


@pytest.mark.parametrize(
    ("page", "menu", "words"),
    [
        ("Roles", "Choose the mod", "would make everybody a moderator"),
        ("Roles", "Choose the contr", "Everybody has that role"),
    ],
)
async def test_everyone_is_no_role_to_choose(  # three of the six are fixtures
    admin: Actor, sandbox: Sandbox, bot: BotApp, page: str, menu: str, words: str
) -> None:
    panel = await settings_of(admin, page)
    await panel.choose(menu, [str(sandbox.guild.everyone.id)])
    await shows(admin, panel, words)
    assert await stored(bot, sandbox) == GuildSettings()


async def test_a_thread_is_refused_as_a_channel(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    panel = await settings_of(admin)
    thread = sandbox.guild.owner.create_thread(sandbox.guild.channel("general"), "talk")
    menu = next(one for one in panel.selects if one.placeholder.startswith("Choose the log"))
    # Discord's own menu offers text channels only; what arrives is judged all the same.
    await admin.use_component(panel, menu.custom_id, menu.kind, [str(thread.id)])
    await shows(admin, panel, "not a channel or role of this server")
    assert await stored(bot, sandbox) == GuildSettings()


# -- restarts and others at the same time -------------------------------------------------------------------


async def test_an_open_panel_works_after_a_restart_of_the_bot(
    admin: Actor, sandbox: Sandbox, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    panel = await settings_of(admin, "Tasks")
    opened = await panel.click("Change the daily limit")
    assert opened.modal is not None
    await bot.close()
    again = await start_bot()
    await opened.modal.submit({"Tasks for each person in a day": "7"})
    await shows(admin, panel, "Saved: Daily limit")
    await panel.choose("Tasks open", "Tasks open: in direct")
    await shows(admin, panel, "Saved: Tasks open")
    assert (await stored(again, sandbox)).model_dump(mode="json", exclude_defaults=True) == {
        "daily_limit": 7,
        "task_display": "direct",
    }


async def test_two_admins_at_once_lose_nothing_of_each_other(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    carol = sandbox.guild.add_member("Carol", permissions=Permission.MANAGE_GUILD)
    one, other = await settings_of(admin, "Languages"), await settings_of(carol, "Languages")
    await one.choose(one.selects[0].placeholder, ["German"])
    await other.choose(other.selects[1].placeholder, ["Ukrainian"])
    await shows(carol, other, "German, Ukrainian")
    await shows(admin, one, "German")
    assert (await stored(bot, sandbox)).languages == ("de", "uk")
    assert [change.changed_by for change in await history(bot, sandbox)] == [admin.id, carol.id]


async def test_a_switch_pressed_by_two_means_what_it_said(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    carol = sandbox.guild.add_member("Carol", permissions=Permission.MANAGE_GUILD)
    one, other = await settings_of(admin, "Log and leaving"), await settings_of(carol, "Log and leaving")
    await one.click("Log reports: on")
    await other.click("Log reports: on")
    await carol.until(lambda: "Log reports: off" in other.buttons, what="the reports off")
    assert not (await stored(bot, sandbox)).log_reports
    assert len(await history(bot, sandbox)) == 1
