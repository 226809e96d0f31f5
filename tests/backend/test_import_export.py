"""Files go in whole or not at all, and come out as they went in."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from oasst_backend.dataset.lines import DatasetError
from oasst_backend.exporting import ExportChoice, export_trees
from oasst_backend.importing import ImportCounts, import_prompts, import_trees
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage
from oasst_client import OasstApiClient, TaskRequestType, TaskUnavailableError

SHARED_TREES = Path(__file__).parents[3] / "shared" / "data" / "oasst_trees_60.jsonl"


@pytest.fixture
def settings(settings_for: Callable[..., BackendSettings]) -> BackendSettings:
    return settings_for()


@pytest.fixture
def storage(settings: BackendSettings) -> Iterator[Storage]:
    with Storage(settings.backend_database_url) as opened:
        yield opened


def node(text: str, role: str, *replies: dict[str, Any], **more: object) -> dict[str, Any]:
    """Build a node of a tree, its replies in their order."""
    own = str(uuid4())
    for rank, reply in enumerate(replies):
        reply["parent_id"] = own
        if len(replies) > 1:
            reply["rank"] = rank
    return {
        "message_id": own,
        "text": text,
        "role": role,
        "lang": "en",
        "review_count": 3,
        "review_result": True,
        "deleted": False,
        "synthetic": False,
        "replies": list(replies),
        **more,
    }


def tree(state: str = "ready_for_export") -> dict[str, Any]:
    """Build a tree with everything that the format has."""
    told = {
        "user_id": "somebody",
        "created_date": "2023-02-03T04:05:06.789000Z",
        "emojis": {"+1": 3, "_skip_reply": 1},
        "labels": {"spam": {"value": 0.25, "count": 4}, "quality": {"value": None, "count": 2}},
        "events": {"emoji": [{"user_id": "other", "emoji": "+1"}]},
        "detoxify": {"toxicity": 0.1},
    }
    prompt = node(
        "Tell me a joke.",
        "prompter",
        node("A good one.", "assistant", node("Another!", "prompter"), **told),
        node("A bad one.", "assistant", model_name="parrot", synthetic=True),
    )
    return {"message_tree_id": prompt["message_id"], "tree_state": state, "origin": "there", "prompt": prompt}


def write_lines(path: Path, *values: object) -> Path:
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    return path


def read_back(storage: Storage, choice: ExportChoice | None = None) -> list[dict[str, Any]]:
    """Export to a stream and read it."""
    stream = StringIO()
    export_trees(storage, stream, choice)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_trees_come_out_as_they_went_in(storage: Storage, settings: BackendSettings, tmp_path: Path) -> None:
    trees = [tree(), tree()]
    counts = import_trees(storage, settings, write_lines(tmp_path / "in.jsonl", *trees))
    assert counts == ImportCounts(2, 8)
    found = {line["message_tree_id"]: line for line in read_back(storage)}
    assert [found[line["message_tree_id"]] for line in trees] == trees


@pytest.mark.skipif(not SHARED_TREES.exists(), reason=f"{SHARED_TREES} is not on this machine")
def test_real_trees_come_out_as_they_went_in(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    import_trees(storage, settings, SHARED_TREES)
    counts = export_trees(storage, tmp_path / "out.jsonl")
    assert counts.trees == 60
    lines = [path.read_text(encoding="utf-8").splitlines() for path in (SHARED_TREES, tmp_path / "out.jsonl")]
    assert [json.loads(line) for line in lines[0]] == [json.loads(line) for line in lines[1]]


def test_what_is_there_already_is_passed_over(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    known, new = tree(), tree()
    import_trees(storage, settings, write_lines(tmp_path / "one.jsonl", known))
    changed = json.loads(json.dumps(known))
    changed["prompt"]["text"] = "Tell me another joke."
    changed["prompt"]["replies"].append(node("One more.", "assistant"))
    path = write_lines(tmp_path / "two.jsonl", new, changed)
    assert import_trees(storage, settings, path) == ImportCounts(1, 4, known=1)
    assert import_trees(storage, settings, path) == ImportCounts(0, 0, known=2)
    found = {line["message_tree_id"]: line for line in read_back(storage)}
    assert found == {line["message_tree_id"]: line for line in (known, new)}


def test_a_prompt_is_added_once_in_each_language(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    import_trees(storage, settings, write_lines(tmp_path / "trees.jsonl", tree()))
    german = {"text": "How?", "lang": "de"}
    path = write_lines(tmp_path / "in.jsonl", "How?", german, " How? ", "Tell me a joke.", "Why?")
    assert import_prompts(storage, settings, path) == ImportCounts(3, 3, known=2)
    assert import_prompts(storage, settings, path) == ImportCounts(known=5)
    assert import_prompts(storage, settings, path, lang="de") == ImportCounts(2, 2, known=3)
    assert len(read_back(storage, ExportChoice(everything=True))) == 6


def test_a_new_tree_with_a_message_of_another_one_is_a_broken_line(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    known, new, broken = tree(), tree(), tree()
    broken["prompt"]["replies"][0]["message_id"] = known["prompt"]["replies"][0]["message_id"]
    broken["prompt"]["replies"][0]["replies"] = []
    import_trees(storage, settings, write_lines(tmp_path / "one.jsonl", known))
    with pytest.raises(DatasetError, match=r"line 3: message .* is in the database already, in another tree"):
        import_trees(storage, settings, write_lines(tmp_path / "two.jsonl", new, tree(), broken))
    assert len(read_back(storage)) == 1


def test_a_broken_line_keeps_the_whole_file_out(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "prompts.jsonl", "Good?", {"text": "Good?", "sizes": 3})
    with pytest.raises(DatasetError) as error:
        import_prompts(storage, settings, path)
    assert [problem.line for problem in error.value.problems] == [2]
    assert read_back(storage, ExportChoice(everything=True)) == []


async def test_imported_prompts_are_reviewed_like_any_other_and_keep_their_sizes(
    backend: BackendServer,
    settings: BackendSettings,
    worker: Callable[[str], Any],
    call: Callable[..., Any],
    tmp_path: Path,
) -> None:
    path = write_lines(
        tmp_path / "prompts.jsonl",
        {"text": "Wie?", "lang": "de", "goal_tree_size": 4, "max_depth": 2, "max_children_count": 5},
        "How?",
    )
    assert backend.storage is not None
    import_prompts(backend.storage, settings, path)
    task = await worker("ann").label(TaskRequestType.label_initial_prompt, lang="de")
    assert task.conversation.messages[-1].text == "Wie?"
    _, state = await call("GET", f"/api/v1/messages/{task.message_id}/tree/state")
    assert state["state"] == "prompt_lottery_waiting"
    assert (state["goal_tree_size"], state["max_depth"], state["max_children_count"]) == (4, 2, 5)
    await worker("ann").label(TaskRequestType.label_initial_prompt)


async def test_accepted_prompts_skip_the_review(
    backend: BackendServer, settings: BackendSettings, worker: Callable[[str], Any], tmp_path: Path
) -> None:
    assert backend.storage is not None
    import_prompts(backend.storage, settings, write_lines(tmp_path / "prompts.jsonl", "How?"), accepted=True)
    with pytest.raises(TaskUnavailableError):
        await worker("ann").fetch(TaskRequestType.label_initial_prompt)
    await worker("ann").fetch(TaskRequestType.assistant_reply)


async def test_a_tree_of_the_backlog_is_ranked_anew_when_another_one_is_finished(
    start_backend: Callable[..., BackendServer],
    settings_for: Callable[..., BackendSettings],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server = start_backend(rules={"p_activate_backlog_tree": 1})
    client = connect(server)
    assert server.storage is not None
    import_trees(server.storage, settings_for(), write_lines(tmp_path / "in.jsonl", tree()), backlog=True)
    with pytest.raises(TaskUnavailableError):
        await worker_at(client, "ann").fetch(TaskRequestType.rank_assistant_replies)
    await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "spam")
    await worker_at(client, "bob").label(TaskRequestType.label_initial_prompt, {"spam": 1})
    await worker_at(client, "bob").rank(TaskRequestType.rank_assistant_replies)
    (found,) = read_back(server.storage)
    assert [reply["text"] for reply in found["prompt"]["replies"]] == ["A bad one.", "A good one."]


async def test_a_growing_tree_that_was_imported_goes_on_growing(
    backend: BackendServer, settings: BackendSettings, worker: Callable[[str], Any], tmp_path: Path
) -> None:
    assert backend.storage is not None
    begun = tree("growing")
    begun["prompt"]["replies"] = begun["prompt"]["replies"][:1]
    begun["prompt"]["replies"][0]["replies"] = []
    import_trees(backend.storage, settings, write_lines(tmp_path / "in.jsonl", begun))
    await worker("ann").write(TaskRequestType.assistant_reply, "More.")


async def test_a_tree_that_a_moderator_halts_makes_room_for_one_of_the_backlog(
    start_backend: Callable[..., BackendServer],
    settings_for: Callable[..., BackendSettings],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server = start_backend(rules={"p_activate_backlog_tree": 1})
    assert server.storage is not None
    import_trees(server.storage, settings_for(), write_lines(tmp_path / "in.jsonl", tree()), backlog=True)
    prompt = await worker_at(connect(server), "ann").write(TaskRequestType.initial_prompt, "Why?")
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}", url=server.url)
    await call("PUT", f"/api/v1/messages/{message['id']}/tree/state?halt=true", url=server.url)
    _, states = await call("GET", "/api/v1/stats/tree_manager/state_counts", url=server.url)
    assert states == {"halted_by_moderator": 1, "ranking": 1}


@pytest.mark.parametrize("claimed", [1, 2, 5])
async def test_reviews_that_an_import_only_counts_do_not_decide(
    start_backend: Callable[..., BackendServer],
    settings_for: Callable[..., BackendSettings],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    tmp_path: Path,
    claimed: int,
) -> None:
    rules = {"num_reviews_reply": 2}
    server = start_backend(rules=rules)
    begun = tree("growing")
    begun["prompt"]["replies"] = [node("New.", "assistant", review_count=claimed, review_result=None)]
    assert server.storage is not None
    import_trees(server.storage, settings_for(rules=rules), write_lines(tmp_path / "in.jsonl", begun))
    for name in ("ann", "bob"):
        await worker_at(connect(server), name).label(TaskRequestType.label_assistant_reply)
    (found,) = read_back(server.storage, ExportChoice(everything=True))
    assert found["prompt"]["replies"][0]["review_result"] is True


async def test_a_restart_keeps_everything(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend())
    await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "Why?")
    task, _ = await worker_at(client, "bob").take(TaskRequestType.label_initial_prompt)
    client = connect(start_backend())
    await worker_at(client, "bob").hand_in_labels(task)
    assert (await client.fetch_availability(worker_at(client, "cat").user))["assistant_reply"] == 1


async def test_changed_rules_move_trees_on_at_the_next_start(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(rules={"num_reviews_initial_prompt": 3}))
    await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker_at(client, "bob").label(TaskRequestType.label_initial_prompt)
    assert (await client.fetch_availability(worker_at(client, "cat").user))["assistant_reply"] == 0
    client = connect(start_backend(rules={"num_reviews_initial_prompt": 1}))
    assert (await client.fetch_availability(worker_at(client, "cat").user))["assistant_reply"] == 1


async def test_a_new_key_in_the_place_of_an_old_one_answers_the_old_tasks(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Callable[..., Any],
) -> None:
    client = connect(start_backend(backend_api_keys=["old"]), "old")
    _, shown = await worker_at(client, "ann").take(TaskRequestType.initial_prompt)
    server = start_backend(backend_api_keys=["new"])
    await worker_at(connect(server, "new"), "ann").write(TaskRequestType.initial_prompt, "Why?", shown=shown)
    status, _ = await call("GET", "/api/v1/stats/", key="old", url=server.url)
    assert status == 403


def test_an_export_is_written_whole_or_not_at_all(
    storage: Storage, settings: BackendSettings, tmp_path: Path
) -> None:
    import_trees(storage, settings, write_lines(tmp_path / "in.jsonl", tree()))
    target = tmp_path / "folder" / "out.jsonl"
    export_trees(storage, target)
    with pytest.raises(OSError, match="irectory"):
        export_trees(storage, tmp_path / "folder")
    assert [path.name for path in target.parent.iterdir()] == ["out.jsonl"]


def test_what_people_did_adds_to_what_was_imported(
    backend: BackendServer, settings: BackendSettings, tmp_path: Path
) -> None:
    assert backend.storage is not None
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    import_trees(backend.storage, settings, write_lines(tmp_path / "in.jsonl", tree()), clock=lambda: moment)
    dates = [line["prompt"]["replies"][0]["created_date"] for line in read_back(backend.storage)]
    assert dates == ["2023-02-03T04:05:06.789000Z"]


async def test_the_backlog_is_used_while_there_is_too_little_to_rank(
    start_backend: Callable[..., BackendServer],
    settings_for: Callable[..., BackendSettings],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server = start_backend(rules={"min_active_rankings_per_lang": 1})
    assert server.storage is not None
    path = write_lines(tmp_path / "in.jsonl", tree(), tree())
    import_trees(server.storage, settings_for(), path, backlog=True)
    await worker_at(connect(server), "ann").rank(TaskRequestType.rank_assistant_replies)
    assert len(read_back(server.storage)) == 1
