"""Files go out with a message, byte by byte, and an edit leaves none of the old ones."""

import aiohttp
import hikari
import pytest

from bot.app import BotApp
from bot.rendering.files import bundled, text_file
from bot.rendering.panels import Panel, TextFile
from discord_sandbox import MessageView, Sandbox
from tests.bot.conftest import Join

RAW = "**as written** [a](http://b)\r\n\u202eשלם"


async def contents(message: MessageView) -> dict[str, str]:
    """Fetch what the files of a message hold, by their names."""
    found = {}
    async with aiohttp.ClientSession() as session:
        for one in message.attachments:
            async with session.get(one["url"]) as answer:
                found[one["filename"]] = (await answer.read()).decode()
    return found


async def test_files_are_posted_as_they_were_written(bot: BotApp, sandbox: Sandbox, join: Join) -> None:
    alice = await join("Alice")
    channel = sandbox.guild.channel("general")
    files = (TextFile("1-user.txt", RAW.encode()), TextFile("2-assistant.txt", b"yes"))
    posted = await bot.services.outgoing.post(channel.id, Panel("", files=files), "nonce")
    message = alice.messages(channel)[-1]
    assert message.id == posted
    assert await contents(message) == {"1-user.txt": RAW, "2-assistant.txt": "yes"}
    await bot.services.outgoing.edit(channel.id, posted, Panel("new", files=(TextFile("new.txt", b"n"),)))
    assert await contents(alice.messages(channel)[-1]) == {"new.txt": "n"}
    await bot.services.outgoing.edit(channel.id, posted, Panel("none"))
    assert alice.messages(channel)[-1].attachments == []


async def test_many_texts_fit_in_one_message(bot: BotApp, sandbox: Sandbox, join: Join) -> None:
    alice = await join("Alice")
    channel = sandbox.guild.channel("general")
    files = [text_file(f"reply-{number}", f"text {number}") for number in range(1, 26)]
    with pytest.raises(hikari.BadRequestError):
        await bot.services.outgoing.post(channel.id, Panel("x", files=tuple(files)), "first")
    await bot.services.outgoing.post(channel.id, Panel("x", files=bundled(files)), "second")
    held = await contents(alice.messages(channel)[-1])
    assert len(held) == 10
    assert "===== reply-25.txt =====\n\ntext 25" in held["more.txt"]
