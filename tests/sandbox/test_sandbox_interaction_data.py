"""What the bot gets of an interaction: who, where, with which permissions, and whom or what it names."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from discord_sandbox import Actor, BadInput, Channel, NotVisible, Permission, Upload
from tests.calling import started
from tests.sandbox.desk import Desk, open_desk

Json = dict[str, Any]


def option(name: str, kind: int, **more: object) -> Json:
    return {"type": kind, "name": name, "description": "Something", **more}


GIVE: Json = {
    "name": "give",
    "description": "Takes everything",
    "options": [
        option("text", 3, min_length=2, max_length=4),
        option("whole", 4),
        option("yes", 5),
        option("who", 6),
        option("place", 7, channel_types=[0, 11]),
        option("role", 8),
        option("whom", 9),
        option("number", 10),
        option("file", 11, file_types=["image", ".pdf"]),
        option("pick", 3, choices=[{"name": "One", "value": "1", "name_localizations": {"de": "Eins"}}]),
    ],
}
FIND: Json = {
    "name": "find",
    "description": "Completes what is typed",
    "options": [
        option("what", 3, required=True),
        option("count", 4, required=True, autocomplete=True, min_value=10),
    ],
}
GROUP: Json = {
    "name": "set",
    "description": "Has groups",
    "options": [option("up", 2, options=[option("now", 1)])],
}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        path = f"/applications/{opened.sandbox.bot_id}/commands"
        for body in (GIVE, FIND, GROUP):
            assert (await opened.api("POST", path, body))[0] == 201
        yield opened


async def typed(desk: Desk, name: str, where: Channel | None = None, **options: Any) -> Json:  # noqa: ANN401 - what an option takes
    """Have Alice type a command, answer it, and give the interaction."""
    task = await started(desk.alice.command(name, where, options))
    if task.done():
        await task
    await desk.answer(4, {"content": "done"})
    await task
    return desk.received()


async def test_the_whole_of_it_in_a_guild(desk: Desk) -> None:
    guild, alice = desk.sandbox.guild, desk.alice
    guild.set_locale("fr")
    alice.locale = "de"
    it = await typed(desk, "do")
    general = guild.channel("general")
    assert it.pop("token")
    channel = it.pop("channel")
    assert (channel["id"], channel["type"], channel["guild_id"]) == (str(general.id), 0, str(guild.id))
    assert channel["permissions"] == str(alice.permissions(general))
    member = it.pop("member")
    assert (member["user"], member["roles"], member["nick"]) == (alice.user.payload, [], None)
    assert member["permissions"] == str(alice.permissions(general))
    command = next(one for one in alice.commands() if one.name == "do")
    assert it == {
        "id": str(desk.newest().id),
        "application_id": str(desk.sandbox.bot_id),
        "type": 2,
        "version": 1,
        "data": {"id": str(command.id), "name": "do", "type": 1},
        "locale": "de",
        "guild_locale": "fr",
        "channel_id": str(general.id),
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "fr", "features": []},
        "app_permissions": str(desk.sandbox.store.permissions(desk.sandbox.bot_id, general)),
        "authorizing_integration_owners": {"0": str(guild.id)},
        "context": 0,
        "entitlements": [],
        "attachment_size_limit": 10 * 1024 * 1024,
    }


async def test_the_whole_of_it_in_a_direct_message(desk: Desk) -> None:
    direct = desk.alice.open_dm()
    it = await typed(desk, "do", direct)
    assert it["user"] == desk.alice.user.payload
    assert (it["context"], it["authorizing_integration_owners"]) == (1, {"0": "0"})
    assert (it["channel"]["id"], it["channel"]["type"]) == (str(direct.id), 1)
    assert not it.keys() & {"member", "guild", "guild_id", "guild_locale"}
    bits = int(it["app_permissions"])
    for needed in ("ATTACH_FILES", "EMBED_LINKS", "MENTION_EVERYONE", "USE_EXTERNAL_EMOJIS"):
        assert bits & Permission[needed]


async def test_plain_options_come_as_they_were_typed(desk: Desk) -> None:
    it = await typed(desk, "give", text="abc", whole=-(2**53) + 1, yes=False, number=1.5, pick="One")
    assert it["data"]["options"] == [
        {"name": "text", "type": 3, "value": "abc"},
        {"name": "whole", "type": 4, "value": -(2**53) + 1},
        {"name": "yes", "type": 5, "value": False},
        {"name": "number", "type": 10, "value": 1.5},
        {"name": "pick", "type": 3, "value": "1"},
    ]
    assert "resolved" not in it["data"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"text": "a"}, "of this size"),
        ({"text": "abcde"}, "of this size"),
        ({"whole": 2**53}, "of this size"),
        ({"whole": 1.5}, "does not take 1.5"),
        ({"whole": True}, "does not take True"),
        ({"number": 2**53 + 1}, "of this size"),
        ({"yes": 1}, "does not take 1"),
        ({"pick": "Two"}, "has no choice"),
        ({"text": Upload("a.txt", b"")}, "does not take"),
        ({"file": "a.txt"}, "does not take"),
        ({"file": Upload("a.txt", b"text")}, "only image, .pdf"),
        ({"file": Upload("a.pdf", b"x" * (10 * 1024 * 1024 + 1))}, "is larger"),
        ({"who": Upload("a.pdf", b"")}, "A person, channel or role is needed"),
    ],
)
async def test_what_the_client_would_not_send(desk: Desk, options: Json, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        await desk.alice.command("give", options=options)


async def test_choices_can_be_picked_as_they_are_shown(desk: Desk) -> None:
    desk.alice.locale = "de"
    assert (await typed(desk, "give", pick="Eins"))["data"]["options"][0]["value"] == "1"


async def test_a_person_with_and_without_a_membership(desk: Desk) -> None:
    bob = desk.sandbox.guild.add_member("Bob", Permission.MANAGE_MESSAGES)
    data = (await typed(desk, "give", who=bob))["data"]
    assert data["options"] == [{"name": "who", "type": 6, "value": str(bob.id)}]
    assert data["resolved"]["users"] == {str(bob.id): bob.user.payload}
    member = data["resolved"]["members"][str(bob.id)]
    assert not member.keys() & {"user", "deaf", "mute"}
    assert int(member["permissions"]) & Permission.MANAGE_MESSAGES
    bob.leave()
    resolved = (await typed(desk, "give", who=bob))["data"]["resolved"]
    assert list(resolved) == ["users"]


async def test_a_channel_has_just_what_the_documentation_lists(desk: Desk) -> None:
    tasks = desk.sandbox.guild.channel("tasks")
    tasks.topic = "Work"
    thread = desk.alice.create_thread(tasks, "today")
    listed = {
        *("id", "name", "type", "permissions", "app_permissions", "last_message_id", "last_pin_timestamp"),
        *("parent_id", "guild_id", "flags", "rate_limit_per_user"),
    }
    described = (await typed(desk, "give", place=tasks))["data"]["resolved"]["channels"][str(tasks.id)]
    assert described.keys() == listed | {"nsfw", "topic", "position"}
    assert described["permissions"] == str(desk.alice.permissions(tasks))
    assert described["app_permissions"] != described["permissions"]
    described = (await typed(desk, "give", place=thread))["data"]["resolved"]["channels"][str(thread.id)]
    assert described.keys() == listed | {"thread_metadata"}


async def test_channels_are_offered_by_sight_and_type(desk: Desk) -> None:
    guild = desk.sandbox.guild
    private = guild.owner.create_thread(guild.channel("tasks"), "secret", private=True)
    with pytest.raises(BadInput, match="a channel of its type"):
        await desk.alice.command("give", place=private)
    guild.overwrite(guild.channel("log"), guild.everyone, deny=Permission.VIEW_CHANNEL)
    other = desk.sandbox.add_guild("Other")
    other.join(desk.alice)
    for channel in (guild.channel("log"), other.channel("general")):
        with pytest.raises(NotVisible, match="to choose"):
            await desk.alice.command("give", guild.channel("general"), {"place": channel})


async def test_a_mentionable_is_a_person_or_a_role(desk: Desk) -> None:
    helpers = desk.sandbox.guild.create_role("Helpers")
    data = (await typed(desk, "give", whom=helpers, role=helpers))["data"]
    assert [one["value"] for one in data["options"]] == [str(helpers.id)] * 2
    assert data["resolved"]["roles"][str(helpers.id)]["name"] == "Helpers"
    data = (await typed(desk, "give", whom=desk.alice))["data"]
    assert sorted(data["resolved"]) == ["members", "users"]


async def test_a_file_can_be_fetched_by_the_bot(desk: Desk) -> None:
    data = (await typed(desk, "give", file=Upload("cat.png", b"meow")))["data"]
    (attachment,) = data["resolved"]["attachments"].values()
    assert data["options"] == [{"name": "file", "type": 11, "value": attachment["id"]}]
    assert (attachment["filename"], attachment["size"], attachment["content_type"]) == (
        "cat.png",
        4,
        "image/png",
    )
    assert attachment["ephemeral"] is True
    path = attachment["url"].removeprefix(f"{desk.sandbox.store.base_url}/")
    assert desk.sandbox.store.files[path] == (b"meow", "image/png")


async def test_subcommands_are_wrapped(desk: Desk) -> None:
    data = (await typed(desk, "set up now"))["data"]
    assert data["options"] == [
        {"name": "up", "type": 2, "options": [{"name": "now", "type": 1, "options": []}]}
    ]


async def test_what_is_being_typed_is_not_checked_and_others_may_be_missing(desk: Desk) -> None:
    task = asyncio.ensure_future(desk.alice.autocomplete("find", "count", "1"))
    await asyncio.sleep(0)
    it = desk.received()
    assert (it["type"], it["data"]["options"]) == (
        4,
        [{"name": "count", "type": 4, "value": "1", "focused": True}],
    )
    localized = {"name": "Eleven", "name_localizations": {"de": "Elf"}, "value": 11}
    desk.alice.locale = "de"
    await desk.answer(8, {"choices": [localized]})
    assert await task == [("Elf", 11)]


async def test_a_menus_target_is_whole(desk: Desk) -> None:
    said = desk.alice.send(desk.sandbox.guild.channel("general"), "Look", files={"a.txt": b"text"})
    task = await started(desk.alice.context_menu("Look", said))
    data = desk.received()["data"]
    target = data["resolved"]["messages"][data["target_id"]]
    assert (target["content"], target["attachments"][0]["filename"]) == ("Look", "a.txt")
    assert list(data["resolved"]) == ["messages"]
    await desk.answer(4, {"content": "done"})
    await task


async def test_a_persons_menu_works_in_direct_messages(desk: Desk) -> None:
    direct = desk.alice.open_dm()
    task = await started(desk.alice.context_menu("Who", desk.alice, direct))
    data = desk.received()["data"]
    assert (data["target_id"], list(data["resolved"])) == (str(desk.alice.id), ["users"])
    await desk.answer(4, {"content": "done"})
    assert (await task).message is not None


async def test_components_in_direct_messages(desk: Desk) -> None:
    alice: Actor = desk.alice
    direct = alice.open_dm()
    path = f"/channels/{direct.id}/messages"
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    assert (await desk.api("POST", path, {"content": "press", "components": [row]}))[0] == 200
    (message,) = alice.messages(direct)
    task = await started(message.click("Go"))
    it = desk.received()
    assert (it["user"]["id"], it["context"], it["message"]["id"]) == (str(alice.id), 1, str(message.id))
    await desk.answer(4, {"content": "for you", "flags": 64})
    answer = (await task).message
    assert answer is not None
    assert answer.ephemeral
