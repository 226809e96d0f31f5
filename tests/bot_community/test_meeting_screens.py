"""The first meeting on the sandbox's page, in a browser; `OASST_SCREENSHOTS=folder` keeps the pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.community.tutorial import STEPS
from discord_sandbox import Permission, Sandbox
from tests.bot_community.small_backend import SmallBackend
from tests.page.conftest import with_browser
from tests.screens import pictures_folder, screen_on

pytestmark = [with_browser, pytest.mark.usefixtures("bot")]

WORDS = {
    "en-US": ("I accept", "Read all of it", "Show me how", "Next", "Step {} of", "That was a lot"),
    "de": ("Ich bin", "Alles lesen", "Zeig mir", "Weiter", "Schritt {} von", "Das war viel"),
}


@pytest.fixture
def cooldowns() -> dict[str, int]:
    """As they are where nobody sets them."""
    return {}


@pytest.fixture
async def screen(sandbox: Sandbox) -> AsyncIterator[Page]:
    async with screen_on(sandbox, 1100, 1100) as tab:
        yield tab


class Camera:
    """Takes pictures of what stands in the channel in which a person types commands."""

    def __init__(self, screen: Page, name: str, folder: Path) -> None:
        self._screen = screen
        self._name = name
        self._folder = folder

    async def take(self, what: str, words: str) -> None:
        """Wait for some words, and take a picture."""
        await expect(self._screen.locator("#log")).to_contain_text(words)
        await self._screen.screenshot(path=self._folder / f"{self._name}-{what}.png")


@pytest.mark.parametrize("locale", WORDS)
async def test_the_first_meeting_can_be_seen(
    screen: Page, sandbox: Sandbox, backend: SmallBackend, tmp_path: Path, locale: str
) -> None:
    backend.shows_prompt()
    accept, full, learn, onward, step, wait = WORDS[locale]
    alice = sandbox.guild.add_member("Alice", Permission.MANAGE_GUILD, locale=locale)
    await screen.locator("#people button", has_text=alice.name).click()
    camera = Camera(screen, locale, pictures_folder(tmp_path))
    panel = (await alice.command("task")).message
    assert panel is not None
    await camera.take("terms", accept)
    whole = (await panel.click(full)).message
    assert whole is not None
    await camera.take("terms-full", whole.embeds[0]["title"])
    alice.dismiss(whole)
    await panel.click(accept)
    await camera.take("welcome", learn)
    await panel.click(learn)
    for number in range(1, len(STEPS) + 1):
        await camera.take(f"tutorial-{number}", step.format(number))
        if len(panel.buttons) > 3:
            await panel.click(panel.buttons[1])
            await camera.take(f"tutorial-{number}-answer", step.format(number))
        if number < len(STEPS):
            await panel.click(onward)
    alice.dismiss(panel)
    for command in ("help", "languages"):
        answer = (await alice.command(command)).message
        assert answer is not None
        await camera.take(command, answer.embeds[0]["title"])
        alice.dismiss(answer)
    for _ in range(9):
        answer = (await alice.command("help")).message
        assert answer is not None
        last = answer.text
        if wait not in last:
            alice.dismiss(answer)
    assert wait in last
    await camera.take("too-much", wait)
