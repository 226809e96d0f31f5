"""The script: reading trees, knowing what is visible, handing out texts, ranking."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from simulation import EXAMPLES
from simulation.matching import normalised
from simulation.script import Script, UnknownTextError
from simulation.trees import Node, ScriptError

Write = Callable[[list[dict[str, Any]]], Path]


def message(text: str, role: str = "prompter", **more: object) -> dict[str, Any]:
    return {"text": text, "role": role, "lang": "en", "replies": [], **more}


def tree(prompt: dict[str, Any]) -> dict[str, Any]:
    return {"message_tree_id": "t", "tree_state": "ready_for_export", "prompt": prompt}


def nodes(script: Script) -> Iterable[Node]:
    return (node for root in script.trees for node in root.walk())


def path_to(node: Node) -> list[str]:
    return ([] if node.parent is None else path_to(node.parent)) + [node.text]


def as_shown(text: str) -> str:
    """Change a text the way a rendering may: split lines, links and fences written anew."""
    return text.replace(" ", "\n", 1).replace("[", "\\[").replace("```", "```\n```python\n")


def test_the_examples_cover_several_languages_turns_and_rankings(script: Script) -> None:
    assert len(script.trees) == 12
    assert {"en", "de", "es", "fr"} <= set(script.languages)
    assert script.left_out == []
    assert script.ranks_prompter_replies
    for root in script.trees:
        assert 5 <= sum(1 for _ in root.walk()) <= 9
        assert root.ranked_children()
        assert any(node.depth == 3 for node in root.walk())


def test_every_message_is_found_however_it_is_rendered(any_file: Path) -> None:
    script = Script.read(any_file)
    for node in nodes(script):
        assert script.find([as_shown(text) for text in path_to(node)]).node is node


def test_what_cannot_be_played_is_left_out_and_named(write: Write) -> None:
    prompt = message("Hello")
    long = message("x" * 4001, "assistant", replies=[message("fine"), message("good")])
    emoji = message("\N{GRINNING FACE}" * 2001, "assistant")
    prompt["replies"] = [
        long,
        emoji,
        message("gone", "assistant", deleted=True),
        message("bad", "assistant", review_result=False),
        message("not my turn"),
        message("Hi  there", "assistant"),
        message("Hi there", "assistant"),
        message(" ", "assistant"),
    ]
    script = Script.read(write([tree(prompt), tree(message("Hello "))]))
    assert [child.text for child in script.trees[0].children] == ["Hi  there"]
    assert [str(one) for one in script.left_out] == [
        "tree 1 / reply 1 (with 2 below it): it has 4,001 characters and a modal takes 4,000",
        "tree 1 / reply 2: it has 4,002 characters and a modal takes 4,000",
        "tree 1 / reply 3: it was deleted",
        "tree 1 / reply 4: reviews rejected it",
        "tree 1 / reply 5: its role does not alternate with its parent's",
        "tree 1 / reply 7: a reply beside it has the same text",
        "tree 1 / reply 8: it has no text",
        "tree 2: another tree has the same prompt",
    ]


def test_real_trees_leave_out_one_long_reply_and_what_is_below_it(real_file: Path) -> None:
    script = Script.read(real_file)
    assert [(one.messages, one.reason) for one in script.left_out] == [
        (4, "it has 4,588 characters and a modal takes 4,000")
    ]
    assert (len(script.trees), script.messages) == (60, 680)
    needs = script.requirements()
    assert (needs.actors, needs.max_children_count, needs.num_prompter_replies) == (12, 9, 5)
    assert needs.message_size_limit == 4000
    assert not needs.rank_prompter_replies


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no such file"),
        (b"", "there is no tree to play"),
        (b"\xff", "cannot be read as UTF-8 text"),
        (b"{\n", "line 1: not JSON"),
        (b'{"prompt": 3}\n', "line 1: not a tree of the dataset"),
        (b'\n{"prompt": {"text": "a", "role": "nobody"}}\n', "line 2: not a tree of the dataset"),
        (b'{"prompt": {"text": "a", "role": "prompter", "replies": "none"}}', "replies must be a list"),
        (b'{"prompt": {"text": "a", "role": "prompter", "rank": "first"}}', "no whole number"),
    ],
)
def test_a_broken_file_is_told_by_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "trees.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ScriptError) as caught:
        Script.read(path)
    assert len(caught.value.problems) == 1
    assert told in caught.value.problems[0]


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    path = tmp_path / "trees.jsonl"
    path.write_text(json.dumps(tree(message("one\u2028two")), ensure_ascii=False), encoding="utf-8")
    assert Script.read(path).trees[0].text == "one\u2028two"


def test_a_prompt_carries_the_size_of_its_tree(any_file: Path) -> None:
    script = Script.read(any_file)
    for prompt, root in zip(script.prompts(), script.trees, strict=True):
        assert prompt["text"] == root.text
        assert prompt["goal_tree_size"] == sum(1 for _ in root.walk())
        assert prompt["max_depth"] == max(node.depth for node in root.walk())
        widths = [len(node.children) for node in root.walk() if node.role == "prompter"]
        assert prompt["max_children_count"] == max(widths)


def test_every_reply_is_handed_out_exactly_once(any_file: Path) -> None:
    script = Script.read(any_file)
    written: list[str] = []
    for node in nodes(script):
        for person in range(script.requirements().actors):
            part = script.hand_out(node, f"p{person}")
            if part is not None:
                script.taken(part)
                written.append(part.text)
    wanted = [node.text for node in nodes(script) if node.parent is not None]
    assert sorted(written) == sorted(wanted + script.planted)
    assert script.replies_left == 0
    assert len(script.planted) >= 2


def test_what_was_not_taken_goes_to_somebody_else(write: Write) -> None:
    prompt = message("Hello", replies=[message("Hi", "assistant")])
    script = Script.read(write([tree(prompt)]))
    root = script.trees[0]
    spam = script.hand_out(root, "spammer")
    assert spam is not None
    assert spam.node is None
    script.taken(spam)
    first = script.hand_out(root, "Ann")
    assert first is not None
    assert script.being_written(root)
    assert script.hand_out(root, "Ben") is None
    script.give_back(first)
    assert script.hand_out(root, "Ann") is None, "she sent this text before"
    second = script.hand_out(root, "Ben")
    assert second is not None
    assert second.text == "Hi"
    assert not script.is_spam("Hi")
    script.taken(second)
    assert not script.being_written(root)


def test_planted_spam_is_recognised_and_anything_else_unknown_is_an_error(script: Script) -> None:
    part = script.hand_out_prompt("Ann")
    assert part is not None
    assert script.find([part.text]).spam
    left = script.spam_prompts_left
    script.give_back(part)
    assert script.spam_prompts_left == left + 1
    assert part.text not in script.planted
    with pytest.raises(UnknownTextError, match="the prompts"):
        script.find(["Something that nobody ever wrote"])
    root = script.trees[0]
    with pytest.raises(UnknownTextError, match="replies to tree 1"):
        script.find([root.text, "Something that nobody ever wrote"])


def test_one_of_three_ballots_swaps_two_neighbours(any_file: Path) -> None:
    script = Script.read(any_file)
    for node in nodes(script):
        ranked = node.ranked_children()
        if not ranked:
            continue
        served = [child.text for child in node.children][::-1]
        orders = [[served[i] for i in script.rank(node, served).order] for _ in range(4)]
        right = [child.text for child in ranked]
        swapped = [order[: len(right)] for order in orders if order[: len(right)] != right]
        assert all(sorted(order) == sorted(served) for order in orders)
        assert len(swapped) == 1
        moved = [place for place in range(len(right)) if swapped[0][place] != right[place]]
        assert moved == [moved[0], moved[0] + 1]


def test_a_withdrawn_ballot_is_given_again(script: Script) -> None:
    root = script.trees[0]
    served = [child.text for child in root.children]
    ballots = [script.rank(root, served) for _ in range(3)]
    script.withdraw(ballots[1])
    assert script.rank(root, served).order == ballots[1].order


def test_the_same_seed_gives_the_same_choices() -> None:
    def play(seed: int) -> list[str]:
        script = Script.read(EXAMPLES, seed=seed)
        parts = [script.hand_out(root, "Ann") for root in script.trees]
        return [part.text for part in parts if part is not None]

    assert play(3) == play(3)
    assert play(3) != play(4)


def test_normalising_keeps_words_apart_from_their_dressing() -> None:
    assert normalised("a `b`\n\\[c]\u200b") == "ab[c]"
    assert normalised("cafe\u0301") == normalised("caf\u00e9")
