"""What stands on a task that is paused, or whose answer was not taken, and until when it is theirs."""

import re
from datetime import timedelta

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Permission, Sandbox
from tests.bot.conftest import Backend, TestClock, shown_privately, shown_task, task, write
from tests.bot.rooms import controls_in, said_in, use_direct, without_threads

TEXT = "How do bees find home?"
NOT_TAKEN = "❗ **Not taken yet.**"
TIME = r"<t:\d+:f>"


async def begun(alice: Actor, backend: Backend, kind: str = "initial_prompt") -> MessageView:
    backend.tasks.append(task(kind))
    await alice.command("task")
    return await shown_task(alice)


async def held(alice: Actor, backend: Backend, code: int) -> MessageView:
    controls = await begun(alice, backend)
    await write(controls, TEXT)
    # Told that the terms are accepted, the backend demands them still.
    backend.trouble += [(451, code), (451, code)] if code == 4003 else [(400, code)]
    await controls.click("Send")
    await alice.until(lambda: NOT_TAKEN in controls.content, what="that it was not taken")
    return controls


async def test_a_paused_task_says_until_when_it_is_theirs_and_how_to_go_on(
    backend: Backend, alice: Actor
) -> None:
    controls = await begun(alice, backend)
    await controls.click("Pause")
    assert re.search(rf"stays yours until {TIME}, and I will not remind you", controls.content)
    assert "Closes" not in controls.content
    again = await alice.command("task")
    assert again.message is not None
    assert re.search(
        rf"It is paused, and yours until {TIME}; \*\*Go on\*\* continues it", again.message.content
    )
    await controls.click("Go on")
    again = await alice.command("task")
    assert again.message is not None
    assert "paused" not in again.message.content


async def test_an_open_task_says_below_when_it_closes(bot: BotApp, backend: Backend, alice: Actor) -> None:
    controls = await begun(alice, backend)
    session = await bot.services.store.sessions.live_of(int(alice.id))
    assert session is not None
    closes = f"-# Closes <t:{int(session.expires_at.timestamp())}:R>"
    assert controls.content.endswith(closes)
    await write(controls, TEXT)
    assert controls.content.endswith(closes)


async def test_a_text_that_was_not_taken_says_so_in_place_of_the_question(
    backend: Backend, alice: Actor
) -> None:
    controls = await held(alice, backend, 1009)
    assert controls.content.startswith(NOT_TAKEN)
    assert "the same text" in controls.content
    assert "Press **Edit**, then **Send** again." in controls.content
    assert "Is this how you want it?" not in controls.content
    await controls.click("Pause")
    assert controls.content.count("\n") == 1
    assert re.match(rf"⏸️ Paused until {TIME}", controls.content)
    assert NOT_TAKEN in controls.content
    assert "the same text" in controls.content
    await controls.click("Go on")
    await write(controls, "Where do bees sleep?")
    assert "Not taken" not in controls.content
    assert "Is this how you want it?" in controls.content


async def test_undo_on_a_text_that_was_not_taken_leaves_a_draft(
    bot: BotApp, backend: Backend, alice: Actor
) -> None:
    controls = await begun(alice, backend)
    await write(controls, "Where do bees sleep?")
    await write(controls, TEXT)
    backend.trouble.append((400, 1009))
    await controls.click("Send")
    await alice.until(lambda: NOT_TAKEN in controls.content, what="that it was not taken")
    await controls.click("Undo")
    assert "Is this how you want it?" in controls.content
    session = await bot.services.store.sessions.live_of(int(alice.id))
    assert session is not None
    assert (session.state.value, session.problem) == ("drafted", None)


async def test_terms_of_the_dataset_are_settled_elsewhere_and_then_send_works(
    backend: Backend, alice: Actor
) -> None:
    controls = await held(alice, backend, 4003)
    assert "terms of the dataset" in controls.content
    assert "Once that is settled, **Send** works again." in controls.content
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [one["text"] for one in backend.answers] == [TEXT]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("rank_assistant_replies", "Look over your order"),
        ("rate_summary", "Look over your rating"),
        ("label_initial_prompt", "Look over your answers"),
    ],
)
async def test_each_kind_says_what_to_look_over(
    backend: Backend, alice: Actor, kind: str, words: str
) -> None:
    controls = await begun(alice, backend, kind)
    if kind == "label_initial_prompt":
        await controls.click("Spam: no")
    elif kind == "rate_summary":
        await controls.click("3")
    else:
        await controls.click("All are bad")
    backend.trouble.append((400, 2052))
    await controls.click("Send")
    await alice.until(lambda: NOT_TAKEN in controls.content, what="that it was not taken")
    assert controls.content.startswith(NOT_TAKEN)
    assert words in controls.content
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert len(backend.answers) == 1


async def test_an_older_copy_of_a_private_task_points_to_the_newer(
    backend: Backend, alice: Actor, sandbox: Sandbox
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", quiet)
    first = await controls_in(alice, quiet)
    await alice.command("task", quiet)
    await controls_in(alice, quiet, after=first)
    told = (await first.click("Pause")).text
    assert "A newer copy of your task is further down; /task shows it again." in told


async def test_a_task_in_direct_messages_says_why_it_is_there(
    bot: BotApp, backend: Backend, alice: Actor, sandbox: Sandbox
) -> None:
    await use_direct(bot, alice)
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", without_threads(sandbox))
    assert reply.message is not None
    assert "in that channel, so your task is in your direct messages." in reply.message.content
    assert reply.message.buttons == ["Stop using direct messages"]


async def test_a_missing_permission_to_manage_threads_is_named(
    backend: Backend, alice: Actor, sandbox: Sandbox
) -> None:
    channel = sandbox.guild.create_channel("unmanaged")
    for role in (sandbox.guild.everyone, sandbox.guild.bot_role):
        sandbox.guild.overwrite(channel, role, deny=int(Permission.MANAGE_THREADS))
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", channel)
    assert reply.message is not None
    assert "I lack the permission Manage Threads in that channel, so your" in reply.message.content
    assert "may not open" not in reply.message.content


async def test_who_changed_their_language_reads_private_words_in_the_new_one(
    bot: BotApp, backend: Backend, alice: Actor
) -> None:
    controls = await begun(alice, backend)
    session = await bot.services.store.sessions.live_of(int(alice.id))
    assert session is not None
    await bot.services.store.database.execute("UPDATE sessions SET locale = 'xx'")
    again = await alice.command("task")
    assert again.message is not None
    assert f"You have an open task: <#{controls.channel_id}>" in again.message.content


async def test_a_control_of_a_forgotten_task_is_answered(
    bot: BotApp, backend: Backend, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = await begun(alice, backend)
    sessions = bot.services.store.sessions

    async def forgotten(_: str) -> None:
        """The row went in the moment between two reads."""

    monkeypatch.setattr(sessions, "by_code", forgotten)
    answer = await controls.click("Pause")
    assert "This has expired. Please use /task again." in answer.text


async def test_a_report_names_what_was_picked_and_says_so_late(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    controls = await begun(alice, backend, "rank_assistant_replies")
    panel = (await shown_privately(alice, await controls.click("Report")))[0]
    await panel.choose("Choose what to report", ["Reply 2"])
    await alice.until(lambda: "Spam: yes" in panel.buttons, what="the reasons")
    assert panel.embeds[0]["author"]["name"] == "Reply 2"
    backend.label_trouble.append((503, 0))
    backend.label_trouble.append((400, 2053))
    await panel.click("Spam: yes")
    await panel.click("Send")
    await alice.until(lambda: "Your report is saved" in panel.text, what="that it is kept")
    clock.ahead += timedelta(minutes=10)
    bot.services.delivery.kick()
    assert await bot.services.delivery.drained(int(alice.id), 5)
    await alice.command("task")
    await said_in(alice, alice.channels()[0], "Your report could not be taken: You wrote this")
