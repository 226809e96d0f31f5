"""Who disagrees with the others beyond chance, so that moderators can have a look.

A person's answer is compared with what the others say of the same thing. The null hypothesis is that the
person agrees as often as all others do together. Who agrees so much more rarely that chance would hardly make
it so is marked; a mark takes nothing from anybody, and goes when the numbers no longer bear it out.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import exp, fsum, lgamma, log, log1p
from typing import TypeVar

from oasst_backend.rules.ranked_pairs import common_ids, kendall_tau
from oasst_backend.rules.scoring import GOOD_RANKING_TAU, consensus

T = TypeVar("T", bound=Hashable)

MIN_COMPARISONS = 20
"""With fewer nobody is marked."""

SIGNIFICANCE = 0.01
"""A person is marked when chance would make it so more rarely than this."""

MIN_OTHERS = 2
"""Answers of others that a comparison needs: from one alone it could not be told who of the two is off."""

NEGLIGIBLE = 1e-18
"""A chance beside which `SIGNIFICANCE` stays the same number."""

SPAM_FROM = 0.5
"""The value of the label spam from which a reviewer takes a message for spam."""


@dataclass(frozen=True)
class Agreement:
    """How often something was compared, and how often it agreed; `agreed` is at most `compared`."""

    compared: int = 0
    agreed: int = 0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.compared + other.compared, self.agreed + other.agreed)

    def __sub__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.compared - other.compared, self.agreed - other.agreed)


def review_agrees(spam: float, others: Sequence[float]) -> bool | None:
    """Hold a review against the majority of the others: is the message spam or not?

    Args:
        spam: the label spam as this reviewer gave it, 0..1.
        others: the same of the other reviewers.

    Returns:
        Whether it agrees; None if the others are fewer than two or have no majority.
    """
    in_favour = sum(value >= SPAM_FROM for value in others)
    if len(others) < MIN_OTHERS or 2 * in_favour == len(others):
        return None
    return (spam >= SPAM_FROM) == (2 * in_favour > len(others))


def ballot_agrees(ballot: Sequence[T], others: Sequence[Sequence[T]]) -> bool | None:
    """Hold a ballot against the consensus of the others.

    The others have a consensus if, on the mean, their own ballots come near it: two that contradict each
    other have none, though ranked pairs give an order.

    Args:
        ballot: an order of replies, best first.
        others: the other ballots on replies to the same message.

    Returns:
        Whether it agrees, by a Kendall tau of 0.5 or more; None if the others are fewer than two, have no
        consensus, or have fewer than two replies in common with the ballot.
    """
    if len(others) < MIN_OTHERS:
        return None
    agreed = consensus(others)
    if agreed is None or len(common_ids([ballot, agreed])) < 2:  # noqa: PLR2004  # an order needs two
        return None
    if fsum(kendall_tau(other, agreed) for other in others) < GOOD_RANKING_TAU * len(others):
        return None
    return kendall_tau(ballot, agreed) >= GOOD_RANKING_TAU


def agreement_rate(others: Agreement) -> float:
    """Estimate how often people agree, by what the others did (Laplace's rule of succession).

    Returns:
        A number between 0 and 1, neither of them included; a half where nothing was compared yet.
    """
    return (others.agreed + 1) / (others.compared + 2)


def is_marked(own: Agreement, others: Agreement) -> bool:
    """Say whether a person disagrees with the others beyond chance.

    Args:
        own: the person's comparisons.
        others: those of everybody else.

    Returns:
        True after 20 comparisons or more, if as few agreements or fewer have a chance below 0.01.
    """
    rate = agreement_rate(others)
    if own.compared < MIN_COMPARISONS or own.agreed >= own.compared * rate:
        return False
    return binomial_lower_tail(own.compared, own.agreed, rate) < SIGNIFICANCE


def binomial_lower_tail(trials: int, successes: int, chance: float) -> float:
    """Give the chance of so many successes or fewer: P(X <= successes).

    Args:
        trials: how often it is tried, 0 or more.
        successes: at most so many succeed, 0..trials.
        chance: that one succeeds, between 0 and 1, neither included.

    Returns:
        The sum of the terms, each by its logarithm, without those too small to change it.
    """
    terms: list[float] = []
    for count in range(successes, -1, -1):
        ways = lgamma(trials + 1) - lgamma(count + 1) - lgamma(trials - count + 1)
        terms.append(exp(ways + count * log(chance) + (trials - count) * log1p(-chance)))
        # Below the mean the terms only shrink.
        if count < trials * chance and terms[-1] < NEGLIGIBLE:
            break
    return min(1.0, fsum(terms))
