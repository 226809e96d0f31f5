"""A page of a board as values: rows with their places, what is around the reader, and how it was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final, NamedTuple, Self
from uuid import UUID

from oasst_client import AuthMethod, User, UserScore

ROWS: Final = 10
"""Rows of a page; with names cut they fit an embed with room to spare."""

AROUND: Final = 2 * ROWS + 1
"""Rows read around the reader's own: the whole page that it is on is among them, and one more."""

NEIGHBOURS: Final = 2
"""Rows shown on each side of the reader's own, where that is on another page."""


class Source(Enum):
    """What a board was made of."""

    everywhere = auto()
    server = auto()
    server_of_top = auto()
    """The first of everywhere's board, without those who did nothing on the server."""


class Placed(NamedTuple):
    """A row with its place, 1 the best."""

    place: int
    score: UserScore


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A page of a board.

    Attributes:
        number: 1 is that of the first.
        rows: its rows, ROWS at most.
        has_more: whether there is a next page that can be read.
        around: the rows around the reader's own, theirs included; empty where they are on no board.
        own_place: the reader's place; None where they are on no board.
        hidden: whether the reader has hidden themselves.
        source: what it was made of.
        updated: when the board was counted; None where the backend does not say.
        is_cut: whether the reader's own row was looked for among the first of the board alone.
    """

    number: int
    rows: Sequence[Placed]
    has_more: bool
    around: Sequence[Placed]
    own_place: int | None
    hidden: bool
    source: Source
    updated: datetime | None = None
    is_cut: bool = False

    @property
    def shows_reader(self) -> bool:
        """Whether the reader's own row is among the rows."""
        return self.own_place in {row.place for row in self.rows}

    @property
    def neighbours(self) -> Sequence[Placed]:
        """The reader's own row and those next to it, without those that stand on the page anyway."""
        own = self.own_place
        if own is None or self.shows_reader:
            return ()
        shown = {row.place for row in self.rows}
        return [row for row in self.around if abs(row.place - own) <= NEIGHBOURS and row.place not in shown]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a board.

    Attributes:
        user: as the backend is told of them.
        user_id: what the backend calls them; None where it knows no such person, or nobody can tell.
        is_new: whether the backend says that it knows no such person.
        hidden: whether they have hidden themselves.
    """

    user: User
    user_id: UUID | None = None
    is_new: bool = False
    hidden: bool = False

    @property
    def known(self) -> User | None:
        """Who the backend can be told looks at a board."""
        return None if self.user_id is None else self.user

    def is_at(self, score: UserScore) -> bool:
        """Whether a row is theirs: older backends highlight nobody, so that the frontend's id tells, too."""
        return score.highlighted or (
            score.auth_method == AuthMethod.discord and score.username == self.user.id
        )

    def place_in(self, rows: Iterable[Placed]) -> int | None:
        """Give their place, if it is among the rows."""
        return next((row.place for row in rows if self.is_at(row.score)), None)


class Stretch(NamedTuple):
    """Neighbouring rows of a board, in their order, and when the board was counted."""

    rows: Sequence[Placed]
    updated: datetime | None = None

    @classmethod
    def of(
        cls, scores: Iterable[UserScore], updated: datetime | None = None, *, first: int | None = 1
    ) -> Self:
        """Give rows their places: counted from `first`, or, without one, as the backend ranks them."""
        if first is None:
            return cls([Placed(score.rank, score) for score in scores if score.rank is not None], updated)
        return cls([Placed(place, score) for place, score in enumerate(scores, start=first)], updated)

    def page(self, number: int) -> tuple[Sequence[Placed], bool]:
        """Cut a page out; gives its rows, and whether more come after them."""
        first, last = span_of(number)
        return [row for row in self.rows if first <= row.place <= last], any(
            row.place > last for row in self.rows
        )

    def around(self, place: int | None) -> Sequence[Placed]:
        """Give the rows around a place; none where there is no place."""
        if place is None:
            return ()
        return [row for row in self.rows if abs(row.place - place) <= AROUND // 2]


def span_of(page: int) -> tuple[int, int]:
    """Give the first and the last place of a page."""
    return (page - 1) * ROWS + 1, page * ROWS


def page_with(place: int | None) -> int:
    """Give the page that a place is on; the first where there is no place."""
    return 1 if place is None else (place - 1) // ROWS + 1
