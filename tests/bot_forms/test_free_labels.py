"""A message can be labelled outside a task, with the same questions."""

from typing import Any
from uuid import UUID

import pytest

from bot.forms.base import FormEvent, FormProblem, Panel
from bot.forms.custom_ids import ALL_LABEL, LABEL_PREFIXES, Action
from bot.forms.labels import FreeLabelForm, FreeLabelState
from bot.limits import message_problems
from bot.texts import texts_for
from oasst_client.models import AuthMethod, LabelDescription, LabelWidget, User

TEXTS = texts_for("en-US")
ALICE = User(id="1", display_name="Alice", auth_method=AuthMethod.discord)
MESSAGE = UUID(int=5)
LABELS = [
    LabelDescription(
        name="spam", widget=LabelWidget.yes_no, display_text="Spam", help_text="Deliberately poor"
    ),
    LabelDescription(name="pii", widget=LabelWidget.flag, display_text="Personal details"),
    *(
        LabelDescription(
            name=f"scale{n}", widget=LabelWidget.likert, display_text="S" * 300, help_text="h" * 2000
        )
        for n in range(5)
    ),
]


@pytest.fixture
def form() -> FreeLabelForm:
    return FreeLabelForm()


@pytest.fixture
def state(form: FreeLabelForm) -> FreeLabelState:
    return form.first_state(MESSAGE, "A *long* text. 😀" * 900, LABELS)


def controls(panel: Panel) -> list[dict[str, Any]]:
    return [dict(component) for row in panel.rows for component in row.build()[0]["components"]]


def test_the_panel_fits_and_has_ids_of_its_own(form: FreeLabelForm, state: FreeLabelState) -> None:
    named = []
    for number in range(6):
        panel = form.panel(form.apply(state, FormEvent(Action.page, number)), TEXTS)
        assert message_problems(panel.content, panel.embeds, panel.rows) == []
        ids = [part["custom_id"] for part in controls(panel)]
        assert all(one in ALL_LABEL or one.startswith(LABEL_PREFIXES) for one in ids)
        assert [part["label"] for part in controls(panel)[-4:]] == ["Back", "More labels", "Send", "Cancel"]
        named += [one for one in ids if not one.startswith("label:1:page")]
    assert len({one for one in named if "scale" in one}) == 5
    assert controls(panel)[-3]["disabled"]


def test_a_long_message_and_the_longest_page_fit_one_panel(form: FreeLabelForm) -> None:
    labels = [
        LabelDescription(
            name=f"flag{number}", widget=LabelWidget.flag, display_text="*" * 99, help_text="#" * 99
        )
        for number in range(60)
    ]
    state = form.first_state(MESSAGE, "[" * 5000 + "](x)", labels)
    state = form.apply(state, FormEvent(Action.flags, 0, ("0", "1", "2")))
    panel = form.panel(state, TEXTS)
    assert message_problems(panel.content, panel.embeds, panel.rows) == []


def test_one_answer_is_enough_and_belongs_to_no_task(form: FreeLabelForm, state: FreeLabelState) -> None:
    state = form.apply(form.apply(state, FormEvent(Action.yes, 0)), FormEvent(Action.send))
    assert state.sent
    restored = FreeLabelState.model_validate_json(state.model_dump_json())
    labels = form.interaction(restored, user=ALICE)
    assert labels.labels == {"spam": 1.0}
    assert labels.task_id is None
    assert labels.message_id == MESSAGE


def test_without_an_answer_nothing_is_sent_and_the_panel_says_so(
    form: FreeLabelForm, state: FreeLabelState
) -> None:
    after = form.apply(state, FormEvent(Action.send))
    assert not after.sent
    assert "Not sent yet.** Answer at least one" in form.panel(after, TEXTS).content
    answered = form.apply(after, FormEvent(Action.no, 0))
    assert "Not sent" not in form.panel(answered, TEXTS).content
    with pytest.raises(FormProblem):
        form.interaction(state, user=ALICE)


def test_a_menu_that_was_not_touched_says_nothing_and_one_that_was_emptied_does(
    form: FreeLabelForm, state: FreeLabelState
) -> None:
    answered = form.apply(state, FormEvent(Action.no, 0))
    assert form.interaction(answered, user=ALICE).labels == {"spam": 0.0}
    emptied = form.apply(form.apply(answered, FormEvent(Action.flags, 1, ("0",))), FormEvent(Action.flags, 1))
    assert form.interaction(emptied, user=ALICE).labels == {"spam": 0.0, "pii": 0.0}
