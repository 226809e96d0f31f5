"""The life of a tree: which states follow which, and that every tree is grown to its size and no further."""

import random
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.rules.review import review_verdict
from oasst_backend.rules.trees import (
    ACTIVE_STATES,
    TERMINAL_STATES,
    ModerationAction,
    ParentFacts,
    TreeFacts,
    TreeState,
    accepts_replies,
    activated_state,
    can_extend,
    can_halt,
    draw_goal,
    flag_action,
    next_state,
    settled_state,
    skip_action,
    unhalted_state,
)

S = TreeState

EDGES = {
    (S.initial_prompt_review, S.prompt_lottery_waiting),
    (S.initial_prompt_review, S.aborted_low_grade),
    (S.initial_prompt_review, S.halted_by_moderator),
    (S.prompt_lottery_waiting, S.growing),
    (S.prompt_lottery_waiting, S.halted_by_moderator),
    (S.growing, S.ranking),
    (S.growing, S.halted_by_moderator),
    (S.ranking, S.ready_for_scoring),
    (S.ranking, S.halted_by_moderator),
    (S.ready_for_scoring, S.ready_for_export),
    (S.ready_for_scoring, S.scoring_failed),
    (S.scoring_failed, S.ready_for_export),
}
"""Every way in which a tree moves on by itself."""

FRESH = TreeFacts(
    state=S.initial_prompt_review,
    goal_tree_size=4,
    messages=1,
    accepted=0,
    awaiting_review=1,
    root_verdict=None,
)
ACCEPTED = replace(FRESH, accepted=1, awaiting_review=0, root_verdict=True)
GROWING = replace(ACCEPTED, state=S.growing, won_lottery=True)
GROWN = replace(GROWING, messages=4, accepted=4)


@st.composite
def facts(draw: st.DrawFn) -> TreeFacts:
    messages = draw(st.integers(0, 8))
    accepted = draw(st.integers(0, messages))
    rankable = draw(st.integers(0, 3))
    return TreeFacts(
        state=draw(st.sampled_from(TreeState)),
        goal_tree_size=draw(st.integers(1, 8)),
        messages=messages,
        accepted=accepted,
        awaiting_review=draw(st.integers(0, messages - accepted)),
        root_verdict=draw(st.sampled_from([None, True, False])),
        rankable_parents=rankable,
        open_parents=draw(st.integers(0, rankable)),
        won_lottery=draw(st.booleans()),
        ranks_computed=draw(st.sampled_from([None, True, False])),
    )


@given(facts())
def test_a_tree_moves_only_along_the_table(tree: TreeFacts) -> None:
    after = next_state(tree)
    assert after is tree.state or (tree.state, after) in EDGES


@given(facts())
def test_settling_ends_and_settling_again_changes_nothing(tree: TreeFacts) -> None:
    settled = replace(tree, state=settled_state(tree))
    assert next_state(settled) is settled.state
    assert settled_state(settled) is settled.state


@given(facts())
def test_what_is_over_stays_over(tree: TreeFacts) -> None:
    if tree.state in TERMINAL_STATES:
        assert settled_state(tree) is tree.state


@given(facts())
def test_a_tree_without_messages_asks_nothing_of_people(tree: TreeFacts) -> None:
    emptied = replace(tree, messages=0, accepted=0, awaiting_review=0)
    assert settled_state(emptied) not in {S.initial_prompt_review, S.growing, S.ranking}


@given(facts())
def test_an_unhalted_tree_stands_where_it_would_have_come_by_itself(tree: TreeFacts) -> None:
    halted = replace(tree, state=S.halted_by_moderator)
    start = S.growing if tree.won_lottery else S.initial_prompt_review
    assert unhalted_state(halted) is settled_state(replace(tree, state=start))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FRESH, S.initial_prompt_review),
        (ACCEPTED, S.prompt_lottery_waiting),
        (replace(FRESH, root_verdict=False, awaiting_review=0), S.aborted_low_grade),
        (replace(FRESH, messages=0, awaiting_review=0), S.halted_by_moderator),
        (replace(ACCEPTED, won_lottery=True), S.growing),
        (GROWING, S.growing),
        (replace(GROWING, messages=0, accepted=0), S.halted_by_moderator),
        (replace(GROWN, messages=5, awaiting_review=1), S.growing),
        (replace(GROWN, rankable_parents=1, open_parents=1), S.ranking),
        (replace(GROWN, rankable_parents=1), S.ready_for_scoring),
        (GROWN, S.ready_for_scoring),
        (replace(GROWN, ranks_computed=True), S.ready_for_export),
        (replace(GROWN, ranks_computed=False), S.scoring_failed),
        (replace(GROWN, state=S.scoring_failed, ranks_computed=True), S.ready_for_export),
    ],
)
def test_the_life_of_a_tree(before: TreeFacts, after: TreeState) -> None:
    assert settled_state(before) is after


def test_a_single_accepted_prompt_can_be_a_whole_tree() -> None:
    assert settled_state(replace(GROWING, goal_tree_size=1)) is S.ready_for_scoring


@pytest.mark.parametrize(
    ("state", "won", "after"),
    [
        (S.halted_by_moderator, True, S.growing),
        (S.halted_by_moderator, False, S.prompt_lottery_waiting),
        (S.aborted_low_grade, True, S.growing),
        (S.ready_for_export, True, S.ready_for_export),
        (S.backlog_ranking, False, S.backlog_ranking),
    ],
)
def test_unhalting(state: TreeState, won: bool, after: TreeState) -> None:  # noqa: FBT001 - a parameter of pytest
    assert unhalted_state(replace(ACCEPTED, state=state, won_lottery=won)) is after


def test_a_waiting_prompt_can_not_be_halted() -> None:
    assert {state for state in TreeState if not can_halt(state)} == {S.prompt_lottery_waiting}


def test_the_backlog_goes_to_ranking_if_there_is_something_to_rank() -> None:
    backlog = replace(GROWN, state=S.backlog_ranking)
    assert activated_state(replace(backlog, rankable_parents=1)) is S.ranking
    assert activated_state(backlog) is S.aborted_low_grade


def test_late_replies_are_kept_while_the_tree_lives_or_is_finished() -> None:
    kept = {S.growing, S.ranking, S.ready_for_scoring, S.ready_for_export}
    assert {state for state in TreeState if accepts_replies(state)} == kept


def test_states_in_which_a_tree_is_worked_on() -> None:
    assert {S.initial_prompt_review, S.growing, S.ranking, S.ready_for_scoring} == ACTIVE_STATES


@pytest.mark.parametrize("state", TreeState)
def test_flags_and_skips_act_only_at_their_limit_and_in_young_trees(state: TreeState) -> None:
    young = state in {S.initial_prompt_review, S.growing}
    assert flag_action(state, is_root=True, red_flags=3, limit=4) is None
    assert skip_action(state, skips=24, limit=25) is None
    assert flag_action(state, is_root=True, red_flags=4, limit=4) is (
        ModerationAction.abort_tree if young else None
    )
    assert flag_action(state, is_root=False, red_flags=5, limit=4) is (
        ModerationAction.delete_reply if young else None
    )
    assert skip_action(state, skips=25, limit=25) is (ModerationAction.halt_tree if young else None)


EXTENDIBLE = ParentFacts(
    state=S.growing,
    goal_tree_size=12,
    in_tree=5,
    accepted=True,
    deleted=False,
    is_assistant=False,
    depth=0,
    max_depth=3,
    children=2,
    max_children_count=3,
    num_prompter_replies=1,
)


def test_a_parent_with_room_takes_a_reply() -> None:
    assert can_extend(EXTENDIBLE)


@pytest.mark.parametrize(
    "closed",
    [
        *[replace(EXTENDIBLE, state=state) for state in TreeState if state is not S.growing],
        replace(EXTENDIBLE, accepted=False),
        replace(EXTENDIBLE, deleted=True),
        replace(EXTENDIBLE, in_tree=12),
        replace(EXTENDIBLE, depth=3),
        replace(EXTENDIBLE, children=3),
        replace(EXTENDIBLE, is_assistant=True, children=1),
    ],
)
def test_a_parent_without_room_takes_none(closed: ParentFacts) -> None:
    assert not can_extend(closed)


def test_a_goal_is_drawn_between_its_bounds() -> None:
    rng = random.Random(1)  # noqa: S311 - sizes of trees, not secrets
    assert {draw_goal(7, 5, rng) for _ in range(100)} == {5, 6, 7}
    assert draw_goal(3, 5, rng) == 3


@dataclass
class Post:
    """A message of the grown tree."""

    depth: int
    parent: "Post | None"
    verdict: bool | None = None
    reviews: list[dict[str, float]] = field(default_factory=list)
    replies: list["Post"] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        return self.verdict is not False


def capacity(depth: int, children: int, prompter_replies: int) -> int:
    """Count the messages that fit a tree, level by level."""
    levels = [1]
    for level in range(depth):
        levels.append(levels[-1] * (prompter_replies if level % 2 else children))
    return sum(levels)


@given(
    goal=st.integers(1, 20),
    depth=st.integers(0, 4),
    children=st.integers(1, 3),
    prompter_replies=st.integers(0, 2),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_tree_grows_to_its_goal_and_never_beyond_its_limits(
    goal: int, depth: int, children: int, prompter_replies: int, seed: int
) -> None:
    """People write and review in any order; a third of what they write is rejected."""
    # Drawn by Hypothesis itself, rejections would come in rows of hundreds.
    rng = random.Random(seed)  # noqa: S311  # a play that repeats
    root = Post(0, None, verdict=True)
    posts = [root]

    def tree() -> TreeFacts:
        accepted = sum(post.verdict is True for post in posts)
        return TreeFacts(
            state=S.growing,
            # Where depth and width are used up, the tree has the size that it can have.
            goal_tree_size=goal if any(map(extendible, posts)) else min(goal, accepted),
            messages=len(posts),
            accepted=accepted,
            awaiting_review=sum(post.verdict is None for post in posts),
            root_verdict=True,
            won_lottery=True,
        )

    def extendible(post: Post) -> bool:
        return can_extend(
            ParentFacts(
                state=S.growing,
                goal_tree_size=goal,
                in_tree=sum(other.counts for other in posts),
                accepted=post.verdict is True,
                deleted=False,
                is_assistant=post.depth % 2 == 1,
                depth=post.depth,
                max_depth=depth,
                children=sum(reply.counts for reply in post.replies),
                max_children_count=children,
                num_prompter_replies=prompter_replies,
            )
        )

    while settled_state(tree()) is S.growing:
        work = [post for post in posts if post.verdict is None or extendible(post)]
        assert work, "the tree has not grown, and there is nothing to do"
        post = rng.choice(work)
        if post.verdict is None:
            post.reviews.append({"spam": float(rng.random() < 1 / 3)})
            post.verdict = review_verdict(post.reviews, required=2, threshold=0.6)
        else:
            reply = Post(post.depth + 1, post)
            post.replies.append(reply)
            posts.append(reply)
    accepted = [post for post in posts if post.verdict]
    assert len(accepted) == min(goal, capacity(depth, children, prompter_replies))
    for post in accepted:
        own = sum(reply.verdict is True for reply in post.replies)
        assert own <= (prompter_replies if post.depth % 2 else children)
        assert post.depth <= depth
