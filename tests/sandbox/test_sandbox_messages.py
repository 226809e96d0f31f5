"""Messages in life: replies, forwarded ones, suppressed embeds, reactions, and many deleted at once."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, NotPermitted, Permission, Sandbox
from tests.small_bot import RunningBot

Api = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def manager(sandbox: Sandbox) -> None:
    """Let the bot manage messages."""
    bits = sandbox.guild.bot_role.permissions | Permission.MANAGE_MESSAGES
    sandbox.guild.set_permissions(sandbox.guild.bot_role, bits)


async def test_a_reply_comes_with_what_it_answers(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    question = await bot.rest.create_message(general.id, "question?")
    (asked,) = alice.messages(general)
    answer = alice.send(general, "answer", reply_to=asked)
    event = (await alice.until(lambda: bot.heard(hikari.GuildMessageCreateEvent)[1:]))[0]
    assert event.message.type is hikari.MessageType.REPLY
    assert event.message.referenced_message.content == "question?"
    assert answer.pings == [sandbox.bot_id], "a reply notifies"
    await bot.rest.delete_message(general.id, question)
    fetched = await bot.rest.fetch_message(general.id, answer.id)
    assert fetched.referenced_message is None
    assert fetched.message_reference is not None


async def test_a_forwarded_message_stays_what_it_was(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    general, tasks = sandbox.guild.channel("general"), sandbox.guild.channel("tasks")
    message = await bot.rest.create_message(
        general.id, "as it was", embed=hikari.Embed(title="T"), attachment=hikari.Bytes(b"x", "a.txt")
    )
    forwarded = await bot.rest.forward_message(tasks.id, message, general.id)
    hers = alice.forward(alice.messages(general)[0], tasks)
    await bot.rest.edit_message(general.id, message, "changed")
    await bot.rest.delete_message(general.id, message)
    (snapshot,) = forwarded.message_snapshots
    assert snapshot.content == "as it was"
    seen, also_seen = alice.messages(tasks)
    assert seen.text.splitlines() == ["↪ as it was", "↪ T", "↪ 📎 a.txt"]
    assert also_seen == hers
    assert hers.text == seen.text
    again = alice.forward(hers, general)
    assert again.text == hers.text, "what is forwarded twice is what it was at first"


@pytest.mark.usefixtures("manager")
async def test_embeds_are_suppressed_for_everybody(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    message = await bot.rest.create_message(general.id, "look", embed=hikari.Embed(title="Board"))
    (seen,) = alice.messages(general)
    assert seen.text == "look\nBoard"
    with pytest.raises(NotPermitted, match="50013"):
        alice.suppress_embeds(seen)
    sandbox.guild.owner.suppress_embeds(sandbox.guild.owner.messages(general)[0])
    assert seen.text == "look"
    assert seen.as_dict()["embeds"] == []
    assert (await bot.rest.fetch_message(general.id, message)).embeds == []
    shown = await bot.rest.edit_message(general.id, message, flags=hikari.MessageFlag.NONE)
    assert [one.title for one in shown.embeds] == ["Board"]
    assert seen.text == "look\nBoard"


@pytest.mark.usefixtures("manager")
async def test_many_messages_deleted_at_once_are_one_event(
    sandbox: Sandbox, bot: RunningBot, alice: Actor
) -> None:
    general = sandbox.guild.channel("general")
    ids = [alice.send(general, str(number)).id for number in range(3)]
    await bot.rest.delete_messages(general.id, ids[:2])
    (event,) = await alice.until(lambda: bot.heard(hikari.GuildBulkMessageDeleteEvent))
    assert event.message_ids == frozenset(ids[:2])
    assert bot.heard(hikari.GuildMessageDeleteEvent) == []
    assert [one.content for one in alice.messages(general)] == ["2"]


@pytest.mark.usefixtures("manager")
async def test_the_bot_hears_how_reactions_go(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "good?")
    for emoji in ("👍", "👎", "❤️"):
        alice.react(message, emoji)
    alice.unreact(message, "❤️")
    await bot.rest.delete_all_reactions_for_emoji(general.id, message.id, "👎")
    await bot.rest.delete_all_reactions(general.id, message.id)
    await alice.until(lambda: bot.heard(hikari.GuildReactionDeleteAllEvent))
    heard = [
        (type(one).__name__, getattr(one, "emoji_name", None))
        for one in bot.events
        if isinstance(one, hikari.GuildReactionEvent)
    ]
    assert heard == [
        ("GuildReactionAddEvent", "👍"),
        ("GuildReactionAddEvent", "👎"),
        ("GuildReactionAddEvent", "❤️"),
        ("GuildReactionDeleteEvent", "❤️"),
        ("GuildReactionDeleteEmojiEvent", "👎"),
        ("GuildReactionDeleteAllEvent", None),
    ]
    assert message.reactions == {}


async def test_who_is_blocked_neither_reacts_nor_writes(
    sandbox: Sandbox, api: Api, alice: Actor, bob: Actor
) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "good?")
    alice.block(bob)
    with pytest.raises(NotPermitted, match="90001"):
        bob.react(bob.messages(general)[0], "👍")
    alice.unblock(bob)
    bob.react(bob.messages(general)[0], "👍")
    assert message.reactions == {"👍": 1}

    dm = alice.open_dm()
    alice.block(sandbox.store.bot)
    assert (await api("POST", f"/channels/{dm.id}/messages", {"content": "hi"}))[1]["code"] == 50007
    alice.unblock(sandbox.store.bot)
    assert (await api("POST", f"/channels/{dm.id}/messages", {"content": "hi"}))[0] == 200


async def test_no_direct_messages_is_less_than_a_block(sandbox: Sandbox, api: Api, alice: Actor) -> None:
    dm = alice.open_dm()
    message = alice.send(sandbox.guild.channel("general"), "good?")
    reaction = f"/channels/{message.channel_id}/messages/{message.id}/reactions/%E2%9C%85/@me"
    alice.block_dms()
    assert (await api("PUT", reaction))[0] == 204
    alice.block(sandbox.store.bot)
    assert (await api("PUT", reaction))[1]["code"] == 90001
    alice.allow_dms()
    assert (await api("POST", f"/channels/{dm.id}/messages", {"content": "hi"}))[1]["code"] == 50007


async def test_people_change_only_what_is_theirs(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "mine")
    alice.edit(message, "still mine")
    assert (message.content, message.edited) == ("still mine", True)
    with pytest.raises(NotPermitted, match="50005"):
        bob.edit(bob.messages(general)[0], "his")
    with pytest.raises(NotPermitted, match="50013"):
        bob.delete(bob.messages(general)[0])
    alice.delete(message)
    assert bob.messages(general) == []
