"""Brings prompts and trees from files into the storage: all of a file or nothing."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from oasst_backend.api.app import utc_now
from oasst_backend.dataset.models import ExportNode, ExportTree, Placed, PromptLine, walk
from oasst_backend.dataset.reading import DatasetError, LineProblem, read_prompts, read_trees
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.planting import NewMessage, add_message, add_tree, message_values
from oasst_backend.service.tasks import DEFAULT_LANG
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.columns import as_dict
from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import messages, people
from oasst_client import AuthMethod

ID_BATCH = 500
"""Ids looked up in one statement, well below what SQLite binds."""

UNFINISHED = frozenset(TreeState) - {
    TreeState.ready_for_export,
    TreeState.aborted_low_grade,
    TreeState.halted_by_moderator,
    TreeState.backlog_ranking,
}
"""States in which an imported tree goes on living; in the others it rests as it came."""


@dataclass(frozen=True)
class ImportCounts:
    """How much was added."""

    trees: int
    messages: int


def import_prompts(  # what an operator may say of a file
    storage: Storage,
    settings: BackendSettings,
    path: Path,
    *,
    lang: str = DEFAULT_LANG,
    accepted: bool = False,
    clock: Callable[[], datetime] = utc_now,
    rng: random.Random | None = None,
) -> ImportCounts:
    """Add prompts, each as the root of a tree that people review like any other.

    Args:
        storage: where they go; the backend may run at the same time.
        settings: the backend's settings.
        path: the file, one prompt a line.
        lang: the language of prompts that name none.
        accepted: whether to take them as reviewed, so that they wait for the lottery at once.
        clock: gives the moment in UTC.
        rng: the source of chance.

    Raises:
        DatasetError: the file cannot be read or a line is broken; nothing was added.
    """
    prompts = read_prompts(path, max_length=settings.message_size_limit)
    context = _context(settings, clock, rng)

    def add(connection: sa.Connection) -> ImportCounts:
        for place, prompt in enumerate(prompts):
            _add_prompt(connection, context, prompt, path.name, place, lang=lang, accepted=accepted)
        return ImportCounts(len(prompts), len(prompts))

    return storage.write_now(add)


def import_trees(
    storage: Storage,
    settings: BackendSettings,
    path: Path,
    *,
    backlog: bool = False,
    clock: Callable[[], datetime] = utc_now,
    rng: random.Random | None = None,
) -> ImportCounts:
    """Add whole trees in the dataset's format, with the ids that they have.

    Args:
        storage: where they go; the backend may run at the same time.
        settings: the backend's settings.
        path: the file, one tree a line.
        backlog: whether they wait in the backlog until their replies are ranked anew.
        clock: gives the moment in UTC.
        rng: the source of chance.

    Raises:
        DatasetError: the file cannot be read, a line is broken, or a message is there already; nothing was
            added.
    """
    found = read_trees(path)
    context = _context(settings, clock, rng)

    def add(connection: sa.Connection) -> ImportCounts:
        _check_new(connection, path, found)
        authors = _people_of(connection, context, found)
        total = 0
        for tree in found:
            # A microsecond apart where no date is given, so that an export keeps the file's order.
            start = context.now + timedelta(microseconds=total)
            total += _add_tree(connection, context, tree, authors, start=start, backlog=backlog)
        return ImportCounts(len(found), total)

    return storage.write_now(add)


def _context(settings: BackendSettings, clock: Callable[[], datetime], rng: random.Random | None) -> Context:
    return Context(settings, clock(), rng or random.Random())  # noqa: S311  # no secret depends on it


def _add_prompt(  # a prompt and what the operator said of its file
    connection: sa.Connection,
    context: Context,
    prompt: PromptLine,
    origin: str,
    place: int,
    *,
    lang: str,
    accepted: bool,
) -> None:
    tree_id = new_id()
    lang = prompt.lang or lang
    add_tree(
        connection,
        context,
        tree_id=tree_id,
        lang=lang,
        goal_tree_size=prompt.goal_tree_size,
        max_depth=prompt.max_depth,
        max_children_count=prompt.max_children_count,
        origin=origin,
    )
    message = NewMessage(
        id=tree_id,
        tree_id=tree_id,
        parent_id=None,
        depth=0,
        role="prompter",
        lang=lang,
        text=prompt.text,
        source="import",
        # A microsecond apart, so that their order is the file's.
        created_date=context.now + timedelta(microseconds=place),
        review_result=True if accepted else None,
    )
    add_message(connection, message)
    refresh_tree(connection, context, tree_id)


def _add_tree(
    connection: sa.Connection,
    context: Context,
    tree: ExportTree,
    authors: dict[str, str],
    *,
    start: datetime,
    backlog: bool,
) -> int:
    places = list(walk(tree))
    state = TreeState.backlog_ranking if backlog else tree.tree_state
    widest = max((len(place.node.replies) for place in places if place.depth % 2 == 0), default=0)
    add_tree(
        connection,
        context,
        tree_id=str(tree.message_tree_id),
        lang=tree.prompt.lang,
        author_id=authors.get(tree.prompt.user_id or ""),
        state=state,
        goal_tree_size=max(len(places), context.trees.goal_tree_size) if state in UNFINISHED else len(places),
        max_depth=max(context.trees.max_tree_depth, *(place.depth for place in places)),
        max_children_count=max(widest, context.trees.max_children_count),
        origin=tree.origin,
        won_lottery=state not in {TreeState.initial_prompt_review, TreeState.prompt_lottery_waiting},
    )
    rows = [
        message_values(_imported(tree, place, authors, start + timedelta(microseconds=number)))
        for number, place in enumerate(places)
    ]
    # Parents come first, as the foreign key wants it.
    connection.execute(messages.insert(), rows)
    if state in UNFINISHED:
        refresh_tree(connection, context, str(tree.message_tree_id))
    return len(rows)


def _imported(tree: ExportTree, place: Placed, authors: dict[str, str], created_date: datetime) -> NewMessage:
    node = place.node
    return NewMessage(
        id=str(node.message_id),
        tree_id=str(tree.message_tree_id),
        parent_id=str(place.parent.message_id) if place.parent else None,
        depth=place.depth,
        role=node.role.value,
        lang=node.lang,
        text=node.text,
        source="import",
        created_date=node.created_date or created_date,
        person_id=authors.get(node.user_id or ""),
        deleted=node.deleted,
        synthetic=node.synthetic,
        model_name=node.model_name,
        review_count=node.review_count,
        review_result=node.review_result,
        rank=node.rank,
        imported=_remembered(node),
    )


def _remembered(node: ExportNode) -> dict[str, Any] | None:
    """Keep what an export gives back and no row of ours could tell."""
    kept = node.model_dump(mode="json", include={"emojis", "labels", "events", "detoxify"}, exclude_none=True)
    if node.created_date is None:
        kept["undated"] = True
    return kept or None


def _check_new(connection: sa.Connection, path: Path, found: Sequence[ExportTree]) -> None:
    """See that no message is there already; one problem a tree is enough to say so."""
    tree_of = {
        str(place.node.message_id): number
        for number, tree in enumerate(found, start=1)
        for place in walk(tree)
    }
    known = {
        tree_of[message_id]: message_id
        for batch in _batches(tree_of)
        for message_id in connection.execute(
            sa.select(messages.c.id).where(messages.c.id.in_(batch))
        ).scalars()
    }
    if known:
        raise DatasetError(
            path,
            [
                LineProblem(0, f"tree {number}: message {message_id} is in the database already")
                for number, message_id in sorted(known.items())
            ],
        )


def _people_of(connection: sa.Connection, context: Context, found: Sequence[ExportTree]) -> dict[str, str]:
    """Make the authors of a file known under their pseudonyms; they stand on no board."""
    names = {place.node.user_id: None for tree in found for place in walk(tree) if place.node.user_id}
    known: dict[str, str] = {}
    for batch in _batches(names):
        own = sa.select(people.c.id).where(people.c.id.in_(batch))
        # An author who wrote here: an export of ours comes back.
        known |= {person_id: person_id for person_id in connection.execute(own).scalars()}
        imported = sa.select(people.c.username, people.c.id).where(
            people.c.auth_method == AuthMethod.system.value, people.c.username.in_(batch)
        )
        known |= as_dict(connection.execute(imported))
    new = [
        {
            "id": new_id(),
            "auth_method": AuthMethod.system.value,
            "username": name,
            "display_name": "",
            "enabled": True,
            "deleted": False,
            "show_on_leaderboard": False,
            "notes": "imported",
            "created_date": context.now,
            "streak_days": 0,
        }
        for name in names
        if name not in known
    ]
    if new:
        connection.execute(people.insert(), new)
    return known | {str(row["username"]): str(row["id"]) for row in new}


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(ids)
    while batch := list(itertools.islice(iterator, ID_BATCH)):
        yield batch
