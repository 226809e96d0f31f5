"""The community features with every real part: bot, backend and stand-in, over sockets and files."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from discord_sandbox import Actor, Channel, MessageView, Sandbox
from oasst_backend.server import BackendServer
from tests.bot_community.settings_scene import answer_to, shows
from tests.bot_community.test_labels import accept
from tests.meeting import welcomed

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def backend(own_backend: BackendServer) -> BackendServer:
    """The project's own task backend, in place of the small one."""
    return own_backend


async def task_thread(person: Actor, kind: str) -> Channel:
    """Ask for a first task, accept the terms, and give the thread it is in."""
    answer = await person.command("task", type=kind)
    assert answer.message is not None
    message = answer.message
    await welcomed(person, message)
    found = await person.until(lambda: re.findall(r"<#(\d+)>", message.text), what="the way to the task")
    return next(thread for thread in person.threads() if thread.id == int(found[0]))


def with_button(person: Actor, thread: Channel, label: str) -> list[MessageView]:
    return [message for message in person.messages(thread) if label in message.buttons]


async def write_prompt(person: Actor, text: str) -> None:
    """Write a first message, up to the thanks."""
    thread = await task_thread(person, "initial_prompt")
    (controls,) = await person.until(lambda: with_button(person, thread, "Write"), what="the controls")
    opened = await controls.click("Write")
    assert opened.modal is not None
    await opened.modal.submit({"Your text": text})
    (confirm,) = await person.until(lambda: with_button(person, thread, "Send"), what="the confirmation")
    await confirm.click("Send")
    await person.until(lambda: with_button(person, thread, "Next task"), what="the thanks")


def free_labels(tmp_path: Path) -> list[tuple[str, str]]:
    """Read, beside the running backend, what was labelled outside tasks: (text, labels)."""
    with closing(sqlite3.connect(f"file:{tmp_path / 'backend.db'}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT text, labels FROM labellings WHERE task_id IS NULL").fetchall()


async def test_labels_from_the_menu_and_points_on_the_board(sandbox: Sandbox, tmp_path: Path) -> None:
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Bob")
    await write_prompt(alice, "How do bees find home?")

    thread = await task_thread(bob, "label_initial_prompt")
    posts = await bob.until(
        lambda: [one for one in bob.messages(thread) if "bees" in one.text], what="the message to label"
    )
    panel = (await bob.context_menu("Label", posts[0])).message
    assert panel is not None
    await panel.click("Spam: no" if "Spam: no" in panel.buttons else panel.buttons[1])
    await panel.click("Send")
    await bob.until(lambda: "Your labels are in" in panel.text, what="the thanks")
    ((text, labels),) = free_labels(tmp_path)
    assert text == "How do bees find home?"
    assert '"spam": 0' in labels

    board = (await alice.command("leaderboard", period="day")).message
    assert board is not None
    own = [line for line in board.text.splitlines() if line.startswith("➤")]
    assert len(own) == 1
    assert "Alice" in own[0]


async def test_ones_own_message_cannot_be_labelled(sandbox: Sandbox) -> None:
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.owner
    await write_prompt(alice, "How do bees find home?")
    thread = await task_thread(bob, "label_initial_prompt")
    posts = await bob.until(
        lambda: [one for one in bob.messages(thread) if "bees" in one.text], what="the message to label"
    )
    sandbox.guild.give_role(alice, sandbox.guild.create_role("Thread keepers", 1 << 34))
    seen = alice.view(posts[0].raw)
    assert seen is not None
    answer = (await alice.context_menu("Label", seen)).message
    assert answer is not None
    assert "wrote this message yourself" in answer.text


async def test_the_wizard_tells_how_many_people_the_backend_needs(sandbox: Sandbox) -> None:
    owner = sandbox.guild.owner
    panel = await answer_to(owner, "setup")
    for step in ("2 of 4", "3 of 4", "4 of 4"):
        await panel.click("Skip")
        await shows(owner, panel, step)
    assert "At least **3** active people" in panel.text


async def test_a_message_of_ones_own_becomes_the_first_of_a_conversation(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Bob")
    general = sandbox.guild.channel("general")

    async def contribute() -> MessageView:
        form = await alice.context_menu("Contribute", alice.send(general, "How do bees find home?"))
        assert form.modal is not None
        answer = (await form.modal.submit({})).message
        assert answer is not None
        return answer

    panel = await contribute()
    await accept(alice, panel)
    await alice.until(lambda: "first message of a conversation" in panel.text, what="the thanks")
    again = await contribute()
    await alice.until(lambda: "was not taken" in again.text, what="that it is there already")

    thread = await task_thread(bob, "label_initial_prompt")
    posts = await bob.until(
        lambda: [one for one in bob.messages(thread) if "bees" in one.text], what="the message to label"
    )
    report = (await bob.context_menu("Report", posts[0])).message
    assert report is not None
    await report.choose("Choose all that apply", ["Spam"] if "Spam" in report.text else [])
    await report.click("Send")
    await bob.until(lambda: "Your report is in" in report.text, what="the thanks")
    with closing(sqlite3.connect(f"file:{tmp_path / 'backend.db'}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT text, lang FROM messages").fetchall() == [
            ("How do bees find home?", "en")
        ]
        assert connection.execute("SELECT is_report FROM labellings").fetchall() == [(1,)]
