"""Each kind of task on the sandbox's page, in a browser; `OASST_SCREENSHOTS=folder` keeps the pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.forms import TASK_TYPES
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot.conftest import Backend, Join, shown_task, write
from tests.bot.screen_tasks import ANSWER, screen_task
from tests.page.conftest import with_browser
from tests.screens import pictures_folder, screen_on

pytestmark = with_browser


@pytest.fixture
async def screen(sandbox: Sandbox) -> AsyncIterator[Page]:
    async with screen_on(sandbox, 1200, 2600) as tab:
        yield tab


class Camera:
    """Takes pictures of what a person sees in the thread of their task."""

    def __init__(self, screen: Page, kind: str, folder: Path) -> None:
        self._screen = screen
        self._kind = kind
        self._folder = folder
        self._number = 0

    async def show(self, person: Actor, controls: MessageView) -> None:
        """Be the person, and go to the thread."""
        await self._screen.locator("#people button", has_text=person.name).click()
        name = next(one.name for one in person.threads() if one.id == controls.channel_id)
        await self._screen.locator("#channels button", has_text=name).click()
        await expect(self._screen.locator("#place-name")).to_contain_text(name)

    async def take(self, words: str) -> None:
        """Wait for some words, and take a picture."""
        await expect(self._screen.locator("#log")).to_contain_text(words)
        self._number += 1
        await self._screen.screenshot(path=self._folder / f"{self._kind}-{self._number}.png")


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_a_person_sees_the_task_and_their_answer(
    screen: Page, backend: Backend, join: Join, kind: str, tmp_path: Path
) -> None:
    alice = await join("Alice")
    backend.tasks.append(screen_task(kind))
    await alice.command("task")
    controls = await shown_task(alice)
    camera = Camera(screen, kind, pictures_folder(tmp_path))
    await camera.show(alice, controls)
    await camera.take("Skip")
    if "Write" in controls.buttons:
        await write(controls, ANSWER)
        await camera.take("Is this how you want it?")
    elif kind.startswith("rank_"):
        await controls.choose("Choose the best", "2. ")
        await controls.choose("Choose the next best", "1. ")
        await camera.take("Your order so far")
        await controls.click("All are bad")
    elif kind == "rate_summary":
        await controls.click("4")
        await camera.take("You chose 4")
    else:
        await controls.click(next(label for label in controls.buttons if label.endswith(": no")))
        await camera.take("No")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await camera.take("Thank you!")
