"""Says whether there is anything to see in a text."""

import unicodedata
from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"})
_FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing: Hangul fillers and the empty Braille pattern."""


def is_blank(text: str) -> bool:
    """Return whether a text has only spaces, characters without a width, and marks that stand on nothing."""
    return all(char in _FILLERS or unicodedata.category(char) in _UNSEEN for char in text)
