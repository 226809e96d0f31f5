"""Which messages the bot may read without the intent for message content, on the gateway and over REST.

From the pages events/gateway (message content intent) and gateway/you-might-not-need-a-privileged-intent.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from discord_sandbox import GatewaySettings, MessageView, Permission
from discord_sandbox.intents import KNOWN, PRIVILEGED, Intent
from tests.calling import started
from tests.conformance.scene import Scene, make_scene
from tests.raw_gateway import raw_gateway
from tests.sandbox.desk import Wire

WITHOUT = KNOWN & ~PRIVILEGED
WITH = WITHOUT | Intent.MESSAGE_CONTENT
FILES = {"a.txt": b"x"}


def says(text: str) -> Callable[[Scene], MessageView]:
    """Let Alice write in a channel of the guild."""
    return lambda scene: scene.alice.send(scene.channel("general"), scene.fill(text), files=FILES)


def replies(to: str, *, ping: bool = True) -> Callable[[Scene], MessageView]:
    """Let Alice answer a message."""

    def post(scene: Scene) -> MessageView:
        general = scene.channel("general")
        target = scene.alice.view(general.messages[int(scene.ids[to])])
        return scene.alice.send(general, "an answer", reply_to=target, ping=ping, files=FILES)

    return post


@dataclass(frozen=True)
class Reading:
    """A message, and whether the bot may read it without the intent."""

    name: str
    post: Callable[[Scene], MessageView]
    readable: bool


READINGS = [
    Reading("a person's message in a guild", says("a secret"), readable=False),
    Reading("a direct message", lambda scene: scene.alice.send(scene.channel("dm"), "hi", files=FILES), True),
    Reading("a mention of the bot", says("hello <@{bot}>"), readable=True),
    Reading("a mention of the bot by nickname", says("hello <@!{bot}>"), readable=True),
    Reading("a mention of somebody else", says("hello <@{bob}>"), readable=False),
    Reading("a mention of the bot's role", says("hello <@&{bot_role}>"), readable=False),
    Reading("a mention of everyone", says("hello @everyone"), readable=False),
    Reading("a reply that pings the bot", replies("message"), readable=True),
    Reading("a reply to the bot that does not ping", replies("message", ping=False), readable=False),
    Reading("a reply that pings somebody else", replies("alices"), readable=False),
    Reading(
        "the bot's mention in a thread",
        lambda scene: scene.alice.send(scene.channel("thread"), scene.fill("<@{bot}>"), files=FILES),
        readable=True,
    ),
    Reading(
        "a message in a thread of the bot's",
        lambda scene: scene.alice.send(scene.channel("thread"), "my answer", files=FILES),
        readable=False,
    ),
]


def filled(described: dict[str, Any]) -> bool:
    """Whether a described message has its content; half of it is an error."""
    found = {bool(described["content"]), bool(described["attachments"])}
    assert len(found) == 1, described
    return found.pop()


@pytest.mark.parametrize("row", READINGS, ids=[row.name for row in READINGS])
async def test_reading_without_the_intent(row: Reading) -> None:
    async with make_scene() as scene, raw_gateway(scene.sandbox, WITHOUT) as client:
        scene.guild.set_permissions(scene.guild.everyone, scene.guild.everyone.permissions | 1 << 17)
        view = row.post(scene)
        event = (await client.heard("MESSAGE_CREATE"))[-1]
        assert event["id"] == str(view.id)
        assert filled(event) is row.readable
        assert (event["embeds"], event["components"]) == ([], [])
        path = f"/channels/{event['channel_id']}/messages"
        assert filled((await scene.call("GET", f"{path}/{view.id}")).body) is row.readable
        listed = (await scene.call("GET", path)).body
        assert filled(next(one for one in listed if one["id"] == str(view.id))) is row.readable


async def test_a_reply_to_an_answer_of_an_interaction_stays_closed(scene: Scene) -> None:
    """Only replies to what the bot wrote by itself are open."""
    async with raw_gateway(scene.sandbox, WITHOUT) as client:
        task = await started(scene.alice.command("do", scene.channel("general")))
        interaction = await client.until("INTERACTION_CREATE")
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
        await scene.call("POST", path, {"type": 4, "data": {"content": "done"}})
        answer = (await task).message
        view = scene.alice.send(scene.channel("general"), "thanks", reply_to=answer, files=FILES)
        event = (await client.heard("MESSAGE_CREATE"))[-1]
        assert (event["id"], event["mentions"][0]["id"]) == (str(view.id), scene.ids["bot"])
        assert filled(event) is False
        assert event["referenced_message"]["content"] == "done"


async def test_the_message_that_another_answers_is_closed_for_itself(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, WITHOUT) as client:
        first = says("a secret")(scene)
        bot = scene.ids["bot"]
        second = scene.bob.send(scene.channel("general"), f"<@{bot}> look", reply_to=first)
        listed = (await scene.call("GET", "/channels/{general}/messages")).body
        for found in ((await client.heard("MESSAGE_CREATE"))[-1], listed[0]):
            assert (found["id"], found["content"]) == (str(second.id), f"<@{bot}> look")
            assert filled(found["referenced_message"]) is False


async def test_a_forwarded_message_is_closed_too(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, WITHOUT) as client:
        view = scene.alice.forward(says("a secret")(scene), scene.channel("tasks"))
        one = (await scene.call("GET", f"/channels/{{tasks}}/messages/{view.id}")).body
        for found in ((await client.heard("MESSAGE_CREATE"))[-1], one):
            assert found["id"] == str(view.id)
            assert filled(found["message_snapshots"][0]["message"]) is False


async def test_what_the_bot_posts_itself_is_whole(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, WITHOUT) as client:
        body = {"content": "hi", "embeds": [{"title": "t"}]}
        answer = await scene.call("POST", "/channels/{general}/messages", body)
        for found in (answer.body, (await client.heard("MESSAGE_CREATE"))[-1]):
            assert (found["content"], found["embeds"][0]["title"]) == ("hi", "t")


async def test_an_edit_is_emptied_too(scene: Scene) -> None:
    view = says("a secret")(scene)
    async with raw_gateway(scene.sandbox, WITHOUT) as client:
        scene.alice.edit(view, "another secret")
        (event,) = await client.heard("MESSAGE_UPDATE")
        assert filled(event) is False
        scene.alice.edit(view, f"hello <@{scene.sandbox.bot_id}>")
        assert filled((await client.heard("MESSAGE_UPDATE"))[-1]) is True


# To ask for what is not switched on closes the connection with 4014.
@pytest.mark.parametrize(("switched_on", "asked_for"), [(True, True), (True, False), (False, False)])
async def test_the_portal_rules_rest_and_the_identify_the_gateway(
    *, switched_on: bool, asked_for: bool
) -> None:
    """Page events/gateway, HTTP restrictions: they do not depend on what an identify has."""
    intents = int(Intent.MESSAGE_CONTENT) if switched_on else 0
    async with (
        make_scene(privileged_intents=intents) as scene,
        raw_gateway(scene.sandbox, WITH if asked_for else WITHOUT) as client,
    ):
        view = says("a secret")(scene)
        assert filled((await client.heard("MESSAGE_CREATE"))[-1]) is asked_for
        answer = await scene.call("GET", f"/channels/{{general}}/messages/{view.id}")
        assert filled(answer.body) is switched_on


async def test_sessions_with_and_without_the_intent_get_the_same_event_in_their_own_way() -> None:
    settings = GatewaySettings(identify_seconds=0)
    async with (
        make_scene(privileged_intents=PRIVILEGED, gateway=settings) as scene,
        raw_gateway(scene.sandbox, WITH) as reader,
        raw_gateway(scene.sandbox, WITHOUT) as other,
    ):
        says("a secret")(scene)
        assert [filled((await one.heard("MESSAGE_CREATE"))[-1]) for one in (reader, other)] == [True, False]


async def test_the_target_of_a_message_command_is_whole_inside_the_interaction(scene: Scene) -> None:
    view = says("a secret")(scene)
    wire = Wire()
    session = scene.sandbox.gateway.identify(WITHOUT, None, wire)
    task = await started(scene.alice.context_menu("Look", view))
    data = json.loads(wire.frames[-1])["d"]["data"]
    assert filled(data["resolved"]["messages"][str(view.id)]) is True
    assert filled((await scene.call("GET", f"/channels/{{general}}/messages/{view.id}")).body) is False
    task.cancel()
    scene.sandbox.gateway.left(session)


async def test_an_ephemeral_message_is_whole_and_has_no_guild_and_no_member(scene: Scene) -> None:
    """Page events/gateway-events, messages."""
    async with raw_gateway(scene.sandbox, Intent.DIRECT_MESSAGES) as client:
        task = await started(scene.alice.command("do"))
        interaction = await client.until("INTERACTION_CREATE")
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
        await scene.call("POST", path, {"type": 4, "data": {"content": "psst", "flags": 64}})
        event = await client.until("MESSAGE_CREATE")
        assert (event["content"], event["flags"] & 64) == ("psst", 64)
        assert event.keys().isdisjoint({"guild_id", "member"})
        await task
        webhook = f"/webhooks/{{application}}/{interaction['token']}/messages/@original"
        await scene.call("DELETE", webhook)
        gone = await client.until("MESSAGE_DELETE")
        assert gone == {"id": event["id"], "channel_id": event["channel_id"]}


async def test_an_ephemeral_message_reaches_a_bot_that_cannot_see_the_channel(scene: Scene) -> None:
    async with raw_gateway(scene.sandbox, Intent.DIRECT_MESSAGES) as client:
        scene.guild.overwrite(scene.channel("general"), scene.guild.bot_role, deny=Permission.VIEW_CHANNEL)
        task = await started(scene.alice.command("do", scene.channel("general")))
        interaction = await client.until("INTERACTION_CREATE")
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
        await scene.call("POST", path, {"type": 4, "data": {"content": "psst", "flags": 64}})
        assert (await client.until("MESSAGE_CREATE"))["content"] == "psst"
        await task
