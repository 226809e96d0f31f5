"""People's names as they stand on a board: one line, nothing invisible, a sensible length, no markdown."""

import unicodedata
from typing import Final

from bot.limits import trim
from bot.rendering.markdown import escape

NAME_LENGTH: Final = 40
"""UTF-16 units of a name that is shown; Discord's own display names have at most 32."""

_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs"})
_JOINER: Final = "\u200d"


def safe_name(name: str) -> str:
    """Return a name as text that renders as itself and does nothing; never empty.

    Invisible characters (they turn the text around or break lines) go, except the one that joins emoji.
    """
    visible = "".join(
        " " if char.isspace() else char
        for char in name
        if char.isspace() or char == _JOINER or unicodedata.category(char) not in _HIDDEN
    )
    short = trim(" ".join(visible.split()), NAME_LENGTH)
    return escape(short) if short.strip(_JOINER) else "?"
