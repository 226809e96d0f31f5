"""Takes reviews, ballots and ratings out of the count, and sets right what rested on them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.prompt_groups import refresh_group
from oasst_backend.service.recount import recount_people
from oasst_backend.service.scoring import rank_tree
from oasst_backend.service.stories import refresh_story, refresh_summary
from oasst_backend.service.tree_facts import read_nodes
from oasst_backend.service.work import Reserves, work_at
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import messages, prompt_groups, trees

_AT_A_TIME = 200
_SCORED = frozenset({TreeState.ready_for_export, TreeState.scoring_failed})
_STATE = sa.select(trees.c.state).where(trees.c.id == sa.bindparam("tree_id"))
_AUTHORS = sa.select(messages.c.person_id).where(
    messages.c.id.in_(sa.bindparam("ids", expanding=True)), messages.c.person_id.is_not(None)
)
_FORGET_VERDICT = messages.update().where(messages.c.id == sa.bindparam("at")).values(review_result=None)
_FEWER_REVIEWS = (
    messages.update()
    .where(messages.c.id == sa.bindparam("at"))
    .values(review_count=messages.c.review_count - sa.bindparam("less"))
)
_FEWER_RANKINGS = (
    messages.update()
    .where(messages.c.id == sa.bindparam("at"))
    .values(ranking_count=messages.c.ranking_count - sa.bindparam("less"))
)
_FEWER_GROUP_RANKINGS = (
    prompt_groups.update()
    .where(prompt_groups.c.id == sa.bindparam("at"))
    .values(ranking_count=prompt_groups.c.ranking_count - sa.bindparam("less"))
)


@dataclass
class Mending:
    """What has to be looked at again once all has been taken out.

    Attributes:
        trees: ids of trees, some of which may be gone by then.
        messages: ids of messages that have lost a review.
        groups: ids of handfuls of prompts.
        stories: ids of stories.
        summaries: ids of summaries.
        people: ids of those whose scores may have changed.
    """

    trees: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    stories: set[str] = field(default_factory=set)
    summaries: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    def uncount_reviews(self, connection: sa.Connection, reviews: Iterable[AnyRow]) -> None:
        """Take reviews out of the count.

        Args:
            connection: the writer's connection.
            reviews: rows with the columns of `labellings` and `tree_id`; those that never counted are passed
                over.
        """
        counted = [review for review in reviews if review.counted]
        fewer = Counter(review.message_id for review in counted)
        self.trees.update(review.tree_id for review in counted)
        self.messages.update(fewer)
        _take_off(connection, _FEWER_REVIEWS, fewer)

    def uncount_ballots(self, connection: sa.Connection, ballots: Iterable[AnyRow]) -> None:
        """Take ballots out of the count; whom they put first loses the points for it.

        Args:
            connection: the writer's connection.
            ballots: rows of `rankings`; those that never counted are passed over.
        """
        counted = [ballot for ballot in ballots if ballot.counted]
        on_replies = [ballot for ballot in counted if ballot.prompt_group_id is None]
        groups = Counter(ballot.prompt_group_id for ballot in counted if ballot.prompt_group_id is not None)
        fewer = Counter(reply for ballot in on_replies for reply in ballot.ranked_ids)
        self.trees.update(ballot.tree_id for ballot in on_replies)
        self.groups.update(groups)
        _take_off(connection, _FEWER_RANKINGS, fewer)
        _take_off(connection, _FEWER_GROUP_RANKINGS, groups)
        for ids in batches(fewer):
            self.people.update(connection.execute(_AUTHORS, {"ids": ids}).scalars())

    def finish(self, connection: sa.Connection, context: Context) -> None:
        """Look at all of it again: ranks, states, open work and scores."""
        for tree_id in sorted(self.trees):
            self._mend_tree(connection, context, tree_id)
        for group_id in sorted(self.groups):
            refresh_group(connection, context, group_id)
        for story_id in sorted(self.stories):
            refresh_story(connection, context, story_id)
        for summary_id in sorted(self.summaries):
            refresh_summary(connection, context, summary_id)
        for ids in batches(self.people):
            recount_people(connection, context, ids)

    def _mend_tree(self, connection: sa.Connection, context: Context, tree_id: str) -> None:
        state = connection.execute(_STATE, {"tree_id": tree_id}).scalar()
        if state is None:
            return
        if state in _SCORED:
            rank_tree(connection, context, tree_id)
        if refresh_tree(connection, context, tree_id) is TreeState.growing:
            self._review_again(connection, context, tree_id)

    def _review_again(self, connection: sa.Connection, context: Context, tree_id: str) -> None:
        """Have rejected replies reviewed again that have lost a review, as far as there is room for them.

        An accepted message stays accepted; where another reply has taken the place of a rejected one, or the
        tree no longer grows, the rejection stays, too.
        """
        for node in read_nodes(connection, context, tree_id):
            row = node.row
            is_open = node.verdict is False and not row.deleted and not row.surplus
            if is_open and row.id in self.messages and _has_room(connection, row.parent_id):
                connection.execute(_FORGET_VERDICT, {"at": row.id})
                refresh_tree(connection, context, tree_id)


def batches(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    """Give ids in portions that fit into one statement, in an order that repeats."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_A_TIME):
        yield ordered[start : start + _AT_A_TIME]


def _take_off(connection: sa.Connection, statement: sa.Update, fewer: Counter[str]) -> None:
    if fewer:
        values: Sequence[dict[str, Any]] = [{"at": key, "less": number} for key, number in fewer.items()]
        connection.execute(statement, values)


def _has_room(connection: sa.Connection, parent_id: str | None) -> bool:
    """Tell whether a message takes another reply now."""
    work = work_at(connection, Reserves.reply.value, parent_id) if parent_id is not None else None
    return work is not None and bool(work.free)
