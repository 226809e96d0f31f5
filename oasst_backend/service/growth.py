"""Keeps a tree's state and the work wanted at its messages in step with its facts.

Every transaction that changes a tree ends with `refresh_tree`, so that no tree waits for anything but people.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from loguru import logger

from oasst_backend.rules.review import review_verdict
from oasst_backend.rules.trees import (
    TERMINAL_STATES,
    ParentFacts,
    TreeFacts,
    TreeState,
    activated_state,
    can_extend,
    settled_state,
    unhalted_state,
)
from oasst_backend.service.context import Context
from oasst_backend.service.scoring import rank_tree
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import labellings, messages, people, trees

_TREE = (
    sa.select(trees, people.c.enabled.label("author_enabled"), people.c.deleted.label("author_deleted"))
    .select_from(trees.outerjoin(people, people.c.id == trees.c.author_id))
    .where(trees.c.id == sa.bindparam("tree_id"))
)
_MESSAGES = sa.select(
    messages.c.id,
    messages.c.parent_id,
    messages.c.role,
    messages.c.depth,
    messages.c.deleted,
    messages.c.late,
    messages.c.review_count,
    messages.c.review_result,
    messages.c.ranking_count,
    messages.c.children_count,
    messages.c.reply_slots,
    messages.c.review_slots,
    messages.c.ranking_slots,
).where(messages.c.tree_id == sa.bindparam("tree_id"))
_BACKLOG = (
    sa.select(trees.c.id)
    .where(trees.c.lang == sa.bindparam("lang"), trees.c.state == TreeState.backlog_ranking)
    .order_by(trees.c.id)
)
_REVIEWS = (
    sa.select(labellings.c.message_id, labellings.c.labels)
    .where(labellings.c.message_id.in_(sa.bindparam("ids", expanding=True)), labellings.c.counted)
    .order_by(labellings.c.created_date, labellings.c.id)
)
_UPDATE = (
    messages.update()
    .where(messages.c.id == sa.bindparam("at"))
    .values(
        {
            name: sa.bindparam(name)
            for name in ("review_result", "children_count", "reply_slots", "review_slots", "ranking_slots")
        }
    )
)


class _Node:
    """A message with what follows from its tree; `changed` tells whether the row must be written."""

    def __init__(self, row: AnyRow) -> None:
        self.row = row
        self.verdict: bool | None = row.review_result
        self.reviews: int = row.review_count
        self.children: list[_Node] = []
        self.values: dict[str, Any] = {}

    @property
    def counts(self) -> bool:
        """Whether the message is accepted or may still be."""
        return not self.row.deleted and not self.row.late and self.verdict is not False

    @property
    def accepted(self) -> bool:
        """Whether the message is a part of the dataset."""
        return not self.row.deleted and bool(self.verdict)

    @property
    def awaits_review(self) -> bool:
        """Whether reviews are still missing."""
        return self.counts and self.verdict is None

    @property
    def changed(self) -> bool:
        """Whether the row says anything else."""
        return any(getattr(self.row, name) != value for name, value in self.values.items())


def refresh_tree(
    connection: sa.Connection,
    context: Context,
    tree_id: str,
    *,
    stop: TreeState | None = None,
    unhalt: bool = False,
    activate: bool = False,
) -> TreeState:
    """Move a tree on as far as its facts carry it, and set what work is wanted at each message.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        tree_id: the tree.
        stop: the state in which moderation ends it, whatever its facts say.
        unhalt: whether a moderator lets it go on.
        activate: whether it leaves the backlog.

    Returns:
        The state it is in now.
    """
    tree = connection.execute(_TREE, {"tree_id": tree_id}).one()
    nodes = _read_nodes(connection, context, tree_id)
    state = TreeState(tree.state)
    ranked = None
    facts = _facts(context, tree, state, nodes, ranks_computed=None)
    if stop is not None:
        state = stop
    elif unhalt:
        state = unhalted_state(facts)
    elif activate:
        state = activated_state(facts)
    else:
        state = settled_state(facts)
    if state in {TreeState.ready_for_scoring, TreeState.scoring_failed}:
        ranked = _score(connection, tree_id)
        state = settled_state(_facts(context, tree, state, nodes, ranks_computed=ranked))
    if state is TreeState.prompt_lottery_waiting and _author_is_out(tree):
        # Nobody may draw it any more, so it must not take a place in the lottery.
        state = TreeState.halted_by_moderator
    places = _set_work(context, tree, state, nodes)
    if changed := [{"at": node.row.id, **node.values} for node in nodes if node.changed]:
        connection.execute(_UPDATE, changed)
    if state != tree.state or places != tree.reply_places:
        connection.execute(
            trees.update().where(trees.c.id == tree_id).values(state=state.value, reply_places=places)
        )
    if state != tree.state:
        logger.debug("tree {} went from {} to {}", tree_id, tree.state, state.value)
        is_over = state in TERMINAL_STATES and not activate
        if is_over and context.rng.random() < context.trees.p_activate_backlog_tree:
            _activate_backlog_tree(connection, context, tree.lang)
    return state


def refresh_all(connection: sa.Connection, context: Context) -> int:
    """Refresh every tree that may move or be worked on; to be run when the settings have changed.

    Returns:
        How many trees were looked at.
    """
    resting = [*TERMINAL_STATES, TreeState.backlog_ranking]
    ids = connection.execute(sa.select(trees.c.id).where(trees.c.state.not_in(resting))).scalars().all()
    for tree_id in ids:
        refresh_tree(connection, context, tree_id)
    return len(ids)


def retry_scoring(connection: sa.Connection, context: Context) -> int:
    """Try once more to compute the ranks of the trees where that failed.

    Returns:
        How many trees were looked at.
    """
    failed = sa.select(trees.c.id).where(trees.c.state == TreeState.scoring_failed)
    ids = connection.execute(failed).scalars().all()
    for tree_id in ids:
        refresh_tree(connection, context, tree_id)
    return len(ids)


def halt_waiting_prompts(connection: sa.Connection, context: Context, author_id: str) -> None:
    """Take the waiting prompts of an author who was disabled out of the lottery, which they cannot win."""
    waiting = sa.select(trees.c.id).where(
        trees.c.author_id == author_id, trees.c.state == TreeState.prompt_lottery_waiting
    )
    for tree_id in connection.execute(waiting).scalars().all():
        refresh_tree(connection, context, tree_id)


def fill_rankings(connection: sa.Connection, context: Context, lang: str) -> None:
    """Bring a tree from the backlog to ranking while a language has fewer rankings to do than wanted."""
    wanted = context.trees.min_active_rankings_per_lang
    if wanted and _rankings_to_do(connection, lang) < wanted:
        _activate_backlog_tree(connection, context, lang)


def _read_nodes(connection: sa.Connection, context: Context, tree_id: str) -> list[_Node]:
    nodes = [_Node(row) for row in connection.execute(_MESSAGES, {"tree_id": tree_id})]
    by_id = {node.row.id: node for node in nodes}
    for node in nodes:
        if node.row.parent_id:
            by_id[node.row.parent_id].children.append(node)
    _decide(connection, context, nodes)
    return nodes


def _decide(connection: sa.Connection, context: Context, nodes: Sequence[_Node]) -> None:
    """Give a verdict about every message that has its reviews; an accepted message stays accepted."""
    rules = context.trees
    undecided = {
        node.row.id: node
        for node in nodes
        if node.awaits_review and node.row.review_count >= _required_reviews(context, node)
    }
    if not undecided:
        return
    reviews: dict[str, list[dict[str, float]]] = defaultdict(list)
    for message_id, given in connection.execute(_REVIEWS, {"ids": list(undecided)}):
        reviews[message_id].append(given)
    for message_id, node in undecided.items():
        # An import may bring a count of reviews without the reviews; they are not enough to decide by.
        node.reviews = len(reviews[message_id])
        is_root = node.row.depth == 0
        node.verdict = review_verdict(
            reviews[message_id],
            required=_required_reviews(context, node),
            threshold=rules.acceptance_threshold_initial_prompt
            if is_root
            else rules.acceptance_threshold_reply,
        )


def _required_reviews(context: Context, node: _Node) -> int:
    rules = context.trees
    return rules.num_reviews_initial_prompt if node.row.depth == 0 else rules.num_reviews_reply


def _ranked_children(context: Context, node: _Node) -> list[_Node]:
    """Give the children that are put in order, none if they are not ranked at all."""
    if node.row.deleted or (node.row.role == "assistant" and not context.trees.rank_prompter_replies):
        return []
    children = [child for child in node.children if child.accepted]
    return children if len(children) > 1 else []


def _missing_rankings(context: Context, node: _Node) -> int:
    children = _ranked_children(context, node)
    if not children:
        return 0
    done: int = min(child.row.ranking_count for child in children)
    return max(0, context.trees.num_required_rankings - done)


def _facts(
    context: Context,
    tree: AnyRow,
    state: TreeState,
    nodes: Sequence[_Node],
    *,
    ranks_computed: bool | None,
) -> TreeFacts:
    root = next(node for node in nodes if node.row.depth == 0)
    accepted = sum(node.accepted and not node.row.late for node in nodes)
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


def _can_extend(context: Context, tree: AnyRow, state: TreeState, node: _Node, in_tree: int) -> bool:
    return can_extend(
        ParentFacts(
            state=state,
            goal_tree_size=tree.goal_tree_size,
            in_tree=in_tree,
            accepted=node.accepted and not node.row.late,
            deleted=node.row.deleted,
            is_assistant=node.row.role == "assistant",
            depth=node.row.depth,
            max_depth=tree.max_depth,
            children=sum(child.counts for child in node.children),
            max_children_count=tree.max_children_count,
            num_prompter_replies=context.trees.num_prompter_replies,
        )
    )


def _set_work(context: Context, tree: AnyRow, state: TreeState, nodes: Sequence[_Node]) -> int:
    """Set the work wanted at each message, and give the number of replies that the tree still takes."""
    in_tree = sum(node.counts for node in nodes)
    for node in nodes:
        children = sum(child.counts for child in node.children)
        room = context.trees.num_prompter_replies if node.row.role == "assistant" else tree.max_children_count
        reviewed = state is TreeState.growing or (
            state is TreeState.initial_prompt_review and node.row.depth == 0
        )
        node.values = {
            "review_result": node.verdict,
            "children_count": children,
            "reply_slots": room - children if _can_extend(context, tree, state, node, in_tree) else 0,
            "review_slots": (
                max(0, _required_reviews(context, node) - node.reviews)
                if reviewed and node.awaits_review
                else 0
            ),
            "ranking_slots": _missing_rankings(context, node) if state is TreeState.ranking else 0,
        }
    goal: int = tree.goal_tree_size
    return max(0, goal - in_tree) if state is TreeState.growing else 0


def _score(connection: sa.Connection, tree_id: str) -> bool:
    """Compute the ranks; a failure is kept as the tree's state instead of losing the last ballot."""
    try:
        with connection.begin_nested():
            rank_tree(connection, tree_id)
    except sa.exc.DBAPIError:
        raise  # a full disk is no fault of the ballots
    except Exception as error:  # noqa: BLE001  # whatever it is, the tree says that it was not scored
        logger.error("the ranks of tree {} could not be computed: {}", tree_id, type(error).__name__)
        return False
    return True


def _author_is_out(tree: AnyRow) -> bool:
    return tree.author_id is not None and (not tree.author_enabled or tree.author_deleted)


def _rankings_to_do(connection: sa.Connection, lang: str) -> int:
    count: int = connection.execute(
        sa.select(sa.func.count())
        .select_from(messages)
        .where(messages.c.lang == lang, messages.c.ranking_slots > 0)
    ).scalar_one()
    return count


def _activate_backlog_tree(connection: sa.Connection, context: Context, lang: str) -> None:
    ids = connection.execute(_BACKLOG, {"lang": lang}).scalars().all()
    if ids:
        refresh_tree(connection, context, context.rng.choice(ids), activate=True)
