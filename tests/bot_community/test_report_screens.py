"""Labels, reports and contributions on the sandbox's page; `OASST_SCREENSHOTS=folder` keeps the pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.app import BotApp
from discord_sandbox import Actor, Permission, Sandbox
from tests.bot_community.report_scene import report, written
from tests.bot_community.small_backend import SmallBackend
from tests.bot_community.test_labels import label_panel, posted_task
from tests.page.conftest import with_browser
from tests.screens import pictures_folder, screen_on

pytestmark = [with_browser, pytest.mark.usefixtures("bot")]

TEXT = "How do bees find home when it is dark?"
NOTE = "He insults **everybody** here, look at [this](https://evil.example) @everyone"


@pytest.fixture
async def screen(sandbox: Sandbox) -> AsyncIterator[Page]:
    async with screen_on(sandbox, 1100, 1300) as tab:
        yield tab


class Camera:
    """Takes pictures of what a person sees in a channel."""

    def __init__(self, screen: Page, person: Actor, folder: Path) -> None:
        self._screen = screen
        self._person = person
        self._folder = folder

    async def look_at(self, channel: str) -> None:
        """Be the person, and go to a channel or thread."""
        await self._screen.locator("#people button", has_text=self._person.name).click()
        await self._screen.locator("#channels button", has_text=channel).click()
        await expect(self._screen.locator("#place-name")).to_contain_text(channel)

    async def take(self, what: str, words: str, place: str = "#log") -> None:
        """Wait for some words, and take a picture."""
        await expect(self._screen.locator(place)).to_contain_text(words)
        await self._screen.screenshot(path=self._folder / f"{what}-{self._person.locale}.png")

    async def use(self, menu: str, text: str) -> None:
        """Use a menu entry of the message with a text, by mouse."""
        message = self._screen.locator(".message", has_text=text).first
        await message.hover()
        await message.get_by_role("button", name="Apps for this message").click()
        await message.get_by_role("menuitem", name=menu, exact=True).click()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pictures_folder(tmp_path)


@pytest.mark.parametrize("locale", ["en-US", "de"])
async def test_a_report_from_the_menu_to_the_moderators_list(
    screen: Page, sandbox: Sandbox, folder: Path, locale: str
) -> None:
    words = {
        "en-US": ("Report", "What is wrong", "Thank you", "Done: 4"),
        "de": ("Melden", "Was stimmt", "Danke", "Erledigt: 4"),
    }
    menu, asked, thanks, done = words[locale]
    general = sandbox.guild.channel("general")
    alice = sandbox.guild.add_member("Alice", locale=locale)
    bob = sandbox.guild.add_member("Bob")
    mia = sandbox.guild.add_member("Mia", Permission.MANAGE_MESSAGES, locale=locale)
    bob.send(general, "What a silly question!")
    camera = Camera(screen, alice, folder)
    await camera.look_at("general")
    await camera.use(menu, "silly question")
    await camera.take("report-form", asked, "dialog")
    await screen.locator("dialog textarea").fill(NOTE)
    await screen.keyboard.press("Control+Enter")
    await camera.take("report-taken", thanks)
    for number in range(5):
        other = sandbox.guild.add_member(f"Member {number}")
        await report(other, written(bob, other, general, "Again!"), NOTE if number else "x" * 500)
    moderator = Camera(screen, mia, folder)
    await moderator.look_at("general")
    listed = (await mia.command("reports")).message
    assert listed is not None
    await moderator.take("reports", done)
    await listed.click("Done: 2" if locale == "en-US" else "Erledigt: 2")
    await moderator.take("reports-settled", "✅")
    await listed.click(listed.buttons[-1])
    await moderator.take("reports-settled-list", mia.name)


async def test_earlier_labels_and_a_report_of_the_same_message(
    screen: Page, sandbox: Sandbox, bot: BotApp, backend: SmallBackend, folder: Path
) -> None:
    backend.shows_prompt()
    alice = sandbox.guild.add_member("Alice")
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    await panel.click("Spam: no")
    await panel.choose("Quality", ["4"])
    await panel.click("Send")
    camera = Camera(screen, alice, folder)
    await camera.look_at(alice.threads()[0].name)
    await camera.take("label-sent", "Your labels are in")
    alice.dismiss(panel)
    await camera.use("Label", "How do bees")
    await camera.take("label-again", "your labels from before")
    again = alice.latest(alice.threads()[0])
    assert again is not None
    alice.dismiss(again)
    await camera.use("Report", "How do bees")
    await camera.take("report-dataset", "What is wrong with it?")


@pytest.mark.parametrize("locale", ["en-US", "de"])
async def test_a_contribution_in_one_of_several_languages(
    screen: Page, sandbox: Sandbox, bot: BotApp, folder: Path, locale: str
) -> None:
    menu, which, wanted = {
        "en-US": ("Contribute", "In which language", "are wanted right now"),
        "de": ("Beitragen", "In welcher Sprache", "werden gerade nicht gebraucht"),
    }[locale]
    general = sandbox.guild.channel("general")
    alice = sandbox.guild.add_member("Alice", locale=locale)
    people = bot.services.store.people
    await people.record_terms(alice.id, version=1, locale=locale, interaction_id=1, now=bot.clock.now())
    await people.set_languages(alice.id, ["en", "de"], now=bot.clock.now())
    alice.send(general, TEXT)
    camera = Camera(screen, alice, folder)
    await camera.look_at("general")
    await camera.use(menu, TEXT)
    await expect(screen.locator("dialog textarea")).to_have_value(TEXT)
    await camera.take("contribute-form", "", "dialog")
    await screen.keyboard.press("Control+Enter")
    await camera.take("contribute-language", which)
    panel = alice.latest(general)
    assert panel is not None
    await panel.choose(panel.selects[0].placeholder or "", [panel.selects[0].options[0][0]])
    await camera.take("contribute-none-wanted", wanted)
