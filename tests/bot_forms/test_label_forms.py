"""What people see and press in label tasks, and what the backend gets for it."""

import hikari
import pytest

from bot.forms import Action, FormEvent, FormProblem, TaskForm
from oasst_client.tasks import Task
from tests.bot_forms.playing import (
    SPACE,
    answer,
    components,
    footer,
    label,
    labelling,
    labels_of,
    menus,
    play,
    problem,
    sent_labels,
    shown,
    words,
)

SEND = FormEvent(Action.send)


def page(number: int) -> FormEvent:
    """Press the button to a page, from 0."""
    return FormEvent(Action.page, number)


@pytest.fixture
def mixed() -> tuple[Task, TaskForm]:
    """A task with each kind of control on one page."""
    return labelling(
        label("spam", "yes_no"),
        label("pii", "flag"),
        label("rude", "flag"),
        label("quality", "likert"),
        mandatory=["spam"],
    )


@pytest.fixture
def long() -> tuple[Task, TaskForm]:
    """A task of three pages; the fourth and the eighth scale must be answered."""
    scales = (label(f"scale{number}", "likert") for number in range(1, 9))
    return labelling(*scales, mandatory=["scale4", "scale8"])


def test_the_label_list_of_the_task_decides_what_is_shown(mixed: tuple[Task, TaskForm]) -> None:
    task, form = mixed
    panel = shown(task, form, form.first_state(task))
    yes, no, flags, scale, *others = components(panel)
    assert (yes["label"], no["label"]) == ("Spam: yes", "Spam: no")
    assert flags["placeholder"] == "Choose all that apply"
    assert [(o["label"], o["description"]) for o in flags["options"]] == [
        ("Pii", "What pii means"),
        ("Rude", "What rude means"),
    ]
    assert scale["placeholder"] == "Quality"
    steps = ["1 · Very poor", "2", "3", "4", "5 · Excellent"]
    assert [option["label"] for option in scale["options"]] == steps
    assert [other["label"] for other in others] == ["Send"]
    assert words(panel) == (
        "**Spam** \\*\n⬜ Not answered yet\nWhat spam means\n\n"
        "**Choose all that apply**\n⬜ Nothing chosen\n\n"
        "**Quality**\n⬜ Not answered yet\nWhat quality means"
    )
    assert footer(panel) == ""
    assert "marked * need an answer" in panel.content


def test_each_answer_is_told_beside_its_question_and_on_its_control(mixed: tuple[Task, TaskForm]) -> None:
    task, form = mixed
    answered = play(
        task,
        form,
        FormEvent(Action.no, 0),
        FormEvent(Action.flags, 1, ("1",)),
        FormEvent(Action.scale, 2, ("4",)),
    )
    panel = shown(task, form, answered)
    assert [line for line in words(panel).splitlines() if line.startswith("✅")] == [
        "✅ **No**",
        "✅ **Rude**",
        "✅ **4 of 5**",
    ]
    yes, no, flags, scale, _ = components(panel)
    assert (yes["label"], no["label"]) == ("Spam: yes", "Spam: no ✓")
    assert (yes["style"], no["style"]) == (hikari.ButtonStyle.SECONDARY, hikari.ButtonStyle.PRIMARY)
    assert [option["label"] for option in flags["options"] if option["default"]] == ["Rude"]
    # A menu with a choice no longer shows what it is about.
    assert [option["label"] for option in scale["options"] if option["default"]] == ["Quality: 4"]
    assert "need an answer" not in panel.content


def test_what_was_chosen_is_sent_with_the_flags_that_were_seen(mixed: tuple[Task, TaskForm]) -> None:
    task, form = mixed
    answered = play(
        task,
        form,
        FormEvent(Action.no, 0),
        FormEvent(Action.flags, 1, ("1",)),
        FormEvent(Action.scale, 2, ("4",)),
    )
    sent = form.apply(task, answered, SEND)
    given_in = answer(task, form, sent).model_dump()
    assert given_in["labels"] == {"spam": 0.0, "pii": 0.0, "rude": 1.0, "quality": 0.75}
    assert given_in["message_id"] == SPACE
    assert given_in["text"] == "Hi!"


@pytest.mark.parametrize(("step", "value"), [(1, 0.0), (2, 0.25), (3, 0.5), (4, 0.75), (5, 1.0)])
def test_five_steps_are_quarters(step: int, value: float) -> None:
    task, form = labelling(label("quality", "likert"))
    state = play(task, form, FormEvent(Action.scale, 0, (str(step),)))
    assert sent_labels(task, form, state) == {"quality": value}


def test_a_question_mark_does_not_stand_before_the_answer() -> None:
    task, form = labelling({**label("spam", "yes_no"), "display_text": "Is it spam?"})
    yes, no, *_ = components(shown(task, form, form.first_state(task)))
    assert (yes["label"], no["label"]) == ("Is it spam: yes", "Is it spam: no")


def test_a_flag_alone_is_named_and_explained() -> None:
    task, form = labelling(label("spam", "yes_no"), label("pii", "flag"))
    panel = shown(task, form, form.first_state(task))
    assert menus(panel)[0]["placeholder"] == "Choose if it applies: Pii"
    assert "**Pii**\n⬜ Nothing chosen\nWhat pii means" in words(panel)


@pytest.mark.parametrize(("mandatory", "least"), [(["quality"], 1), ([], 0)])
def test_only_a_voluntary_scale_can_be_emptied(mandatory: list[str], least: int) -> None:
    task, form = labelling(label("quality", "likert"), mandatory=mandatory)
    assert menus(shown(task, form, form.first_state(task)))[0]["min_values"] == least


def test_a_scale_that_is_emptied_is_not_sent() -> None:
    task, form = labelling(label("spam", "yes_no"), label("quality", "likert"))
    choice = FormEvent(Action.yes, 0), FormEvent(Action.scale, 1, ("5",)), FormEvent(Action.scale, 1, ())
    state = play(task, form, *choice)
    assert sent_labels(task, form, state) == {"spam": 1.0}


def test_many_labels_stand_on_pages_that_say_what_is_where(long: tuple[Task, TaskForm]) -> None:
    task, form = long
    first = shown(task, form, form.first_state(task))
    assert labels_of(first) == {"Back": False, "More labels": True, "Send": True}
    assert [menu["placeholder"] for menu in menus(first)] == ["Scale1", "Scale2", "Scale3"]
    assert footer(first) == "Page 1 of 3 · 0 of 8 answered"
    assert "Still to answer: **Scale4** (page 2), **Scale8** (page 3)" in first.content
    second = shown(task, form, play(task, form, page(1), FormEvent(Action.scale, 4, ("2",))))
    assert [menu["placeholder"] for menu in menus(second)] == ["Scale4 *", "Scale5", "Scale6"]
    assert footer(second) == "Page 2 of 3 · 1 of 8 answered"
    assert "Still to answer: **Scale4**, **Scale8** (page 3)" in second.content
    third = shown(task, form, play(task, form, page(2)))
    assert labels_of(third) == {"Back": True, "More labels": False, "Send": True}


def test_the_way_on_stands_out_until_every_page_was_seen(long: tuple[Task, TaskForm]) -> None:
    task, form = long

    def style(*events: FormEvent) -> object:
        parts = components(shown(task, form, play(task, form, *events)))
        return next(part["style"] for part in parts if part.get("label") == "More labels")

    assert style(page(1)) == hikari.ButtonStyle.PRIMARY
    assert style(page(1), page(2), page(1)) == hikari.ButtonStyle.SECONDARY
    # Being led to a page does not mean that those before it were seen.
    assert style(FormEvent(Action.scale, 3, ("1",)), SEND, page(0)) == hikari.ButtonStyle.PRIMARY


def test_send_leads_to_what_is_missing_and_says_so(long: tuple[Task, TaskForm]) -> None:
    task, form = long
    state = play(task, form, SEND)
    assert not state.sent
    panel = shown(task, form, state)
    assert panel.content == "❗ **Not sent yet.** Still to answer: **Scale4**, **Scale8** (page 3)"
    assert "**Scale4** \\*\n❗ Please answer this one" in words(panel)
    assert "**Scale5**\n⬜ Not answered yet" in words(panel)
    state = form.apply(task, state, FormEvent(Action.scale, 3, ("3",)))
    state = form.apply(task, state, SEND)
    assert "Not sent yet.** Still to answer: **Scale8**" in shown(task, form, state).content
    state = form.apply(task, state, FormEvent(Action.scale, 7, ("3",)))
    assert "Not sent" not in shown(task, form, state).content
    assert sent_labels(task, form, state) == {"scale4": 0.5, "scale8": 0.5}


def test_many_missing_labels_are_counted_and_not_all_named() -> None:
    names = [f"question{number}" for number in range(9)]
    task, form = labelling(*(label(name, "yes_no") for name in names), mandatory=names)
    content = shown(task, form, form.first_state(task)).content
    assert "**Question4** (page 2), 4 more" in content


def test_an_answer_to_nothing_is_not_sent() -> None:
    task, form = labelling(label("spam", "yes_no"))
    state = play(task, form, SEND)
    assert "Not sent yet.** Answer at least one" in shown(task, form, state).content
    state = form.apply(task, state, FormEvent(Action.no, 0))
    assert "Not sent" not in shown(task, form, state).content
    with pytest.raises(FormProblem):
        answer(task, form, form.first_state(task))


def test_flags_that_nobody_saw_are_not_sent() -> None:
    asked = (*(label(f"question{number}", "yes_no") for number in range(4)), label("pii", "flag"))
    task, form = labelling(*asked)
    answered = play(task, form, FormEvent(Action.no, 0))
    assert sent_labels(task, form, answered) == {"question0": 0.0}
    seen = form.apply(task, answered, page(1))
    assert sent_labels(task, form, seen) == {"question0": 0.0, "pii": 0.0}
    turned_back = form.apply(task, seen, page(0))
    assert sent_labels(task, form, turned_back) == {"question0": 0.0, "pii": 0.0}


def test_a_page_that_two_quick_presses_could_skip_is_shown(long: tuple[Task, TaskForm]) -> None:
    task, form = long
    assert footer(shown(task, form, play(task, form, page(1), page(1)))).startswith("Page 2")


def test_a_mandatory_flag_has_to_be_seen_and_need_not_be_chosen() -> None:
    asked = (*(label(f"question{number}", "yes_no") for number in range(3)), label("pii", "flag"))
    task, form = labelling(*asked, mandatory=["pii"])
    state = play(task, form, FormEvent(Action.no, 0))
    assert "Still to answer: **Pii** (page 2)" in shown(task, form, state).content
    state = form.apply(task, state, SEND)
    assert not state.sent
    panel = shown(task, form, state)
    assert "Not sent yet.** Please look over this page" in panel.content
    assert "**Pii**\n⬜ Nothing chosen" in words(panel)
    assert sent_labels(task, form, state) == {"question0": 0.0, "pii": 0.0}


def test_a_click_from_an_older_page_changes_the_label_it_was_made_on(long: tuple[Task, TaskForm]) -> None:
    task, form = long
    first = menus(shown(task, form, form.first_state(task)))
    assert first[1]["placeholder"] == "Scale2"
    index = int(first[1]["custom_id"].rpartition(":")[2])
    late = play(task, form, page(1), page(2), FormEvent(Action.scale, index, ("5",)))
    answered = [FormEvent(Action.scale, number, ("1",)) for number in (3, 7)]
    for event in answered:
        late = form.apply(task, late, event)
    assert sent_labels(task, form, late) == {"scale2": 1.0, "scale4": 0.0, "scale8": 0.0}


@pytest.mark.parametrize(
    "event",
    [
        FormEvent(Action.yes, 1),
        FormEvent(Action.no, 99),
        FormEvent(Action.yes),
        FormEvent(Action.flags, 1, ("2",)),
        FormEvent(Action.flags, 1, ("rude",)),
        FormEvent(Action.scale, 2, ("6",)),
        FormEvent(Action.scale, 0, ("1",)),
        FormEvent(Action.page),
        FormEvent(Action.page_next),
    ],
    ids=str,
)
def test_what_no_control_offers_is_refused(mixed: tuple[Task, TaskForm], event: FormEvent) -> None:
    task, form = mixed
    assert "does not work" in problem(task, form, form.first_state(task), event)


def test_a_page_that_is_not_there_is_the_last_one(long: tuple[Task, TaskForm]) -> None:
    task, form = long
    assert footer(shown(task, form, play(task, form, page(99)))).startswith("Page 3")
