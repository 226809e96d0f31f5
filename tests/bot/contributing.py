"""What people do with the menu "Contribute", and what the bot holds on to of it."""

import sqlite3
from contextlib import closing

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from discord_sandbox import Actor, MessageView, ModalView, Sandbox
from tests.bot.conftest import Life

TEXT = "How do bees find home?"


async def form(person: Actor, sandbox: Sandbox, text: str = TEXT) -> ModalView:
    """Let somebody write a message and use the menu on it."""
    message = person.send(sandbox.guild.channel("general"), text)
    modal = (await person.context_menu("Contribute", message)).modal
    assert modal is not None
    return modal


async def contribute(person: Actor, sandbox: Sandbox, text: str = TEXT) -> MessageView:
    """Give a message as it is; gives the answer, which may still change."""
    answer = (await (await form(person, sandbox, text)).submit({})).message
    assert answer is not None
    assert answer.ephemeral
    return answer


async def refused(person: Actor, message: MessageView) -> str:
    answer = await person.context_menu("Contribute", message)
    assert answer.modal is None
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message.text


def private(person: Actor) -> str:
    """All that a person alone sees now."""
    everywhere = [*person.channels(), *person.threads(), *person.threads(archived=True)]
    return "\n".join(one.text for place in everywhere for one in person.messages(place) if one.ephemeral)


async def kept(life: Life) -> list[tuple[str]]:
    """Read the texts that the bot holds on to, once it has finished what is in hand; it is closed then."""
    await life.end()
    with closing(sqlite3.connect(life.memory)) as memory:
        return memory.execute("SELECT text FROM contributions").fetchall()


async def set_(bot: BotApp, sandbox: Sandbox, setting: GuildSetting, value: object) -> None:
    await bot.services.store.guilds.replace(
        sandbox.guild.id, {setting: value}, changed_by=1, interaction_id=1, now=bot.clock.now()
    )
