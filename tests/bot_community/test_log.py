"""The log channel's lines."""

from datetime import UTC, datetime

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from bot.store.report_forms import ReportForm
from discord_sandbox import Actor, Channel, ChannelType, MessageView, Permission, Sandbox
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


async def use_log_channel(bot: BotApp, sandbox: Sandbox, **others: object) -> Channel:
    """Set the server's log channel, and other settings by their names."""
    log = sandbox.guild.channel("log")
    values = {"log_channel": log.id, **others}
    await bot.services.store.guilds.replace(
        sandbox.guild.id,
        {GuildSetting(name): value for name, value in values.items()},
        changed_by=1,
        interaction_id=1,
        now=datetime.now(UTC),
    )
    return log


async def label(person: Actor, post: MessageView) -> None:
    """Label the message of a post by the menu."""
    panel = (await person.context_menu("Label", post)).message
    assert panel is not None
    await panel.click("Spam: no")
    await panel.click("Send")
    await person.until(lambda: panel.buttons == [], what="the outcome")


async def posted(person: Actor, bot: BotApp) -> MessageView:
    """Let somebody have finished a task; give the post with its message."""
    await finished_task(person, bot)
    (thread,) = person.threads()
    return next(one for one in person.messages(thread) if "bees" in one.text)


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


async def test_only_a_text_channel_of_the_server_itself_takes_lines(sandbox: Sandbox, bot: BotApp) -> None:
    guild, owner = sandbox.guild, sandbox.guild.owner
    turned = guild.create_channel("news", kind=ChannelType.ANNOUNCEMENT)
    second = sandbox.add_guild("Second", owner=owner)
    foreign = second.channel("log")
    # What the bot answers there, it answers knowing of both.
    await owner.command("help", second.channel("general"))
    for number, channel in enumerate((turned, foreign, guild.channel("log")), start=1):
        await use_log_channel(bot, sandbox, log_channel=channel.id)
        await bot.services.log.reported(
            ReportForm(number, guild.id, guild.channel("general").id, number, 1, 2)
        )
    assert [len(owner.messages(one)) for one in (turned, foreign, guild.channel("log"))] == [0, 0, 1]


async def test_a_server_may_do_without_lines_about_tasks(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    log = await use_log_channel(bot, sandbox, log_tasks=False)
    await finished_task(sandbox.guild.add_member("Alice"), bot)
    assert sandbox.guild.owner.messages(log) == []


@pytest.mark.parametrize("wanted", [True, False])
async def test_labels_given_by_the_menu_are_one_line_each(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp, *, wanted: bool
) -> None:
    backend.shows_prompt()
    log = await use_log_channel(bot, sandbox, log_labels=wanted, log_tasks=False)
    alice, owner = sandbox.guild.add_member("Alice"), sandbox.guild.owner
    post = await posted(alice, bot)
    await label(alice, post)
    await label(alice, post)
    assert len(backend.labels) == 2
    await bot.tidy()
    if wanted:
        await owner.until(lambda: len(owner.messages(log)) == 2, what="the lines")
    lines = owner.messages(log)
    assert [line.text for line in lines] == [
        f"{alice.mention} labelled a message of the dataset."
    ] * 2 * wanted
    assert [line.pings for line in lines] == [[]] * 2 * wanted


async def test_labels_that_arrive_late_are_one_line_and_refused_ones_none(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    log = await use_log_channel(bot, sandbox, log_labels=True, log_tasks=False)
    alice, owner = sandbox.guild.add_member("Alice"), sandbox.guild.owner
    post = await posted(alice, bot)
    backend.refusal = 2053
    await label(alice, post)
    backend.refusal = None
    panel = (await alice.context_menu("Label", post)).message
    assert panel is not None
    await panel.click("Spam: no")
    await backend.close()
    await panel.click("Send")
    await alice.until(lambda: panel.buttons == [], what="the word that they are kept")
    assert owner.messages(log) == []
    await backend.start()
    (line,) = await owner.until(lambda: owner.messages(log), what="the line")
    assert "labelled a message" in line.text
    await bot.tidy()
    assert len(owner.messages(log)) == 1


async def test_labels_given_on_another_server_are_not_told_here(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    log = await use_log_channel(bot, sandbox, log_labels=True)
    second = sandbox.add_guild("Second", owner="Keeper")
    ben = second.add_member("Ben")
    await label(ben, await posted(ben, bot))
    assert len(backend.labels) == 1
    assert sandbox.guild.owner.messages(log) == []


async def test_who_is_anonymous_is_somebody(sandbox: Sandbox, backend: SmallBackend, bot: BotApp) -> None:
    backend.shows_prompt()
    log = await use_log_channel(bot, sandbox, log_labels=True)
    alice, owner = sandbox.guild.add_member("Alice"), sandbox.guild.owner
    await bot.services.store.people.set_anonymous(alice.id, wanted=True, now=datetime.now(UTC))
    await label(alice, await posted(alice, bot))
    await owner.until(lambda: len(owner.messages(log)) == 2, what="the lines")
    lines = [line.text for line in owner.messages(log)]
    assert lines == ["Somebody replied as the assistant.", "Somebody labelled a message of the dataset."]


async def test_a_thread_that_will_be_deleted_is_not_named(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    log = await use_log_channel(bot, sandbox, finished_threads="delete")
    alice, owner = sandbox.guild.add_member("Alice"), sandbox.guild.owner
    await finished_task(alice, bot)
    (line,) = await owner.until(lambda: owner.messages(log), what="the line")
    assert line.text == f"{alice.mention} replied as the assistant."


async def test_who_finished_a_task_is_a_contributor_of_that_server_once(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    alice = sandbox.guild.add_member("Alice")
    second = sandbox.add_guild("Second", owner="Keeper")
    await finished_task(alice, bot)
    await bot.services.sessions.announce_missed()
    await bot.tidy()
    contributors, database = bot.services.store.contributors, bot.services.store.database
    assert await contributors.of_guild(sandbox.guild.id, 9) == [alice.id]
    assert await contributors.of_guild(second.id, 9) == []
    (row,) = await database.fetch_all("SELECT tasks FROM contributors")
    assert row["tasks"] == 1
