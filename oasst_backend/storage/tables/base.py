"""What all tables share: the metadata, the type of ids, and the mark of personal columns."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

Id = sa.String(36)
PERSONAL = {"personal": True}
"""Marks a column that says something about one person; export and deletion of a person's data go by it."""


def partial_index(
    name: str, *columns: sa.Column[object], where: sa.ColumnElement[bool], unique: bool = False
) -> sa.Index:
    """Make an index of the rows that meet a condition, in every database that the backend speaks."""
    return sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
