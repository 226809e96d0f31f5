"""Threads: who may open, see, join, close and delete them."""

from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, BadInput, Channel, NotPermitted, Permission, Sandbox
from tests.small_bot import RunningBot

Api = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def thread(api: Api, sandbox: Sandbox, alice: Actor) -> Channel:
    """A private thread that the bot opened for Alice."""
    general = sandbox.guild.channel("general")
    status, body = await api("POST", f"/channels/{general.id}/threads", {"name": "task ab12"})
    assert (status, body["type"], body["parent_id"]) == (201, 12, str(general.id))
    assert (await api("PUT", f"/channels/{body['id']}/thread-members/{alice.id}"))[0] == 204
    (found,) = alice.threads()
    return found


async def test_only_members_and_managers_see_a_private_thread(
    thread: Channel, sandbox: Sandbox, alice: Actor, bob: Actor
) -> None:
    alice.send(thread, "mine")
    manager = sandbox.guild.add_member("Mia", permissions=Permission.MANAGE_THREADS)
    assert (alice.threads(), bob.threads(), manager.threads()) == ([thread], [], [thread])
    assert [len(one.messages(thread)) for one in (alice, bob, manager)] == [1, 0, 1]
    with pytest.raises(NotPermitted, match="50001"):
        bob.send(thread, "let me in")
    alice.send(thread, f"come in, {bob.mention}")
    assert bob.threads() == [thread], "a ping lets somebody into a private thread"
    bob.leave_thread(thread)
    assert bob.threads() == []


@pytest.mark.parametrize(
    ("lost", "code"),
    [(Permission.VIEW_CHANNEL, 50001), (Permission.CREATE_PRIVATE_THREADS, 50013)],
)
async def test_opening_needs_permission(api: Api, sandbox: Sandbox, lost: Permission, code: int) -> None:
    general = sandbox.guild.channel("general")
    sandbox.guild.overwrite(general, sandbox.guild.bot_role, deny=lost)
    status, body = await api("POST", f"/channels/{general.id}/threads", {"name": "t", "type": 12})
    assert (status, body["code"]) == (403, code)


async def test_nobody_is_added_who_cannot_see_the_channel(
    api: Api, thread: Channel, sandbox: Sandbox, bob: Actor
) -> None:
    sandbox.guild.overwrite(sandbox.guild.channel("general"), bob, deny=Permission.VIEW_CHANNEL)
    status, body = await api("PUT", f"/channels/{thread.id}/thread-members/{bob.id}")
    assert (status, body["code"]) == (403, 50001)


async def test_an_archived_thread_opens_again_by_posting_unless_it_is_locked(
    api: Api, thread: Channel, alice: Actor
) -> None:
    path = f"/channels/{thread.id}"
    _, message = await api("POST", f"{path}/messages", {"content": "hello"})
    assert (await api("PATCH", path, {"archived": True}))[1]["thread_metadata"]["archived"]
    assert alice.threads() == []
    assert alice.threads(archived=True) == [thread]
    edit = f"{path}/messages/{message['id']}"
    assert (await api("PATCH", edit, {"content": "changed"}))[1]["code"] == 50083
    assert (await api("PUT", f"{path}/thread-members/{alice.id}"))[1]["code"] == 50083
    alice.send(thread, "I am back")
    assert alice.threads() == [thread]

    await api("PATCH", path, {"locked": True, "archived": True})
    with pytest.raises(NotPermitted, match="160005"):
        alice.send(thread, "again")
    assert (await api("POST", f"{path}/messages", {"content": "by right"}))[0] == 200
    with pytest.raises(NotPermitted, match="50013"):
        alice.change_thread(thread, name="mine")


async def test_closing_needs_the_right_to_manage_threads(
    api: Api, sandbox: Sandbox, alice: Actor, bob: Actor
) -> None:
    public = alice.create_thread(sandbox.guild.channel("general"), "talk")
    alice.change_thread(public, archived=True)
    alice.change_thread(public, archived=False)
    with pytest.raises(NotPermitted):
        bob.change_thread(public, archived=True)
    with pytest.raises(NotPermitted):
        bob.delete_thread(public)
    sandbox.guild.set_permissions(sandbox.guild.bot_role, Permission.VIEW_CHANNEL)
    assert (await api("PATCH", f"/channels/{public.id}", {"locked": True}))[1]["code"] == 50013
    assert (await api("DELETE", f"/channels/{public.id}"))[1]["code"] == 50013
    sandbox.guild.owner.delete_thread(public)
    assert bob.threads() == []


async def test_a_deleted_thread_is_gone_with_its_messages(api: Api, thread: Channel, alice: Actor) -> None:
    message = alice.send(thread, "here")
    assert (await api("DELETE", f"/channels/{thread.id}"))[1]["id"] == str(thread.id)
    assert alice.threads() == []
    assert alice.messages(thread) == []
    assert message.deleted
    assert (await api("GET", f"/channels/{thread.id}"))[1]["code"] == 10003


async def test_lists_of_threads(api: Api, thread: Channel, sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    active = await api("GET", f"/guilds/{sandbox.guild.id}/threads/active")
    assert [one["name"] for one in active[1]["threads"]] == ["task ab12"]
    assert [one["user_id"] for one in active[1]["members"]] == [str(sandbox.bot_id)]
    status, answer = await api("GET", f"/channels/{thread.id}/thread-members")
    assert (status, answer["code"]) == (403, 50001), "it takes the privileged intent for members"
    sandbox.store.privileged_intents = 1 << 1
    _, members = await api("GET", f"/channels/{thread.id}/thread-members")
    assert {one["user_id"] for one in members} == {str(alice.id), str(sandbox.bot_id)}

    await api("PATCH", f"/channels/{thread.id}", {"archived": True})
    archived = f"/channels/{general.id}/threads/archived"
    assert [one["id"] for one in (await api("GET", f"{archived}/private"))[1]["threads"]] == [str(thread.id)]
    assert (await api("GET", f"{archived}/public"))[1]["threads"] == []
    joined = f"/channels/{general.id}/users/@me/threads/archived/private"
    assert len((await api("GET", joined))[1]["threads"]) == 1
    assert (await api("GET", f"/guilds/{sandbox.guild.id}/threads/active"))[1]["threads"] == []


async def test_a_thread_of_a_message(api: Api, sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "look at this")
    path = f"/channels/{general.id}/messages/{message.id}/threads"
    status, body = await api("POST", path, {"name": "about it"})
    assert (status, body["id"], body["type"]) == (201, str(message.id), 11)
    assert (await api("POST", path, {"name": "again"}))[1]["code"] == 160004
    _, shown = await api("GET", f"/channels/{general.id}/messages/{message.id}")
    assert shown["thread"]["name"] == "about it"


async def test_removing_somebody(api: Api, thread: Channel, alice: Actor, bob: Actor) -> None:
    alice.add_to_thread(thread, bob)
    assert bob.threads() == [thread]
    assert (await api("DELETE", f"/channels/{thread.id}/thread-members/{bob.id}"))[0] == 204
    assert bob.threads() == []
    assert (await api("DELETE", f"/channels/{thread.id}/thread-members/{bob.id}"))[1]["code"] == 10007
    assert (await api("DELETE", f"/channels/{thread.id}/thread-members/@me"))[0] == 204


async def test_who_leaves_the_guild_leaves_its_threads(
    thread: Channel, alice: Actor, sandbox: Sandbox
) -> None:
    alice.leave()
    assert alice.threads() == []
    assert alice not in sandbox.guild.members
    assert thread.thread is not None
    assert list(thread.thread.members) == [sandbox.bot_id]


async def test_a_thread_about_a_message_begins_with_it(
    sandbox: Sandbox, bot: RunningBot, alice: Actor, bob: Actor
) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, "look at this")
    thread = bob.create_thread(general, "about it", about=bob.messages(general)[0])
    assert thread.id == message.id
    assert [one.text for one in alice.messages(thread)] == ["look at this"]
    assert alice.messages(thread)[0].as_dict()["content"] == "look at this"
    (created,) = await alice.until(lambda: bot.heard(hikari.GuildThreadCreateEvent))
    assert (created.thread_id, created.thread.owner_id) == (message.id, bob.id)
    (updated,) = await alice.until(lambda: bot.heard(hikari.GuildMessageUpdateEvent))
    assert updated.message.flags & hikari.MessageFlag.HAS_THREAD
    alice.delete(message)
    assert alice.threads() == [thread], "the thread stays"


async def test_members_bring_nobody_where_only_moderators_may(
    api: Api, thread: Channel, sandbox: Sandbox, alice: Actor, bob: Actor
) -> None:
    await api("PATCH", f"/channels/{thread.id}", {"invitable": False})
    with pytest.raises(NotPermitted, match="50013"):
        alice.add_to_thread(thread, bob)
    alice.send(thread, f"come in, {bob.mention}")
    assert bob.threads() == []
    sandbox.guild.owner.send(thread, f"come in, {bob.mention}")
    assert bob.threads() == [thread]


async def test_messages_and_members_are_counted(api: Api, thread: Channel, sandbox: Sandbox) -> None:
    path = f"/channels/{thread.id}"
    made = [(await api("POST", f"{path}/messages", {"content": str(one)}))[1]["id"] for one in range(3)]
    await api("DELETE", f"{path}/messages/{made[0]}")
    for number in range(60):
        await api("PUT", f"{path}/thread-members/{sandbox.guild.add_member(f'M{number}').id}")
    _, shown = await api("GET", path)
    assert (shown["message_count"], shown["total_message_sent"]) == (2, 3)
    assert shown["member_count"] == 50, "Discord counts no further"


async def test_the_bot_hears_of_threads(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    thread = alice.create_thread(sandbox.guild.channel("general"), "talk")
    alice.change_thread(thread, name="more talk")
    alice.send(thread, f"come, <@{sandbox.bot_id}>")
    await bot.rest.leave_thread(thread.id)
    sandbox.guild.owner.delete_thread(thread)
    await alice.until(lambda: bot.heard(hikari.GuildThreadDeleteEvent))
    heard = [type(one).__name__ for one in bot.events if isinstance(one, hikari.GuildThreadEvent)]
    assert heard == [
        "GuildThreadCreateEvent",
        "GuildThreadUpdateEvent",
        "GuildThreadAccessEvent",
        "ThreadMembersUpdateEvent",
        "ThreadMembersUpdateEvent",
        "GuildThreadDeleteEvent",
    ]


async def test_a_quiet_thread_is_archived_and_opens_again(sandbox: Sandbox, alice: Actor) -> None:
    thread = alice.create_thread(sandbox.guild.channel("general"), "talk")
    alice.change_thread(thread, auto_archive_duration=60)
    states = []
    for seconds in (3590, 20):
        sandbox.clock.advance(seconds)
        states.append(thread.archived)
    alice.send(thread, "again")
    states.append(thread.archived)
    assert states == [False, True, False]
    with pytest.raises(BadInput):
        alice.change_thread(thread, auto_archive_duration=61)
