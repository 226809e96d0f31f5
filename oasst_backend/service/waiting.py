"""Reports what work there is for a person, why there is none, and what the trees of a language wait for."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from oasst_backend.rules.trees import TreeState
from oasst_backend.service.availability import DEEDS, FreeWork, at_subjects, free_work
from oasst_backend.service.context import Context
from oasst_backend.service.selection import prompts_under_way, wanted_prompts_of
from oasst_backend.service.tree_counts import kept_counts
from oasst_backend.service.work import Reserves
from oasst_backend.storage.tables import open_work, tasks, trees
from oasst_client import (
    NoWorkReason,
    TaskRequestType,
    WaitingTrees,
    WaitsFor,
    WorkOfType,
    WorkReport,
)

MOST_LANGUAGES = 50
"""Languages that a report names at most, those with the most work."""

LOOKED_AT = 1000
"""So many trees in each state are looked at; a report counts no more of them."""

_NOT_OPEN = {TaskRequestType.random, TaskRequestType.initial_prompt}
_OPEN_TYPES = tuple(task_type for task_type in TaskRequestType if task_type not in _NOT_OPEN)
_REASONS = (
    NoWorkReason.others_at_work,
    NoWorkReason.done_by_person,
    NoWorkReason.enough_prompts,
    NoWorkReason.none_wanted,
)
"""Why there is nothing at all: the first of these that is the reason of any type."""

_WAIT_FOR_PEOPLE = (TreeState.initial_prompt_review, TreeState.growing, TreeState.ranking)
_WAIT_FOR = {
    Reserves.review.value: WaitsFor.reviews,
    Reserves.reply.value: WaitsFor.replies,
    Reserves.ranking.value: WaitsFor.rankings,
}

_replies = open_work.alias("replies")
_IN_HAND = sa.and_(
    tasks.c.reserved_until.is_not(None), tasks.c.subject_id.is_not(None), tasks.c.lang == sa.bindparam("lang")
)
# Work at which somebody has the last place; of a tree that takes no more replies, all its replies.
_HELD = sa.union(
    sa.select(tasks.c.kind, tasks.c.subject_id).where(_IN_HAND),
    sa.select(_replies.c.kind, _replies.c.subject_id)
    .join_from(tasks, _replies, _replies.c.tree_id == tasks.c.tree_id)
    .where(_IN_HAND, tasks.c.kind == Reserves.reply.value, _replies.c.kind == Reserves.reply.value),
).subquery("held")
_HELD_BY_TYPE = (
    sa.select(open_work.c.type, sa.func.count().label("all"), sa.func.count(DEEDS.c.subject_id).label("done"))
    .select_from(
        at_subjects(_HELD).outerjoin(
            DEEDS, sa.and_(DEEDS.c.kind == _HELD.c.kind, DEEDS.c.subject_id == _HELD.c.subject_id)
        )
    )
    .where(open_work.c.wanted > 0, open_work.c.free == sa.false())
    .group_by(open_work.c.type)
)


def _trees_in(state: TreeState) -> sa.Select[tuple[str, str, int]]:
    chosen = (
        sa.select(trees.c.id, trees.c.state, trees.c.reply_places)
        .where(trees.c.lang == sa.bindparam("lang"), trees.c.state == state)
        .order_by(trees.c.id)
        .limit(LOOKED_AT)
        .subquery()
    )
    return sa.select(chosen.c.id, chosen.c.state, chosen.c.reply_places)


_chosen = sa.union_all(*map(_trees_in, _WAIT_FOR_PEOPLE)).subquery("chosen")
_wanted = sa.func.sum(open_work.c.wanted)
_of_tree = (
    sa.select(
        _chosen.c.state,
        open_work.c.kind,
        # Replies are wanted in more places than the tree takes.
        sa.case(
            (
                sa.and_(open_work.c.kind == Reserves.reply.value, _wanted > _chosen.c.reply_places),
                _chosen.c.reply_places,
            ),
            else_=_wanted,
        ).label("missing"),
    )
    .join_from(_chosen, open_work, open_work.c.tree_id == _chosen.c.id)
    .where(open_work.c.wanted > 0)
    .group_by(_chosen.c.id, _chosen.c.state, _chosen.c.reply_places, open_work.c.kind)
    .subquery("of_tree")
)
_MISSING = (
    sa.select(
        _of_tree.c.state,
        _of_tree.c.kind,
        sa.func.count().label("trees"),
        sa.func.sum(_of_tree.c.missing).label("missing"),
    )
    .group_by(_of_tree.c.state, _of_tree.c.kind)
    .order_by(_of_tree.c.state, _of_tree.c.kind)
)


def report_work(connection: sa.Connection, context: Context, *, person_id: str, lang: str) -> WorkReport:
    """Report what work there is for a person, by the same counts as the availability.

    It costs a walk along an index of all that is free, and along what the person has done and what anybody
    has in hand; and `LOOKED_AT` trees in each state at most.

    Args:
        connection: a connection whose reads see the same moment.
        context: settings, moment and chance.
        person_id: the person.
        lang: the language that types and trees are told of.
    """
    states: dict[str, dict[str, int]] = defaultdict(dict)
    for (of_lang, state), count in kept_counts(connection).items():
        states[of_lang][state] = count
    free = free_work(connection, context, person_id)
    writing = prompts_under_way(connection, person_id)
    prompts = {
        one: _Prompts(context, one, states[one], *writing.get(one, (0, 0))) for one in {*states, *free, lang}
    }
    counts = {one: _counts(free[one], prompts[one]) for one in prompts}
    sums = Counter({one: sum(by_type.values()) for one, by_type in counts.items()})
    reasons = _reasons(connection, context, person_id, free[lang], prompts[lang])
    types = {TaskRequestType.random: sums[lang], **counts[lang]}
    return WorkReport(
        lang=lang,
        types={
            task_type.value: WorkOfType(count=count, reason=None if count else reasons[task_type])
            for task_type, count in types.items()
        },
        trees=_waiting_trees(connection, context, lang, states[lang]),
        languages={one: count for one, count in sums.most_common(MOST_LANGUAGES) if count},
    )


@dataclass(frozen=True)
class _Prompts:
    """What decides about the prompts that are wanted in a language."""

    context: Context
    lang: str
    states: Mapping[str, int]
    writing: int
    own: int

    def wanted(self, *, writing: int) -> int:
        return wanted_prompts_of(self.context, self.lang, self.states, writing)

    @property
    def count(self) -> int:
        return self.wanted(writing=self.writing)

    @property
    def reason(self) -> NoWorkReason:
        if self.lang in self.context.trees.init_prompt_disabled_langs:
            return NoWorkReason.never_handed_out
        if self.wanted(writing=self.own):
            return NoWorkReason.others_at_work
        return NoWorkReason.done_by_person if self.wanted(writing=0) else NoWorkReason.enough_prompts


def _counts(free: FreeWork, prompts: _Prompts) -> dict[TaskRequestType, int]:
    counts = {task_type: free.for_person(task_type) for task_type in _OPEN_TYPES}
    return {TaskRequestType.initial_prompt: prompts.count, **counts}


def _reasons(  # everything that a reason may rest on
    connection: sa.Connection,
    context: Context,
    person_id: str,
    free: FreeWork,
    prompts: _Prompts,
) -> dict[TaskRequestType, NoWorkReason]:
    """Tell of each type why there is none, should there be none."""
    found = connection.execute(_HELD_BY_TYPE, {"lang": prompts.lang, "person_id": person_id})
    held = {row.type: (row.all, row.done) for row in found}
    reasons = {TaskRequestType.initial_prompt: prompts.reason}
    for task_type in _OPEN_TYPES:
        in_hand, in_hand_done = held.get(task_type.value, (0, 0))
        if free.all[task_type] > free.done[task_type] or in_hand > in_hand_done:
            reasons[task_type] = NoWorkReason.others_at_work
        elif free.all[task_type] or in_hand:
            reasons[task_type] = NoWorkReason.done_by_person
        elif _is_off(context, task_type):
            reasons[task_type] = NoWorkReason.never_handed_out
        else:
            reasons[task_type] = NoWorkReason.none_wanted
    given = set(reasons.values())
    reasons[TaskRequestType.random] = next(reason for reason in _REASONS if reason in given)
    return reasons


def _is_off(context: Context, task_type: TaskRequestType) -> bool:
    """Tell whether the settings keep a type from being handed out at all."""
    if task_type is TaskRequestType.rank_prompter_replies:
        return not context.trees.rank_prompter_replies
    return task_type is TaskRequestType.rank_initial_prompts and not context.trees.prompts_per_ranking


def _waiting_trees(
    connection: sa.Connection, context: Context, lang: str, states: Mapping[str, int]
) -> list[WaitingTrees]:
    waiting = [
        WaitingTrees(state=row.state, waits_for=_WAIT_FOR[row.kind], trees=row.trees, missing=row.missing)
        for row in connection.execute(_MISSING, {"lang": lang})
    ]
    accepted = states.get(TreeState.prompt_lottery_waiting, 0)
    if accepted:
        room = max(0, context.trees.max_active_trees - states.get(TreeState.growing, 0))
        waiting.append(
            WaitingTrees(
                state=TreeState.prompt_lottery_waiting,
                waits_for=WaitsFor.places,
                trees=accepted,
                missing=max(0, accepted - room),
            )
        )
    return waiting
