"""The journal: what happened, told as a person would, and at the end of every error."""

import re

import aiohttp
import pytest

from discord_sandbox import Actor, Call, InteractionFailed, NotVisible, Permission, Sandbox, WaitTimeout
from tests.calling import BUTTON, Api, started
from tests.sandbox.desk import Desk
from tests.small_bot import RunningBot


def told(sandbox: Sandbox) -> list[str]:
    """Give the journal's lines without their times."""
    return [line[11:] for line in sandbox.journal.lines()]


async def test_a_conversation_with_a_bot_can_be_read_afterwards(
    sandbox: Sandbox, bot: RunningBot, alice: Actor, bob: Actor
) -> None:
    assert bot.gateway.is_alive
    answer = await alice.command("task", type="random")
    await answer.choose("Choose the best", "2.")
    modal = await answer.click("Write")
    await modal.submit({"Your text": "It is 42."})
    await alice.autocomplete("task", "language", "g")
    await alice.command("room")
    bob.react(bob.send(sandbox.guild.channel("general"), "hello\nall"), "👍")
    await alice.command("settings channel", options={"channel": sandbox.guild.channel("log")})
    buttons = "[Press] [Later] [Write] [Off] (off) / <Choose the best: 1. reply | 2. reply | 3. reply>"
    assert told(sandbox) == [
        "the bot registered 9 commands",
        "the bot connected",
        "Alice typed /task type:random in #general",
        "the bot is thinking about what Alice asked in #general",
        f"the bot answered Alice alone: random in en / {buttons}",
        "Alice chose “2. reply” in <Choose the best> in #general",
        f"the bot edited a message for Alice alone: chose 2 / {buttons}",
        "Alice pressed [Write] in #general",
        "the bot opened the form “Your answer” for Alice",
        "Alice sent the form “Your answer” (Your text: “It is 42.”) in #general",
        "the bot answered Alice alone: Thanks for “It is 42.”",
        "Alice is typing /task language:g… in #general",
        "the bot offered Alice: “German”, “Greek”",
        "Alice typed /room in #general",
        "the bot is thinking about what Alice asked in #general",
        "the bot opened the thread #task ab12",
        "Alice came into the thread #task ab12",
        "the bot posted in #task ab12: 1 · User / message 1",
        "the bot posted in #task ab12: 2 · User / message 2",
        f"the bot posted in #task ab12: Your turn / {buttons}",
        f"the bot answered Alice alone: Your task is ready: {alice.threads()[0].mention}",
        "Bob wrote in #general: hello / all",
        "Bob reacted 👍 in #general to a message: hello / all",
        "Alice typed /settings channel channel:#log in #general",
        "the bot answered Alice in #general: tasks go to #log",
    ]


async def test_lines_tell_what_was_there_then_and_when(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    await desk.answer(4, {"content": "ready", "components": [BUTTON]})
    answer = await task
    desk.clock.advance(2.5)
    task = await started(answer.click("Go"))
    await desk.answer(7, {"content": "gone", "components": []})
    await task
    desk.clock.advance(60)
    await desk.follow("DELETE", "@original")
    assert str(desk.sandbox.journal).splitlines() == [
        "    0.000  the bot registered 4 commands",
        "    0.000  the bot connected",
        "    0.000  Alice typed /do in #general",
        "    0.000  the bot answered Alice in #general: ready / [Go]",
        "    2.500  Alice pressed [Go] in #general",
        "    2.500  the bot edited a message in #general: gone",
        "   62.500  a message of the bot in #general was deleted: gone",
    ]


async def test_forms_of_all_kinds_are_told_by_label(desk: Desk) -> None:
    bob = desk.sandbox.guild.add_member("Bob")
    options = [{"label": "Red", "value": "r"}, {"label": "Blue", "value": "b"}]
    parts = [
        {"type": 21, "custom_id": "colour", "options": options},
        {"type": 5, "custom_id": "who"},
        {"type": 23, "custom_id": "news"},
        {"type": 19, "custom_id": "files", "required": False},
    ]
    labels = ("Colour", "Who", "News", "Files")
    fields = [
        {"type": 18, "label": label, "component": part} for label, part in zip(labels, parts, strict=True)
    ]
    task = await started(desk.alice.command("do"))
    await desk.answer(9, {"custom_id": "m", "title": "All", "components": fields})
    task = await started((await task).submit({"Colour": "Blue", "Who": bob.name, "Files": {"a.txt": b"a"}}))
    await desk.answer(4, {"content": "thanks"})
    await task
    filled = "Colour: “Blue”; Who: “@Bob”; News: no; Files: “a.txt”"
    assert f"Alice sent the form “All” ({filled}) in #general" in told(desk.sandbox)


async def test_menus_of_messages_and_people_are_told(desk: Desk) -> None:
    bob = desk.sandbox.guild.add_member("Bob")
    for target in (bob, bob.send(desk.sandbox.guild.channel("general"), "look at this")):
        task = await started(desk.alice.context_menu("Who" if target is bob else "Look", target))
        await desk.answer(5, {"flags": 64})
        await desk.follow("PATCH", "@original", {"content": "seen"})
        await task
    assert [line for line in told(desk.sandbox) if "Alice used" in line] == [
        "Alice used “Who” on Bob in #general",
        "Alice used “Look” on a message of Bob in #general",
    ]


async def test_refusals_and_what_is_not_known_are_told(strict_sandbox: Sandbox, strict_api: Api) -> None:
    general = strict_sandbox.guild.channel("general")
    path = f"/channels/{general.id}/messages"
    await strict_api("POST", path, {"content": "x" * 2001, "colour": 1})
    strict_sandbox.guild.set_permissions(strict_sandbox.guild.bot_role, 0)
    strict_sandbox.guild.set_permissions(strict_sandbox.guild.everyone, Permission.VIEW_CHANNEL)
    await strict_api("POST", path, {"content": "x"})
    assert told(strict_sandbox) == [
        "this is not as Discord has it: POST /channels/{}/messages: unknown colour",
        "POST /channels/{}/messages → 400 (50035): colour: SANDBOX_UNKNOWN, content: BASE_TYPE_MAX_LENGTH",
        "POST /channels/{}/messages → 403 (50013)",
    ]


async def test_faults_that_struck_are_told_and_hooks_that_watched_are_not(desk: Desk) -> None:
    path = f"/channels/{desk.sandbox.guild.channel('general').id}/messages"
    seen: list[str] = []

    async def watch(call: Call) -> None:
        seen.append(call.route)

    desk.sandbox.faults.before("*", watch)
    desk.sandbox.faults.status(503, "POST /channels/{}/messages")
    desk.sandbox.faults.lose_reply("POST /channels/{}/messages")
    assert (await desk.api("POST", path, {"content": "one"}))[0] == 503
    with pytest.raises(aiohttp.ClientError):
        await desk.api("POST", path, {"content": "two"})
    assert seen == ["/channels/{}/messages"] * 2
    assert told(desk.sandbox) == [
        "the bot registered 4 commands",
        "the bot connected",
        "a fault struck: status 503 on POST /channels/{}/messages",
        "the bot posted in #general: two",
        "a fault struck: lost reply on POST /channels/{}/messages",
        "POST /channels/{}/messages was cut off without an answer",
    ]


async def test_the_life_of_the_gateway_is_told(desk: Desk) -> None:
    hub, wire = desk.sandbox.gateway, desk.wire
    (session,) = hub.sessions.values()
    hub.ask_to_reconnect()
    hub.lost(session, wire)
    assert hub.resume(session.id, session.seq, wire) is session
    hub.lost(session, wire)
    assert hub.resume(session.id, -1, wire) is None
    with pytest.raises(InteractionFailed, match="not connected"):
        await desk.alice.command("do")
    hub.left(hub.identify(0, (0, 1), wire))
    assert told(desk.sandbox) == [
        "the bot registered 4 commands",
        "the bot connected",
        "the bot was asked to reconnect",
        "the bot's connection broke",
        "the bot resumed its session",
        "the bot's connection broke",
        "the bot was refused to resume its session",
        "the bot connected",
        "the bot left",
    ]


async def test_threads_and_leaving_are_told(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    thread = alice.create_thread(sandbox.guild.channel("general"), "room")
    alice.add_to_thread(thread, bob)
    bob.leave_thread(thread)
    alice.change_thread(thread, archived=True)
    alice.send(thread, "again")
    sandbox.guild.owner.delete_thread(thread)
    bob.leave()
    assert told(sandbox) == [
        "Alice opened the thread #room",
        "#general announces the thread “room”",
        "Bob came into the thread #room",
        "Bob left the thread #room",
        "#room was archived",
        "#room was opened again",
        "Alice wrote in #room: again",
        "#room was deleted",
        "Bob left Sandbox",
    ]


async def test_with_several_guilds_each_place_has_its_guild(sandbox: Sandbox, alice: Actor) -> None:
    sandbox.add_guild("Other").join(alice)
    alice.send(sandbox.guild.channel("general"), "hi")
    alice.send(alice.open_dm(), "psst")
    assert told(sandbox) == [
        "Alice wrote in #general of Sandbox: hi",
        "Alice wrote in the direct messages with Alice: psst",
    ]


async def test_an_error_ends_with_what_happened(sandbox: Sandbox, bot: RunningBot, alice: Actor) -> None:
    assert bot.gateway.is_alive
    sandbox.clock.freeze()
    waiting = await started(alice.command("silent"))
    sandbox.clock.advance(3)
    with pytest.raises(InteractionFailed) as failed:
        await waiting
    assert re.fullmatch(
        r"The application did not respond\.\n"
        r"What Alice sees:\n  nothing yet\n"
        r"What happened last, in seconds:\n"
        r" +0\.000  the bot registered 9 commands\n"
        r" +\d+\.\d{3}  the bot connected\n"
        r" +\d+\.\d{3}  Alice typed /silent in #general\n"
        r" +\d+\.\d{3}  the bot did not answer Alice in time",
        str(failed.value),
    )
    with pytest.raises(WaitTimeout, match=r"the bot did not answer Alice in time$"):
        await alice.until(lambda: False, timeout=0.01)
    for act in (alice.command("nothing"), alice.command("settings colour"), alice.command("greet", who=1)):
        with pytest.raises(NotVisible, match=r"(?s)What Alice sees:.*What happened last.*in time$"):
            await act


async def test_an_error_shows_the_latest_of_a_bounded_journal(sandbox: Sandbox, alice: Actor) -> None:
    for number in range(1100):
        sandbox.journal.note("thing {} of {}", number, "many")
    assert len(sandbox.journal) == 1000
    assert sandbox.journal.lines(1)[0].endswith("  thing 1099 of many")
    with pytest.raises(NotVisible) as raised:
        await alice.command("task")
    assert str(raised.value).count(" of many") == 15


async def test_a_bot_that_does_not_come_is_told_by_what_it_did(desk: Desk) -> None:
    with pytest.raises(WaitTimeout, match=r"still connected.*\n(?s:.*)the bot connected$"):
        await desk.sandbox.bot_gone(timeout=0.01)
    desk.sandbox.gateway.sessions.clear()
    with pytest.raises(WaitTimeout, match=r"not ready.*\n(?s:.*)registered 4 commands\n.*connected$"):
        await desk.sandbox.bot_ready(timeout=0.01)


async def test_nothing_is_told_when_nothing_happened(alice: Actor) -> None:
    with pytest.raises(WaitTimeout) as raised:
        await alice.until(lambda: False, timeout=0.01)
    assert str(raised.value).endswith("What happened last, in seconds:\n  nothing yet")
