"""Ranked pairs against brute force over every order of ties, and the tie rule as it is stated."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import combinations, combinations_with_replacement, groupby, permutations, product
from math import factorial, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oasst_backend.rules.ranked_pairs import common_ids, kendall_tau, ranked_pairs, tie_order

Ballots = list[list[str]]
Pair = tuple[str, str]
Locked = frozenset[Pair]


def margins(ballots: Ballots, names: Sequence[str]) -> dict[Pair, int]:
    return {
        (a, b): sum(1 if ballot.index(a) < ballot.index(b) else -1 for ballot in ballots)
        for a, b in permutations(names, 2)
    }


def tie_groups(ballots: Ballots, names: Sequence[str]) -> list[list[Pair]]:
    """Comparisons that are won, or even (these in both directions), grouped by margin, clearest first."""
    by_margin = margins(ballots, names)
    pairs = sorted((pair for pair in by_margin if by_margin[pair] >= 0), key=lambda pair: -by_margin[pair])
    return [list(group) for _, group in groupby(pairs, key=by_margin.__getitem__)]


def lock(locked: Locked, pair: Pair) -> Locked:
    """Fix one comparison and all that follows from it, unless the contrary is fixed already."""
    a, b = pair
    if (b, a) in locked:
        return locked
    above = {a} | {x for x, y in locked if y == a}
    below = {b} | {y for x, y in locked if x == b}
    return locked | {(x, y) for x in above for y in below}


def order_of(locked: Locked, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: -sum(x == name for x, _ in locked)))


def outcomes_literally(ballots: Ballots, names: Sequence[str]) -> set[tuple[str, ...]]:
    """Try every order of the comparisons within every group of ties, one by one."""
    found = set()
    for orders in product(*(permutations(group) for group in tie_groups(ballots, names))):
        locked: Locked = frozenset()
        for pair in (pair for order in orders for pair in order):
            locked = lock(locked, pair)
        found.add(order_of(locked, names))
    return found


def tie_orders(ballots: Ballots, names: Sequence[str]) -> int:
    return prod(factorial(len(group)) for group in tie_groups(ballots, names))


def outcomes(ballots: Ballots, names: Sequence[str]) -> set[tuple[str, ...]]:
    """Try every order of ties, following each set of fixed comparisons only once.

    What is fixed is all that matters for what can still be fixed, so this finds what the literal way finds.
    A set is kept as one mask a candidate: those below it.
    """
    index = {name: place for place, name in enumerate(names)}
    states: set[tuple[int, ...]] = {(0,) * len(names)}
    for group in tie_groups(ballots, names):
        pairs = [(index[a], index[b]) for a, b in group]
        seen, todo, states = set(states), list(states), set()
        while todo:
            below = todo.pop()
            undecided = [(a, b) for a, b in pairs if not (below[a] >> b | below[b] >> a) & 1]
            if not undecided:
                states.add(below)
            for a, b in undecided:
                gained = below[b] | 1 << b
                after = tuple(row | gained if k == a or row >> a & 1 else row for k, row in enumerate(below))
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
    return {tuple(sorted(names, key=lambda name: -state[index[name]].bit_count())) for state in states}


def by_the_stated_rule(ballots: Ballots, names: Sequence[str]) -> list[str]:
    """The documented rule, written down anew and as slowly as it reads."""
    lots = "\n".join(sorted(names))

    def tie_key(name: str) -> tuple[Fraction, list[int], bytes]:
        places = [ballot.index(name) for ballot in ballots]
        often = Counter(places)
        return (
            Fraction(sum(places), len(ballots)),
            [-often[place] for place in range(len(names))],
            sha256(f"{name}\n\n{lots}".encode()).digest(),
        )

    turn = sorted(names, key=tie_key)
    locked: Locked = frozenset()
    for group in tie_groups(ballots, names):
        # Ours takes one winner's comparisons in another order, which must not matter.
        for pair in sorted(sorted(group, reverse=True), key=lambda pair: turn.index(pair[0])):
            locked = lock(locked, pair)
    return list(order_of(locked, names))


@st.composite
def elections(draw: st.DrawFn, most: int = 6, ballots: int = 7) -> Ballots:
    names = "abcdef"[: draw(st.integers(2, most))]
    return draw(st.lists(st.permutations(list(names)), min_size=1, max_size=ballots))


@pytest.mark.parametrize(("candidates", "voters"), [(2, 4), (3, 4), (4, 1)])
def test_both_brute_forces_agree_and_hold_our_result(candidates: int, voters: int) -> None:
    names = "abcd"[:candidates]
    orders = [list(order) for order in permutations(names)]
    tried = 0
    for count in range(1, voters + 1):
        for ballots in combinations_with_replacement(orders, count):
            if tie_orders(list(ballots), names) > 800:
                continue
            tried += 1
            literal = outcomes_literally(list(ballots), names)
            assert literal == outcomes(list(ballots), names)
            assert tuple(ranked_pairs(ballots)) in literal
    assert tried >= 10


def test_every_election_of_three_ballots_and_four_candidates() -> None:
    orders = [list(order) for order in permutations("abcd")]
    for ballots in combinations_with_replacement(orders, 3):
        assert tuple(ranked_pairs(ballots)) in outcomes(list(ballots), "abcd")


@settings(max_examples=60, deadline=None)
@given(elections())
def test_the_result_is_reachable_by_some_order_of_ties(ballots: Ballots) -> None:
    reachable = outcomes(ballots, sorted(ballots[0]))
    result = tuple(ranked_pairs(ballots))
    assert result in reachable
    if len(reachable) == 1:
        assert {result} == reachable
    if tie_orders(ballots, sorted(ballots[0])) <= 1000:
        assert outcomes_literally(ballots, sorted(ballots[0])) == reachable


@pytest.mark.parametrize("seed", range(8))
def test_the_result_is_reachable_with_six_candidates_and_few_ballots(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - elections to try, not secrets
    ballots = [rng.sample("abcdef", 6) for _ in range(3 + seed % 3)]
    assert tuple(ranked_pairs(ballots)) in outcomes(ballots, "abcdef")


@given(elections())
def test_ties_are_broken_by_the_stated_rule(ballots: Ballots) -> None:
    assert ranked_pairs(ballots) == by_the_stated_rule(ballots, sorted(ballots[0]))


@given(elections(), st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_does_not_matter(ballots: Ballots, rng: random.Random) -> None:
    mixed = ballots.copy()
    rng.shuffle(mixed)
    assert ranked_pairs(mixed) == ranked_pairs(ballots)


@given(elections(), st.permutations(list("uvwxyz")))
def test_no_name_is_favoured_where_the_ballots_tell_all_apart(ballots: Ballots, others: list[str]) -> None:
    names = sorted(ballots[0])
    places = [sorted(ballot.index(name) for ballot in ballots) for name in names]
    if len({tuple(place) for place in places}) < len(names):
        return  # some would be told apart by lot alone
    renamed = dict(zip(names, others, strict=False))
    result = ranked_pairs([[renamed[name] for name in ballot] for ballot in ballots])
    assert result == [renamed[name] for name in ranked_pairs(ballots)]


def test_the_lot_favours_neither_smaller_nor_larger_ids() -> None:
    first = sum(
        ranked_pairs([[a, b], [b, a]])[0] == min(a, b) for a, b in combinations(map(str, range(40)), 2)
    )
    assert 0.4 < first / 780 < 0.6


@given(elections())
def test_what_all_agree_on_stays(ballots: Ballots) -> None:
    result = ranked_pairs(ballots)
    for (a, b), margin in margins(ballots, result).items():
        if margin == len(ballots):
            assert result.index(a) < result.index(b)


@given(elections())
def test_who_beats_everybody_is_first_and_who_loses_to_everybody_is_last(ballots: Ballots) -> None:
    result = ranked_pairs(ballots)
    by_margin = margins(ballots, result)
    for name in result:
        own = [by_margin[name, other] for other in result if other != name]
        if min(own) > 0:
            assert result[0] == name
        if max(own) < 0:
            assert result[-1] == name


@given(elections(), st.integers(2, 3))
def test_each_ballot_given_again_changes_nothing(ballots: Ballots, times: int) -> None:
    assert ranked_pairs(ballots * times) == ranked_pairs(ballots)


@given(st.permutations(list("abcdef")))
def test_one_ballot_is_the_result(ballot: list[str]) -> None:
    assert ranked_pairs([ballot]) == ballot


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), min_size=1, max_size=5))
def test_only_what_all_ballots_rank_is_compared(ballots: Ballots) -> None:
    shared = set(ballots[0]).intersection(*ballots)
    reduced = [[name for name in ballot if name in shared] for ballot in ballots]
    assert set(ranked_pairs(ballots)) == shared == common_ids(ballots)
    assert ranked_pairs(ballots) == ranked_pairs(reduced)


def test_the_textbook_cycle_loses_its_narrowest_comparison() -> None:
    ballots = [["a", "b", "c"]] * 7 + [["b", "c", "a"]] * 5 + [["c", "a", "b"]] * 4
    # a over b by 6, b over c by 8, c over a by 2: the last would close the circle.
    assert ranked_pairs(ballots) == ["a", "b", "c"]


def test_the_mean_place_decides_before_first_places() -> None:
    ballots = [["a", "b", "c"], ["b", "c", "a"]]
    assert tie_order(ballots) == ["b", "a", "c"]
    assert ranked_pairs(ballots) == ["b", "a", "c"]


def test_first_places_decide_between_equal_mean_places() -> None:
    # b and d stand at 1, 1, 1 and 0, 0, 3.
    assert tie_order([["d", "b", "a", "c"], ["d", "b", "c", "a"], ["a", "b", "c", "d"]])[:2] == ["d", "b"]


def test_six_candidates_that_are_all_even_can_end_in_any_order_and_end_in_one() -> None:
    ballots = [list("abcdef"), list("fedcba")]
    assert len(outcomes(ballots, "abcdef")) == 720
    assert len({tuple(ranked_pairs(order)) for order in (ballots, ballots[::-1])}) == 1


def test_no_ballots_give_no_result() -> None:
    assert ranked_pairs(list[list[str]]()) == []


@pytest.mark.parametrize("call", [ranked_pairs, tie_order, common_ids])
def test_a_name_twice_on_a_ballot_is_refused(call: Callable[[Ballots], object]) -> None:
    with pytest.raises(ValueError, match="twice"):
        call([["a", "b"], ["a", "a"]])


def naive_tau(a: Sequence[str], b: Sequence[str]) -> float:
    def signs() -> Iterator[int]:
        for x, y in combinations(a, 2):
            yield 1 if (a.index(x) - a.index(y)) * (b.index(x) - b.index(y)) > 0 else -1

    values = list(signs())
    return sum(values) / len(values)


@given(st.permutations(list("abcdef")), st.permutations(list("abcdef")))
def test_kendall_tau_is_its_definition(a: list[str], b: list[str]) -> None:
    tau = kendall_tau(a, b)
    assert tau == pytest.approx(naive_tau(a, b))
    assert -1 <= tau <= 1
    assert tau == kendall_tau(b, a)
    assert kendall_tau(a[::-1], b) == -tau


def test_kendall_tau_of_the_same_and_of_the_reverse() -> None:
    assert kendall_tau("abc", "abc") == 1
    assert kendall_tau("abc", "cba") == -1
    assert kendall_tau("abcd", "abdc") == pytest.approx(2 / 3)


def test_kendall_tau_looks_at_common_ids_alone() -> None:
    assert kendall_tau("axbyc", "cba") == -1
    with pytest.raises(ValueError, match="two common"):
        kendall_tau("ab", "bc")
