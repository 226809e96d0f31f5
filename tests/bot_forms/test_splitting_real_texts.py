"""Every message of real conversations is shown whole and within the limits."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.limits import EMBED_DESCRIPTION, message_problems, utf16_length
from bot.rendering.conversation import PLAIN_COLOUR, Block, panels
from bot.rendering.markdown import safe_markdown
from bot.rendering.splitting import split
from bot.texts import texts_for

TREES = Path(__file__).parents[2].parent / "shared" / "data" / "oasst_trees_60.jsonl"


def messages(node: dict[str, Any]) -> Iterator[str]:
    yield node["text"]
    for reply in node["replies"]:
        yield from messages(reply)


@pytest.fixture(scope="module")
def real_texts() -> list[str]:
    if not TREES.is_file():
        pytest.skip(f"real trees are not here: {TREES.name} beside the repository, in shared/data")
    lines = TREES.read_text(encoding="utf-8").splitlines()
    return [text for line in lines for text in messages(json.loads(line)["prompt"])]


@pytest.mark.parametrize("limit", [100, 500, 900, EMBED_DESCRIPTION])
def test_real_texts_are_split_without_loss(real_texts: list[str], limit: int) -> None:
    for text in real_texts:
        pieces = list(split(text, limit))
        assert all(0 < utf16_length(piece.markdown) <= limit for piece in pieces)
        body = "\n".join(piece.body for piece in pieces)
        assert re.sub(r"\s", "", body) == re.sub(r"\s", "", safe_markdown(text))
        assert re.sub(r"[\s\\]", "", body) == re.sub(r"[\s\\]", "", text)


def test_lines_of_real_texts_keep_their_indentation(real_texts: list[str]) -> None:
    for text in real_texts:
        lines = {line.rstrip() for line in safe_markdown(text).split("\n")}
        for piece in split(text, 900):
            assert {line.rstrip() for line in piece.body.split("\n")[1:-1]} <= lines


def test_messages_with_real_texts_fit(real_texts: list[str]) -> None:
    texts = texts_for(None)
    for start in range(0, len(real_texts), 20):
        for shorten_to in (None, 900):
            blocks = [
                Block("Reply", text, PLAIN_COLOUR, shorten_to=shorten_to)
                for text in real_texts[start : start + 20]
            ]
            for panel in panels("content", blocks, texts):
                assert message_problems(panel.content, panel.embeds, panel.rows) == []
