"""/setup as administrators, and others, see it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSettings
from discord_sandbox import Actor, NotVisible, Permission, Sandbox
from tests.bot_community.settings_scene import SMALL, answer_to, field, forge, put, shows, stored
from tests.bot_community.small_backend import SmallBackend

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def admin(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)


async def test_everything_can_be_skipped(
    admin: Actor, sandbox: Sandbox, bot: BotApp, backend: SmallBackend
) -> None:
    backend.public_settings = {"tree_manager": SMALL}
    panel = await answer_to(admin, "setup")
    assert "Set up · 1 of 4 · Channels" in panel.text
    for step in ("2 of 4 · Roles", "3 of 4 · Languages and kinds of tasks", "4 of 4 · Summary"):
        await panel.click("Skip")
        await shows(admin, panel, f"Set up · {step}")
    assert field(panel, "What is set") == "Nothing: the defaults work as they are."
    assert field(panel, "What is still amiss") == "✅ Nothing."
    assert field(panel, "How many people it takes").startswith("At least **3** active people")
    assert panel.buttons == ["Back", "Check again"]
    assert panel.selects == []
    assert await stored(bot, sandbox) == GuildSettings()


async def test_the_steps_set_what_they_say_and_the_summary_sums_up(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    tasks, log = sandbox.guild.channel("tasks"), sandbox.guild.channel("log")
    helpers = sandbox.guild.create_role("Helpers")
    sandbox.guild.overwrite(log, sandbox.guild.bot_role, deny=Permission.SEND_MESSAGES)
    panel = await answer_to(admin, "setup")
    await panel.choose("Choose the task", "tasks")
    await shows(admin, panel, "Saved: Task channel")
    await panel.choose("Choose the log", "log")
    await shows(admin, panel, "I still need these permissions there: Send Messages")
    await panel.click("Next")
    await shows(admin, panel, "Roles")
    await panel.choose("Choose the mod", "Helpers")
    await shows(admin, panel, "Saved: Moderator role")
    await panel.click("Next")
    await shows(admin, panel, "3 of 4")
    await panel.choose(panel.selects[0].placeholder, ["German"])
    await shows(admin, panel, "Saved: Languages offered")
    await panel.choose("Offer these kinds", ["Write a first message"])
    await shows(admin, panel, "Saved: Kinds of tasks")
    await panel.click("Next")
    await shows(admin, panel, "Summary")
    assert field(panel, "What is set").splitlines() == [
        f"**Task channel**: <#{tasks.id}>",
        f"**Log channel**: <#{log.id}>",
        f"**Moderator role**: <@&{helpers.id}>",
        "**Languages offered**: German",
        "**Kinds of tasks**: Write a first message",
    ]
    assert field(panel, "What is still amiss") == (
        "**Log channel**: ⚠️ I still need these permissions there: Send Messages."
    )
    sandbox.guild.overwrite(log, sandbox.guild.bot_role)
    await panel.click("Check again")
    await shows(admin, panel, "✅ Nothing.")
    await panel.click("Back")
    await shows(admin, panel, "3 of 4")
    await panel.click("Offer all languages")
    await shows(admin, panel, "Cleared: Languages offered")
    assert (await stored(bot, sandbox)).model_dump(mode="json", exclude_defaults=True) == {
        "task_channel": tasks.id,
        "log_channel": log.id,
        "moderator_role": helpers.id,
        "task_types": ["initial_prompt"],
    }


async def test_without_a_task_channel_it_is_said_what_the_bot_lacks_where_it_is_asked(
    admin: Actor, sandbox: Sandbox
) -> None:
    general = sandbox.guild.channel("general")
    sandbox.guild.overwrite(general, sandbox.guild.bot_role, deny=Permission.CREATE_PRIVATE_THREADS)
    panel = await answer_to(admin, "setup")
    lacking = "⚠️ In this channel I still need these permissions for tasks: Create Private Threads."
    assert lacking in field(panel, "Task channel")
    for step in ("2 of 4", "3 of 4", "4 of 4"):
        await panel.click("Skip")
        await shows(admin, panel, step)
    assert field(panel, "What is still amiss") == f"**Task channel**: {lacking}"
    sandbox.guild.overwrite(general, sandbox.guild.bot_role)
    await panel.click("Check again")
    await shows(admin, panel, "✅ Nothing.")


async def test_tasks_that_open_no_threads_need_none_of_their_permissions(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    sandbox.guild.overwrite(
        sandbox.guild.channel("general"), sandbox.guild.bot_role, deny=Permission.CREATE_PRIVATE_THREADS
    )
    await put(bot, sandbox.guild.id, task_display="ephemeral")
    assert "⚠️" not in (await answer_to(admin, "setup")).text


async def test_the_wizard_goes_on_after_a_restart(
    admin: Actor, sandbox: Sandbox, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    panel = await answer_to(admin, "setup")
    await panel.click("Skip")
    await shows(admin, panel, "Roles")
    await bot.close()
    again = await start_bot()
    role = sandbox.guild.create_role("Helpers")
    await panel.choose("Choose the contr", "Helpers")
    await shows(admin, panel, "Saved: Contributor role")
    await panel.click("Next")
    await shows(admin, panel, "3 of 4")
    assert await stored(again, sandbox) == GuildSettings(contributor_role=role.id)


@pytest.mark.parametrize(
    "told", [None, {}, {"tree_manager": None}, {"tree_manager": {**SMALL, "goal_tree_size": "many"}}]
)
async def test_a_backend_that_does_not_tell_is_said_to(
    admin: Actor, backend: SmallBackend, told: dict[str, Any] | None
) -> None:
    backend.public_settings = told
    panel = await answer_to(admin, "setup")
    await forge(admin, panel, "setup:1:summary:show")
    await shows(admin, panel, "The task backend does not tell")


async def test_the_summary_comes_without_a_backend(admin: Actor, backend: SmallBackend) -> None:
    await backend.close()
    panel = await answer_to(admin, "setup")
    await forge(admin, panel, "setup:1:summary:show")
    await shows(admin, panel, "The task backend does not tell")


async def test_members_are_not_offered_the_wizard(sandbox: Sandbox) -> None:
    with pytest.raises(NotVisible):
        await sandbox.guild.add_member("Bob").command("setup")


async def test_who_lost_the_permission_sets_nothing_up(sandbox: Sandbox, bot: BotApp) -> None:
    managers = sandbox.guild.create_role("Managers", Permission.MANAGE_GUILD)
    carol = sandbox.guild.add_member("Carol", roles=[managers])
    panel = await answer_to(carol, "setup")
    sandbox.guild.take_role(carol, managers)
    for answer in (await panel.choose("Choose the log", "log"), await panel.click("Skip")):
        assert answer.message is not None
        assert "Manage Server" in answer.message.text
    assert await stored(bot, sandbox) == GuildSettings()


@pytest.mark.parametrize(
    "custom_id", ["setup:1:", "setup:2:channels:show", "setup:1:tasks:show", "setup:1:roles:turn:log_tasks:0"]
)
async def test_forged_ids_have_expired(admin: Actor, custom_id: str) -> None:
    panel = await answer_to(admin, "setup")
    answer = await forge(admin, panel, custom_id)
    assert answer.message is not None
    assert "This has expired" in answer.message.text


async def test_a_channel_of_another_server_is_refused(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    second = sandbox.add_guild("Second")
    await put(bot, second.id, log_channel=int(second.channel("log").id))
    panel = await answer_to(admin, "setup")
    await forge(admin, panel, "setup:1:channels:choose:log_channel:0", [str(second.channel("log").id)])
    await shows(admin, panel, "not a channel or role of this server")
    assert await stored(bot, sandbox) == GuildSettings()
