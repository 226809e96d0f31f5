"""Reads a tree and tells what follows from its facts: verdicts, the state, and the work that is wanted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from oasst_backend.rules.review import review_verdict
from oasst_backend.rules.selection import is_lonely
from oasst_backend.rules.trees import ParentFacts, TreeFacts, TreeState, can_extend
from oasst_backend.service.context import Context
from oasst_backend.service.work import Wanted
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import labellings, messages
from oasst_client import TaskRequestType

_MESSAGES = Prepared(
    sa.select(
        messages.c.id,
        messages.c.parent_id,
        messages.c.person_id,
        messages.c.source,
        messages.c.role,
        messages.c.depth,
        messages.c.lang,
        messages.c.created_date,
        messages.c.deleted,
        messages.c.surplus,
        messages.c.review_count,
        messages.c.review_result,
        messages.c.ranking_count,
    ).where(messages.c.tree_id == sa.bindparam("tree_id"))
)
_REVIEWS = (
    sa.select(labellings.c.message_id, labellings.c.labels)
    .where(labellings.c.message_id.in_(sa.bindparam("ids", expanding=True)), labellings.c.counted)
    .order_by(labellings.c.created_date, labellings.c.id)
)


class Node:
    """A message with what follows from its tree."""

    __slots__ = ("children", "reviews", "row", "verdict")

    def __init__(self, row: AnyRow) -> None:
        self.row = row
        self.verdict: bool | None = row.review_result
        self.reviews: int = row.review_count
        self.children: list[Node] = []

    @property
    def counts(self) -> bool:
        """Whether the message is accepted or may still be."""
        return not self.row.deleted and not self.row.surplus and self.verdict is not False

    @property
    def accepted(self) -> bool:
        """Whether the message is a part of the dataset."""
        return not self.row.deleted and not self.row.surplus and bool(self.verdict)

    @property
    def awaits_review(self) -> bool:
        """Whether reviews are still missing."""
        return self.counts and self.verdict is None

    @property
    def decided(self) -> bool:
        """Whether there is a verdict that its row does not say yet."""
        return bool(self.verdict != self.row.review_result)


def read_nodes(connection: sa.Connection, context: Context, tree_id: str) -> list[Node]:
    """Read the messages of a tree and decide about those that have their reviews."""
    nodes = [Node(row) for row in _MESSAGES.all(connection, {"tree_id": tree_id})]
    by_id = {node.row.id: node for node in nodes}
    for node in nodes:
        if node.row.parent_id:
            by_id[node.row.parent_id].children.append(node)
    _decide(connection, context, nodes)
    return nodes


def _decide(connection: sa.Connection, context: Context, nodes: Sequence[Node]) -> None:
    """Give a verdict about every message that has its reviews; an accepted message stays accepted."""
    rules = context.trees
    undecided = {
        node.row.id: node
        for node in nodes
        if node.awaits_review and node.row.review_count >= required_reviews(context, node)
    }
    if not undecided:
        return
    reviews: dict[str, list[dict[str, float]]] = defaultdict(list)
    for message_id, given in connection.execute(_REVIEWS, {"ids": list(undecided)}):
        reviews[message_id].append(given)
    for message_id, node in undecided.items():
        # An import may bring a count of reviews without the reviews; they are not enough to decide by.
        node.reviews = len(reviews[message_id])
        node.verdict = review_verdict(
            reviews[message_id],
            required=required_reviews(context, node),
            threshold=rules.acceptance_threshold_initial_prompt
            if node.row.depth == 0
            else rules.acceptance_threshold_reply,
        )


def required_reviews(context: Context, node: Node) -> int:
    """Give how many reviews decide about a message."""
    rules = context.trees
    return rules.num_reviews_initial_prompt if node.row.depth == 0 else rules.num_reviews_reply


def tree_facts(
    context: Context, tree: AnyRow, state: TreeState, nodes: Sequence[Node], *, ranks_computed: bool | None
) -> TreeFacts:
    """Give what decides about the state of a tree."""
    root = next(node for node in nodes if node.row.depth == 0)
    accepted = sum(node.accepted for node in nodes)
    awaiting = sum(node.awaits_review for node in nodes)
    goal = tree.goal_tree_size
    if not any(_can_extend(context, tree, TreeState.growing, node, accepted + awaiting) for node in nodes):
        # Depth and width are used up: the tree has the size that it can have.
        goal = min(goal, accepted)
    return TreeFacts(
        state=state,
        goal_tree_size=goal,
        messages=sum(not node.row.deleted for node in nodes),
        accepted=accepted,
        awaiting_review=awaiting,
        root_verdict=None if root.row.deleted else root.verdict,
        rankable_parents=sum(bool(_ranked_children(context, node)) for node in nodes),
        open_parents=sum(_missing_rankings(context, node) > 0 for node in nodes),
        won_lottery=tree.won_prompt_lottery_date is not None,
        ranks_computed=ranks_computed,
    )


def places_of(tree: AnyRow, state: TreeState, nodes: Sequence[Node]) -> int:
    """Give how many more replies a tree takes."""
    goal: int = tree.goal_tree_size
    return max(0, goal - sum(node.counts for node in nodes)) if state is TreeState.growing else 0


def wanted_work(context: Context, tree: AnyRow, state: TreeState, nodes: Sequence[Node]) -> list[Wanted]:
    """List the work that is wanted at the messages of a tree."""
    if state is TreeState.growing:
        in_tree = sum(node.counts for node in nodes)
        return [
            wanted
            for node in nodes
            if (wanted := _review(context, node) or _reply(context, tree, node, in_tree)) is not None
        ]
    if state is TreeState.initial_prompt_review:
        return [
            wanted for node in nodes if node.row.depth == 0 and (wanted := _review(context, node)) is not None
        ]
    if state is TreeState.ranking:
        return [wanted for node in nodes if (wanted := _ranking(context, node)) is not None]
    return []


_LABEL_TYPES: Mapping[tuple[bool, bool], TaskRequestType] = {
    (True, False): TaskRequestType.label_initial_prompt,
    (False, True): TaskRequestType.label_assistant_reply,
    (False, False): TaskRequestType.label_prompter_reply,
}
"""The type of a review by whether the message is the root and whether it is the assistant's."""


def _review(context: Context, node: Node) -> Wanted | None:
    missing = required_reviews(context, node) - node.reviews
    if not node.awaits_review or missing <= 0:
        return None
    task_type = _LABEL_TYPES[node.row.depth == 0, node.row.role == "assistant"]
    return Wanted(task_type, node.row.id, node.row.lang, missing)


def _reply(context: Context, tree: AnyRow, node: Node, in_tree: int) -> Wanted | None:
    if not _can_extend(context, tree, TreeState.growing, node, in_tree):
        return None
    is_assistant = node.row.role == "assistant"
    children = sum(child.counts for child in node.children)
    room = context.trees.num_prompter_replies if is_assistant else tree.max_children_count
    return Wanted(
        TaskRequestType.prompter_reply if is_assistant else TaskRequestType.assistant_reply,
        node.row.id,
        node.row.lang,
        room - children,
        lonely=is_lonely(
            is_assistant=is_assistant,
            children=children,
            lonely_children_count=context.trees.lonely_children_count,
        ),
    )


def _ranking(context: Context, node: Node) -> Wanted | None:
    missing = _missing_rankings(context, node)
    if missing <= 0:
        return None
    is_assistant = node.row.role == "assistant"
    return Wanted(
        TaskRequestType.rank_prompter_replies if is_assistant else TaskRequestType.rank_assistant_replies,
        node.row.id,
        node.row.lang,
        missing,
    )


def _ranked_children(context: Context, node: Node) -> list[Node]:
    """Give the children that are put in order, none if they are not ranked at all."""
    if node.row.deleted or (node.row.role == "assistant" and not context.trees.rank_prompter_replies):
        return []
    children = [child for child in node.children if child.accepted]
    return children if len(children) > 1 else []


def _missing_rankings(context: Context, node: Node) -> int:
    children = _ranked_children(context, node)
    if not children:
        return 0
    done: int = min(child.row.ranking_count for child in children)
    return max(0, context.trees.num_required_rankings - done)


def _can_extend(context: Context, tree: AnyRow, state: TreeState, node: Node, in_tree: int) -> bool:
    return can_extend(
        ParentFacts(
            state=state,
            goal_tree_size=tree.goal_tree_size,
            in_tree=in_tree,
            accepted=node.accepted,
            deleted=node.row.deleted,
            is_assistant=node.row.role == "assistant",
            depth=node.row.depth,
            max_depth=tree.max_depth,
            children=sum(child.counts for child in node.children),
            max_children_count=tree.max_children_count,
            num_prompter_replies=context.trees.num_prompter_replies,
        )
    )
