"""What does not fit is named in the log before Discord refuses it."""

from collections.abc import Iterator

import hikari
import pytest
from loguru import logger

from bot.app import BotApp
from bot.rendering.panels import Panel
from discord_sandbox import Sandbox


@pytest.fixture
def errors() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, level="ERROR", format="{message}", diagnose=False)
    yield lines
    logger.remove(sink)


@pytest.mark.parametrize(
    ("panel", "named"),
    [
        (Panel("marker" * 400), "content: 2400 of 2000 characters"),
        (Panel("x", embeds=(hikari.Embed(title="marker" * 50),)), "embeds.0.title: 300 of 256 characters"),
    ],
)
async def test_the_log_says_which_limit_and_nothing_that_was_written(
    bot: BotApp, sandbox: Sandbox, errors: list[str], panel: Panel, named: str
) -> None:
    with pytest.raises(hikari.BadRequestError):
        await bot.services.outgoing.post(sandbox.guild.channel("general").id, panel, "nonce")
    (line,) = errors
    assert named in line
    assert "marker" not in line


async def test_what_fits_is_sent_without_a_word(bot: BotApp, sandbox: Sandbox, errors: list[str]) -> None:
    await bot.services.outgoing.post(sandbox.guild.channel("general").id, Panel("x" * 2000), "nonce")
    assert errors == []
