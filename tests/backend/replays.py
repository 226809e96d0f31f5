"""Turns a recorded exchange into a call to our backend, in a state where it means the same."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from tests.backend.bare_calls import user_of
from tests.backend.replayed_answers import answered
from tests.backend.stage import Stage

WRONG_KEY = "no-key-at-all"
SETTINGS: dict[str, dict[str, Any]] = {
    "TOS": {"backend_require_terms": True},
    "rate limit random": {"backend_rate_limit_tasks": "6/1m"},
    "no task at all": {"tree_manager": {"max_active_trees": 0, "max_initial_prompt_review": 0}},
}
"""What must be switched on for exchanges whose notes begin so."""


class Replay(NamedTuple):
    """A call to make; `key` is what the recording says of it, `raw` a body that is no JSON."""

    method: str
    path: str
    body: Any = None
    person: str | None = None
    key: str = "valid"
    raw: bytes | None = None


class Keys(NamedTuple):
    """The keys of the frontends that call."""

    trusted: str
    untrusted: str

    def of(self, name: str) -> str:
        """Give the key that a recording names."""
        return {"valid": self.trusted, "untrusted": self.untrusted, "none": "", "other": WRONG_KEY}[name]


def make_keys(server: BackendServer, trusted: str, now: datetime) -> Keys:
    """Make a second frontend, which is not trusted."""
    assert server.storage is not None
    untrusted = server.storage.write_now(
        lambda connection: create_key(connection, now, "untrusted", trusted=False)
    )
    return Keys(trusted, untrusted)


def settings_for(note: str) -> dict[str, Any]:
    """Give the settings that an exchange needs."""
    return next((values for start, values in SETTINGS.items() if note.startswith(start)), {})


def read(raw: bytes) -> Any:  # noqa: ANN401  # any JSON
    """Read a body that may be none."""
    return json.loads(raw) if raw else ""


def plan(exchange: dict[str, Any], stage: Stage) -> Replay:
    """Bring the stage into the exchange's state, and build the call."""
    replay = _plan(exchange, stage)
    key = exchange["api_key"]
    if key == "other" and exchange["response"] != {
        "error_code": 2,
        "message": "Could not validate credentials",
    }:
        key = "untrusted"
    return replay._replace(method=exchange["method"], key=key)


def _plan(exchange: dict[str, Any], stage: Stage) -> Replay:
    url = urlsplit(exchange["path"])
    parts = url.path.removeprefix("/api/v1/").split("/")
    query = f"?{url.query}" if url.query else ""
    match parts:
        case ["messages", name, *rest]:
            return _message_call(exchange, stage, rest, query, "" if rest else name)
        case ["frontend_messages", name, *rest]:
            return _frontend_message_call(stage, name, rest)
        case ["tasks", *rest]:
            return _task_call(exchange, stage, rest, query)
        case ["text_labels", ""]:
            return _free_labels(exchange, stage)
        case ["users", *_] | ["frontend_users", *_]:
            return _people_call(exchange, stage, parts, query)
        case _:
            return _board_call(exchange, stage, query)


def _path(*parts: object) -> str:
    return "/".join(("/api/v1", *map(str, parts)))


# Messages


def _message_call(exchange: dict[str, Any], stage: Stage, rest: list[str], query: str, name: str) -> Replay:
    note = exchange["note"]
    body = exchange["request"]
    if isinstance(body, dict) and "user" in body:
        body = {**body, "user": stage.user("fay")}
    if name in {"", "cursor"} and not rest:
        stage.finished()
        return Replay("", _path("messages", name) + query)
    if exchange["status"] == 404:
        return Replay("", _path("messages", uuid4(), *rest) + query, body)
    if exchange["status"] == 422 and "bad" not in note:
        return Replay("", _path("messages", "zzz", *rest) + query, body)
    message = _message_for(exchange, stage)
    person = stage.name("eve") if "x-oasst-user" in exchange["headers"] else None
    return Replay("", _path("messages", message, *rest) + query, body, person)


def _message_for(exchange: dict[str, Any], stage: Stage) -> str:
    """Give a message whose tree is where the recorded one was."""
    response, note = exchange["response"], exchange["note"]
    if note == "edit":
        stage.known("fay")
    if note.startswith("undelete"):
        message = stage.finished()["id"]
        stage.api.call("DELETE", f"/api/v1/messages/{message}")
        return str(message)
    if note == "history":
        message = stage.finished()["id"]
        body = {"user": stage.user("fay"), "new_content": "It reads like this now."}
        stage.api.call("POST", f"/api/v1/messages/{message}/edit", body)
        return str(message)
    if note.startswith(("halt", "un-halt")):
        return _halted_before(stage, note)
    if isinstance(response, dict) and "state" in response:
        states: dict[str, Callable[[], dict[str, Any]]] = {
            "prompt_lottery_waiting": stage.waiting,
            "growing": stage.growing,
            "ranking": stage.ranking,
        }
        return str(states[response["state"]]()["id"])
    message = stage.finished()
    wants_leaf = exchange["path"].endswith(("/children", "/descendants"))
    return str(message["id"] if wants_leaf or "tree" not in exchange["path"] else message["message_tree_id"])


def _halted_before(stage: Stage, note: str) -> str:
    message = str((stage.prompt_in_review() if "never grown" in note else stage.growing())["id"])
    if note.startswith("un-halt"):
        stage.api.call("PUT", f"/api/v1/messages/{message}/tree/state?halt=true")
    return message


def _frontend_message_call(stage: Stage, name: str, rest: list[str]) -> Replay:
    if name == "nope":
        return Replay("", _path("frontend_messages", name))
    is_root = name == "de-um-1"
    message = stage.prompt_in_review() if is_root else stage.finished()
    return Replay("", _path("frontend_messages", message["frontend_message_id"], *rest))


# Tasks


def _task_call(exchange: dict[str, Any], stage: Stage, rest: list[str], query: str) -> Replay:
    match rest:
        case [] | [""]:
            return _fetch(exchange, stage, rest, query)
        case ["availability"]:
            return _availability(exchange, stage)
        case ["close"]:
            return Replay("", _path("tasks/close"), {"message_id": _collective(stage)})
        case ["interaction"]:
            return Replay("", _path("tasks/interaction"), answered(exchange, stage))
        case [_, "ack"]:
            return _ack(exchange, stage)
        case [_, "nack"]:
            return _nack(exchange, stage)
    raise AssertionError(f"no replay for {exchange['note']}")


def _collective(stage: Stage) -> str:
    body = {"type": "initial_prompt", "user": stage.user("ann"), "collective": True, "lang": stage.lang}
    task = stage.api.call("POST", "/api/v1/tasks/", body).body
    shown = f"many-{stage.lang}"
    assert stage.api.call("POST", f"/api/v1/tasks/{task['id']}/ack", {"message_id": shown}).status == 204
    return shown


def _fetch(exchange: dict[str, Any], stage: Stage, rest: list[str], query: str) -> Replay:
    path = _path("tasks", *rest)
    query = re.sub(r"api_key=\w+", f"api_key={stage.api.key}", query)
    body, note = exchange["request"], exchange["note"]
    if isinstance(body, dict) and "__raw__" in body:
        return Replay("", path, raw=body["__raw__"].encode())
    if not isinstance(body, dict) or exchange["method"] == "GET":
        return Replay("", path, body)
    body = {"lang": stage.lang, **body} | ({"lang": stage.lang} if body.get("lang") else {})
    who = _who_asks(exchange, stage)
    if isinstance(body.get("user"), dict) and exchange["status"] in {200, 307, 429, 451, 503} | (
        {400} if "pending" in note else set()
    ):
        body["user"] = stage.user(who)
    if exchange["status"] == 200:
        body["type"] = exchange["response"]["type"]
    return Replay("", path + query, body)


def _who_asks(exchange: dict[str, Any], stage: Stage) -> str:
    """Bring the stage where the recorded asker found, or did not find, a task; gives who asks."""
    if exchange["status"] == 200:
        _work_of(exchange["response"]["type"], stage)
        return "gil"
    for part, prepare in _ASKERS.items():
        if part in exchange["note"]:
            return prepare(stage)
    return "gil"


def _with_open_tasks(count: int) -> Callable[[Stage], str]:
    def prepare(stage: Stage) -> str:
        for _ in range(count):
            stage.task("gil", "initial_prompt")
        return "gil"

    return prepare


def _before_the_draw(stage: Stage) -> str:
    stage.prompt_in_review()
    stage.do("bob", "label_initial_prompt")
    return "gil"


def _author(stage: Stage) -> str:
    stage.prompt_in_review()
    return "ann"


def _reviewer(stage: Stage) -> str:
    stage.growing()
    return "bob"


def _while_all_is_in_hand(stage: Stage) -> str:
    stage.growing()
    for who in ("bob", "cat"):
        stage.take(who, "assistant_reply")
        stage.pass_time(6)
    return "gil"


def _who_has_labelled_all(stage: Stage) -> str:
    stage.accepted_reply()
    return "bob"


def _who_wrote_a_reply(stage: Stage) -> str:
    stage.ranking()
    return "cat"


_ASKERS: dict[str, Callable[[Stage], str]] = {
    "pending #": _with_open_tasks(8),
    "rate limit random": _with_open_tasks(6),
    "lottery promotes": _before_the_draw,
    "own prompt": _author,
    "already labeled": _reviewer,
    "while B's pending": _while_all_is_in_hand,
    "label replies": _who_has_labelled_all,
    "author of one of the children": _who_wrote_a_reply,
}
"""Who asks in vain, by a part of the note, and what comes before."""


def _work_of(kind: str, stage: Stage) -> None:
    """Make work of a type."""
    makers: dict[str, Callable[[], object]] = {
        "assistant_reply": stage.growing,
        "prompter_reply": stage.accepted_reply,
        "label_initial_prompt": stage.prompt_in_review,
        "label_assistant_reply": stage.reply,
        "label_prompter_reply": stage.prompter_reply,
        "rank_assistant_replies": stage.ranking,
        "initial_prompt": stage.settle,
    }
    makers[kind]()


def _availability(exchange: dict[str, Any], stage: Stage) -> Replay:
    body: Any = exchange["request"]
    if body is not None and "user" not in body:
        body = stage.disabled("hal") if exchange["status"] == 503 else stage.user("gil")
    return Replay("", _path(f"tasks/availability?lang={stage.lang}"), body)


def _ack(exchange: dict[str, Any], stage: Stage) -> Replay:
    note, body, person = exchange["note"], exchange["request"], None
    task: object = uuid4()
    if "not uuid" in note:
        task = "not-a-uuid"
    elif "unknown task" not in note:
        task = stage.task("gil", "initial_prompt")["id"]
    if exchange["status"] == 204:
        body = {"message_id": int(uuid4().int % 10**17)}
    elif "other id" in note or "parallel" in note:
        held = stage.do("gil", "initial_prompt") if "done" in note else stage.take("gil", "initial_prompt")
        task, body = held.id, {"message_id": f"other-{held.shown}"}
    if "disabled" in note:
        stage.disabled("hal")
        person = stage.name("hal")
    elif "unknown user" in note:
        person = stage.name("nobody")
    return Replay("", _path("tasks", task, "ack"), body, person)


def _nack(exchange: dict[str, Any], stage: Stage) -> Replay:
    note, person = exchange["note"], stage.name("gil")
    if "TOS" in note:
        # Who has not accepted the terms gets no task that could be skipped.
        stage.known("gil")
        return Replay("", _path("tasks", uuid4(), "nack"), exchange["request"], person)
    if "unknown" in note:
        stage.known("gil")
        return Replay("", _path("tasks", uuid4(), "nack"), exchange["request"], person)
    held = stage.do("gil", "initial_prompt") if "done" in note else stage.take("gil", "initial_prompt")
    if "twice" in note:
        skip = stage.api.call("POST", f"/api/v1/tasks/{held.id}/nack", {"reason": "skip"}, person=person)
        assert skip.status == 204
    if "another existing user" in note:
        stage.known("hal")
        person = stage.name("hal")
    elif "no x-oasst-user" in note:
        return Replay("", _path("tasks", held.id, "nack"), exchange["request"])
    return Replay("", _path("tasks", held.id, "nack"), exchange["request"], person)


# Labels, people, boards


def _free_labels(exchange: dict[str, Any], stage: Stage) -> Replay:
    note = exchange["note"]
    body = {**exchange["request"], "user": stage.user("fay"), "message_id": str(uuid4())}
    if "unknown message" not in note:
        body["message_id"] = stage.finished()["id"]
    if "again" in note:
        assert stage.api.call("POST", "/api/v1/text_labels/", {**body, "task_id": None}).status == 204
    if "disabled" in note:
        body["user"] = stage.disabled("hal")
    return Replay("", _path("text_labels/"), body)


def _people_call(exchange: dict[str, Any], stage: Stage, parts: list[str], query: str) -> Replay:
    if exchange["method"] == "POST":
        body = exchange["request"]
        if "display_name" in body:
            body = {**body, **stage.user("new")}
        if "again" in exchange["note"]:
            stage.known("new")
        return Replay("", _path("frontend_users/"), body)
    if parts[0] == "frontend_users":
        if exchange["status"] != 404 and len(parts) > 2:
            stage.finished()
            parts = ["frontend_users", "discord", user_of(stage.name("ann"))["id"], *parts[3:]]
        return Replay("", _path(*parts) + query)
    if parts[1] in {"by_username", "by_display_name", "cursor", "abc"}:
        stage.finished()
        return Replay("", _path(*parts) + query.replace("sim_30", stage.name("ann").title()[:4]))
    person: object = uuid4()
    if exchange["status"] != 404:
        stage.finished()
        person = stage.known("cat")["user_id"]
    return Replay("", _path("users", person, *parts[2:]) + query)


def _board_call(exchange: dict[str, Any], stage: Stage, query: str) -> Replay:
    if exchange["status"] in {200, 204}:
        message = stage.finished()
        stage.mark(message["id"], "red_flag")
        stage.api.call("POST", "/api/v1/stats/cached/update")
    person = stage.name("nobody") if "x-oasst-user" in exchange["headers"] else None
    return Replay("", urlsplit(exchange["path"]).path + query, exchange["request"], person)
