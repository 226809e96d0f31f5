"""People who work with a backend one call after the other."""

import random
import string
from collections.abc import Collection, Mapping
from typing import Any

from tests.backend.bare_calls import Answer, Api, user_of
from tests.backend.ledgers import Deed, Held, Ledger

WRITING = ("initial_prompt", "assistant_reply", "prompter_reply", "summarize_story")
LABELLING = ("label_initial_prompt", "label_assistant_reply", "label_prompter_reply")
RANKING = ("rank_assistant_replies", "rank_prompter_replies", "rank_initial_prompts")

NOTHING_TO_DO = (503, 1006)
TOO_MANY = (400, 1012)
DISABLED = (503, 4001)
REFUSED = {1011, 2010, 2053, 2101}
"""What an answer may rightly meet whose tree, or whose author, went on in the meantime."""

ANSWERED = 2105
"""What a person meets who answers a task for many once more."""

HALTED = "halted_by_moderator"
"""The state of a tree that a moderator stopped, or whose messages are all deleted."""


def text_for(shown: str) -> str:
    """Make up a text for a task; no two are alike."""
    chance = random.Random(shown)  # noqa: S311  # the same text for the same task
    return " ".join("".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))) for _ in range(6))


def interaction_for(
    task: Mapping[str, Any],
    person: str,
    shown: str,
    chance: random.Random,
    *,
    lang: str = "en",
    p_bad: float = 0.15,
) -> dict[str, Any]:
    """Make up an answer to a task.

    Args:
        task: the task as it was served.
        person: who answers.
        shown: the id that the task was acked with.
        chance: what is drawn from.
        lang: the language that a text is in.
        p_bad: how often a review finds spam, or a ranking nothing good.
    """
    kind = task["type"]
    answer: dict[str, Any] = {"user": user_of(person), "message_id": shown}
    if kind in WRITING:
        return answer | {
            "type": "text_reply_to_message",
            "user_message_id": f"text-{shown}",
            "text": text_for(shown),
            "lang": lang,
        }
    if kind in LABELLING:
        labels = {name: chance.choice((0.0, 0.5, 1.0)) for name in task["valid_labels"]}
        labels |= {"spam": float(chance.random() < p_bad), "lang_mismatch": 0.0}
        labels = {name: labels[name] for name in task["valid_labels"]}
        return answer | {
            "type": "text_labels",
            "text": "",
            "labels": labels,
            "message_id": task["message_id"],
            "task_id": task["id"],
        }
    if kind in RANKING:
        order = list(range(len(task.get("reply_messages") or task.get("prompt_messages") or [])))
        chance.shuffle(order)
        return answer | {
            "type": "message_ranking",
            "ranking": order,
            "not_rankable": chance.random() < p_bad / 2,
        }
    assert kind == "rate_summary", kind
    scale = task["scale"]
    return answer | {"type": "message_rating", "rating": chance.randint(scale["min"], scale["max"])}


class Play:
    """What people, and a moderator, can do with a backend; each act draws what it needs from `chance`.

    An act gives whether it did anything. It fails if the backend answers what no such act may meet.

    Args:
        api: where the calls go, with a trusted key.
        lang: the language that all work in.
    """

    def __init__(self, api: Api, lang: str = "en") -> None:
        self.api = api
        self.lang = lang
        self.ledger = Ledger()
        self.hands: list[Held] = []
        self.shared: list[Held] = []
        self._shown = 0
        self._ids: dict[str, tuple[str, str]] = {}

    # What people do

    def fetch(self, person: str, kind: str = "random", *, collective: bool = False) -> dict[str, Any] | None:
        """Ask for a task; None if there is none for this person."""
        body = {"type": kind, "user": user_of(person), "lang": self.lang, "collective": collective}
        answer = self.api.call("POST", "/api/v1/tasks/", body)
        if answer.status == 200:
            task: dict[str, Any] = answer.body
            return task
        expected = {NOTHING_TO_DO, TOO_MANY} | ({DISABLED} if person in self.ledger.disabled else set())
        assert answer.outcome in expected, answer
        return None

    def take(self, person: str, kind: str = "random", *, collective: bool = False) -> Held | None:
        """Ask for a task and ack it; None if there is none."""
        task = self.fetch(person, kind, collective=collective)
        if task is None:
            return None
        self._shown += 1
        held = Held(person, f"shown-{self.lang}-{self._shown}", task)
        answer = self.api.call(
            "POST", f"/api/v1/tasks/{held.id}/ack", {"message_id": held.shown}, person=person
        )
        assert answer.status == 204, answer
        return held

    def hold(self, person: str, kind: str = "random") -> bool:
        """Take a task and keep it for later."""
        held = self.take(person, kind)
        if held is not None:
            self.hands.append(held)
        return held is not None

    def share(self, person: str, kind: str = "random") -> bool:
        """Take a task that everybody may answer until it is closed."""
        held = self.take(person, kind, collective=True)
        if held is not None:
            self.shared.append(held)
        return held is not None

    def answer_shared(self, person: str, chance: random.Random) -> bool:
        """Answer one of the tasks for many."""
        if not self.shared:
            return False
        shared = chance.choice(self.shared)
        held = Held(person, shared.shown, shared.task)
        interaction = self._answer(held, chance)
        if held.type in WRITING:
            self._shown += 1
            name = f"{shared.shown}-{self._shown}"
            interaction |= {"user_message_id": f"text-{name}", "text": text_for(name)}
        return self.hand_in(held, interaction, also_met=(ANSWERED,)).status == 200

    def close_shared(self, chance: random.Random) -> bool:
        """Close one of the tasks for many."""
        if not self.shared:
            return False
        shared = self.shared.pop(chance.randrange(len(self.shared)))
        answer = self.api.call("POST", "/api/v1/tasks/close", {"message_id": shared.shown})
        assert answer.status == 200, answer
        return True

    def hand_in(self, held: Held, interaction: dict[str, Any], *, also_met: Collection[int] = ()) -> Answer:
        """Hand in an answer and note what became of it; `also_met` are codes that it may meet, too."""
        answer = self.api.call("POST", "/api/v1/tasks/interaction", interaction)
        if answer.status == 200:
            self.note(held, interaction)
        else:
            is_out = answer.outcome == DISABLED and held.person in self.ledger.disabled
            assert is_out or (answer.status == 400 and answer.code in {*REFUSED, *also_met}), answer
            self.ledger.refused.append(answer.code)
        return answer

    def note(self, held: Held, interaction: dict[str, Any]) -> None:
        """Note an answer that the backend took."""
        self.ledger.deeds.append(Deed(held.person, held.type, held.id, interaction))

    def work(self, person: str, chance: random.Random, *kinds: str) -> bool:
        """Do the first task that there is, of these types in a random order or of any."""
        for kind in chance.sample(kinds, len(kinds)) or ["random"]:
            if held := self.take(person, kind):
                return self.hand_in(held, self._answer(held, chance)).status == 200
        return False

    def answer_held(self, chance: random.Random) -> bool:
        """Answer one of the tasks that people have in hand, however late it is."""
        if not self.hands:
            return False
        held = self.hands.pop(chance.randrange(len(self.hands)))
        self.hand_in(held, self._answer(held, chance))
        return True

    def renew(self, chance: random.Random) -> bool:
        """Ack a task that somebody has in hand once more."""
        if not self.hands:
            return False
        held = chance.choice(self.hands)
        answer = self.api.call(
            "POST", f"/api/v1/tasks/{held.id}/ack", {"message_id": held.shown}, person=held.person
        )
        is_out = answer.outcome == DISABLED and held.person in self.ledger.disabled
        assert is_out or answer.status == 204 or answer.outcome == (400, 2101), answer
        return True

    def skip(self, person: str, *kinds: str) -> bool:
        """Take a task and skip it."""
        for kind in kinds or ("random",):
            if held := self.take(person, kind):
                answer = self.api.call(
                    "POST", f"/api/v1/tasks/{held.id}/nack", {"reason": "not for me"}, person=person
                )
                assert answer.status == 204, answer
                self.ledger.skipped += 1
                return True
        return False

    def flag(self, person: str, chance: random.Random) -> bool:
        """Raise a red flag on somebody's message, by the emoji or by a report."""
        found = self._some_message(chance)
        if found is None:
            return False
        message, _ = found
        if chance.random() < 0.5:
            body: dict[str, Any] = {"user": user_of(person), "emoji": "red_flag", "op": "add"}
            answer = self.api.call("POST", f"/api/v1/messages/{message}/emoji", body)
        else:
            body = {
                "type": "text_labels",
                "user": user_of(person),
                "text": "I do not like it.",
                "labels": {"spam": 1.0},
                "message_id": message,
                "is_report": True,
            }
            answer = self.api.call("POST", "/api/v1/text_labels/", body)
        is_out = answer.outcome == DISABLED and person in self.ledger.disabled
        assert is_out or answer.status in {202, 204}, answer
        return True

    # What a moderator does

    def delete(self, chance: random.Random) -> bool:
        """Delete somebody's message with all below it."""
        found = self._some_message(chance)
        if found is None:
            return False
        answer = self.api.call("DELETE", f"/api/v1/messages/{found[0]}")
        assert answer.status == 204, answer
        return True

    def restore(self, chance: random.Random) -> bool:
        """Restore somebody's message with what was deleted with it."""
        found = self._some_message(chance)
        if found is None:
            return False
        message, tree = found
        deleted = {row["id"] for row in self.tree(tree) if row["deleted"]}
        was_halted = self.state(tree) == HALTED
        answer = self.api.call("PUT", f"/api/v1/messages/{message}/undelete")
        assert answer.status == 202, answer
        self.ledger.restored |= deleted & {row["id"] for row in self.tree(tree) if not row["deleted"]}
        if was_halted and self.state(tree) != HALTED:
            self.ledger.resumed.add(tree)
        return True

    def halt(self, chance: random.Random) -> bool:
        """Halt a tree."""
        return self._set_halted(chance, halt=True)

    def resume(self, chance: random.Random) -> bool:
        """Let a tree go on."""
        return self._set_halted(chance, halt=False)

    def set_enabled(self, person: str, *, enabled: bool) -> bool:
        """Disable a person, or enable them again: their prompts that this halted may wait again."""
        halted = [tree for tree in self._prompts_of(person) if self.state(tree) == HALTED]
        body = {**user_of(person), "enabled": enabled}
        answer = self.api.call("POST", "/api/v1/frontend_users/", body)
        assert answer.status == 200, answer
        assert answer.body["enabled"] is enabled
        if enabled:
            self.ledger.back |= {tree for tree in halted if self.state(tree) != HALTED}
        (self.ledger.disabled.discard if enabled else self.ledger.disabled.add)(person)
        return True

    # What can be seen

    def availability(self, person: str) -> dict[str, int]:
        """Count the work for a person by type."""
        answer = self.api.call("POST", f"/api/v1/tasks/availability?lang={self.lang}", user_of(person))
        assert answer.status == 200, answer
        counts: dict[str, int] = answer.body
        return counts

    def state(self, message_id: str) -> str:
        """Read the state of a message's tree."""
        answer = self.api.call("GET", f"/api/v1/messages/{message_id}/tree/state")
        assert answer.status == 200, answer
        return str(answer.body["state"])

    def tree(self, message_id: str) -> list[dict[str, Any]]:
        """Read a whole tree, deleted and rejected messages, too."""
        answer = self.api.call("GET", f"/api/v1/messages/{message_id}/tree?include_deleted=true")
        assert answer.status == 200, answer
        rows: list[dict[str, Any]] = answer.body["messages"]
        return rows

    def _answer(self, held: Held, chance: random.Random) -> dict[str, Any]:
        return interaction_for(held.task, held.person, held.shown, chance, lang=self.lang)

    def _set_halted(self, chance: random.Random, *, halt: bool) -> bool:
        found = self._some_message(chance)
        if found is None:
            return False
        message, tree = found
        answer = self.api.call("PUT", f"/api/v1/messages/{message}/tree/state?halt={str(halt).lower()}")
        assert answer.status == 200, answer
        (self.ledger.halted if halt else self.ledger.resumed).add(tree)
        return True

    def _some_message(self, chance: random.Random) -> tuple[str, str] | None:
        """Choose one of the messages that were written here; gives its id and its tree's."""
        texts = [deed for deed in self.ledger.texts() if deed.task_type != "summarize_story"]
        if not texts:
            return None
        return self._ids_of(chance.choice(texts))

    def _prompts_of(self, person: str) -> list[str]:
        """Give the trees that a person began."""
        prompts = [
            deed
            for deed in self.ledger.texts()
            if deed.person == person and deed.task_type == "initial_prompt"
        ]
        return [self._ids_of(deed)[1] for deed in prompts]

    def _ids_of(self, text: Deed) -> tuple[str, str]:
        """Give the ids of a message that was written, and of its tree."""
        name = text.interaction["user_message_id"]
        if name not in self._ids:
            answer = self.api.call("GET", f"/api/v1/frontend_messages/{name}")
            assert answer.status == 200, answer
            self._ids[name] = answer.body["id"], answer.body["message_tree_id"]
        return self._ids[name]
