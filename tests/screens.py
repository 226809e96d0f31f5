"""The sandbox's page in a browser, for tests that look at it; `OASST_SCREENSHOTS=folder` keeps pictures."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

from discord_sandbox import Sandbox
from discord_sandbox.page import SandboxPage
from tests.page.conftest import ARGUMENTS, CHROMIUM


@asynccontextmanager
async def screen_on(sandbox: Sandbox, width: int, height: int) -> AsyncIterator[Page]:
    """Open the page in a browser whose window has a size in pixels."""
    page = SandboxPage(sandbox, port=0)
    await page.start()
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, env=dict(environment)
        )
        tab = await browser.new_page(viewport={"width": width, "height": height})
        tab.set_default_timeout(10_000)
        await tab.goto(page.url)
        yield tab
        await browser.close()
    await page.close()


def pictures_folder(otherwise: Path) -> Path:
    """Give the folder that pictures go to, `OASST_SCREENSHOTS` if that names one."""
    return Path(os.environ.get("OASST_SCREENSHOTS") or otherwise)
