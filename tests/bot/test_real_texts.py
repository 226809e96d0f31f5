"""Tasks made of real conversations, with texts of 4,500 characters: shown whole, within Discord's limits."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot.conftest import Backend, Join, said, shown_privately, shown_task, task

TREES = Path(__file__).parents[3] / "shared" / "data" / "oasst_trees_60.jsonl"

Node = dict[str, Any]

pytestmark = pytest.mark.skipif(
    not TREES.is_file(), reason=f"the real conversations are not here ({TREES.name}), so none was shown"
)


def _walk(node: Node, before: tuple[Node, ...] = ()) -> Iterator[tuple[Node, ...]]:
    """Give the way to each message of a tree, itself last."""
    here = (*before, node)
    yield here
    for reply in node["replies"]:
        yield from _walk(reply, here)


def _said(nodes: tuple[Node, ...]) -> list[Node]:
    return [said(node["text"], is_assistant=node["role"] == "assistant") for node in nodes]


def _tasks(tree: Node) -> Iterator[Node]:
    """Make of a tree: a reply to its longest conversation, labels of its longest text, and each ranking."""
    ways = list(_walk(tree["prompt"]))
    longest = max(ways, key=lambda way: sum(len(node["text"]) for node in way))
    ends = "assistant_reply" if longest[-1]["role"] == "prompter" else "prompter_reply"
    yield task(ends, conversation={"messages": _said(longest)})
    labelled = max(ways, key=lambda way: len(way[-1]["text"]))
    kind = "initial_prompt" if len(labelled) == 1 else f"{labelled[-1]['role']}_reply"
    yield task(f"label_{kind}", conversation={"messages": _said(labelled)})
    for way in ways:
        replies = way[-1]["replies"]
        if len(replies) > 1:
            yield task(
                f"rank_{replies[0]['role']}_replies",
                conversation={"messages": _said(way)},
                reply_messages=_said(tuple(replies)),
            )


def _real_tasks() -> list[Node]:
    lines = TREES.read_text(encoding="utf-8").splitlines()
    return [one for line in lines for one in _tasks(json.loads(line))]


def _letters(text: str) -> str:
    """Leave only what is written: no blanks, no markup."""
    return re.sub(r"[\W_]", "", text)


def _texts(body: Node) -> list[str]:
    messages = [*body.get("conversation", {}).get("messages", ()), *body.get("reply_messages", ())]
    return [message["text"] for message in messages]


async def _shown(alice: Actor, seen: MessageView | None) -> tuple[MessageView, str]:
    """Wait for the next task, and give its controls and all that stands above them."""
    controls = await shown_task(alice, after=seen)
    thread = next(one for one in alice.threads() if one.id == controls.channel_id)
    messages = [one for one in alice.messages(thread) if seen is None or one.id > seen.id]
    return controls, "".join(message.text for message in messages)


async def _read_in_full(alice: Actor, controls: MessageView) -> str:
    """Read every text of which only the beginning is shown."""
    texts = []
    for menu in [one for one in controls.selects if one.placeholder == "Read a reply in full"]:
        for label, _ in menu.options:
            response = await controls.choose(menu.placeholder, [label])
            texts += [one.text for one in await shown_privately(alice, response)]
    return "".join(texts)


async def _skip(alice: Actor, controls: MessageView) -> None:
    asked = await controls.click("Skip")
    assert asked.modal is not None
    await asked.modal.submit({})
    await alice.until(lambda: "Next task" in controls.buttons, what="the way on")


async def test_real_conversations_are_shown_whole_and_taken_by_discord(
    sandbox: Sandbox, backend: Backend, join: Join
) -> None:
    alice = await join("Alice")
    bodies = _real_tasks()
    assert max(len(text) for body in bodies for text in _texts(body)) > 4500
    backend.tasks.extend(bodies)
    await alice.command("task")
    seen: MessageView | None = None
    for body in bodies:
        controls, shown = await _shown(alice, seen)
        shown += await _read_in_full(alice, controls)
        for text in _texts(body):
            assert _letters(text) in _letters(shown)
        await _skip(alice, controls)
        if backend.tasks:
            await controls.click("Next task")
        seen = controls
    assert not sandbox.refusals
    assert not sandbox.violations
