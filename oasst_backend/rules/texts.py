"""When two texts count as the same, or nearly so: pure functions over strings of any script."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

SHORT_TEXT = 20
"""Below so many characters only equal texts count as the same.

In a short text one letter may turn the meaning (`yes`/`yet`, `3 cats`/`4 cats`) and already moves the
ratio by a tenth; two short answers that are much alike are no sign that somebody hands in one text twice.
"""

_TELLING = frozenset("#%&*/@\\_‰§")
"""Marks that belong to what is said (C#, 50%, a/b, *.txt) although Unicode counts them as punctuation."""

_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def normalised(text: str) -> str:
    """Give what two texts have in common that differ only in how they are typed.

    Compatibility forms are unified (NFKC), case is folded, runs of white space become one space, and
    punctuation, zero-width and control characters go. A mark before a digit stays (3.5, 12 / 4, -5), as do
    marks that belong to what is said (C#, 50%). Letters, digits, combining marks and symbols of all scripts
    stay, emoji included. A text of nothing but punctuation keeps it, so the result is empty only for an empty
    text.
    """
    folded = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())
    bare = " ".join(_without_marks(folded).split())
    return bare or folded or text


def similarity(a: str, b: str, threshold: float) -> float:
    """Compare two texts that were normalised.

    Args:
        a: a normalised text.
        b: another one.
        threshold: the similarity from 0 to 1 below which nobody cares how alike they are.

    Returns:
        From 0 to 1: twice the length of what they have in common, in order, by the length of both. 0 where it
        is below the threshold; for a short text 1 or 0, see `SHORT_TEXT`.
    """
    if a == b:
        return 1.0
    if min(len(a), len(b)) < SHORT_TEXT:
        return 0.0
    return fuzz.ratio(a, b, score_cutoff=100 * threshold) / 100


def _without_marks(text: str) -> str:
    """Take out what cannot be seen, and punctuation but for marks that a digit follows."""
    used = set(text)
    for character in filter(_is_invisible, used):
        text = text.replace(character, "")
    # A character class made for this text alone is much faster than one of all marks of Unicode.
    marks = "".join(sorted(filter(_is_punctuation, used)))
    return re.sub(rf"[{re.escape(marks)}](?! ?\d)", "", text) if marks else text


@lru_cache(4096)
def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P") and character not in _TELLING


@lru_cache(4096)
def _is_invisible(character: str) -> bool:
    return (unicodedata.category(character) in {"Cc", "Cf"} and not character.isspace()) or any(
        ord(character) in selectors for selectors in _VARIATION_SELECTORS
    )
