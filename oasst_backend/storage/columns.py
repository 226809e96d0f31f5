"""Column types that SQLite does not have of its own."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

AnyRow = sa.Row[*tuple[Any, ...]]
"""A row of a query whose columns are read by name."""


def as_dict(result: sa.Result[Any, Any]) -> dict[Any, Any]:
    """Give a result of two columns as a mapping from the first to the second."""
    return {row[0]: row[1] for row in result}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; aware in Python, written without an offset where the database keeps none."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive moments, whose meaning would depend on the machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Give the moment back as an aware one."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
