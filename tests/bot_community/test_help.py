"""/help, as people see it: what they may use where they are, as mentions that can be clicked."""

import re

import hikari
import lightbulb
import pytest

from bot.access import Deed
from bot.app import BotApp
from bot.commands import RegisteredCommands
from bot.community.help import GROUPS, deed_of, help_panel
from bot.guild_settings import GuildSetting
from bot.limits import message_problems
from bot.texts import texts_for
from discord_sandbox import Actor, Permission, Sandbox
from tests.bot_community.test_commands_doc import Builder, found_in_the_extensions, key

FOR_MODERATORS = {"settings", "setup", "reports"}

pytestmark = pytest.mark.usefixtures("bot")


async def help_text(person: Actor, command: str = "help") -> str:
    answer = (await person.command(command)).message
    assert answer is not None
    assert answer.ephemeral
    return answer.text


def mentioned(text: str) -> set[str]:
    """Give the names of the commands that are mentioned."""
    return set(re.findall(r"</([^:>]+):\d+>", text))


async def test_a_member_reads_what_members_may_use(sandbox: Sandbox) -> None:
    text = await help_text(sandbox.guild.add_member("Alice"))
    assert {"task", "leaderboard", "languages", "tutorial", "help"} <= mentioned(text)
    assert not [name for name in mentioned(text) if name.split()[0] in FOR_MODERATORS]
    assert re.search(r"Apps . Label\*\* · Label a message", text)
    assert "For moderators" not in text


async def test_a_manager_reads_of_the_settings_too(sandbox: Sandbox) -> None:
    text = await help_text(sandbox.guild.add_member("Mia", Permission.MANAGE_GUILD))
    assert [name for name in mentioned(text) if name.split()[0] == "settings"]
    assert "For those who manage the server" in text


async def test_a_mention_names_the_command_with_its_id(bot: BotApp, sandbox: Sandbox) -> None:
    text = await help_text(sandbox.guild.add_member("Alice"))
    ids = {command.name: int(command.id) for command in bot.services.commands.here(int(sandbox.guild.id))}
    assert f"</task:{ids['task']}>" in text
    assert "Get something to write, rank or label" in text


async def test_without_the_contributor_role_no_task_is_offered(bot: BotApp, sandbox: Sandbox) -> None:
    role = sandbox.guild.create_role("Contributors")
    await bot.services.store.guilds.replace(
        int(sandbox.guild.id),
        {GuildSetting.contributor_role: int(role.id)},
        changed_by=1,
        interaction_id=1,
        now=bot.clock.now(),
    )
    text = await help_text(sandbox.guild.add_member("Alice"))
    assert "task" not in mentioned(text)
    assert "leaderboard" in mentioned(text)
    assert "task" in mentioned(await help_text(sandbox.guild.add_member("Bea", roles=[role])))


async def test_in_direct_messages_nothing_of_a_server_is_named(sandbox: Sandbox) -> None:
    owner = sandbox.guild.owner
    answer = (await owner.command("help", owner.open_dm())).message
    assert answer is not None
    assert "task" in mentioned(answer.text)
    assert not [name for name in mentioned(answer.text) if name.split()[0] in FOR_MODERATORS]


async def test_help_speaks_german(sandbox: Sandbox) -> None:
    text = await help_text(sandbox.guild.add_member("Heidi", locale="de"))
    assert "Was du hier tun kannst" in text
    assert "Hol dir etwas zum Schreiben" in text
    assert re.search(r"Apps . Beurteilen\*\* · Eine Nachricht", text)


async def test_there_is_a_link_only_where_the_operator_gave_one(bot: BotApp, sandbox: Sandbox) -> None:
    alice = sandbox.guild.add_member("Alice")
    links = []
    for url in ("", "https://example.org/help"):
        bot.services.settings.help_url = url
        answer = (await alice.command("help")).message
        assert answer is not None
        links.append([button.url for button in answer.all_buttons])
    assert links == [[], ["https://example.org/help"]]


async def test_commands_of_test_guilds_are_named_there_alone() -> None:
    registered = RegisteredCommands()
    of_the_guild: list[hikari.PartialCommand] = []
    registered.remember(7, of_the_guild)
    assert [registered.here(guild_id) is of_the_guild for guild_id in (7, 8, None)] == [True, False, False]


# ---- What holds for every command, whoever adds it


@pytest.mark.parametrize("command", found_in_the_extensions(), ids=key)
def test_every_command_and_menu_has_a_deed_and_a_line(command: Builder) -> None:
    name = texts_for("en")(command.name)
    deed = deed_of(name)
    assert deed is not None, f"{name} is no deed of the table in bot/access.py"
    is_menu = isinstance(command, lightbulb.commands.CommandData) and not command.description
    if is_menu:
        assert texts_for("en").has(f"help.menu.{deed.value}"), f"a line for {name} is missing in help.po"


def test_every_deed_belongs_to_one_group_with_a_name() -> None:
    grouped = [deed for deeds in GROUPS.values() for deed in deeds]
    assert sorted(grouped) == sorted(Deed)
    assert all(texts_for("en").has(f"help.group.{name}") for name in GROUPS)


@pytest.mark.parametrize("locale", ["en", "de"])
async def test_all_that_anybody_may_use_fits_one_message(bot: BotApp, locale: str) -> None:
    commands = bot.services.commands.here(None)
    panel = help_panel(commands, list(Deed), texts_for(locale), url="https://example.org")
    assert message_problems(panel.content, panel.embeds, panel.rows) == []
    text = "\n".join(str(embed.description) for embed in panel.embeds)
    assert mentioned(text) == {
        path for command in commands if isinstance(command, hikari.SlashCommand) for path in paths(command)
    }


def paths(command: hikari.SlashCommand) -> set[str]:
    """Name a command as people type it: each of its subcommands, or itself."""
    found: set[str] = set()
    for option in command.options or ():
        if option.type is hikari.OptionType.SUB_COMMAND:
            found.add(f"{command.name} {option.name}")
        elif option.type is hikari.OptionType.SUB_COMMAND_GROUP:
            found |= {f"{command.name} {option.name} {below.name}" for below in option.options or ()}
    return found or {command.name}
