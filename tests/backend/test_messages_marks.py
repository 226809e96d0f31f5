"""People mark messages, take their marks back, and bring something about with some of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from oasst_client import (
    Emoji,
    EmojiOp,
    NotFoundError,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    TaskUnavailableError,
    UserDisabledError,
)

Workers = Callable[[str], Any]
Call = Callable[..., Any]


async def planted(client: OasstApiClient, worker: Workers) -> UUID:
    """Have ann write a prompt; gives the backend's id."""
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    return (await client.fetch_message(prompt)).id or uuid4()


async def replied(client: OasstApiClient, worker: Workers) -> UUID:
    """Have ann write a prompt that grows, and bob a reply to it; gives the reply's id."""
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    reply = await worker("bob").write(TaskRequestType.assistant_reply, "Because.")
    return (await client.fetch_message(reply)).id or uuid4()


async def test_marks_are_set_toggled_and_taken_back(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker)
    bob, cat = worker("bob").user, worker("cat").user
    for emoji in Emoji:
        seen = await client.mark_message(message, bob, emoji, EmojiOp.add)
        assert (seen.emojis or {})[emoji.value] == 1
        again = await client.mark_message(message, bob, emoji, EmojiOp.add)
        assert again.emojis == seen.emojis
        assert emoji.value in (again.user_emojis or [])
        both = await client.mark_message(message, cat, emoji)
        assert (both.emojis or {})[emoji.value] == 2
        for user in (bob, cat):
            gone = await client.mark_message(message, user, emoji)
        assert emoji.value not in (gone.emojis or {})
        nothing = await client.mark_message(message, bob, emoji, EmojiOp.remove)
        assert nothing.emojis == gone.emojis
    assert nothing.user_is_author is False


async def test_up_and_down_exclude_each_other(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker)
    bob = worker("bob").user
    await client.mark_message(message, bob, Emoji.thumbs_up)
    await client.mark_message(message, bob, Emoji.clap)
    seen = await client.mark_message(message, bob, Emoji.thumbs_down, EmojiOp.add)
    assert seen.emojis == {"-1": 1, "clap": 1}
    seen = await client.mark_message(message, bob, Emoji.thumbs_up)
    assert seen.emojis == {"+1": 1, "clap": 1}


async def test_nobody_votes_for_a_message_of_their_own(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker)
    ann = worker("ann").user
    for emoji in (Emoji.thumbs_up, Emoji.thumbs_down):
        seen = await client.mark_message(message, ann, emoji, EmojiOp.add)
        assert (seen.emojis, seen.user_is_author) == ({}, True)
    assert (await client.mark_message(message, ann, Emoji.clap)).emojis == {"clap": 1}


async def test_who_looks_sees_their_own_marks(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker)
    await client.mark_message(message, worker("bob").user, Emoji.skull)
    assert (await client.fetch_message(message, worker("bob").user)).user_emojis == ["skull"]
    assert (await client.fetch_message(message, worker("ann").user)).user_emojis == []
    assert (await client.fetch_message(message)).user_emojis == []


async def test_a_skip_mark_keeps_the_work_from_its_person_until_it_is_taken_back(
    client: OasstApiClient, worker: Workers
) -> None:
    message = await planted(client, worker)
    bob = worker("bob")
    await client.mark_message(message, bob.user, Emoji.skip_labeling)
    assert (await client.fetch_availability(bob.user))[TaskRequestType.label_initial_prompt] == 0
    with pytest.raises(TaskUnavailableError):
        await bob.fetch(TaskRequestType.label_initial_prompt)
    assert (await client.fetch_availability(worker("cat").user))[TaskRequestType.label_initial_prompt] == 1
    await client.mark_message(message, bob.user, Emoji.skip_labeling)
    await bob.label(TaskRequestType.label_initial_prompt)


async def test_red_flags_delete_a_reply(client: OasstApiClient, worker: Workers) -> None:
    reply = await replied(client, worker)
    for name in ("cat", "dan", "eve"):
        seen = await client.mark_message(reply, worker(name).user, Emoji.red_flag)
        assert seen.deleted is False
    seen = await client.mark_message(reply, worker("fay").user, Emoji.red_flag)
    assert (seen.deleted, seen.emojis) == (True, {"red_flag": 4})
    assert (await client.fetch_availability(worker("cat").user))[TaskRequestType.label_assistant_reply] == 0


async def test_a_flag_that_had_an_effect_cannot_be_taken_back_and_raised_again(
    client: OasstApiClient, worker: Workers
) -> None:
    reply = await replied(client, worker)
    cat = worker("cat").user
    await client.mark_message(reply, cat, Emoji.red_flag)
    await client.mark_message(reply, cat, Emoji.red_flag)
    for name in ("cat", "dan", "eve", "fay"):
        await client.mark_message(reply, worker(name).user, Emoji.red_flag)
    await client.undelete_message(reply)
    for op in (EmojiOp.toggle, EmojiOp.remove):
        with pytest.raises(RefusedError) as refused:
            await client.mark_message(reply, cat, Emoji.red_flag, op)
        assert (refused.value.code, refused.value.http_status) == (5000, 400)
    still = await client.mark_message(reply, cat, Emoji.red_flag, EmojiOp.add)
    assert (still.deleted, still.emojis) == (False, {"red_flag": 4})
    assert (await client.mark_message(reply, worker("gil").user, Emoji.red_flag)).deleted is True


async def test_skips_that_halted_a_tree_cannot_be_repeated_by_one_person(
    client: OasstApiClient, worker: Workers
) -> None:
    reply = await replied(client, worker)
    root = (await client.fetch_message(reply)).parent_id or uuid4()
    people = [worker(f"person{number}").user for number in range(25)]
    for user in people:
        assert (await client.fetch_tree_status(root)).state == "growing"
        await client.mark_message(root, user, Emoji.skip_reply)
    assert (await client.fetch_tree_status(root)).state == "halted_by_moderator"
    await client.halt_tree(root, halt=False)
    with pytest.raises(RefusedError) as refused:
        await client.mark_message(root, people[0], Emoji.skip_reply)
    assert refused.value.code == 5000
    assert (await client.fetch_tree_status(root)).state == "growing"


async def test_marks_that_cannot_be_set_are_refused(
    client: OasstApiClient, worker: Workers, call: Call
) -> None:
    message = await planted(client, worker)
    bob = worker("bob").user
    with pytest.raises(NotFoundError) as unknown:
        await client.mark_message(uuid4(), bob, Emoji.clap)
    assert unknown.value.code == 2001
    path = f"/api/v1/messages/{message}/emoji"
    body = {"user": bob.model_dump(mode="json"), "emoji": "clap"}
    for fault in ({"emoji": "banana"}, {"op": "flip"}, {"user": None}, {"emoji": None}):
        assert (await call("POST", path, body=body | fault))[0] == 422
    assert (await call("POST", "/api/v1/messages/not-an-id/emoji", body=body))[0] == 422
    status, answer = await call("POST", path, body=body, key=None)
    assert (status, answer["error_code"]) == (403, 2)
    await client.put_user(bob, enabled=False)
    with pytest.raises(UserDisabledError):
        await client.mark_message(message, bob, Emoji.clap)
    assert (await client.fetch_message(message)).emojis == {}


async def test_a_key_that_is_not_trusted_may_mark(worker: Workers, call: Call, plain_key: str) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    body = {"user": worker("bob").user.model_dump(mode="json"), "emoji": "rofl", "op": "add"}
    status, seen = await call("POST", f"/api/v1/messages/{message['id']}/emoji", body=body, key=plain_key)
    assert (status, seen["emojis"]) == (202, {"rofl": 1})
