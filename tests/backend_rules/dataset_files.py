"""Lines of the dataset's format, and files of them, read as an import reads them."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from oasst_backend.dataset.lines import Entry, LineFile, Problems
from oasst_backend.dataset.models import PromptLine, StoryLine
from oasst_backend.dataset.reading import FileKind, prompts_in, stories_in, whole

ModelT = TypeVar("ModelT", bound=BaseModel)

Json = dict[str, Any]
ROOT_ID = "00000000-0000-4000-8000-000000000001"


def node(number: int, role: str = "prompter", *replies: Json, **more: object) -> Json:
    """A message as the format has it; its replies get it as their parent."""
    message_id = f"00000000-0000-4000-8000-{number:012d}"
    return {
        "message_id": message_id,
        "text": f"message {number}",
        "role": role,
        "lang": "en",
        "review_count": 3,
        "review_result": True,
        "deleted": False,
        "synthetic": False,
        "replies": [{"parent_id": message_id, **reply} for reply in replies],
        **more,
    }


def tree(prompt: Json | None = None, **more: object) -> Json:
    prompt = prompt or node(1, "prompter", node(2, "assistant"), node(3, "assistant"))
    return {
        "message_tree_id": prompt["message_id"],
        "tree_state": "ready_for_export",
        "prompt": prompt,
        **more,
    }


def lines(path: Path, *values: object) -> Path:
    path.write_text("\n".join(json.dumps(value, ensure_ascii=False) for value in values), encoding="utf-8")
    return path


def prompts_of(path: Path, *, max_length: int | None = None) -> list[PromptLine]:
    """Read the prompts of a file."""
    return _read(path, FileKind.prompts, partial(prompts_in, max_length=max_length))


def stories_of(path: Path) -> list[StoryLine]:
    """Read the stories of a file."""
    return _read(path, FileKind.stories, stories_in)


def _read(
    path: Path, kind: FileKind, entries: Callable[[LineFile, Problems], Iterator[Entry[ModelT]]]
) -> list[ModelT]:
    problems = Problems(path)
    with LineFile(path) as file:
        return [entry.value for entry in whole(entries(file, problems), problems, kind)]
