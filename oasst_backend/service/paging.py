"""Reads long lists page by page, by a key and an id, so that the last page costs no more than the first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.storage.columns import AnyRow, UtcDateTime
from oasst_client import OasstErrorCode
from oasst_client.models import Page

ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Span:
    """Which part of a list is read.

    Attributes:
        max_count: how many rows at most.
        before: the `prev` of a page, for the rows in front of it.
        after: the `next` of a page, for the rows behind it.
        desc: newest first.
        sort_key: what the caller wants the list ordered by; None takes what there is.
    """

    max_count: int
    before: str | None = None
    after: str | None = None
    desc: bool = False
    sort_key: str | None = None


class Keys(NamedTuple):
    """The columns that a list is ordered by; both are among those that its statement selects.

    Attributes:
        key: moments or texts; its name is what callers name the order by.
        id: tells rows of the same key apart.
    """

    key: sa.ColumnElement[Any]
    id: sa.ColumnElement[Any]


@dataclass(frozen=True)
class PageRows:
    """A part of a list, and the cursors of its neighbours, None where the list ends."""

    rows: list[AnyRow]
    prev: str | None
    next: str | None
    order: str
    sort_key: str

    def of(self, items: list[ItemT]) -> Page[ItemT]:
        """Give the page in the protocol's shape, with what became of its rows."""
        return Page(prev=self.prev, next=self.next, sort_key=self.sort_key, order=self.order, items=items)


def read_page(connection: sa.Connection, statement: sa.Select[Any], keys: Keys, span: Span) -> PageRows:
    """Read a part of a list; with both cursors, what is between them.

    Args:
        connection: any connection.
        statement: selects the whole list.
        keys: what it is ordered by.
        span: which part.

    Raises:
        Refusal: the list cannot be ordered so (100), or a cursor is none (101).
    """
    if span.sort_key not in {None, keys.key.name}:
        raise Refusal(OasstErrorCode.sort_key_unsupported, f"This list is ordered by {keys.key.name} alone.")
    if span.before is not None:
        statement = statement.where(_beyond(keys, span.before, later=span.desc))
    if span.after is not None:
        statement = statement.where(_beyond(keys, span.after, later=not span.desc))
    backwards = span.before is not None and span.after is None
    newest_first = span.desc is not backwards
    order = [column.desc() if newest_first else column.asc() for column in keys]
    rows = list(connection.execute(statement.order_by(*order).limit(span.max_count + 1)))
    is_more = len(rows) > span.max_count
    rows = rows[: span.max_count]
    if backwards:
        rows.reverse()
    has_prev = is_more if backwards else span.after is not None
    has_next = is_more or span.before is not None if not backwards else True
    return PageRows(
        rows=rows,
        prev=_cursor(keys, rows[0]) if rows and has_prev else None,
        next=_cursor(keys, rows[-1]) if rows and has_next else None,
        order="desc" if span.desc else "asc",
        sort_key=keys.key.name,
    )


def _beyond(keys: Keys, cursor: str, *, later: bool) -> sa.ColumnElement[bool]:
    """Say which rows are later than a cursor, or earlier."""
    place = sa.tuple_(*keys)
    key, row_id = _parse(keys, cursor)
    bound = sa.tuple_(sa.literal(key, keys.key.type), sa.literal(row_id, keys.id.type))
    return place > bound if later else place < bound


def _cursor(keys: Keys, row: AnyRow) -> str:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to read by column
    key = values[keys.key]
    return f"{values[keys.id]}${key.isoformat() if isinstance(key, datetime) else key}"


def _parse(keys: Keys, cursor: str) -> tuple[datetime | str, str]:
    """Read a cursor.

    Raises:
        Refusal: it is none (101).
    """
    row_id, dollar, key = cursor.partition("$")
    try:
        if not dollar:
            raise ValueError  # noqa: TRY301  # as where a part cannot be read
        row_id = str(UUID(row_id))
        if not isinstance(keys.key.type, UtcDateTime):
            return key, row_id
        # A plus that was not escaped in a query arrives as a space.
        return utc(datetime.fromisoformat(key.replace(" ", "+"))), row_id
    except ValueError:
        raise Refusal(
            OasstErrorCode.invalid_cursor_value, "A cursor is the prev or next of a page, unchanged."
        ) from None


def utc(moment: datetime) -> datetime:
    """Give a moment in UTC; one without a time zone is taken for UTC.

    Raises:
        ValueError: it falls out of the calendar.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This moment is outside of the calendar.") from None
