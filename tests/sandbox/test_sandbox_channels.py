"""Channels of each kind, overwrites, pins and typing, as an unchanged hikari and people meet them."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, BadInput, ChannelType, NotPermitted, NotVisible, Permission, Sandbox
from tests.small_bot import INTENTS, RunningBot

Api = Callable[..., Awaitable[tuple[int, Any]]]
BotMaker = Callable[..., hikari.GatewayBot]


@pytest.fixture
def manager(sandbox: Sandbox) -> None:
    """Let the bot manage channels, permissions and messages, and pin."""
    sandbox.guild.set_permissions(sandbox.guild.bot_role, Permission.ADMINISTRATOR)


@pytest.mark.usefixtures("manager")
async def test_a_bot_makes_changes_and_deletes_channels_of_each_kind(
    sandbox: Sandbox, bot: RunningBot, alice: Actor
) -> None:
    guild = sandbox.guild.id
    category = await bot.rest.create_guild_category(guild, "Talk")
    text = await bot.rest.create_guild_text_channel(guild, "chat", category=category, topic="All")
    news = await bot.rest.create_guild_news_channel(guild, "news", category=category)
    forum = await bot.rest.create_guild_forum_channel(guild, "ideas", category=category)
    await alice.until(lambda: len(bot.heard(hikari.GuildChannelCreateEvent)) == 4)
    assert [one.parent_id for one in (text, news, forum)] == [category.id] * 3
    assert {one.name: one.type for one in alice.channels() if one.parent_id == category.id} == {
        "chat": ChannelType.TEXT,
        "news": ChannelType.ANNOUNCEMENT,
        "ideas": ChannelType.FORUM,
    }

    await bot.rest.edit_channel(text, name="quiet", rate_limit_per_user=5)
    (updated,) = await alice.until(lambda: bot.heard(hikari.GuildChannelUpdateEvent))
    assert updated.channel.name == "quiet"
    assert updated.old_channel.name == "chat"

    await bot.rest.delete_channel(category)
    await alice.until(lambda: len(bot.heard(hikari.GuildChannelUpdateEvent)) == 4, what="orphans are told of")
    assert [one.channel_id for one in bot.heard(hikari.GuildChannelDeleteEvent)] == [category.id]
    assert sandbox.guild.channel("news").parent is None


async def test_a_channel_of_a_kind_is_made_for_a_test(sandbox: Sandbox, alice: Actor) -> None:
    category = sandbox.guild.create_channel("Talk", kind=ChannelType.CATEGORY)
    sandbox.guild.overwrite(category, alice, deny=Permission.SEND_MESSAGES)
    chat = sandbox.guild.create_channel("chat", "All", parent=category)
    assert (chat.parent, chat.topic) == (category, "All")
    with pytest.raises(NotPermitted, match="50013"):
        alice.send(chat, "a new channel has its category's overwrites")
    sandbox.guild.overwrite(category, alice, allow=Permission.SEND_MESSAGES)
    assert alice.send(chat, "and goes with them").content == "and goes with them"
    sandbox.guild.overwrite(chat, alice, deny=Permission.ADD_REACTIONS)
    sandbox.guild.overwrite(category, alice, deny=Permission.SEND_MESSAGES)
    assert alice.send(chat, "until it has its own").content == "until it has its own"


async def test_nobody_types_a_command_where_no_messages_are(
    sandbox: Sandbox, bot: RunningBot, alice: Actor
) -> None:
    for channel in sandbox.guild.channels:
        sandbox.guild.delete_channel(channel)
    sandbox.guild.create_channel("Talk", kind=ChannelType.CATEGORY)
    sandbox.guild.create_channel("ideas", kind=ChannelType.FORUM)
    with pytest.raises(NotVisible, match="no channel at all"):
        await alice.command("task")
    sandbox.guild.create_channel("news", kind=ChannelType.ANNOUNCEMENT)
    assert (await alice.command("task")).message is not None
    assert bot.gateway.is_alive


async def test_posts_in_a_forum(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    forum = sandbox.guild.create_channel("ideas", kind=ChannelType.FORUM)
    made = await bot.rest.create_forum_post(
        forum.id,
        "from the bot",
        "First",
        embed=hikari.Embed(title="T"),
        attachment=hikari.Bytes(b"x", "a.txt"),
    )
    hers = alice.create_post(forum, "from Alice", "Mine")
    assert [one.name for one in alice.threads()] == ["from the bot", "from Alice"]
    assert made.id == alice.messages(alice.threads()[0])[0].id
    assert alice.messages(hers)[0].content == "Mine"
    await alice.until(lambda: len(bot.heard(hikari.GuildThreadCreateEvent)) == 2)
    assert [one.thread_id for one in bot.heard(hikari.GuildThreadCreateEvent)] == [made.id, hers.id]
    alice.send(hers, "more")
    shown = await bot.rest.fetch_channel(hers.id)
    assert isinstance(shown, hikari.GuildThreadChannel)
    assert shown.approximate_message_count == 1, "the first message does not count"
    with pytest.raises(NotPermitted, match="40058"):
        alice.send(forum, "not into the forum itself")
    with pytest.raises(BadInput, match=r"message.content: BASE_TYPE_MAX_LENGTH|'content'"):
        alice.create_post(forum, "too long", "x" * 2001)
    with pytest.raises(BadInput):
        alice.create_post(forum, "x" * 101, "x")


@pytest.mark.usefixtures("manager")
async def test_overwrites_over_rest(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    await bot.rest.edit_permission_overwrite(
        general.id,
        alice.id,
        target_type=hikari.PermissionOverwriteType.MEMBER,
        deny=hikari.Permissions.SEND_MESSAGES,
    )
    (event,) = await alice.until(lambda: bot.heard(hikari.GuildChannelUpdateEvent))
    assert event.channel.permission_overwrites[alice.id].deny == hikari.Permissions.SEND_MESSAGES
    with pytest.raises(NotPermitted, match="50013"):
        alice.send(general, "no")
    await bot.rest.delete_permission_overwrite(general.id, alice.id)
    assert alice.send(general, "yes").content == "yes"


async def test_typing_is_seen_for_ten_seconds_or_until_the_message_is_there(
    sandbox: Sandbox, make_bot: BotMaker, alice: Actor, bob: Actor
) -> None:
    heard: list[hikari.TypingEvent] = []
    gateway = make_bot(
        intents=INTENTS | hikari.Intents.GUILD_MESSAGE_TYPING | hikari.Intents.DM_MESSAGE_TYPING
    )

    async def hear(event: hikari.TypingEvent) -> None:
        heard.append(event)
        sandbox.store.feed.notify()

    gateway.subscribe(hikari.TypingEvent, hear)
    await gateway.start(check_for_updates=False)
    general = sandbox.guild.channel("general")
    await gateway.rest.trigger_typing(general.id)
    assert alice.sees_typing(general) == ["Sandbox Bot"]
    bob.start_typing(general)
    assert alice.sees_typing(general) == ["Sandbox Bot", "Bob"]
    assert bob.sees_typing(general) == ["Sandbox Bot"], "nobody sees themselves type"
    await gateway.rest.create_message(general.id, "there it is")
    assert alice.sees_typing(general) == ["Bob"]
    sandbox.clock.advance(10)
    assert alice.sees_typing(general) == []

    bob.start_typing(bob.open_dm())
    await alice.until(lambda: len(heard) == 3)
    assert [(one.user_id, type(one)) for one in heard] == [
        (sandbox.bot_id, hikari.GuildTypingEvent),
        (bob.id, hikari.GuildTypingEvent),
        (bob.id, hikari.DMTypingEvent),
    ]
    sandbox.guild.overwrite(general, bob, deny=Permission.SEND_MESSAGES)
    with pytest.raises(NotPermitted, match="50013"):
        bob.start_typing(general)


@pytest.mark.usefixtures("manager")
async def test_pins(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    first, second = alice.send(general, "first"), alice.send(general, "second")
    await bot.rest.pin_message(general.id, first.id)
    sandbox.guild.owner.pin(sandbox.guild.owner.messages(general)[1])
    with pytest.raises(NotPermitted, match="50013"):
        alice.pin(first)
    assert (first.pinned, second.pinned) == (True, True)
    assert [one.text for one in alice.messages(general)] == [
        "first",
        "second",
        "📌 pinned a message",
        "📌 pinned a message",
    ]
    pinned = [one.message.id async for one in bot.rest.fetch_pins(general.id)]
    assert pinned == [second.id, first.id]
    events = await alice.until(lambda: bot.heard(hikari.GuildPinsUpdateEvent)[:2])
    assert events[-1].last_pin_timestamp is not None

    await bot.rest.unpin_message(general.id, second.id)
    sandbox.guild.owner.unpin(sandbox.guild.owner.messages(general)[0])
    assert (first.pinned, second.pinned) == (False, False)
    last = (await alice.until(lambda: bot.heard(hikari.GuildPinsUpdateEvent)[3:]))[0]
    assert last.last_pin_timestamp is None
    assert len(alice.messages(general)) == 4, "nobody is told of what is no longer pinned"
