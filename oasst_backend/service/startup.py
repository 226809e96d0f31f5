"""What is done once before the backend serves: keys of the settings, and trees under changed rules."""

import hashlib

import sqlalchemy as sa

from oasst_backend.service.context import Context
from oasst_backend.service.growth import refresh_all, retry_scoring
from oasst_backend.service.keys import seed_keys
from oasst_backend.storage.tables import facts

RULES_FACT = "tree_rules"


def prepare(connection: sa.Connection, context: Context) -> int:
    """Make the keys of the settings valid, and move trees on if the rules are others than last time.

    Trees move on in the transaction that changes them, so with unchanged rules only those are looked at whose
    ranks could not be computed.

    Returns:
        How many trees were looked at.
    """
    seed_keys(
        connection,
        context.now,
        [key.get_secret_value() for key in context.settings.backend_api_keys],
    )
    rules = hashlib.sha256(context.trees.model_dump_json().encode()).hexdigest()
    known = connection.execute(sa.select(facts.c.value).where(facts.c.name == RULES_FACT)).scalar()
    if known == rules:
        return retry_scoring(connection, context)
    connection.execute(facts.delete().where(facts.c.name == RULES_FACT))
    connection.execute(facts.insert(), {"name": RULES_FACT, "value": rules})
    return refresh_all(connection, context)
