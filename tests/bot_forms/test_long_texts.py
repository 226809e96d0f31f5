"""Long texts: written in parts, shown by their beginnings, and whole wherever somebody asks for them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forms import Action, FormEvent, FormProblem, FormRules, form_for
from bot.forms.writing import whole_text
from bot.limits import message_problems, modal_problems, utf16_length
from bot.rendering.blank import is_blank
from tests.bot_forms.playing import TEXTS, answer, components, example, labels_of, play, ranking

CHARS = st.sampled_from("ab \n\t`*_|>#😀日مر\u200b(")
PART = st.builds(
    lambda piece, times: (piece * times)[:2000], st.text(CHARS, max_size=60), st.sampled_from([1, 1, 3, 90])
)


def inputs_of(*, longest: int, parts: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return the inputs of the modal for a first message, with a draft in it."""
    task, _ = example("initial_prompt")
    form = form_for(task, FormRules(longest))
    state = play(task, form, FormEvent(Action.text, values=parts)) if parts else form.first_state(task)
    modal = form.modal(task, state, TEXTS)
    assert modal_problems(modal.title, modal.custom_id, modal.rows) == []
    return [dict(row.build()[0]["components"][0]) for row in modal.rows]


@pytest.mark.parametrize(
    ("longest", "count"), [(1, 1), (2000, 1), (4000, 1), (4001, 2), (8000, 2), (16_001, 5), (20_000, 5)]
)
def test_the_modal_has_as_many_inputs_as_the_longest_text_needs(longest: int, count: int) -> None:
    inputs = inputs_of(longest=longest)
    assert len(inputs) == count
    assert [one["required"] for one in inputs] == [True, *[False] * (count - 1)]
    assert sum(one["max_length"] for one in inputs) >= longest


def test_parts_say_which_they_are_and_a_single_input_does_not() -> None:
    assert [one["label"] for one in inputs_of(longest=9000)] == [
        f"Part {number} of 3" for number in (1, 2, 3)
    ]
    assert [one["label"] for one in inputs_of(longest=2000)] == ["Your text"]


def test_a_draft_from_before_the_limit_sank_still_stands_in_the_modal() -> None:
    inputs = inputs_of(longest=10, parts=("one", "", "three"))
    assert [one.get("value", "") for one in inputs] == ["one", "", "three"]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("one", "two"), "one\n\ntwo"),
        (("one\n\n", "\n \n two"), "one\n\n two"),
        ((" \n", "", "three "), "three"),
        (("def f():", "    return 1"), "def f():\n\n    return 1"),
        (("\u200b", "\u3164\n", "\ufe0f"), ""),
        ((), ""),
    ],
)
def test_parts_are_joined_by_a_blank_line_and_keep_their_indent(parts: tuple[str, ...], text: str) -> None:
    assert whole_text(parts) == text


@pytest.mark.parametrize("text", ["a", "0", "👍", "é", "ﷺ", "़क"])
def test_what_can_be_seen_is_no_blank(text: str) -> None:
    assert not is_blank(text)


@given(st.lists(PART, min_size=1, max_size=5).map(tuple))
def test_any_parts_can_be_looked_over_edited_and_sent(parts: tuple[str, ...]) -> None:
    task, _ = example("initial_prompt")
    form = form_for(task, FormRules(20_000))
    if not whole_text(parts):
        with pytest.raises(FormProblem):
            play(task, form, FormEvent(Action.text, values=parts))
        return
    state = play(task, form, FormEvent(Action.text, values=parts))
    assert form.state_type.model_validate_json(state.model_dump_json()) == state
    panel = form.controls(task, state, TEXTS)
    assert message_problems(panel.content, panel.embeds, panel.rows) == []
    modal = form.modal(task, state, TEXTS)
    assert modal_problems(modal.title, modal.custom_id, modal.rows) == []
    values = [row.build()[0]["components"][0].get("value", "") for row in modal.rows]
    assert tuple(values[: len(parts)]) == parts
    sent = form.apply(task, state, FormEvent(Action.send))
    assert answer(task, form, sent).model_dump()["text"] == whole_text(parts)


def test_only_a_draft_that_does_not_fit_offers_to_be_read_in_full() -> None:
    task, _ = example("initial_prompt")
    form = form_for(task, FormRules(20_000))
    short, long = (
        play(task, form, FormEvent(Action.text, values=("word " * 700,) * times)) for times in (1, 3)
    )
    assert "Read in full" not in labels_of(form.controls(task, short, TEXTS))
    panel = form.controls(task, long, TEXTS)
    assert labels_of(panel)["Read in full"]
    assert form.in_full(task, long, (), TEXTS).text == whole_text(("word " * 700,) * 3)


def test_an_edit_can_be_taken_back_but_one_that_changes_nothing_is_none() -> None:
    task, form = example("initial_prompt")
    one, two = (FormEvent(Action.text, values=(text,)) for text in ("one", "two"))
    undo = FormEvent(Action.undo)
    assert "Undo" not in labels_of(form.controls(task, play(task, form, one, one), TEXTS))
    assert play(task, form, one, two, undo).model_dump()["parts"] == ("one",)
    assert play(task, form, one, two, two, undo).model_dump()["parts"] == ("one",)
    assert play(task, form, one, two, undo, undo).model_dump()["parts"] == ("two",)
    with pytest.raises(FormProblem):
        play(task, form, one, undo)


def shown_of(*replies: str) -> list[int]:
    """Return how many UTF-16 units of each reply are shown."""
    task, form = ranking(*replies)
    embeds = [embed for panel in form.shown(task, TEXTS) for embed in panel.embeds]
    heading, lengths = "", dict.fromkeys(range(1, len(replies) + 1), 0)
    for embed in embeds:
        heading = (embed.author and embed.author.name) or heading
        if heading.startswith("Reply "):
            lengths[int(heading.removeprefix("Reply "))] += utf16_length(embed.description or "")
    return list(lengths.values())


def test_replies_that_fit_one_message_are_shown_in_full() -> None:
    replies = ("word " * 500, "word " * 450)
    assert shown_of(*replies) == [len(text.strip()) for text in replies]
    task, form = ranking(*replies)
    assert len(components(form.controls(task, form.first_state(task), TEXTS))) == 6


def test_of_replies_that_do_not_fit_one_message_the_long_ones_are_shortened() -> None:
    long, middle, short = "word " * 900, "word " * 220, "word"
    replies = (long, middle, short, long)
    lengths = shown_of(*replies)
    assert lengths[1:3] == [len(middle.strip()), len(short)]
    assert all(700 < length < 1000 for length in (lengths[0], lengths[3]))
    task, form = ranking(*replies)
    panel = form.controls(task, form.first_state(task), TEXTS)
    (menu,) = [part for part in components(panel) if part.get("placeholder") == "Read a reply in full"]
    assert [option["value"] for option in menu["options"]] == ["0", "3"]
    state = form.first_state(task)
    assert form.in_full(task, state, ("3",), TEXTS).text == long
    for wrong in ((), ("4",), ("x",)):
        with pytest.raises(FormProblem):
            form.in_full(task, state, wrong, TEXTS)
    assert [one.block.text for one in form.texts_of(task, TEXTS)][-4:] == list(replies)


def test_both_menus_of_many_long_replies_turn_their_pages_together() -> None:
    task, form = ranking(*(f"{number} " + "word " * 400 for number in range(60)))

    def numbers(*events: FormEvent) -> list[list[int]]:
        parts = components(form.controls(task, play(task, form, *events), TEXTS))
        return [[int(one["value"]) for one in part["options"]] for part in parts if part["type"] != 2]

    first, more = list(range(25)), FormEvent(Action.page_next)
    assert numbers() == [first, first]
    assert numbers(more, more, more) == [list(range(50, 60))] * 2
    all_bad = FormEvent(Action.all_bad)
    assert numbers(all_bad, more) == [list(range(25, 50))]


def test_the_names_of_files_tell_the_texts_of_a_task_apart() -> None:
    task, form = ranking("same", "same")
    assert [one.name for one in form.texts_of(task, TEXTS)] == ["1-user", "reply-1", "reply-2"]
    task, form = example("rank_initial_prompts", prompts=["a", "b"])
    assert [one.name for one in form.texts_of(task, TEXTS)] == ["prompt-1", "prompt-2"]
    task, form = example("initial_prompt", hint="tea")
    assert [(one.name, one.block.text) for one in form.texts_of(task, TEXTS)] == [("hint", "tea")]
