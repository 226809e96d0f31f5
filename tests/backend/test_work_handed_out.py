"""Who gets which work: what was skipped, flagged, deleted or is lonely, and whose prompts are drawn."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from oasst_backend.server import BackendServer
from oasst_backend.service import lottery
from oasst_client import LabelTaskMode, OasstApiClient, TaskRequestType, TaskUnavailableError, TextLabels

Workers = Callable[[str], Any]
Call = Callable[..., Any]


@pytest.fixture
def workers_under(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> Callable[..., Workers]:
    """Start a backend with rules of its own, and give those who work there."""

    def start(**rules: object) -> Workers:
        client = connect(start_backend(rules=rules))
        return lambda name: worker_at(client, name)

    return start


async def grow(worker: Workers, *replies: str, prompt: str = "Why?") -> str:
    """Have a prompt accepted, and a reply to it of each person named; gives the frontend's id of the last."""
    last: str = await worker("ann").write(TaskRequestType.initial_prompt, prompt)
    await worker("rev").label(TaskRequestType.label_initial_prompt)
    for name in replies:
        last = await worker(name).write(TaskRequestType.assistant_reply, f"by {name}")
    for _ in replies:
        await worker("rev").label(TaskRequestType.label_assistant_reply)
    return last


async def skip(person: Any, kind: TaskRequestType) -> None:  # noqa: ANN401  # a Worker
    task, _ = await person.take(kind)
    await person.client.nack_task(task.id, "not for me", person.user)


async def report(person: Any, message_id: UUID) -> None:  # noqa: ANN401  # a Worker
    await person.client.post_text_labels(
        TextLabels(user=person.user, text="", message_id=message_id, labels={"spam": 1}, is_report=True)
    )


@pytest.mark.parametrize(
    ("kind", "replies"),
    [
        (TaskRequestType.label_initial_prompt, None),
        (TaskRequestType.assistant_reply, ()),
        (TaskRequestType.rank_assistant_replies, ("bob", "cat")),
    ],
)
async def test_what_a_person_skipped_goes_to_another(
    worker: Workers, kind: TaskRequestType, replies: tuple[str, ...] | None
) -> None:
    if replies is None:
        await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    else:
        await grow(worker, *replies)
    await skip(worker("dan"), kind)
    with pytest.raises(TaskUnavailableError):
        await worker("dan").fetch(kind)
    await worker("eve").fetch(kind)


async def test_a_message_that_many_do_not_want_to_reply_to_halts_its_tree(
    workers_under: Callable[..., Workers],
) -> None:
    worker = workers_under(auto_mod_max_skip_reply=2)
    await grow(worker)
    for name in ("bob", "cat"):
        await skip(worker(name), TaskRequestType.assistant_reply)
    with pytest.raises(TaskUnavailableError):
        await worker("dan").fetch(TaskRequestType.assistant_reply)


async def test_flags_delete_a_reply_with_all_below_it_and_make_room(
    workers_under: Callable[..., Workers],
) -> None:
    worker = workers_under(auto_mod_red_flags=2, max_tree_depth=2, goal_tree_size=9)
    reply = await grow(worker, "bob")
    below = await worker("ann").write(TaskRequestType.prompter_reply, "And then?")
    client = worker("ann").client
    message = await client.fetch_message(reply)
    for name in ("cat", "dan"):
        assert (await client.fetch_message(reply)).deleted is False
        await report(worker(name), message.id)
    assert (await client.fetch_message(reply)).deleted is True
    assert (await client.fetch_message(below)).deleted is True
    available = await client.fetch_availability(worker("eve").user)
    assert (available["assistant_reply"], available["prompter_reply"]) == (1, 0)


async def test_a_reply_to_what_was_deleted_meanwhile_is_kept_as_deleted(
    workers_under: Callable[..., Workers],
) -> None:
    worker = workers_under(max_tree_depth=2, goal_tree_size=9)
    reply = await grow(worker, "bob")
    _, shown = await worker("ann").take(TaskRequestType.prompter_reply)
    client = worker("ann").client
    await client.delete_message((await client.fetch_message(reply)).id)
    late = await worker("ann").write(TaskRequestType.prompter_reply, "And then?", shown=shown)
    assert (await client.fetch_message(late)).deleted is True


async def test_a_review_asked_for_by_its_type_is_full(workers_under: Callable[..., Workers]) -> None:
    worker = workers_under(p_full_labeling_review_reply_assistant=0, max_children_count=1)
    await grow(worker)
    await worker("bob").write(TaskRequestType.assistant_reply, "Because.")
    asked = await worker("cat").fetch(TaskRequestType.label_assistant_reply)
    assert asked.mode is LabelTaskMode.full
    await worker("cat").client.nack_task(asked.id, "later", worker("cat").user)
    drawn = await worker("dan").fetch(TaskRequestType.random)
    assert drawn.type == "label_assistant_reply"
    assert drawn.mode is LabelTaskMode.simple
    assert drawn.valid_labels == ["spam", "lang_mismatch", "quality"]


async def test_a_message_with_one_reply_is_preferred_to_one_without(
    workers_under: Callable[..., Workers], pass_time: Callable[..., None]
) -> None:
    worker = workers_under(p_lonely_child_extension=1, goal_tree_size=9)
    await grow(worker, "bob", prompt="lonely")
    for prompt in ("one", "two", "three"):
        await grow(worker, prompt=prompt)
    for name in ("cat", "dan", "eve", "fay", "gil"):
        task = await worker(name).fetch(TaskRequestType.assistant_reply)
        assert task.conversation.messages[0].text == "lonely"
        pass_time(minutes=31)


@pytest.mark.usefixtures("finished_tree")
async def test_who_was_ranked_first_is_likelier_to_win_the_lottery(
    worker: Workers, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[..., None]
) -> None:
    wins: list[list[int]] = []

    def draw(
        waiting: dict[str, dict[str, int]], ranked_first: dict[str, int], _places: int, _rng: random.Random
    ) -> list[str]:
        wins.append(sorted(ranked_first.get(author, 0) for author in waiting))
        return []

    monkeypatch.setattr(lottery, "draw_prompts", draw)
    for name in ("cat", "bob"):
        await worker(name).write(TaskRequestType.initial_prompt, f"by {name}")
        await worker("rev").label(TaskRequestType.label_initial_prompt)
    await worker("rev").client.fetch_availability(worker("rev").user)
    assert wins[-1] == [0, 1]
    pass_time(days=31)
    await worker("rev").client.fetch_availability(worker("rev").user)
    assert wins[-1] == [0, 0]
