"""/privacy and /data on the sandbox's page, in a browser; `OASST_SCREENSHOTS=folder` keeps the pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from discord_sandbox import Sandbox
from oasst_backend.server import BackendServer
from tests.page.conftest import with_browser
from tests.screens import pictures_folder, screen_on

pytestmark = [with_browser, pytest.mark.usefixtures("bot")]

WORDS = {
    "en-US": (
        "privacy",
        "data export",
        "What is kept",
        "as JSON",
        "Take my name away",
        "Really take",
        "Done, here",
    ),
    "de": (
        "datenschutz",
        "daten herunterladen",
        "Was über dich",
        "als JSON",
        "Meinen Namen herausnehmen",
        "wirklich herausnehmen",
        "Erledigt, hier",
    ),
}


@pytest.fixture
def backend(own_backend: BackendServer) -> BackendServer:
    """The project's own task backend, in place of the small one."""
    return own_backend


@pytest.fixture
async def screen(sandbox: Sandbox) -> AsyncIterator[Page]:
    async with screen_on(sandbox, 1100, 1500) as tab:
        yield tab


@pytest.mark.parametrize("locale", WORDS)
async def test_a_person_sees_what_is_kept_gets_it_and_has_it_deleted(
    screen: Page, sandbox: Sandbox, tmp_path: Path, locale: str
) -> None:
    privacy, export, kept, as_json, way, sure, done = WORDS[locale]
    alice = sandbox.guild.add_member("Alice", locale=locale)
    await screen.locator("#people button", has_text="Alice").click()
    await screen.locator("#channels button", has_text="general").click()

    async def take(what: str, words: str) -> None:
        await expect(screen.locator("#log")).to_contain_text(words)
        await screen.screenshot(path=pictures_folder(tmp_path) / f"privacy-{what}-{locale}.png")

    panel = (await alice.command(privacy)).message
    assert panel is not None
    await take("shown", kept)
    await alice.command(export)
    await take("export", as_json)
    asked = (await panel.click(panel.buttons[1])).message
    assert asked is not None
    await take("delete", way)
    await asked.click(way)
    await take("sure", sure)
    await asked.click(asked.buttons[0])
    await take("done", done)
