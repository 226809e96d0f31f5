"""Turns away texts that a person hands in again, the same or nearly so."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.rules.texts import SHORT_TEXT, normalised, similarity
from oasst_backend.service.context import Context
from oasst_backend.service.planting import text_hash
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, summaries
from oasst_client import OasstErrorCode

MAX_COMPARED = 100
"""So many of a person's texts are compared at most, the newest: it bounds what a busy person costs."""

REMEMBERED = 2048
"""Texts whose normalised form is kept in memory: making it costs more than comparing it."""

SLACK = 1.25
"""How much longer than its normalised form a text may be to be compared: for spaces and punctuation."""


def check_duplicate(
    connection: sa.Connection, context: Context, person_id: str, text: str, *, apart_from: str = ""
) -> None:
    """See that a person has not handed in this text, or nearly the same, within the window.

    Every text counts that they wrote, messages and summaries, also what was deleted since.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        person_id: who hands it in.
        text: the text as it was handed in.
        apart_from: the id of the message that is to have this text.

    Raises:
        Refusal: they have (1009); the message says which and when.
    """
    settings = context.settings
    key = {
        "person_id": person_id,
        "since": context.now - timedelta(minutes=settings.duplicate_window_minutes),
        "apart_from": apart_from,
    }
    earlier = _SAME.first(connection, {**key, "text_hash": text_hash(text)})
    if earlier is not None:
        raise _refusal(context, "the same text", earlier.created_date)
    if settings.duplicate_similarity == 1:
        return
    form = _normalised(text)
    shortest, longest = _lengths(len(text), len(form), settings.duplicate_similarity)
    candidates = _ALIKE.all(connection, {**key, "shortest": shortest, "longest": longest})
    for other, created_date in candidates:
        if (
            similarity(form, _normalised(other), settings.duplicate_similarity)
            >= settings.duplicate_similarity
        ):
            raise _refusal(context, "nearly the same text", created_date)


_normalised = lru_cache(REMEMBERED)(normalised)


def _lengths(written: int, form: int, threshold: float) -> tuple[float, float]:
    """Give the lengths, as written, of texts that are worth comparing.

    Two texts with a and b characters, a <= b, are at most 2a / (a + b) alike, so a must be at least
    t / (2 - t) of b.
    """
    least = threshold / (2 - threshold)
    if form * least < SHORT_TEXT:
        # Spaces and punctuation weigh most where there is little else.
        return 0, max(written, SHORT_TEXT / least) / least * SLACK
    return min(written, form) * least, max(written, form / least * SLACK)


def _refusal(context: Context, what: str, created_date: datetime) -> Refusal:
    minutes = int((context.now - created_date).total_seconds() // 60)
    when = {0: "just now", 1: "a minute ago"}.get(minutes, f"{minutes} minutes ago")
    return Refusal(
        OasstErrorCode.task_message_duplicated, f"This person has handed in {what} {when}; write another one."
    )


def _of_person(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(table.c.text, table.c.created_date).where(
        table.c.person_id == sa.bindparam("person_id"),
        table.c.created_date > sa.bindparam("since", type_=table.c.created_date.type),
        table.c.id != sa.bindparam("apart_from"),
        *conditions,
    )


def _newest(table: sa.Table) -> sa.Select[Any]:
    length = sa.func.length(table.c.text)
    alike = _of_person(table, length >= sa.bindparam("shortest"), length <= sa.bindparam("longest"))
    return sa.select(alike.order_by(table.c.created_date.desc()).limit(MAX_COMPARED).subquery())


def _alike() -> sa.CompoundSelect[Any]:
    both = sa.union_all(_newest(messages), _newest(summaries))
    return both.order_by(both.selected_columns.created_date.desc()).limit(MAX_COMPARED)


_SAME = Prepared(
    sa.union_all(
        *(
            _of_person(table, table.c.text_hash == sa.bindparam("text_hash"))
            for table in (messages, summaries)
        )
    ).limit(1)
)
_ALIKE = Prepared(_alike())
