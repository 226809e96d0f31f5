"""Whether an exported dataset holds what the script says: the same conversations in the same orders."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from simulation.script import Script
from simulation.trees import Node

__all__ = ["differences"]

_SHOWN = 60


def differences(exported: Path, script: Script) -> list[str]:
    """Compare an exported file of trees with the script that people played.

    Texts count as equal when they are after stripping. The order of siblings is compared for those that the
    file ranks.

    Returns:
        One readable line for each difference; empty if the export gives the script back.
    """
    try:
        lines = exported.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        return [f"{exported}: cannot be read ({type(error).__name__})."]
    found: list[str] = []
    prompts: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            tree = json.loads(line)
            prompts.append(tree["prompt"])
            if tree["tree_state"] != "ready_for_export":
                found.append(f"{exported}, line {number}: the tree is in the state {tree['tree_state']}.")
        except (ValueError, KeyError, TypeError):
            found.append(f"{exported}, line {number}: not a tree of the dataset.")
    spam = {text.strip() for text in script.planted}
    return found + _compare_siblings("the dataset", script.trees, prompts, spam)


def _compare_siblings(
    where: str, wanted: Iterable[Node], given: Sequence[dict[str, Any]], spam: set[str]
) -> list[str]:
    found: list[str] = []
    rest = list(given)
    for node in wanted:
        match = next((one for one in rest if _text(one) == node.text), None)
        if match is None:
            below = sum(1 for _ in node.walk()) - 1
            more = f" (with {below} below it)" if below else ""
            found.append(f"{node.name}{more} is missing: {_short(node.text)}")
            continue
        rest.remove(match)
        found += _compare(node, match, spam)
    for one in rest:
        kind = (
            "spam that reviews should keep out" if _text(one) in spam else "a message that is not in the file"
        )
        found.append(f"{where} has {kind}: {_short(_text(one))}")
    return found


def _compare(node: Node, given: dict[str, Any], spam: set[str]) -> list[str]:
    found = [
        f"{node.name} has the {name} {given.get(name)!r} instead of {value!r}."
        for name, value in (("role", node.role), ("lang", node.lang))
        if given.get(name) != value
    ]
    if given.get("deleted"):
        found.append(f"{node.name} is marked deleted.")
    replies = given.get("replies") or []
    found += _compare_siblings(node.name, node.children, replies, spam)
    return found + _compare_order(node, replies)


def _compare_order(node: Node, replies: Sequence[dict[str, Any]]) -> list[str]:
    ranked = node.ranked_children()
    given: dict[str, Any] = {_text(one): one.get("rank") for one in replies}
    here = [child for child in ranked if child.text in given]
    without = [child for child in here if given[child.text] is None]
    if without:
        return [f"{child.name} has no rank." for child in without]
    order = sorted(here, key=lambda child: int(given[child.text]))
    if order == here:
        return []
    places = [node.children.index(child) + 1 for child in here], [node.children.index(c) + 1 for c in order]
    return [f"The replies to {node.name} are ranked {places[1]} instead of {places[0]}."]


def _text(message: dict[str, Any]) -> str:
    text = message.get("text")
    return text.strip() if isinstance(text, str) else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…")
