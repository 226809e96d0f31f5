"""Whose answers disagree with the others' beyond chance: by definition, and in simulated communities."""

import random
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.rules.agreement import (
    MIN_COMPARISONS,
    SIGNIFICANCE,
    Agreement,
    agreement_rate,
    ballot_agrees,
    binomial_lower_tail,
    is_marked,
    review_agrees,
)

ALL = Agreement(1000, 900)
"""What everybody else did, in most of the tests."""


@pytest.mark.parametrize(
    ("spam", "others", "agrees"),
    [
        (0, [0, 0], True),
        (1, [0, 0], False),
        (1, [1, 1, 0], True),
        (0.5, [1, 0.5], True),
        (0.4, [1, 0.5], False),
        (0, [1, 0], None),
        (1, [1, 1, 0, 0], None),
        (0, [0], None),
        (0, [], None),
    ],
)
def test_a_review_is_held_against_the_majority_of_the_others(
    spam: float,
    others: list[float],
    agrees: bool | None,  # noqa: FBT001  # a parameter of pytest
) -> None:
    assert review_agrees(spam, others) is agrees


@pytest.mark.parametrize(
    ("ballot", "others", "agrees"),
    [
        ("abc", ["abc", "abc"], True),
        ("abc", ["cba", "cba"], False),
        ("acb", ["abc", "abc"], False),  # tau is 1/3
        ("abdc", ["abcd", "abcd"], True),  # tau is 2/3
        ("ab", ["ab", "ba"], None),  # the others contradict each other
        ("abc", ["abc", "cba", "bac"], None),
        ("abc", ["abc", "abc", "bac"], True),
        ("abc", ["abc"], None),
        ("abc", [], None),
        ("ab", ["cd", "cd"], None),
        ("abx", ["aby", "ayb"], True),  # by what all have in common
        ("abc", ["ax", "ay"], None),
    ],
)
def test_a_ballot_is_held_against_the_consensus_of_the_others(
    ballot: str,
    others: list[str],
    agrees: bool | None,  # noqa: FBT001  # a parameter of pytest
) -> None:
    assert ballot_agrees(ballot, others) is agrees


@given(
    st.permutations(list("abcd")),
    st.lists(st.permutations(list("abcd")), max_size=5),
    st.randoms(use_true_random=False),
)
def test_in_which_order_the_others_came_does_not_matter(
    ballot: list[str], others: list[list[str]], rng: random.Random
) -> None:
    mixed = others.copy()
    rng.shuffle(mixed)
    assert ballot_agrees(ballot, others) is ballot_agrees(ballot, mixed)


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.fractions(min_value=Fraction(1, 60), max_value=Fraction(59, 60)),
)
def test_the_tail_is_the_sum_of_its_terms(trials: int, successes: int, chance: Fraction) -> None:
    successes = min(successes, trials)
    exact = sum(
        comb(trials, count) * chance**count * (1 - chance) ** (trials - count)
        for count in range(successes + 1)
    )
    assert binomial_lower_tail(trials, successes, float(chance)) == pytest.approx(float(exact), rel=1e-9)


def test_the_tail_of_very_many_trials() -> None:
    # Far below the mean nothing is left; at the mean it is about a half; at the end it is all.
    assert binomial_lower_tail(1_000_000, 500_000, 0.9) < 1e-100
    assert binomial_lower_tail(1_000_000, 900_000, 0.9) == pytest.approx(0.5, abs=0.01)
    assert binomial_lower_tail(1_000_000, 1_000_000, 0.9) == pytest.approx(1)


def test_the_rate_of_the_others_is_smoothed() -> None:
    assert agreement_rate(Agreement()) == 0.5
    assert agreement_rate(Agreement(8, 8)) == 0.9
    assert agreement_rate(Agreement(8, 0)) == 0.1
    assert Agreement(5, 3) + Agreement(2, 1) - Agreement(1, 0) == Agreement(6, 4)


def test_nobody_is_marked_by_fewer_than_twenty_comparisons() -> None:
    assert not is_marked(Agreement(19, 0), ALL)
    assert is_marked(Agreement(20, 0), ALL)


def test_a_mark_needs_less_than_one_chance_in_a_hundred() -> None:
    rate = agreement_rate(ALL)
    by_agreed = [is_marked(Agreement(40, agreed), ALL) for agreed in range(41)]
    assert by_agreed == [binomial_lower_tail(40, agreed, rate) < SIGNIFICANCE for agreed in range(41)]
    most = by_agreed.index(False) - 1
    assert by_agreed == [True] * (most + 1) + [False] * (40 - most)
    assert 20 < most < 36


def test_a_mark_goes_when_the_numbers_no_longer_bear_it_out() -> None:
    own = Agreement(30, 20)
    assert is_marked(own, ALL)
    assert not is_marked(own + Agreement(60, 60), ALL)
    # It goes, too, where the others turn out to agree as rarely.
    assert not is_marked(own, Agreement(1000, 650))


def test_who_agrees_more_often_than_the_others_is_never_marked() -> None:
    assert not any(is_marked(Agreement(count, count), Agreement(1000, 10)) for count in range(200))


def honest_review(rng: random.Random, *, spam: bool) -> float:
    """Find out what a message is; every tenth time it is misjudged."""
    return float(spam != (rng.random() < 0.1))


def honest_ballot(rng: random.Random) -> list[int]:
    """Put four replies in their true order; in every tenth ballot two of them change places by mistake."""
    order = [0, 1, 2, 3]
    if rng.random() < 0.1:
        first, second = rng.sample(range(4), 2)
        order[first], order[second] = order[second], order[first]
    return order


class Community:
    """People who answer in groups drawn anew each time; the last of them clicks at random."""

    def __init__(self, size: int, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  # a simulation that repeats
        self.clicker = size - 1
        self.known = [Agreement() for _ in range(size)]

    def note(self, person: int, agrees: bool | None) -> None:  # noqa: FBT001  # an outcome
        if agrees is not None:
            self.known[person] += Agreement(1, int(agrees))

    def review(self, reviewers: int) -> None:
        """Have one message reviewed; every fifth is spam."""
        spam = self.rng.random() < 0.2
        group = self.rng.sample(range(len(self.known)), reviewers)
        values = {
            person: self.rng.choice((0.0, 1.0))
            if person == self.clicker
            else honest_review(self.rng, spam=spam)
            for person in group
        }
        for person, value in values.items():
            self.note(person, review_agrees(value, [values[other] for other in group if other != person]))

    def rank(self, voters: int) -> None:
        """Have the replies to one message ranked."""
        group = self.rng.sample(range(len(self.known)), voters)
        ballots = {
            person: self.rng.sample(range(4), 4) if person == self.clicker else honest_ballot(self.rng)
            for person in group
        }
        for person, ballot in ballots.items():
            self.note(person, ballot_agrees(ballot, [ballots[other] for other in group if other != person]))

    def marked(self) -> set[int]:
        everybody = sum(self.known, Agreement())
        return {person for person, own in enumerate(self.known) if is_marked(own, everybody - own)}


@pytest.mark.parametrize("answers", ["review", "rank"])
def test_a_random_clicker_is_found_and_honest_people_are_not(answers: str) -> None:
    found = wrongly = honest = 0
    for seed in range(12):
        community = Community(40, seed)
        for _ in range(700):
            getattr(community, answers)(3)
        assert min(own.compared for own in community.known) >= MIN_COMPARISONS
        marked = community.marked()
        found += community.clicker in marked
        honest += len(community.known) - 1
        wrongly += len(marked - {community.clicker})
    assert found == 12
    # The level of the test is one in a hundred; of these 468 honest people five would be expected at most.
    assert honest == 468
    assert wrongly <= 5


def test_without_a_clicker_no_more_are_marked_than_chance_makes() -> None:
    wrongly = 0
    for seed in range(10):
        community = Community(50, seed)
        community.clicker = -1
        for _ in range(1000):
            community.review(3)
        wrongly += len(community.marked())
    assert wrongly <= 5, "of 500 people"
