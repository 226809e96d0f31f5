"""People's names as the bot shows them: one line, nothing invisible, a sensible length, no markdown."""

import unicodedata
from typing import Final

from bot.limits import trim
from bot.rendering.blank import is_blank
from bot.rendering.markdown import escape
from bot.store.personal import NOBODY
from bot.texts import Texts

NAME_LENGTH: Final = 40
"""UTF-16 units of a name that is shown; Discord's own display names have at most 32."""

_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs"})
_JOINER: Final = "\u200d"


def safe_name(name: str) -> str:
    """Return a name as text that renders as itself and does nothing; there is always something to see.

    Invisible characters (they turn the text around or break lines) go, except the one that joins emoji.
    """
    visible = "".join(
        " " if char.isspace() else char
        for char in name
        if char.isspace() or char == _JOINER or unicodedata.category(char) not in _HIDDEN
    )
    short = trim(" ".join(visible.split()), NAME_LENGTH)
    return "?" if is_blank(short) else escape(short)


def mention_of(user_id: int, texts: Texts) -> str:
    """Name a person of a record by a mention, which rings for nobody; who has left is somebody."""
    return texts("data.somebody") if user_id == NOBODY else f"<@{user_id}>"
