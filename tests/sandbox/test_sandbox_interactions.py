"""A real hikari, lightbulb and miru bot, used by people over real sockets."""

from collections.abc import Callable
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, BadInput, InteractionFailed, NotPermitted, NotVisible, Sandbox
from tests.calling import started
from tests.sandbox.desk import Desk


@pytest.mark.usefixtures("bot")
async def test_a_deferred_answer_is_seen_when_it_is_finished(
    alice: Actor, bob: Actor, sandbox: Sandbox
) -> None:
    response = await alice.command("task", type="random", language="el")

    assert response.message is not None
    assert response.message.content == "random in el"
    assert response.message.ephemeral
    assert not response.message.loading
    assert response.message.buttons == ["Press", "Later", "Write"]
    general = sandbox.guild.channel("general")
    assert alice.messages(general) == [response.message]
    assert bob.messages(general) == []


@pytest.mark.usefixtures("bot")
async def test_autocomplete_offers_what_fits(alice: Actor) -> None:
    assert await alice.autocomplete("task", "language", "g") == [("German", "de"), ("Greek", "el")]
    assert await alice.autocomplete("task", "language", "", options={"type": "random"}) == [
        ("German", "de"),
        ("Greek", "el"),
        ("English", "en"),
    ]


@pytest.mark.usefixtures("bot")
async def test_buttons_menus_and_modals(alice: Actor) -> None:
    message = (await alice.command("task")).message
    assert message is not None

    assert (await message.click("Press")).message == message
    assert message.content == "pressed"
    await message.choose("Choose", ["2."])
    assert message.content == "chose 2"
    await message.click("Later")
    await alice.until(lambda: message.content == "later came")

    modal = (await message.click("Write")).modal
    assert modal is not None
    assert (modal.title, modal.inputs) == ("Your answer", {"Your text": "draft"})
    with pytest.raises(BadInput, match="1 to 40 characters"):
        await modal.submit({"Your text": "x" * 41})
    thanks = (await modal.submit({"Your text": "It is 42."})).message
    assert thanks is not None
    assert thanks.content == "Thanks for “It is 42.”"
    assert thanks.ephemeral
    with pytest.raises(NotVisible, match="closed"):
        await modal.submit()


@pytest.mark.usefixtures("bot")
async def test_what_is_not_on_the_screen_cannot_be_used(alice: Actor) -> None:
    message = (await alice.command("task")).message
    assert message is not None
    with pytest.raises(NotVisible, match="greyed out"):
        await message.click("Off")
    with pytest.raises(NotVisible, match=r"(?s)no buttons 'Send'.*\[Press\]"):
        await message.click("Send")
    with pytest.raises(NotVisible, match="no options"):
        await message.choose("Choose the best", ["4."])
    with pytest.raises(BadInput, match="takes 1 option, not 2"):
        await message.choose("Choose the best", ["1.", "2."])
    alice.restart()
    with pytest.raises(NotVisible, match="no longer"):
        await message.click("Press")


@pytest.mark.usefixtures("bot")
async def test_a_message_menu_gets_the_whole_message(alice: Actor, bob: Actor, sandbox: Sandbox) -> None:
    said = bob.send(sandbox.guild.channel("general"), "A fine sentence")
    seen_by_alice = alice.messages(sandbox.guild.channel("general"))[0]
    response = await alice.context_menu("Label", seen_by_alice)
    assert response.message is not None
    assert response.message.content == "You label “A fine sentence”"
    assert response.message.raw.reference == {
        "type": 0,
        "message_id": str(said.id),
        "channel_id": str(said.channel_id),
        "guild_id": str(sandbox.guild.id),
    }


@pytest.mark.usefixtures("bot")
async def test_a_private_thread_is_for_its_members(alice: Actor, bob: Actor) -> None:
    response = await alice.command("room")
    (thread,) = alice.threads()
    assert response.message is not None
    assert response.message.content == f"Your task is ready: {thread.mention}"
    assert [view.text.splitlines()[0] for view in alice.messages(thread)] == [
        "1 · User",
        "2 · User",
        "Your turn",
    ]
    assert bob.threads() == []
    assert bob.messages(thread) == []

    await alice.messages(thread)[-1].click("Press")
    assert alice.messages(thread)[-1].content == "pressed"


@pytest.mark.usefixtures("bot")
async def test_people_channels_and_numbers_as_options(alice: Actor, bob: Actor, sandbox: Sandbox) -> None:
    greeting = (await alice.command("greet", who=bob, times=2)).message
    assert greeting is not None
    assert greeting.content == f"Hello Hello {bob.mention}"
    assert greeting.pings == []

    answer = (
        await alice.command("settings channel", options={"channel": sandbox.guild.channel("log")})
    ).message
    assert answer is not None
    assert answer.content == "tasks go to #log"


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [
        ("nothing", {}, NotVisible, "registered: .*'task'"),
        ("manage", {}, NotVisible, "not offered to this person"),
        ("task", {"colour": "red"}, BadInput, "no option"),
        ("task", {"type": "chess"}, BadInput, "no choice"),
        ("greet", {}, BadInput, "needs the option"),
        ("greet", {"who": 1}, NotVisible, "nothing with the id"),
        ("greet", {"who": "Bob"}, BadInput, "A person"),
        ("settings", {}, BadInput, "needs one of"),
        ("settings colour", {}, NotVisible, "no subcommand"),
    ],
)
@pytest.mark.usefixtures("bot")
async def test_commands_are_checked_as_the_client_does(
    alice: Actor, name: str, options: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        await alice.command(name, options=options)


@pytest.mark.usefixtures("bot")
async def test_numbers_are_kept_in_their_range(alice: Actor, bob: Actor) -> None:
    with pytest.raises(BadInput, match="of this size"):
        await alice.command("greet", who=bob, times=4)
    with pytest.raises(BadInput, match="does not take"):
        await alice.command("greet", who=bob, times="two")


@pytest.mark.usefixtures("bot")
async def test_default_permissions_open_a_command(sandbox: Sandbox) -> None:
    manager = sandbox.guild.add_member("Mia", permissions=hikari.Permissions.MANAGE_GUILD)
    assert (await manager.command("manage")).message is not None
    assert (await sandbox.guild.owner.command("manage")).message is not None


@pytest.mark.usefixtures("bot")
async def test_without_the_right_to_commands_there_are_none(alice: Actor, sandbox: Sandbox) -> None:
    everyone = sandbox.guild.everyone
    sandbox.guild.overwrite(
        sandbox.guild.channel("general"), everyone, deny=hikari.Permissions.USE_APPLICATION_COMMANDS
    )
    assert alice.commands() == []
    with pytest.raises(NotVisible):
        await alice.command("task")
    assert (await alice.command("task", channel=sandbox.guild.channel("tasks"))).message is not None


@pytest.mark.usefixtures("bot")
async def test_no_answer_in_time_fails_the_interaction(alice: Actor, sandbox: Sandbox) -> None:
    sandbox.clock.freeze()
    waiting = await started(alice.command("silent"))
    sandbox.clock.advance(3)
    with pytest.raises(InteractionFailed, match="did not respond"):
        await waiting


@pytest.mark.usefixtures("bot")
async def test_who_waits_for_the_bot_is_told_when_the_sandbox_is_closed(
    alice: Actor, sandbox: Sandbox
) -> None:
    sandbox.clock.freeze()
    waiting = await started(alice.command("silent"))
    await sandbox.close()
    with pytest.raises(InteractionFailed, match="the sandbox was closed"):
        await waiting


async def test_so_is_who_looks_at_a_bot_that_thinks(desk: Desk) -> None:
    waiting = await started(desk.alice.command("do"))
    await desk.answer(5)
    desk.sandbox.gateway.sessions.clear()
    await desk.sandbox.close()
    with pytest.raises(InteractionFailed, match="the sandbox was closed"):
        await waiting


async def test_without_a_bot_nothing_answers(alice: Actor, sandbox: Sandbox, api: Callable[..., Any]) -> None:
    command = {"name": "task", "description": "Ask for a task"}
    await api("POST", f"/applications/{sandbox.bot_id}/commands", command)
    with pytest.raises(InteractionFailed, match="not connected"):
        await alice.command("task")


@pytest.mark.usefixtures("bot")
async def test_commands_work_in_direct_messages_but_not_in_archived_threads(alice: Actor) -> None:
    direct = alice.open_dm()
    response = await alice.command("task", channel=direct)
    assert response.message is not None
    assert alice.messages(direct) == [response.message]

    await alice.command("room")
    (thread,) = alice.threads()
    alice.send(thread, "hello")
    alice.store.channels[thread.id].thread.archived = True  # type: ignore[union-attr]  # it is a thread
    with pytest.raises(NotPermitted, match="archived"):
        await alice.command("task", channel=thread)
