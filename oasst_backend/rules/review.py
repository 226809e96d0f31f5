"""Whether reviewers accept a message."""

from collections.abc import Mapping, Sequence
from math import fsum


def acceptance(labels: Sequence[Mapping[str, float]]) -> float:
    """Measure how far reviewers take a message: 1 - (mean spam + mean lang_mismatch).

    Args:
        labels: the labels of each review, values in 0..1; a missing one counts 0.

    Returns:
        A number in -1..1; 1 is best.

    Raises:
        ValueError: there is no review.
    """
    if not labels:
        raise ValueError("a message without reviews has no acceptance")
    against = fsum(review.get(name, 0.0) for review in labels for name in ("spam", "lang_mismatch"))
    # One division at the end: 3 of 5 is then the very number that a threshold of 0.6 is.
    return (len(labels) - against) / len(labels)


def review_verdict(labels: Sequence[Mapping[str, float]], *, required: int, threshold: float) -> bool | None:
    """Decide about a message that is still under review.

    Only the first `required` reviews count, so that reviews which come late cannot turn the verdict.

    Args:
        labels: the labels of each review, in the order in which they came.
        required: how many reviews decide, at least 1.
        threshold: the acceptance that must be exceeded.

    Returns:
        Whether the message is accepted, or None while reviews are missing.
    """
    if len(labels) < required:
        return None
    return acceptance(labels[:required]) > threshold
