"""Reading the trees that a simulated community shall write: any file in the dataset's format."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulation.matching import normalised

__all__ = ["MODAL_LIMIT", "LeftOut", "Node", "ScriptError", "read_trees", "utf16_length"]

MODAL_LIMIT = 4000
"""How many UTF-16 units a modal's text input takes at most."""

_ROLES = ("prompter", "assistant")


class ScriptError(Exception):
    """A file of trees that cannot be played.

    Attributes:
        problems: one readable line for each problem.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(eq=False)
class Node:
    """A message of the file.

    Attributes:
        name: its place in the file, as `tree 3 / reply 1 / reply 2`, counted from 1; unique.
        text: the text, stripped.
        rank: the place among its siblings, 0 is the best; None: the file does not rank it.
        depth: 0 for a prompt.
    """

    name: str
    text: str
    role: str
    lang: str
    depth: int
    rank: int | None = None
    parent: "Node | None" = None
    children: "list[Node]" = field(default_factory=list)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = normalised(self.text)

    def walk(self) -> Iterator["Node"]:
        """Yield this message and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def ranked_children(self) -> list["Node"]:
        """Return the replies that the file ranks, the best first; empty if it ranks fewer than two."""
        ranked = sorted((c for c in self.children if c.rank is not None), key=lambda c: c.rank or 0)
        return ranked if len(ranked) > 1 else []


@dataclass(frozen=True)
class LeftOut:
    """A message that is not played, with all below it.

    Attributes:
        name: its place in the file, see `Node.name`.
        reason: why, in words.
        messages: how many messages that leaves out, itself included.
    """

    name: str
    reason: str
    messages: int

    def __str__(self) -> str:
        below = "" if self.messages == 1 else f" (with {self.messages - 1} below it)"
        return f"{self.name}{below}: {self.reason}"


def utf16_length(text: str) -> int:
    """Return the length as Discord counts it at most: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def read_trees(path: Path) -> tuple[list[Node], list[LeftOut]]:
    """Read a file of trees, one JSON object a line; empty lines are skipped.

    Returns:
        The prompts with all replies that can be played, and what is left out.

    Raises:
        ScriptError: no such file, no tree in it, or lines that are no trees (all of them are named).
    """
    trees: list[Node] = []
    left_out: list[LeftOut] = []
    problems: list[str] = []
    seen: set[str] = set()
    for place, (number, line) in enumerate(_filled_lines(path), start=1):
        name = f"tree {place}"
        try:
            raw = _prompt(json.loads(line))
            root, dropped = _read_node(raw, name, None)
        except json.JSONDecodeError as error:
            problems.append(f"{path}, line {number}: not JSON ({error.msg}, column {error.colno}).")
        except (KeyError, TypeError, ValueError) as error:
            problems.append(f"{path}, line {number}: not a tree of the dataset ({error}).")
        else:
            if root is not None and root.key in seen:
                dropped = [LeftOut(name, "another tree has the same prompt", _count(raw))]
                root = None
            left_out.extend(dropped)
            if root is not None:
                seen.add(root.key)
                trees.append(root)
    if not problems and not trees:
        problems.append(f"{path}: there is no tree to play in this file.")
    if problems:
        raise ScriptError(problems)
    return trees, left_out


def _filled_lines(path: Path) -> list[tuple[int, str]]:
    try:
        # Not splitlines(): a text may hold Unicode's line separators, which JSON leaves as they are.
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise ScriptError([f"{path}: there is no such file."]) from None
    except IsADirectoryError:
        raise ScriptError([f"{path}: this is a folder; name a file of trees in it."]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError([f"{path}: cannot be read as UTF-8 text ({type(error).__name__})."]) from None
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _prompt(tree: object) -> dict[str, Any]:
    if not isinstance(tree, dict) or not isinstance(tree.get("prompt"), dict):
        raise TypeError("an object with a prompt is expected")
    prompt: dict[str, Any] = tree["prompt"]
    return prompt


def _read_node(raw: dict[str, Any], name: str, parent: Node | None) -> tuple[Node | None, list[LeftOut]]:
    text, role, rank = raw.get("text"), raw.get("role"), raw.get("rank")
    if not isinstance(text, str) or role not in _ROLES:
        raise ValueError(f"{name} needs a text and the role prompter or assistant")
    if rank is not None and not isinstance(rank, int):
        raise TypeError(f"the rank of {name} is no whole number")
    depth = 0 if parent is None else parent.depth + 1
    lang = raw.get("lang") or (parent.lang if parent else "en")
    node = Node(name, text.strip(), role, str(lang), depth, rank, parent)
    reason = _why_not(raw, node)
    if reason is not None:
        return None, [LeftOut(name, reason, _count(raw))]
    left_out: list[LeftOut] = []
    for number, reply in enumerate(_replies(raw), start=1):
        child, dropped = _read_node(reply, f"{name} / reply {number}", node)
        left_out.extend(dropped)
        if child is not None:
            node.children.append(child)
    return node, left_out


def _why_not(raw: dict[str, Any], node: Node) -> str | None:
    parent, length = node.parent, utf16_length(node.text)
    reasons = {
        "it was deleted": bool(raw.get("deleted")),
        "reviews rejected it": raw.get("review_result") is False,
        "it has no text": not node.key,
        "its role does not alternate with its parent's": node.role != _ROLES[node.depth % 2],
        "a reply beside it has the same text": parent is not None
        and any(node.key == other.key for other in parent.children),
        # Prompts are imported; only replies go through a modal.
        f"it has {length:,} characters and a modal takes {MODAL_LIMIT:,}": parent is not None
        and length > MODAL_LIMIT,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _replies(raw: dict[str, Any]) -> list[dict[str, Any]]:
    replies = raw.get("replies") or []
    if not isinstance(replies, list) or not all(isinstance(reply, dict) for reply in replies):
        raise TypeError("replies must be a list of messages")
    return replies


def _count(raw: dict[str, Any]) -> int:
    return 1 + sum(_count(reply) for reply in _replies(raw))
