"""A new kind of task is one new module and its words; words that are missing are named."""

from pathlib import Path

import jinja2
import pytest

from bot.forms import TASK_TYPES, kinds
from bot.forms.registry import find_forms
from bot.forms.writing import WritingForm
from bot.texts import texts_for
from oasst_client.tasks import TaskRequestType

TEXTS = texts_for("en")
MODULE = '''
from bot.forms.writing import WritingForm

class PaintPictureForm(WritingForm):
    """Say what to paint."""

    task_type = "paint_picture"
'''


def missing_words(kind: str) -> list[str]:
    """Name the texts and templates that a kind of task still needs."""
    keys = [f"command.task.type.{kind}", f"log.kind.{kind}"]
    if issubclass(find_forms()[kind], WritingForm):
        keys += [f"write.{part}.{kind}" for part in ("start", "title", "placeholder")]
    missing = [key for key in keys if not TEXTS.has(key)]
    for name in (f"intro_{kind}.md.j2", f"thanks_{kind}.md.j2"):
        try:
            assert TEXTS.template(name, hint=None, count=2, low=1, high=5, purpose="")
        except jinja2.TemplateNotFound:
            missing.append(name)
    return missing


@pytest.mark.parametrize("kind", TASK_TYPES)
def test_every_kind_has_its_words(kind: str) -> None:
    assert missing_words(kind) == []


def test_every_kind_that_can_be_asked_for_has_a_form() -> None:
    assert {*TASK_TYPES, "random"} == {kind.value for kind in TaskRequestType}


def test_a_new_module_is_a_new_kind_and_its_missing_words_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "paint_picture_for_tests.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    assert set(find_forms()) == {*TASK_TYPES, "paint_picture"}
    assert missing_words("paint_picture") == [
        "command.task.type.paint_picture",
        "log.kind.paint_picture",
        "write.start.paint_picture",
        "write.title.paint_picture",
        "write.placeholder.paint_picture",
        "intro_paint_picture.md.j2",
        "thanks_paint_picture.md.j2",
    ]
