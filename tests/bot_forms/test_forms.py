"""What a person meets in each kind of task, and what the backend gets for it."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import hikari
import pytest

from bot.forms import Action, FormEvent, FormProblem, FormRules, FormState, Panel, TaskForm, form_for
from bot.forms.controls import skip_modal, thanks
from bot.forms.registry import TASK_TYPES, NoFormError
from bot.limits import modal_problems
from bot.texts import texts_for
from oasst_client.interactions import Interaction, interaction_adapter
from oasst_client.models import AuthMethod, User
from oasst_client.tasks import Task, TaskDone, task_adapter

TEXTS = texts_for("en-US")
SPACE = UUID(int=7)
ALICE = User(id="80351110224678912", display_name="Alice", auth_method=AuthMethod.discord)


def example(kind: str, **fields: object) -> tuple[Task, TaskForm]:
    """Return a small task with its form."""
    task = task_adapter.validate_python({"type": kind, "id": str(SPACE), **fields})
    return task, form_for(task)


def conversation(*texts: str) -> dict[str, object]:
    return {"messages": [{"text": text, "is_assistant": turn % 2 == 1} for turn, text in enumerate(texts)]}


def ranking(*replies: str, kind: str = "rank_assistant_replies") -> tuple[Task, TaskForm]:
    messages = [{"text": text, "is_assistant": True} for text in replies]
    return example(kind, conversation=conversation("Hello?"), reply_messages=messages)


def label(name: str, widget: str, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "widget": widget,
        "display_text": name.title(),
        "help_text": f"What {name} means",
        **more,
    }


def labelling(*labels: dict[str, object], mandatory: Sequence[str] = ()) -> tuple[Task, TaskForm]:
    return example(
        "label_assistant_reply",
        conversation=conversation("Hello?", "Hi!"),
        message_id=str(SPACE),
        labels=labels,
        mandatory_labels=list(mandatory),
    )


def components(panel: Panel) -> list[dict[str, Any]]:
    """Return the controls of a panel as Discord gets them."""
    return [dict(component) for row in panel.rows for component in row.build()[0]["components"]]


def labels_of(panel: Panel) -> dict[str, bool]:
    """Return the buttons of a panel: whether each can be pressed."""
    return {part["label"]: not part["disabled"] for part in components(panel) if part["type"] == 2}


def play(task: Task, form: TaskForm, *events: FormEvent) -> FormState:
    state: FormState = form.first_state(task)
    for event in events:
        state = form.apply(task, state, event)
    return state


def answer(task: Task, form: TaskForm, state: FormState) -> Interaction:
    given_in = form.interaction(task, state, user=ALICE, message_id="11", user_message_id="12", lang="de")
    return interaction_adapter.validate_json(given_in.model_dump_json())


def problem(task: Task, form: TaskForm, state: FormState, event: FormEvent) -> str:
    with pytest.raises(FormProblem) as caught:
        form.apply(task, state, event)
    return caught.value.text(TEXTS)


def test_a_text_is_shown_before_it_is_sent() -> None:
    task, form = example("assistant_reply", conversation=conversation("Hello?"))
    assert list(labels_of(form.controls(task, form.first_state(task), TEXTS))) == ["Write"]
    state = play(task, form, FormEvent(Action.text, text=" Hi *there*! "))
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
    state = play(task, form, FormEvent(Action.text, text="x" * 11))
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


def test_a_question_mark_does_not_stand_before_the_answer() -> None:
    task, form = labelling({**label("spam", "yes_no"), "display_text": "Is it spam?"})
    yes, no, *_ = components(form.controls(task, form.first_state(task), TEXTS))
    assert (yes["label"], no["label"]) == ("Is it spam: yes", "Is it spam: no")


def test_the_label_list_of_the_task_decides_what_is_shown() -> None:
    task, form = labelling(
        label("spam", "yes_no"),
        label("pii", "flag"),
        label("rude", "flag"),
        label("quality", "likert"),
        mandatory=["spam"],
    )
    panel = form.controls(task, form.first_state(task), TEXTS)
    yes, no, flags, scale, *others = components(panel)
    assert (yes["label"], no["label"]) == ("Spam: yes", "Spam: no")
    assert flags["placeholder"] == "Choose all that apply"
    assert [(o["label"], o["description"]) for o in flags["options"]] == [
        ("Pii", "What pii means"),
        ("Rude", "What rude means"),
    ]
    assert scale["placeholder"] == "Quality"
    assert [option["label"] for option in scale["options"]] == [
        "1 · Very poor",
        "2",
        "3",
        "4",
        "5 · Excellent",
    ]
    assert [other["label"] for other in others] == ["Send"]
    assert [field.name for field in panel.embeds[0].fields] == ["Spam *", "Choose all that apply", "Quality"]
    assert "What spam means" in panel.embeds[0].fields[0].value


def test_labels_are_sent_with_the_flags_that_were_seen() -> None:
    task, form = labelling(
        label("spam", "yes_no"),
        label("pii", "flag"),
        label("rude", "flag"),
        label("quality", "likert"),
        mandatory=["spam"],
    )
    assert "Spam" in problem(task, form, form.first_state(task), FormEvent(Action.send))
    sent = play(
        task,
        form,
        FormEvent(Action.no, 0),
        FormEvent(Action.flags, 1, ("rude",)),
        FormEvent(Action.scale, 2, ("4",)),
        FormEvent(Action.send),
    )
    given_in = answer(task, form, sent).model_dump()
    assert given_in["labels"] == {"spam": 0.0, "pii": 0.0, "rude": 1.0, "quality": 0.75}
    assert given_in["message_id"] == SPACE
    assert given_in["text"] == "Hi!"


def test_many_labels_stand_on_pages() -> None:
    task, form = labelling(*(label(f"scale{number}", "likert") for number in range(6)))
    first = form.controls(task, form.first_state(task), TEXTS)
    assert labels_of(first) == {"Back": False, "More labels": True, "Send": True}
    second = form.controls(task, play(task, form, FormEvent(Action.page_next)), TEXTS)
    assert [part.get("placeholder") for part in components(second)][:3] == ["Scale3", "Scale4", "Scale5"]


def test_flags_that_nobody_saw_are_not_sent() -> None:
    asked = (*(label(f"question{number}", "yes_no") for number in range(4)), label("pii", "flag"))
    task, form = labelling(*asked)
    answered = play(task, form, FormEvent(Action.no, 0))
    sent = form.apply(task, answered, FormEvent(Action.send))
    assert answer(task, form, sent).model_dump()["labels"] == {"question0": 0.0}
    seen = form.apply(task, answered, FormEvent(Action.page_next))
    sent = form.apply(task, seen, FormEvent(Action.send))
    assert answer(task, form, sent).model_dump()["labels"] == {"question0": 0.0, "pii": 0.0}


@pytest.mark.parametrize(("mandatory", "least"), [(["quality"], 1), ([], 0)])
def test_only_a_voluntary_scale_can_be_emptied(mandatory: list[str], least: int) -> None:
    task, form = labelling(label("quality", "likert"), mandatory=mandatory)
    assert components(form.controls(task, form.first_state(task), TEXTS))[0]["min_values"] == least


def test_labels_without_descriptions_get_words_of_ours() -> None:
    task, form = example(
        "label_initial_prompt",
        conversation={"messages": []},
        prompt="Old",
        message_id=str(SPACE),
        valid_labels=["spam", "brand_new"],
    )
    (shown,) = form.shown(task, TEXTS)
    assert shown.embeds[0].description == "Old"
    parts = components(form.controls(task, form.first_state(task), TEXTS))
    assert parts[0]["label"] == "Spam: yes"
    assert parts[2]["options"][0]["label"] == "brand new"


def test_a_rating_is_one_button_per_step() -> None:
    task, form = example("rate_summary", full_text="Long", summary="Short", scale={"min": 1, "max": 5})
    assert list(labels_of(form.controls(task, form.first_state(task), TEXTS)))[:5] == [
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    assert labels_of(form.controls(task, form.first_state(task), TEXTS))["Send"] is False
    chosen = play(task, form, FormEvent(Action.rate, 3))
    panel = form.controls(task, chosen, TEXTS)
    assert labels_of(panel)["Send"] is True
    assert [part["label"] for part in components(panel) if part["style"] == hikari.ButtonStyle.PRIMARY] == [
        "4"
    ]
    sent = form.apply(task, chosen, FormEvent(Action.send))
    assert answer(task, form, sent).model_dump()["rating"] == 4


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
