"""The welcome after a first acceptance and /languages, as people see them."""

from collections.abc import Awaitable, Callable

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from bot.languages import TAGS
from bot.sessions.terms import TERMS_VERSION
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot_community.small_backend import SmallBackend

pytestmark = pytest.mark.usefixtures("bot")

FIRST, MORE = "Languages you can work in", "More languages"


async def welcome(person: Actor, **wish: str) -> MessageView:
    """Ask for a task and accept the terms; give the panel that welcomes."""
    panel = (await person.command("task", None, wish)).message
    assert panel is not None
    await panel.click(panel.buttons[0])
    return panel


def marked(panel: MessageView) -> list[str]:
    """Give what is chosen in the menus of a panel, by its values in the payload that was sent."""
    return [
        choice["value"]
        for line in panel.raw.components
        for part in line["components"]
        for choice in part.get("options", ())
        if choice.get("default")
    ]


def listed(panel: MessageView) -> list[str]:
    return [label for menu in panel.selects for label, _ in menu.options]


async def test_the_language_of_ones_discord_is_chosen_already(alice: Actor, bot: BotApp) -> None:
    panel = await welcome(alice)
    assert panel.ephemeral
    assert "Welcome, Alice!" in panel.text
    assert marked(panel) == ["en"]
    assert panel.buttons == ["Show me how", "Straight to my task"]
    await panel.click("Straight to my task")
    assert await bot.services.store.people.languages(alice.id) == ["en"]
    assert await bot.services.store.people.was_welcomed(alice.id)


async def test_several_languages_and_the_task_comes_in_one_of_them(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    panel = await welcome(alice)
    await panel.choose(FIRST, ["French", "German"])
    assert marked(panel) == ["fr", "de"]
    assert "Chosen: French, German" in panel.text.replace("*", "")
    await panel.click("Straight to my task")
    await alice.until(alice.threads, what="the thread")
    assert await bot.services.store.people.languages(alice.id) == ["fr", "de"]
    assert [wish["lang"] for wish in backend.asked] == ["fr"]


async def test_a_language_that_was_named_is_chosen_and_stays_that_of_the_task(
    alice: Actor, backend: SmallBackend
) -> None:
    panel = await welcome(alice, language="de")
    assert sorted(marked(panel)) == ["de", "en"]
    await panel.choose(FIRST, ["French"])
    await panel.click("Straight to my task")
    await alice.until(lambda: backend.asked, what="the request")
    assert [wish["lang"] for wish in backend.asked] == ["de"]


async def test_all_languages_are_there_and_none_stands_twice(alice: Actor) -> None:
    panel = await welcome(alice)
    assert sorted(panel_values(panel)) == sorted(TAGS)
    assert [menu.placeholder for menu in panel.selects] == [FIRST, MORE]


def panel_values(panel: MessageView) -> list[str]:
    return [
        choice["value"]
        for line in panel.raw.components
        for part in line["components"]
        for choice in part.get("options", ())
    ]


async def test_a_choice_in_one_menu_leaves_the_other_alone(alice: Actor, bot: BotApp) -> None:
    panel = await welcome(alice)
    await panel.choose(MORE, ["Turkish"])
    await panel.choose(FIRST, ["English", "Greek"])
    assert sorted(marked(panel)) == ["el", "en", "tr"]
    await panel.choose(MORE, [])
    assert await bot.services.store.people.languages(alice.id) == ["en", "el"]


async def test_the_servers_languages_stand_first(alice: Actor, bot: BotApp, sandbox: Sandbox) -> None:
    await bot.services.store.guilds.replace(
        int(sandbox.guild.id),
        {GuildSetting.languages: ("uk-UA", "tr")},
        changed_by=1,
        interaction_id=1,
        now=bot.clock.now(),
    )
    panel = await welcome(alice)
    assert panel_values(panel)[:3] == ["uk-UA", "tr", "en"]


async def test_at_least_one_language_stays(alice: Actor, bot: BotApp) -> None:
    panel = await welcome(alice)
    await panel.choose(FIRST, ["Greek"])
    await panel.choose(FIRST, [])
    assert "at least one language" in panel.text
    assert await bot.services.store.people.languages(alice.id) == ["el"]
    assert marked(panel) == ["el"]


async def test_the_welcome_goes_on_after_a_restart(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.shows_prompt()
    panel = await welcome(alice, type="assistant_reply")
    await panel.choose(FIRST, ["German"])
    await bot.close()
    await start_bot()
    await panel.click("Straight to my task")
    await alice.until(alice.threads, what="the thread")
    assert [(wish["type"], wish["lang"]) for wish in backend.asked] == [("assistant_reply", "de")]


async def test_who_accepts_twice_before_going_on_is_welcomed_once(
    alice: Actor, backend: SmallBackend
) -> None:
    panels = [(await alice.command("task")).message for _ in range(2)]
    for panel in panels:
        assert panel is not None
        await panel.click("I accept")
        assert "Straight to my task" in panel.buttons
    assert panels[0] is not None
    await panels[0].click("Straight to my task")
    await alice.until(lambda: backend.asked, what="the request")
    assert len(backend.terms) == 1


async def test_nobody_gets_past_the_terms_by_the_welcomes_buttons(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    panel = await welcome(alice)
    await bot.services.store.database.execute("DELETE FROM terms_ledger")
    await panel.click("Straight to my task")
    await alice.until(lambda: "I accept" in panel.buttons, what="the terms")
    assert backend.asked == []


@pytest.mark.parametrize(
    "custom_id", ["welcome:1:go:", "welcome:1:go:label:x", "welcome:1:fly:task:random:en", "welcome:2:x"]
)
async def test_a_forged_button_does_nothing(
    alice: Actor, bot: BotApp, custom_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.community.welcome._id", lambda action, _: f"{custom_id}{action == 'go' or ''}")
    panel = await welcome(alice)
    answer = await panel.click("Straight to my task")
    assert "expired" in answer.text
    assert not await bot.services.store.people.was_welcomed(alice.id)


async def test_a_name_does_nothing(sandbox: Sandbox) -> None:
    mallory = sandbox.guild.add_member("**@everyone** [x](https://e.vil)")
    panel = await welcome(mallory)
    assert r"\*\*\@everyone\*\* \[x\]" in panel.text
    assert not panel.pings_everyone


async def test_the_welcome_speaks_german(sandbox: Sandbox, backend: SmallBackend) -> None:
    heidi = sandbox.guild.add_member("Heidi", locale="de")
    panel = await welcome(heidi)
    assert "Willkommen, Heidi!" in panel.text
    assert marked(panel) == ["de"]
    await panel.click("Gleich zu meiner Aufgabe")
    await heidi.until(lambda: backend.asked, what="the request")
    assert [wish["lang"] for wish in backend.asked] == ["de"]


# ---- /languages


async def test_languages_are_seen_and_changed_later(alice: Actor, bot: BotApp, backend: SmallBackend) -> None:
    people = bot.services.store.people
    await people.record_terms(
        alice.id, version=TERMS_VERSION, locale="en-US", interaction_id=1, now=bot.clock.now()
    )
    panel = (await alice.command("languages")).message
    assert panel is not None
    assert panel.ephemeral
    assert "have not chosen any yet" in panel.text
    await panel.choose(MORE, ["Turkish"])
    assert "Saved." in panel.text
    assert "Tasks come in Turkish" in panel.text.replace("*", "")
    await alice.command("task")
    assert [wish["lang"] for wish in backend.asked] == ["tr"]
    again = (await alice.command("languages")).message
    assert again is not None
    assert marked(again) == ["tr"]
    await again.choose(MORE, [])
    assert "at least one language" in again.text
    assert await people.languages(alice.id) == ["tr"]


async def test_two_people_choose_each_for_themselves(alice: Actor, bot: BotApp, sandbox: Sandbox) -> None:
    bob = sandbox.guild.add_member("Bob")
    panels = [(await person.command("languages")).message for person in (alice, bob)]
    for panel, language in zip(panels, ("Greek", "French"), strict=True):
        assert panel is not None
        await panel.choose(FIRST, [language])
    people = bot.services.store.people
    assert [await people.languages(one.id) for one in (alice, bob)] == [["el"], ["fr"]]
