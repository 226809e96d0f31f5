"""API keys: each belongs to one frontend (an API client); only their SHA-256 is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from oasst_backend.errors import Refusal, UnknownKeyError
from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.service.journal import Act, Action, Subject, note
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import api_clients
from oasst_client import OasstErrorCode

KEY_BYTES = 32
"""256 random bits a key."""


def key_hash(key: str) -> str:
    """Give what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def find_client(connection: sa.Connection, key: str) -> ApiClient | None:
    """Find the frontend that a key belongs to; None for an unknown or revoked key.

    The row is looked up by the key's SHA-256. How long that takes may tell how far the digest agrees with a
    stored one, which is of no use: nobody can choose a key for the beginning of its digest, let alone guess
    256 random bits. What decides is compared in constant time.
    """
    digest = key_hash(key)
    row = connection.execute(
        sa.select(api_clients).where(api_clients.c.key_hash == digest, api_clients.c.enabled)
    ).one_or_none()
    if row is None or not hmac.compare_digest(row.key_hash, digest):
        return None
    return ApiClient(row.id, row.name, row.trusted)


def create_key(connection: sa.Connection, now: datetime, name: str, *, trusted: bool) -> str:
    """Make a frontend with a new key and give the key, which cannot be read again later.

    Raises:
        UnknownKeyError: the name is taken.
    """
    taken = connection.execute(sa.select(api_clients.c.id).where(api_clients.c.name == name)).first()
    if taken:
        raise UnknownKeyError(f"a key named {name!r} exists already; choose another name")
    key = secrets.token_urlsafe(KEY_BYTES)
    _insert(connection, now, name, key_hash(key), trusted=trusted, from_settings=False)
    return key


class NewClient(NamedTuple):
    """A frontend that is to have a key.

    Attributes:
        name: the key's name.
        trusted: whether it may moderate.
        frontend_type: what it is, in a word.
        admin_email: whom to write to about it.
    """

    name: str
    trusted: bool
    frontend_type: str
    admin_email: str | None


def create_client(connection: sa.Connection, context: Context, new: NewClient, act: Act) -> str:
    """Make a frontend with a new key and give the key, for a call; see `create_key`.

    Raises:
        Refusal: the name is taken (0).
    """
    try:
        key = create_key(connection, context.now, new.name, trusted=new.trusted)
    except UnknownKeyError as error:
        raise Refusal(OasstErrorCode.generic_error, str(error), status=400) from error
    made = api_clients.c.key_hash == key_hash(key)
    connection.execute(
        api_clients.update().where(made).values(frontend_type=new.frontend_type, admin_email=new.admin_email)
    )
    client_id: str = connection.execute(sa.select(api_clients.c.id).where(made)).scalar_one()
    note(connection, context, act, Action.create, Subject.key, client_id)
    return key


def revoke_key(connection: sa.Connection, name: str) -> None:
    """Make a key useless; what came in with it stays.

    Raises:
        UnknownKeyError: no key that could be revoked has the name.
    """
    row = connection.execute(sa.select(api_clients).where(api_clients.c.name == name)).one_or_none()
    if row is None:
        raise UnknownKeyError(f"there is no key named {name!r}; see: python -m oasst_backend keys list")
    if row.from_settings:
        raise UnknownKeyError(
            f"the key {name!r} comes from BACKEND_API_KEYS; take it out there and start the backend again"
        )
    connection.execute(api_clients.update().where(api_clients.c.id == row.id).values(enabled=False))


def list_clients(connection: sa.Connection) -> Sequence[AnyRow]:
    """List the frontends by age: name, trusted, enabled, from_settings, created_date."""
    return connection.execute(
        sa.select(
            api_clients.c.name,
            api_clients.c.trusted,
            api_clients.c.enabled,
            api_clients.c.from_settings,
            api_clients.c.created_date,
        ).order_by(api_clients.c.created_date, api_clients.c.name)
    ).all()


def seed_keys(connection: sa.Connection, now: datetime, keys: Sequence[str]) -> None:
    """Make the trusted keys of the settings valid, and those that were taken out of them useless.

    A key that takes the place of one that is gone goes on as the same frontend, so that tasks handed out
    before a change of keys can still be answered; of several, the first takes the place of the oldest.
    """
    wanted = {key_hash(key): None for key in keys}
    rows = connection.execute(
        sa.select(api_clients).where(api_clients.c.from_settings).order_by(api_clients.c.created_date)
    ).all()
    known = set(connection.execute(sa.select(api_clients.c.key_hash)).scalars())
    kept = {row.key_hash for row in rows} & wanted.keys()
    free = [row for row in rows if row.key_hash not in wanted]
    for number, new in enumerate(wanted):
        if new in known:
            continue
        if free:
            row = free.pop(0)
            connection.execute(
                api_clients.update().where(api_clients.c.id == row.id).values(key_hash=new, enabled=True)
            )
        else:
            # A microsecond apart, so that the order of the settings tells who takes whose place later.
            moment = now + timedelta(microseconds=number)
            _insert(connection, moment, f"settings-{new[:8]}", new, trusted=True, from_settings=True)
    for row in free:
        connection.execute(api_clients.update().where(api_clients.c.id == row.id).values(enabled=False))
    connection.execute(
        api_clients.update()
        .where(api_clients.c.from_settings, api_clients.c.key_hash.in_(kept))
        .values(enabled=True)
    )


def _insert(
    connection: sa.Connection, now: datetime, name: str, digest: str, *, trusted: bool, from_settings: bool
) -> None:
    connection.execute(
        api_clients.insert(),
        {
            "id": new_id(),
            "name": name,
            "key_hash": digest,
            "trusted": trusted,
            "enabled": True,
            "from_settings": from_settings,
            "created_date": now,
        },
    )
