"""A backend that dies before or after any of its commits has every answer that it took, exactly once."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.backend.bare_calls import Answer, Api, user_of
from tests.backend.crashing import CrashingBackends, When
from tests.backend.crashing_backend import KEY
from tests.backend.ledgers import Deed, Ledger
from tests.backend.playing import text_for
from tests.backend.truths import look, unsound

RULES: dict[str, Any] = {
    "num_reviews_initial_prompt": 1,
    "num_reviews_reply": 1,
    "num_required_rankings": 1,
    "max_children_count": 2,
    "goal_tree_size": 3,
    "max_tree_depth": 1,
}
COUNTED = {
    "tasks": "SELECT count(*) FROM tasks",
    "acked": "SELECT count(*) FROM tasks WHERE frontend_message_id IS NOT NULL",
    "done": "SELECT count(*) FROM tasks WHERE done",
    "skipped": "SELECT count(*) FROM tasks WHERE skip_reason IS NOT NULL",
    "messages": "SELECT count(*) FROM messages",
    "labellings": "SELECT count(*) FROM labellings",
    "rankings": "SELECT count(*) FROM rankings",
    "reactions": "SELECT count(*) FROM reactions",
}
ALREADY_DONE = (400, 2105)


class Step(NamedTuple):
    """One call that commits, what it adds, and what a repeat of it may be told."""

    call: Callable[[], Answer]
    adds: dict[str, int]
    told: set[tuple[int, int]]


class Scenario:
    """A tree from its prompt to its end, with a skip and a flag on the way; a call each step."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ledger = Ledger()
        self.answer = Answer(0, None)
        self._shown = 0

    def steps(self) -> Iterator[Step]:
        """Give the steps; each is made once the one before was answered."""
        yield from self.work("ann", "initial_prompt")
        yield from self.work("bob", "label_initial_prompt")
        yield from self.skip("cat", "assistant_reply")
        yield from self.work("bob", "assistant_reply")
        yield from self.work("dan", "assistant_reply")
        yield from self.flag("eve")
        yield from self.work("cat", "label_assistant_reply")
        yield from self.work("cat", "label_assistant_reply")
        yield from self.work("eve", "rank_assistant_replies")

    def work(self, person: str, kind: str) -> Iterator[Step]:
        """Fetch a task, ack it, and answer it."""
        yield from self.take(person, kind)
        interaction, adds = self.answer_to(person, kind)
        yield Step(
            lambda: self.api.call("POST", "/api/v1/tasks/interaction", interaction),
            {**adds, "done": 1},
            {(200, 0), ALREADY_DONE},
        )
        self.ledger.deeds.append(Deed(person, kind, self.task["id"], interaction))

    def take(self, person: str, kind: str) -> Iterator[Step]:
        body = {"type": kind, "user": user_of(person)}
        yield Step(lambda: self.api.call("POST", "/api/v1/tasks/", body), {"tasks": 1}, {(200, 0)})
        self.task: dict[str, Any] = self.answer.body
        self._shown += 1
        self.shown = f"shown-{self._shown}"
        path, ack = f"/api/v1/tasks/{self.task['id']}/ack", {"message_id": self.shown}
        yield Step(lambda: self.api.call("POST", path, ack, person=person), {"acked": 1}, {(204, 0)})

    def skip(self, person: str, kind: str) -> Iterator[Step]:
        yield from self.take(person, kind)
        path, reason = f"/api/v1/tasks/{self.task['id']}/nack", {"reason": "not for me"}
        yield Step(
            lambda: self.api.call("POST", path, reason, person=person),
            {"skipped": 1, "reactions": 1},
            {(204, 0)},
        )

    def flag(self, person: str) -> Iterator[Step]:
        message = look_for_message(self.api, f"text-{self.shown}")
        body = {
            "type": "text_labels",
            "user": user_of(person),
            "text": "I do not like it.",
            "labels": {"spam": 1.0},
            "message_id": message,
            "is_report": True,
        }
        yield Step(
            lambda: self.api.call("POST", "/api/v1/text_labels/", body),
            {"labellings": 1, "reactions": 1},
            {(204, 0)},
        )

    def answer_to(self, person: str, kind: str) -> tuple[dict[str, Any], dict[str, int]]:
        """Give an answer to the task, and what it adds."""
        answer: dict[str, Any] = {"user": user_of(person), "message_id": self.shown}
        if kind.startswith("label"):
            answer |= {"message_id": self.task["message_id"], "task_id": self.task["id"]}
            return answer | {"type": "text_labels", "text": "", "labels": {"spam": 0.0}}, {"labellings": 1}
        if kind.startswith("rank"):
            return answer | {"type": "message_ranking", "ranking": [1, 0]}, {"rankings": 1}
        answer |= {"type": "text_reply_to_message", "user_message_id": f"text-{self.shown}"}
        return answer | {"text": text_for(self.shown)}, {"messages": 1}


def look_for_message(api: Api, name: str) -> str:
    answer = api.call("GET", f"/api/v1/frontend_messages/{name}")
    assert answer.status == 200
    return str(answer.body["id"])


def counts(database: Path) -> dict[str, int]:
    return {name: look(database, statement)[0][0] for name, statement in COUNTED.items()}


def plus(before: dict[str, int], adds: dict[str, int]) -> dict[str, int]:
    return {name: count + adds.get(name, 0) for name, count in before.items()}


def die_at(backends: CrashingBackends, step: Step, when: When) -> None:
    """Make a call at whose commit the backend dies: nobody is told anything."""
    backends.arm(when)
    with suppress(OSError, HTTPException):
        answer = step.call()
        raise AssertionError(f"an answer came from a backend that died {when} its commit: {answer}")
    backends.wait_until_dead()
    assert backends.start()


@pytest.mark.timeout(180)
def test_a_backend_may_die_before_and_after_each_commit_of_a_trees_life(database: Path) -> None:
    with CrashingBackends(database, RULES) as backends, closing(Api(backends.url, KEY)) as api:
        assert backends.start()
        scenario = Scenario(api)
        steps = 0
        for step in scenario.steps():
            before = counts(database)
            die_at(backends, step, "before")
            assert counts(database) == before
            assert backends.faults(scenario.ledger) == []
            die_at(backends, step, "after")
            assert counts(database) == plus(before, step.adds)
            assert backends.faults(scenario.ledger) == []
            scenario.answer = step.call()
            assert scenario.answer.outcome in step.told
            # Only of a task that nobody heard of there is another one; all else is there once.
            again = 1 if "tasks" in step.adds else 0
            assert counts(database) == plus(plus(before, step.adds), {"tasks": again})
            steps += 1
        assert steps == 25
        assert backends.faults(scenario.ledger) == []
        assert [row[0] for row in look(database, "SELECT state FROM trees")] == ["ready_for_export"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_backend_may_die_at_each_commit_of_its_first_start(database: Path, when: When) -> None:
    with CrashingBackends(database, RULES) as backends, closing(Api(backends.url, KEY)) as api:
        commit = 1
        while not backends.start(start_commit=commit, when=when):
            assert unsound(database) == []
            commit += 1
        assert commit > 1
        backends.kill()
        backends.wait_until_dead()
        assert backends.start()
        assert backends.faults(Ledger()) == []
        assert api.call("POST", "/api/v1/tasks/", {"user": user_of("ann")}).status == 200
