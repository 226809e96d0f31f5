"""What can be read around one message: the longest conversation, the most answered one, what is below."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from oasst_backend.importing import import_trees
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_client import Message, MessageTree, NotFoundError, OasstApiClient

Grow = Callable[..., UUID]


def node(text: str, role: str, *replies: dict[str, Any]) -> dict[str, Any]:
    own = str(uuid4())
    for reply in replies:
        reply["parent_id"] = own
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
    }


def chain(length: int) -> dict[str, Any]:
    """Build one conversation of so many messages, named by their depth."""
    made: list[dict[str, Any]] = []
    for depth in range(length - 1, -1, -1):
        made = [node(str(depth), "assistant" if depth % 2 else "prompter", *made)]
    return made[0]


@pytest.fixture
def plant(
    backend: BackendServer, settings_for: Callable[..., BackendSettings], tmp_path: Path
) -> Callable[[dict[str, Any]], UUID]:
    """Import a tree into the running backend; gives the id of its prompt."""

    def plant_tree(prompt: dict[str, Any]) -> UUID:
        assert backend.storage is not None
        tree = {
            "message_tree_id": prompt["message_id"],
            "tree_state": "ready_for_export",
            "prompt": prompt,
        }
        path = tmp_path / f"{prompt['message_id']}.jsonl"
        path.write_text(json.dumps(tree) + "\n")
        import_trees(backend.storage, settings_for(), path)
        return UUID(prompt["message_id"])

    return plant_tree


def texts(found: MessageTree | list[Message]) -> list[str]:
    return [message.text for message in (found.messages if isinstance(found, MessageTree) else found)]


def wide() -> dict[str, Any]:
    """Build a tree whose most answered message is not its root, and whose longest path is elsewhere."""
    return node(
        "root",
        "prompter",
        node("a", "assistant", node("a1", "prompter"), node("a2", "prompter"), node("a3", "prompter")),
        node("b", "assistant", node("b1", "prompter", node("b11", "assistant"))),
    )


async def test_the_longest_conversation_of_a_tree(client: OasstApiClient, plant: Grow) -> None:
    root = plant(wide())
    children = await client.fetch_children(root)
    for message in (root, *(child.id for child in children if child.id)):
        longest = await client.fetch_longest_conversation(message)
        assert [said.text for said in longest.messages] == ["root", "b", "b1", "b11"]


async def test_the_message_of_a_tree_with_most_replies(client: OasstApiClient, plant: Grow) -> None:
    root = plant(wide())
    found = await client.fetch_most_answered(root)
    assert found.id == found.messages[0].id
    assert sorted(texts(found)) == ["a", "a1", "a2", "a3"]


async def test_deleted_messages_are_no_part_of_either(client: OasstApiClient, plant: Grow) -> None:
    root = plant(wide())
    by_text = {message.text: message.id for message in (await client.fetch_tree(root)).messages}
    await client.delete_message(by_text["a"] or root)
    await client.delete_message(by_text["b11"] or root)
    longest = await client.fetch_longest_conversation(root)
    assert [said.text for said in longest.messages] == ["root", "b", "b1"]
    assert texts(await client.fetch_most_answered(root)) == ["root", "b"]
    assert texts(await client.fetch_children(root)) == ["b"]
    await client.delete_message(root)
    assert (await client.fetch_longest_conversation(root)).messages == []
    nothing = await client.fetch_most_answered(root)
    assert (nothing.id, nothing.messages) == (root, [])
    whole = await client.fetch_tree(root, include_deleted=True)
    assert len(whole.messages) == 8


async def test_a_lonely_prompt_is_its_own_longest_conversation(client: OasstApiClient, plant: Grow) -> None:
    root = plant(node("alone", "prompter"))
    assert [said.text for said in (await client.fetch_longest_conversation(root)).messages] == ["alone"]
    assert texts(await client.fetch_most_answered(root)) == ["alone"]
    below = await client.fetch_descendants(root)
    assert (below.id, below.messages) == (root, [])


async def test_the_deepest_tree_is_read_whole(client: OasstApiClient, plant: Grow) -> None:
    root = plant(chain(51))
    expected = [str(depth) for depth in range(51)]
    assert texts(await client.fetch_tree(root)) == expected
    assert texts(await client.fetch_descendants(root)) == expected[1:]
    longest = await client.fetch_longest_conversation(root)
    assert [said.text for said in longest.messages] == expected
    last = longest.messages[-1].id
    assert last is not None
    assert len((await client.fetch_conversation(last)).messages) == 51


async def test_both_kinds_of_id_give_the_same(client: OasstApiClient, finished_tree: str) -> None:
    message = await client.fetch_message(finished_tree)
    assert message.id is not None
    for read in (
        client.fetch_message,
        client.fetch_conversation,
        client.fetch_tree,
        client.fetch_descendants,
        client.fetch_children,
        client.fetch_longest_conversation,
        client.fetch_most_answered,
    ):
        assert await read(message.id) == await read(finished_tree)
        with pytest.raises(NotFoundError) as unknown:
            await read(uuid4())
        assert unknown.value.code == 2001
        with pytest.raises(NotFoundError) as unknown:
            await read("nope")
        assert unknown.value.code == 2001


async def test_a_message_says_what_became_of_it(client: OasstApiClient, finished_tree: str) -> None:
    best = next(reply for reply in await client.fetch_children(finished_tree) if reply.rank == 0)
    assert (best.review_result, best.review_count, best.ranking_count) == (True, 1, 1)
    assert (best.deleted, best.edited, best.synthetic, best.model_name) == (False, False, False, None)
    assert best.message_tree_id == best.parent_id
    assert best.user_is_author is None
