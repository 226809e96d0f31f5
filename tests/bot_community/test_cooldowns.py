"""Who floods the bot waits, others do not; and nobody is remembered for longer than it takes."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app import BotApp
from bot.community.tutorial import TutorialId
from bot.cooldowns import CLICK_SECONDS, COMMAND_SECONDS, Clicks, Cooldowns
from bot.errors import TooFastError
from bot.settings import BotSettings
from discord_sandbox import Actor, InteractionFailed, MessageView, Sandbox
from tests.bot.conftest import TestClock

pytestmark = pytest.mark.usefixtures("bot")

USES: int = BotSettings.model_fields["cooldown_commands"].default
CLICKS: int = BotSettings.model_fields["cooldown_clicks"].default


@pytest.fixture
def cooldowns() -> dict[str, int]:
    """As they are where nobody sets them."""
    return {}


async def flood(person: Actor, times: int, command: str = "help") -> list[str]:
    """Use a command again and again; give what the answers say."""
    return [(await person.command(command)).text for _ in range(times)]


async def test_ten_uses_are_everybodys_and_the_next_has_to_wait(alice: Actor) -> None:
    assert not any("Please wait" in text for text in await flood(alice, USES))
    answer = (await alice.command("help")).message
    assert answer is not None
    assert answer.ephemeral
    assert "That was a lot at once. Please wait" in answer.text
    seconds = int(answer.text.split("Please wait ")[1].split(" s")[0])
    assert 0 < seconds <= COMMAND_SECONDS


async def test_all_commands_and_menus_count_together(alice: Actor) -> None:
    message = alice.send(alice.channels()[0], "hello")
    for _ in range(USES // 2):
        await alice.command("tutorial")
        await alice.context_menu("Label", message)
    for answer in (await alice.command("languages"), await alice.context_menu("Label", message)):
        assert "Please wait" in answer.text


async def test_others_do_not_wait(alice: Actor, sandbox: Sandbox) -> None:
    await flood(alice, USES + 1)
    assert "Please wait" not in (await flood(sandbox.guild.add_member("Bob"), 1))[0]


async def test_suggestions_and_clicks_are_not_counted(alice: Actor) -> None:
    for typed in ("g", "ge", "ger", "germ", "germa", "german") * 3:
        assert await alice.autocomplete("task", "language", typed)
    panel = (await alice.command("tutorial")).message
    assert panel is not None
    for _ in range(USES):
        await panel.click("Next")
        await panel.click("Back")
    assert not any("Please wait" in text for text in await flood(alice, USES - 1))


async def test_a_refused_use_does_not_prolong_the_wait(alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("lightbulb.prefab.cooldowns.time.perf_counter", lambda: now)
    await flood(alice, USES)
    now += COMMAND_SECONDS - 1
    assert "wait 1 s" in (await flood(alice, 1))[0]
    now += 1
    assert not any("Please wait" in text for text in await flood(alice, USES))


async def test_a_flood_at_once_is_counted_as_one_by_one(alice: Actor) -> None:
    answers = await asyncio.gather(*(alice.command("help") for _ in range(3 * USES)))
    assert sum("Please wait" in one.text for one in answers) == 2 * USES


async def test_who_was_not_there_for_a_while_is_forgotten() -> None:
    clock = TestClock()
    cooldowns = Cooldowns(clock, USES)
    for number in range(1000):
        await use_by(number, cooldowns)
    assert len(cooldowns) == 1000
    clock.ahead += timedelta(seconds=COMMAND_SECONDS / 2)
    await use_by(0, cooldowns)
    clock.ahead += timedelta(seconds=COMMAND_SECONDS / 2 + 1)
    await use_by(1, cooldowns)
    assert len(cooldowns) == 2


async def use_by(user_id: int, cooldowns: Cooldowns) -> None:
    """Count a use by a person, with what the hook reads of it."""
    context: Any = SimpleNamespace(user=SimpleNamespace(id=user_id), client=SimpleNamespace(_features=()))
    pipeline: Any = None
    await cooldowns.use(pipeline, context)


# ---- Clicks


async def panel_of(person: Actor) -> MessageView:
    panel = (await person.command("tutorial")).message
    assert panel is not None
    return panel


async def test_a_flood_of_clicks_is_answered_once_and_then_no_more(alice: Actor) -> None:
    panel = await panel_of(alice)
    for number in range(CLICKS):
        await panel.click("Back" if number % 2 else "Next")
    before = panel.text
    answer = await panel.click("Next")
    assert "Please wait" in answer.text
    assert panel.text == before
    with pytest.raises(InteractionFailed):
        await panel.click("Next")


async def test_a_flood_of_ids_that_nobody_owns_is_one_too(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TutorialId, "__str__", lambda _: "nobody:1:owns:this")
    panel = await panel_of(alice)
    for _ in range(CLICKS):
        assert "expired" in (await panel.click("Next")).text
    assert "Please wait" in (await panel.click("Next")).text
    with pytest.raises(InteractionFailed):
        await panel.click("Next")


async def test_nobody_else_waits_for_who_floods(alice: Actor, sandbox: Sandbox, bot: BotApp) -> None:
    bob = sandbox.guild.add_member("Bob")
    floods, bobs = (await alice.command("languages")).message, await panel_of(bob)
    assert floods is not None
    flood = [
        asyncio.create_task(floods.choose("Languages you can work in", ["German"])) for _ in range(6 * CLICKS)
    ]
    for label in ("Next", "Back") * 5:
        await bobs.click(label)
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(one, InteractionFailed) for one in results) == 5 * CLICKS - 1
    assert await bot.services.store.people.languages(alice.id) == ["de"]


def test_who_clicks_no_more_is_forgotten_and_may_go_on() -> None:
    clock = TestClock()
    clicks = Clicks(clock, 2)
    assert [clicks.lets_through(1), clicks.lets_through(1), clicks.lets_through(2)] == [True, True, True]
    with pytest.raises(TooFastError) as told:
        clicks.lets_through(1)
    assert 0 < told.value.seconds <= CLICK_SECONDS
    assert not clicks.lets_through(1)
    clock.ahead += timedelta(seconds=CLICK_SECONDS)
    assert clicks.lets_through(1)
    assert len(clicks) == 1
