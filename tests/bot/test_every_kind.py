"""Every kind of task: shown, edited, sent, skipped, paused and taken up again, over a restart too."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.forms import TASK_TYPES
from discord_sandbox import Actor, MessageView
from tests.bot.conftest import Backend, Join, Life, shown_privately, shown_task, task, write
from tests.bot.test_outgoing_files import contents

SHOWN = {
    "initial_prompt": [],
    "prompter_reply": ["How do bees find home?", "By the sun."],
    "assistant_reply": ["How do bees find home?", "By the sun.", "And at night?"],
    "summarize_story": ["A bee found a lamp."],
    "rate_summary": ["A bee found a lamp.", "A bee got lost."],
    "rank_initial_prompts": ["Why?", "How?", "When?"],
    "rank_prompter_replies": ["By the sun.", "They rest.", "They walk.", "They fly anyway."],
    "rank_assistant_replies": ["And at night?", "They rest.", "They walk.", "They fly anyway."],
    "label_initial_prompt": ["How do bees find home?"],
    "label_prompter_reply": ["And at night?"],
    "label_assistant_reply": ["By the sun."],
}
"""Some of what a person reads in each kind."""


async def answer_text(controls: MessageView) -> None:
    await write(controls, "First thoughts.")


async def edit_text(controls: MessageView) -> None:
    await write(controls, "Second thoughts.")


async def answer_ranking(controls: MessageView) -> None:
    await controls.choose("Choose the best", ["1."])


async def edit_ranking(controls: MessageView) -> None:
    await controls.click("Undo")
    await controls.choose("Choose the best", ["3."])
    await controls.choose("Choose the next best", ["1."])


async def answer_labels(controls: MessageView) -> None:
    await controls.click("Spam: yes")


async def edit_labels(controls: MessageView) -> None:
    await controls.click("Spam: no")


async def answer_rating(controls: MessageView) -> None:
    await controls.click("1")


async def edit_rating(controls: MessageView) -> None:
    await controls.click("4")


Act = Callable[[MessageView], Awaitable[None]]
WAYS: dict[str, tuple[Act, Act, str, Any]] = {
    "rank": (answer_ranking, edit_ranking, "ranking", [2, 0, 1]),
    "label": (answer_labels, edit_labels, "labels", {"spam": 0.0, "pii": 0.0}),
    "rate": (answer_rating, edit_rating, "rating", 4),
}
"""How a kind is answered and how that is changed, and what the backend then has, by the kind's first word."""


def way(kind: str) -> tuple[Act, Act, str, Any]:
    return WAYS.get(kind.partition("_")[0], (answer_text, edit_text, "text", "Second thoughts."))


async def begun(alice: Actor, backend: Backend, kind: str) -> tuple[dict[str, Any], MessageView]:
    """Get a task of a kind."""
    body = task(kind)
    backend.tasks.append(body)
    await alice.command("task", type=kind)
    return body, await shown_task(alice)


def written(body: dict[str, Any]) -> list[str]:
    """Give all texts of a task, in their order."""
    messages = [
        *body.get("conversation", {}).get("messages", ()),
        *body.get("reply_messages", ()),
        *body.get("prompt_messages", ()),
    ]
    alone = [body[name] for name in ("story", "full_text", "summary") if name in body]
    return [message["text"] for message in messages] + alone


def test_every_kind_is_tried() -> None:
    assert set(SHOWN) == set(TASK_TYPES)


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_a_task_is_read_answered_changed_paused_and_sent_over_a_restart(
    life: Life, backend: Backend, join: Join, kind: str
) -> None:
    alice = await join("Alice")
    body, controls = await begun(alice, backend, kind)
    read = "\n".join(message.text for message in alice.messages(alice.threads()[0]))
    assert [text for text in SHOWN[kind] if text not in read] == []
    answer, edit, field, value = way(kind)
    await answer(controls)
    answered = controls.text
    await controls.click("Pause")
    assert "Paused" in controls.text
    await life.end()
    await life.begin()
    await controls.click("Go on")
    assert controls.text == answered
    await edit(controls)
    assert controls.text != answered
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert "Thank you" in controls.text
    (given,) = backend.answers
    assert given[field] == value
    assert backend.acks == [(body["id"], str(controls.id))]
    assert backend.nacks == []


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_a_task_is_skipped_with_what_was_answered_in_it(
    life: Life, backend: Backend, join: Join, kind: str
) -> None:
    alice = await join("Alice")
    body, controls = await begun(alice, backend, kind)
    await way(kind)[0](controls)
    asked = await controls.click("Skip")
    assert asked.modal is not None
    await life.end()
    bot = await life.begin()
    await asked.modal.submit({"Why? (optional)": "not for me"})
    assert controls.buttons == ["Next task", "Done"]
    assert await bot.services.delivery.drained(int(alice.id), 5)
    assert backend.nacks == [(body["id"], "not for me")]
    assert backend.answers == []


@pytest.mark.parametrize("kind", TASK_TYPES)
async def test_its_texts_are_there_as_they_were_written(
    life: Life, backend: Backend, join: Join, kind: str
) -> None:
    alice = await join("Alice")
    body, controls = await begun(alice, backend, kind)
    if kind == "initial_prompt":
        assert "As written" not in controls.buttons
        return
    await life.end()
    await life.begin()
    (answer,) = await shown_privately(alice, await controls.click("As written"))
    files = await contents(answer)
    assert list(files.values()) == written(body)
    assert all(name.isascii() for name in files)
