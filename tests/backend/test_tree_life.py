"""A tree goes from a prompt to the dataset, by what people do and see."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oasst_backend.exporting import ExportChoice, export_trees
from oasst_backend.server import BackendServer
from oasst_backend.service import growth
from oasst_client import (
    LabelTaskMode,
    OasstApiClient,
    RankAssistantRepliesTask,
    RefusedError,
    TaskRequestType,
    TaskUnavailableError,
)

Workers = Callable[[str], Any]


def exported(server: BackendServer, path: Path, *, everything: bool = False) -> list[dict[str, Any]]:
    """Export while the service runs, and read the file."""
    assert server.storage is not None
    export_trees(server.storage, path, ExportChoice(everything=everything))
    return [json.loads(line) for line in path.read_text().splitlines()]


async def state_of(call: Callable[..., Any], frontend_id: str) -> str:
    """Ask for the state of the tree of a message."""
    _, message = await call("GET", f"/api/v1/frontend_messages/{frontend_id}")
    _, state = await call("GET", f"/api/v1/messages/{message['id']}/tree/state")
    return str(state["state"])


async def test_a_tree_is_written_reviewed_ranked_and_exported(
    backend: BackendServer, finished_tree: str, call: Callable[..., Any], tmp_path: Path
) -> None:
    assert await state_of(call, finished_tree) == "ready_for_export"
    (tree,) = exported(backend, tmp_path / "out.jsonl")
    assert tree["prompt"]["text"] == "Why is the sky blue?"
    assert tree["prompt"]["review_count"] == 1
    assert tree["prompt"]["labels"]["spam"] == {"value": 0.0, "count": 1}
    assert [(reply["rank"], reply["text"]) for reply in tree["prompt"]["replies"]] == [
        (0, "Air scatters blue light most."),
        (1, "Because of the sea."),
    ]


async def test_the_request_that_draws_a_prompt_sees_the_new_tree(worker: Workers) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "One?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    task = await worker("cat").fetch(TaskRequestType.assistant_reply)
    assert task.conversation.messages[0].text == "One?"


async def test_a_rejected_prompt_ends_its_tree(worker: Workers, call: Callable[..., Any]) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "buy buy buy")
    await worker("bob").label(TaskRequestType.label_initial_prompt, {"spam": 1})
    assert await state_of(call, prompt) == "aborted_low_grade"


async def test_a_rejected_reply_makes_room_for_another(
    backend: BackendServer, worker: Workers, tmp_path: Path
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    await worker("bob").write(TaskRequestType.assistant_reply, "spam spam")
    await worker("cat").write(TaskRequestType.assistant_reply, "a")
    for _ in range(2):
        task, _ = await worker("dan").take(TaskRequestType.label_assistant_reply)
        is_spam = task.conversation.messages[-1].text == "spam spam"
        await worker("dan").hand_in_labels(task, {"spam": float(is_spam)})
    await worker("eve").write(TaskRequestType.assistant_reply, "b")
    await worker("dan").label(TaskRequestType.label_assistant_reply)
    await worker("dan").rank(TaskRequestType.rank_assistant_replies)
    (tree,) = exported(backend, tmp_path / "out.jsonl")
    assert [reply["text"] for reply in tree["prompt"]["replies"]] == ["a", "b"]
    (whole,) = exported(backend, tmp_path / "all.jsonl", everything=True)
    assert len(whole["prompt"]["replies"]) == 3


async def test_prompter_replies_grow_and_are_ranked_when_switched_on(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    tmp_path: Path,
) -> None:
    rules = {
        "max_children_count": 1,
        "num_prompter_replies": 2,
        "max_tree_depth": 2,
        "goal_tree_size": 4,
        "rank_prompter_replies": True,
    }
    server = start_backend(rules=rules)
    client = connect(server)
    ann, bob, cat, dan = (worker_at(client, name) for name in ("ann", "bob", "cat", "dan"))
    await ann.write(TaskRequestType.initial_prompt, "Hello!")
    await bob.label(TaskRequestType.label_initial_prompt)
    await bob.write(TaskRequestType.assistant_reply, "Hello. How are you?")
    await cat.label(TaskRequestType.label_assistant_reply)
    await ann.write(TaskRequestType.prompter_reply, "b: fine")
    await cat.write(TaskRequestType.prompter_reply, "a: not so well")
    for _ in range(2):
        await dan.label(TaskRequestType.label_prompter_reply)
    await dan.rank(TaskRequestType.rank_prompter_replies)
    (tree,) = exported(server, tmp_path / "out.jsonl")
    replies = tree["prompt"]["replies"][0]["replies"]
    assert [reply["text"] for reply in replies] == ["a: not so well", "b: fine"]


async def test_a_tree_whose_depth_is_used_up_does_not_wait_for_its_goal(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server = start_backend(rules={"goal_tree_size": 40})
    client = connect(server)
    ann, bob, cat, dan = (worker_at(client, name) for name in ("ann", "bob", "cat", "dan"))
    await ann.write(TaskRequestType.initial_prompt, "Hello!")
    await bob.label(TaskRequestType.label_initial_prompt)
    await bob.write(TaskRequestType.assistant_reply, "b")
    await cat.write(TaskRequestType.assistant_reply, "a")
    for _ in range(2):
        await dan.label(TaskRequestType.label_assistant_reply)
    await dan.rank(TaskRequestType.rank_assistant_replies)
    assert len(exported(server, tmp_path / "out.jsonl")) == 1


async def test_the_full_set_of_labels_is_asked_with_words_and_widgets(worker: Workers) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    task = await worker("bob").label(TaskRequestType.label_initial_prompt)
    assert task.mode is LabelTaskMode.full
    assert task.mandatory_labels == ["spam"]
    assert [label.name for label in task.labels] == task.valid_labels
    assert task.conversation.messages[-1].id == task.message_id


async def test_nobody_reviews_or_ranks_their_own_or_the_same_twice(worker: Workers) -> None:
    ann, bob, cat = worker("ann"), worker("bob"), worker("cat")
    await ann.write(TaskRequestType.initial_prompt, "Why?")
    with pytest.raises(TaskUnavailableError):
        await ann.fetch(TaskRequestType.label_initial_prompt)
    await bob.label(TaskRequestType.label_initial_prompt)
    await bob.write(TaskRequestType.assistant_reply, "b")
    with pytest.raises(TaskUnavailableError):
        await bob.fetch(TaskRequestType.label_assistant_reply)
    with pytest.raises(TaskUnavailableError):
        await bob.fetch(TaskRequestType.assistant_reply)
    await cat.write(TaskRequestType.assistant_reply, "c")
    for _ in range(2):
        await ann.label(TaskRequestType.label_assistant_reply)
    with pytest.raises(TaskUnavailableError):
        await bob.fetch(TaskRequestType.rank_assistant_replies)


async def test_the_replies_to_rank_hide_where_they_come_from(worker: Workers) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.assistant_reply, name)
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    task = await worker("dan").fetch(TaskRequestType.rank_assistant_replies)
    assert isinstance(task, RankAssistantRepliesTask)
    assert task.reveal_synthetic is False
    assert {reply.synthetic for reply in task.reply_messages} == {None}
    assert task.replies == [reply.text for reply in task.reply_messages]


async def test_ballots_that_call_all_replies_bad_leave_them_unranked(
    backend: BackendServer, worker: Workers, tmp_path: Path
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.assistant_reply, name)
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    await worker("dan").rank(TaskRequestType.rank_assistant_replies, not_rankable=True)
    (tree,) = exported(backend, tmp_path / "out.jsonl")
    assert ["rank" in reply for reply in tree["prompt"]["replies"]] == [False, False]


async def test_a_skipped_piece_of_work_is_free_for_others_and_not_handed_out_again(worker: Workers) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    bob, cat = worker("bob"), worker("cat")
    task, _ = await bob.take(TaskRequestType.label_initial_prompt)
    await bob.client.nack_task(task.id, "not for me", bob.user)
    await bob.client.nack_task(task.id, "not for me", bob.user)
    with pytest.raises(TaskUnavailableError):
        await bob.fetch(TaskRequestType.label_initial_prompt)
    seen = await cat.fetch(TaskRequestType.label_initial_prompt)
    assert seen.conversation.messages[-1].emojis == {"_skip_labeling": 1}
    assert seen.conversation.messages[-1].user_emojis == []


async def test_a_skipped_task_still_takes_its_answer(worker: Workers, call: Callable[..., Any]) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    bob = worker("bob")
    task, _ = await bob.take(TaskRequestType.label_initial_prompt)
    await bob.client.nack_task(task.id, "later", bob.user)
    await bob.hand_in_labels(task)
    assert await state_of(call, prompt) == "prompt_lottery_waiting"


async def test_work_is_offered_in_the_language_of_the_message(worker: Workers) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Warum?", "de")
    with pytest.raises(TaskUnavailableError):
        await worker("bob").fetch(TaskRequestType.label_initial_prompt)
    task = await worker("bob").fetch(TaskRequestType.label_initial_prompt, "de")
    assert task.conversation.messages[-1].lang == "de"


async def test_a_deleted_reply_moves_its_tree_on(worker: Workers, call: Callable[..., Any]) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    replies = [await worker(name).write(TaskRequestType.assistant_reply, name) for name in ("bob", "cat")]
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    assert await state_of(call, prompt) == "ranking"
    _, reply = await call("GET", f"/api/v1/frontend_messages/{replies[0]}")
    status, _ = await call("DELETE", f"/api/v1/messages/{reply['id']}")
    assert status == 204
    # One reply is left, so there is nothing that anybody could rank.
    assert await state_of(call, prompt) == "ready_for_export"


async def test_a_moderator_halts_a_tree_and_lets_it_go_on(worker: Workers, call: Callable[..., Any]) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    path = f"/api/v1/messages/{message['id']}/tree/state"
    _, halted = await call("PUT", f"{path}?halt=true")
    assert (halted["state"], halted["active"]) == ("halted_by_moderator", False)
    with pytest.raises(TaskUnavailableError):
        await worker("bob").fetch(TaskRequestType.label_initial_prompt)
    _, going_on = await call("PUT", f"{path}?halt=false")
    assert going_on["state"] == "initial_prompt_review"
    await worker("bob").fetch(TaskRequestType.label_initial_prompt)


async def test_a_reply_to_a_halted_tree_is_refused_and_the_task_stays_open(
    worker: Workers, call: Callable[..., Any]
) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    _, shown = await worker("cat").take(TaskRequestType.assistant_reply)
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    await call("PUT", f"/api/v1/messages/{message['id']}/tree/state?halt=true")
    with pytest.raises(RefusedError) as refused:
        await worker("cat").write(TaskRequestType.assistant_reply, "c", shown=shown)
    assert refused.value.code == 2010
    await call("PUT", f"/api/v1/messages/{message['id']}/tree/state?halt=false")
    await worker("cat").write(TaskRequestType.assistant_reply, "c", shown=shown)


async def test_four_red_flags_abort_the_tree_of_a_prompt(worker: Workers, call: Callable[..., Any]) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    for name in ("bob", "cat", "dan", "eve"):
        assert await state_of(call, prompt) == "initial_prompt_review"
        body = {
            "type": "text_labels",
            "user": worker(name).user.model_dump(mode="json"),
            "text": "rude",
            "labels": {"hate_speech": 1},
            "message_id": message["id"],
            "is_report": True,
        }
        status, _ = await call("POST", "/api/v1/text_labels/", body=body)
        assert status == 204
    assert await state_of(call, prompt) == "aborted_low_grade"


async def test_one_person_cannot_undo_what_a_moderator_decided(
    worker: Workers, call: Callable[..., Any]
) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")

    async def report(name: str) -> None:
        body = {
            "user": worker(name).user.model_dump(mode="json"),
            "text": "",
            "labels": {"spam": 1},
            "message_id": message["id"],
            "is_report": True,
        }
        await call("POST", "/api/v1/text_labels/", body=body)

    for name in ("bob", "cat", "dan", "eve"):
        await report(name)
    await call("PUT", f"/api/v1/messages/{message['id']}/tree/state?halt=false")
    await report("bob")
    assert await state_of(call, prompt) == "initial_prompt_review"
    await report("fay")
    assert await state_of(call, prompt) == "aborted_low_grade"


async def test_scoring_that_failed_is_tried_again_at_the_next_start(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(growth, "rank_tree", fail)
    server = start_backend(rules={"goal_tree_size": 1})
    client = connect(server)
    await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker_at(client, "bob").label(TaskRequestType.label_initial_prompt)
    await client.fetch_availability(worker_at(client, "bob").user)
    path = "/api/v1/stats/tree_manager/state_counts"
    assert (await call("GET", path, url=server.url))[1] == {"scoring_failed": 1}
    monkeypatch.undo()
    server = start_backend(rules={"goal_tree_size": 1})
    assert (await call("GET", path, url=server.url))[1] == {"ready_for_export": 1}


async def test_the_waiting_prompts_of_a_disabled_author_do_not_wait(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Callable[..., Any],
) -> None:
    server = start_backend(rules={"max_active_trees": 0})
    client = connect(server)
    await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker_at(client, "bob").label(TaskRequestType.label_initial_prompt)
    path = "/api/v1/stats/tree_manager/state_counts"
    assert (await call("GET", path, url=server.url))[1] == {"prompt_lottery_waiting": 1}
    ann = worker_at(client, "ann").user.model_dump(mode="json")
    await call("POST", "/api/v1/frontend_users/", body=ann | {"enabled": False}, url=server.url)
    assert (await call("GET", path, url=server.url))[1] == {"halted_by_moderator": 1}
