"""Finds all that is kept of one person, by the columns that the tables mark as personal.

A table says something about a person when a column of it names people, or when it is about something that a
person wrote. Both are read off the tables, so that a new table is found without a line here.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from oasst_backend.service.journal import Subject
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import journal, messages, metadata, people, summaries, trees

_BATCH = 500
"""Rows that are read at a time."""

_WRITTEN = (messages.c.id, trees.c.id, summaries.c.id)
"""What a row of the journal can be about; its `subject_id` refers to several tables, so to none by a key."""


def is_personal(column: sa.Column[Any]) -> bool:
    """Tell whether a column says something about one person."""
    return bool(column.info.get("personal"))


def names_people(column: sa.Column[Any]) -> bool:
    """Tell whether a column holds ids of people."""
    return any(key.column is people.c.id for key in column.foreign_keys)


def rows_of_person(table: sa.Table) -> sa.ColumnElement[bool] | None:
    """Give the condition by which the rows of a table that are about one person are found.

    Returns:
        A condition with the parameter `person_id`; None where the table says nothing of people.
    """
    if table is people:
        return people.c.id == _PERSON
    if not any(is_personal(column) for column in table.c):
        return None
    ways = [column == _PERSON for column in table.c if names_people(column)]
    ways += [key.parent.in_(_written(key.column)) for key in table.foreign_keys if _leads_to_text(key)]
    if table is journal:
        ways += [journal.c.subject_id == _PERSON]
        ways += [journal.c.subject_id.in_(_written(key)) for key in _WRITTEN]
    return sa.or_(*ways) if ways else None


def write_personal_data(connection: sa.Connection, person_id: str) -> Iterator[str]:
    """Write all that is kept of a person as a JSON object: the rows by table, the columns by name.

    Args:
        connection: a connection whose transaction shows one moment.
        person_id: the person.

    Yields:
        The pieces of the JSON text. Other people's ids are left out; moments are in ISO 8601.
    """
    opening = "{"
    for table in metadata.sorted_tables:
        condition = rows_of_person(table)
        if condition is None:
            continue
        yield f"{opening}{json.dumps(table.name)}: ["
        comma = ""
        statement = sa.select(table).where(condition).order_by(*table.primary_key)
        statement = statement.execution_options(yield_per=_BATCH)
        for row in connection.execute(statement, {"person_id": person_id}):
            yield comma + json.dumps(_shown(table, row, person_id), default=_plain, ensure_ascii=False)
            comma = ", "
        yield "]"
        opening = ", "
    yield "}"


def without_users(value: Any, username: str | None = None) -> Any:  # noqa: ANN401  # any part of a JSON value
    """Leave out of what a file said of a message who did it: one person, or whoever it was."""
    if isinstance(value, list):
        return [without_users(item, username) for item in value]
    if isinstance(value, dict):
        return {
            name: without_users(item, username)
            for name, item in value.items()
            if name != "user_id" or username not in {None, item}
        }
    return value


_PERSON: sa.BindParameter[str] = sa.bindparam("person_id")


def _leads_to_text(key: sa.ForeignKey) -> bool:
    """Tell whether a key leads to what a person wrote; a reply to it is not about that person."""
    return key.column.table in {messages, summaries} and key.parent.table is not messages


def _written(key: sa.Column[Any]) -> sa.Select[Any]:
    """Find the ids of what a person wrote."""
    author = next(column for column in key.table.c if names_people(column))
    return sa.select(key).where(author == _PERSON)


def _shown(table: sa.Table, row: AnyRow, person_id: str) -> Mapping[str, Any]:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for it
    shown = {
        column.name: values[column]
        for column in table.c
        if not names_people(column) or values[column] in {None, person_id}
    }
    if table is messages:
        shown["imported"] = without_users(row.imported)
    if table is journal and row.subject_kind == Subject.person and row.subject_id != person_id:
        del shown["subject_id"]
    return shown


def _plain(value: object) -> str:
    assert isinstance(value, datetime)  # noqa: S101  # the one type in the tables that JSON does not have
    return value.isoformat()
