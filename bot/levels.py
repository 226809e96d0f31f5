"""The levels that points lead to, and how far it is to the next one."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

THRESHOLDS: Final[tuple[int, ...]] = tuple(
    round(sum(1.1521 * step + 3 for step in range(1, number + 1))) for number in range(100)
)
"""The points at which each level begins, by the protocol's rule: level 1 at 0, level 100 at the last."""

BAR_CELLS: Final = 12


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody has come.

    Attributes:
        level: 1 to 100.
        missing: the points to the next level; None on the last one.
        share: of the way from this level to the next, 0 to 1.
    """

    level: int
    missing: int | None
    share: float


def progress(points: int) -> Progress:
    """Say on which level so many points are, and how far it is to the next; below 0 counts as 0."""
    points = max(points, 0)
    level = bisect_right(THRESHOLDS, points)
    if level == len(THRESHOLDS):
        return Progress(level, None, 1.0)
    start, end = THRESHOLDS[level - 1], THRESHOLDS[level]
    return Progress(level, end - points, (points - start) / (end - start))


def bar(share: float, cells: int = BAR_CELLS) -> str:
    """Draw a share, 0 to 1, as a bar; it is full only at 1."""
    full = min(int(share * cells), cells)
    return "▰" * full + "▱" * (cells - full)
