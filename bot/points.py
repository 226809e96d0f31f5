"""What people earn: the protocol's points, a score taken apart into them, and what a finished task earns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.texts import Texts
from oasst_client import LabelTask, LabelTaskMode, Task, UserScore


@dataclass(frozen=True, slots=True)
class Rate:
    """What something earns: `points` for every `each` of it; what is over earns nothing yet."""

    points: int
    each: int = 1


RATES: Final[Mapping[str, Rate]] = {
    "prompts": Rate(1, each=10),
    "accepted_prompts": Rate(1, each=10),
    "replies_assistant": Rate(4),
    "accepted_replies_assistant": Rate(4),
    "replies_prompter": Rate(1),
    "accepted_replies_prompter": Rate(1),
    "reply_ranked_1": Rate(9),
    "reply_ranked_2": Rate(3),
    "reply_ranked_3": Rate(1),
    "labels_full": Rate(2),
    "labels_simple": Rate(1),
    "rankings_total": Rate(1),
    "rankings_good": Rate(1),
}
"""The protocol's formula, by the names that a `UserScore` has for what it counts, in the order of telling."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score: how many of what, and the points that they made."""

    name: str
    count: int
    points: int


def parts_of(score: UserScore) -> list[Part]:
    """Take a score apart; what somebody never did is left out."""
    counts = {name: getattr(score, name) for name in RATES}
    return [
        Part(name, count, count // RATES[name].each * RATES[name].points)
        for name, count in counts.items()
        if count > 0
    ]


def adds_up(score: UserScore) -> bool:
    """Say whether the parts make the score; a backend may count by other rules."""
    return sum(part.points for part in parts_of(score)) == score.leader_score


_EARNS: Final[Mapping[str, tuple[str, str]]] = {
    "initial_prompt": ("prompts", "accepted_prompts"),
    "assistant_reply": ("replies_assistant", "accepted_replies_assistant"),
    "prompter_reply": ("replies_prompter", "accepted_replies_prompter"),
    "rank_assistant_replies": ("rankings_total", "rankings_good"),
    "rank_prompter_replies": ("rankings_total", "rankings_good"),
    "rank_initial_prompts": ("rankings_total", ""),
}
"""What a finished task of a type counts as: at once, and once others agree; other types earn nothing."""

_EARNS_BY_MODE: Final[Mapping[str | None, str]] = {
    LabelTaskMode.full: "labels_full",
    LabelTaskMode.simple: "labels_simple",
}


def earned_line(task: Task, texts: Texts) -> str:
    """Say in one line what a finished task earns; empty where it earns nothing, or nobody knows."""
    mode = task.mode if isinstance(task, LabelTask) else None
    at_once, later = _EARNS.get(task.type, (_EARNS_BY_MODE.get(mode, ""), ""))
    if not at_once:
        return ""
    now = RATES[at_once]
    key = "earned.tenth" if now.each > 1 else "earned.one" if now.points == 1 else "earned.now"
    line = texts(key, points=now.points)
    if later:
        line += f" · {texts(f'earned.{later}', points=RATES[later].points)}"
    return f"-# {line}"
