"""Lists of people, by what frontends call them or by the names they show."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient
from oasst_backend.service.paging import Keys, Span, read_page
from oasst_backend.service.people import front_end_user
from oasst_backend.storage.tables import people
from oasst_client import FrontEndUser, OasstErrorCode, Page

_LAST = chr(0x10FFFF)
"""No text that begins with a prefix comes after the prefix and this."""

_ORDERS = {name: Keys(people.c[name], people.c.id) for name in ("username", "display_name")}


class Filters(NamedTuple):
    """Which people are listed.

    Attributes:
        search_text: how the name that the list is sorted by begins, as it is written; None for all.
        auth_method: only people that frontends know in this way.
    """

    search_text: str | None = None
    auth_method: str | None = None


def list_people(
    connection: sa.Connection,
    now: datetime,
    client: ApiClient,
    sort_key: str,
    filters: Filters,
    max_count: int,
) -> list[FrontEndUser]:
    """List people in the order of `username` or `display_name`; deleted ones are left out."""
    order = _ORDERS[sort_key]
    statement = _matching(order, filters).order_by(order.key, order.id).limit(max_count)
    return [front_end_user(row, now, client) for row in connection.execute(statement)]


def page_of_people(
    connection: sa.Connection, now: datetime, client: ApiClient, filters: Filters, span: Span
) -> Page[FrontEndUser]:
    """List people page by page; see `list_people`.

    Raises:
        Refusal: a list cannot be sorted so (100), or a cursor is none (101).
    """
    order = _ORDERS.get(span.sort_key or "username")
    if order is None:
        raise Refusal(
            OasstErrorCode.sort_key_unsupported, f"People are sorted by {' or '.join(_ORDERS)} alone."
        )
    found = read_page(connection, _matching(order, filters), order, span)
    return found.of([front_end_user(row, now, client) for row in found.rows])


def _matching(order: Keys, filters: Filters) -> sa.Select[Any]:
    statement = sa.select(people).where(~people.c.deleted)
    if filters.search_text:
        # A span of the index, which SQLite's LIKE could not use.
        end = filters.search_text + _LAST
        statement = statement.where(order.key >= filters.search_text, order.key < end)
    if filters.auth_method is not None:
        statement = statement.where(people.c.auth_method == filters.auth_method)
    return statement
