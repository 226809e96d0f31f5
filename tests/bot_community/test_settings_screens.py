"""Settings and wizard on the sandbox's page, in a browser; `OASST_SCREENSHOTS=folder` keeps the pictures."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.app import BotApp
from bot.community.settings_file import FORMAT
from discord_sandbox import Actor, Permission, Sandbox, Upload
from tests.bot_community.settings_scene import SMALL, answer_to, put, settings_of
from tests.bot_community.small_backend import SmallBackend
from tests.page.conftest import with_browser
from tests.screens import pictures_folder, screen_on

pytestmark = with_browser


@pytest.fixture
async def screen(sandbox: Sandbox) -> AsyncIterator[Page]:
    async with screen_on(sandbox, 1200, 1300) as tab:
        yield tab


@pytest.fixture
async def admin(sandbox: Sandbox, bot: BotApp) -> Actor:
    """Somebody who manages a server where much is set and something is amiss."""
    guild = sandbox.guild
    helpers, writers = guild.create_role("Helpers"), guild.create_role("Writers")
    guild.overwrite(guild.channel("log"), guild.bot_role, deny=Permission.SEND_MESSAGES)
    await put(
        bot,
        guild.id,
        by=int(guild.owner.id),
        task_channel=int(guild.channel("tasks").id),
        log_channel=int(guild.channel("log").id),
        moderator_role=int(helpers.id),
        contributor_role=int(writers.id),
        languages=("de", "en", "uk"),
        language="fr",
        daily_limit=25,
        log_labels=True,
    )
    return guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)


class Camera:
    """Takes pictures of what a person sees in the first channel."""

    def __init__(self, screen: Page, folder: Path) -> None:
        self._screen = screen
        self._folder = folder

    async def be(self, person: Actor) -> None:
        await self._screen.locator("#people button", has_text=person.name).click()

    async def take(self, name: str, words: str) -> None:
        """Wait for some words, and take a picture."""
        await expect(self._screen.locator("#log")).to_contain_text(words)
        await self._screen.screenshot(path=self._folder / f"{name}.png")


@pytest.fixture
async def camera(screen: Page, admin: Actor, tmp_path: Path) -> Camera:
    made = Camera(screen, pictures_folder(tmp_path))
    await made.be(admin)
    return made


async def test_each_page_of_the_settings(camera: Camera, admin: Actor) -> None:
    panel = await settings_of(admin)
    await camera.take("settings-channels", "I still need these permissions there")
    for page, words in (
        ("Roles", "Contributor role"),
        ("Languages", "It is not among the languages"),
        ("Tasks", "Finished threads"),
        ("Log and leaving", "When a member leaves"),
    ):
        await panel.click(page)
        await camera.take(f"settings-{page.split()[0].lower()}", words)


async def test_the_history_and_the_files(camera: Camera, admin: Actor) -> None:
    history = await answer_to(admin, "settings history")
    await camera.take("settings-history", "Changes to the settings")
    history.person.dismiss(history)
    for name, settings in (
        ("settings-import", {"daily_limit": 5, "languages": [], "log_labels": False}),
        ("settings-import-wrong", {"daily_limit": 5000, "log_channel": "123", "colour": "red"}),
    ):
        file = json.dumps({"format": FORMAT, "version": 1, "settings": settings}).encode()
        answer = await answer_to(admin, "settings import", file=Upload("settings.json", file))
        await camera.take(name, "Daily limit")
        answer.person.dismiss(answer)
    answer = await answer_to(admin, "settings export")
    await camera.take("settings-export", "All settings of this server are in this file")
    answer.person.dismiss(answer)
    await answer_to(admin, "settings reset")
    await camera.take("settings-reset", "Reset everything")


async def test_each_step_of_the_wizard(camera: Camera, admin: Actor, backend: SmallBackend) -> None:
    backend.public_settings = {"tree_manager": SMALL}
    panel = await answer_to(admin, "setup")
    await camera.take("setup-1-channels", "Set up · 1 of 4")
    for name, words in (("2-roles", "2 of 4"), ("3-work", "3 of 4"), ("4-summary", "At least 3 active")):
        await panel.click("Next")
        await camera.take(f"setup-{name}", words)
