"""What is done once before the backend serves: keys of the settings, and the number of the rules in force.

Nothing here grows with the dataset. Trees that were last looked at under other rules are looked at in the
background, see `service.upkeep`.
"""

import hashlib

import sqlalchemy as sa

from oasst_backend.service.context import Context
from oasst_backend.service.facts import read_fact, write_fact
from oasst_backend.service.growth import forget_failed_scoring
from oasst_backend.service.keys import seed_keys
from oasst_backend.service.recount import SCORES_BUILT, rebuild_scores
from oasst_backend.settings import BackendSettings

RULES_FACT = "tree_rules"
VERSION_FACT = "tree_rules_version"


def prepare(connection: sa.Connection, context: Context) -> int:
    """Make the keys of the settings valid, and see whether the rules are others than last time.

    Returns:
        The number of the rules in force: 1 or more, and 1 more each time they change.
    """
    seed_keys(
        connection,
        context.now,
        [key.get_secret_value() for key in context.settings.backend_api_keys],
    )
    forget_failed_scoring(connection)
    if read_fact(connection, SCORES_BUILT) is None:
        rebuild_scores(connection, context)
    rules, version = _rules(context.settings), rules_version(connection)
    if version == 0 or read_fact(connection, RULES_FACT) != rules:
        version += 1
        write_fact(connection, RULES_FACT, rules)
        write_fact(connection, VERSION_FACT, str(version))
    return version


def are_rules_in_force(connection: sa.Connection, settings: BackendSettings) -> bool:
    """Say whether the backend last served by the rules that these settings give, or never served at all."""
    return read_fact(connection, RULES_FACT) in {None, _rules(settings)}


def rules_version(connection: sa.Connection) -> int:
    """Give the number of the rules that the backend last served with; 0 if it never did."""
    return int(read_fact(connection, VERSION_FACT) or 0)


def _rules(settings: BackendSettings) -> str:
    return hashlib.sha256(settings.tree_manager.model_dump_json().encode()).hexdigest()
