"""Reading prompts, trees and stories from JSON lines in a stream, with the reason of each broken line."""

from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from oasst_backend.dataset.lines import BrokenLineError, Entry, LineFile, Problems
from oasst_backend.dataset.models import ExportTree, PromptLine, Role, StoryLine, walk
from oasst_backend.dataset.seen_ids import SeenIds
from oasst_backend.rules.trees import MAX_DEPTH

ModelT = TypeVar("ModelT", bound=BaseModel)


class FileKind(StrEnum):
    """What a file holds."""

    prompts = "prompts"
    trees = "trees"
    stories = "stories"

    @classmethod
    def of(cls, value: object) -> "FileKind":
        """Tell the kind of a line: a tree has a prompt, a story has a story, all else counts as a prompt."""
        if isinstance(value, dict) and "prompt" in value:
            return cls.trees
        if isinstance(value, dict) and "story" in value:
            return cls.stories
        return cls.prompts


def file_kind(path: Path) -> FileKind:
    """Tell by the first line that is JSON what a file holds; without one it counts as prompts.

    Raises:
        DatasetError: the file cannot be read.
    """
    with LineFile(path) as file:
        for line in file.lines():
            with suppress(ValueError):
                return FileKind.of(from_json(line.value or b""))
    return FileKind.prompts


def prompts_in(
    file: LineFile, problems: Problems, *, max_length: int | None = None
) -> Iterator[Entry[PromptLine]]:
    """Give the prompts of a file, one a line: a JSON string, or an object as `PromptLine` has it.

    Args:
        file: the file; empty lines are passed over.
        problems: where broken lines are noted.
        max_length: the longest text in characters, if there is a limit.
    """

    def parse(raw: bytes) -> PromptLine:
        value = from_json(raw)
        if (kind := FileKind.of(value)) is not FileKind.prompts:
            raise BrokenLineError(f"this is a {_ONE[kind]}, not a prompt")
        if isinstance(value, str):
            line = PromptLine(text=value)
        elif isinstance(value, dict):
            line = PromptLine.model_validate_json(raw, strict=True)
        else:
            raise BrokenLineError("must be a string, or an object with a text")
        if max_length is not None and len(line.text) > max_length:
            raise BrokenLineError(f"the text has {len(line.text)} characters; at most {max_length} are taken")
        return line

    return file.entries(parse, problems)


def stories_in(file: LineFile, problems: Problems) -> Iterator[Entry[StoryLine]]:
    """Give the stories of a file, one a line; fields that the format lacks are passed over.

    Args:
        file: the file; empty lines are passed over.
        problems: where broken lines are noted.
    """
    return file.entries(lambda raw: _parsed(raw, StoryLine, "a story"), problems)


def trees_in(file: LineFile, problems: Problems, seen: SeenIds | None = None) -> Iterator[Entry[ExportTree]]:
    """Give the message trees of a file, one a line; fields that the format lacks are passed over.

    A line is broken, too, if its roles do not alternate or its ids do not fit together.

    Args:
        file: the file; empty lines are passed over.
        problems: where broken lines are noted.
        seen: finds ids that stand in the file twice; without it nobody looks.
    """

    def parse(raw: bytes) -> ExportTree:
        tree = _parsed(raw, ExportTree, "a message tree")
        _check_shape(tree)
        if seen is not None:
            repeated = seen.add([place.node.message_id for place in walk(tree)])
            if repeated is not None:
                raise BrokenLineError(f"message {repeated} is in the file twice")
        return tree

    return file.entries(parse, problems)


def whole(entries: Iterator[Entry[ModelT]], problems: Problems, kind: FileKind) -> Iterator[Entry[ModelT]]:
    """Give entries as they come, and see at the end that all of them were there.

    Raises:
        DatasetError: lines are broken, or there is no entry.
    """
    found = False
    for entry in entries:
        found = True
        yield entry
    problems.check()
    if not found:
        problems.add(0, f"the file holds no {kind}")
        problems.check()


def read_trees(path: Path) -> Iterator[ExportTree]:
    """Give the message trees of a file, without keeping them.

    Raises:
        DatasetError: the file cannot be read; or, at its end: it holds nothing, or lines are broken, as are
            those with an id that is in the file already.
    """
    problems = Problems(path)
    with LineFile(path) as file, SeenIds() as seen:
        for entry in whole(trees_in(file, problems, seen), problems, FileKind.trees):
            yield entry.value


def _parsed(raw: bytes, model: type[ModelT], what: str) -> ModelT:
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError:
        value = from_json(raw)
        kind, wanted = FileKind.of(value), _KIND_OF[model]
        if not isinstance(value, dict):
            raise BrokenLineError(f"must be an object with {what}") from None
        if kind not in {wanted, FileKind.prompts}:
            raise BrokenLineError(f"this is a {_ONE[kind]}, not a {_ONE[wanted]}") from None
        raise


def _check_shape(tree: ExportTree) -> None:
    if tree.message_tree_id != tree.prompt.message_id:
        raise BrokenLineError("message_tree_id must be the id of the prompt")
    if tree.prompt.parent_id is not None:
        raise BrokenLineError("the prompt must have no parent_id")
    for place in walk(tree):
        node, parent = place.node, place.parent
        if place.depth > MAX_DEPTH:
            raise BrokenLineError(
                f"message {node.message_id}: there are more than {MAX_DEPTH} levels of replies"
            )
        if node.role is not (Role.assistant if place.depth % 2 else Role.prompter):
            raise BrokenLineError(f"message {node.message_id}: roles must alternate, the prompter first")
        if parent and node.parent_id not in {None, parent.message_id}:
            raise BrokenLineError(f"message {node.message_id}: parent_id is not the message above it")


_ONE = {FileKind.prompts: "prompt", FileKind.trees: "tree", FileKind.stories: "story"}
_KIND_OF: dict[type[BaseModel], FileKind] = {ExportTree: FileKind.trees, StoryLine: FileKind.stories}
