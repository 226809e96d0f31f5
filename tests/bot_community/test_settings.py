"""/settings as administrators, and others, see it."""

from collections.abc import Awaitable, Callable

import pytest

from bot.app import BotApp
from bot.community.guild_health import belongs_here
from bot.guild_settings import GuildSetting, GuildSettings
from discord_sandbox import Actor, MessageView, NotVisible, Permission, Sandbox

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def admin(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)


async def settings_of(person: Actor) -> MessageView:
    answer = await person.command("settings show")
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message


async def shows(person: Actor, panel: MessageView, text: str) -> None:
    await person.until(lambda: text in panel.text, what=text)


async def stored(bot: BotApp, sandbox: Sandbox) -> GuildSettings:
    return await bot.services.store.guilds.settings(sandbox.guild.id)


async def test_a_new_server_has_nothing_set(admin: Actor) -> None:
    panel = await settings_of(admin)
    assert panel.text.count("Not set") == 3
    assert panel.buttons == []


async def test_everything_is_set_in_one_message_and_written_down(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    tasks, log = sandbox.guild.channel("tasks"), sandbox.guild.channel("log")
    helpers = sandbox.guild.create_role("Helpers")
    panel = await settings_of(admin)
    for menu, chosen in (
        ("Choose the task", tasks.id),
        ("Choose the log", log.id),
        ("Choose the mod", helpers.id),
    ):
        await panel.choose(menu, [str(chosen)])
        await shows(admin, panel, str(chosen))
    assert await stored(bot, sandbox) == GuildSettings(
        task_channel=tasks.id, log_channel=log.id, moderator_role=helpers.id
    )
    assert "⚠️" not in panel.text
    changes = await bot.services.store.guilds.changes(sandbox.guild.id)
    assert [(change.new_value, change.changed_by) for change in changes] == [
        (tasks.id, admin.id),
        (log.id, admin.id),
        (helpers.id, admin.id),
    ]


async def test_a_setting_is_cleared_with_its_button(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    panel = await settings_of(admin)
    await panel.choose("Choose the log", [str(sandbox.guild.channel("log").id)])
    await admin.until(lambda: panel.buttons == ["Clear log channel"], what="the button that clears")
    await panel.click("Clear log channel")
    await admin.until(lambda: panel.text.count("Not set") == 3, what="nothing set")
    assert await stored(bot, sandbox) == GuildSettings()


async def test_missing_permissions_are_named_and_gone_when_they_are_given(
    admin: Actor, sandbox: Sandbox
) -> None:
    tasks = sandbox.guild.channel("tasks")
    sandbox.guild.overwrite(
        tasks,
        sandbox.guild.bot_role,
        deny=Permission.CREATE_PRIVATE_THREADS | Permission.MANAGE_THREADS,
    )
    panel = await settings_of(admin)
    await panel.choose("Choose the task", [str(tasks.id)])
    await shows(admin, panel, "Create Private Threads, Manage Threads")
    sandbox.guild.overwrite(tasks, sandbox.guild.bot_role)
    later = await settings_of(admin)
    assert "⚠️" not in later.text


async def test_a_hidden_channel_says_that_it_must_be_seen(admin: Actor, sandbox: Sandbox) -> None:
    log = sandbox.guild.channel("log")
    sandbox.guild.overwrite(log, sandbox.guild.bot_role, deny=Permission.VIEW_CHANNEL)
    panel = await settings_of(admin)
    await panel.choose("Choose the log", [str(log.id)])
    await shows(admin, panel, "View Channel")


async def test_everyone_is_no_moderator_role(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    panel = await settings_of(admin)
    await panel.choose("Choose the mod", [str(sandbox.guild.everyone.id)])
    await shows(admin, panel, "would make everybody a moderator")
    assert await stored(bot, sandbox) == GuildSettings()


async def test_members_are_not_offered_the_settings(sandbox: Sandbox) -> None:
    with pytest.raises(NotVisible):
        await sandbox.guild.add_member("Bob").command("settings show")


async def test_who_lost_the_permission_changes_nothing_with_an_open_panel(
    sandbox: Sandbox, bot: BotApp
) -> None:
    managers = sandbox.guild.create_role("Managers", Permission.MANAGE_GUILD)
    carol = sandbox.guild.add_member("Carol", roles=[managers])
    panel = await settings_of(carol)
    sandbox.guild.take_role(carol, managers)
    answer = await panel.choose("Choose the task", [str(sandbox.guild.channel("tasks").id)])
    assert answer.message is not None
    assert "Manage Server" in answer.message.text
    assert await stored(bot, sandbox) == GuildSettings()


async def test_an_open_panel_works_after_a_restart_of_the_bot(
    admin: Actor, sandbox: Sandbox, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    panel = await settings_of(admin)
    await bot.close()
    again = await start_bot()
    log = sandbox.guild.channel("log")
    await panel.choose("Choose the log", [str(log.id)])
    await shows(admin, panel, f"<#{log.id}>")
    assert await stored(again, sandbox) == GuildSettings(log_channel=log.id)


async def test_a_thread_is_refused_as_a_channel(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    panel = await settings_of(admin)
    thread = sandbox.guild.owner.create_thread(sandbox.guild.channel("general"), "talk")
    menu = next(one for one in panel.selects if one.placeholder.startswith("Choose the log"))
    # Discord's own menu offers text channels only; what arrives is judged all the same.
    await admin.use_component(panel, menu.custom_id, menu.kind, [str(thread.id)])
    await shows(admin, panel, "not a text channel or role of this server")
    assert await stored(bot, sandbox) == GuildSettings()


async def test_a_channel_that_was_deleted_is_named_as_gone(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    await bot.services.store.guilds.update(
        sandbox.guild.id,
        GuildSetting.task_channel,
        123456789,
        changed_by=admin.id,
        interaction_id=1,
        now=bot.clock.now(),
    )
    panel = await settings_of(admin)
    assert "cannot find it here any more" in panel.text
    assert panel.buttons == ["Clear task channel"]


@pytest.mark.parametrize("setting", list(GuildSetting))
async def test_a_channel_or_role_of_another_server_does_not_belong_here(
    sandbox: Sandbox, bot: BotApp, setting: GuildSetting
) -> None:
    here, cache = sandbox.guild.id, bot.services.cache
    value = (
        sandbox.guild.bot_role.id
        if setting is GuildSetting.moderator_role
        else sandbox.guild.channel("log").id
    )
    assert belongs_here(setting, value, here, cache)
    assert not belongs_here(setting, value, here + 1, cache)
