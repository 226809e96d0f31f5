"""/settings export, import and reset as administrators see them, and every file that may come."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from bot.app import BotApp
from bot.community.guild_health import GuildHealth
from bot.community.settings_changes import Here
from bot.community.settings_file import FORMAT, LARGEST, export_file, read_file
from bot.guild_settings import GuildSetting, GuildSettings
from bot.texts import texts_for
from discord_sandbox import Actor, MessageView, Permission, Sandbox, Upload
from tests.bot_community.settings_scene import answer_to, forge, history, put, shows, stored

TEXTS = texts_for("en")

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def admin(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)


def file_of(settings: object, **fields: object) -> bytes:
    return json.dumps({"format": FORMAT, "version": 1, "settings": settings, **fields}).encode()


async def import_file(person: Actor, content: bytes) -> MessageView:
    return await answer_to(person, "settings import", file=Upload("settings.json", content))


async def exported(person: Actor) -> bytes:
    """Export the settings, and get the file as the person does."""
    answer = await answer_to(person, "settings export")
    (attachment,) = answer.attachments
    assert attachment["filename"] == "settings.json"
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as reply:
        return await reply.read()


async def test_an_export_brings_everything_back_after_a_reset(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    channel, role = sandbox.guild.channel("tasks"), sandbox.guild.create_role("Helpers")
    values: dict[str, Any] = {
        "task_channel": int(channel.id),
        "contributor_role": int(role.id),
        "languages": ["de", "en"],
        "language": "de",
        "task_types": ["initial_prompt"],
        "finished_threads": "lock",
        "daily_limit": 9,
        "log_labels": True,
    }
    await put(bot, sandbox.guild.id, **values)
    before = await stored(bot, sandbox)
    file = await exported(admin)
    body = json.loads(file)
    assert (body["format"], body["version"]) == ("oasst-discord-bot settings", 1)
    assert set(body["settings"]) == set(GuildSetting)
    assert body["settings"]["task_channel"] == str(channel.id)

    question = await answer_to(admin, "settings reset")
    assert "**Daily limit**: 9 → none" in question.text
    await question.click("Reset everything")
    await shows(admin, question, "All settings are at their defaults again")
    assert question.buttons == []
    assert await stored(bot, sandbox) == GuildSettings()

    question = await import_file(admin, file)
    assert "**Finished threads**: are archived → are archived and locked" in question.text
    assert f"**Task channel**: not set → <#{channel.id}>" in question.text
    await question.click("Import")
    await shows(admin, question, "The settings were imported")
    assert await stored(bot, sandbox) == before
    changes = [(one.setting, one.changed_by) for one in await history(bot, sandbox)]
    # Both the reset and the import stand in the history, setting by setting.
    assert sorted(changes[len(values) :]) == sorted([(GuildSetting(name), admin.id) for name in values] * 2)


async def test_what_a_file_does_not_name_stays(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    await put(bot, sandbox.guild.id, daily_limit=9, log_labels=True)
    question = await import_file(admin, file_of({"daily_limit": None}))
    assert "Log labels" not in question.text
    await question.click("Import")
    await shows(admin, question, "imported")
    assert await stored(bot, sandbox) == GuildSettings(log_labels=True)


@pytest.mark.parametrize(
    ("command", "words"), [("reset", "at their defaults already"), ("import", "set so already")]
)
async def test_where_nothing_would_change_nothing_is_asked(admin: Actor, command: str, words: str) -> None:
    answer = await (
        answer_to(admin, "settings reset")
        if command == "reset"
        else import_file(admin, file_of({"log_tasks": True}))
    )
    assert words in answer.text
    assert answer.all_buttons == []


async def test_who_leaves_all_as_it_is_changes_nothing(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    question = await import_file(admin, file_of({"daily_limit": 5}))
    await question.click("Leave all as it is")
    await shows(admin, question, "Nothing was changed")
    assert (question.all_buttons, question.attachments) == ([], [])
    assert await stored(bot, sandbox) == GuildSettings()


async def test_a_question_outlives_a_restart(
    admin: Actor, sandbox: Sandbox, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    question = await import_file(admin, file_of({"daily_limit": 5}))
    await bot.close()
    again = await start_bot()
    await question.click("Import")
    await shows(admin, question, "imported")
    assert await stored(again, sandbox) == GuildSettings(daily_limit=5)


@pytest.mark.parametrize("command", ["import", "reset"])
async def test_who_confirms_has_seen_what_changes(
    admin: Actor, sandbox: Sandbox, bot: BotApp, command: str
) -> None:
    await put(bot, sandbox.guild.id, daily_limit=9)
    question = await (
        answer_to(admin, "settings reset")
        if command == "reset"
        else import_file(admin, file_of({"daily_limit": None, "log_labels": False}))
    )
    # Another admin is at work meanwhile.
    await put(bot, sandbox.guild.id, log_labels=True)
    confirm = question.buttons[0]
    await question.click(confirm)
    await shows(admin, question, "The settings were changed while you were looking")
    assert "**Log labels**: on → off" in question.text
    assert await stored(bot, sandbox) == GuildSettings(daily_limit=9, log_labels=True)
    await question.click(confirm)
    await admin.until(lambda: question.all_buttons == [], what="it is done")
    assert await stored(bot, sandbox) == GuildSettings()


async def test_two_who_confirm_at_once_change_it_once(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    carol = sandbox.guild.add_member("Carol", permissions=Permission.MANAGE_GUILD)
    one, other = [await import_file(who, file_of({"daily_limit": 5})) for who in (admin, carol)]
    await asyncio.gather(one.click("Import"), other.click("Import"))
    await admin.until(lambda: not one.all_buttons, what="one is done")
    await carol.until(lambda: not other.all_buttons, what="the other is done")
    assert sorted(["imported" in one.text, "imported" in other.text]) == [False, True]
    assert len(await history(bot, sandbox)) == 1


async def test_channels_and_roles_of_another_server_are_refused_by_name(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    second = sandbox.add_guild("Second")
    foreign = {
        "task_channel": str(second.channel("tasks").id),
        "log_channel": str(sandbox.guild.channel("log").id),
        "moderator_role": str(second.create_role("Theirs").id),
        "contributor_role": str(sandbox.guild.id),
        "daily_limit": 5,
    }
    answer = await import_file(admin, file_of(foreign))
    assert "The file was not imported; nothing was changed" in answer.text
    tasks_id = second.channel("tasks").id
    assert f"`task_channel` (Task channel): `{tasks_id}` is not a channel or role of this" in answer.text
    assert "`moderator_role` (Moderator role)" in answer.text
    assert "`contributor_role` (Contributor role)" in answer.text
    assert "is the role that everybody has" in answer.text
    assert "log_channel" not in answer.text
    assert answer.all_buttons == []
    assert await stored(bot, sandbox) == GuildSettings()


async def test_a_channel_that_goes_before_the_import_is_confirmed_is_refused_then(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    games = sandbox.guild.create_channel("games")
    question = await import_file(admin, file_of({"task_channel": str(games.id), "daily_limit": 5}))
    sandbox.guild.delete_channel(games)
    # The gateway tells the bot of the channel first, and of the click then.
    await question.click("Import")
    await shows(admin, question, "The file was not imported")
    assert await stored(bot, sandbox) == GuildSettings()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b" " * 100_000, "too large"),
        (file_of({}) + b" " * LARGEST, "too large"),
        (b"", "It is not JSON"),
        (b"{", "It is not JSON"),
        (b"\xff\xfe\x00", "It is not JSON"),
        (b"[" * 30_000, "It is not JSON"),
        (b"9" * 30_000, "It is not JSON"),
        (b'{"format": NaN}', "It is not JSON"),
        (b'{"settings": {"daily_limit": 1, "daily_limit": 2}}', "“daily\\_limit” twice"),
        (b"[]", "not a file that"),
        (b"null", "not a file that"),
        (file_of([]), "not a file that"),
        (file_of({}, format="other"), "not a file that"),
        (file_of({}, version="1"), "not a file that"),
        (file_of({}, version=True), "not a file that"),
        (file_of({}, version=2), "It has version 2; I know version 1 only"),
    ],
)
async def test_what_is_no_file_of_settings_is_refused(
    admin: Actor, sandbox: Sandbox, bot: BotApp, content: bytes, words: str
) -> None:
    answer = await import_file(admin, content)
    assert words in answer.text
    assert "othing was changed" in answer.text
    assert await stored(bot, sandbox) == GuildSettings()


async def test_all_that_is_wrong_is_listed_and_nothing_is_half_applied(
    admin: Actor, sandbox: Sandbox, bot: BotApp
) -> None:
    wrong = {
        "task_channel": 1.5,
        "log_channel": "general",
        "language": "english",
        "languages": ["en", "en"],
        "task_types": ["random"],
        "task_display": "nowhere",
        "daily_limit": 1001,
        "log_tasks": 1,
        "log_labels": True,
        "<@123> **@everyone**": 1,
    }
    answer = await import_file(admin, file_of(wrong))
    for name in list(wrong)[:8]:
        assert f"- `{name}` (" in answer.text
    assert "`log_labels`" not in answer.text
    assert "\\<\\@123\\> \\*\\*\\@everyone\\*\\*”: there is no such setting" in answer.text
    assert "1 to 1,000, or null" in answer.text
    assert (answer.pings, answer.pings_everyone) == ([], False)
    assert await stored(bot, sandbox) == GuildSettings()


async def test_a_thousand_unknown_settings_are_counted(admin: Actor) -> None:
    answer = await import_file(
        admin, file_of({f"setting {number} {'*' * 60}"[:30]: 1 for number in range(500)})
    )
    assert "and 485 more" in answer.text


async def test_a_file_that_cannot_be_had_is_said(admin: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    question = await import_file(admin, file_of({"daily_limit": 5}))
    sandbox.store.files.clear()
    await question.click("Import")
    await shows(admin, question, "could not get the file")
    assert await stored(bot, sandbox) == GuildSettings()


async def test_who_lost_the_permission_confirms_nothing(sandbox: Sandbox, bot: BotApp) -> None:
    managers = sandbox.guild.create_role("Managers", Permission.MANAGE_GUILD)
    carol = sandbox.guild.add_member("Carol", roles=[managers])
    await put(bot, sandbox.guild.id, daily_limit=9)
    takes, resets = (
        await import_file(carol, file_of({"daily_limit": 5})),
        await answer_to(carol, "settings reset"),
    )
    sandbox.guild.take_role(carol, managers)
    for answer in (await takes.click("Import"), await resets.click("Reset everything")):
        assert answer.message is not None
        assert "Manage Server" in answer.message.text
    assert await stored(bot, sandbox) == GuildSettings(daily_limit=9)


@pytest.mark.parametrize(
    "custom_id", ["settings_file:1:", "settings_file:1:import:x", "settings_file:1:burn:x"]
)
async def test_forged_ids_have_expired(admin: Actor, sandbox: Sandbox, bot: BotApp, custom_id: str) -> None:
    await put(bot, sandbox.guild.id, daily_limit=9)
    panel = await answer_to(admin, "settings reset")
    await forge(admin, panel, custom_id)
    await shows(admin, panel, "This has expired")
    assert await stored(bot, sandbox) == GuildSettings(daily_limit=9)


def test_every_export_is_read_back() -> None:
    settings = GuildSettings(log_channel=2**62, languages=("de", "uk-UA"), daily_limit=1000, log_tasks=False)
    known = cast("GuildHealth", SimpleNamespace(belongs_here=lambda *_: True))
    read = read_file(export_file(settings).content, Here(known, 1), TEXTS)
    assert read.problems == ()
    assert GuildSettings.model_validate({one.value: value for one, value in read.values.items()}) == settings
