"""Brings a database to the newest schema."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from oasst_backend.errors import DatabaseUnusableError

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def alembic_config() -> Config:
    """Point Alembic at the migrations that ship with the backend."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(engine: sa.Engine) -> None:
    """Upgrade to the newest schema, in one transaction: it is all there or nothing changed.

    Raises:
        DatabaseUnusableError: the database was written by a newer version, or holds something else.
    """
    config = alembic_config()
    try:
        with engine.connect() as connection:
            # A table that is made anew is gone for a moment; what refers to it is checked at the end instead.
            # The switch has no effect inside a transaction.
            connection.connection.cursor().execute("PRAGMA foreign_keys = 0")
            with connection.begin():
                config.attributes["connection"] = connection
                before = MigrationContext.configure(connection).get_current_revision()
                command.upgrade(config, "head")
                # The check reads every row, so a start that changes nothing does without it.
                if MigrationContext.configure(connection).get_current_revision() != before:
                    _check_references(connection)
            connection.connection.cursor().execute("PRAGMA foreign_keys = 1")
    except CommandError as error:
        raise DatabaseUnusableError(
            "the database was made by a newer version of the backend; start that version, or use another file"
        ) from error
    except sa.exc.DatabaseError as error:
        raise DatabaseUnusableError(
            f"the database cannot be brought to the newest schema ({error.orig}); "
            "set BACKEND_DATABASE_URL to another file, or restore a copy of this one"
        ) from error


def _check_references(connection: sa.Connection) -> None:
    """See that every row refers to rows that are there.

    Raises:
        DatabaseUnusableError: one does not.
    """
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise DatabaseUnusableError(
            f"the database has rows that refer to nothing ({broken[0][0]}); restore a copy of it"
        )
