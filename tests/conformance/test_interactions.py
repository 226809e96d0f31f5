"""The life of an interaction: each first answer to each kind, the times, follow-ups and ephemeral messages.

The expectations are those of the pages interactions/receiving-and-responding and resources/message.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from discord_sandbox import InteractionFailed, MessageView, ModalView
from tests.calling import BUTTON, started
from tests.sandbox.desk import Desk

Json = dict[str, Any]

MODAL: Json = {
    "custom_id": "m",
    "title": "Say",
    "components": [{"type": 1, "components": [{"type": 4, "style": 1, "custom_id": "t", "label": "Text"}]}],
}
DATA: dict[int, Json] = {
    4: {"content": "hello"},
    5: {},
    6: {},
    7: {"content": "changed"},
    8: {"choices": [{"name": "one", "value": "1"}]},
    9: MODAL,
}


# -- what people do -----------------------------------------------------------------------------------


async def ready(desk: Desk, *, ephemeral: bool = False) -> MessageView:
    """Have the bot answer with a message that has a button."""
    task = await started(desk.alice.command("do"))
    await desk.answer(4, {"content": "ready", "components": [BUTTON], "flags": 64 if ephemeral else 0})
    message = (await task).message
    assert message is not None
    return message


async def opened(desk: Desk, act: Awaitable[Any]) -> ModalView:
    """Have the bot open a modal."""
    task = await started(act)
    await desk.answer(9, MODAL)
    modal = (await task).modal
    assert isinstance(modal, ModalView)
    return modal


async def command(desk: Desk) -> "asyncio.Task[Any]":
    return await started(desk.alice.command("do"))


async def message_menu(desk: Desk) -> "asyncio.Task[Any]":
    said = desk.alice.send(desk.sandbox.guild.channel("general"), "A fine sentence")
    return await started(desk.alice.context_menu("Look", said))


async def user_menu(desk: Desk) -> "asyncio.Task[Any]":
    return await started(desk.alice.context_menu("Who", desk.sandbox.guild.owner))


async def component(desk: Desk) -> "asyncio.Task[Any]":
    return await started((await ready(desk)).click("Go"))


async def autocomplete(desk: Desk) -> "asyncio.Task[Any]":
    return await started(desk.alice.autocomplete("say", "what", "h"))


async def modal_of_command(desk: Desk) -> "asyncio.Task[Any]":
    return await started((await opened(desk, desk.alice.command("do"))).submit({"Text": "hi"}))


async def modal_of_component(desk: Desk) -> "asyncio.Task[Any]":
    message = await ready(desk)
    return await started((await opened(desk, message.click("Go"))).submit({"Text": "hi"}))


Act = Callable[[Desk], Awaitable["asyncio.Task[Any]"]]
KINDS: dict[Act, set[int]] = {
    command: {4, 5, 9},
    message_menu: {4, 5, 9},
    user_menu: {4, 5, 9},
    component: {4, 5, 6, 7, 9},
    autocomplete: {8},
    modal_of_command: {4, 5, 6},
    modal_of_component: {4, 5, 6, 7},
}
"""Which first answers each kind of interaction may have."""


@pytest.mark.parametrize("kind", [1, 4, 5, 6, 7, 8, 9, 99])
@pytest.mark.parametrize("act", KINDS, ids=lambda act: str(act.__name__))
async def test_each_first_answer_to_each_kind(desk: Desk, act: Act, kind: int) -> None:
    task = await act(desk)
    status, body = await desk.answer(kind, DATA.get(kind))
    if kind in KINDS[act]:
        assert status == 200
        assert body["interaction"]["type"] == desk.received()["type"]
    elif act is modal_of_command and kind == 7:
        assert (status, body["code"]) == (404, 10008), "there is no message to update"
    else:
        assert (status, body["code"]) == (400, 50035)
        assert list(body["errors"]) == ["type"]
    if kind not in KINDS[act]:
        allowed = min(KINDS[act])
        assert (await desk.answer(allowed, DATA[allowed]))[0] == 200, "a refused answer uses nothing up"
    if kind == 5 and kind in KINDS[act]:
        assert (await desk.follow("PATCH", "@original", {"content": "done"}))[0] == 200
    await task


@pytest.mark.parametrize("kind", [10, 12, 13])
async def test_answers_that_the_sandbox_does_not_have_are_refused_loudly(desk: Desk, kind: int) -> None:
    task = await command(desk)
    status, body = await desk.answer(kind)
    assert (status, body["errors"]["type"]["_errors"][0]["code"]) == (400, "SANDBOX_UNKNOWN")
    assert "POST /interactions/{}/{}/callback: unknown type" in desk.sandbox.violations
    desk.sandbox.violations.clear()
    await desk.answer(4, {"content": "done"})
    await task


# -- the first answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [4, 5, 9])
@pytest.mark.parametrize("first", [4, 5, 9])
async def test_there_is_one_first_answer(desk: Desk, first: int, second: int) -> None:
    task = await command(desk)
    assert (await desk.answer(first, DATA[first]))[0] == 200
    status, body = await desk.answer(second, DATA[second])
    assert (status, body["code"]) == (400, 40060)
    if first == 5:
        await desk.follow("POST", body={"content": "done"})
    await task


async def test_it_must_come_within_three_seconds(desk: Desk) -> None:
    """Page interactions/receiving-and-responding: limits.ANSWER_SECONDS."""
    task = await command(desk)
    desk.clock.advance(2.999)
    assert not task.done()
    desk.clock.advance(0.001)
    with pytest.raises(InteractionFailed):
        await task
    status, body = await desk.answer(4, {"content": "late"})
    assert (status, body["code"]) == (404, 10062)


async def test_a_wrong_token_or_id_is_no_interaction(desk: Desk) -> None:
    task = await command(desk)
    it = desk.received()
    other = {**it, "token": "wrong"}, {**it, "id": "1"}
    for one in other:
        path = f"/interactions/{one['id']}/{one['token']}/callback"
        status, body = await desk.api("POST", path, {"type": 4, "data": {"content": "x"}})
        assert (status, body["code"]) == (404, 10062)
    await desk.answer(4, {"content": "done"})
    await task


async def test_there_is_no_answer_in_a_channel_that_is_gone(desk: Desk) -> None:
    task = await command(desk)
    desk.sandbox.guild.delete_channel(desk.sandbox.guild.channel("general"))
    status, body = await desk.answer(4, {"content": "x"})
    assert (status, body["code"]) == (404, 10003)
    desk.clock.advance(3)
    with pytest.raises(InteractionFailed):
        await task


async def test_without_with_response_there_is_no_body(desk: Desk) -> None:
    task = await command(desk)
    it = desk.received()
    path = f"/interactions/{it['id']}/{it['token']}/callback"
    assert await desk.api("POST", path, {"type": 4, "data": {"content": "x"}}) == (204, None)
    await task


async def test_only_the_ephemeral_flag_goes_with_a_deferred_message(desk: Desk) -> None:
    for flags in (4, 4096, 32768, 64 | 4):
        task = await command(desk)
        assert (await desk.answer(5, {"flags": flags}))[1]["code"] == 50035
        assert (await desk.answer(5, {"flags": 64}))[0] == 200
        await desk.follow("PATCH", "@original", {"content": "done"})
        await task


@pytest.mark.parametrize(("kind", "loading"), [(4, False), (5, True), (6, False), (7, False)])
async def test_what_with_response_tells(desk: Desk, kind: int, *, loading: bool) -> None:
    task = await component(desk)
    status, body = await desk.answer(kind, {**DATA[kind], **({"flags": 64} if kind < 6 else {})})
    assert status == 200
    it, shown = desk.received(), body["interaction"]
    source = it["message"]["id"]
    assert (shown["id"], shown["type"], shown["response_message_loading"]) == (it["id"], 3, loading)
    assert shown["response_message_ephemeral"] is (kind < 6)
    assert (shown["response_message_id"] == source) is (kind >= 6)
    if kind in {4, 7}:
        assert body["resource"]["type"] == kind
        assert body["resource"]["message"]["id"] == shown["response_message_id"]
    else:
        assert "resource" not in body
    if kind == 5:
        await desk.follow("PATCH", "@original", {"content": "done"})
    await task


@pytest.mark.parametrize("kind", [8, 9])
async def test_choices_and_modals_have_no_message(desk: Desk, kind: int) -> None:
    task = await (autocomplete if kind == 8 else command)(desk)
    _, body = await desk.answer(kind, DATA[kind])
    assert body == {"interaction": {"id": desk.received()["id"], "type": 4 if kind == 8 else 2}}
    assert (await desk.follow("GET", "@original"))[1]["code"] == 10008
    await task


# -- following up -------------------------------------------------------------------------------------


async def test_nothing_follows_before_the_first_answer(desk: Desk) -> None:
    task = await command(desk)
    status, body = await desk.follow("POST", body={"content": "early"})
    assert (status, body["code"]) == (404, 10015)
    await desk.answer(4, {"content": "done"})
    await task


async def test_nor_after_fifteen_minutes(desk: Desk) -> None:
    """Page interactions/receiving-and-responding: limits.TOKEN_SECONDS."""
    task = await command(desk)
    await desk.answer(4, {"content": "done"})
    await task
    desk.clock.advance(15 * 60 - 1)
    status, more = await desk.follow("POST", body={"content": "more"})
    assert status == 200
    desk.clock.advance(2)
    for method, message, body in (
        ("POST", "", {"content": "x"}),
        ("GET", "@original", None),
        ("PATCH", "@original", {"content": "x"}),
        ("DELETE", more["id"], None),
    ):
        status, refused = await desk.follow(method, message, body)
        assert (status, refused["code"]) == (401, 50027)


async def test_nor_for_another_application_or_token(desk: Desk) -> None:
    task = await command(desk)
    await desk.answer(4, {"content": "done"})
    await task
    token = desk.received()["token"]
    for path, code in ((f"/webhooks/1/{token}", 10015), (f"/webhooks/{desk.sandbox.bot_id}/wrong", 50027)):
        assert (await desk.api("POST", path, {"content": "x"}))[1]["code"] == code


async def test_messages_are_read_changed_and_deleted(desk: Desk) -> None:
    task = await command(desk)
    await desk.answer(4, {"content": "first"})
    original = (await task).message
    _, more = await desk.follow("POST", body={"content": "more"})
    for name, content in (("@original", "first"), (more["id"], "more")):
        assert (await desk.follow("GET", name))[1]["content"] == content
        assert (await desk.follow("PATCH", name, {"content": content.upper()}))[0] == 200
        assert (await desk.follow("GET", name))[1]["content"] == content.upper()
    assert (await desk.follow("DELETE", more["id"]))[0] == 204
    assert (await desk.follow("GET", more["id"]))[1]["code"] == 10008
    assert (await desk.follow("DELETE", "@original"))[0] == 204
    assert original.deleted
    assert (await desk.follow("PATCH", "@original", {"content": "x"}))[1]["code"] == 10008
    others = desk.alice.send(desk.sandbox.guild.channel("general"), "mine")
    assert (await desk.follow("DELETE", str(others.id)))[1]["code"] == 10008, "not a message of this answer"


@pytest.mark.parametrize("ephemeral", [True, False])
async def test_the_first_follow_up_takes_the_place_of_thinking(desk: Desk, *, ephemeral: bool) -> None:
    task = await command(desk)
    await desk.answer(5, {"flags": 64 if ephemeral else 0})
    assert (await desk.follow("GET", "@original"))[1]["flags"] & 128
    _, first = await desk.follow("POST", body={"content": "done", "flags": 0 if ephemeral else 64})
    message = (await task).message
    assert (str(message.id), message.ephemeral, message.loading) == (first["id"], ephemeral, False)
    _, second = await desk.follow("POST", body={"content": "more", "flags": 0 if ephemeral else 64})
    assert second["id"] != first["id"]
    assert bool(second["flags"] & 64) is not ephemeral


async def test_whether_it_is_ephemeral_never_changes(desk: Desk) -> None:
    for flags in (0, 64):
        task = await command(desk)
        await desk.answer(4, {"content": "x", "flags": flags})
        message = (await task).message
        await desk.follow("PATCH", "@original", {"content": "y", "flags": 4})
        assert message.ephemeral is bool(flags)
        assert (await desk.follow("PATCH", "@original", {"flags": 64 - flags}))[0] in {200, 400}
        assert message.ephemeral is bool(flags)


# -- ephemeral messages -------------------------------------------------------------------------------


async def test_ephemeral_messages_are_not_in_the_channel(desk: Desk) -> None:
    message = await ready(desk, ephemeral=True)
    path = f"/channels/{message.channel_id}/messages"
    one = f"{path}/{message.id}"
    for method, route, body in (
        ("GET", one, None),
        ("PATCH", one, {"content": "x"}),
        ("DELETE", one, None),
        ("PUT", f"{one}/reactions/👍/@me", None),
        ("POST", f"{one}/threads", {"name": "about"}),
    ):
        status, refused = await desk.api(method, route, body)
        assert (status, refused["code"]) == (404, 10008)
    assert (await desk.api("GET", path))[1] == []


async def test_their_components_work(desk: Desk) -> None:
    message = await ready(desk, ephemeral=True)
    task = await started(message.click("Go"))
    assert desk.received()["message"]["flags"] & 64
    await desk.answer(7, {"content": "pressed"})
    await task
    assert message.content == "pressed"
    assert message.ephemeral


async def test_they_can_be_deleted_though_nobody_sees_them_any_more(desk: Desk) -> None:
    message = await ready(desk, ephemeral=True)
    desk.alice.dismiss(message)
    assert (await desk.follow("DELETE", "@original"))[0] == 204
    assert (await desk.follow("DELETE", "@original"))[1]["code"] == 10008


# -- what the messages say of it ----------------------------------------------------------------------


async def told(desk: Desk, task: "asyncio.Task[Any]") -> tuple[Json, Json]:
    """Answer, follow up, and give both messages as they are read."""
    await desk.answer(4, {"content": "first"})
    await task
    _, more = await desk.follow("POST", body={"content": "more"})
    return (await desk.follow("GET", "@original"))[1], more


async def test_the_answer_to_a_command(desk: Desk) -> None:
    first, more = await told(desk, await command(desk))
    metadata = {
        "id": desk.received()["id"],
        "type": 2,
        "user": desk.alice.user.payload,
        "authorizing_integration_owners": {"0": str(desk.sandbox.guild.id)},
    }
    assert (first["type"], first["interaction_metadata"]) == (20, metadata)
    assert more["interaction_metadata"] == {**metadata, "original_response_message_id": first["id"]}
    assert first["application_id"] == first["webhook_id"] == str(desk.sandbox.bot_id)


async def test_the_answer_to_a_menu_of_a_message(desk: Desk) -> None:
    first, _ = await told(desk, await message_menu(desk))
    target = desk.received()["data"]["target_id"]
    assert (first["type"], first["interaction_metadata"]["target_message_id"]) == (23, target)
    assert first["message_reference"] == {
        "type": 0,
        "message_id": target,
        "channel_id": first["channel_id"],
        "guild_id": str(desk.sandbox.guild.id),
    }


async def test_the_answer_to_a_menu_of_a_person(desk: Desk) -> None:
    first, _ = await told(desk, await user_menu(desk))
    owner = desk.sandbox.guild.owner
    assert (first["type"], first["interaction_metadata"]["target_user"]) == (23, owner.user.payload)
    assert "message_reference" not in first


async def test_the_answer_to_a_component(desk: Desk) -> None:
    first, _ = await told(desk, await component(desk))
    source = desk.received()["message"]["id"]
    assert first["interaction_metadata"]["interacted_message_id"] == source
    assert first["message_reference"]["message_id"] == source


async def test_the_answer_to_a_modal(desk: Desk) -> None:
    first, _ = await told(desk, await modal_of_component(desk))
    opened_by = first["interaction_metadata"]["triggering_interaction_metadata"]
    assert (opened_by["type"], opened_by["interacted_message_id"]) == (3, desk.received()["message"]["id"])
    first, _ = await told(desk, await modal_of_command(desk))
    assert first["interaction_metadata"]["triggering_interaction_metadata"]["type"] == 2


async def test_answers_ping_users_alone_by_default(desk: Desk) -> None:
    role = desk.sandbox.guild.create_role("helpers", mentionable=True)
    task = await command(desk)
    await desk.answer(4, {"content": f"{desk.alice.mention} <@&{role.id}> @everyone"})
    message = (await task).message
    assert (message.pings, message.pings_everyone) == ([desk.alice.id], False)
