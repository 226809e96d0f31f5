"""Boards and progress on the sandbox's page, in a browser; `OASST_SCREENSHOTS=folder` keeps the pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.app import BotApp
from bot.settings import BotSettings
from discord_sandbox import Sandbox
from oasst_backend.server import BackendServer
from oasst_client import AuthMethod, OasstApiClient, TaskRequestType, User
from tests.backend.board_people import add_people
from tests.backend.conftest import Worker
from tests.bot.conftest import Life, TestClock
from tests.bot_community.test_weekly_board import bot_of, choose_channel, known_to, on_monday, worked
from tests.page.conftest import with_browser
from tests.screens import pictures_folder, screen_on

pytestmark = with_browser

NAMES = (
    *(
        "Zoe",
        "Семён Иванов",
        "山田太郎",
        "שלום עולם",
        "مرحبا بالعالم",
        "👩‍🚀 rocket",
        "**bold** _u_ @everyone",
    ),
    *("", "W" * 80, "हिन्दी", "Bo", "Cy", "Di"),
)


@pytest.fixture
def backend(own_backend: BackendServer) -> BackendServer:
    """The project's own task backend, in place of the small one."""
    return own_backend


@pytest.fixture
async def life(sandbox: Sandbox, backend: BackendServer, tmp_path: Path) -> AsyncIterator[Life]:
    settings = BotSettings(
        _env_file=None,
        bot_token=sandbox.token,
        discord_rest_url=sandbox.rest_url,
        oasst_api_url=backend.url,
        oasst_api_key="key",
    )
    lived = Life(settings, sandbox, TestClock(), tmp_path)
    await lived.begin()
    yield lived
    await lived.end()


@pytest.fixture
async def screen(sandbox: Sandbox) -> AsyncIterator[Page]:
    async with screen_on(sandbox, 1100, 1000) as tab:
        yield tab


async def gather(backend: BackendServer, bot: BotApp, sandbox: Sandbox, reader: int) -> None:
    """Let a community with names of many scripts have gathered something."""
    storage = backend.storage
    assert storage is not None
    points = {str(9000 + place): 2400 - 111 * place for place in range(len(NAMES))} | {str(reader): 7}
    await storage.write(lambda connection: add_people(connection, points))
    async with OasstApiClient(backend.url, "key") as client:
        for place, name in enumerate(NAMES):
            await client.put_user(
                User(id=str(9000 + place), display_name=name, auth_method=AuthMethod.discord)
            )
        for place, lang in enumerate(["en"] * 6 + ["de"] * 3 + ["ar", "ja"]):
            await Worker(client, f"w{place}").write(TaskRequestType.initial_prompt, f"Why, {place}?", lang)
        for place in range(4):
            await Worker(client, f"r{place}").label(TaskRequestType.label_initial_prompt, lang="en")
            await Worker(client, f"r{place}").write(TaskRequestType.assistant_reply, f"So, {place}.", "en")
    for user_id in (9001, 9003, reader):
        await bot.services.store.contributors.note(sandbox.guild.id, user_id, bot.clock.now())


@pytest.mark.parametrize("locale", ["en-US", "de"])
async def test_a_person_sees_boards_and_progress(
    screen: Page, sandbox: Sandbox, backend: BackendServer, life: Life, tmp_path: Path, locale: str
) -> None:
    folder, german = pictures_folder(tmp_path), locale == "de"
    bot, alice = bot_of(life), sandbox.guild.add_member("Alice", locale=locale)
    await gather(backend, bot, sandbox, alice.id)

    async def take(name: str, words: str, channel: str = "general") -> None:
        await screen.locator("#people button", has_text="Alice").click()
        await screen.locator("#channels button", has_text=channel).click()
        await expect(screen.locator("#log")).to_contain_text(words)
        await screen.screenshot(path=folder / f"board-{locale}-{name}.png")

    board = (await alice.command("rangliste" if german else "leaderboard")).message
    assert board is not None
    await take("everywhere", "(du)" if german else "(you)")
    await board.click("Mein Platz" if german else "My place")
    await take("own", "Seite 2" if german else "page 2")
    await board.click("Dieser Server" if german else "This server")
    await take("server", "auf diesem Server" if german else "on this server")
    for file in board.attachments:
        picture = await screen.request.get(file["url"])
        (folder / f"board-{locale}-{file['filename']}").write_bytes(await picture.body())
    assert (await alice.command("fortschritt" if german else "progress")).message is not None
    await take("progress", "▰")


async def test_a_server_sees_the_board_of_its_week(
    screen: Page, sandbox: Sandbox, backend: BackendServer, life: Life, tmp_path: Path
) -> None:
    folder = pictures_folder(tmp_path)
    log, owner = sandbox.guild.channel("log"), sandbox.guild.owner
    await choose_channel(life, sandbox.guild, log)
    for place, name in enumerate(NAMES):
        person = sandbox.guild.add_member(f"Person {place}")
        await known_to(backend, person, name=name or "?")
        await worked(life, sandbox.guild, person, 14 - place)
    life_clock = bot_of(life).clock
    assert isinstance(life_clock, TestClock)
    on_monday(life_clock)
    await bot_of(life).tidy()
    await screen.locator("#people button", has_text=owner.name).click()
    await screen.locator("#channels button", has_text="log").click()
    await expect(screen.locator("#log")).to_contain_text("The board of the week")
    await screen.screenshot(path=folder / "board-week.png")
