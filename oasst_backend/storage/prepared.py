"""Statements that run often: compiled once, and handed straight to the database's driver.

SQLAlchemy's own execution costs a multiple of what SQLite takes for a look-up by a key, and every call makes
dozens of them. A `Prepared` statement is the same Core statement with the same types: it is compiled for the
dialect at its first use; after that a call binds its parameters, runs, and reads its rows.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import sqlalchemy as sa

from oasst_backend.storage.columns import AnyRow

Processor = Callable[[Any], Any]


class _Compiled(NamedTuple):
    """What a statement comes to in one dialect."""

    sql: str
    binds: tuple[tuple[str, Processor | None], ...]
    constants: Mapping[str, Any]
    make_row: Callable[[Sequence[Any]], Any] | None


class Prepared:
    """A statement that is compiled once for each dialect.

    Args:
        statement: a select, insert, update or delete whose parameters are named (`sa.bindparam`) or fixed.
            Lists (`expanding`) are not supported; a statement for each length is.
    """

    def __init__(self, statement: sa.Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    @classmethod
    def insert(cls, table: sa.Table) -> Self:
        """Prepare to insert rows; what the database fills in or may be null need not be given."""
        values: dict[str, Any] = {
            column.name: sa.bindparam(column.name, None) if column.nullable else sa.bindparam(column.name)
            for column in table.c
            if column.server_default is None
        }
        return cls(table.insert().values(values))

    def all(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[AnyRow]:
        """Run it and give all rows."""
        compiled, cursor = self._run(connection, values)
        try:
            rows = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection.dialect, compiled, error) from error
        return rows if compiled.make_row is None else [compiled.make_row(row) for row in rows]

    def first(self, connection: sa.Connection, values: Mapping[str, Any]) -> AnyRow | None:
        """Run it and give the first row; None if there is none."""
        compiled, cursor = self._run(connection, values)
        try:
            row = cursor.fetchone()
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection.dialect, compiled, error) from error
        cursor.close()
        if row is None or compiled.make_row is None:
            return None
        made: AnyRow = compiled.make_row(row)
        return made

    def one(self, connection: sa.Connection, values: Mapping[str, Any]) -> AnyRow:
        """Run it and give its row.

        Raises:
            sa.exc.NoResultFound: there is none.
        """
        row = self.first(connection, values)
        if row is None:
            raise sa.exc.NoResultFound("a row that must be there is missing")
        return row

    def scalar(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # whatever the column holds
        """Run it and give the first column of the first row; None if there is none."""
        row = self.first(connection, values)
        return None if row is None else row[0]

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> int:
        """Run it for what it changes; gives the number of rows."""
        _, cursor = self._run(connection, values)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def run_each(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values; none is fine."""
        for values in rows:
            self.run(connection, values)

    def _run(self, connection: sa.Connection, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = self._compile(dialect)
        constants = compiled.constants
        bound = []
        for name, process in compiled.binds:
            value = values[name] if name in values else constants[name]
            bound.append(value if process is None or value is None else process(value))
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, bound)
        except dialect.loaded_dbapi.Error as error:
            raise _told(dialect, compiled, error) from error
        return compiled, cursor

    def _compile(self, dialect: sa.Dialect) -> _Compiled:
        compiled = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every Core statement has it
        names = compiled.positiontup or ()
        binds = tuple(
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
        )
        columns = list(self._columns())
        return _Compiled(
            sql=str(compiled),
            binds=binds,
            constants={
                name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
            },
            make_row=_row_maker(columns, dialect) if columns else None,
        )

    def _columns(self) -> Sequence[sa.ColumnElement[Any]]:
        """The columns of its rows; none for a statement that only changes something."""
        if isinstance(self._statement, sa.SelectBase):
            return list(self._statement.selected_columns)
        return list(getattr(self._statement, "exported_columns", ()))


def _told(dialect: sa.Dialect, compiled: _Compiled, error: Exception) -> BaseException:
    """Give a driver's error as SQLAlchemy tells it; rows are computed, and may fail, while they are read."""
    return sa.exc.DBAPIError.instance(
        compiled.sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )


def _row_maker(
    columns: Sequence[sa.ColumnElement[Any]], dialect: sa.Dialect
) -> Callable[[Sequence[Any]], Any]:
    """Give what turns a row of the driver into one whose values have their types and are read by name."""
    names = [getattr(column, "name", None) or f"column{place}" for place, column in enumerate(columns)]
    row_class = namedtuple("PreparedRow", names)  # type: ignore[misc]  # noqa: PYI024  # the names are known at run time only
    processors = [
        (place, process)
        for place, column in enumerate(columns)
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    make = row_class._make
    if not processors:
        return make

    def make_row(row: Sequence[Any]) -> Any:  # noqa: ANN401  # the class is made above
        values = list(row)
        for place, process in processors:
            if values[place] is not None:
                values[place] = process(values[place])
        return make(values)

    return make_row
