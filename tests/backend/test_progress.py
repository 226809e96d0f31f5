"""What the community has gathered is told to any key, is right, and is counted once a minute at most."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from oasst_backend.server import BackendServer
from oasst_backend.service.tree_counts import state_counts
from oasst_client import OasstApiClient, TaskRequestType

Workers = Callable[[str], Any]
Connect = Callable[..., OasstApiClient]


async def test_an_empty_backend_has_gathered_nothing(client: OasstApiClient) -> None:
    found = (await client.fetch_progress()).model_dump(exclude={"last_updated"})
    nothing = {"prompts": 0, "replies_assistant": 0, "replies_prompter": 0}
    week = {**nothing, "reviews": 0, "rankings": 0, "people": 0}
    assert found == {
        "messages": {},
        "trees": {},
        "reviews": 0,
        "rankings": 0,
        "people": 0,
        "week": week,
        "week_before": week,
    }


@pytest.mark.usefixtures("finished_tree")
async def test_messages_trees_reviews_rankings_and_people_are_counted_for_any_key(
    backend: BackendServer, connect: Connect, plain_key: str, worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Warum?", "de")
    await worker("eve").label(TaskRequestType.label_initial_prompt, lang="de")
    await worker("eve").write(TaskRequestType.assistant_reply, "Darum.", "de")
    pass_time(seconds=1)
    found = await connect(backend, plain_key).fetch_progress()
    assert {lang: tuple(count.model_dump().values()) for lang, count in found.messages.items()} == {
        "en": (1, 2, 0),
        "de": (1, 1, 0),
    }
    assert list(found.messages) == ["en", "de"]
    assert found.trees == {"ready_for_export": 1, "growing": 1}
    assert (found.reviews, found.rankings, found.people) == (4, 1, 5)
    assert found.week.model_dump() == {
        "prompts": 2,
        "replies_assistant": 3,
        "replies_prompter": 0,
        "reviews": 4,
        "rankings": 1,
        "people": 5,
    }
    assert found.week_before.people == 0


async def test_a_week_becomes_the_week_before(
    client: OasstApiClient, worker: Workers, finished_tree: str, pass_time: Callable[..., None]
) -> None:
    assert finished_tree
    pass_time(days=6, hours=23)
    assert (await client.fetch_progress()).week.people == 4
    pass_time(hours=2)
    await worker("ann").write(TaskRequestType.initial_prompt, "How?")
    pass_time(minutes=1)
    found = await client.fetch_progress()
    assert (found.week.prompts, found.week.people) == (1, 1)
    assert (found.week_before.prompts, found.week_before.reviews, found.week_before.people) == (1, 3, 4)
    pass_time(days=7)
    found = await client.fetch_progress()
    assert (found.week.people, found.week_before.prompts, found.people) == (0, 1, 4)


async def test_what_is_deleted_is_gathered_no_more(
    client: OasstApiClient, finished_tree: str, pass_time: Callable[..., None]
) -> None:
    pass_time(seconds=1)
    assert (await client.fetch_progress()).week.replies_assistant == 2
    for reply in await client.fetch_children(finished_tree):
        assert reply.id is not None
        await client.delete_message(reply.id)
    pass_time(minutes=1)
    found = await client.fetch_progress()
    assert (found.messages["en"].replies_assistant, found.week.replies_assistant) == (0, 0)


async def test_it_is_counted_once_a_minute_at_most_however_many_ask(
    client: OasstApiClient,
    worker: Workers,
    pass_time: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = []

    def note(connection: Any) -> dict[str, int]:  # noqa: ANN401  # handed on as it is
        counted.append(1)
        return state_counts(connection)

    monkeypatch.setattr("oasst_backend.service.progress.state_counts", note)
    await asyncio.gather(*(client.fetch_progress() for _ in range(20)))
    assert len(counted) == 1
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    pass_time(seconds=59)
    assert (await client.fetch_progress()).messages == {}
    pass_time(seconds=1)
    assert (await client.fetch_progress()).messages["en"].prompts == 1
    assert len(counted) == 2
