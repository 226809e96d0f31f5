"""What people see, how they wait, and how errors explain themselves."""

import asyncio
import json

import pytest

from discord_sandbox import Actor, NotPermitted, NotVisible, Permission, Sandbox, WaitTimeout


async def test_waiting_ends_with_the_change(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    general = sandbox.guild.channel("general")
    waiting = asyncio.ensure_future(alice.until(lambda: alice.messages(general)))
    await asyncio.sleep(0)
    bob.send(general, "here I am")
    assert [one.content for one in await waiting] == ["here I am"]


async def test_waiting_also_ends_with_what_others_see(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    direct = bob.open_dm()
    waiting = asyncio.ensure_future(alice.until(lambda: bob.messages(direct)))
    await asyncio.sleep(0)
    bob.send(direct, "between us")
    assert await waiting
    assert alice.messages(direct) == []
    assert sandbox.version > 0


async def test_a_wait_in_vain_shows_what_is_there(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    bob.send(sandbox.guild.channel("general"), "only this")
    with pytest.raises(WaitTimeout, match=r"(?s)an answer: not within 0\.05 s.*#general.*Bob.*only this"):
        await alice.until(lambda: False, timeout=0.05, what="an answer")


async def test_an_error_in_a_predicate_is_raised_where_it_is_waited_for(
    sandbox: Sandbox, alice: Actor
) -> None:
    calls = 0

    def predicate() -> bool:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise LookupError("mine")
        return False

    waiting = asyncio.ensure_future(alice.until(predicate))
    await asyncio.sleep(0)
    sandbox.guild.create_channel("new")
    with pytest.raises(LookupError, match="mine"):
        await waiting


async def test_channels_can_be_hidden(sandbox: Sandbox, alice: Actor) -> None:
    log = sandbox.guild.channel("log")
    helpers = sandbox.guild.create_role("helpers")
    sandbox.guild.overwrite(log, sandbox.guild.everyone, deny=Permission.VIEW_CHANNEL)
    sandbox.guild.overwrite(log, helpers, allow=Permission.VIEW_CHANNEL)
    assert log not in alice.channels()
    with pytest.raises(NotPermitted, match="50001"):
        alice.send(log, "hello")
    with pytest.raises(NotVisible, match="no channel #log"):
        await alice.command("task", channel=log)
    sandbox.guild.give_role(alice, helpers)
    assert log in alice.channels()
    sandbox.guild.take_role(alice, helpers)
    assert log not in alice.channels()


async def test_messages_are_live_and_can_go_to_a_page(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    general = sandbox.guild.channel("general")
    mine = alice.send(general, "first", files={"a.txt": b"a"})
    answer = bob.send(general, "second", reply_to=mine)
    (seen, _) = alice.messages(general)
    alice.edit(mine, "changed")
    bob.react(seen, "👍")
    assert (seen.content, seen.edited, seen.reactions) == ("changed", True, {"👍": 1})
    page = json.loads(json.dumps([one.as_dict() for one in alice.messages(general)]))
    assert [one["author"]["name"] for one in page] == ["Alice", "Bob"]
    assert page[0]["attachments"][0]["filename"] == "a.txt"
    assert page[1]["reply_to"] == str(mine.id)
    assert alice.latest(general) == answer
    with pytest.raises(NotPermitted):
        bob.edit(mine, "not mine")
    with pytest.raises(NotPermitted, match="50013"):
        bob.delete(mine)
    sandbox.guild.owner.delete(mine)
    assert [one.content for one in bob.messages(general)] == ["second"]


async def test_a_page_can_wait_for_changes(sandbox: Sandbox, alice: Actor) -> None:
    version = sandbox.version
    assert await sandbox.changed(version, timeout=0.01) == version
    batches: list[int] = []
    unsubscribe = sandbox.subscribe(lambda: batches.append(sandbox.version))
    waiting = asyncio.ensure_future(sandbox.changed(version))
    await asyncio.sleep(0)
    alice.send(sandbox.guild.channel("general"), "one")
    alice.send(sandbox.guild.channel("general"), "two")
    assert await waiting == version + 2
    assert batches == [version + 2], "changes of one moment come as one batch"
    unsubscribe()


async def test_names_are_unique_and_members_can_be_found(sandbox: Sandbox, alice: Actor) -> None:
    with pytest.raises(ValueError, match="Alice"):
        sandbox.guild.add_member("Alice")
    assert sandbox.guild.member("Alice") is alice
    assert sandbox.guild.members == [sandbox.guild.owner, alice]
