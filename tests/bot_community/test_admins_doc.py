"""docs/admins.md tells those who run a server of every setting, permission and field of the file."""

import json
import re
from pathlib import Path

import pytest

from bot.community.guild_health import NEEDED
from bot.community.settings_file import FORMAT, LARGEST, VERSION
from bot.community.settings_ids import PAGES, Surface
from bot.guild_settings import CHOICES, DEFAULTS, GuildSetting, GuildSettings
from bot.texts import texts_for

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "admins.md").read_text(encoding="utf-8")
TEXTS = texts_for("en")


def rows(heading: str) -> list[list[str]]:
    """Read the table below a heading, without its first two lines."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_setting_is_told_of_with_its_page_and_default() -> None:
    told = {name.strip("`"): (page, default) for name, page, default, _ in rows("The settings")}
    assert sorted(told) == sorted(setting.value for setting in GuildSetting)
    for page, settings in PAGES[Surface.settings].items():
        for setting in settings:
            named, default = told[setting.value]
            assert named == TEXTS(f"settings.page.{page.value}")
            value = DEFAULTS.json_value(setting)
            if isinstance(value, bool):
                assert default == ("on" if value else "off")
            elif setting in CHOICES:
                assert default == f"`{value}`"


@pytest.mark.parametrize("setting", list(CHOICES))
def test_every_value_of_a_choice_is_told_of(setting: GuildSetting) -> None:
    (text,) = [row[3] for row in rows("The settings") if row[0] == f"`{setting.value}`"]
    assert [value for value in CHOICES[setting] if f"`{value.value}`" not in text] == []


def test_the_permissions_are_those_that_are_checked() -> None:
    told = {
        setting: {row[0] for row in rows("The permissions the bot needs") if row[column] == "yes"}
        for column, setting in enumerate(NEEDED, start=1)
    }
    assert told == {
        setting: {TEXTS(f"permission.{permission.name}") for permission in needed}
        for setting, needed in NEEDED.items()
    }


def test_the_file_is_as_it_is_told() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)[0])
    assert (example["format"], example["version"]) == (FORMAT, VERSION)
    values = {**example["settings"], "task_channel": int(example["settings"]["task_channel"])}
    assert GuildSettings.model_validate(values)
    assert f"{LARGEST // 1024} KiB" in PAGE


@pytest.mark.parametrize("page", ["../README.md", "commands.md"])
def test_the_page_is_linked(page: str) -> None:
    assert "admins.md)" in (DOCS / page).read_text(encoding="utf-8")
