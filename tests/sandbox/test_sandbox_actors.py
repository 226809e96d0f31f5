"""What people see, how they wait, and how errors explain themselves."""

import asyncio
import json

import pytest

from discord_sandbox import Actor, NotPermitted, NotVisible, Permission, Response, Sandbox, WaitTimeout
from tests.calling import started
from tests.sandbox.desk import Desk


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


@pytest.mark.usefixtures("bot")
async def test_an_answer_is_used_without_asking_what_it_is(alice: Actor) -> None:
    reply = await alice.command("task", type="random")
    assert (reply.content, reply.ephemeral, reply.embeds, reply.attachments) == ("random in en", True, [], [])
    assert reply.buttons == ["Press", "Later", "Write"]
    assert [one.placeholder for one in reply.selects] == ["Choose the best"]
    assert reply.text.startswith("random in en\n[Press]")
    await reply.choose("Choose", "3. reply")
    assert reply.content == "chose 3"

    form = await reply.click("Write")
    assert (form.title, form.inputs) == ("Your answer", {"Your text": "draft"})
    assert form.text == "Your answer\nYour text (needed): “draft”"
    assert (await form.submit({"Your": "42"})).content == "Thanks for “42”"

    (await reply.click("Write")).dismiss()
    reply.dismiss()
    with pytest.raises(NotVisible, match="no longer"):
        await reply.click("Press")


@pytest.mark.usefixtures("bot")
async def test_an_answer_of_the_other_kind_says_what_it_is(alice: Actor) -> None:
    reply = await alice.command("task")
    with pytest.raises(NotVisible) as raised:
        await reply.submit({"Your text": "42"})
    assert str(raised.value).startswith(
        "The answer is a message, not a modal.\nThe message is:\nrandom in en\n[Press] [Later]"
    )
    assert "What Alice sees:" in str(raised.value)
    form = await reply.click("Write")
    with pytest.raises(
        NotVisible, match=r"The answer is a modal, not a message\.\nThe modal is:\nYour answer\n"
    ):
        await form.click("Press")


async def test_an_answer_that_is_neither_says_so(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    await desk.answer(5)
    await desk.follow("DELETE", "@original")
    nothing = await task
    with pytest.raises(NotVisible, match="The answer is no message") as raised:
        _ = nothing.content
    assert str(raised.value).endswith("a message of the bot in #general was deleted")
    with pytest.raises(NotVisible, match="The answer is neither a message nor a modal"):
        _ = nothing.text
    with pytest.raises(NotVisible, match="The answer is no modal"):
        _ = Response().title


def button(custom_id: str, label: str | None = None, emoji: str | None = None) -> dict[str, object]:
    described: dict[str, object] = {"type": 2, "style": 1, "custom_id": custom_id}
    if label is not None:
        described["label"] = label
    if emoji is not None:
        described["emoji"] = {"name": emoji}
    return described


@pytest.mark.parametrize(
    ("name", "pressed"),
    [("👍", "up"), ("👎", "down"), ("Good", "down"), ("👎 Good", "down"), ("Goo", "down")],
)
async def test_buttons_can_be_called_by_their_emoji(desk: Desk, name: str, pressed: str) -> None:
    task = await started(desk.alice.command("do"))
    buttons = [button("up", emoji="👍"), button("down", "Good", "👎")]
    await desk.answer(4, {"content": "?", "components": [{"type": 1, "components": buttons}]})
    reply = await task
    assert reply.buttons == ["👍", "Good"]
    assert reply.text == "?\n[👍] [👎 Good]"
    task = await started(reply.click(name))
    assert desk.received()["data"] == {
        "id": {"up": 2, "down": 3}[pressed],
        "custom_id": pressed,
        "component_type": 2,
    }
    await desk.answer(6)
    await task


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ("🍏", ["a"]),
        (["Pear", "App"], ["p", "a"]),
        (("🍏 Apple", "🍏"), ["a"]),
        (["p", "a", "c"], ["p", "a", "c"]),
    ],
)
async def test_options_can_be_called_by_emoji_label_and_value(
    desk: Desk, wanted: str | list[str], values: list[str]
) -> None:
    options = [
        {"label": "Apple", "value": "a", "emoji": {"name": "🍏"}},
        {"label": "Pear", "value": "p", "description": "the long one"},
        {"label": "Cherry", "value": "c", "default": True},
    ]
    menu = {"type": 3, "custom_id": "m", "placeholder": "Fruit", "max_values": 3, "options": options}
    task = await started(desk.alice.command("do"))
    await desk.answer(4, {"components": [{"type": 1, "components": [menu]}]})
    reply = await task
    assert reply.selects[0].chosen == ["Cherry"]
    assert reply.selects[0].options[0] == ("Apple", "a")
    assert reply.text == "<Fruit: 🍏 Apple | Pear | Cherry>"
    task = await started(reply.choose("Fruit", wanted))
    assert desk.received()["data"]["values"] == values
    await desk.answer(6)
    await task


async def test_what_looks_the_same_cannot_be_meant(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    row = {"type": 1, "components": [button("one", "Go on"), button("two", "Go back")]}
    await desk.answer(4, {"components": [row]})
    with pytest.raises(
        NotVisible, match=r"Alice finds 2 buttons 'Go'\.\nThe message is:\n\[Go on\] \[Go back\]"
    ):
        await (await task).click("Go")
