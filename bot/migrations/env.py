"""Alembic's entry: runs the bot's migrations on the file that the caller names."""

import sqlite3

from alembic import context
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

path = context.config.attributes["path"]
engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool, hide_parameters=True)


@event.listens_for(engine, "connect")
def _begin_by_hand(connection: sqlite3.Connection, _record: object) -> None:
    """Let SQLAlchemy begin transactions itself, so that a failed migration is undone as a whole."""
    connection.isolation_level = None


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    """Take the write lock at once: two processes that start together migrate one after the other."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.connect() as opened:
    context.configure(connection=opened)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
