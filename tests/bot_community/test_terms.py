"""The terms before a first task, as people see them, and as the backend hears of them."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from loguru import logger

from bot.app import BotApp
from bot.sessions.terms import TERMS_VERSION
from bot.texts import texts_for, use_templates
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_backend.settings import BackendSettings
from tests.bot_community.conftest import terms_ledger
from tests.bot_community.small_backend import SmallBackend
from tests.meeting import welcomed

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), level="INFO")
    yield lines
    logger.remove(sink)


async def asked_for_terms(person: Actor, kind: str | None = None, language: str | None = None) -> MessageView:
    answer = await person.command("task", type=kind, language=language)
    assert answer.message is not None
    assert answer.message.ephemeral
    assert answer.message.buttons == ["I accept", "Not now", "Read all of it"]
    return answer.message


async def test_accepting_goes_on_to_the_wanted_task(alice: Actor, backend: SmallBackend, bot: BotApp) -> None:
    backend.shows_prompt()
    panel = await asked_for_terms(alice, "assistant_reply", "German")
    assert "public dataset" in panel.text
    assert alice.threads() == []
    await welcomed(alice, panel)
    thread = (await alice.until(alice.threads, what="the thread"))[0]
    await alice.until(lambda: f"<#{thread.id}>" in panel.text, what="the way to the task")
    await alice.until(
        lambda: any("bees" in message.text for message in alice.messages(thread)), what="the task"
    )
    assert [(wish["type"], wish["lang"]) for wish in backend.asked] == [("assistant_reply", "de")]
    assert await bot.services.store.people.language(alice.id) == "de"


async def test_the_ledger_says_who_what_and_with_which_click(alice: Actor, bot: BotApp) -> None:
    database = bot.services.store.database
    panel = await asked_for_terms(alice)
    assert await terms_ledger(database, int(alice.id)) == []
    await welcomed(alice, panel)
    ((version, locale, interaction_id, _),) = await terms_ledger(database, int(alice.id))
    assert (version, locale) == (TERMS_VERSION, "en-US")
    assert interaction_id > panel.id


async def test_the_terms_are_asked_for_once(alice: Actor) -> None:
    await welcomed(alice, await asked_for_terms(alice))
    answer = await alice.command("task")
    assert answer.message is not None
    assert "I accept" not in answer.message.buttons


async def test_not_now_stores_nothing_and_asks_again_next_time(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    panel = await asked_for_terms(alice)
    await panel.click("Not now")
    assert "nothing was stored" in panel.text
    assert panel.buttons == []
    assert await bot.services.store.people.accepted_terms(alice.id) is None
    await asked_for_terms(alice)
    assert backend.terms == []


async def test_a_panel_from_before_a_restart_still_accepts(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.shows_prompt()
    panel = await asked_for_terms(alice, "assistant_reply")
    await bot.close()
    await start_bot()
    await welcomed(alice, panel)
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


async def test_a_new_version_asks_again_once_without_another_welcome(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    await welcomed(alice, await asked_for_terms(alice, "assistant_reply"))
    await alice.until(alice.threads, what="the thread")
    # As if what was accepted had been an older version.
    await bot.services.store.database.execute("UPDATE terms_ledger SET version = ?", (TERMS_VERSION - 1,))
    panel = await asked_for_terms(alice)
    await panel.click("I accept")
    await alice.until(lambda: "You have an open task" in panel.text, what="the way to the open task")
    ledger = await terms_ledger(bot.services.store.database, int(alice.id))
    assert [version for version, *_ in ledger] == [TERMS_VERSION - 1, TERMS_VERSION]
    assert "I accept" not in (await alice.command("task")).buttons


async def test_who_accepted_before_there_was_a_welcome_is_welcomed_with_the_next_version_alone(
    alice: Actor, bot: BotApp
) -> None:
    people = bot.services.store.people
    await people.record_terms(
        alice.id, version=TERMS_VERSION, locale="de", interaction_id=1, now=bot.clock.now()
    )
    assert "Show me how" not in (await alice.command("task")).buttons
    await bot.services.store.database.execute("UPDATE terms_ledger SET version = ?", (TERMS_VERSION - 1,))
    await welcomed(alice, await asked_for_terms(alice))
    assert await people.was_welcomed(alice.id)


async def test_the_whole_of_the_terms_is_shown_in_private_over_pages(alice: Actor) -> None:
    panel = await asked_for_terms(alice)
    shown = (await panel.click("Read all of it")).message
    assert shown is not None
    assert shown.ephemeral
    assert "What this is" in shown.text
    assert "Page 1 of 3" in shown.text
    assert shown.buttons == ["Next"]
    await shown.click("Next")
    assert shown.buttons == ["Back", "Next"]
    await shown.click("Next")
    assert "When these terms change" in shown.text
    assert shown.buttons == ["Back"]
    assert panel.buttons == ["I accept", "Not now", "Read all of it"]


async def test_the_whole_of_the_terms_is_a_link_where_the_operator_has_a_page(alice: Actor) -> None:
    use_templates(None, "https://example.org/terms")
    try:
        panel = (await alice.command("task")).message
    finally:
        use_templates(None)
    assert panel is not None
    (link,) = [button for button in panel.all_buttons if button.label == "Read all of it"]
    assert link.url == "https://example.org/terms"


async def test_the_terms_come_in_the_persons_language(sandbox: Sandbox) -> None:
    heidi = sandbox.guild.add_member("Heidi", locale="de")
    panel = (await heidi.command("task")).message
    assert panel is not None
    assert "öffentlichen Datensatz" in panel.text
    shown = (await panel.click("Alles lesen")).message
    assert shown is not None
    assert "Worum es geht" in shown.text


@pytest.mark.parametrize(
    "custom_id",
    [
        "terms:1:accept:1:task:random",
        "terms:1:accept:1:task:random:xx-yy-zz",
        "terms:1:accept:²:task:random:en",
        "terms:1:page:-1",
        "terms:1:page:x",
        "terms:1:whatever",
        "terms:9:accept:1:task:random:en",
    ],
)
async def test_a_forged_button_accepts_nothing(
    alice: Actor, bot: BotApp, custom_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sessions.terms.accept_id", lambda _: custom_id)
    panel = await asked_for_terms(alice)
    answer = await panel.click("I accept")
    assert "expired" in answer.text
    assert await bot.services.store.people.accepted_terms(alice.id) is None


async def test_the_last_page_is_what_a_forged_page_gives(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sessions.terms.FULL_ID", "terms:1:page:999999999999")
    panel = await asked_for_terms(alice)
    await panel.click("Read all of it")
    assert "Page 3 of 3" in panel.text


# ---- What the backend hears


async def test_the_backend_is_told_before_the_task_is_asked_for(alice: Actor, backend: SmallBackend) -> None:
    backend.demands_terms = True
    backend.shows_prompt()
    await welcomed(alice, await asked_for_terms(alice))
    await alice.until(alice.threads, what="the thread")
    (told,) = backend.terms
    assert (told["user"]["id"], told["version"], told["accepted"]) == (
        str(alice.id),
        str(TERMS_VERSION),
        True,
    )


async def test_an_acceptance_reaches_a_backend_that_was_away_also_over_a_restart(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    panel = await asked_for_terms(alice)
    await backend.close()
    await panel.click("I accept")
    await alice.until(lambda: "Straight to my task" in panel.buttons, what="the welcome")
    await bot.close()
    await backend.start()
    again = await start_bot()
    assert await again.services.delivery.drained(alice.id, 10)
    assert [one["user"]["id"] for one in backend.terms] == [str(alice.id)]


async def test_a_backend_that_demands_terms_learns_of_who_accepted_before(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    backend.demands_terms = True
    await bot.services.store.people.record_terms(
        alice.id, version=TERMS_VERSION, locale="de", interaction_id=1, now=bot.clock.now()
    )
    await alice.command("task")
    await alice.until(alice.threads, what="the thread")
    assert [one["version"] for one in backend.terms] == [str(TERMS_VERSION)]


async def test_another_version_in_force_is_named_in_the_log_and_blocks_nobody(
    alice: Actor, backend: SmallBackend, bot: BotApp, log: list[str]
) -> None:
    backend.in_force = "summer"
    backend.shows_prompt()
    await welcomed(alice, await asked_for_terms(alice))
    await alice.until(alice.threads, what="the thread")
    assert await bot.services.delivery.drained(alice.id, 10)
    assert any("The backend refuses terms" in line for line in log)
    assert backend.terms == []


async def test_a_backend_that_insists_on_another_version_refuses_and_the_operator_reads_why(
    alice: Actor, backend: SmallBackend, log: list[str]
) -> None:
    backend.in_force = "summer"
    backend.demands_terms = True
    panel = await asked_for_terms(alice)
    await welcomed(alice, panel)
    await alice.until(lambda: "terms of the dataset" in panel.text, what="why there is no task")
    assert any("does not take that version 1" in line for line in log)


async def test_a_backend_without_the_call_is_told_in_the_protocols_way(
    alice: Actor, backend: SmallBackend
) -> None:
    backend.has_extensions = False
    backend.shows_prompt()
    await welcomed(alice, await asked_for_terms(alice))
    await alice.until(alice.threads, what="the thread")
    assert backend.users is not None
    assert [(one["id"], one["tos_acceptance"]) for one in backend.users] == [(str(alice.id), True)]


@pytest.mark.parametrize("why", ["the key is not trusted", "it keeps no people"])
async def test_a_backend_that_takes_no_terms_blocks_nobody_and_is_not_asked_for_ever(
    alice: Actor, backend: SmallBackend, bot: BotApp, log: list[str], why: str
) -> None:
    backend.has_extensions = False
    backend.is_trusted = False
    if why == "it keeps no people":
        backend.users = None
    backend.shows_prompt()
    await welcomed(alice, await asked_for_terms(alice))
    await alice.until(alice.threads, what="the thread")
    assert await bot.services.delivery.drained(alice.id, 10)
    assert any("The backend refuses terms" in line for line in log)
    assert not any("OASST_API_KEY" in line for line in log)


def test_the_embedded_backend_has_the_bots_version_in_force() -> None:
    assert BackendSettings(_env_file=None).backend_terms_version == str(TERMS_VERSION)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("/privacy", "/data", "thread", "log channel", "board of the week")),
        ("de", ("/datenschutz", "/daten", "Thread", "Protokollkanal", "Rangliste der Woche")),
    ],
)
def test_the_whole_of_the_terms_says_what_counts(locale: str, words: tuple[str, ...]) -> None:
    text = texts_for(locale).template("terms_full.md.j2")
    for said in ("Discord", *words):
        assert said in text
