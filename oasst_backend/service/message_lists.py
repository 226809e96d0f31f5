"""Finds messages by who wrote them, when, in which language, and by what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.conversations import MessageRow, whole_messages
from oasst_backend.service.paging import Keys, Span, read_page
from oasst_backend.service.people import front_end_user
from oasst_backend.storage.tables import messages, people
from oasst_client import Message, OasstErrorCode
from oasst_client.models import Page

_KEYS = Keys(messages.c.created_date, messages.c.id)


@dataclass(frozen=True)
class MessageFilter:
    """Which messages are looked for; what is None or False leaves none out.

    Attributes:
        user_id: only this person's.
        auth_method: with `username`, only the person's whom a frontend calls so.
        username: see `auth_method`.
        api_client_id: only what came in with this key.
        start_date: none older.
        end_date: none newer.
        only_roots: only prompts.
        include_deleted: also deleted ones.
        lang: only those of this language.
        search: only texts that hold each of these words, in whatever case.
    """

    user_id: str | None = None
    auth_method: str | None = None
    username: str | None = None
    api_client_id: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    only_roots: bool = False
    include_deleted: bool = False
    lang: str | None = None
    search: str | None = None


def visible_client(client: ApiClient, wanted: str | None) -> str | None:
    """Give the key whose messages are listed: a key that is not trusted sees what came in with it alone.

    Raises:
        Refusal: it asks for those of another key (2).
    """
    if client.trusted:
        return wanted
    if wanted not in {None, client.id}:
        raise Refusal(
            OasstErrorCode.api_client_not_authorized, "Only a trusted key may list what others brought in."
        )
    return client.id


def list_messages(
    connection: sa.Connection, choice: MessageFilter, viewer_id: str | None, *, max_count: int, desc: bool
) -> list[Message]:
    """List messages by when they were written.

    Args:
        connection: any connection.
        choice: which.
        viewer_id: the person who looks, if one is named.
        max_count: how many at most.
        desc: the newest first.

    Raises:
        Refusal: a person is named by half (2012).
    """
    found = read_page(connection, _chosen(choice), _KEYS, Span(max_count, desc=desc))
    return whole_messages(connection, found.rows, viewer_id)


def message_page(
    connection: sa.Connection,
    context: Context,
    choice: MessageFilter,
    viewer_id: str | None,
    span: Span,
    *,
    authors_for: ApiClient | None,
) -> Page[Message]:
    """List a part of the messages by when they were written.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        choice: which.
        viewer_id: the person who looks, if one is named.
        span: which part.
        authors_for: the key that is also shown who wrote them; None leaves that out.

    Raises:
        Refusal: a person is named by half (2012), the sort key is unknown (100), or a cursor is none (101).
    """
    found = read_page(connection, _chosen(choice), _KEYS, span)
    items = whole_messages(connection, found.rows, viewer_id)
    if authors_for is not None:
        _add_authors(connection, context, authors_for, found.rows, items)
    return found.of(items)


def _chosen(choice: MessageFilter) -> sa.Select[Any]:
    conditions: list[sa.ColumnElement[bool]] = []
    if not choice.include_deleted:
        conditions.append(~messages.c.deleted)
    if choice.only_roots:
        conditions.append(messages.c.parent_id.is_(None))
    if choice.start_date is not None:
        conditions.append(messages.c.created_date >= choice.start_date)
    if choice.end_date is not None:
        conditions.append(messages.c.created_date <= choice.end_date)
    if choice.api_client_id is not None:
        conditions.append(messages.c.api_client_id == choice.api_client_id)
    if choice.lang:
        conditions.append(messages.c.lang == choice.lang)
    conditions += _written_by(choice)
    conditions += [_holds(word) for word in (choice.search or "").split()]
    return sa.select(messages).where(*conditions)


def _written_by(choice: MessageFilter) -> list[sa.ColumnElement[bool]]:
    """Say whose messages are looked for.

    Raises:
        Refusal: a person is named by half (2012).
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if choice.user_id is not None:
        conditions.append(messages.c.person_id == choice.user_id)
    if choice.auth_method or choice.username:
        if not (choice.auth_method and choice.username):
            raise Refusal(
                OasstErrorCode.auth_and_username_required, "A person needs an auth_method and a username."
            )
        named = sa.select(people.c.id).where(
            people.c.auth_method == choice.auth_method, people.c.username == choice.username
        )
        conditions.append(messages.c.person_id == named.scalar_subquery())
    return conditions


def _holds(word: str) -> sa.ColumnElement[bool]:
    """Say that a text holds a word; databases that know the case of ASCII alone are asked for each."""
    spellings = dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
    return sa.or_(*(messages.c.text.icontains(spelling, autoescape=True) for spelling in spellings))


def _add_authors(
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    rows: Sequence[MessageRow],
    items: Sequence[Message],
) -> None:
    ids = {row.person_id for row in rows if row.person_id}
    authors = {
        row.id: front_end_user(row, context.now, client)
        for row in connection.execute(sa.select(people).where(people.c.id.in_(ids)))
    }
    for row, item in zip(rows, items, strict=True):
        item.user = authors.get(row.person_id)
