"""Clicks on a text that is given with the menu "Contribute" while an earlier click still takes effect."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, Call, MessageView, Sandbox
from tests.bot.conftest import Backend, task
from tests.bot.contributing import TEXT, contribute, private
from tests.writes import writes_in


@pytest.fixture
async def panel(alice: Actor, bot: BotApp, sandbox: Sandbox) -> MessageView:
    """Let Alice, who works in two languages, give a text; gives the question in which of them it is."""
    await bot.services.store.people.set_languages(alice.id, ["en", "de"], now=bot.clock.now())
    return await contribute(alice, sandbox)


async def test_who_cancels_twice_still_sees_the_text_that_was_given_back(
    alice: Actor, bot: BotApp, sandbox: Sandbox, panel: MessageView, tmp_path: Path
) -> None:
    async def first_is_through(_: Call) -> None:
        async with aclosing(writes_in(tmp_path)) as writes:
            while await bot.services.store.contributions.get(1) is not None:
                await anext(writes)

    sandbox.faults.before("POST /interactions/{}/{}/callback", first_is_through, skip=1, times=1)
    await asyncio.gather(panel.click("Cancel"), panel.click("Cancel"))
    await alice.until(lambda: "has expired" in private(alice), what="the answer to the second click")
    assert "All right" in panel.text
    assert TEXT in panel.text


async def test_a_text_that_was_taken_back_is_not_handed_in_by_a_later_choice(
    alice: Actor, backend: Backend, sandbox: Sandbox, panel: MessageView
) -> None:
    backend.tasks.append(task("initial_prompt"))

    async def choose(_: Call) -> None:
        await panel.choose("Choose the language", "German")
        await alice.until(lambda: backend.answers or "has expired" in private(alice), what="what comes of it")

    sandbox.faults.before("PATCH /webhooks/{}/{}/messages/{}", choose, times=1)
    await panel.click("Cancel")
    await alice.until(lambda: "All right" in panel.text, what="the text")
    assert TEXT in panel.text
    assert backend.answers == backend.asked == []
