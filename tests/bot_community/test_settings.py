"""/settings show as administrators, and others, see it."""

import re

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSettings
from discord_sandbox import Actor, ChannelType, Permission, Sandbox
from tests.bot_community.settings_scene import (
    answer_to,
    field,
    forge,
    history,
    put,
    settings_of,
    shows,
    stored,
)

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def admin(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)


async def test_a_new_server_has_the_defaults_on_every_page(admin: Actor) -> None:
    panel = await settings_of(admin)
    assert field(panel, "Task channel").startswith("not set")
    for page, name, value in (
        ("Roles", "Contributor role", "not set"),
        ("Languages", "Languages offered", "all"),
        ("Languages", "Default language", "that of each person's Discord"),
        ("Tasks", "Kinds of tasks", "all"),
        ("Tasks", "Tasks open", "in a private thread"),
        ("Tasks", "Finished threads", "are archived"),
        ("Tasks", "Daily limit", "none"),
        ("Log and leaving", "Log finished tasks", "on"),
        ("Log and leaving", "Log labels", "off"),
        ("Log and leaving", "When the bot leaves", "its records are kept for 30 days"),
        ("Log and leaving", "When a member leaves", "their task stays theirs"),
    ):
        await panel.click(page)
        await shows(admin, panel, f"Settings · {page}")
        assert field(panel, name).startswith(value)
    assert not [label for label in panel.buttons if label.startswith("Clear")]
    assert "⚠️" not in panel.text


async def test_channels_and_roles_are_chosen_and_written_down(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    tasks, log, general = (sandbox.guild.channel(name) for name in ("tasks", "log", "general"))
    helpers, writers = sandbox.guild.create_role("Helpers"), sandbox.guild.create_role("Writers")
    panel = await settings_of(admin)
    for menu, name in (("task", "tasks"), ("log", "log"), ("announcement", "general")):
        await panel.choose(f"Choose the {menu}", name)
        await shows(admin, panel, f"Saved: {menu.capitalize()} channel")
    assert [menu.chosen for menu in panel.selects] == [["tasks"], ["log"], ["general"]]
    assert "⚠️" not in panel.text
    await panel.click("Roles")
    await shows(admin, panel, "Moderator role")
    await panel.choose("Choose the mod", "Helpers")
    await shows(admin, panel, f"<@&{helpers.id}>")
    await panel.choose("Choose the contr", "Writers")
    await shows(admin, panel, f"<@&{writers.id}>")
    assert await stored(bot, sandbox) == GuildSettings(
        task_channel=tasks.id,
        log_channel=log.id,
        announcement_channel=general.id,
        moderator_role=helpers.id,
        contributor_role=writers.id,
    )
    assert [(change.new_value, change.changed_by) for change in await history(bot, sandbox)] == [
        (one.id, admin.id) for one in (tasks, log, general, helpers, writers)
    ]


async def test_an_announcement_channel_of_discords_takes_announcements_and_no_tasks(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    news = sandbox.guild.create_channel("news", kind=ChannelType.ANNOUNCEMENT)
    panel = await settings_of(admin)
    offered = [[label for label, _ in menu.options] for menu in panel.selects]
    assert ["news" in labels for labels in offered] == [False, False, True]
    await panel.choose("Choose the ann", "news")
    await shows(admin, panel, f"<#{news.id}>")
    await forge(admin, panel, "settings:2:channels:choose:task_channel:0", [str(news.id)])
    await shows(admin, panel, "Nothing was changed")
    assert await stored(bot, sandbox) == GuildSettings(announcement_channel=news.id)


async def test_a_setting_is_cleared_with_its_button_or_by_emptying_its_menu(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    panel = await settings_of(admin)
    for menu in ("Choose the log", "Choose the task"):
        await panel.choose(menu, "log")
    await admin.until(lambda: "Clear log channel" in panel.buttons, what="the button that clears")
    await panel.click("Clear log channel")
    await shows(admin, panel, "Cleared: Log channel")
    await panel.choose("Choose the task", [])
    await shows(admin, panel, "Cleared: Task channel")
    assert await stored(bot, sandbox) == GuildSettings()


async def test_languages_are_offered_and_one_is_the_default(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    panel = await settings_of(admin, "Languages")
    first, second, *_ = panel.selects
    assert first.placeholder == "Languages offered, Arabic to Indonesian"
    await panel.choose(first.placeholder, ["German", "English"])
    await shows(admin, panel, "Saved: Languages offered")
    await panel.choose(second.placeholder, ["Ukrainian"])
    await shows(admin, panel, "German, English, Ukrainian")
    default = panel.selects[2]
    assert [label for label, _ in default.options] == [
        f"Default language: {name}"
        for name in ("that of each person's Discord", "English", "German", "Ukrainian")
    ]
    assert default.chosen == ["Default language: that of each person's Discord"]
    await panel.choose(default.placeholder, "Default language: German")
    await shows(admin, panel, "Saved: Default language")
    assert await stored(bot, sandbox) == GuildSettings(languages=("de", "en", "uk"), language="de")

    await panel.choose(first.placeholder, ["English"])
    await shows(admin, panel, "It is not among the languages that are offered here")
    assert (await stored(bot, sandbox)).languages == ("en", "uk")
    await panel.choose(panel.selects[2].placeholder, "Default language: that of")
    await shows(admin, panel, "Cleared: Default language")
    assert (await stored(bot, sandbox)).language is None


async def test_more_languages_than_can_be_chosen_are_refused_with_what_to_do(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    panel = await settings_of(admin, "Languages")
    first, second, *_ = panel.selects
    await panel.choose(first.placeholder, [value for _, value in first.options])
    await shows(admin, panel, "Saved: Languages offered")
    await panel.choose(second.placeholder, [value for _, value in second.options])
    await shows(admin, panel, "At most 25 languages can be chosen")
    assert len((await stored(bot, sandbox)).languages) == len(first.options)


async def test_kinds_and_how_tasks_are_shown(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    panel = await settings_of(admin, "Tasks")
    kinds, display, finished = panel.selects
    await panel.choose(kinds.placeholder, ["Rank first", "Write a first"])
    await shows(admin, panel, "Write a first message, Rank first messages")
    await panel.choose(display.placeholder, "Tasks open: in direct")
    await shows(admin, panel, "Saved: Tasks open")
    await panel.choose(finished.placeholder, "Finished threads: are deleted")
    await shows(admin, panel, "Saved: Finished threads")
    settings = await stored(bot, sandbox)
    assert settings.model_dump(mode="json", exclude_defaults=True) == {
        "task_types": ["initial_prompt", "rank_initial_prompts"],
        "task_display": "direct",
        "finished_threads": "delete",
    }
    assert panel.selects[1].chosen == ["Tasks open: in direct messages"]
    await panel.choose(kinds.placeholder, [value for _, value in kinds.options])
    await shows(admin, panel, "Cleared: Kinds of tasks")
    assert (await stored(bot, sandbox)).task_types == ()


@pytest.mark.parametrize("typed", ["0", "1001", "-5", "ten", "1.5", "1,000", "٣", "9" * 90, "<@1> **x**"])
async def test_what_is_no_daily_limit_goes_back_with_the_reason(
    admin: Actor, sandbox: Sandbox, bot: BotApp, typed: str
) -> None:
    panel = await settings_of(admin, "Tasks")
    opened = await panel.click("Change the daily limit")
    assert opened.modal is not None
    await opened.modal.submit({"Tasks for each person in a day": typed})
    await shows(admin, panel, "is no whole number from 1 to 1,000")
    # What is escaped, or isolated because it runs the other way, reads as it was typed.
    assert f"“{typed}”" in re.sub(r"[\\\u2068\u2069]", "", panel.content)
    assert panel.pings == []
    assert await stored(bot, sandbox) == GuildSettings()


async def test_the_daily_limit_is_typed_shown_again_and_emptied(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    panel = await settings_of(admin, "Tasks")
    opened = await panel.click("Change the daily limit")
    assert opened.modal is not None
    await opened.modal.submit({"Tasks for each person in a day": " 25 "})
    await shows(admin, panel, "Saved: Daily limit")
    assert field(panel, "Daily limit").startswith("25\n")
    assert (await stored(bot, sandbox)).daily_limit == 25
    again = await panel.click("Change the daily limit")
    assert again.modal is not None
    assert again.modal.inputs == {"Tasks for each person in a day": "25"}
    await again.modal.submit({"Tasks for each person in a day": ""})
    await shows(admin, panel, "Cleared: Daily limit")
    assert await stored(bot, sandbox) == GuildSettings()


async def test_the_log_is_switched_and_leaving_is_decided(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    panel = await settings_of(admin, "Log and leaving")
    await panel.click("Log finished tasks: on")
    await admin.until(lambda: "Log finished tasks: off" in panel.buttons, what="the log off")
    await panel.click("Log labels: off")
    await admin.until(lambda: "Log labels: on" in panel.buttons, what="labels on")
    await panel.choose("When the bot", "When the bot leaves: its records are deleted")
    await shows(admin, panel, "Saved: When the bot leaves")
    await panel.choose("When a member", "When a member leaves: their task goes")
    await shows(admin, panel, "Saved: When a member leaves")
    settings = await stored(bot, sandbox)
    assert settings.model_dump(mode="json", exclude_defaults=True) == {
        "log_tasks": False,
        "log_labels": True,
        "when_bot_leaves": "forget",
        "when_member_leaves": "give_back",
    }


async def test_a_german_reads_german(sandbox: Sandbox) -> None:
    dora = sandbox.guild.add_member("Dora", permissions=Permission.MANAGE_GUILD, locale="de")
    panel = await answer_to(dora, "einstellungen zeigen")
    # To unset a channel must not read as if the channel itself were deleted.
    assert "Kein Aufgabenkanal" in [one.label for one in panel.all_buttons]
    await panel.click("Sprachen")
    await shows(dora, panel, "Angebotene Sprachen")
    assert panel.selects[0].placeholder == "Angebotene Sprachen, Arabisch bis Kroatisch"


# -- what is amiss --------------------------------------------------------------------------------------


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
    await panel.choose("Choose the task", "tasks")
    await shows(admin, panel, "Create Private Threads, Manage Threads")
    sandbox.guild.overwrite(tasks, sandbox.guild.bot_role)
    await panel.click("Channels")
    await admin.until(lambda: "⚠️" not in panel.text, what="all well")


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        (Permission.VIEW_CHANNEL, "View Channel."),
        (Permission.SEND_MESSAGES, "Send Messages."),
        (Permission.EMBED_LINKS, "Embed Links."),
    ],
)
async def test_what_the_announcement_channel_needs_is_checked(
    admin: Actor, sandbox: Sandbox, denied: Permission, named: str
) -> None:
    sandbox.guild.overwrite(sandbox.guild.channel("general"), sandbox.guild.bot_role, deny=denied)
    panel = await settings_of(admin)
    await panel.choose("Choose the ann", "general")
    await shows(admin, panel, f"I still need these permissions there: {named}")


async def test_a_channel_and_a_role_that_were_deleted_are_named_as_gone(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    games, helpers = sandbox.guild.create_channel("games"), sandbox.guild.create_role("Helpers")
    await put(bot, sandbox.guild.id, task_channel=int(games.id), moderator_role=int(helpers.id))
    sandbox.guild.delete_channel(games)
    sandbox.guild.delete_role(helpers)
    panel = await settings_of(admin)
    assert "cannot find it here any more" in field(panel, "Task channel")
    assert [label for label in panel.buttons if label.startswith("Clear")] == ["Clear task channel"]
    await panel.click("Roles")
    await shows(admin, panel, "cannot find it here any more")


async def test_the_settings_are_shown_while_discord_does_not_tell_of_a_channel(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    panel = await settings_of(admin)
    sandbox.faults.status(503, on="GET /channels/{}", times=4)
    await panel.choose("Choose the log", "log")
    await shows(admin, panel, "Discord did not tell me just now")
    assert (await stored(bot, sandbox)).log_channel == sandbox.guild.channel("log").id
