"""Answering interactions by hand: the rules of callbacks, follow-ups and tokens."""

import asyncio
from typing import Any

import pytest

from discord_sandbox import Channel, InteractionFailed, MessageView, NotVisible
from discord_sandbox.world import permissions
from tests.calling import BUTTON, started
from tests.sandbox.desk import Desk

Json = dict[str, Any]

MODAL: Json = {
    "custom_id": "m",
    "title": "Say",
    "components": [{"type": 1, "components": [{"type": 4, "style": 1, "custom_id": "t", "label": "Text"}]}],
}


async def message_with_button(desk: Desk, *, ephemeral: bool = False) -> MessageView:
    task = await started(desk.alice.command("do"))
    await desk.answer(4, {"content": "ready", "components": [BUTTON], "flags": 64 if ephemeral else 0})
    message = (await task).message
    assert message is not None
    return message


async def test_an_answer_counts_once(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    assert (await desk.follow("POST", body={"content": "early"}))[1]["code"] == 10015
    assert (await desk.answer(4))[1]["code"] == 50006, "a refused answer does not use the interaction up"
    status, body = await desk.answer(4, {"content": "done"})
    assert status == 200
    assert body["interaction"] == {
        "id": str(desk.newest().id),
        "type": 2,
        "response_message_id": body["resource"]["message"]["id"],
        "response_message_loading": False,
        "response_message_ephemeral": False,
    }
    assert (await desk.answer(5))[1] == {
        "message": "Interaction has already been acknowledged.",
        "code": 40060,
    }
    assert (await task).message is not None


async def test_too_late_is_unknown(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    desk.clock.advance(2.9)
    assert not task.done()
    desk.clock.advance(0.1)
    with pytest.raises(InteractionFailed):
        await task
    assert (await desk.answer(4, {"content": "late"}))[1]["code"] == 10062
    assert (await desk.follow("POST", body={"content": "late"}))[1]["code"] == 10015


@pytest.mark.parametrize("deferred", [False, True])
async def test_who_no_longer_waits_can_be_answered(desk: Desk, *, deferred: bool) -> None:
    task = await started(desk.alice.command("do"))
    if deferred:
        await desk.answer(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    if deferred:
        status, _ = await desk.follow("PATCH", "@original", {"content": "done"})
    else:
        status, _ = await desk.answer(4, {"content": "done"})
    assert status == 200
    (message,) = desk.alice.messages(desk.sandbox.guild.channel("general"))
    assert message.content == "done"


async def test_an_answer_can_be_too_late_though_nobody_waits(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    task.cancel()
    desk.clock.advance(3)
    assert (await desk.answer(4, {"content": "late"}))[1]["code"] == 10062
    assert "the bot did not answer Alice in time" in str(desk.sandbox.journal)


async def test_a_token_lives_for_fifteen_minutes(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    await desk.answer(4, {"content": "done"})
    await task
    desk.clock.advance(14 * 60)
    assert (await desk.follow("PATCH", "@original", {"content": "edited"}))[0] == 200
    desk.clock.advance(2 * 60)
    status, body = await desk.follow("PATCH", "@original", {"content": "again"})
    assert (status, body["code"]) == (401, 50027)


@pytest.mark.parametrize("by", ["edit", "follow-up"])
async def test_thinking_ends_with_the_first_word(desk: Desk, by: str) -> None:
    task = await started(desk.alice.command("do"))
    await desk.answer(5, {"flags": 64})
    (thinking,) = desk.alice.messages(desk.sandbox.guild.channel("general"))
    assert thinking.loading
    assert not task.done()
    if by == "edit":
        await desk.follow("PATCH", "@original", {"content": "done"})
    else:
        _, body = await desk.follow("POST", body={"content": "done"})
        assert body["id"] == str(thinking.id)
    message = (await task).message
    assert message == thinking
    assert (message.content, message.loading, message.ephemeral) == ("done", False, True)


async def test_a_deleted_thought_leaves_nothing(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    await desk.answer(5)
    assert (await desk.follow("DELETE", "@original"))[0] == 204
    assert (await task).message is None
    assert (await desk.follow("GET", "@original"))[1]["code"] == 10008


async def test_follow_ups_can_be_read_edited_and_deleted(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    await desk.answer(4, {"content": "first"})
    await task
    _, more = await desk.follow("POST", body={"content": "second", "flags": 64})
    assert (await desk.follow("GET", more["id"]))[1]["content"] == "second"
    assert (await desk.follow("PATCH", more["id"], {"content": "2nd"}))[1]["flags"] == 64
    first, second = desk.alice.messages(desk.sandbox.guild.channel("general"))
    assert (first.content, second.content) == ("first", "2nd")
    channel = f"/channels/{second.channel_id}/messages/{second.id}"
    assert (await desk.api("GET", channel))[1]["code"] == 10008, (
        "ephemeral messages have no place in a channel"
    )
    assert (await desk.follow("DELETE", more["id"]))[0] == 204
    assert desk.alice.messages(desk.sandbox.guild.channel("general")) == [first]
    assert (await desk.follow("PATCH", "1", {"content": "x"}))[1]["code"] == 10008


async def test_only_the_invoker_sees_and_uses_an_ephemeral_message(desk: Desk) -> None:
    message = await message_with_button(desk, ephemeral=True)
    bob = desk.sandbox.guild.add_member("Bob")
    assert bob.messages(desk.sandbox.guild.channel("general")) == []
    assert bob.view(message.raw) is None
    desk.alice.dismiss(message)
    assert desk.alice.messages(desk.sandbox.guild.channel("general")) == []


async def test_updates_change_the_message_of_the_button(desk: Desk) -> None:
    message = await message_with_button(desk)
    task = await started(message.click("Go"))
    await desk.answer(6)
    assert (await task).message == message
    assert (await desk.follow("PATCH", "@original", {"content": "gone", "components": []}))[0] == 200
    assert (message.content, message.buttons) == ("gone", [])


async def test_an_answer_to_a_button_is_a_reply_to_its_message(desk: Desk) -> None:
    message = await message_with_button(desk)
    task = await started(message.click("Go"))
    await desk.answer(4, {"content": "new"})
    answer = (await task).message
    assert answer is not None
    assert answer.as_dict()["reply_to"] == str(message.id)


async def test_a_modal_opens_once_and_its_submission_can_update(desk: Desk) -> None:
    message = await message_with_button(desk)
    task = await started(message.click("Go"))
    assert (await desk.answer(9, MODAL))[0] == 200
    modal = (await task).modal
    assert modal is not None
    assert modal.as_dict()["fields"][0]["label"] == "Text"
    task = await started(modal.submit({"Text": "hi"}))
    assert desk.newest().data["components"][0]["components"][0]["value"] == "hi"
    assert (await desk.answer(9, MODAL))[1]["code"] == 50035, "a modal cannot open a modal"
    await desk.answer(7, {"content": "hi it is"})
    assert (await task).message == message
    assert message.content == "hi it is"


async def test_a_modal_of_a_command_has_no_message_to_update(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    assert (await desk.answer(7, {"content": "x"}))[1]["code"] == 50035
    await desk.answer(9, MODAL)
    modal = (await task).modal
    assert modal is not None
    task = await started(modal.submit({"Text": "hi"}))
    assert (await desk.answer(7, {"content": "x"}))[1]["code"] == 10008
    await desk.answer(4, {"content": "thanks"})
    assert (await task).message is not None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"title": "x" * 46}, "title"),
        ({"custom_id": ""}, "custom_id"),
        ({"components": []}, "components"),
        ({"components": MODAL["components"] * 6}, "components"),
    ],
)
async def test_modals_have_limits(desk: Desk, change: Json, path: str) -> None:
    task = await started(desk.alice.command("do"))
    status, body = await desk.answer(9, {**MODAL, **change})
    assert (status, body["code"]) == (400, 50035)
    assert path in body["errors"]["data"]
    await desk.answer(4, {"content": "done"})
    await task


async def test_choices_have_limits(desk: Desk) -> None:
    task = asyncio.ensure_future(desk.alice.autocomplete("say", "what", "h"))
    await asyncio.sleep(0)
    many = [{"name": str(n), "value": str(n)} for n in range(26)]
    assert (await desk.answer(8, {"choices": many}))[1]["code"] == 50035
    assert (await desk.answer(8, {"choices": [{"name": "x" * 101, "value": "x"}]}))[1]["code"] == 50035
    assert (await desk.answer(4, {"content": "x"}))[1]["code"] == 50035
    await desk.answer(8, {"choices": many[:2]})
    assert await task == [("0", "0"), ("1", "1")]


async def test_only_the_ephemeral_flag_goes_with_thinking(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    assert (await desk.answer(5, {"flags": 4}))[1]["code"] == 50035
    await desk.answer(4, {"content": "done"})
    await task


async def test_a_menu_of_a_person_gets_the_person(desk: Desk) -> None:
    bob = desk.sandbox.guild.add_member("Bob")
    task = await started(desk.alice.context_menu("Who", bob))
    data = desk.newest().data
    assert (data["type"], data["target_id"]) == (2, str(bob.id))
    assert data["resolved"]["users"][str(bob.id)]["global_name"] == "Bob"
    await desk.answer(4, {"content": "Bob it is"})
    assert (await task).message is not None


@pytest.mark.parametrize(
    ("menu", "chosen", "resolved"),
    [
        ({"type": 5}, "Bob", ["members", "users"]),
        ({"type": 6}, "helpers", ["roles"]),
        ({"type": 7}, "helpers", ["roles"]),
        ({"type": 8, "channel_types": [0]}, "tasks", ["channels"]),
    ],
)
async def test_menus_of_people_roles_and_channels(
    desk: Desk, menu: Json, chosen: str, resolved: list[str]
) -> None:
    desk.sandbox.guild.add_member("Bob")
    desk.sandbox.guild.create_role("helpers")
    desk.alice.create_thread(desk.sandbox.guild.channel("tasks"), "tasks of today")
    task = await started(desk.alice.command("do"))
    part = {**menu, "custom_id": "pick", "placeholder": "Pick one"}
    await desk.answer(4, {"content": "which?", "components": [{"type": 1, "components": [part]}]})
    message = (await task).message
    assert message is not None

    with pytest.raises(NotVisible, match="no options 'nothing'"):
        await message.choose("Pick one", ["nothing"])
    task = await started(message.choose("Pick", [chosen]))
    data = desk.newest().data
    assert sorted(data["resolved"]) == resolved
    (described,) = data["resolved"][resolved[-1]].values()
    assert chosen in {described.get("name"), described.get("global_name")}
    await desk.answer(6)
    await task


async def test_quiet_threads_are_archived_by_the_clock(desk: Desk) -> None:
    general = desk.sandbox.guild.channel("general")
    quiet, busy = (desk.alice.create_thread(general, name) for name in ("quiet", "busy"))
    desk.clock.advance(3 * 24 * 3600 - 60)
    desk.alice.send(busy, "still here")
    desk.clock.advance(120)
    assert desk.alice.threads() == [busy]
    assert desk.alice.threads(archived=True) == [quiet]


async def test_what_is_refused_can_be_looked_up(desk: Desk) -> None:
    task = await started(desk.alice.command("do"))
    row = {"type": 1, "components": [{**BUTTON["components"][0], "label": "x" * 81}]}
    await desk.answer(4, {"content": "x" * 2001, "components": [row]})
    await desk.answer(4, {"content": "done"})
    await desk.answer(4, {"content": "again"})
    await task
    malformed, second = desk.sandbox.refusals
    assert malformed.route == second.route == "/interactions/{}/{}/callback"
    assert (malformed.status, malformed.code) == (400, 50035)
    assert set(malformed.where) == {
        "data.content: BASE_TYPE_MAX_LENGTH",
        "data.components.0.components.0.label: BASE_TYPE_MAX_LENGTH",
    }
    assert (second.status, second.code, second.where) == (400, 40060, ())


async def in_a_thread(desk: Desk) -> tuple[Channel, MessageView]:
    """Have the bot answer in a thread of Alice's, which she then archives."""
    thread = desk.alice.create_thread(desk.sandbox.guild.channel("general"), "room")
    task = await started(desk.alice.command("do", channel=thread))
    await desk.answer(4, {"content": "ready"})
    message = (await task).message
    assert message is not None
    desk.alice.change_thread(thread, archived=True)
    return thread, message


async def test_nothing_is_edited_in_an_archived_thread(desk: Desk) -> None:
    thread, message = await in_a_thread(desk)
    assert (await desk.follow("PATCH", "@original", {"content": "edited"}))[1]["code"] == 50083
    assert message.content == "ready"
    assert thread.archived


async def test_a_word_in_an_archived_thread_opens_it_again_but_not_an_ephemeral_one(desk: Desk) -> None:
    thread, _ = await in_a_thread(desk)
    _, whisper = await desk.follow("POST", body={"content": "psst", "flags": 64})
    assert thread.archived
    assert (await desk.follow("PATCH", whisper["id"], {"content": "psst!"}))[0] == 200
    assert (await desk.follow("POST", body={"content": "more"}))[0] == 200
    assert not thread.archived


async def test_a_locked_thread_takes_no_word_of_a_bot_that_may_not_manage_it(desk: Desk) -> None:
    thread, _ = await in_a_thread(desk)
    desk.sandbox.guild.owner.change_thread(thread, archived=False)
    desk.sandbox.guild.owner.change_thread(thread, locked=True)
    bits = permissions.BOT & ~permissions.Permission.MANAGE_THREADS
    desk.sandbox.guild.set_permissions(desk.sandbox.guild.bot_role, bits)
    assert (await desk.follow("POST", body={"content": "more"}))[1]["code"] == 160005
