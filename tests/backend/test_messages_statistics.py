"""Messages and trees are counted: at once where it is cheap, else by an update that is asked for."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from oasst_client import OasstApiClient, RefusedError, TaskRequestType

Workers = Callable[[str], Any]


async def test_messages_are_counted_with_those_that_were_deleted(
    client: OasstApiClient, worker: Workers, finished_tree: str, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Warum?", "de")
    stats = await client.fetch_stats()
    assert stats.model_dump() == {
        "all": 4,
        "active": 4,
        "active_by_lang": {"en": 3, "de": 1},
        "deleted": 0,
        "message_trees": 2,
    }
    reply = (await client.fetch_children(finished_tree))[0].id or uuid4()
    await client.delete_message(reply)
    pass_time(minutes=1)
    stats = await client.fetch_stats()
    assert (stats.all, stats.active, stats.active_by_lang, stats.deleted) == (4, 3, {"en": 2, "de": 1}, 1)


async def test_counts_are_a_minute_old_at_most_and_new_after_an_update(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    assert (await client.fetch_stats()).all == 0
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    pass_time(seconds=59)
    assert (await client.fetch_stats()).all == 0
    await client.update_cached_stats()
    assert (await client.fetch_stats()).all == 1
    await worker("bob").write(TaskRequestType.initial_prompt, "How?")
    pass_time(seconds=60)
    assert (await client.fetch_stats()).all == 2


async def test_states_are_counted_as_trees_move_on(client: OasstApiClient, worker: Workers) -> None:
    assert await client.fetch_tree_state_counts() == {}
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("ann").write(TaskRequestType.initial_prompt, "Warum?", "de")
    assert await client.fetch_tree_state_counts() == {"initial_prompt_review": 2}
    await client.halt_tree((await client.fetch_message(prompt)).id or uuid4(), halt=True)
    assert await client.fetch_tree_state_counts() == {"initial_prompt_review": 1, "halted_by_moderator": 1}


async def test_trees_that_are_worked_on_tell_how_far_they_have_grown(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    pass_time(minutes=1)
    replies = [await worker(name).write(TaskRequestType.assistant_reply, name) for name in ("bob", "cat")]
    halted = await worker("dan").write(TaskRequestType.initial_prompt, "How?")
    await client.halt_tree((await client.fetch_message(halted)).id or uuid4(), halt=True)
    await client.delete_message((await client.fetch_message(replies[0])).id or uuid4())
    (tree,) = await client.fetch_tree_message_counts()
    assert tree.message_tree_id == (await client.fetch_message(prompt)).id
    assert (tree.state, tree.depth, tree.count, tree.goal_tree_size) == ("growing", 1, 2, 3)
    assert (tree.oldest and tree.oldest.minute, tree.youngest and tree.youngest.minute) == (0, 1)
    both = await client.fetch_tree_manager_stats()
    assert both.message_counts == [tree]
    assert both.state_counts == {"growing": 1, "halted_by_moderator": 1}


async def test_how_many_trees_are_told_is_bounded(
    client: OasstApiClient, worker: Workers, call: Callable[..., Any]
) -> None:
    for number in range(3):
        await worker("ann").write(TaskRequestType.initial_prompt, f"text {number}")
    path = "/api/v1/stats/tree_manager"
    for where in (path, f"{path}/message_counts"):
        _, found = await call("GET", f"{where}?max_count=2")
        assert len(found["message_counts"] if where == path else found) == 2
        assert (await call("GET", f"{where}?max_count=1001"))[0] == 422
    assert len(await client.fetch_tree_message_counts()) == 3


async def test_what_an_update_counts_is_kept(
    client: OasstApiClient, worker: Workers, finished_tree: str, pass_time: Callable[..., None]
) -> None:
    assert finished_tree
    assert (await client.fetch_cached_stats()).stats_by_name == {}
    with pytest.raises(RefusedError) as refused:
        await client.fetch_cached_stat("human_messages_by_lang")
    assert (refused.value.code, refused.value.http_status) == (6000, 400)
    await worker("ann").write(TaskRequestType.initial_prompt, "Warum?", "de")
    await client.put_user(worker("ann").user, tos_acceptance=True)
    await client.update_cached_stats()
    pass_time(minutes=5)
    await worker("bob").write(TaskRequestType.initial_prompt, "How?")
    kept = (await client.fetch_cached_stats()).stats_by_name
    assert {name: stat.stats for name, stat in kept.items()} == {
        "human_messages_by_lang": {"de": 1, "en": 3},
        "human_messages_by_role": {"assistant": 2, "prompter": 2},
        "message_trees_by_state": {"initial_prompt_review": 1, "ready_for_export": 1},
        "message_trees_states_by_lang": [
            {"lang": "de", "state": "initial_prompt_review", "count": 1},
            {"lang": "en", "state": "ready_for_export", "count": 1},
        ],
        "users_accepted_tos": {"count": 1},
        "message_stats": {
            "all": 4,
            "active": 4,
            "active_by_lang": {"de": 1, "en": 3},
            "deleted": 0,
            "message_trees": 2,
        },
    }
    one = await client.fetch_cached_stat("human_messages_by_lang")
    assert (one.name, one.last_updated and one.last_updated.minute) == ("human_messages_by_lang", 0)
    await client.update_cached_stats()
    assert (await client.fetch_cached_stat("human_messages_by_lang")).stats == {"de": 1, "en": 4}
    with pytest.raises(RefusedError):
        await client.fetch_cached_stat("nonsense")
