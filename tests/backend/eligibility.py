"""Holds the two ways together in which the service tells what work a person may have."""

from collections.abc import Collection

import pytest
import sqlalchemy as sa

from oasst_backend.rules.selection import TYPES, WorkKind
from oasst_backend.service import selection
from oasst_backend.service.availability import count_work
from oasst_backend.service.context import Context
from oasst_backend.storage.tables import people
from oasst_client import TaskRequestType

NO_LIMIT = 1_000_000
"""More pieces of work than there are, so that a draw is among all of them."""


def told_apart(
    connection: sa.Connection, context: Context, names: Collection[str], lang: str = "en"
) -> list[str]:
    """Compare, for people by name and every type, what is counted for them with what they could draw.

    Returns:
        The differences in words; none if each piece of work that is counted can be had, and the other way.
    """
    faults = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "WINDOW", NO_LIMIT)
        named = sa.select(people.c.id).where(people.c.display_name.in_([name.title() for name in names]))
        for person_id in connection.scalars(named).all():
            counted = count_work(connection, context, person_id=person_id, lang=lang)
            for kind, types in TYPES.items():
                if kind is not WorkKind.prompt:
                    told = {wanted: counted[wanted] for wanted in types}
                    drawn = {wanted: _drawn(connection, context, person_id, lang, wanted) for wanted in types}
                    together = _drawn(connection, context, person_id, lang, kind)
                    if told != drawn or together != sum(drawn.values()):
                        faults.append(f"{person_id}: {told} are counted, {drawn} and {together} can be drawn")
    return faults


def _drawn(
    connection: sa.Connection, context: Context, person_id: str, lang: str, wanted: TaskRequestType | WorkKind
) -> int:
    found = selection.find_work(connection, context, person_id=person_id, lang=lang, wanted=wanted)
    assert len({(row.kind, row.subject_id) for row in found}) == len(found)
    return len(found)
