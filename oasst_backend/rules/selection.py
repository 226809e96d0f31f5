"""Which work exists and which of it a person gets."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from oasst_client import TaskRequestType


class WorkKind(StrEnum):
    """Kinds of work among which a random task is drawn by weight."""

    ranking = "ranking"
    label_reply = "label_reply"
    label_prompt = "label_prompt"
    rating = "rating"
    reply = "reply"
    summary = "summary"
    prompt = "prompt"


WEIGHTS: Mapping[WorkKind, float] = MappingProxyType(
    {
        WorkKind.ranking: 10.0,
        WorkKind.label_reply: 5.0,
        WorkKind.label_prompt: 5.0,
        WorkKind.rating: 5.0,
        WorkKind.reply: 2.0,
        WorkKind.summary: 2.0,
        WorkKind.prompt: 0.01,
    }
)
"""How much each kind weighs while it has work; a rating weighs as a review does, a summary as a reply."""

TYPES: Mapping[WorkKind, tuple[TaskRequestType, ...]] = MappingProxyType(
    {
        WorkKind.ranking: (
            TaskRequestType.rank_assistant_replies,
            TaskRequestType.rank_prompter_replies,
            TaskRequestType.rank_initial_prompts,
        ),
        WorkKind.label_reply: (TaskRequestType.label_assistant_reply, TaskRequestType.label_prompter_reply),
        WorkKind.label_prompt: (TaskRequestType.label_initial_prompt,),
        WorkKind.rating: (TaskRequestType.rate_summary,),
        WorkKind.reply: (TaskRequestType.assistant_reply, TaskRequestType.prompter_reply),
        WorkKind.summary: (TaskRequestType.summarize_story,),
        WorkKind.prompt: (TaskRequestType.initial_prompt,),
    }
)
"""The types of task that each kind stands for."""

KIND_OF_TYPE: Mapping[TaskRequestType, WorkKind] = MappingProxyType(
    {task_type: kind for kind, types in TYPES.items() for task_type in types}
)
"""The kind that each type of task belongs to; `random` belongs to none."""


def draw_kind(kinds: Collection[WorkKind], rng: random.Random) -> WorkKind | None:
    """Draw the kind of a random task by weight.

    Args:
        kinds: those among which is drawn: the ones that have work.
        rng: the source of chance.

    Returns:
        One of them; None if there is none.
    """
    # In the order of the table, so that the same chance gives the same kind.
    drawable = [kind for kind in WEIGHTS if kind in kinds]
    if not drawable:
        return None
    return rng.choices(drawable, weights=[WEIGHTS[kind] for kind in drawable])[0]


def is_lonely(*, is_assistant: bool, children: int, lonely_children_count: int) -> bool:
    """Say whether a message is the prompter's and has some replies, but fewer than wanted."""
    return not is_assistant and 0 < children < lonely_children_count


@dataclass(frozen=True)
class Places:
    """How full the places for trees of one language are.

    Prompts being written count as in review, so that no more are asked for than fit.
    """

    growing: int
    in_review: int
    waiting: int
    max_growing: int
    max_in_review: int
    max_waiting: int


def wanted_prompts(places: Places) -> int:
    """Count the prompts wanted: what is missing to grow or fits the review, if the lottery has room.

    Prompts in review beyond their limit stand for trees that are missing, and are wanted only once.
    """
    missing = max(0, places.max_growing - places.growing)
    free = places.max_in_review - places.in_review
    return max(0, min(missing + free, places.max_waiting - places.waiting))
