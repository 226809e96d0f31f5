"""Small tasks with their forms, what a panel offers, and a person who plays them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from bot.forms import Action, FormEvent, FormProblem, FormState, Panel, TaskForm, form_for
from bot.texts import texts_for
from oasst_client.interactions import Interaction, interaction_adapter
from oasst_client.models import AuthMethod, User
from oasst_client.tasks import Task, task_adapter

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


def labelling(
    *labels: dict[str, object], mandatory: Sequence[str] = (), **more: object
) -> tuple[Task, TaskForm]:
    return example(
        "label_assistant_reply",
        conversation=conversation("Hello?", "Hi!"),
        message_id=str(SPACE),
        labels=labels,
        mandatory_labels=list(mandatory),
        **more,
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


def shown(task: Task, form: TaskForm, state: FormState) -> Panel:
    """Return the message with the controls."""
    return form.controls(task, state, TEXTS)


def words(panel: Panel) -> str:
    """Return what stands in the embed."""
    (embed,) = panel.embeds
    return embed.description or ""


def footer(panel: Panel) -> str:
    """Return what stands at the foot of the embed."""
    (embed,) = panel.embeds
    return "" if embed.footer is None else embed.footer.text or ""


def menus(panel: Panel) -> list[dict[str, Any]]:
    """Return the menus of a panel as Discord gets them."""
    return [part for part in components(panel) if part["type"] != 2]


def sent_labels(task: Task, form: TaskForm, state: FormState) -> dict[str, float]:
    """Send, and return the labels that the backend gets."""
    sent = form.apply(task, state, FormEvent(Action.send))
    assert sent.sent
    labels: dict[str, float] = answer(task, form, sent).model_dump()["labels"]
    return labels
