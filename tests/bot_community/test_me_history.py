"""The list of one's texts in /me: what became of each, page by page, and each one whole."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_client import OasstApiClient, TextReplyToMessage
from tests.bot_community.givers import (
    KEY,
    PROMPT,
    REPLY,
    REVIEW_PROMPT,
    REVIEW_REPLY,
    Giver,
    RealBackend,
    files_of,
    forged_click,
    real_backend,
)
from tests.bot_community.test_with_backend import write_prompt

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[RealBackend]:
    async with real_backend(tmp_path, goal_tree_size=3, max_tree_depth=1) as backend:
        yield backend


@pytest.fixture
async def client(backend: RealBackend) -> AsyncIterator[OasstApiClient]:
    async with OasstApiClient(backend.url, KEY) as client:
        yield client


async def history_of(person: Actor) -> MessageView:
    """Open /me and turn to the list."""
    answer = (await person.command("me")).message
    assert answer is not None
    await answer.click("My texts")
    await person.until(lambda: "Your texts" in answer.text, what="the list")
    return answer


def entry(panel: MessageView, words: str) -> str:
    """Give what the list says of the text with these words."""
    return next(part for part in panel.text.split("\n\n") if words in part)


async def look_at(person: Actor, panel: MessageView, words: str) -> None:
    """Choose a text from the list and wait until it is shown alone."""
    await panel.choose("Look at one", [words])
    await person.until(lambda: "Back to the list" in panel.buttons, what="the text alone")


async def test_what_became_of_each_text_is_told(sandbox: Sandbox, client: OasstApiClient) -> None:
    alice = sandbox.guild.add_member("Alice")
    me, bob, cat = (Giver(client, who) for who in (alice, "bob", "cat"))
    await bob.write(PROMPT, "Why is the sky blue?")
    await cat.review(REVIEW_PROMPT)
    await me.write(REPLY, "Air scatters blue light most.")
    await bob.write(REPLY, "It just is.")
    for _ in range(2):
        await cat.review(REVIEW_REPLY)
    await cat.rank("It just is.")
    await me.write(PROMPT, "Buy my hat now!")
    await cat.review(REVIEW_PROMPT, spam=1, quality=0.25, pii=1)
    gone = await me.write(PROMPT, "Who wrote the first book?")
    await client.withdraw_message(me.user, gone)
    moderated = await me.write(PROMPT, "How do trees talk?")
    await client.delete_message(moderated)
    await me.write(PROMPT, "Do fish sleep at night?")
    panel = await history_of(alice)
    assert "**Reply as the assistant** · English" in entry(panel, "Air scatters")
    assert "Ranked number 2 of 2" in entry(panel, "Air scatters")
    refused = entry(panel, "Buy my hat")
    assert "Not accepted." in refused
    assert "Spam: all reviewers" in refused
    assert "Personal details: all reviewers" in refused
    assert "Quality: 2 of 5" in refused
    assert "Deleted by yourself" in entry(panel, "first book")
    assert "Deleted by a moderator" in entry(panel, "trees talk")
    waiting = entry(panel, "Do fish sleep")
    assert "**First message** · English" in waiting
    assert "Waiting: 0 of 1 reviews" in waiting
    assert (
        panel.text.index("Do fish sleep") < panel.text.index("Buy my hat") < panel.text.index("Air scatters")
    )


async def test_the_list_is_turned_page_by_page_and_a_text_leads_back_to_its_page(
    sandbox: Sandbox, client: OasstApiClient, start_bot: Callable[[], Awaitable[BotApp]], bot: BotApp
) -> None:
    alice = sandbox.guild.add_member("Alice")
    me = Giver(client, alice)
    for number in range(12):
        await me.write(PROMPT, f"Question {number:02}: {uuid4()} {uuid4()}")
    panel = await history_of(alice)

    def shown() -> list[int]:
        return [int(part[9:11]) for part in panel.text.split("> ")[1:] if part.startswith("Question")]

    assert shown() == [11, 10, 9, 8, 7]
    assert "Newer" not in " ".join(panel.buttons)
    await panel.click("Older")
    await alice.until(lambda: shown() == [6, 5, 4, 3, 2], what="the second page")
    # The way on is in the buttons, so that no restart takes it.
    await bot.close()
    await start_bot()
    await panel.click("Older")
    await alice.until(lambda: shown() == [1, 0], what="the last page")
    assert "Older" not in " ".join(panel.buttons)
    await panel.click("◀ Newer")
    await alice.until(lambda: shown() == [6, 5, 4, 3, 2], what="the second page again")
    await look_at(alice, panel, "Question 04")
    await panel.click("Back to the list")
    await alice.until(lambda: shown() == [6, 5, 4, 3, 2], what="the page it was on")
    await panel.click("◀ Newer")
    await alice.until(lambda: shown() == [11, 10, 9, 8, 7], what="the first page")
    await panel.click("My points")
    await alice.until(lambda: "How your points came about" in panel.text, what="the points")


async def test_what_is_on_its_way_stands_on_top(
    sandbox: Sandbox, client: OasstApiClient, bot: BotApp, backend: RealBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await write_prompt(alice, "Do fish sleep at night?")
    store = bot.services.store
    (session,) = await store.database.fetch_all("SELECT code, task_id FROM sessions")
    text = TextReplyToMessage(
        user=Giver(client, alice).user,
        message_id="1",
        user_message_id="2",
        text="Why do cats purr? *asks* @everyone",
    )
    now = bot.clock.now()
    async with store.database.transaction():
        entry_id = await store.outbox.add_answer(session["code"], UUID(session["task_id"]), text, now)
        hour = now + timedelta(hours=1)
        await store.outbox.postpone(entry_id, hour, error_code=0, error_message="TransportError")
    panel = await history_of(alice)
    assert "On its way" in entry(panel, "Why do cats purr")
    assert not panel.pings_everyone
    assert "Waiting: 0 of 1 reviews" in entry(panel, "Do fish sleep")
    assert panel.text.index("Why do cats") < panel.text.index("Do fish sleep")
    # It is there all the more while the backend is away.
    await backend.close()
    answer = (await alice.command("me")).message
    assert answer is not None
    assert "cannot be reached" in answer.text
    await answer.click("My texts")
    await alice.until(lambda: "On its way" in answer.text, what="what the bot has kept")
    assert "cannot be reached" in answer.text
    assert "Do fish sleep" not in answer.text
    await backend.start()
    await answer.click("Try again")
    await alice.until(lambda: "Do fish sleep" in answer.text, what="the list")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 2000,
        "\U0001f41d" * 2000,
        "שלום עולם " * 100,
        "**bold** [masked](https://evil.example) ||hidden|| @everyone <@1>\n> quote\n```py\nopen(",
        "\u202eevil\u202c \u200b\u2066 turned",
        "a\n" * 999 + "b",
        "zalgo " + "e" + "\u0301" * 1500,
    ],
    ids=["long", "wide", "right to left", "markdown", "turned around", "many lines", "piled up"],
)
async def test_a_text_of_any_kind_is_listed_and_shown_whole(
    sandbox: Sandbox, client: OasstApiClient, text: str
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await Giver(client, alice).write(PROMPT, text)
    panel = await history_of(alice)
    assert "Waiting: 0 of 1 reviews" in panel.text
    assert not panel.pings_everyone
    assert panel.pings == []
    (listed,) = panel.selects[0].options
    await look_at(alice, panel, listed[1])
    assert not panel.pings_everyone
    # A masked link shows its target.
    assert "[masked](http" not in panel.text.replace("\\[masked](http", "")
    files = await files_of(panel)
    if files:
        assert files == {"text.txt": text.strip()}
    else:
        assert text.strip() in panel.text
    await panel.click("Back to the list")
    await alice.until(lambda: panel.selects, what="the list")
    assert panel.attachments == []


async def test_nobody_sees_what_others_wrote_whatever_a_control_says(
    sandbox: Sandbox, client: OasstApiClient, bot: BotApp
) -> None:
    alice, eve = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Eve")
    theirs = await Giver(client, alice).write(PROMPT, "Why is the sky blue?")
    await Giver(client, eve).write(PROMPT, "Do fish sleep at night?")
    for action in ("one", "withdraw", "withdraw_now", "save", "discard"):
        answer = await forged_click(sandbox, bot, eve, f"me:1:{action}:{theirs}")
        assert "not among your texts" in answer.text
        assert "sky" not in answer.text
    assert "cannot be opened from here" in (await forged_click(sandbox, bot, eve, f"me:1:edit:{theirs}")).text
    assert not (await client.fetch_message(theirs)).deleted
    for cursor in ("after:nonsense", "before:x$y", f"after:{theirs}$2999-01-01"):
        answer = await forged_click(sandbox, bot, eve, f"me:1:page:{cursor}")
        assert "Do fish sleep" in answer.text
        assert "sky" not in answer.text


@pytest.mark.parametrize("forged", ["me:1:page", "me:1:one:abc", "me:1:fly", "me:1:overview:1", "me:1:look:"])
async def test_an_id_that_means_nothing_is_said_to_have_expired(
    sandbox: Sandbox, bot: BotApp, forged: str
) -> None:
    alice = sandbox.guild.add_member("Alice")
    answer = await forged_click(sandbox, bot, alice, forged)
    assert "has expired" in answer.text
