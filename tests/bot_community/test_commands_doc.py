"""Every command, menu and option that the bot has is documented, and Discord takes its words."""

import importlib
import pkgutil
import re
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Documented:
    """A command, menu or subcommand: what has a heading of its own; `group` is that of a subcommand."""

    data: lightbulb.commands.CommandData
    group: lightbulb.Group | None = None

    @property
    def heading(self) -> str:
        names = [self.data.name] if self.group is None else [self.group.name, self.data.name]
        words = " ".join(map(ENGLISH, names))
        return f"/{words}" if self.data.type is hikari.CommandType.SLASH else words

    @property
    def permissions(self) -> hikari.UndefinedOr[hikari.Permissions]:
        """What Discord asks for before it shows the command; for a group that is said of the whole."""
        return (self.group or self.data).default_member_permissions


Builder = lightbulb.Group | lightbulb.commands.CommandData


def found_in_the_extensions() -> list[Builder]:
    """Collect what the extensions register with Discord: commands, menus and groups of subcommands."""
    found: dict[str, Builder] = {}
    for info in pkgutil.iter_modules(bot.extensions.__path__, "bot.extensions."):
        for item in vars(importlib.import_module(info.name)).values():
            if isinstance(item, lightbulb.Group):
                found[item.name] = item
            elif isinstance(item, type) and issubclass(item, lightbulb.commands.CommandBase):
                data = getattr(item, "_command_data", None)
                if data is not None and data.parent is None:
                    found[data.name] = data
    return list(found.values())


def commands_of_the_bot() -> list[Documented]:
    """List what a person can use: a group stands for its subcommands (none of ours has groups inside)."""
    commands = []
    for item in found_in_the_extensions():
        if isinstance(item, lightbulb.Group):
            for subcommand in item.subcommands.values():
                assert isinstance(subcommand, type)
                commands.append(Documented(subcommand._command_data, item))  # noqa: SLF001  # lightbulb has no other way
        else:
            commands.append(Documented(item))
    return commands


def heading(command: Documented) -> str:
    return command.heading


def key(item: Builder) -> str:
    return item.name


def sections() -> dict[str, str]:
    """Read the page: a section for each third-level heading."""
    parts = re.split(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_page_has_a_section_for_each_command_and_menu_and_no_other() -> None:
    assert set(sections()) == {heading(command) for command in commands_of_the_bot()}


@pytest.mark.parametrize("command", commands_of_the_bot(), ids=heading)
def test_a_section_says_who_may_use_it_and_names_each_option(
    command: Documented,
) -> None:
    section = sections()[command.heading]
    assert "- Who:" in section
    described = set(re.findall(r"^- `([^`]+)`:", section, flags=re.MULTILINE))
    assert described == {ENGLISH(option) for option in command.data.options}


@pytest.mark.parametrize("command", commands_of_the_bot(), ids=heading)
def test_what_discord_hides_from_members_is_said_in_the_section(
    command: Documented,
) -> None:
    if command.permissions is hikari.UNDEFINED:
        return
    assert "Manage Server" in sections()[command.heading]
    assert command.permissions == hikari.Permissions.MANAGE_GUILD


@pytest.mark.parametrize("item", found_in_the_extensions(), ids=key)
async def test_a_command_can_be_registered_in_every_language(item: Builder) -> None:
    # A key without an English text is refused here.
    built = await item.as_command_builder(hikari.Locale.EN_US, command_words)
    for name in (built.name, *built.name_localizations.values()):
        assert 1 <= len(name) <= 32
    if not isinstance(built, hikari.api.SlashCommandBuilder):
        return
    listed: list[hikari.api.SlashCommandBuilder | hikari.CommandOption] = [built, *with_those_inside(built)]
    for named in listed:
        for name in (named.name, *named.name_localizations.values()):
            assert SLASH_NAME.fullmatch(name)
            assert name == name.lower()
        for description in (named.description, *named.description_localizations.values()):
            assert 1 <= len(description) <= 100
    for choice in [choice for option in with_those_inside(built) for choice in option.choices or ()]:
        for name in (choice.name, *choice.name_localizations.values()):
            assert 1 <= len(name) <= 100


def with_those_inside(
    holder: hikari.api.SlashCommandBuilder | hikari.CommandOption,
) -> list[hikari.CommandOption]:
    """List the options and subcommands of a command, and theirs."""
    return [found for option in holder.options or () for found in (option, *with_those_inside(option))]
