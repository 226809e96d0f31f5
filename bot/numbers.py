"""Reads numbers that custom_ids carry or people typed: anybody can send any."""

from typing import Final

_TOO_LARGE: Final = 2**63
"""Neither Discord's ids nor those of the database's rows are so large; SQLite does not take it."""

_DIGITS: Final = len(str(_TOO_LARGE))


def number_in(text: str) -> int | None:
    """Return a whole number from 0 that a database takes; None for any other text."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        return None
    number = int(text)
    return number if number < _TOO_LARGE else None
