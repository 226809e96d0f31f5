"""Which part of which board somebody looks at, and the versioned custom_ids that say so."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from oasst_client import LeaderboardTimeFrame

PREFIX: Final = "board:2:"

OWN_PAGE: Final = 0
"""Stands for the page on which the reader is."""

_ID: Final = re.compile(re.escape(PREFIX) + r"[a-z]+:([a-z]+):([a-z]+):([0-9]{1,7})")


class Scope(StrEnum):
    """Whose board it is: everybody's, or that of the people who finished a task on this server."""

    everywhere = "everywhere"
    server = "server"


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """What a reader wants to see.

    Attributes:
        period: the span that counts.
        scope: whose board.
        page: 1 is that of the first; OWN_PAGE that of the reader.
    """

    period: LeaderboardTimeFrame
    scope: Scope = Scope.everywhere
    page: int = 1

    def turned(self, page: int) -> "BoardChoice":
        """Give the same board at another page."""
        return replace(self, page=page)

    def custom_id(self, control: str) -> str:
        """Write it as a custom_id; `control` (letters) tells apart the buttons that lead to the same."""
        return f"{PREFIX}{control}:{self.period.value}:{self.scope.value}:{self.page}"


def parse_board_id(custom_id: str) -> BoardChoice | None:
    """Read a custom_id; None where it is none that was made here."""
    found = _ID.fullmatch(custom_id)
    if found is None:
        return None
    try:
        return BoardChoice(LeaderboardTimeFrame(found[1]), Scope(found[2]), int(found[3]))
    except ValueError:
        return None
