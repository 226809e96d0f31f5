"""Holds the ways together in which the service tells what work a person may have, and why there is none."""

from collections import defaultdict
from collections.abc import Collection

import pytest
import sqlalchemy as sa

from oasst_backend.rules.selection import TYPES, WorkKind
from oasst_backend.rules.trees import TreeState
from oasst_backend.service import selection
from oasst_backend.service.availability import DEEDS, count_work
from oasst_backend.service.context import Context
from oasst_backend.service.tree_facts import places_of, read_nodes, wanted_work
from oasst_backend.service.waiting import report_work
from oasst_backend.service.work import RESERVED_BY, Reserves
from oasst_backend.storage.tables import open_work, people, trees
from oasst_client import NoWorkReason, TaskRequestType, WorkReport

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


def misreported(
    connection: sa.Connection, context: Context, names: Collection[str], lang: str = "en"
) -> list[str]:
    """Compare reports on work with the availability, and what they say beyond it with what is wanted.

    Returns:
        The differences in words.
    """
    faults = []
    waiting = _waiting(connection, context, lang)
    named = sa.select(people.c.id).where(people.c.display_name.in_([name.title() for name in names]))
    for person_id in connection.scalars(named).all():
        report = report_work(connection, context, person_id=person_id, lang=lang)
        counted = count_work(connection, context, person_id=person_id, lang=lang)
        if {name: told.count for name, told in report.types.items()} != counted:
            faults.append(f"{person_id}: {report.types} is reported, {counted} is available")
        if report.languages.get(lang, 0) != counted[TaskRequestType.random]:
            faults.append(f"{person_id}: {report.languages} in all, {counted} is available")
        told = {(row.state, row.waits_for): (row.trees, row.missing) for row in report.trees}
        told.pop((TreeState.prompt_lottery_waiting, "places"), None)
        if told != waiting:
            faults.append(f"{told} is reported of trees that wait for {waiting}")
        faults += _wrong_reasons(connection, report, person_id)
    return faults


def _wrong_reasons(connection: sa.Connection, report: WorkReport, person_id: str) -> list[str]:
    """Look at each piece of work that is wanted, free or not: is any of it there but for what others do?"""
    faults = []
    deeds = {tuple(deed) for deed in connection.execute(sa.select(DEEDS), {"person_id": person_id})}
    wanted: dict[str, list[bool]] = defaultdict(list)
    for row in connection.execute(
        sa.select(open_work).where(open_work.c.lang == report.lang, open_work.c.wanted > 0)
    ):
        wanted[row.type].append((row.kind, row.subject_id) in deeds)
    for name, told in report.types.items():
        if (told.count > 0) != (told.reason is None):
            faults.append(f"{name}: {told}")
        if told.count or name in {"random", "initial_prompt"}:
            continue
        by_person = wanted[name]
        if by_person:
            right = NoWorkReason.done_by_person if all(by_person) else NoWorkReason.others_at_work
            expected = {right}
        else:
            expected = {NoWorkReason.none_wanted, NoWorkReason.never_handed_out}
        if told.reason not in expected:
            faults.append(f"{person_id}: {name} is {told}, of what is wanted theirs is {by_person}")
    return faults


def _waiting(
    connection: sa.Connection, context: Context, lang: str
) -> dict[tuple[str, str], tuple[int, int]]:
    """Work out from the messages of each tree what it waits for: how many trees do, and for how much."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for tree in connection.execute(sa.select(trees).where(trees.c.lang == lang)).all():
        state, nodes = TreeState(tree.state), read_nodes(connection, context, tree.id)
        missing: dict[str, int] = defaultdict(int)
        for piece in wanted_work(context, tree, state, nodes):
            missing[RESERVED_BY[piece.type]] += piece.wanted
        for kind, waits_for in (("reply", "replies"), ("review", "reviews"), ("ranking", "rankings")):
            if count := missing[kind]:
                count = min(count, places_of(tree, state, nodes)) if kind == Reserves.reply else count
                number, before = found.get((state, waits_for), (0, 0))
                found[state, waits_for] = (number + 1, before + count)
    return found
