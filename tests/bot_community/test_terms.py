"""The terms before a first task, as people see them."""

from collections.abc import Awaitable, Callable

import pytest

from bot.app import BotApp
from bot.sessions.terms import TERMS_VERSION
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot_community.conftest import terms_ledger
from tests.bot_community.small_backend import SmallBackend

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def alice(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Alice")


async def asked_for_terms(person: Actor, kind: str | None = None, language: str | None = None) -> MessageView:
    answer = await person.command("task", type=kind, language=language)
    assert answer.message is not None
    assert answer.message.ephemeral
    assert answer.message.buttons == ["I accept", "Not now"]
    return answer.message


async def accept(person: Actor, panel: MessageView) -> None:
    await panel.click("I accept")
    await person.until(lambda: "I accept" not in panel.buttons, what="the terms are accepted")


async def test_accepting_goes_straight_on_to_the_wanted_task(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    panel = await asked_for_terms(alice, "assistant_reply", "German")
    assert "public dataset" in panel.text
    assert alice.threads() == []
    await accept(alice, panel)
    thread = (await alice.until(alice.threads, what="the thread"))[0]
    await alice.until(lambda: f"<#{thread.id}>" in panel.text, what="the way to the task")
    await alice.until(
        lambda: any("bees" in message.text for message in alice.messages(thread)), what="the task"
    )
    assert [(wish["type"], wish["lang"]) for wish in backend.asked] == [("assistant_reply", "de")]
    assert await bot.services.store.people.language(alice.id) == "de"


async def test_accepting_chooses_no_language_for_who_named_none(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    await accept(alice, await asked_for_terms(alice, "assistant_reply"))
    await alice.until(alice.threads, what="the thread")
    assert [wish["lang"] for wish in backend.asked] == ["en"]
    assert await bot.services.store.people.language(alice.id) is None


async def test_the_ledger_says_who_what_and_with_which_click(alice: Actor, bot: BotApp) -> None:
    database = bot.services.store.database
    panel = await asked_for_terms(alice)
    assert await terms_ledger(database, int(alice.id)) == []
    await accept(alice, panel)
    ((version, locale, interaction_id, _),) = await terms_ledger(database, int(alice.id))
    assert (version, locale) == (TERMS_VERSION, "en-US")
    assert interaction_id > panel.id


async def test_the_terms_are_asked_for_once(alice: Actor) -> None:
    await accept(alice, await asked_for_terms(alice))
    answer = await alice.command("task")
    assert answer.message is not None
    assert "I accept" not in answer.message.buttons


async def test_not_now_stores_nothing_and_asks_again_next_time(alice: Actor, bot: BotApp) -> None:
    panel = await asked_for_terms(alice)
    await panel.click("Not now")
    assert "nothing was stored" in panel.text
    assert panel.buttons == []
    assert await bot.services.store.people.accepted_terms(alice.id) is None
    await asked_for_terms(alice)


async def test_a_panel_from_before_a_restart_still_accepts(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.shows_prompt()
    panel = await asked_for_terms(alice, "assistant_reply")
    await bot.close()
    await start_bot()
    await accept(alice, panel)
    await alice.until(alice.threads, what="the thread")


async def test_terms_that_changed_meanwhile_are_shown_anew(
    alice: Actor, bot: BotApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = await asked_for_terms(alice)
    people = bot.services.store.people
    monkeypatch.setattr("bot.community.terms_desk.TERMS_VERSION", TERMS_VERSION + 1)
    await panel.click("I accept")
    assert "have changed" in panel.text
    assert await people.accepted_terms(alice.id) is None


async def test_who_accepted_an_older_version_is_asked_once_more(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accept(alice, await asked_for_terms(alice))
    monkeypatch.setattr("bot.sessions.terms.TERMS_VERSION", TERMS_VERSION + 1)
    await asked_for_terms(alice)
