"""Another wording of one's own text, and withdrawing it: nothing that was typed is lost, nobody is fooled."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, ModalView, Sandbox
from oasst_client import OasstApiClient
from tests.bot_community.givers import (
    KEY,
    PROMPT,
    REPLY,
    REVIEW_PROMPT,
    Giver,
    RealBackend,
    files_of,
    real_backend,
)
from tests.bot_community.test_me_history import history_of, look_at
from tests.bot_community.test_with_backend import task_thread, with_button

pytestmark = pytest.mark.usefixtures("bot")

TEXT = "Why is teh sky blue?"
NEW = "Why is the sky blue?"


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[RealBackend]:
    async with real_backend(tmp_path, num_reviews_initial_prompt=2) as backend:
        yield backend


@pytest.fixture
async def client(backend: RealBackend) -> AsyncIterator[OasstApiClient]:
    async with OasstApiClient(backend.url, KEY) as client:
        yield client


@pytest.fixture
async def written(client: OasstApiClient, alice: Actor) -> UUID:
    """Alice's text, which nobody has worked with."""
    return await Giver(client, alice).write(PROMPT, TEXT)


async def opened(person: Actor, words: str = TEXT) -> MessageView:
    """Open one text from the list."""
    panel = await history_of(person)
    await look_at(person, panel, words)
    return panel


async def form(panel: MessageView) -> ModalView:
    modal = (await panel.click("Edit")).modal
    assert modal is not None
    return modal


async def says(person: Actor, panel: MessageView, words: str) -> None:
    await person.until(lambda: words in panel.text, what=words)


async def text_of(client: OasstApiClient, message_id: UUID) -> str:
    return (await client.fetch_message(message_id)).text


async def test_a_text_is_changed_in_a_form_that_is_filled_with_it(
    client: OasstApiClient, alice: Actor, written: UUID
) -> None:
    panel = await opened(alice)
    assert "you can still change or withdraw it" in panel.text
    modal = await form(panel)
    assert modal.inputs == {"Your text": TEXT}
    await modal.submit({"Your text": NEW})
    await says(alice, panel, "Saved.")
    assert NEW in panel.text
    assert TEXT not in panel.text
    assert await text_of(client, written) == NEW
    # And again, from what it says now.
    assert (await form(panel)).inputs == {"Your text": NEW}


async def test_the_form_opens_after_a_restart_and_without_a_backend(
    alice: Actor,
    written: UUID,
    client: OasstApiClient,
    bot: BotApp,
    start_bot: Callable[[], Awaitable[BotApp]],
    backend: RealBackend,
) -> None:
    panel = await opened(alice)
    await bot.close()
    await start_bot()
    await backend.close()
    modal = await form(panel)
    assert modal.inputs == {"Your text": TEXT}
    await backend.start()
    await modal.submit({"Your text": NEW})
    await says(alice, panel, "Saved.")
    assert await text_of(client, written) == NEW


async def test_without_a_backend_the_wording_is_kept_over_a_restart_and_saved_then(
    alice: Actor,
    written: UUID,
    client: OasstApiClient,
    bot: BotApp,
    start_bot: Callable[[], Awaitable[BotApp]],
    backend: RealBackend,
) -> None:
    panel = await opened(alice)
    modal = await form(panel)
    await backend.close()
    await modal.submit({"Your text": NEW})
    await says(alice, panel, "Not saved yet")
    assert NEW in panel.text
    assert (await form(panel)).inputs == {"Your text": NEW}
    await panel.click("Save the new wording")
    await says(alice, panel, "Not saved yet")
    await panel.click("Back to the list")
    await says(alice, panel, "A new wording is not saved yet")
    await look_at(alice, panel, NEW)
    assert "Your new wording, not saved yet" in panel.text
    await bot.close()
    await backend.start()
    await start_bot()
    listed = await history_of(alice)
    assert f"A new wording is not saved yet: {NEW}" in listed.text
    await look_at(alice, listed, TEXT)
    assert "Your new wording, not saved yet" in listed.text
    await listed.click("Save the new wording")
    await says(alice, listed, "Saved.")
    assert await text_of(client, written) == NEW
    assert "not saved yet" not in (await history_of(alice)).text


async def test_a_wording_that_is_not_saved_can_be_forgotten(
    alice: Actor, written: UUID, client: OasstApiClient, backend: RealBackend
) -> None:
    panel = await opened(alice)
    modal = await form(panel)
    await backend.close()
    await modal.submit({"Your text": NEW})
    await says(alice, panel, "Not saved yet")
    await backend.start()
    await panel.click("Forget the new wording")
    await says(alice, panel, "reads as before")
    assert (await form(panel)).inputs == {"Your text": TEXT}
    assert await text_of(client, written) == TEXT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Do the fish in the deep sea ever sleep?", "You sent the same text a short while ago"),
        ("\u200b \n", "nothing to read"),
    ],
)
async def test_what_the_backend_does_not_take_is_said_and_kept(
    alice: Actor, written: UUID, client: OasstApiClient, text: str, words: str
) -> None:
    await Giver(client, alice).write(PROMPT, "Do the fish in the deep sea ever sleep?")
    panel = await opened(alice)
    await (await form(panel)).submit({"Your text": text})
    await says(alice, panel, words)
    assert await text_of(client, written) == TEXT
    await (await form(panel)).submit({"Your text": NEW})
    await says(alice, panel, "Saved.")


async def test_a_wording_for_a_text_that_was_reviewed_meanwhile_is_given_back(
    sandbox: Sandbox, alice: Actor, written: UUID, client: OasstApiClient
) -> None:
    panel = await opened(alice)
    modal = await form(panel)
    await Giver(client, "bob").review(REVIEW_PROMPT)
    await modal.submit({"Your text": NEW})
    channel = sandbox.guild.channel("general")
    back = await alice.until(
        lambda: [one for one in alice.messages(channel) if "can no longer be changed" in one.text],
        what="the wording given back",
    )
    assert NEW in back[0].text
    assert back[0].ephemeral
    await says(alice, panel, "its wording stays")
    assert "Edit" not in panel.buttons
    assert await text_of(client, written) == TEXT
    assert NEW not in (await history_of(alice)).text


async def test_a_review_in_hand_is_answered_with_what_happened(
    sandbox: Sandbox, alice: Actor, written: UUID, client: OasstApiClient
) -> None:
    bob = sandbox.guild.add_member("Bob")
    thread = await task_thread(bob, "label_initial_prompt")
    (controls,) = await bob.until(lambda: with_button(bob, thread, "Send"), what="the labels")
    panel = await opened(alice)
    await (await form(panel)).submit({"Your text": "Buy my hat!"})
    await says(alice, panel, "Saved.")
    await controls.click(next(label for label in controls.buttons if label.endswith(": no") or label == "No"))
    await bob.until(lambda: "Send" in controls.buttons, what="the answer")
    await controls.click("Send")
    await says(bob, controls, "The text has changed since you got the task")
    assert (await client.fetch_contribution(Giver(client, alice).user, written)).reviews == 0


async def test_two_forms_at_once_save_one_after_the_other(
    alice: Actor, written: UUID, client: OasstApiClient
) -> None:
    panel = await opened(alice)
    first, second = await form(panel), await form(panel)
    await asyncio.gather(
        first.submit({"Your text": NEW}), second.submit({"Your text": "Who painted the sky?"})
    )
    await says(alice, panel, "Saved.")
    assert await text_of(client, written) in {NEW, "Who painted the sky?"}
    again = await opened(alice, "Who painted" if await text_of(client, written) != NEW else NEW)
    assert await text_of(client, written) in again.text


async def test_a_text_is_withdrawn_after_one_more_question(
    alice: Actor, written: UUID, client: OasstApiClient
) -> None:
    panel = await opened(alice)
    await panel.click("Withdraw")
    await says(alice, panel, "Really withdraw it?")
    await panel.click("Keep it")
    await says(alice, panel, "you can still change or withdraw it")
    assert not (await client.fetch_message(written)).deleted
    await panel.click("Withdraw")
    await says(alice, panel, "Really withdraw it?")
    await asyncio.gather(panel.click("Yes, withdraw it"), panel.click("Yes, withdraw it"))
    await says(alice, panel, "Deleted by yourself")
    assert panel.buttons == ["Back to the list"]
    assert (await client.fetch_message(written)).deleted


async def test_what_others_replied_to_meanwhile_is_not_withdrawn(
    alice: Actor, written: UUID, client: OasstApiClient
) -> None:
    bob, cat = Giver(client, "bob"), Giver(client, "cat")
    panel = await opened(alice)
    await panel.click("Withdraw")
    await says(alice, panel, "Really withdraw it?")
    await bob.review(REVIEW_PROMPT)
    await cat.review(REVIEW_PROMPT)
    await bob.write(REPLY, "Because.")
    await panel.click("Yes, withdraw it")
    await says(alice, panel, "somebody has replied to it meanwhile")
    assert panel.buttons == ["Back to the list"]
    assert not (await client.fetch_message(written)).deleted


async def test_without_a_backend_nothing_is_withdrawn_and_it_is_asked_anew(
    alice: Actor, written: UUID, client: OasstApiClient, backend: RealBackend
) -> None:
    panel = await opened(alice)
    await panel.click("Withdraw")
    await says(alice, panel, "Really withdraw it?")
    await backend.close()
    await panel.click("Yes, withdraw it")
    await says(alice, panel, "could not be withdrawn right now")
    await backend.start()
    await panel.click("Try again")
    await says(alice, panel, "Really withdraw it?")
    assert not (await client.fetch_message(written)).deleted


async def test_a_long_wording_beside_a_long_text_is_shown_by_its_beginning_and_as_files(
    alice: Actor, client: OasstApiClient, backend: RealBackend
) -> None:
    long, longer = "\U0001f41d" * 1999, "\U0001f41e" * 1999
    await Giver(client, alice).write(PROMPT, long)
    panel = await opened(alice, "\U0001f41d")
    modal = await form(panel)
    await backend.close()
    await modal.submit({"Your text": longer})
    await says(alice, panel, "Not saved yet")
    await backend.start()
    listed = await history_of(alice)
    await look_at(alice, listed, "\U0001f41d")
    assert await files_of(listed) == {"text.txt": long, "new.txt": longer}
