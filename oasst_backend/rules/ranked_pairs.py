"""The consensus of rankings by ranked pairs (Tideman), and how far a ranking agrees with it.

Ties are broken by one rule that depends on nothing but the set of ballots: see `tie_order`.
"""

from collections.abc import Hashable, Sequence
from hashlib import sha256
from itertools import combinations, permutations
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def common_ids(ballots: Sequence[Sequence[T]]) -> frozenset[T]:
    """Give the candidates that every ballot ranks; none if there is no ballot.

    Raises:
        ValueError: a ballot names a candidate twice.
    """
    sets = [frozenset(ballot) for ballot in ballots]
    if any(len(names) < len(ballot) for names, ballot in zip(sets, ballots, strict=True)):
        raise ValueError("a ballot names a candidate twice")
    return frozenset[T]().union(*sets[:1]).intersection(*sets)


def tie_order(ballots: Sequence[Sequence[T]]) -> list[T]:
    """Put the common candidates in the order that breaks ties.

    1. The better mean place comes first;
    2. then who is first more often, then second more often, and so on;
    3. then a lot: the SHA-256 of the candidate's name beside the names of all candidates. It is the same on
       every machine, and, unlike the order of ids itself, favours neither older nor smaller ones.

    Raises:
        ValueError: a ballot names a candidate twice.
    """
    common = common_ids(ballots)
    places: dict[T, list[int]] = {candidate: [0] * len(common) for candidate in common}
    for ballot in _restricted(ballots, common):
        for place, candidate in enumerate(ballot):
            places[candidate][place] += 1
    names = "\n".join(sorted(str(candidate) for candidate in common))

    def key(candidate: T) -> tuple[int, list[int], bytes]:
        counts = places[candidate]
        sum_of_places = sum(place * count for place, count in enumerate(counts))
        lot = sha256(f"{candidate}\n\n{names}".encode()).digest()
        return sum_of_places, [-count for count in counts], lot

    return sorted(common, key=key)


def ranked_pairs(ballots: Sequence[Sequence[T]]) -> list[T]:
    """Find the consensus of ballots by ranked pairs.

    Each two candidates are compared by the ballots' majority. The comparisons are then fixed from the
    clearest margin to the narrowest, leaving out those that would contradict what is fixed already.

    Among equal margins the comparison goes first whose winner stands first in `tie_order`; in which order one
    winner's go makes no difference. Two candidates with as many ballots for as against are taken both ways,
    the way of `tie_order` first. So the result depends neither on the order of the ballots nor on chance.

    Args:
        ballots: each an order of candidates, best first. Only those that are on every ballot are compared.
            The names of candidates (`str`) must differ.

    Returns:
        The common candidates, best first.

    Raises:
        ValueError: a ballot names a candidate twice.
    """
    order = tie_order(ballots)
    turn = {candidate: place for place, candidate in enumerate(order)}
    margins: dict[tuple[T, T], int] = dict.fromkeys(permutations(order, 2), 0)
    for ballot in _restricted(ballots, frozenset(order)):
        for better, worse in combinations(ballot, 2):
            margins[better, worse] += 1
            margins[worse, better] -= 1
    pairs = sorted(
        (pair for pair, margin in margins.items() if margin >= 0),
        key=lambda pair: (-margins[pair], turn[pair[0]]),
    )
    below: dict[T, set[T]] = {candidate: set() for candidate in order}
    for better, worse in pairs:
        if better in below[worse]:
            continue
        gained = {worse} | below[worse]
        for candidate in order:
            if candidate == better or better in below[candidate]:
                below[candidate] |= gained
    # Every two candidates are compared, so who has the most below stands first.
    return sorted(order, key=lambda candidate: -len(below[candidate]))


def kendall_tau(a: Sequence[T], b: Sequence[T]) -> float:
    """Measure how far two orders agree on the candidates that both have.

    Returns:
        A number from -1 (one is the other turned round) to 1 (they are the same).

    Raises:
        ValueError: fewer than two candidates are in both, or one is named twice.
    """
    common = common_ids([a, b])
    pairs = len(common) * (len(common) - 1) // 2
    if pairs == 0:
        raise ValueError("two orders can be compared by two common candidates or more")
    first, second = _restricted([a, b], common)
    place = {candidate: index for index, candidate in enumerate(second)}
    swapped = sum(place[better] > place[worse] for better, worse in combinations(first, 2))
    return (pairs - 2 * swapped) / pairs


def _restricted(ballots: Sequence[Sequence[T]], kept: frozenset[T]) -> list[list[T]]:
    return [[candidate for candidate in ballot if candidate in kept] for ballot in ballots]
