"""What reviews say of a message, and which labels are asked for."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.rules.labels import (
    ASSISTANT_LABELS,
    LABELS,
    PROMPT_LABELS,
    VALID_LABELS,
    MessageKind,
    asked_labels,
    describe,
    disposition,
    draw_mode,
)
from oasst_backend.rules.review import acceptance, review_verdict
from oasst_client import REPORT_LABELS, LabelTaskDisposition, LabelTaskMode, LabelWidget

FINE = {"spam": 0.0}
SPAM = {"spam": 1.0}
FOREIGN = {"spam": 0.0, "lang_mismatch": 1.0}

reviews = st.lists(
    st.dictionaries(st.sampled_from(["spam", "lang_mismatch", "quality"]), st.floats(0, 1)),
    min_size=1,
    max_size=9,
)


@pytest.mark.parametrize(
    ("labels", "accepted"),
    [
        ([], None),
        ([FINE, FINE], None),
        ([FINE, FINE, FINE], True),
        ([FINE, SPAM, FINE], True),
        ([SPAM, FINE, SPAM], False),
        ([SPAM, FINE, FOREIGN], False),
        ([FINE, FINE, FOREIGN], True),
        ([SPAM, SPAM, SPAM, FINE, FINE, FINE, FINE], False),
    ],
)
def test_three_reviews_decide(labels: list[dict[str, float]], accepted: bool | None) -> None:  # noqa: FBT001 - a parameter of pytest
    assert review_verdict(labels, required=3, threshold=0.6) is accepted


@pytest.mark.parametrize("spam", range(11))
def test_the_threshold_itself_is_not_enough(spam: int) -> None:
    labels = [SPAM] * spam + [FINE] * (10 - spam)
    for threshold in range(11):
        verdict = review_verdict(labels, required=10, threshold=threshold / 10)
        assert verdict is (10 - spam > threshold)


@given(reviews)
def test_acceptance_is_one_minus_the_means(labels: list[dict[str, float]]) -> None:
    def mean(name: str) -> float:
        return sum(label.get(name, 0) for label in labels) / len(labels)

    assert acceptance(labels) == pytest.approx(1 - (mean("spam") + mean("lang_mismatch")))
    assert -1 <= acceptance(labels) <= 1


@given(reviews, reviews, st.integers(1, 5))
def test_what_comes_late_does_not_turn_the_verdict(
    labels: list[dict[str, float]], late: list[dict[str, float]], required: int
) -> None:
    verdict = review_verdict(labels, required=required, threshold=0.6)
    if verdict is not None:
        assert review_verdict(labels + late, required=required, threshold=0.6) is verdict


def test_without_reviews_there_is_no_acceptance() -> None:
    with pytest.raises(ValueError, match="without reviews"):
        acceptance([])


def test_every_label_has_its_own_words() -> None:
    texts = [label.display_text for label in LABELS.values()]
    assert len(set(texts)) == len(LABELS) == 15
    assert all(label.help_text and label.display_text for label in LABELS.values())
    assert all(name == label.name for name, label in LABELS.items())


def test_the_widgets_of_the_protocol() -> None:
    by_widget = {widget: {n for n, d in LABELS.items() if d.widget is widget} for widget in LabelWidget}
    assert by_widget[LabelWidget.yes_no] == {"spam", "fails_task"}
    assert by_widget[LabelWidget.likert] == {
        "quality",
        "toxicity",
        "humor",
        "helpfulness",
        "creativity",
        "violence",
    }


@pytest.mark.parametrize("names", [ASSISTANT_LABELS, PROMPT_LABELS, REPORT_LABELS, VALID_LABELS])
def test_every_set_can_be_described(names: tuple[str, ...]) -> None:
    assert [label.name for label in describe(names)] == list(names)
    assert len(set(names)) == len(names)


def test_the_full_sets() -> None:
    assert ASSISTANT_LABELS == (
        "spam",
        "lang_mismatch",
        "fails_task",
        "quality",
        "helpfulness",
        "creativity",
        "humor",
        "toxicity",
        "violence",
        "not_appropriate",
        "pii",
        "hate_speech",
        "sexual_content",
    )
    assert set(ASSISTANT_LABELS) - set(PROMPT_LABELS) == {"fails_task", "helpfulness"}
    assert "fails_task" not in VALID_LABELS


@pytest.mark.parametrize(
    ("kind", "full", "simple"),
    [
        (MessageKind.initial_prompt, PROMPT_LABELS, ["spam", "lang_mismatch"]),
        (MessageKind.assistant_reply, ASSISTANT_LABELS, ["spam", "lang_mismatch", "quality"]),
        (MessageKind.prompter_reply, PROMPT_LABELS, ["spam", "lang_mismatch", "quality"]),
    ],
)
def test_simple_labelling_asks_for_less(kind: MessageKind, full: tuple[str, ...], simple: list[str]) -> None:
    assert asked_labels(kind, LabelTaskMode.full, full=full, mandatory=["spam"]) == list(full)
    assert asked_labels(kind, LabelTaskMode.simple, full=full, mandatory=["spam"]) == simple
    assert "humor" in asked_labels(kind, LabelTaskMode.simple, full=full, mandatory=["humor"])


def test_kinds_of_messages() -> None:
    assert MessageKind.of(is_root=True, is_assistant=False) is MessageKind.initial_prompt
    assert MessageKind.of(is_root=False, is_assistant=False) is MessageKind.prompter_reply
    assert MessageKind.of(is_root=False, is_assistant=True) is MessageKind.assistant_reply


def test_the_mode_is_drawn_by_chance() -> None:
    rng = random.Random(5)  # noqa: S311 - which labels are asked for is no secret
    drawn = [draw_mode(0.25, rng) for _ in range(2000)]
    assert 0.2 < drawn.count(LabelTaskMode.full) / 2000 < 0.3
    assert {draw_mode(1.0, rng) for _ in range(100)} == {LabelTaskMode.full}
    assert {draw_mode(0.0, rng) for _ in range(100)} == {LabelTaskMode.simple}


def test_full_labelling_is_for_quality_and_simple_for_spam() -> None:
    assert disposition(LabelTaskMode.full) is LabelTaskDisposition.quality
    assert disposition(LabelTaskMode.simple) is LabelTaskDisposition.spam
