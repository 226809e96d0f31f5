"""Recognising a text after it went through embeds: what a rendering may change does not count."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

from rapidfuzz import fuzz, process

__all__ = ["closest", "normalised"]

# Escapes, code fences reopened after a split, spaces at a split, and the marks that keep a mention inert.
_DROPPED = re.compile(r"[\s\\`\u200b\u200c\u200d\u2060\ufeff]+")

CLOSE_ENOUGH = 88.0
"""The similarity (0..100) from which two texts count as the same, where no text is equal."""

T = TypeVar("T")


def normalised(text: str) -> str:
    """Return the text without whitespace, backslashes, backticks and invisible characters, in NFC."""
    return unicodedata.normalize("NFC", _DROPPED.sub("", text))


def closest(text: str, known: Mapping[T, str] | Iterable[tuple[T, str]]) -> T | None:
    """Return the thing whose text is meant.

    Args:
        text: a text as somebody sees it.
        known: things with their normalised texts.

    Returns:
        The first thing with an equal text; else the most similar one from `CLOSE_ENOUGH` on; else None.
    """
    key = normalised(text)
    choices = dict(known)
    for thing, other in choices.items():
        if other == key:
            return thing
    best = process.extractOne(key, choices, scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    return None if best is None else best[2]
