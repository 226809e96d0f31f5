"""People who must not come back after their data are gone: only a digest of each is kept.

The digest cannot be read back into an id. Whoever holds the database could still try ids one by one; that is
the price of knowing a banned person again.
"""

import hashlib
import hmac
import secrets

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from oasst_backend.service.context import Context
from oasst_backend.storage.tables import bans, facts

_SECRET = "ban_secret"  # noqa: S105  # the name of the fact that holds it
_READ_SECRET = sa.select(facts.c.value).where(facts.c.name == _SECRET)


def ban(connection: sa.Connection, context: Context, auth_method: str, username: str) -> None:
    """Keep a person from being made known again; banning twice is fine."""
    if connection.execute(_READ_SECRET).first() is None:
        connection.execute(facts.insert(), {"name": _SECRET, "value": secrets.token_hex(32)})
    connection.execute(
        insert_or_ignore(bans).on_conflict_do_nothing(),
        {"digest": _digest(connection, auth_method, username), "created_date": context.now},
    )


def lift_ban(connection: sa.Connection, auth_method: str, username: str) -> str | None:
    """Let a person come back.

    Returns:
        The beginning of the digest that was kept, 32 characters; None if the person was not banned.
    """
    digest = _digest(connection, auth_method, username)
    lifted = connection.execute(bans.delete().where(bans.c.digest == digest)).rowcount
    return digest[:32] if lifted else None


def is_banned(connection: sa.Connection, auth_method: str, username: str) -> bool:
    """Tell whether a person must not come back."""
    found = sa.select(bans.c.digest).where(bans.c.digest == _digest(connection, auth_method, username))
    return connection.execute(found).first() is not None


def _digest(connection: sa.Connection, auth_method: str, username: str) -> str:
    """Give what is kept of a name; without a secret nobody was ever banned, and any digest will do."""
    secret = connection.execute(_READ_SECRET).scalar() or ""
    name = f"{auth_method}:{username}"
    return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()
