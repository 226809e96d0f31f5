"""Every task can be answered with the controls that it shows, in whatever order people press them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.forms import Action, FormEvent, FormProblem, Panel, form_for
from bot.forms.controls import leaving_row
from bot.forms.custom_ids import ALL, PREFIXES, custom_id, parse
from bot.forms.registry import TASK_TYPES
from bot.limits import SELECT_OPTIONS, message_problems, modal_problems
from bot.rendering.blank import is_blank
from bot.rendering.characters import one_line
from bot.sessions.reading import READING
from bot.texts import texts_for
from oasst_client.interactions import Interaction, MessageRanking, TextLabels, interaction_adapter
from oasst_client.models import AuthMethod, LabelWidget, User
from oasst_client.tasks import LabelAssistantReplyTask, Task, task_adapter

TEXTS = texts_for("en-US")
ALICE = User(id="80351110224678912", display_name="Alice", auth_method=AuthMethod.discord)
BARE_KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")
CLOSES = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPACE = UUID(int=7)

WRITING = "*_~`|[](){}<>#@\\/: \n\t😀日é" + "abcdefgh ijklmnop"
ANY_TEXT = st.builds(
    lambda piece, times: piece * times,
    st.text(st.sampled_from(WRITING), min_size=1, max_size=120),
    st.sampled_from([1, 1, 1, 3, 40, 90]),
)
IDS = st.integers(0, 10**6).map(lambda number: str(uuid5(SPACE, str(number))))
MESSAGES = st.fixed_dictionaries(
    {"text": ANY_TEXT, "is_assistant": st.booleans()},
    optional={"id": IDS, "synthetic": st.booleans()},
)
CONVERSATIONS = st.fixed_dictionaries({"messages": st.lists(MESSAGES, max_size=6)})
WITH_MESSAGES = st.fixed_dictionaries({"messages": st.lists(MESSAGES, min_size=1, max_size=6)})
LABELS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["spam", "quality", "humor", "pii", "toxicity", "violence"])
            | st.integers(0, 70).map("label_{}".format)
            | st.text(max_size=120),
            "widget": st.sampled_from([*(widget.value for widget in LabelWidget), "flag", "slider"]),
            "display_text": st.text(max_size=300) | st.sampled_from(["Same", "*"]) | ANY_TEXT,
        },
        optional={"help_text": ANY_TEXT},
    ),
    max_size=70,
)
OLD_LABELS = st.lists(st.sampled_from(["spam", "quality", "threat", "helpful", "brand_new"]), unique=True)


def _task(kind: str, **fields: Any) -> st.SearchStrategy[Task]:  # noqa: ANN401  # any strategy of a field
    fixed = {"type": st.just(kind), "id": IDS, **fields}
    return st.fixed_dictionaries(fixed).map(task_adapter.validate_python)


def _label_task(kind: str) -> st.SearchStrategy[Task]:
    def with_mandatory(labels: list[dict[str, Any]]) -> st.SearchStrategy[Task]:
        names = [label["name"] for label in labels]
        return _task(
            kind,
            message_id=IDS,
            conversation=WITH_MESSAGES,
            labels=st.just(labels),
            valid_labels=st.just(names),
            mandatory_labels=st.none() | st.lists(st.sampled_from([*names, "spam"]), max_size=2),
        )

    old = _task(kind, message_id=IDS, conversation=WITH_MESSAGES, valid_labels=OLD_LABELS)
    return st.one_of(LABELS.flatmap(with_mandatory), old)


def _rank_task(kind: str) -> st.SearchStrategy[Task]:
    replies = st.lists(MESSAGES, min_size=1, max_size=6) | st.lists(MESSAGES, min_size=26, max_size=60)
    return _task(kind, conversation=CONVERSATIONS, reply_messages=replies, reveal_synthetic=st.booleans())


HINTS = st.none() | ANY_TEXT
SCALES = st.fixed_dictionaries({"min": st.integers(-3, 12), "max": st.integers(-3, 200)})
TASKS: dict[str, st.SearchStrategy[Task]] = {
    "summarize_story": _task("summarize_story", story=ANY_TEXT),
    "rate_summary": _task("rate_summary", full_text=ANY_TEXT, summary=ANY_TEXT, scale=SCALES),
    "initial_prompt": _task("initial_prompt", hint=HINTS),
    "prompter_reply": _task("prompter_reply", conversation=CONVERSATIONS, hint=HINTS),
    "assistant_reply": _task("assistant_reply", conversation=CONVERSATIONS),
    "rank_initial_prompts": _task(
        "rank_initial_prompts", prompt_messages=st.lists(MESSAGES, min_size=1, max_size=5)
    ),
    "rank_prompter_replies": _rank_task("rank_prompter_replies"),
    "rank_assistant_replies": _rank_task("rank_assistant_replies"),
    "label_initial_prompt": _label_task("label_initial_prompt"),
    "label_prompter_reply": _label_task("label_prompter_reply"),
    "label_assistant_reply": _label_task("label_assistant_reply"),
}
ANY_TASK = st.one_of(*TASKS.values())


def components(panel: Panel) -> list[dict[str, Any]]:
    """Return the controls of a panel as Discord gets them."""
    return [dict(component) for row in panel.rows for component in row.build()[0]["components"]]


def events_of(panel: Panel) -> list[FormEvent]:
    """Return what a person can do with a panel, apart from reading on and leaving it."""
    events = []
    for part in components(panel):
        control = parse(part["custom_id"])
        assert control is not None
        assert part["custom_id"] in ALL or part["custom_id"].startswith(PREFIXES)
        if part.get("disabled") or control.action in {Action.skip, Action.stop, *READING}:
            continue
        if control.action in {Action.write, Action.edit}:
            events.append(FormEvent(Action.text, values=("  an answer \n",)))
        elif part["type"] == 2:
            events.append(FormEvent(control.action, control.index))
        else:
            values = [option["value"] for option in part["options"]]
            picks = (
                [values[:1], values[-1:], values] if part["max_values"] > 1 else [[value] for value in values]
            )
            picks += [[]] if part["min_values"] == 0 else []
            events += [FormEvent(control.action, control.index, tuple(pick)) for pick in picks]
    return events


def essence(text: str) -> str:
    return re.sub(r"[\s\\`]", "", text)


def stands_in(text: str, shown: str) -> bool:
    """Say whether all of a text is shown in order; a text that is cut has marks of ours between its parts."""
    rest = iter(shown)
    return all(char in rest for char in text)


def assert_fits(panel: Panel) -> None:
    assert message_problems(panel.content, panel.embeds, panel.rows) == []
    assert not BARE_KEY.fullmatch(panel.content)
    for position, _message in panel.backend_message_ids:
        assert position < len(panel.embeds)


@pytest.mark.parametrize("kind", TASK_TYPES)
@settings(max_examples=50)
@given(data=st.data())
def test_any_task_can_be_answered_by_pressing_what_it_shows(kind: str, data: st.DataObject) -> None:
    task = data.draw(TASKS[kind])
    form = form_for(task)
    state = form.first_state(task)
    for _ in range(12):
        panel = form.controls(task, state, TEXTS)
        assert_fits(replace(panel, rows=(*panel.rows, leaving_row(TEXTS, paused=False))))
        events = events_of(panel)
        if not events:
            assert "Press **Skip**" in panel.content
            return
        event = data.draw(st.sampled_from(events))
        try:
            state = form.apply(task, state, event)
        except FormProblem:
            assert event.action is Action.send, "a control that is shown was refused"
        state = form.state_type.model_validate_json(state.model_dump_json())
        if state.sent:
            given_in = form.interaction(
                task, state, user=ALICE, message_id="11", user_message_id="12", lang="de"
            )
            assert_answers(task, interaction_adapter.validate_json(given_in.model_dump_json()))
            return


def assert_answers(task: Task, given_in: Interaction) -> None:
    match given_in:
        case MessageRanking():
            candidates = getattr(task, "reply_messages", None) or getattr(task, "prompt_messages", [])
            assert sorted(given_in.ranking) == [position for position, _ in enumerate(candidates)]
        case TextLabels():
            assert given_in.task_id == task.id
            assert given_in.labels
            assert set(getattr(task, "mandatory_labels", None) or ()) <= set(given_in.labels)
            asked = {*getattr(task, "valid_labels", ()), *(getattr(task, "mandatory_labels", None) or ())}
            assert set(given_in.labels) <= asked


@given(ANY_TASK)
def test_what_a_task_shows_fits_and_is_whole(task: Task) -> None:
    panels = form_for(task).shown(task, TEXTS, lang="de", closes_at=CLOSES)
    for panel in panels:
        assert_fits(panel)
    assert f"<t:{int(CLOSES.timestamp())}:R>" in panels[0].content
    assert "German" in panels[0].content
    form = form_for(task)
    offered = components(form.controls(task, form.first_state(task), TEXTS))
    shortened = {
        form.in_full(task, form.first_state(task), (option["value"],), TEXTS).text
        for part in offered
        if part["custom_id"] == custom_id(Action.read)
        for option in part["options"]
    }
    # The menu has a page of 25; of more replies the rest is held by the tests of long texts.
    if len(shortened) == SELECT_OPTIONS:
        return
    shown = essence("".join(embed.description or "" for panel in panels for embed in panel.embeds))
    written = [
        *(message.text for message in getattr(getattr(task, "conversation", None), "messages", ())),
        *(message.text for message in getattr(task, "reply_messages", ())),
        *(message.text for message in getattr(task, "prompt_messages", ())),
        getattr(task, "story", ""),
    ]
    for text in written:
        if not is_blank(text) and text not in shortened:
            assert stands_in(essence(text), shown)


@given(
    st.one_of(
        TASKS["initial_prompt"], TASKS["prompter_reply"], TASKS["assistant_reply"], TASKS["summarize_story"]
    ),
    ANY_TEXT.map(lambda text: text[:4000]),
)
def test_any_text_that_a_modal_takes_can_be_looked_over_and_edited(task: Task, text: str) -> None:
    form = form_for(task)
    if not text.strip():
        with pytest.raises(FormProblem):
            form.apply(task, form.first_state(task), FormEvent(Action.text, values=(text,)))
        return
    state = form.apply(task, form.first_state(task), FormEvent(Action.text, values=(text,)))
    assert_fits(form.controls(task, state, TEXTS))
    modal = form.modal(task, state, TEXTS)
    assert modal_problems(modal.title, modal.custom_id, modal.rows) == []
    assert not BARE_KEY.fullmatch(modal.title)
    assert modal.rows[0].build()[0]["components"][0]["value"] == text


@settings(max_examples=50)
@given(_label_task("label_assistant_reply"))
def test_every_label_has_its_controls_and_all_its_words_on_some_page(task: LabelAssistantReplyTask) -> None:
    form = form_for(task)
    state = form.first_state(task)
    words, indexes = "", list[int]()
    for number in range(10_000):
        panel = form.controls(task, form.apply(task, state, FormEvent(Action.page, number)), TEXTS)
        assert_fits(replace(panel, rows=(*panel.rows, leaving_row(TEXTS, paused=False))))
        words += "".join(embed.description or "" for embed in panel.embeds)
        parts = components(panel)
        for part in parts:
            options = part.get("options", ())
            words += "".join(option["label"] + option.get("description", "") for option in options)
            control = parse(part["custom_id"])
            assert control is not None
            if control.index is not None and control.action not in {Action.page, Action.no}:
                indexes.append(control.index)
        if all(part.get("disabled") for part in parts if part.get("label") == "More labels"):
            break
    assert indexes == list(range(len(indexes)))
    described = {label.name: label for label in reversed(task.labels or ())}
    for label in described.values():
        assert essence(one_line(label.help_text or "")) in essence(words)
        if label.display_text != label.name and any(map(str.isprintable, label.display_text.split())):
            assert essence(one_line(label.display_text)) in essence(words)
