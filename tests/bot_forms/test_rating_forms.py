"""A rating is one button per step, whatever scale a backend sends."""

import hikari
import pytest

from bot.forms import Action, FormEvent
from bot.limits import message_problems
from tests.bot_forms.playing import TEXTS, answer, components, example, labels_of, play, problem


def test_a_rating_is_one_button_per_step_with_words_at_both_ends() -> None:
    task, form = example("rate_summary", full_text="Long", summary="Short", scale={"min": 1, "max": 5})
    panel = form.controls(task, form.first_state(task), TEXTS)
    assert panel.content == "Choose a rating."
    assert labels_of(panel) == {
        "1 · poor": True,
        "2": True,
        "3": True,
        "4": True,
        "5 · excellent": True,
        "Send": False,
    }


@pytest.mark.parametrize(
    ("index", "shown", "said"), [(3, "4 ✓", "**4**"), (4, "5 · excellent ✓", "**5 · excellent**")]
)
def test_the_chosen_step_is_told_by_style_and_in_words(index: int, shown: str, said: str) -> None:
    task, form = example("rate_summary", full_text="Long", summary="Short")
    chosen = play(task, form, FormEvent(Action.rate, 0), FormEvent(Action.rate, index))
    panel = form.controls(task, chosen, TEXTS)
    assert [one["label"] for one in components(panel) if one["style"] == hikari.ButtonStyle.PRIMARY] == [
        shown
    ]
    assert said in panel.content
    assert labels_of(panel)["Send"] is True
    sent = form.apply(task, chosen, FormEvent(Action.send))
    assert answer(task, form, sent).model_dump()["rating"] == index + 1


def test_nothing_is_sent_before_a_step_was_chosen() -> None:
    task, form = example("rate_summary", full_text="Long", summary="Short")
    assert "Choose a rating" in problem(task, form, form.first_state(task), FormEvent(Action.send))


@pytest.mark.parametrize(
    ("scale", "first", "last"),
    [
        ({"min": 5, "max": 1}, "1 · poor", "5 · excellent"),
        ({"min": 0, "max": 10}, "1 · poor", "10 · excellent"),
        ({"min": -3, "max": 2}, "1 · poor", "2 · excellent"),
        ({"min": -3, "max": -1}, "1", "1"),
        ({"min": 1, "max": 11}, "1 · poor", "11 · excellent"),
        ({"min": 1, "max": 10**30}, "1 · poor", f"{10**30} · excellent"),
    ],
    ids=str,
)
def test_any_scale_can_be_answered_at_both_ends(scale: dict[str, int], first: str, last: str) -> None:
    task, form = example("rate_summary", full_text="Long", summary="Short", scale=scale)
    panel = form.controls(task, form.first_state(task), TEXTS)
    assert message_problems(panel.content, panel.embeds, panel.rows) == []
    menu = next((one for one in components(panel) if one["type"] != 2), None)
    offered = [one["label"] for one in menu["options"]] if menu else list(labels_of(panel))[:-1]
    assert (offered[0], offered[-1]) == (first, last)
    end = len(offered) - 1
    event = FormEvent(Action.rate, 0, (str(end),)) if menu else FormEvent(Action.rate, end)
    chosen = play(task, form, event)
    shown = form.controls(task, chosen, TEXTS)
    assert message_problems(shown.content, shown.embeds, shown.rows) == []
    assert last in shown.content
    sent = form.apply(task, chosen, FormEvent(Action.send))
    assert answer(task, form, sent).model_dump()["rating"] == int(last.split(maxsplit=1)[0])


@pytest.mark.parametrize("event", [FormEvent(Action.rate, 5), FormEvent(Action.rate, 0, ("x",))], ids=str)
def test_a_step_that_the_scale_does_not_have_is_refused(event: FormEvent) -> None:
    task, form = example("rate_summary", full_text="Long", summary="Short")
    assert "does not work" in problem(task, form, form.first_state(task), event)
