"""Work is kept for whoever has it in hand, and what comes too late is kept without counting."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.storage.tables import messages, rankings, trees
from oasst_client import (
    MessageRanking,
    OasstApiClient,
    TaskRequestType,
    TaskUnavailableError,
)

Workers = Callable[[str], Any]


def query(server: BackendServer, statement: sa.Select[Any]) -> list[Any]:
    """Look into the database beside the running service."""
    assert server.storage is not None
    return list(server.storage.read_now(lambda connection: connection.execute(statement).all()))


async def test_a_message_being_answered_is_not_handed_out_again_for_a_while(
    worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    await worker("cat").fetch(TaskRequestType.assistant_reply)
    for name in ("cat", "dan"):
        with pytest.raises(TaskUnavailableError):
            await worker(name).fetch(TaskRequestType.assistant_reply)
    pass_time(minutes=6)
    await worker("dan").fetch(TaskRequestType.assistant_reply)


async def test_what_comes_too_late_is_kept_and_not_counted(
    backend: BackendServer, worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    reviewer, shown = await worker("bob").take(TaskRequestType.label_initial_prompt)
    pass_time(minutes=31)
    await worker("cat").label(TaskRequestType.label_initial_prompt)
    assert shown
    await worker("bob").hand_in_labels(reviewer, {"spam": 1})
    slow = []
    for name in ("dan", "eve", "fay"):
        slow.append((name, await worker(name).take(TaskRequestType.assistant_reply)))
        pass_time(minutes=31)
    for name, (_, shown) in slow:
        await worker(name).write(TaskRequestType.assistant_reply, name, shown=shown)
    surplus = dict(query(backend, sa.select(messages.c.text, messages.c.surplus).where(messages.c.depth > 0)))
    assert surplus == {"dan": False, "eve": False, "fay": True}
    reviewed = sa.select(messages.c.review_count, messages.c.review_result).where(messages.c.depth == 0)
    assert query(backend, reviewed) == [(1, True)]


async def test_what_comes_late_counts_while_its_place_is_free(
    backend: BackendServer, worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    reviewer, _ = await worker("bob").take(TaskRequestType.label_initial_prompt)
    pass_time(minutes=31)
    await worker("bob").hand_in_labels(reviewer)
    for name in ("cat", "dan"):
        _, shown = await worker(name).take(TaskRequestType.assistant_reply)
        pass_time(minutes=31)
        await worker(name).write(TaskRequestType.assistant_reply, name, shown=shown)
    surplus = dict(query(backend, sa.select(messages.c.text, messages.c.surplus).where(messages.c.depth > 0)))
    assert surplus == {"cat": False, "dan": False}


async def test_a_late_or_second_ballot_has_no_say(
    backend: BackendServer, worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.assistant_reply, name)
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    _, shown = await worker("eve").take(TaskRequestType.rank_assistant_replies)
    pass_time(minutes=31)
    await worker("dan").rank(TaskRequestType.rank_assistant_replies)
    await worker("eve").client.post_interaction(
        MessageRanking(user=worker("eve").user, message_id=shown, ranking=[1, 0])
    )
    assert sorted(row.counted for row in query(backend, sa.select(rankings.c.counted))) == [False, True]


async def test_prompts_being_written_take_their_places(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(rules={"max_active_trees": 0, "max_initial_prompt_review": 2}))
    for name in ("ann", "bob"):
        await worker_at(client, name).fetch(TaskRequestType.initial_prompt)
    with pytest.raises(TaskUnavailableError):
        await worker_at(client, "cat").fetch(TaskRequestType.initial_prompt)


async def test_the_lottery_never_lets_more_trees_grow_than_wanted(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    server = start_backend(rules={"max_active_trees": 3})
    client = connect(server)
    for number in range(6):
        await worker_at(client, f"author{number}").write(
            TaskRequestType.initial_prompt, f"Question {number}?"
        )
        await worker_at(client, f"reader{number}").label(TaskRequestType.label_initial_prompt)
    await asyncio.gather(
        *(client.fetch_availability(worker_at(client, f"asker{number}").user) for number in range(8))
    )
    growing = sa.select(trees.c.id).where(trees.c.state == "growing")
    assert len(query(server, growing)) == 3


async def test_prompts_are_not_asked_for_in_languages_that_are_switched_off(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(rules={"init_prompt_disabled_langs": ["de"]}))
    ann = worker_at(client, "ann")
    await ann.fetch(TaskRequestType.initial_prompt, "en")
    with pytest.raises(TaskUnavailableError):
        await ann.fetch(TaskRequestType.initial_prompt, "de")
    assert (await client.fetch_availability(ann.user, lang="de"))["random"] == 0
