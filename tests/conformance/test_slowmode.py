"""Slowmode: how long people wait, and who need not (page resources/channel, at `rate_limit_per_user`)."""

import pytest

from discord_sandbox import Actor, Channel, NotPermitted, Permission
from tests.conformance.scene import Scene

SECONDS = 10


@pytest.fixture
async def slow(scene: Scene) -> Channel:
    """The channel `general`, where people wait for ten seconds."""
    scene.give(Permission.MANAGE_CHANNELS)
    answer = await scene.call("PATCH", "/channels/{general}", {"rate_limit_per_user": SECONDS})
    assert answer.body["rate_limit_per_user"] == SECONDS
    return scene.channel("general")


def refuses(person: Actor, channel: Channel) -> None:
    with pytest.raises(NotPermitted, match="20016"):
        person.send(channel, "too soon")


async def test_a_person_waits_between_two_messages(scene: Scene, slow: Channel) -> None:
    scene.alice.send(slow, "one")
    refuses(scene.alice, slow)
    scene.clock.advance(SECONDS - 1)
    refuses(scene.alice, slow)
    scene.bob.send(slow, "nobody waits for others")
    scene.clock.advance(1)
    assert scene.alice.send(slow, "two").content == "two"


@pytest.mark.parametrize("lets", [Permission.BYPASS_SLOWMODE, Permission.ADMINISTRATOR])
async def test_who_may_need_not_wait(scene: Scene, slow: Channel, lets: Permission) -> None:
    moderator = scene.guild.add_member("Mia", permissions=lets)
    moderator.send(slow, "one")
    assert moderator.send(slow, "two").content == "two"


async def test_managing_messages_does_not_suffice(scene: Scene, slow: Channel) -> None:
    """Since 2026-02-23 it takes BYPASS_SLOWMODE."""
    moderator = scene.guild.add_member("Mia", permissions=Permission.MANAGE_MESSAGES)
    moderator.send(slow, "one")
    refuses(moderator, slow)


async def test_bots_need_not_wait(scene: Scene, slow: Channel) -> None:
    for _ in range(2):
        assert (await scene.call("POST", f"/channels/{slow.id}/messages", {"content": "x"})).status == 200


async def test_one_message_and_one_thread_go_in_each_interval(scene: Scene, slow: Channel) -> None:
    scene.alice.send(slow, "one")
    thread = scene.alice.create_thread(slow, "talk")
    with pytest.raises(NotPermitted, match="20016"):
        scene.alice.create_thread(slow, "more talk")
    scene.alice.send(thread, "here nobody waits")
    scene.alice.send(thread, "as long as the thread does not say so")
    scene.clock.advance(SECONDS)
    assert scene.alice.create_thread(slow, "more talk").name == "more talk"


async def test_a_thread_has_its_own(scene: Scene) -> None:
    thread = scene.channel("public")
    scene.guild.owner.change_thread(thread, rate_limit_per_user=SECONDS)
    scene.alice.send(thread, "one")
    refuses(scene.alice, thread)
    scene.alice.send(scene.channel("general"), "elsewhere nobody waits")


async def test_a_message_that_is_refused_costs_no_turn(scene: Scene, slow: Channel) -> None:
    thread = scene.channel("public")
    scene.guild.owner.change_thread(thread, rate_limit_per_user=SECONDS, locked=True)
    with pytest.raises(NotPermitted, match="160005"):
        scene.alice.send(thread, "locked")
    scene.guild.owner.change_thread(thread, locked=False)
    assert scene.alice.send(thread, "open").content == "open"
    assert slow.rate_limit_per_user == SECONDS
