"""Moderators delete and restore messages and halt trees; work, points and the dataset follow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from oasst_backend.exporting import export_trees
from oasst_backend.importing import import_trees
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_client import (
    LeaderboardTimeFrame,
    OasstApiClient,
    TaskRequestType,
    TaskUnavailableError,
)

Workers = Callable[[str], Any]
Call = Callable[..., Any]


class Tree:
    """A tree that grows: ann's prompt, and replies to it that nobody has reviewed yet."""

    def __init__(self, client: OasstApiClient, root: UUID, replies: dict[str, UUID]) -> None:
        self.client = client
        self.root = root
        self.replies = replies

    async def state(self) -> str:
        """Tell where it is in its life."""
        return (await self.client.fetch_tree_status(self.root)).state

    async def shown(self) -> list[str]:
        """Give the texts that are not deleted."""
        return sorted(message.text for message in (await self.client.fetch_tree(self.root)).messages)


async def grow(client: OasstApiClient, worker: Workers, *authors: str) -> Tree:
    """Have ann write a prompt, eve accept it, and each author reply with their name."""
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "ann")
    await worker("eve").label(TaskRequestType.label_initial_prompt)
    replies = {}
    for name in authors:
        written = await worker(name).write(TaskRequestType.assistant_reply, name)
        replies[name] = (await client.fetch_message(written)).id or uuid4()
    return Tree(client, (await client.fetch_message(prompt)).id or uuid4(), replies)


async def journal(client: OasstApiClient, **params: str) -> list[tuple[str, str]]:
    """Read what was done, the oldest first: action and subject."""
    page: Any = await client.call_extension("GET", "journal", params={"desc": "false", **params})
    return [(entry["action"], entry["subject_id"]) for entry in page["items"]]


async def points(client: OasstApiClient) -> dict[str, tuple[int, int]]:
    """Read of each person who is on the board: prompts and replies written, and those accepted."""
    board = (await client.fetch_leaderboard(LeaderboardTimeFrame.total)).leaderboard
    return {
        row.display_name: (
            row.prompts + row.replies_assistant,
            row.accepted_prompts + row.accepted_replies_assistant,
        )
        for row in board
        if row.prompts + row.replies_assistant
    }


def exported(server: BackendServer, path: Path) -> list[str]:
    """Export while the service runs; gives all texts."""
    assert server.storage is not None
    export_trees(server.storage, path)

    def texts(node: dict[str, Any]) -> list[str]:
        return [node["text"], *(text for reply in node["replies"] for text in texts(reply))]

    return sorted(
        text for line in path.read_text().splitlines() for text in texts(json.loads(line)["prompt"])
    )


async def test_a_deleted_reply_makes_room_and_its_restoration_takes_it(
    client: OasstApiClient, worker: Workers
) -> None:
    tree = await grow(client, worker, "bob", "cat")
    fay = worker("fay")

    async def work() -> tuple[int, int]:
        counts = await client.fetch_availability(fay.user)
        return counts[TaskRequestType.assistant_reply], counts[TaskRequestType.label_assistant_reply]

    assert await work() == (0, 2)
    await client.delete_message(tree.replies["bob"])
    assert await tree.shown() == ["ann", "cat"]
    assert await work() == (1, 1)
    await client.undelete_message(tree.replies["bob"])
    assert await tree.shown() == ["ann", "bob", "cat"]
    assert await work() == (0, 2)


async def test_points_are_taken_back_with_a_message_and_given_again(
    client: OasstApiClient, worker: Workers
) -> None:
    tree = await grow(client, worker, "bob", "cat")
    await worker("dan").label(TaskRequestType.label_assistant_reply)
    await worker("dan").label(TaskRequestType.label_assistant_reply)
    before = {"Ann": (1, 1), "Bob": (1, 1), "Cat": (1, 1)}
    assert await points(client) == before
    for _ in range(2):
        await client.delete_message(tree.replies["bob"])
    assert await points(client) == {"Ann": (1, 1), "Cat": (1, 1)}
    await client.delete_message(tree.root)
    assert await points(client) == {}
    for _ in range(2):
        await client.undelete_message(tree.root)
    assert await points(client) == {"Ann": (1, 1), "Cat": (1, 1)}
    await client.undelete_message(tree.replies["bob"])
    assert await points(client) == before


async def test_a_deleted_message_leaves_the_dataset_and_comes_back(
    backend: BackendServer, client: OasstApiClient, finished_tree: str, tmp_path: Path
) -> None:
    path = tmp_path / "out.jsonl"
    everything = ["Air scatters blue light most.", "Because of the sea.", "Why is the sky blue?"]
    assert exported(backend, path) == everything
    best = next(reply for reply in await client.fetch_children(finished_tree) if reply.rank == 0)
    await client.delete_message(best.id or uuid4())
    assert exported(backend, path) == everything[1:]
    root = (await client.fetch_message(finished_tree)).id or uuid4()
    await client.delete_message(root)
    assert exported(backend, path) == []
    assert (await client.fetch_tree_status(root)).state == "ready_for_export"
    await client.undelete_message(root)
    assert exported(backend, path) == everything[1:]
    await client.undelete_message(best.id or uuid4())
    assert exported(backend, path) == everything


async def test_what_was_deleted_before_stays_deleted(client: OasstApiClient, worker: Workers) -> None:
    tree = await grow(client, worker, "bob", "cat")
    await client.delete_message(tree.replies["bob"])
    await client.delete_message(tree.root)
    assert await tree.shown() == []
    await client.undelete_message(tree.root)
    assert await tree.shown() == ["ann", "cat"]


async def test_a_restored_reply_brings_back_what_is_above_it_and_nothing_beside(
    client: OasstApiClient, worker: Workers
) -> None:
    tree = await grow(client, worker, "bob", "cat")
    await client.delete_message(tree.replies["bob"])
    await client.delete_message(tree.root)
    await client.undelete_message(tree.replies["bob"])
    assert await tree.shown() == ["ann", "bob"]
    assert await tree.state() == "growing"
    await client.undelete_message(tree.replies["cat"])
    assert await tree.shown() == ["ann", "bob", "cat"]


async def test_a_tree_without_messages_is_halted_until_one_comes_back(
    client: OasstApiClient, worker: Workers
) -> None:
    tree = await grow(client, worker, "bob")
    await client.delete_message(tree.root)
    assert await tree.state() == "halted_by_moderator"
    with pytest.raises(TaskUnavailableError):
        await worker("fay").fetch(TaskRequestType.label_assistant_reply)
    assert (await client.halt_tree(tree.root, halt=False)).state == "halted_by_moderator"
    await client.undelete_message(tree.root)
    assert await tree.state() == "growing"
    await worker("fay").label(TaskRequestType.label_assistant_reply)


async def test_a_prompt_under_review_is_restored_to_its_review(
    client: OasstApiClient, worker: Workers
) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    root = (await client.fetch_message(prompt)).id or uuid4()
    await client.delete_message(root)
    assert (await client.fetch_availability(worker("bob").user))[TaskRequestType.label_initial_prompt] == 0
    await client.undelete_message(root)
    assert (await client.fetch_tree_status(root)).state == "initial_prompt_review"
    await worker("bob").label(TaskRequestType.label_initial_prompt)


@pytest.mark.parametrize("first", ["halt", "delete"])
async def test_a_tree_that_a_moderator_halted_stays_so_when_its_prompt_is_restored(
    client: OasstApiClient, worker: Workers, first: str
) -> None:
    tree = await grow(client, worker, "bob")
    if first == "halt":
        await client.halt_tree(tree.root, halt=True)
        await client.delete_message(tree.root)
    else:
        await client.delete_message(tree.root)
        await client.halt_tree(tree.root, halt=True)
    await client.undelete_message(tree.root)
    assert await tree.shown() == ["ann", "bob"]
    assert await tree.state() == "halted_by_moderator"
    assert (await client.halt_tree(tree.root, halt=False)).state == "growing"


async def test_nothing_changes_while_a_prompt_waits_for_the_lottery(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(rules={"max_active_trees": 0}))
    prompt = await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker_at(client, "bob").label(TaskRequestType.label_initial_prompt)
    root = (await client.fetch_message(prompt)).id or uuid4()
    for halt in (True, False):
        assert (await client.halt_tree(root, halt=halt)).state == "prompt_lottery_waiting"
    assert await journal(client) == []
    await client.delete_message(root)
    assert (await client.fetch_tree_status(root)).state == "halted_by_moderator"
    await client.undelete_message(root)
    assert (await client.fetch_tree_status(root)).state == "prompt_lottery_waiting"


async def test_a_finished_tree_is_halted_and_goes_back_to_where_its_facts_put_it(
    client: OasstApiClient, finished_tree: str
) -> None:
    root = (await client.fetch_message(finished_tree)).id or uuid4()
    assert (await client.halt_tree(root, halt=True)).state == "halted_by_moderator"
    assert (await client.halt_tree(root, halt=False)).state == "ready_for_export"
    # A reply's id leads to its tree as well.
    reply = (await client.fetch_children(root))[0].id or uuid4()
    assert (await client.halt_tree(reply, halt=True)).message_tree_id == root


async def test_a_rejected_prompt_stays_rejected(client: OasstApiClient, worker: Workers) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "buy")
    await worker("bob").label(TaskRequestType.label_initial_prompt, {"spam": 1})
    root = (await client.fetch_message(prompt)).id or uuid4()
    assert (await client.halt_tree(root, halt=False)).state == "aborted_low_grade"
    assert await journal(client) == []


async def test_the_same_act_twice_is_done_and_noted_once(client: OasstApiClient, worker: Workers) -> None:
    tree = await grow(client, worker, "bob")
    reply = tree.replies["bob"]
    for _ in range(2):
        await client.delete_message(reply)
    for _ in range(2):
        await client.undelete_message(reply)
    for halt in (True, True, False, False):
        await client.halt_tree(reply, halt=halt)
    assert sorted(await journal(client)) == sorted(
        [
            ("delete", str(reply)),
            ("undelete", str(reply)),
            ("halt", str(tree.root)),
            ("unhalt", str(tree.root)),
        ]
    )


async def test_a_deep_tree_is_deleted_and_restored_from_the_middle(
    backend: BackendServer,
    client: OasstApiClient,
    settings_for: Callable[..., BackendSettings],
    tmp_path: Path,
) -> None:
    prompt = _chain(51)
    line = {"message_tree_id": prompt["message_id"], "tree_state": "ready_for_export", "prompt": prompt}
    path = tmp_path / "deep.jsonl"
    path.write_text(json.dumps(line) + "\n")
    assert backend.storage is not None
    import_trees(backend.storage, settings_for(), path)
    root = UUID(prompt["message_id"])
    ids = [message.id or uuid4() for message in (await client.fetch_tree(root)).messages]

    async def left() -> int:
        return len((await client.fetch_tree(root)).messages)

    await client.delete_message(ids[40])
    await client.delete_message(ids[20])
    assert await left() == 20
    await client.undelete_message(ids[50])
    # The last ten were deleted alone, and those above them come back with them.
    assert await left() == 51
    await client.delete_message(ids[10])
    await client.undelete_message(ids[30])
    assert await left() == 51


def _chain(length: int) -> dict[str, Any]:
    made: dict[str, Any] | None = None
    for depth in range(length - 1, -1, -1):
        made = {
            "message_id": str(uuid4()),
            "text": str(depth),
            "role": "assistant" if depth % 2 else "prompter",
            "lang": "en",
            "review_count": 3,
            "review_result": True,
            "deleted": False,
            "synthetic": False,
            "replies": [made] if made else [],
        }
        for reply in made["replies"]:
            reply["parent_id"] = made["message_id"]
    assert made is not None
    return made


async def test_an_answer_to_a_deleted_message_is_deleted_with_it_and_comes_back_with_it(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(rules={"max_tree_depth": 2, "goal_tree_size": 6}))
    tree = await grow(client, lambda name: worker_at(client, name), "bob")
    await worker_at(client, "eve").label(TaskRequestType.label_assistant_reply)
    gil = worker_at(client, "gil")
    _, shown = await gil.take(TaskRequestType.prompter_reply)
    await client.delete_message(tree.replies["bob"])
    written = await gil.write(TaskRequestType.prompter_reply, "gil", shown=shown)
    assert (await client.fetch_message(written)).deleted is True
    assert await tree.shown() == ["ann"]
    assert (await client.fetch_availability(worker_at(client, "eve").user))[
        TaskRequestType.label_prompter_reply
    ] == 0
    await client.undelete_message(tree.replies["bob"])
    assert await tree.shown() == ["ann", "bob", "gil"]
