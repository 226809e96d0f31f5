"""What people see and press in label tasks, and what the backend gets for it."""

from typing import Any

import hikari
import pytest
from babel.messages.pofile import read_po

from bot import texts as texts_module
from bot.forms import Action, FormEvent, FormProblem, FormState, Panel, TaskForm
from bot.limits import utf16_length
from bot.texts import locales, texts_for
from oasst_client.tasks import Task
from tests.bot_forms.playing import (
    SPACE,
    TEXTS,
    answer,
    components,
    conversation,
    example,
    label,
    labelling,
    labels_of,
    play,
    problem,
)

SEND = FormEvent(Action.send)
EVERY_LABEL = {
    **dict.fromkeys(("spam", "fails_task"), "yes_no"),
    **dict.fromkeys(
        ("quality", "toxicity", "humor", "helpfulness", "creativity", "violence"),
        "likert",
    ),
    **dict.fromkeys(
        (
            "lang_mismatch",
            "pii",
            "not_appropriate",
            "hate_speech",
            "sexual_content",
            "moral_judgement",
            "political_content",
            "excessive_harm",
            "threat",
            "misleading",
            "helpful",
            "creative",
        ),
        "flag",
    ),
}
"""The protocol's labels, those of the older dialect included, with their controls."""


def page(number: int) -> FormEvent:
    """Press the button to a page, from 0."""
    return FormEvent(Action.page, number)


def shown(task: Task, form: TaskForm, state: FormState) -> Panel:
    return form.controls(task, state, TEXTS)


def words(panel: Panel) -> str:
    """Return what stands in the embed."""
    (embed,) = panel.embeds
    return embed.description or ""


def footer(panel: Panel) -> str:
    (embed,) = panel.embeds
    return "" if embed.footer is None else embed.footer.text or ""


def menus(panel: Panel) -> list[dict[str, Any]]:
    return [part for part in components(panel) if part["type"] != 2]


def sent_labels(task: Task, form: TaskForm, state: FormState) -> dict[str, float]:
    sent = form.apply(task, state, SEND)
    assert sent.sent
    labels: dict[str, float] = answer(task, form, sent).model_dump()["labels"]
    return labels


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


def test_labels_without_descriptions_get_words_of_ours() -> None:
    task, form = example(
        "label_initial_prompt",
        prompt="Old",
        message_id=str(SPACE),
        valid_labels=["spam", "brand_new", "threat", "quality"],
    )
    (panel,) = form.shown(task, TEXTS)
    assert panel.embeds[0].description == "Old"
    controls = shown(task, form, form.first_state(task))
    parts = components(controls)
    assert parts[0]["label"] == "Spam: yes"
    assert [option["label"] for option in parts[2]["options"]] == ["brand new", "Threat"]
    assert parts[2]["options"][1]["description"] == "Threatens somebody."
    assert parts[3]["placeholder"] == "Quality"
    assert "A short or clumsy message is not spam" in words(controls)


@pytest.mark.parametrize("tag", locales())
def test_every_label_of_the_protocol_has_words_of_ours(tag: str) -> None:
    texts = texts_for(tag)
    assert len(EVERY_LABEL) == 20
    for name in EVERY_LABEL:
        # They must fit where the layout, which no language changes, keeps room for them.
        assert 0 < utf16_length(texts(f"label.{name}")) <= 40
        assert texts.has(f"label.{name}")
        assert 0 < utf16_length(texts(f"label.{name}.help")) <= 100
        assert texts.has(f"label.{name}.help")


@pytest.mark.parametrize("tag", locales())
def test_the_words_at_the_ends_of_a_scale_are_short(tag: str) -> None:
    path = texts_module._LOCALES / tag / "LC_MESSAGES" / "bot.po"  # noqa: SLF001  # where the catalogues are
    with path.open("rb") as file:
        ends = [one.id for one in read_po(file) if str(one.id).startswith("likert.")]
    assert "likert.quality.low" in ends
    assert [key for key in ends if utf16_length(texts_for(tag)(str(key))) > 40] == []


@pytest.mark.parametrize(("name", "widget"), EVERY_LABEL.items())
def test_every_bare_name_gets_the_control_that_the_protocol_has_for_it(name: str, widget: str) -> None:
    task, form = example("label_initial_prompt", prompt="Old", message_id=str(SPACE), valid_labels=[name])
    first, *_ = components(shown(task, form, form.first_state(task)))
    found = "yes_no" if first["type"] == 2 else "likert" if len(first["options"]) == 5 else "flag"
    assert found == widget


def test_what_a_backend_leaves_out_is_filled_in() -> None:
    task, form = labelling(
        {"name": "spam", "widget": "slider", "display_text": " "},
        {"name": "quality", "display_text": "Good?"},
        {"name": "fancy_one", "widget": "yes_no", "display_text": "\u200b"},
        {"name": " ", "widget": "yes_no", "display_text": ""},
    )
    panel = shown(task, form, form.first_state(task))
    assert list(labels_of(panel))[:6:2] == ["Spam: yes", "fancy one: yes", "…: yes"]
    assert "A short or clumsy message is not spam" in words(panel)
    assert labels_of(panel)["More labels"]


def test_a_mandatory_label_that_is_not_described_is_asked_all_the_same() -> None:
    task, form = labelling(label("quality", "likert"), mandatory=["spam"], valid_labels=["quality", "pii"])
    parts = components(shown(task, form, form.first_state(task)))
    assert parts[0]["label"] == "Spam: yes"
    assert parts[2]["options"][0]["label"] == "Personal details"


def test_a_label_that_the_task_does_not_take_is_not_asked() -> None:
    task, form = labelling(label("quality", "likert"), label("humor", "likert"), valid_labels=["humor"])
    assert [menu["placeholder"] for menu in menus(shown(task, form, form.first_state(task)))] == ["Humor"]


def test_labels_that_look_the_same_are_told_apart_and_a_name_counts_once() -> None:
    task, form = labelling(
        {**label("a", "likert"), "display_text": "Good"},
        {**label("b", "likert"), "display_text": "good "},
        {**label("b", "likert"), "display_text": "Other"},
    )
    state = form.first_state(task)
    assert [menu["placeholder"] for menu in menus(shown(task, form, state))] == ["Good (a)", "good (b)"]


def test_more_flags_than_a_menu_takes_stand_in_several() -> None:
    task, form = labelling(*(label(f"flag{number}", "flag") for number in range(60)))
    found = menus(shown(task, form, form.first_state(task)))
    assert [(menu["placeholder"], len(menu["options"])) for menu in found] == [
        ("Choose all that apply (1 of 3)", 25),
        ("Choose all that apply (2 of 3)", 25),
        ("Choose all that apply (3 of 3)", 10),
    ]
    state = play(task, form, FormEvent(Action.flags, 2, ("9",)), FormEvent(Action.flags, 0, ("0", "24")))
    assert "✅ **Flag0, Flag24**" in words(shown(task, form, state))
    labels = sent_labels(task, form, state)
    assert len(labels) == 60
    assert {name for name, value in labels.items() if value} == {"flag0", "flag24", "flag59"}


def test_seventy_scales_can_all_be_answered() -> None:
    task, form = labelling(*(label(f"scale{number}", "likert") for number in range(70)))
    state = form.first_state(task)
    turned = 0
    while True:
        for menu in menus(shown(task, form, state)):
            index = int(menu["custom_id"].rpartition(":")[2])
            state = form.apply(task, state, FormEvent(Action.scale, index, ("5",)))
        if not labels_of(shown(task, form, state))["More labels"]:
            break
        turned += 1
        state = form.apply(task, state, page(turned))
    assert footer(shown(task, form, state)) == "Page 24 of 24 · 70 of 70 answered"
    assert sent_labels(task, form, state) == {f"scale{number}": 1.0 for number in range(70)}


def test_what_a_backend_calls_its_labels_does_nothing() -> None:
    texts = ["@everyone **a**", "[x](http://y)", "# <@1> `b`"]
    task, form = labelling(
        *(
            {"name": text, "widget": "yes_no", "display_text": text, "help_text": f"1. {text}\n> {text}"}
            for text in texts
        ),
        mandatory=texts,
    )
    panel = shown(task, form, play(task, form, SEND))
    for place in (panel.content, words(panel)):
        assert r"\@everyone \*\*a\*\*" in place
        assert r"\[x\]\(http\://y\)" in place
        assert r"\# \<\@1\> \`b\`" in place
    assert r"1\. \@everyone" in words(panel)
    assert "\n\\> " in words(panel)


def test_words_from_right_to_left_leave_ours_alone() -> None:
    task, form = labelling({**label("spam", "yes_no"), "display_text": "مزعج؟"}, mandatory=["spam"])
    panel = shown(task, form, play(task, form, SEND))
    assert components(panel)[0]["label"] == "\u2068مزعج؟\u2069: yes"
    assert "**\u2068مزعج؟\u2069** \\*" in words(panel)
    assert "**\u2068مزعج؟\u2069**" in panel.content


def test_a_task_that_asks_nothing_says_how_to_go_on() -> None:
    task, form = example("label_initial_prompt", prompt="Old", message_id=str(SPACE), valid_labels=[])
    panel = shown(task, form, form.first_state(task))
    assert "Press **Skip**" in panel.content
    assert panel.rows == ()
    assert not play(task, form, SEND).sent


@pytest.mark.parametrize(
    ("mode", "disposition", "labels", "said"),
    [
        ("simple", "spam", 2, "A quick check: 2 questions. What matters most: is it an honest"),
        ("simple", None, 1, "A quick check: one question."),
        (
            "full",
            "quality",
            2,
            "A full review: answer as much as you can. What matters most: how good is it?",
        ),
        (None, "spam", 2, "\nWhat matters most: is it an honest contribution, or spam?"),
    ],
)
@pytest.mark.parametrize("kind", ["initial_prompt", "assistant_reply", "prompter_reply"])
def test_what_a_labelling_is_for_stands_above_it(
    kind: str, mode: str | None, disposition: str | None, labels: int, said: str
) -> None:
    task, form = example(
        f"label_{kind}",
        conversation=conversation("Hello?"),
        message_id=str(SPACE),
        labels=[label(f"question{number}", "yes_no") for number in range(labels)],
        mode=mode,
        disposition=disposition,
    )
    assert said in form.shown(task, TEXTS)[0].content


def test_a_task_that_does_not_say_what_it_is_for_says_nothing_of_it(mixed: tuple[Task, TaskForm]) -> None:
    task, form = mixed
    content = form.shown(task, TEXTS)[0].content
    assert content.count("\n") == 1
    assert "matters" not in content
