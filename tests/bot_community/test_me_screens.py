"""/me on the sandbox's page, in a browser; `OASST_SCREENSHOTS=folder` keeps the pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from discord_sandbox import Actor, Sandbox
from oasst_client import OasstApiClient
from tests.bot_community.givers import KEY, PROMPT, REVIEW_PROMPT, Giver, RealBackend, real_backend
from tests.bot_community.test_me import grown_tree, pressed
from tests.bot_community.test_me_history import look_at
from tests.page.conftest import with_browser
from tests.screens import pictures_folder, screen_on

pytestmark = [with_browser, pytest.mark.usefixtures("bot")]


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[RealBackend]:
    async with real_backend(tmp_path, goal_tree_size=3, max_tree_depth=1) as backend:
        yield backend


@pytest.fixture
async def screen(sandbox: Sandbox) -> AsyncIterator[Page]:
    async with screen_on(sandbox, 1100, 1300) as tab:
        yield tab


class Camera:
    """Takes pictures of what a person sees in the first channel."""

    def __init__(self, screen: Page, folder: Path, person: Actor) -> None:
        self._screen = screen
        self._folder = folder
        self._person = person

    async def take(self, name: str, words: str) -> None:
        """Wait for some words, and take a picture."""
        await self._screen.locator("#people button", has_text=self._person.name).click()
        await self._screen.locator("#channels button", has_text="general").click()
        await expect(self._screen.locator("#log")).to_contain_text(words)
        await self._screen.screenshot(path=self._folder / f"me-{name}.png")


@pytest.mark.parametrize("locale", ["en-US", "de"])
async def test_a_person_sees_what_they_gave(
    screen: Page, sandbox: Sandbox, backend: RealBackend, tmp_path: Path, locale: str
) -> None:
    alice, german = sandbox.guild.add_member("Alice", locale=locale), locale == "de"
    camera = Camera(screen, pictures_folder(tmp_path), alice)
    newcomer = (await alice.command("ich" if german else "me")).message
    assert newcomer is not None
    await camera.take(f"{locale}-newcomer", "Erste Aufgabe" if german else "first task")
    async with OasstApiClient(backend.url, KEY) as client:
        await grown_tree(client, alice)
        me = Giver(client, alice)
        await me.write(PROMPT, "Buy my hat now! It is **the best** hat of all hats, at https://hats.example")
        await Giver(client, "cat").review(REVIEW_PROMPT, spam=1, quality=0)
        await me.write(PROMPT, "שלום, מה שלומך היום? Was ist das?")
        await client.withdraw_message(me.user, await me.write(PROMPT, "Who wrote the very first book?"))
        await me.write(PROMPT, "Do fish sleep at night, and if so: where, how long, and *why*? " * 8)
    panel = (await alice.command("ich" if german else "me")).message
    assert panel is not None
    await camera.take(f"{locale}-overview", "Punkte" if german else "points")
    await panel.click("Meine Texte" if german else "My texts")
    await alice.until(lambda: panel.selects, what="the list")
    await camera.take(f"{locale}-history", "fish")
    if german:
        return
    await look_at(alice, panel, "Do fish sleep")
    await camera.take("en-one", "Nobody has worked with it yet")
    modal = (await panel.click("Edit")).modal
    assert modal is not None
    await backend.close()
    await modal.submit({"Your text": "Do fish sleep at night?"})
    await alice.until(lambda: "Not saved yet" in panel.text, what="that it is kept")
    await camera.take("en-kept", "Not saved yet")
    await backend.start()
    await pressed(alice, panel, "Save the new wording", "Saved.")
    await camera.take("en-saved", "Saved.")
    await pressed(alice, panel, "Withdraw", "Really withdraw it?")
    await camera.take("en-withdraw", "Really withdraw it?")
