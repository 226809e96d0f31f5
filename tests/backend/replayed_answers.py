"""Builds the answers to tasks that recorded exchanges handed in, and the tasks that they answer."""

from typing import Any
from uuid import uuid4

from tests.backend.ledgers import Held
from tests.backend.stage import Stage

TWO_DAYS = 49 * 60.0
"""Minutes after which a task has expired."""


def answered(exchange: dict[str, Any], stage: Stage) -> dict[str, Any]:
    """Bring a task into the exchange's state; gives the body that answers it."""
    body: dict[str, Any] = exchange["request"]
    if exchange["status"] == 200:
        return _good(body, stage)
    if exchange["status"] == 422:
        return {**body, **({"user": stage.user("gil")} if "user" in body else {})}
    code = exchange["response"]["error_code"]
    if code in _BY_CODE:
        return _BY_CODE[code](stage, body)
    return _refused(stage, body, code)


def _good(body: dict[str, Any], stage: Stage) -> dict[str, Any]:
    kind = body.get("type", "text_reply_to_message")
    if kind == "message_ranking":
        stage.ranking()
        return stage.answer(stage.take("gil", "rank_assistant_replies"))
    if kind == "text_labels":
        stage.prompt_in_review()
        return stage.answer(stage.take("gil", "label_initial_prompt"))
    answer = stage.answer(stage.take("gil", "initial_prompt"))
    return answer if "type" in body else {name: part for name, part in answer.items() if name != "type"}


def _refused(stage: Stage, body: dict[str, Any], code: int) -> dict[str, Any]:
    """Build an answer that is refused for what it says."""
    if body["type"] == "text_labels":
        stage.prompt_in_review()
        answer = stage.answer(stage.take("gil", "label_initial_prompt"))
        changes: dict[int, dict[str, Any]] = {
            2050: {"message_id": str(uuid4())},
            2051: {"labels": {"spam": 0, "helpfulness": 1}},
            2052: {"labels": {"quality": 1}},
            2100: {"task_id": str(uuid4())},
        }
        return answer | changes[code]
    if body["type"] == "message_ranking":
        stage.ranking()
        answer = stage.answer(stage.take("gil", "rank_assistant_replies"))
        return answer | {"ranking": [0] if len(body["ranking"]) == 2 else [0, 1, 2]}
    answer = stage.answer(stage.take("gil", "initial_prompt"))
    texts: dict[int, dict[str, Any]] = {
        1008: {"text": "x" * 2001},
        2000: {"message_id": ""},
        2100: {"message_id": f"never-{stage.lang}"},
    }
    return answer | texts[code]


def _id_taken(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    """A frontend's id that stands for another text, or a language that is none."""
    if len(body["lang"]) > 32:
        return stage.answer(stage.take("gil", "initial_prompt"), lang=body["lang"])
    if body["user_message_id"] == "um-1":
        return _id_shared(stage)
    first = stage.do("gil", "initial_prompt")
    return stage.answer(stage.take("gil", "initial_prompt"), user_message_id=f"text-{first.shown}")


def _id_shared(stage: Stage) -> dict[str, Any]:
    """An answer to a task whose id somebody tried to give to another task."""
    held = stage.take("gil", "initial_prompt")
    other = stage.task("gil", "initial_prompt")["id"]
    assert stage.api.call("POST", f"/api/v1/tasks/{other}/ack", {"message_id": held.shown}).status == 400
    return stage.answer(held)


def _repeated(stage: Stage, _body: dict[str, Any]) -> dict[str, Any]:
    text = f"The same text once more in {stage.lang}"
    stage.do("gil", "initial_prompt", text=text)
    return stage.answer(stage.take("gil", "initial_prompt"), text=text)


def _of_other_kind(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    """A text for a label task, or a ranking for a text."""
    if body["type"] == "message_ranking":
        held = stage.take("gil", "initial_prompt")
        return {**body, "user": stage.user("gil"), "message_id": held.shown}
    stage.reply()
    held = stage.take("gil", "label_assistant_reply")
    return {**body, "user": stage.user("gil"), "message_id": held.shown}


def _for_dead_tree(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    """A text for a tree that takes nothing more."""
    prompt = stage.growing()
    held = stage.take("gil", "assistant_reply")
    stage.api.call("PUT", f"/api/v1/messages/{prompt['id']}/tree/state?halt=true")
    return stage.answer(held, text=body["text"])


def _own_message(stage: Stage, _body: dict[str, Any]) -> dict[str, Any]:
    """The author's labels for a task that is open to many."""
    stage.prompt_in_review()
    request = {
        "type": "label_initial_prompt",
        "user": stage.user("bob"),
        "collective": True,
        "lang": stage.lang,
    }
    task = stage.api.call("POST", "/api/v1/tasks/", request).body
    shown = f"many-{stage.lang}"
    assert stage.api.call("POST", f"/api/v1/tasks/{task['id']}/ack", {"message_id": shown}).status == 204
    return stage.answer(Held(stage.name("ann"), shown, task))


def _expired(stage: Stage, _body: dict[str, Any]) -> dict[str, Any]:
    held = stage.take("gil", "initial_prompt")
    stage.pass_time(TWO_DAYS)
    return stage.answer(held)


def _unacked(stage: Stage, _body: dict[str, Any]) -> dict[str, Any]:
    stage.prompt_in_review()
    task = stage.task("gil", "label_initial_prompt")
    return stage.answer(Held(stage.name("gil"), "never", task))


def _done(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    """One more answer to a task that is done."""
    if body["type"] == "text_labels":
        stage.prompt_in_review()
        return stage.answer(stage.do("gil", "label_initial_prompt"))
    held = stage.do("gil", "initial_prompt")
    if body["type"] == "message_ranking":
        return {**body, "user": stage.user("gil"), "message_id": held.shown}
    return stage.answer(held, user_message_id=f"second-{held.shown}", text="Something else altogether.")


def _of_somebody_else(stage: Stage, _body: dict[str, Any]) -> dict[str, Any]:
    return stage.answer(stage.take("gil", "initial_prompt"), user=stage.user("hal"))


def _of_disabled(stage: Stage, _body: dict[str, Any]) -> dict[str, Any]:
    held = stage.take("hal", "initial_prompt")
    return stage.answer(held, user=stage.disabled("hal"))


_BY_CODE = {
    1004: _id_taken,
    1009: _repeated,
    2010: _for_dead_tree,
    2053: _own_message,
    2101: _expired,
    2102: _of_other_kind,
    2104: _unacked,
    2105: _done,
    2106: _of_somebody_else,
    2107: _of_other_kind,
    4001: _of_disabled,
}
