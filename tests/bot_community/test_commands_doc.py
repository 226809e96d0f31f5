"""Every command, menu and option that the bot has is documented, and Discord takes its words."""

import importlib
import pkgutil
import re
from pathlib import Path

import hikari
import lightbulb
import pytest

import bot.extensions
from bot.commands import command_words
from bot.texts import texts_for

ENGLISH = texts_for("en")
SLASH_NAME = re.compile(r"[-_\w]{1,32}")
PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def commands_of_the_bot() -> list[lightbulb.commands.CommandData]:
    """Collect what the extensions declare."""
    found = {}
    for info in pkgutil.iter_modules(bot.extensions.__path__, "bot.extensions."):
        module = importlib.import_module(info.name)
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, lightbulb.commands.CommandBase):
                data = getattr(item, "_command_data", None)
                if data is not None:
                    found[data.name] = data
    return list(found.values())


def sections() -> dict[str, str]:
    """Read the page: a section for each third-level heading."""
    parts = re.split(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def heading(command: lightbulb.commands.CommandData) -> str:
    name = ENGLISH(command.name)
    return f"/{name}" if command.type is hikari.CommandType.SLASH else name


def test_the_page_has_a_section_for_each_command_and_menu_and_no_other() -> None:
    assert set(sections()) == {heading(command) for command in commands_of_the_bot()}


@pytest.mark.parametrize("command", commands_of_the_bot(), ids=heading)
def test_a_section_says_who_may_use_it_and_names_each_option(
    command: lightbulb.commands.CommandData,
) -> None:
    section = sections()[heading(command)]
    assert "- Who:" in section
    described = set(re.findall(r"^- `([^`]+)`:", section, flags=re.MULTILINE))
    assert described == {ENGLISH(option) for option in command.options}


@pytest.mark.parametrize("command", commands_of_the_bot(), ids=heading)
def test_what_discord_hides_from_members_is_said_in_the_section(
    command: lightbulb.commands.CommandData,
) -> None:
    permissions = command.default_member_permissions
    if permissions is hikari.UNDEFINED:
        return
    assert "Manage Server" in sections()[heading(command)]
    assert permissions == hikari.Permissions.MANAGE_GUILD


@pytest.mark.parametrize("command", commands_of_the_bot(), ids=heading)
async def test_a_command_can_be_registered_in_every_language(
    command: lightbulb.commands.CommandData,
) -> None:
    # A key without an English text is refused here.
    built = await command.as_command_builder(hikari.Locale.EN_US, command_words)
    for name in (built.name, *built.name_localizations.values()):
        assert 1 <= len(name) <= 32
    if not isinstance(built, hikari.api.SlashCommandBuilder):
        return
    listed: list[hikari.api.SlashCommandBuilder | hikari.CommandOption] = [built, *built.options]
    for named in listed:
        for name in (named.name, *named.name_localizations.values()):
            assert SLASH_NAME.fullmatch(name)
            assert name == name.lower()
        for description in (named.description, *named.description_localizations.values()):
            assert 1 <= len(description) <= 100
    for choice in [choice for option in built.options for choice in option.choices or ()]:
        for name in (choice.name, *choice.name_localizations.values()):
            assert 1 <= len(name) <= 100
