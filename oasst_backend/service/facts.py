"""Single values that the backend remembers of itself."""

import sqlalchemy as sa

from oasst_backend.storage.tables import facts


def read_fact(connection: sa.Connection, name: str) -> str | None:
    """Give a value; None if it was never noted."""
    return connection.execute(sa.select(facts.c.value).where(facts.c.name == name)).scalar()


def write_fact(connection: sa.Connection, name: str, value: str) -> None:
    """Note a value in place of the earlier one."""
    connection.execute(facts.delete().where(facts.c.name == name))
    connection.execute(facts.insert(), {"name": name, "value": value})
