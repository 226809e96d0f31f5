"""The states of a message tree: what each allows, and when a tree moves on."""

import random
from dataclasses import dataclass, replace
from enum import StrEnum


class TreeState(StrEnum):
    """Where a tree is in its life."""

    initial_prompt_review = "initial_prompt_review"
    prompt_lottery_waiting = "prompt_lottery_waiting"
    growing = "growing"
    ranking = "ranking"
    ready_for_scoring = "ready_for_scoring"
    scoring_failed = "scoring_failed"
    ready_for_export = "ready_for_export"
    aborted_low_grade = "aborted_low_grade"
    halted_by_moderator = "halted_by_moderator"
    backlog_ranking = "backlog_ranking"


ACTIVE_STATES = frozenset(
    {
        TreeState.initial_prompt_review,
        TreeState.growing,
        TreeState.ranking,
        TreeState.ready_for_scoring,
    }
)
"""States in which a tree is worked on."""

TERMINAL_STATES = frozenset(
    {TreeState.ready_for_export, TreeState.aborted_low_grade, TreeState.halted_by_moderator}
)
"""States that a tree does not leave by itself."""

_MODERATED_STATES = frozenset({TreeState.initial_prompt_review, TreeState.growing})
"""States in which flags and skips of people have an effect."""

_TAKES_REPLIES = frozenset(
    {TreeState.growing, TreeState.ranking, TreeState.ready_for_scoring, TreeState.ready_for_export}
)


_NEEDS_MESSAGES = frozenset(
    {
        TreeState.initial_prompt_review,
        TreeState.prompt_lottery_waiting,
        TreeState.growing,
        TreeState.ranking,
    }
)


MAX_DEPTH = 50
"""The most levels of replies that a tree may have: nested more deeply, common JSON readers refuse it."""


def accepts_replies(state: TreeState) -> bool:
    """Say whether a reply that arrives in this state is kept; else it is refused (2010)."""
    return state in _TAKES_REPLIES


@dataclass(frozen=True)
class TreeFacts:
    """What decides about the state of a tree.

    Deleted messages count nowhere.
    """

    state: TreeState
    goal_tree_size: int
    """The accepted messages that the tree is to have, its root included."""
    messages: int
    """All messages, whatever was said of them."""
    accepted: int
    """Messages with a positive verdict, the root included."""
    awaiting_review: int
    """Messages without a verdict."""
    root_verdict: bool | None
    """The verdict about the prompt; None while its reviews are missing."""
    rankable_parents: int = 0
    """Messages whose accepted replies are two or more and are ranked at all."""
    open_parents: int = 0
    """Those of `rankable_parents` that still lack rankings."""
    won_lottery: bool = False
    """Whether the tree ever won the prompt lottery."""
    ranks_computed: bool | None = None
    """True once scored, False when the computation failed, None before it."""


def next_state(facts: TreeFacts) -> TreeState:  # noqa: PLR0911 - one return for each row of the state table
    """Tell the state that follows from the facts: one step, or the same state where nothing changes.

    A tree whose messages are all deleted is halted, wherever it waits for people.
    """
    state = facts.state
    if facts.messages == 0 and state in _NEEDS_MESSAGES:
        return TreeState.halted_by_moderator
    match state:
        case TreeState.initial_prompt_review if facts.root_verdict is not None:
            return TreeState.prompt_lottery_waiting if facts.root_verdict else TreeState.aborted_low_grade
        case TreeState.prompt_lottery_waiting if facts.won_lottery:
            return TreeState.growing
        case TreeState.growing if facts.accepted >= facts.goal_tree_size and facts.awaiting_review == 0:
            return TreeState.ranking
        case TreeState.ranking if facts.open_parents == 0:
            return TreeState.ready_for_scoring
        case TreeState.ready_for_scoring if facts.ranks_computed is False:
            return TreeState.scoring_failed
        case TreeState.ready_for_scoring | TreeState.scoring_failed if facts.ranks_computed:
            return TreeState.ready_for_export
    return state


def settled_state(facts: TreeFacts) -> TreeState:
    """Follow `next_state` as far as the facts carry the tree."""
    while (state := next_state(facts)) is not facts.state:
        facts = replace(facts, state=state)
    return facts.state


def can_halt(state: TreeState) -> bool:
    """Say whether a moderator may halt or un-halt a tree in this state."""
    return state is not TreeState.prompt_lottery_waiting


def unhalted_state(facts: TreeFacts) -> TreeState:
    """Tell where a tree goes on when a moderator un-halts it.

    A halted or aborted tree goes back to growing if it won the lottery, else to the review of its prompt, and
    on from there as far as its facts carry it. Any other tree is not stopped, and only settles.
    """
    if facts.state in {TreeState.halted_by_moderator, TreeState.aborted_low_grade}:
        start = TreeState.growing if facts.won_lottery else TreeState.initial_prompt_review
        facts = replace(facts, state=start)
    return settled_state(facts)


def activated_state(facts: TreeFacts) -> TreeState:
    """Tell where a tree goes from the backlog: to ranking, or away if it has no siblings to rank."""
    return TreeState.ranking if facts.rankable_parents else TreeState.aborted_low_grade


class ModerationAction(StrEnum):
    """What marks of people bring about without a moderator."""

    delete_reply = "delete_reply"
    abort_tree = "abort_tree"
    halt_tree = "halt_tree"


def flag_action(state: TreeState, *, is_root: bool, red_flags: int, limit: int) -> ModerationAction | None:
    """Say what one more red flag brings about.

    To be asked when a flag is set, not at other times: what a moderator restored stays until the next flag.

    Args:
        state: the state of the message's tree.
        is_root: whether the flagged message is the prompt.
        red_flags: the flags on the message, the new one included.
        limit: how many flags it takes.
    """
    if state not in _MODERATED_STATES or red_flags < limit:
        return None
    return ModerationAction.abort_tree if is_root else ModerationAction.delete_reply


def skip_action(state: TreeState, *, skips: int, limit: int) -> ModerationAction | None:
    """Say what one more skipped reply to a message brings about; see `flag_action`."""
    if state not in _MODERATED_STATES or skips < limit:
        return None
    return ModerationAction.halt_tree


@dataclass(frozen=True)
class ParentFacts:
    """What decides whether a message may get another reply."""

    state: TreeState
    goal_tree_size: int
    in_tree: int
    """Messages of the tree that are accepted or under review and not deleted, and replies under way."""
    accepted: bool
    deleted: bool
    is_assistant: bool
    depth: int
    """0 for the root."""
    max_depth: int
    children: int
    """Replies that are accepted or under review and not deleted, and replies under way."""
    max_children_count: int
    num_prompter_replies: int


def can_extend(parent: ParentFacts) -> bool:
    """Say whether a reply to this message is wanted; whose reply it may be is another question."""
    room = parent.num_prompter_replies if parent.is_assistant else parent.max_children_count
    return (
        parent.state is TreeState.growing
        and parent.accepted
        and not parent.deleted
        and parent.in_tree < parent.goal_tree_size
        and parent.depth < parent.max_depth
        and parent.children < room
    )


def draw_goal(goal: int, minimum: int, rng: random.Random) -> int:
    """Draw a goal size between `minimum` and `goal`, both included."""
    return rng.randint(min(minimum, goal), goal)
