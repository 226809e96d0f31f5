"""Comparing an export with the script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulation.script import Script
from simulation.verify import differences

Tree = dict[str, Any]
Write = Callable[[list[Tree]], Path]


def rerank(trees: list[Tree]) -> None:
    replies = trees[0]["prompt"]["replies"]
    replies[0]["rank"], replies[1]["rank"] = 1, 0


def unrank(trees: list[Tree]) -> None:
    del trees[0]["prompt"]["replies"][0]["rank"]


def drop_tree(trees: list[Tree]) -> None:
    del trees[2]


def drop_replies(trees: list[Tree]) -> None:
    trees[0]["prompt"]["replies"][0]["replies"] = []


def add_reply(trees: list[Tree]) -> None:
    reply = {"text": "Me too", "role": "assistant", "lang": "en", "replies": []}
    trees[0]["prompt"]["replies"].append(reply)


def change_text(trees: list[Tree]) -> None:
    trees[0]["prompt"]["replies"][2]["text"] += "!"


def change_lang(trees: list[Tree]) -> None:
    trees[4]["prompt"]["replies"][0]["lang"] = "en"


def mark_deleted(trees: list[Tree]) -> None:
    trees[0]["prompt"]["replies"][0]["deleted"] = True


def leave_growing(trees: list[Tree]) -> None:
    trees[0]["tree_state"] = "growing"


def move_reply(trees: list[Tree]) -> None:
    trees[1]["prompt"]["replies"].append(trees[0]["prompt"]["replies"].pop())


def test_a_file_gives_itself_back(any_file: Path) -> None:
    script = Script.read(any_file)
    found = differences(any_file, script)
    # What is left out of the script is not expected, so the file itself has it too much.
    assert len(found) == len(script.left_out)


def test_spaces_around_a_text_and_the_order_of_lines_do_not_count(
    script: Script, trees: list[Tree], write: Write
) -> None:
    for tree in trees:
        tree["prompt"]["text"] += "\n"
        tree["prompt"]["replies"].reverse()
    assert differences(write(trees[::-1]), script) == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (rerank, ["The replies to tree 1 are ranked [2, 1, 3] instead of [1, 2, 3]."]),
        (unrank, ["tree 1 / reply 1 has no rank."]),
        (drop_tree, ["tree 3 (with 7 below it) is missing: 'Why is the sky blue but the sunset red?'"]),
        (
            drop_replies,
            ["tree 1 / reply 1 / reply 1 (with 2 below it) is missing", "reply 2 (with 1 below it)"],
        ),
        (add_reply, ["tree 1 has a message that is not in the file: 'Me too'"]),
        (change_text, ["tree 1 / reply 3 is missing", "tree 1 has a message that is not in the file"]),
        (change_lang, ["tree 5 / reply 1 has the lang 'en' instead of 'de'."]),
        (mark_deleted, ["tree 1 / reply 1 is marked deleted."]),
        (leave_growing, ["line 1: the tree is in the state growing."]),
        (move_reply, ["tree 1 / reply 3 is missing", "tree 2 has a message that is not in the file"]),
    ],
)
def test_each_difference_is_told(
    script: Script, trees: list[Tree], write: Write, spoil: Callable[[list[Tree]], None], told: list[str]
) -> None:
    spoil(trees)
    found = differences(write(trees), script)
    assert len(found) == len(told)
    for line, part in zip(found, told, strict=True):
        assert part in line


def test_spam_that_got_through_is_called_so(script: Script, trees: list[Tree], write: Write) -> None:
    part = script.hand_out_prompt("Ann")
    assert part is not None
    prompt = {"text": part.text, "role": "prompter", "lang": "en", "replies": []}
    trees.append({"tree_state": "ready_for_export", "prompt": prompt})
    (found,) = differences(write(trees), script)
    assert "spam that reviews should keep out" in found


def test_a_missing_or_broken_export_is_told(script: Script, tmp_path: Path) -> None:
    assert "cannot be read" in differences(tmp_path / "none.jsonl", script)[0]
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"prompt": \n', encoding="utf-8")
    assert "line 1: not a tree" in differences(broken, script)[0]
