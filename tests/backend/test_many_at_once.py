"""With 64 people at once no limit is exceeded, and no work is handed out beyond its need."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_client import (
    InitialPromptTask,
    OasstApiClient,
    Task,
    TaskRequestType,
    TaskUnavailableError,
    TooManyPendingError,
    User,
    interaction_adapter,
)
from tests.backend.bare_calls import user_of
from tests.backend.ledgers import Deed, Ledger
from tests.backend.long_tests import LONG_TESTS
from tests.backend.playing import LABELLING, RANKING, interaction_for
from tests.backend.truths import answers_kept, broken_limits, look, unsound

PEOPLE = 64
PROMPTS = 16
REVIEWS, RANKINGS, CHILDREN, GOAL = 2, 2, 2, 5
RULES: dict[str, Any] = {
    "num_reviews_initial_prompt": REVIEWS,
    "num_reviews_reply": REVIEWS,
    "num_required_rankings": RANKINGS,
    "max_children_count": CHILDREN,
    "goal_tree_size": GOAL,
    "max_tree_depth": 3,
    "max_active_trees": 4,
    "max_initial_prompt_review": 2,
    "max_prompt_lottery_waiting": 3,
    "auto_mod_max_skip_reply": 1000,
    "rank_prompter_replies": True,
    "num_prompter_replies": CHILDREN,
}
P_SKIP = 0.05
P_SPAM = 0.08
IDLE_ROUNDS = 2
"""Rounds without any work for anybody after which everything is done."""

TOO_LATE = {
    "texts": "SELECT id FROM messages WHERE surplus",
    "reviews": "SELECT id FROM labellings WHERE NOT counted",
    "rankings of replies": "SELECT id FROM rankings WHERE NOT counted AND parent_id IS NOT NULL",
    "rankings of prompts": "SELECT id FROM rankings WHERE NOT counted AND parent_id IS NULL",
}

_OUT_OR_DONE = """
    SELECT kind, subject_id, count(*) FROM tasks
    WHERE (done OR is_open) AND kind IN ('review', 'ranking') GROUP BY kind, subject_id
"""
_REPLIES_OUT_OR_DONE = """
    SELECT t.subject_id, count(*) - (
        SELECT count(*) FROM messages m WHERE m.parent_id = t.subject_id AND m.review_result = 0
    ) FROM tasks t WHERE (t.done OR t.is_open) AND t.kind = 'reply' GROUP BY t.subject_id
"""
_TREE_OUT_OR_DONE = """
    SELECT t.tree_id, 1 + count(*) - (
        SELECT count(*) FROM messages m WHERE m.tree_id = t.tree_id AND m.review_result = 0 AND m.depth > 0
    ) FROM tasks t WHERE (t.done OR t.is_open) AND t.kind = 'reply' GROUP BY t.tree_id
"""


class Need:
    """Counts what was handed out against what is needed, from the answers that people got.

    A skip, and a review that rejects a reply, count before they are sent: what the backend hands out next is
    then within the need.
    """

    def __init__(self) -> None:
        self.out: Counter[tuple[str, str]] = Counter()
        self.exceeded: list[str] = []
        self._spam: Counter[str] = Counter()

    def handed_out(self, task: Task) -> None:
        """Count a task that somebody got."""
        for key, limit in self.places(task.model_dump(mode="json")):
            self.out[key] += 1
            if self.out[key] > limit:
                self.exceeded.append(f"{self.out[key]} of {limit}: {key}")

    def given_back(self, task: Task) -> None:
        """Count a task that is skipped."""
        for key, _ in self.places(task.model_dump(mode="json")):
            self.out[key] -= 1

    def reviewed(self, interaction: dict[str, Any], conversation: list[dict[str, Any]]) -> None:
        """Count a review: a reply that is spam to one of two makes room for another one."""
        message = interaction["message_id"]
        self._spam[message] += interaction["labels"]["spam"] == 1
        is_first_spam = interaction["labels"]["spam"] == 1 and self._spam[message] == 1
        if is_first_spam and len(conversation) > 1:
            # One spam of two is an acceptance of 0.5, below the threshold.
            self.out["children", conversation[-2]["id"]] -= 1
            self.out["tree", conversation[0]["id"]] -= 1

    @staticmethod
    def places(task: dict[str, Any]) -> Iterator[tuple[tuple[str, str], int]]:
        """Give the places that a task takes, and how many of them there are."""
        kind = task["type"]
        if kind in LABELLING:
            yield ("review", task["message_id"]), REVIEWS
        elif kind in RANKING and kind != "rank_initial_prompts":
            yield ("ranking", task["ranking_parent_id"]), RANKINGS
        elif kind.endswith("_reply"):
            messages = task["conversation"]["messages"]
            yield ("children", messages[-1]["id"]), CHILDREN
            # The prompt itself is one of the goal's messages.
            yield ("tree", messages[0]["id"]), GOAL - 1


class Town:
    """People who all work at once, each over a connection of the same client."""

    def __init__(self, client: OasstApiClient, database: Path, seed: int) -> None:
        self.client = client
        self.most: Counter[str] = Counter()
        self._database = database
        self.chance = random.Random(seed)  # noqa: S311  # choices that repeat
        self.need = Need()
        self.ledger = Ledger()
        self.prompts = 0
        self.skips = 0
        self._shown = 0

    async def work(self) -> None:
        """Have all people work until there is nothing left for any of them."""
        idle = 0
        while idle < IDLE_ROUNDS:
            done = await asyncio.gather(*(self._work_on(f"person{number}") for number in range(PEOPLE)))
            idle = 0 if any(done) else idle + 1

    async def _work_on(self, person: str) -> int:
        """Work until there is nothing for this person; gives how much they did."""
        done = 0
        while (task := await self._fetch(person)) is not None:
            done += await self._handle(person, task)
        return done

    async def _fetch(self, person: str) -> Task | None:
        try:
            task = await self.client.fetch_task(TaskRequestType.random, User.model_validate(user_of(person)))
        except (TaskUnavailableError, TooManyPendingError):
            return None
        if isinstance(task, InitialPromptTask) and self.prompts >= PROMPTS:
            # Enough trees: what is begun is to end.
            await self.client.nack_task(task.id, "enough", User.model_validate(user_of(person)))
            return None
        self.need.handed_out(task)
        self.prompts += isinstance(task, InitialPromptTask)
        return task

    async def _handle(self, person: str, task: Task) -> bool:
        """Answer a task, or now and then skip it; gives whether it was answered."""
        if not isinstance(task, InitialPromptTask) and self.chance.random() < P_SKIP:
            self.need.given_back(task)
            self.skips += 1
            await self.client.nack_task(task.id, "not for me", User.model_validate(user_of(person)))
            return False
        self._shown += 1
        shown = f"shown-{self._shown}"
        served = task.model_dump(mode="json")
        await self.client.ack_task(task.id, shown)
        interaction = interaction_for(served, person, shown, self.chance, p_bad=P_SPAM)
        if served["type"] in LABELLING:
            self.need.reviewed(interaction, served["conversation"]["messages"])
        await self.client.post_interaction(interaction_adapter.validate_python(interaction))
        self.ledger.deeds.append(Deed(person, served["type"], served["id"], interaction))
        for state, count in look(self._database, "SELECT state, count(*) FROM trees GROUP BY state"):
            self.most[state] = max(self.most[state], count)
        return True


def beyond_need(database: Path) -> list[str]:
    """Say of which work more tasks are out or done, by the database, than it ever needed."""
    limits = {"review": REVIEWS, "ranking": RANKINGS}
    found = [(f"{row[0]} of {row[1]}", row[2], limits[row[0]]) for row in look(database, _OUT_OR_DONE)]
    found += [(f"replies to {row[0]}", row[1], CHILDREN) for row in look(database, _REPLIES_OUT_OR_DONE)]
    found += [(f"messages of tree {row[0]}", row[1], GOAL) for row in look(database, _TREE_OUT_OR_DONE)]
    return [f"{count} {name}, not {limit}" for name, count, limit in found if count > limit]


@pytest.mark.parametrize("seed", range(3, 9) if LONG_TESTS else [3])
async def test_no_limit_is_exceeded_by_many_people_at_once(
    start_backend: Callable[..., BackendServer],
    settings_for: Callable[..., BackendSettings],
    connect: Callable[..., OasstApiClient],
    database: Path,
    seed: int,
) -> None:
    town = Town(connect(start_backend(rules=RULES)), database, seed)
    await town.work()

    assert town.need.exceeded == []
    assert town.most["growing"] <= RULES["max_active_trees"]
    # What is missing to grow is reviewed, too, and all of it may be accepted.
    most_in_review = RULES["max_active_trees"] + RULES["max_initial_prompt_review"]
    assert town.most["initial_prompt_review"] <= most_in_review
    assert town.most["prompt_lottery_waiting"] <= RULES["max_prompt_lottery_waiting"] + most_in_review
    assert beyond_need(database) == []
    rules = settings_for(rules=RULES).tree_manager
    assert broken_limits(database, rules) == []
    assert answers_kept(database, town.ledger) == []
    assert unsound(database) == []
    # Everybody answered in time, so nothing is too much.
    assert {name: len(look(database, statement)) for name, statement in TOO_LATE.items()} == dict.fromkeys(
        TOO_LATE, 0
    )
    states = Counter(row["state"] for row in look(database, "SELECT state FROM trees"))
    assert states.keys() <= {"ready_for_export", "aborted_low_grade"}, states
    assert states["ready_for_export"] > PROMPTS / 2
    assert town.skips > 0
    assert len(town.ledger.deeds) > PROMPTS * GOAL * 2
