"""Adds prompts that a file brought, each text once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from oasst_backend.dataset.models import PromptLine
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.planting import NewMessage, add_message, add_tree, text_hash
from oasst_backend.storage.tables import messages

_KNOWN = sa.select(messages.c.text_hash, messages.c.lang).where(
    messages.c.text_hash.in_(sa.bindparam("hashes", expanding=True)),
    # Written out, as the index of imported prompts has it.
    messages.c.source == sa.literal("import", literal_execute=True),
    messages.c.parent_id.is_(None),
)


@dataclass(frozen=True)
class PromptFile:
    """What an operator says of a file of prompts.

    Attributes:
        origin: its name.
        lang: the language of prompts that name none.
        accepted: whether to take them as reviewed, so that they wait for the lottery at once.
    """

    origin: str
    lang: str
    accepted: bool


def add_prompts(
    connection: sa.Connection,
    context: Context,
    found: Sequence[PromptLine],
    file: PromptFile,
    start: datetime,
) -> int:
    """Add prompts as roots of trees, but not those whose text was imported before in their language.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        found: the prompts.
        file: what is said of their file.
        start: the date of the first one; each further one is a microsecond later, so that their order is the
            file's.

    Returns:
        How many were added.
    """
    hashes = [text_hash(prompt.text) for prompt in found]
    known = {(row.text_hash, row.lang) for row in connection.execute(_KNOWN, {"hashes": hashes})}
    added = 0
    for place, (prompt, digest) in enumerate(zip(found, hashes, strict=True)):
        key = (digest, prompt.lang or file.lang)
        if key not in known:
            known.add(key)
            _add_prompt(connection, context, prompt, file, start + timedelta(microseconds=place))
            added += 1
    return added


def _add_prompt(
    connection: sa.Connection, context: Context, prompt: PromptLine, file: PromptFile, created_date: datetime
) -> None:
    tree_id = new_id()
    lang = prompt.lang or file.lang
    add_tree(
        connection,
        context,
        tree_id=tree_id,
        lang=lang,
        goal_tree_size=prompt.goal_tree_size,
        max_depth=prompt.max_depth,
        max_children_count=prompt.max_children_count,
        origin=file.origin,
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
        created_date=created_date,
        review_result=True if file.accepted else None,
    )
    add_message(connection, message)
    refresh_tree(connection, context, tree_id)
