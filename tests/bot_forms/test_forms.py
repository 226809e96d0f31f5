"""What a person meets in each kind of task, and what the backend gets for it."""

import json

import pytest

from bot.forms import Action, FormEvent, FormRules, form_for
from bot.forms.controls import skip_modal, thanks
from bot.forms.registry import TASK_TYPES, NoFormError
from bot.limits import modal_problems
from oasst_client.tasks import TaskDone
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
    ranking,
)


def test_a_text_is_shown_before_it_is_sent() -> None:
    task, form = example("assistant_reply", conversation=conversation("Hello?"))
    assert list(labels_of(form.controls(task, form.first_state(task), TEXTS))) == ["Write"]
    state = play(task, form, FormEvent(Action.text, values=(" Hi *there*! ",)))
    panel = form.controls(task, state, TEXTS)
    assert list(labels_of(panel)) == ["Send", "Edit"]
    assert panel.embeds[0].description == "Hi *there*!"
    sent = form.apply(task, state, FormEvent(Action.send))
    assert answer(task, form, sent).model_dump(include={"text", "lang", "message_id", "user_message_id"}) == {
        "text": "Hi *there*!",
        "lang": "de",
        "message_id": "11",
        "user_message_id": "12",
    }


def test_a_text_that_is_too_long_is_kept_but_not_sent() -> None:
    task, _ = example("initial_prompt")
    form = form_for(task, FormRules(longest_text=10))
    state = play(task, form, FormEvent(Action.text, values=("x" * 11,)))
    assert labels_of(form.controls(task, state, TEXTS))["Send"] is False
    assert "11 characters" in problem(task, form, state, FormEvent(Action.send))
    modal = form.modal(task, state, TEXTS)
    assert modal.rows[0].build()[0]["components"][0]["value"] == "x" * 11


def test_the_hint_stands_in_the_intro_and_does_nothing() -> None:
    task, form = example("initial_prompt", hint="Ask @everyone about **tea**")
    assert r"> Idea: Ask \@everyone about \*\*tea\*\*" in form.shown(task, TEXTS)[0].content


def test_a_conversation_is_headed_by_turn_and_role_and_coloured_by_role() -> None:
    task, form = labelling(label("spam", "yes_no"))
    (panel,) = form.shown(task, TEXTS)
    headings = [embed.author.name for embed in panel.embeds if embed.author]
    assert headings == ["1 · User", "2 · Assistant · please label"]
    task, form = example("prompter_reply", conversation=conversation("Hello?", "Hi!", "And?", "Bye!"))
    (whole,) = form.shown(task, TEXTS)
    user, assistant, *later = [embed.color for embed in whole.embeds]
    assert user != assistant
    assert later == [user, assistant]
    assert panel.backend_message_ids == ((1, SPACE),)


def test_ranking_takes_the_next_best_until_one_is_left() -> None:
    task, form = ranking("a", "b", "c")
    state = play(task, form, FormEvent(Action.rank, values=("2",)))
    panel = form.controls(task, state, TEXTS)
    menu = components(panel)[0]
    assert menu["placeholder"] == "Choose the next best"
    assert [option["label"] for option in menu["options"]] == ["1. a", "2. b"]
    assert panel.embeds[0].description == "**1.** Reply 3: c"
    state = form.apply(task, state, FormEvent(Action.rank, values=("0",)))
    assert labels_of(form.controls(task, state, TEXTS))["Send"] is True
    sent = form.apply(task, state, FormEvent(Action.send))
    assert sent.sent
    assert answer(task, form, sent).model_dump()["ranking"] == [2, 0, 1]


def test_an_order_that_was_not_changed_is_asked_about_once() -> None:
    task, form = ranking("a", "b")
    state = play(task, form, FormEvent(Action.rank, values=("0",)), FormEvent(Action.send))
    assert not state.sent
    assert "Send this order" in labels_of(form.controls(task, state, TEXTS))
    assert form.apply(task, state, FormEvent(Action.send)).sent


def test_after_a_second_thought_an_unchanged_order_is_asked_about_again() -> None:
    task, form = ranking("a", "b")
    first = FormEvent(Action.rank, values=("0",))
    state = play(task, form, first, FormEvent(Action.send), FormEvent(Action.undo), first)
    assert "Send this order" not in labels_of(form.controls(task, state, TEXTS))
    assert not form.apply(task, state, FormEvent(Action.send)).sent


def test_a_choice_from_a_later_page_leads_back_to_the_first() -> None:
    task, form = ranking(*(f"reply {number}" for number in range(30)))
    later = play(task, form, FormEvent(Action.page_next))
    assert components(form.controls(task, later, TEXTS))[0]["options"][0]["label"].startswith("26. ")
    chosen = form.apply(task, later, FormEvent(Action.rank, values=("27",)))
    assert components(form.controls(task, chosen, TEXTS))[0]["options"][0]["label"].startswith("1. ")


def test_undo_and_start_over_take_choices_back() -> None:
    task, form = ranking("a", "b", "c")
    first, second = FormEvent(Action.rank, values=("1",)), FormEvent(Action.rank, values=("0",))
    assert play(task, form, first, second, FormEvent(Action.undo)) == play(task, form, first)
    assert play(task, form, first, second, FormEvent(Action.reset)) == form.first_state(task)


def test_all_bad_is_sent_as_not_rankable() -> None:
    task, form = ranking("a", "b", "c")
    sent = play(task, form, FormEvent(Action.all_bad), FormEvent(Action.send))
    assert answer(task, form, sent).model_dump(include={"ranking", "not_rankable"}) == {
        "ranking": [0, 1, 2],
        "not_rankable": True,
    }


def test_an_incomplete_ranking_says_so() -> None:
    task, form = ranking("a", "b", "c")
    assert "not complete" in problem(task, form, form.first_state(task), FormEvent(Action.send))


def test_a_second_click_on_an_old_menu_changes_nothing() -> None:
    task, form = ranking("a", "b", "c")
    event = FormEvent(Action.rank, values=("1",))
    assert play(task, form, event, event) == play(task, form, event)


@pytest.mark.parametrize("kind", ["assistant_reply", "rank_assistant_replies", "label_assistant_reply"])
@pytest.mark.parametrize(
    "event",
    [
        FormEvent(Action.rate, 29),
        FormEvent(Action.rank, values=("99",)),
        FormEvent(Action.rank, values=("x",)),
        FormEvent(Action.yes, 29),
        FormEvent(Action.scale, 2, ("9",)),
        FormEvent(Action.next),
    ],
    ids=str,
)
def test_what_does_not_fit_the_task_is_refused_kindly(kind: str, event: FormEvent) -> None:
    makers = {
        "assistant_reply": lambda: example(kind, conversation=conversation("Hello?")),
        "rank_assistant_replies": lambda: ranking("a", "b"),
        "label_assistant_reply": lambda: labelling(label("spam", "yes_no"), label("quality", "likert")),
    }
    task, form = makers[kind]()
    assert "does not work" in problem(task, form, form.first_state(task), event)


@pytest.mark.parametrize("kind", TASK_TYPES)
def test_every_kind_of_task_thanks(kind: str) -> None:
    assert "Thank you" in thanks(kind, TEXTS)


def test_skipping_asks_why() -> None:
    modal = skip_modal(TEXTS)
    assert modal_problems(modal.title, modal.custom_id, modal.rows) == []
    assert modal.rows[0].build()[0]["components"][0]["label"] == "Why? (optional)"


def test_the_end_of_an_exchange_has_no_form() -> None:
    with pytest.raises(NoFormError):
        form_for(TaskDone(id=SPACE))


def test_states_survive_as_json() -> None:
    task, form = ranking("a", "b", "c")
    state = play(task, form, FormEvent(Action.rank, values=("2",)))
    assert json.loads(state.model_dump_json())["order"] == [2]
    assert form.state_type.model_validate_json(state.model_dump_json()) == state
