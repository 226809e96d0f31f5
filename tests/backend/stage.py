"""Brings a language of a running backend into a state, through its calls, to replay an exchange in it."""

import random
from collections.abc import Callable
from typing import Any

from tests.backend.bare_calls import Api, user_of
from tests.backend.ledgers import Held
from tests.backend.playing import Play

RULES: dict[str, Any] = {
    "num_reviews_initial_prompt": 1,
    "num_reviews_reply": 1,
    "num_required_rankings": 1,
    "max_children_count": 2,
    "goal_tree_size": 3,
    "max_tree_depth": 2,
    "max_active_trees": 1,
}
"""A tree of a prompt and two more messages, and one tree that grows: the next accepted prompt waits."""


class Stage:
    """A language of its own, with people of its own; nothing of what others do is seen in it.

    Args:
        api: a trusted frontend's calls.
        lang: the language.
        pass_time: moves the backend's clock by minutes.
    """

    def __init__(self, api: Api, lang: str, pass_time: Callable[[float], None]) -> None:
        self.api = api
        self.lang = lang
        self.pass_time = pass_time
        self.play = Play(api, lang)
        self._chance = random.Random(lang)  # noqa: S311  # answers that repeat

    def name(self, who: str) -> str:
        """Name somebody of this language."""
        return f"{who}-{self.lang}"

    def user(self, who: str) -> dict[str, str]:
        """Give somebody as bodies name them."""
        return user_of(self.name(who))

    def known(self, who: str) -> dict[str, Any]:
        """Make somebody known; gives what the backend says of them."""
        answer = self.api.call("POST", "/api/v1/frontend_users/", self.user(who))
        assert answer.status == 200, answer
        person: dict[str, Any] = answer.body
        return person

    def disabled(self, who: str) -> dict[str, Any]:
        """Make somebody known, and disable them."""
        self.known(who)
        self.play.set_enabled(self.name(who), enabled=False)
        return self.user(who)

    def task(self, who: str, kind: str) -> dict[str, Any]:
        """Fetch a task."""
        task = self.play.fetch(self.name(who), kind)
        assert task is not None, kind
        return task

    def take(self, who: str, kind: str) -> Held:
        """Fetch a task and ack it."""
        held = self.play.take(self.name(who), kind)
        assert held is not None, kind
        return held

    def answer(self, held: Held, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # parts of a JSON body
        """Build a good answer to a task, with some parts of it changed."""
        task = held.task
        answer: dict[str, Any] = {"user": user_of(held.person), "message_id": held.shown}
        if held.type.startswith("label"):
            answer |= {
                "type": "text_labels",
                "text": "",
                "labels": {"spam": 0.0},
                "message_id": task["message_id"],
                "task_id": task["id"],
            }
        elif held.type.startswith("rank"):
            order = list(range(len(task["reply_messages"])))
            answer |= {"type": "message_ranking", "ranking": order, "not_rankable": False}
        else:
            words = "".join(self._chance.choices("abcdefgh ", k=80))
            answer |= {
                "type": "text_reply_to_message",
                "user_message_id": f"text-{held.shown}",
                "text": f"In {self.lang}: {words}",
                "lang": self.lang,
            }
        return answer | changes

    def do(self, who: str, kind: str, **changes: Any) -> Held:  # noqa: ANN401  # parts of a JSON body
        """Take a task and answer it."""
        held = self.take(who, kind)
        answer = self.api.call("POST", "/api/v1/tasks/interaction", self.answer(held, **changes))
        assert answer.status == 200, answer
        return held

    def written(self, held: Held) -> dict[str, Any]:
        """Read the message that answered a writing task."""
        answer = self.api.call("GET", f"/api/v1/frontend_messages/text-{held.shown}")
        assert answer.status == 200, answer
        message: dict[str, Any] = answer.body
        return message

    # Trees in each state; each gives the message that was written last.

    def prompt_in_review(self) -> dict[str, Any]:
        """A prompt that nobody has reviewed."""
        return self.written(self.do("ann", "initial_prompt"))

    def growing(self) -> dict[str, Any]:
        """A prompt that was accepted and grows."""
        prompt = self.prompt_in_review()
        self.do("bob", "label_initial_prompt")
        self.settle()
        return prompt

    def waiting(self) -> dict[str, Any]:
        """A prompt that was accepted and waits, as another one grows."""
        self.growing()
        waiting = self.written(self.do("ann", "initial_prompt"))
        self.do("bob", "label_initial_prompt")
        self.settle()
        return waiting

    def reply(self, who: str = "cat") -> dict[str, Any]:
        """A growing prompt with a reply that nobody has reviewed."""
        self.growing()
        return self.written(self.do(who, "assistant_reply"))

    def accepted_reply(self) -> dict[str, Any]:
        """A growing prompt with an accepted reply."""
        reply = self.reply()
        self.do("bob", "label_assistant_reply")
        return reply

    def prompter_reply(self) -> dict[str, Any]:
        """A growing conversation of three messages, the last of them not reviewed."""
        self.accepted_reply()
        return self.written(self.do("dan", "prompter_reply"))

    def ranking(self) -> dict[str, Any]:
        """A prompt with two accepted replies that are to be ranked."""
        self.reply()
        second = self.written(self.do("dan", "assistant_reply"))
        for _ in range(2):
            self.do("bob", "label_assistant_reply")
        return second

    def finished(self) -> dict[str, Any]:
        """A finished tree; gives the better of two replies, which people have marked and skipped."""
        self.ranking()
        held = self.do("eve", "rank_assistant_replies")
        best: dict[str, Any] = held.task["reply_messages"][0]
        message = self.api.call("GET", f"/api/v1/messages/{best['id']}").body
        self.mark(message["id"])
        found: dict[str, Any] = self.api.call("GET", f"/api/v1/messages/{best['id']}").body
        return found

    def mark(self, message_id: str, emoji: str = "clap") -> None:
        """Have somebody set an emoji."""
        body = {"user": self.user("fay"), "emoji": emoji, "op": "add"}
        answer = self.api.call("POST", f"/api/v1/messages/{message_id}/emoji", body)
        assert answer.status == 202, answer

    def settle(self) -> None:
        """Ask for the availability, so that the lottery draws."""
        self.play.availability(self.name("gil"))
