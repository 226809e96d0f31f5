"""Adds messages and trees, whether a person wrote them or a file brought them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from oasst_backend.rules.trees import TreeState, draw_goal
from oasst_backend.service.context import Context
from oasst_backend.service.tree_counts import count_tree
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, trees

_INSERT = Prepared.insert(messages)


@dataclass(frozen=True)
class NewMessage:
    """A message that is to be added; `tree_id` and `id` are the same for a prompt."""

    id: str
    tree_id: str
    parent_id: str | None
    depth: int
    role: str
    lang: str
    text: str
    source: str
    created_date: datetime
    person_id: str | None = None
    api_client_id: str | None = None
    frontend_message_id: str | None = None
    deleted: bool = False
    deletion_id: str | None = None
    surplus: bool = False
    synthetic: bool = False
    model_name: str | None = None
    review_count: int = 0
    review_result: bool | None = None
    rank: int | None = None
    imported: dict[str, Any] | None = None


def text_hash(text: str) -> str:
    """Give what equal texts are found by."""
    return hashlib.sha256(text.encode()).hexdigest()


def message_values(message: NewMessage) -> dict[str, Any]:
    """Give the row of a message; what work is wanted at it is left to `growth.refresh_tree`."""
    return {
        **vars(message),
        "text_hash": text_hash(message.text),
        "ranking_count": 0,
        "edited": False,
    }


def add_message(connection: sa.Connection, message: NewMessage) -> None:
    """Add one message."""
    _INSERT.run(connection, message_values(message))


def add_tree(  # noqa: PLR0913  # each is one column of the tree
    connection: sa.Connection,
    context: Context,
    *,
    tree_id: str,
    lang: str,
    author_id: str | None = None,
    state: TreeState = TreeState.initial_prompt_review,
    goal_tree_size: int | None = None,
    max_depth: int | None = None,
    max_children_count: int | None = None,
    origin: str | None = None,
    won_lottery: bool = False,
) -> None:
    """Add a tree; sizes that are not given come from the settings."""
    rules = context.trees
    if goal_tree_size is None:
        goal_tree_size = rules.goal_tree_size
        if rules.random_goal_tree_size:
            goal_tree_size = draw_goal(goal_tree_size, rules.min_goal_tree_size, context.rng)
    connection.execute(
        trees.insert(),
        {
            "id": tree_id,
            "state": state.value,
            "lang": lang,
            "goal_tree_size": goal_tree_size,
            "max_depth": rules.max_tree_depth if max_depth is None else max_depth,
            "max_children_count": rules.max_children_count
            if max_children_count is None
            else max_children_count,
            "origin": origin,
            "created_date": context.now,
            "won_prompt_lottery_date": context.now if won_lottery else None,
            "author_id": author_id,
            "reply_places": 0,
            "replies_under_way": 0,
            "rules_version": 0,
        },
    )
    count_tree(connection, lang, state)
