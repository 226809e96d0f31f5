"""Every field of the formats is documented, and nothing else is."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from oasst_backend.dataset import models
from oasst_backend.rules.labels import LABELS
from oasst_backend.rules.trees import TreeState

SECTIONS: dict[str, type[BaseModel]] = {
    "Tree": models.ExportTree,
    "Message": models.ExportNode,
    "Label": models.LabelSummary,
    "Events": models.Events,
    "Emoji event": models.EmojiEvent,
    "Rating event": models.RatingEvent,
    "Ranking event": models.RankingEvent,
    "Report event": models.ReportEvent,
    "Score event": models.ScoreEvent,
    "Importing prompts": models.PromptLine,
    "Stories": models.StoryLine,
    "Summary": models.Summary,
}


@pytest.fixture(scope="module")
def page(docs: Path) -> str:
    return (docs / "dataset.md").read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"docs/dataset.md has no section {title}"
    return found[1]


def documented(page: str, title: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", section(page, title), re.MULTILINE)


@pytest.mark.parametrize("title", SECTIONS)
def test_every_field_is_documented(page: str, title: str) -> None:
    assert documented(page, title) == list(SECTIONS[title].model_fields)


def test_every_model_of_the_format_has_a_section() -> None:
    public = {
        thing
        for name, thing in vars(models).items()
        if isinstance(thing, type) and issubclass(thing, BaseModel) and not name.startswith("_")
    }
    assert public - {BaseModel} == set(SECTIONS.values())


def test_every_state_is_documented(page: str) -> None:
    assert documented(page, "States") == [state.value for state in TreeState]


def test_every_label_is_named(page: str) -> None:
    assert set(re.findall(r"`(\w+)`", section(page, "Label"))) >= set(LABELS)
