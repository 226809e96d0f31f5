"""The project's own backend takes nothing of people who have not accepted its terms."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import BotApp
from bot.sessions.terms import TERMS_VERSION
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from tests.made_databases import backend_database
from tests.meeting import welcomed

TEXT = "How do bees find home?"


@pytest.fixture
async def backend(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[BackendServer]:
    """A backend that demands terms: of the version that a test names, else of the bot's."""
    settings = BackendSettings(
        _env_file=None,
        backend_database_url=backend_database(tmp_path / "backend.db"),
        backend_port=0,
        backend_api_keys=["key"],
        backend_require_terms=True,
        backend_terms_version=getattr(request, "param", str(TERMS_VERSION)),
        tree_manager={"preset": "small"},
    )
    server = await asyncio.to_thread(BackendServer(settings).start)
    yield server
    await asyncio.to_thread(server.close)


@pytest.fixture
def alice(bot: BotApp, sandbox: Sandbox) -> Actor:
    assert bot.services.settings.oasst_api_key
    return sandbox.guild.add_member("Alice")


def controls(person: Actor, label: str) -> MessageView | None:
    found = [one for thread in person.threads() for one in person.messages(thread) if label in one.buttons]
    return found[-1] if found else None


async def write(person: Actor) -> None:
    """Write a first message, up to the thanks."""
    shown = await person.until(lambda: controls(person, "Write"), what="the task")
    assert shown is not None
    modal = (await shown.click("Write")).modal
    assert modal is not None
    await modal.submit({"Your text": TEXT})
    await person.until(lambda: "Send" in shown.buttons, what="the draft")
    await shown.click("Send")
    await person.until(lambda: "Next task" in shown.buttons, what="the thanks")


async def test_who_has_just_accepted_gets_a_task_and_hands_it_in(alice: Actor) -> None:
    panel = (await alice.command("task", type="initial_prompt")).message
    assert panel is not None
    await welcomed(alice, panel)
    await write(alice)


async def test_who_accepted_before_the_bot_told_anybody_gets_a_task_too(alice: Actor, bot: BotApp) -> None:
    await bot.services.store.people.record_terms(
        alice.id, version=TERMS_VERSION, locale="de", interaction_id=1, now=bot.clock.now()
    )
    await alice.command("task", type="initial_prompt")
    await write(alice)


@pytest.mark.parametrize("backend", ["another"], indirect=True)
async def test_terms_that_the_bot_does_not_show_are_asked_for_at_its_operator(alice: Actor) -> None:
    panel = (await alice.command("task", type="initial_prompt")).message
    assert panel is not None
    await welcomed(alice, panel)
    await alice.until(lambda: "ask the people who run this bot" in panel.text, what="why there is no task")
    assert alice.threads() == []
