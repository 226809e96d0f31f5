"""/settings history: who changed what, whichever way it was done."""

import json

import pytest

from bot.app import BotApp
from bot.community.settings_history import ON_PAGE
from bot.guild_settings import GuildSetting
from discord_sandbox import Actor, Permission, Sandbox, Upload
from tests.bot_community.settings_scene import answer_to, forge, put, settings_of, shows, stored

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def admin(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)


async def test_a_new_server_has_no_history(admin: Actor) -> None:
    panel = await answer_to(admin, "settings history")
    assert "Nobody has changed anything yet" in panel.text
    assert panel.all_buttons == []


async def test_every_way_of_changing_a_setting_stands_there(admin: Actor, sandbox: Sandbox) -> None:
    log = sandbox.guild.channel("log")
    wizard = await answer_to(admin, "setup")
    await wizard.choose("Choose the log", "log")
    await shows(admin, wizard, "Saved")
    panel = await settings_of(admin, "Tasks")
    opened = await panel.click("Change the daily limit")
    assert opened.modal is not None
    await opened.modal.submit({"Tasks for each person in a day": "5"})
    await shows(admin, panel, "Saved")
    file = {"format": "oasst-discord-bot settings", "version": 1, "settings": {"languages": ["de", "en"]}}
    question = await answer_to(
        admin, "settings import", file=Upload("settings.json", json.dumps(file).encode())
    )
    await question.click("Import")
    await shows(admin, question, "imported")
    carol = sandbox.guild.add_member("Carol", permissions=Permission.MANAGE_GUILD)
    question = await answer_to(carol, "settings reset")
    await question.click("Reset everything")
    await shows(carol, question, "defaults again")

    shown = await answer_to(admin, "settings history")
    lines = [line for line in shown.text.splitlines() if "→" in line]
    assert lines[3:] == [
        "**Languages offered**: all → German, English",
        "**Daily limit**: none → 5",
        f"**Log channel**: not set → <#{log.id}>",
    ]
    assert sorted(lines[:3]) == [
        "**Daily limit**: 5 → none",
        "**Languages offered**: German, English → all",
        f"**Log channel**: <#{log.id}> → not set",
    ]
    people = [line.split()[-1] for line in shown.text.splitlines() if line.startswith("-# <t:")]
    assert people == [f"<@{carol.id}>"] * 3 + [f"<@{admin.id}>"] * 3
    assert shown.pings == []


async def test_a_long_history_is_read_over_pages(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    for limit in range(1, 2 * ON_PAGE + 2):
        await put(bot, sandbox.guild.id, daily_limit=limit)
    panel = await answer_to(admin, "settings history")
    assert "→ 17" in panel.text
    assert "Page 1 of 3" in panel.text
    assert panel.buttons == ["Older"]
    await panel.click("Older")
    await shows(admin, panel, "Page 2 of 3")
    await panel.click("Older")
    await shows(admin, panel, "none → 1")
    assert panel.buttons == ["Newer"]
    await panel.click("Newer")
    await shows(admin, panel, "Page 2 of 3")


@pytest.mark.parametrize("page", ["9" * 80, "-1", "x", "", "2:3"])
async def test_a_forged_page_is_one_that_is_there(
    admin: Actor, sandbox: Sandbox, bot: BotApp, page: str
) -> None:
    for limit in range(1, ON_PAGE + 2):
        await put(bot, sandbox.guild.id, daily_limit=limit)
    panel = await answer_to(admin, "settings history")
    await forge(admin, panel, f"settings_history:1:{page}")
    await admin.until(lambda: not panel.loading and "Page" in panel.text, what="a page")
    assert "of 2" in panel.text


async def test_the_history_of_another_server_is_nobodys_business(sandbox: Sandbox, bot: BotApp) -> None:
    await put(bot, sandbox.guild.id, daily_limit=77)
    second = sandbox.add_guild("Second", owner="Eve")
    answer = await second.owner.command("settings history", second.channel("general"))
    assert answer.message is not None
    assert "Nobody has changed anything yet" in answer.message.text
    assert (await stored(bot, sandbox)).daily_limit == 77


async def test_who_lost_the_permission_reads_no_further(sandbox: Sandbox, bot: BotApp) -> None:
    managers = sandbox.guild.create_role("Managers", Permission.MANAGE_GUILD)
    carol = sandbox.guild.add_member("Carol", roles=[managers])
    for limit in range(1, ON_PAGE + 2):
        await put(bot, sandbox.guild.id, daily_limit=limit)
    panel = await answer_to(carol, "settings history")
    sandbox.guild.take_role(carol, managers)
    answer = await panel.click("Older")
    assert answer.message is not None
    assert "Manage Server" in answer.message.text
    assert "Page 1 of 2" in panel.text


async def test_what_an_older_bot_wrote_is_shown_as_it_is(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    for setting, old in (("log_tasks", '"**loud**"'), ("task_types", '["dance"]'), ("gone", "1")):
        await bot.services.store.database.execute(
            "INSERT INTO guild_settings_audit"
            " (guild_id, setting, old_value, new_value, changed_by, interaction_id, changed_at)"
            " VALUES (?, ?, ?, 'null', 1, 1, 0)",
            (sandbox.guild.id, setting, old),
        )
    panel = await answer_to(admin, "settings history")
    assert "**Log finished tasks**: \\*\\*loud\\*\\*" in panel.text
    assert "**Kinds of tasks**: dance → all" in panel.text
    assert set(GuildSetting) > {"log_tasks", "task_types"}
