"""Any set of labels that a backend sends is asked, with words that people understand."""

import pytest
from babel.messages.pofile import read_po

from bot.forms import Action, FormEvent
from bot.limits import OPTION_TEXT, utf16_length
from bot.texts import catalogues, locales, texts_for
from tests.bot_forms.playing import (
    SPACE,
    TEXTS,
    components,
    conversation,
    example,
    footer,
    label,
    labelling,
    labels_of,
    menus,
    play,
    sent_labels,
    shown,
    words,
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
    for name, widget in EVERY_LABEL.items():
        # They must fit where the layout, which no language changes, keeps room for them; the help of a flag
        # stands in its option alone.
        longest_help = OPTION_TEXT if widget == "flag" else 180
        assert 0 < utf16_length(texts(f"label.{name}")) <= 40
        assert texts.has(f"label.{name}")
        assert 0 < utf16_length(texts(f"label.{name}.help")) <= longest_help
        assert texts.has(f"label.{name}.help")


@pytest.mark.parametrize("tag", locales())
def test_the_words_at_the_ends_of_a_scale_are_short(tag: str) -> None:
    ends = []
    for path in catalogues(tag):
        with path.open("rb") as file:
            ends += [one.id for one in read_po(file) if str(one.id).startswith("likert.")]
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
        state = form.apply(task, state, FormEvent(Action.page, turned))
    assert footer(shown(task, form, state)) == "Page 24 of 24 · 70 of 70 answered"
    assert sent_labels(task, form, state) == {f"scale{number}": 1.0 for number in range(70)}


def test_what_a_backend_calls_its_labels_does_nothing() -> None:
    texts = ["@everyone **a**", "[x](http://y)", "# <@1> `b`"]
    labels: list[dict[str, object]] = [
        {"name": text, "widget": "yes_no", "display_text": text, "help_text": f"1. {text}\n> {text}"}
        for text in texts
    ]
    task, form = labelling(*labels, mandatory=texts)
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


def test_a_task_that_does_not_say_what_it_is_for_says_nothing_of_it() -> None:
    task, form = labelling(label("spam", "yes_no"))
    content = form.shown(task, TEXTS)[0].content
    assert content.count("\n") == 1
    assert "matters" not in content
