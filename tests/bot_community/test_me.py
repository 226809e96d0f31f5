"""/me as people see it: points and how they came about, places, level, and who sees one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_client import OasstApiClient
from tests.bot_community.givers import (
    KEY,
    PROMPT,
    REPLY,
    REVIEW_PROMPT,
    REVIEW_REPLY,
    Giver,
    RealBackend,
    real_backend,
)
from tests.bot_community.test_with_backend import task_thread, with_button, write_prompt

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
async def backend(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[RealBackend]:
    async with real_backend(tmp_path, goal_tree_size=3, max_tree_depth=1) as backend:
        if getattr(request, "param", "") == "distrusts the bot":
            backend.distrust()
        yield backend


@pytest.fixture
async def client(backend: RealBackend) -> AsyncIterator[OasstApiClient]:
    async with OasstApiClient(backend.url, KEY) as client:
        yield client


async def opened(person: Actor) -> MessageView:
    answer = await person.command("ich" if person.locale == "de" else "me")
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message


async def pressed(person: Actor, panel: MessageView, label: str, words: str) -> None:
    """Press a button and wait for what the same message says then."""
    await panel.click(label)
    await person.until(lambda: words in panel.text, what=words)


def has_no_problem(panel: MessageView) -> bool:
    return "Try again" not in panel.buttons


async def grown_tree(client: OasstApiClient, alice: Actor) -> None:
    """Alice writes one of two replies, which is put first, and reviews a prompt."""
    ann, bob, cat = (Giver(client, name) for name in ("ann", "bob", "cat"))
    await ann.write(PROMPT, "Why is the sky blue?")
    await Giver(client, alice).review(REVIEW_PROMPT)
    await Giver(client, alice).write(REPLY, "Air scatters blue light most.")
    await bob.write(REPLY, "It just is.")
    for _ in range(2):
        await cat.review(REVIEW_REPLY)
    await cat.rank("Air")


async def test_the_points_are_told_part_by_part_and_make_the_score(
    sandbox: Sandbox, client: OasstApiClient
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await grown_tree(client, alice)
    panel = await opened(alice)
    for line in (
        "Replies as the assistant: 1 \u00d7 4 = **4**",
        "… of them accepted: 1 \u00d7 4 = **4**",
        "Your replies put first: 1 \u00d7 9 = **9**",
        "Messages labelled in full: 1 \u00d7 2 = **2**",
        "All in all: **19**",
    ):
        assert line in panel.text
    assert "19 points · level 4" in panel.text
    # 24 points are the next threshold.
    assert "5 more to level 5" in panel.text
    assert "#1 of all time\n#1 this week" in panel.text
    assert "1 day" in panel.text
    assert "Labelled: 1\nRanked: 0" in panel.text
    assert "rules of its own" not in panel.text


async def test_somebody_new_gets_a_friendly_word_and_the_way_to_a_first_task(sandbox: Sandbox) -> None:
    alice = sandbox.guild.add_member("Alice")
    panel = await opened(alice)
    assert "Nothing here yet" in panel.text
    assert panel.buttons == ["Get a first task", "Hide me from boards", "Be anonymous in logs"]
    await panel.click("Get a first task")
    await alice.until(lambda: "I accept" in panel.buttons, what="the terms before the first task")


async def test_somebody_known_without_points_is_told_so(sandbox: Sandbox, client: OasstApiClient) -> None:
    alice = sandbox.guild.add_member("Alice")
    await client.put_user(Giver(client, alice).user)
    panel = await opened(alice)
    assert "No points yet" in panel.text
    assert "None yet" in panel.text


async def test_people_hide_from_boards_and_come_back(sandbox: Sandbox, client: OasstApiClient) -> None:
    alice = sandbox.guild.add_member("Alice")
    await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    panel = await opened(alice)
    assert "your name and points are shown" in panel.text
    await pressed(alice, panel, "Hide me from boards", "You are hidden from the boards now")
    assert "Boards: you are hidden" in panel.text
    board = (await alice.command("leaderboard")).message
    assert board is not None
    assert "Alice" not in board.text
    await pressed(alice, panel, "Show me on boards again", "You are on the boards again")
    board = (await alice.command("leaderboard")).message
    assert board is not None
    assert "Alice" in board.text


async def test_somebody_new_hides_before_there_is_anything_to_see(
    sandbox: Sandbox, client: OasstApiClient
) -> None:
    alice = sandbox.guild.add_member("Alice")
    panel = await opened(alice)
    await pressed(alice, panel, "Hide me from boards", "You are hidden from the boards now")
    await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    board = (await alice.command("leaderboard")).message
    assert board is not None
    assert "Alice" not in board.text


async def test_hiding_leaves_alone_what_moderators_decided(sandbox: Sandbox, client: OasstApiClient) -> None:
    alice = sandbox.guild.add_member("Alice")
    await client.put_user(Giver(client, alice).user, enabled=False, notes="spams")
    panel = await opened(alice)
    await pressed(alice, panel, "Hide me from boards", "You are hidden from the boards now")
    known = await client.fetch_user(Giver(client, alice).user)
    assert (known.enabled, known.notes, known.show_on_leaderboard) == (False, "spams", False)


@pytest.mark.parametrize("backend", ["distrusts the bot"], indirect=True)
async def test_a_key_that_is_not_trusted_is_said_with_what_the_operator_has_to_do(
    sandbox: Sandbox, client: OasstApiClient
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await client.put_user(Giver(client, alice).user)
    panel = await opened(alice)
    await pressed(alice, panel, "Hide me from boards", "OASST_API_KEY")
    assert "your name and points are shown" in panel.text


async def test_people_are_anonymous_in_logs_and_are_named_again_also_after_a_restart(
    sandbox: Sandbox, bot: BotApp, client: OasstApiClient, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await client.put_user(Giver(client, alice).user)
    panel = await opened(alice)
    assert "you are named" in panel.text
    await pressed(alice, panel, "Be anonymous in logs", "leave your name out")
    assert await bot.services.store.people.is_anonymous(int(alice.id))
    await bot.close()
    bot = await start_bot()
    await pressed(alice, panel, "Be named in logs", "name you again")
    assert "you are named" in panel.text
    assert not await bot.services.store.people.is_anonymous(int(alice.id))


async def test_an_absent_backend_is_said_at_each_step_and_one_can_try_again(
    sandbox: Sandbox, client: OasstApiClient, backend: RealBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    panel = await opened(alice)
    for button, words in (
        ("My texts", "cannot be reached"),
        ("Hide me from boards", "nothing is different"),
        ("Look again", "cannot be reached"),
    ):
        panel = await opened(alice)
        await backend.close()
        await pressed(alice, panel, button, words)
        await backend.start()
        await panel.click("Try again")
        await alice.until(partial(has_no_problem, panel), what="a page")
    assert "Boards: you are hidden" in panel.text


async def test_nothing_in_a_name_does_anything(sandbox: Sandbox, client: OasstApiClient) -> None:
    name = "**@everyone** [x](https://evil.example)"
    alice = sandbox.guild.add_member("Alice")
    user = Giver(client, alice).user.model_copy(update={"display_name": name})
    await client.put_user(user)
    panel = await opened(alice)
    assert panel.pings == []
    assert not panel.pings_everyone
    assert "](http" not in panel.text


async def test_the_thanks_say_what_a_task_earned(sandbox: Sandbox) -> None:
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Bob")
    await write_prompt(alice, "How do bees find home?")
    (thanks,) = with_button(alice, alice.threads()[0], "Next task")
    assert "Every tenth first message is a point" in thanks.text
    thread = await task_thread(bob, "label_initial_prompt")
    (controls,) = await bob.until(lambda: with_button(bob, thread, "Send"), what="the labels")
    await controls.click("Spam: no" if "Spam: no" in controls.buttons else controls.buttons[1])
    await controls.click("Send")
    for _ in range(3):
        if "Next task" in controls.buttons:
            break
        await controls.click("Send")
    await bob.until(lambda: "+2 points" in controls.text, what="what it earned")


async def test_me_speaks_german(sandbox: Sandbox, client: OasstApiClient) -> None:
    alice = sandbox.guild.add_member("Alice", locale="de")
    await grown_tree(client, alice)
    panel = await opened(alice)
    assert "19 Punkte · Stufe 4" in panel.text
    assert "Antworten als Assistent: 1 \u00d7 4 = **4**" in panel.text
