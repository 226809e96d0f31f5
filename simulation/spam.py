"""What careless or ill-meaning members send, for reviews to keep out. All of it is made up."""

from collections.abc import Iterator

__all__ = ["spam_texts"]

_OPENINGS = (
    "asdf asdf asdf lol",
    "FIRST!!! follow me for more",
    "Buy cheap pixel hats today, only while stocks last",
    "bla bla bla bla bla",
    "I am only here for the points",
    "qwertyuiop qwertyuiop",
    "Click here to win a free toaster, trust me",
    "no idea, whatever, next",
)
_CLOSINGS = (
    "zzz",
    "hehe",
    "!!!11",
    "copy and paste",
    "hats hats hats",
    "ok bye",
    "(sent from my toaster)",
    "mwah",
)


def spam_texts() -> Iterator[str]:
    """Yield spam without end, each text once and none much like another one that is near it."""
    number = 0
    while True:
        opening = _OPENINGS[number % len(_OPENINGS)]
        closing = _CLOSINGS[(number + number // len(_OPENINGS)) % len(_CLOSINGS)]
        tail = f" {number + 1}" if number >= len(_OPENINGS) * len(_CLOSINGS) else ""
        yield f"{opening} {closing}{tail}"
        number += 1
