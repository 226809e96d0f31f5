"""Each life of an interaction, lived by an unchanged hikari, lightbulb and miru bot.

The expectations are those of the page interactions/receiving-and-responding; `test_interactions` shows the
same lives call by call.
"""

from collections.abc import AsyncIterator

import pytest

from discord_sandbox import (
    Actor,
    Clock,
    InteractionFailed,
    MessageView,
    NotVisible,
    RateLimits,
    Sandbox,
)
from tests.calling import started
from tests.conformance.scene import OFFSET
from tests.small_bot import bot, make_bot

__all__ = ["bot", "make_bot"]  # fixtures

CALLBACK = "POST /interactions/{}/{}/callback"

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    clock = Clock(OFFSET, frozen=True)
    async with Sandbox(clock=clock, rate_limits=RateLimits.roomy()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def alice(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Alice")


@pytest.fixture
def bob(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Bob")


async def controls(person: Actor) -> MessageView:
    """Ask for the message with all the buttons."""
    message = (await person.command("task")).message
    assert message is not None
    return message


def answers(sandbox: Sandbox) -> list[str]:
    """Give what the bot called of interactions, in order."""
    routes = (f"{one.method} {one.route}" for one in sandbox.requests)
    return [one for one in routes if "/interactions/" in one or "/webhooks/" in one]


async def test_an_answer_at_once(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    message = (await alice.command("greet", who=bob)).message
    assert message is not None
    assert (message.content, message.ephemeral) == (f"Hello {bob.mention}", False)
    assert [one.content for one in bob.messages(sandbox.guild.channel("general"))] == [message.content]
    assert answers(sandbox) == [CALLBACK]


async def test_a_deferred_answer_for_the_invoker_alone(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    held = sandbox.faults.delay(60, on="POST /webhooks/{}/{}")
    asking = await started(alice.command("task"))
    await held.happened()
    (thinking,) = alice.messages(sandbox.guild.channel("general"))
    assert (thinking.loading, thinking.ephemeral) == (True, True)
    sandbox.clock.advance(60)
    message = (await asking).message
    assert message is not None
    assert (message.content, message.loading, message.ephemeral) == ("random in en", False, True)
    assert bob.messages(sandbox.guild.channel("general")) == []


async def test_edits_and_follow_ups(sandbox: Sandbox, alice: Actor) -> None:
    general = sandbox.guild.channel("general")
    await alice.command("count")
    await alice.until(lambda: "DELETE" in "".join(answers(sandbox)), what="the last call")
    await alice.until(
        lambda: [one.content for one in alice.messages(general)] == ["one!", "two!"], what="the messages"
    )


async def test_buttons_change_their_message(alice: Actor) -> None:
    message = await controls(alice)
    assert (await message.click("Press")).message == message
    assert message.content == "pressed"
    await message.click("Later")
    await alice.until(lambda: message.content == "later came", what="the change after a deferred one")


async def test_a_menu(alice: Actor) -> None:
    message = await controls(alice)
    await message.choose("Choose", ["3."])
    assert message.content == "chose 3"


async def test_a_modal(alice: Actor) -> None:
    modal = (await (await controls(alice)).click("Write")).modal
    assert modal is not None
    thanks = (await modal.submit({"Your text": "It is 42."})).message
    assert thanks is not None
    assert (thanks.content, thanks.ephemeral) == ("Thanks for “It is 42.”", True)
    with pytest.raises(NotVisible, match="closed"):
        await modal.submit()


async def test_autocomplete(alice: Actor) -> None:
    assert await alice.autocomplete("task", "language", "g") == [("German", "de"), ("Greek", "el")]


async def test_menus_of_messages_and_people(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    said = bob.send(sandbox.guild.channel("general"), "A fine sentence")
    labelled = (await alice.context_menu("Label", said)).message
    greeted = (await alice.context_menu("Greeted", bob)).message
    assert labelled is not None
    assert greeted is not None
    assert labelled.content == "You label “A fine sentence”"
    assert greeted.content == "bob is greeted"


async def test_no_answer(sandbox: Sandbox, alice: Actor) -> None:
    asking = await started(alice.command("silent"))
    sandbox.clock.advance(3)
    with pytest.raises(InteractionFailed, match="did not respond"):
        await asking


async def test_an_answer_that_comes_late(sandbox: Sandbox, alice: Actor, bob: Actor) -> None:
    held = sandbox.faults.delay(4, on=CALLBACK)
    asking = await started(alice.command("greet", who=bob))
    await held.happened()
    sandbox.clock.advance(3)
    with pytest.raises(InteractionFailed, match="did not respond"):
        await asking
    sandbox.clock.advance(1)
    await alice.until(lambda: bool(sandbox.refusals), what="the refusal of the late answer")
    assert "10062" in str(sandbox.refusals[0])
    assert alice.messages(sandbox.guild.channel("general")) == []
    message = (await alice.command("greet", who=bob)).message
    assert message is not None
