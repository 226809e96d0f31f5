"""What people do with reports of ordinary messages, for the tests of them."""

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from discord_sandbox import Actor, Channel, MessageView, ModalView, Sandbox

ASKED = "What is wrong with this message?"


def written(
    author: Actor, reader: Actor, channel: Channel, text: str = "What a silly question!"
) -> MessageView:
    """Let somebody write a message; gives it as the other sees it."""
    seen = reader.view(author.send(channel, text).raw)
    assert seen is not None
    return seen


async def form(person: Actor, message: MessageView) -> ModalView:
    modal = (await person.context_menu("Report", message)).modal
    assert modal is not None
    return modal


async def report(person: Actor, message: MessageView, note: str) -> str:
    """Report a message; gives the answer."""
    answer = (await (await form(person, message)).submit({ASKED: note})).message
    assert answer is not None
    assert answer.ephemeral
    return answer.text


async def refused(person: Actor, message: MessageView) -> str:
    answer = await person.context_menu("Report", message)
    assert answer.modal is None
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message.text


async def keep(bot: BotApp, message: MessageView, author: Actor, reporter_id: int, note: str) -> None:
    """Keep a report without its form: nobody may use so many menus in so short a time."""
    await bot.services.store.guild_reports.put(
        guild_id=author.guilds[0].id,
        channel_id=message.channel_id,
        message_id=message.id,
        author_id=author.id,
        reporter_id=reporter_id,
        note=note,
        now=bot.clock.now(),
    )


async def reports(person: Actor) -> MessageView:
    listed = (await person.command("reports")).message
    assert listed is not None
    assert listed.ephemeral
    return listed


async def reports_in(person: Actor, channel: Channel) -> str:
    listed = (await person.command("reports", channel)).message
    assert listed is not None
    return listed.text


def says(message: MessageView, words: str) -> bool:
    return words in message.text


async def log_lines(sandbox: Sandbox, count: int) -> list[MessageView]:
    """Wait for as many lines of the log channel: they come after the answer."""
    owner, log = sandbox.guild.owner, sandbox.guild.channel("log")
    await owner.until(lambda: len(owner.messages(log)) >= count, what="the log's line")
    return owner.messages(log)


async def set_(bot: BotApp, sandbox: Sandbox, setting: GuildSetting, value: object) -> None:
    await bot.services.store.guilds.replace(
        sandbox.guild.id, {setting: value}, changed_by=1, interaction_id=1, now=bot.clock.now()
    )
