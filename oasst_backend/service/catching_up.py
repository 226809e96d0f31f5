"""Brings what is kept in step with other rules than it was kept under, a few pieces in a transaction.

Trees remember the rules that they were last looked at under. Handfuls of prompts, stories and summaries do
not; they are walked in the order of their ids, and a fact tells how far that has come.
"""

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from oasst_backend.service.context import Context
from oasst_backend.service.facts import read_fact, write_fact
from oasst_backend.service.growth import refresh_outdated
from oasst_backend.service.prompt_groups import refresh_group
from oasst_backend.service.stories import refresh_story, refresh_summary
from oasst_backend.storage.tables import prompt_groups, stories, summaries

WALK_FACT = "outside_trees_refreshed"

_WALK: Mapping[str, tuple[sa.Table, Callable[[sa.Connection, Context, str], None]]] = {
    "prompt_groups": (prompt_groups, refresh_group),
    "stories": (stories, refresh_story),
    "summaries": (summaries, refresh_summary),
}


def catch_up(connection: sa.Connection, context: Context, at_most: int) -> int:
    """Look at trees, then at what is outside of trees, that was left under other rules.

    Args:
        connection: the writer's connection.
        context: settings, moment, chance and the number of the rules.
        at_most: how many pieces to look at.

    Returns:
        How many were looked at; 0 when all is in step.
    """
    return refresh_outdated(connection, context, at_most) or _walk_on(connection, context, at_most)


def walk_again(connection: sa.Connection) -> None:
    """Have all that is outside of trees looked at once more, at the next start."""
    write_fact(connection, WALK_FACT, "")


def _walk_on(connection: sa.Connection, context: Context, at_most: int) -> int:
    done = f"{context.rules_version}:done"
    place = read_fact(connection, WALK_FACT) or ""
    if place == done:
        return 0
    version, _, rest = place.partition(":")
    name, _, last = rest.partition(":") if version == str(context.rules_version) else ("", "", "")
    names = list(_WALK)
    for table_name in names[names.index(name) if name in names else 0 :]:
        table, refresh = _WALK[table_name]
        after = last if table_name == name else ""
        batch = (
            connection.execute(
                sa.select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(at_most)
            )
            .scalars()
            .all()
        )
        for subject_id in batch:
            refresh(connection, context, subject_id)
        if batch:
            write_fact(connection, WALK_FACT, f"{context.rules_version}:{table_name}:{batch[-1]}")
            return len(batch)
    write_fact(connection, WALK_FACT, done)
    return 0
