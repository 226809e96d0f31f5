"""Keeps how many trees of a language are in each state, so that nobody has to count them."""

import sqlalchemy as sa

from oasst_backend.storage.columns import as_dict
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import tree_counts, trees

_ADD = Prepared(
    tree_counts.update()
    .where(tree_counts.c.lang == sa.bindparam("of_lang"), tree_counts.c.state == sa.bindparam("of_state"))
    .values(count=tree_counts.c.count + sa.bindparam("more"))
)
_INSERT = Prepared.insert(tree_counts)


def count_tree(connection: sa.Connection, lang: str, state: str, more: int = 1) -> None:
    """Add trees to a count; a negative number takes them away."""
    if not _ADD.run(connection, {"of_lang": lang, "of_state": state, "more": more}):
        _INSERT.run(connection, {"lang": lang, "state": state, "count": more})


def count_move(connection: sa.Connection, lang: str, before: str, after: str) -> None:
    """Note that a tree went from one state to another."""
    count_tree(connection, lang, before, -1)
    count_tree(connection, lang, after)


def state_counts(connection: sa.Connection) -> dict[str, int]:
    """Count the trees in each state over all languages; states without a tree are left out."""
    total = sa.func.sum(tree_counts.c.count)
    return as_dict(
        connection.execute(
            sa.select(tree_counts.c.state, total).group_by(tree_counts.c.state).having(total != 0)
        )
    )


def recount(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """Count anew from the trees themselves."""
    rows = connection.execute(
        sa.select(trees.c.lang, trees.c.state, sa.func.count()).group_by(trees.c.lang, trees.c.state)
    )
    return {(lang, state): count for lang, state, count in rows}


def kept_counts(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """Give what is kept, by language and state."""
    return {
        (lang, state): count
        for lang, state, count in connection.execute(
            sa.select(tree_counts.c.lang, tree_counts.c.state, tree_counts.c.count)
        )
    }
