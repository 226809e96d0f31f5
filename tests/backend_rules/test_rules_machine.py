"""Whatever the people of a town do to their trees, in any order: the rules hold."""

import random
from collections import Counter
from typing import get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from oasst_backend.rules.selection import wanted_prompts
from oasst_backend.rules.trees import TERMINAL_STATES, TreeState
from oasst_backend.settings import TreeManagerSettings
from tests.backend.long_tests import LONG_TESTS, machine_settings
from tests.backend_rules.model_town import Town
from tests.backend_rules.model_trees import Kind, Message, Tree

MODERATED = {TreeState.initial_prompt_review, TreeState.growing}
PEOPLE = [f"person{number}" for number in range(7)]
KINDS: tuple[Kind, ...] = get_args(Kind)

seeds = st.integers(0, 2**16)
people = st.sampled_from(PEOPLE)
crowds = st.lists(people, min_size=1, max_size=5)


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # choices that repeat


class RulesMachine(RuleBasedStateMachine):
    """A town; each rule is something that its people or moderators do."""

    @initialize(
        ranks_prompters=st.booleans(),
        depth=st.integers(1, 3),
        goal=st.integers(1, 7),
        reviews=st.integers(1, 3),
        rankings=st.integers(1, 3),
    )
    def found(self, *, ranks_prompters: bool, depth: int, goal: int, reviews: int, rankings: int) -> None:
        self.numbers = TreeManagerSettings(
            num_reviews_initial_prompt=reviews,
            num_reviews_reply=reviews,
            num_required_rankings=rankings,
            max_children_count=2,
            num_prompter_replies=2 if ranks_prompters else 1,
            rank_prompter_replies=ranks_prompters,
            goal_tree_size=goal,
            max_tree_depth=depth,
            max_active_trees=2,
            max_initial_prompt_review=3,
            max_prompt_lottery_waiting=4,
            auto_mod_red_flags=2,
            auto_mod_max_skip_reply=3,
        )
        self.town = Town(self.numbers)
        self.before: dict[Tree, tuple[TreeState, int]] = {}
        self.verdicts: dict[Message, bool] = {}

    def work(self, crowd: list[str], kind: Kind, seed: int, spam: float = 0.1) -> None:
        chance = chance_of(seed)
        for person in crowd:
            if hand := self.town.take(person, kind, chance):
                if kind == "prompt":
                    self.no_prompt_is_asked_for_without_a_place()
                self.town.answer(hand, chance, spam=chance.random() < spam)

    def no_prompt_is_asked_for_without_a_place(self) -> None:
        places = self.town.places()
        missing = max(0, places.max_growing - places.growing)
        assert places.in_review <= places.max_in_review + missing
        assert places.waiting < places.max_waiting

    @rule(crowd=crowds, seed=seeds)
    def prompt(self, crowd: list[str], seed: int) -> None:
        self.work(crowd, "prompt", seed)

    @rule(crowd=crowds, seed=seeds)
    def reply(self, crowd: list[str], seed: int) -> None:
        self.work(crowd, "reply", seed)

    @rule(crowd=crowds, seed=seeds, spam=st.sampled_from([0.0, 0.1, 0.6]))
    def label(self, crowd: list[str], seed: int, spam: float) -> None:
        self.work(crowd, "review", seed, spam)

    @rule(crowd=crowds, seed=seeds)
    def rank(self, crowd: list[str], seed: int) -> None:
        self.work(crowd, "ranking", seed)

    @rule(seed=seeds)
    def all_work_for_a_while(self, seed: int) -> None:
        chance = chance_of(seed)
        for _ in range(60):
            self.work([chance.choice(PEOPLE)], chance.choice(KINDS), chance.randrange(2**16))

    @rule(crowd=crowds, seed=seeds)
    def hold(self, crowd: list[str], seed: int) -> None:
        chance = chance_of(seed)
        for person in crowd:
            for kind in KINDS:
                self.town.take(person, kind, chance)

    @precondition(lambda self: self.town.hands)
    @rule(seed=seeds, spam=st.booleans())
    def answer_held(self, seed: int, *, spam: bool) -> None:
        chance = chance_of(seed)
        for hand in chance.sample(self.town.hands, min(3, len(self.town.hands))):
            self.town.answer(hand, chance, spam=spam)

    @rule(crowd=crowds, kind=st.sampled_from(KINDS), seed=seeds)
    def skip(self, crowd: list[str], kind: Kind, seed: int) -> None:
        for person in crowd:
            hand = self.town.take(person, kind, chance_of(seed))
            if hand is None:
                continue
            is_moderated = hand.tree is not None and hand.tree.state in MODERATED
            self.town.skip(hand)
            if hand.kind == "reply" and is_moderated and hand.tree and hand.subject:
                is_over = len(hand.subject.replies_skipped) >= self.numbers.auto_mod_max_skip_reply
                assert (hand.tree.state is TreeState.halted_by_moderator) == is_over

    @precondition(lambda self: self.town.hands)
    @rule()
    def expire(self) -> None:
        """Nothing that is in somebody's hand is kept for them any longer."""
        for hand in self.town.hands:
            hand.reserved = False

    @precondition(lambda self: self.town.trees)
    @rule(person=people, seed=seeds)
    def flag(self, person: str, seed: int) -> None:
        tree, message = self.some_message(seed)
        is_new = person not in message.flags
        is_moderated = tree.state in MODERATED
        was_deleted = message.deleted
        self.town.flag(tree, message, person)
        is_over = is_new and is_moderated and len(message.flags) >= self.numbers.auto_mod_red_flags
        if message.depth == 0:
            assert (tree.state is TreeState.aborted_low_grade) == is_over or not is_moderated
        else:
            assert message.deleted == (is_over or was_deleted)

    @precondition(lambda self: self.town.trees)
    @rule(seed=seeds)
    def delete(self, seed: int) -> None:
        self.town.delete(*self.some_message(seed))

    @precondition(lambda self: any(m.deleted for tree in self.town.trees for m in tree.messages))
    @rule(seed=seeds)
    def restore(self, seed: int) -> None:
        found = [(tree, m) for tree in self.town.trees for m in tree.messages if m.deleted]
        self.town.restore(*chance_of(seed).choice(found))

    @precondition(lambda self: self.town.trees)
    @rule(seed=seeds)
    def halt(self, seed: int) -> None:
        self.town.set_halted(self.some_message(seed)[0], halt=True)

    @precondition(lambda self: self.town.trees)
    @rule(seed=seeds)
    def resume(self, seed: int) -> None:
        self.town.set_halted(self.some_message(seed)[0], halt=False)

    @rule(person=people)
    def disable(self, person: str) -> None:
        self.town.disable(person)

    @rule()
    def enable(self) -> None:
        self.town.disabled.clear()

    def some_message(self, seed: int) -> tuple[Tree, Message]:
        return chance_of(seed).choice([(tree, m) for tree in self.town.trees for m in tree.messages])

    # What holds after each of these

    @invariant()
    def no_message_has_too_much(self) -> None:
        for tree in self.town.trees:
            assert sum(m.alive and not m.restored for m in tree.messages) <= tree.goal
            for message in tree.messages:
                assert len(message.reviews) <= self.town.required(message)
                replies = [child for child in message.children if child.alive and not child.restored]
                assert len(replies) <= self.town.room(message)
                assert message.depth <= self.numbers.max_tree_depth

    @invariant()
    def rankings_were_needed_and_count_once(self) -> None:
        for tree in self.town.trees:
            for parent in tree.messages:
                ranked: Counter[Message] = Counter()
                for _, order in parent.ballots:
                    assert min(ranked[reply] for reply in order) < self.numbers.num_required_rankings
                    ranked.update(order)
                assert all(child.ranked == ranked[child] for child in parent.children)

    @invariant()
    def nobody_judges_their_own_or_twice(self) -> None:
        for tree in self.town.trees:
            for message in tree.messages:
                reviewers = [person for person, _ in message.reviews]
                assert message.author not in reviewers
                assert len(set(reviewers)) == len(reviewers)
                voters = [person for person, _ in message.ballots]
                assert len(set(voters)) == len(voters)
                assert not any(reply.author == person for person, order in message.ballots for reply in order)

    @invariant()
    def what_has_ended_stays_and_verdicts_stand(self) -> None:
        for tree, (state, moderated) in self.before.items():
            if state in TERMINAL_STATES and tree.moderated == moderated:
                assert tree.state is state
        self.before = {tree: (tree.state, tree.moderated) for tree in self.town.trees}
        verdicts = {m: m.verdict for tree in self.town.trees for m in tree.messages if m.verdict is not None}
        assert all(verdicts.get(message) is verdict for message, verdict in self.verdicts.items())
        self.verdicts = verdicts

    @invariant()
    def no_tree_waits_for_what_cannot_come(self) -> None:
        """A tree that is worked on has work, or somebody has it in hand."""
        for tree in self.town.trees:
            messages = tree.messages
            if tree.state is TreeState.growing:
                assert any(
                    self.town.takes_reply(tree, m) or self.town.missing_reviews(tree, m) for m in messages
                ) or self.town.held("reply", tree=tree), "a growing tree has nothing to do"
            if tree.state is TreeState.ranking:
                assert any(self.town.missing_rankings(m) for m in messages)
            if tree.state in {TreeState.ranking, TreeState.ready_for_export} and not tree.resumed:
                assert not any(m.alive and m.verdict is None and not m.restored for m in messages)

    @invariant()
    def the_lottery_keeps_its_bounds(self) -> None:
        growing = [tree for tree in self.town.trees if tree.state is TreeState.growing]
        assert sum(not tree.resumed for tree in growing) <= self.numbers.max_active_trees
        assert all(tree.won for tree in growing)
        assert wanted_prompts(self.town.places()) >= 0

    @invariant()
    def finished_trees_are_ranked(self) -> None:
        for tree in self.town.trees:
            if tree.state is TreeState.ready_for_export and not any(
                m.deleted or m.restored for m in tree.messages
            ):
                for message in tree.messages:
                    ranks = [reply.rank for reply in self.town.rankable(message)]
                    assert sorted(rank for rank in ranks if rank is not None) == list(range(len(ranks)))


@pytest.mark.timeout(900 if LONG_TESTS else 120)
def test_the_rules_hold_whatever_happens() -> None:
    run_state_machine_as_test(RulesMachine, settings=machine_settings(examples=30, steps=40))
