"""The log channel's lines."""

from datetime import UTC, datetime

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from discord_sandbox import Actor, MessageView, Permission, Sandbox
from tests.bot_community.small_backend import SmallBackend

pytestmark = pytest.mark.usefixtures("bot")


async def finished_task(person: Actor, bot: BotApp) -> None:
    """Let somebody write a reply, up to the thanks."""
    await bot.services.store.people.record_terms(
        person.id, version=1, locale="en-US", interaction_id=person.id, now=datetime.now(UTC)
    )
    await person.command("task")
    thread = (await person.until(person.threads, what="the thread"))[0]

    def with_button(label: str) -> list[MessageView]:
        return [message for message in person.messages(thread) if label in message.buttons]

    (controls,) = await person.until(lambda: with_button("Write"), what="the controls")
    opened = await controls.click("Write")
    assert opened.modal is not None
    await opened.modal.submit({"Your text": "By the sun, mostly. @everyone"})
    await person.until(lambda: with_button("Send"), what="the confirmation")
    await with_button("Send")[0].click("Send")
    await person.until(lambda: with_button("Next task"), what="the thanks")


async def use_log_channel(bot: BotApp, sandbox: Sandbox) -> None:
    await bot.services.store.guilds.update(
        sandbox.guild.id,
        GuildSetting.log_channel,
        sandbox.guild.channel("log").id,
        changed_by=1,
        interaction_id=1,
        now=datetime.now(UTC),
    )


async def test_a_finished_task_is_one_line_that_rings_for_nobody(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    alice = sandbox.guild.add_member("Alice")
    await use_log_channel(bot, sandbox)
    await finished_task(alice, bot)
    owner, log = sandbox.guild.owner, sandbox.guild.channel("log")
    (line,) = await owner.until(lambda: owner.messages(log), what="the line")
    assert alice.mention in line.text
    assert "replied as the assistant" in line.text
    assert f"<#{alice.threads()[0].id}>" in line.text
    assert "By the sun" not in line.text
    assert line.pings == []
    assert not line.pings_everyone


async def test_without_a_log_channel_nothing_is_told(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    await finished_task(sandbox.guild.add_member("Alice"), bot)
    owner = sandbox.guild.owner
    assert [owner.messages(channel) for channel in sandbox.guild.channels if channel.name != "general"] == [
        [],
        [],
    ]


async def test_a_log_channel_that_takes_nothing_spoils_no_task(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    await use_log_channel(bot, sandbox)
    log = sandbox.guild.channel("log")
    sandbox.guild.overwrite(log, sandbox.guild.bot_role, deny=Permission.SEND_MESSAGES)
    await finished_task(sandbox.guild.add_member("Alice"), bot)
    assert sandbox.guild.owner.messages(log) == []
