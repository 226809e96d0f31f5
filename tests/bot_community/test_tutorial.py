"""The tutorial, as people see it: examples, small questions, and a task in the end."""

from collections.abc import Awaitable, Callable

import pytest

from bot.app import BotApp
from bot.community.tutorial import STEPS, TutorialId, parse_tutorial_id
from bot.sessions.terms import TERMS_VERSION
from bot.texts import texts_for
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot_community.small_backend import SmallBackend

pytestmark = pytest.mark.usefixtures("bot")


async def tutorial(person: Actor) -> MessageView:
    panel = (await person.command("tutorial")).message
    assert panel is not None
    assert panel.ephemeral
    return panel


async def to_the_end(panel: MessageView) -> None:
    for number in range(1, len(STEPS) + 1):
        assert f"Step {number} of {len(STEPS)}" in panel.text
        if number < len(STEPS):
            await panel.click("Next")


async def test_it_leads_through_all_kinds_and_back(alice: Actor) -> None:
    panel = await tutorial(alice)
    titles = []
    for _ in STEPS[1:]:
        titles.append(panel.embeds[0]["title"])
        await panel.click("Next")
    titles.append(panel.embeds[0]["title"])
    assert titles == [texts_for("en")(f"tutorial.title.{step.value}") for step in STEPS]
    assert panel.buttons == ["Back", "Get my task"]
    for _ in STEPS[1:]:
        await panel.click("Back")
    assert panel.embeds[0]["title"] == titles[0]
    assert panel.buttons == ["Next"]


async def test_an_answer_is_judged_at_once_and_can_be_mended(alice: Actor) -> None:
    panel = await tutorial(alice)
    while "Yes, spam" not in panel.buttons:
        await panel.click("Next")
    await panel.click("Yes, spam")
    assert "Look again" in panel.text
    assert "not spam" in panel.text.replace("*", "")
    await panel.click("No, not spam")
    assert "Right" in panel.text
    assert "Look again" not in panel.text
    assert panel.buttons == ["Yes, spam", "No, not spam", "Back", "Next"]


async def test_it_ends_in_a_task(alice: Actor, backend: SmallBackend, bot: BotApp) -> None:
    backend.shows_prompt()
    await bot.services.store.people.record_terms(
        alice.id, version=TERMS_VERSION, locale="en-US", interaction_id=1, now=bot.clock.now()
    )
    panel = await tutorial(alice)
    await to_the_end(panel)
    await panel.click("Get my task")
    thread = (await alice.until(alice.threads, what="the thread"))[0]
    await alice.until(lambda: f"<#{thread.id}>" in panel.text, what="the way to the task")
    assert [wish["type"] for wish in backend.asked] == ["random"]


async def test_who_has_not_accepted_the_terms_gets_them_before_the_task(
    alice: Actor, backend: SmallBackend
) -> None:
    panel = await tutorial(alice)
    await to_the_end(panel)
    await panel.click("Get my task")
    await alice.until(lambda: "I accept" in panel.buttons, what="the terms")
    assert backend.asked == []


async def test_from_the_welcome_it_ends_in_the_task_that_was_asked_for_over_a_restart(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.shows_prompt()
    panel = (await alice.command("task", type="assistant_reply", language="de")).message
    assert panel is not None
    await panel.click("I accept")
    await panel.click("Show me how")
    await panel.click("Next")
    await panel.click("The second")
    await bot.close()
    await start_bot()
    while "Next" in panel.buttons:
        await panel.click("Next")
    await panel.click("Get my task")
    await alice.until(alice.threads, what="the thread")
    assert [(wish["type"], wish["lang"]) for wish in backend.asked] == [("assistant_reply", "de")]


async def test_from_the_label_menu_it_ends_in_the_labels(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    backend.shows_prompt()
    await bot.services.store.people.record_terms(
        alice.id, version=TERMS_VERSION, locale="en-US", interaction_id=1, now=bot.clock.now()
    )
    await alice.command("task")
    thread = (await alice.until(alice.threads, what="the thread"))[0]
    posts = await alice.until(
        lambda: [one for one in alice.messages(thread) if "bees" in one.text], what="the task"
    )
    owner = sandbox.guild.owner
    seen = owner.view(posts[0].raw)
    assert seen is not None
    panel = (await owner.context_menu("Label", seen)).message
    assert panel is not None
    await panel.click("I accept")
    await panel.click("Show me how")
    while "Next" in panel.buttons:
        await panel.click("Next")
    await panel.click("Go on with what I wanted")
    await owner.until(lambda: "Spam: yes" in panel.buttons, what="the label panel")


@pytest.mark.parametrize(
    "custom_id",
    [
        "tutorial:1:show:nowhere::",
        "tutorial:1:answer:write:third:",
        "tutorial:1:answer:start:first:",
        "tutorial:1:answer:write::",
        "tutorial:1:show:write:first:",
        "tutorial:1:task:report::task:fly:en",
        "tutorial:1:show",
        "tutorial:1:",
    ],
)
async def test_a_forged_button_does_nothing(
    alice: Actor, custom_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parse_tutorial_id(custom_id) is None
    monkeypatch.setattr(TutorialId, "__str__", lambda _: custom_id)
    panel = await tutorial(alice)
    await panel.click("Next")
    assert "expired" in panel.text
