"""Bars of text: how much of something there is, in a row of blocks of equal width."""

from typing import Final

WIDTH: Final = 12
"""Blocks of a bar; with its words beside it a line fits a telephone."""

_FULL, _EMPTY = "█", "░"


def bar(value: int, whole: int, width: int = WIDTH) -> str:
    """Draw a part of a whole as inline code, so that all bars are equally wide.

    Args:
        value: 0 or more; of anything above nothing at least one block is seen.
        whole: what the whole bar stands for, 1 or more; what is beyond it is not seen.
        width: blocks of the whole bar.
    """
    share = min(max(value, 0) / max(whole, 1), 1.0)
    full = max(round(share * width), 1 if value > 0 else 0)
    if share < 1.0:
        full = min(full, width - 1)
    return f"`{_FULL * full}{_EMPTY * (width - full)}`"
