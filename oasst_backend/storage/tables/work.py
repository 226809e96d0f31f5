"""The work that is wanted now, kept as it changes, and the tasks by which it is handed out."""

import sqlalchemy as sa

from oasst_backend.storage.columns import UtcDateTime
from oasst_backend.storage.tables.base import PERSONAL, Id, metadata, partial_index

# One row for each piece of work that somebody could do now or has in hand.
open_work = sa.Table(
    "open_work",
    metadata,
    # reply, review, ranking, prompt_ranking, summary or rating
    sa.Column("kind", sa.String(16), primary_key=True),
    # What it is done at: a message, a group of prompts, a story or a summary.
    sa.Column("subject_id", Id, primary_key=True),
    # The type of task that hands it out, and the kind among which random tasks are drawn.
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("draw_kind", sa.String(16), nullable=False),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("tree_id", Id, sa.ForeignKey("trees.id")),
    # How many people are still needed, and how many of them have it in hand.
    sa.Column("wanted", sa.Integer, nullable=False),
    sa.Column("reserved", sa.Integer, nullable=False),
    # Whether another person can have it: somebody is missing and, for a reply, the tree has a place left.
    sa.Column("free", sa.Boolean, nullable=False),
    sa.Column("lonely", sa.Boolean, nullable=False),
    # Until then it is not handed out again: somebody got the same message to reply to just now.
    sa.Column("not_before", UtcDateTime),
    # A random place in 0..1, so that a draw can start anywhere in an index.
    sa.Column("shuffle", sa.Float, nullable=False),
)
partial_index(
    "ix_open_work_kind",
    open_work.c.lang,
    open_work.c.draw_kind,
    open_work.c.shuffle,
    where=open_work.c.free == sa.true(),
)
partial_index(
    "ix_open_work_type",
    open_work.c.lang,
    open_work.c.type,
    open_work.c.shuffle,
    where=open_work.c.free == sa.true(),
)
partial_index(
    "ix_open_work_lonely",
    open_work.c.lang,
    open_work.c.shuffle,
    where=sa.and_(open_work.c.free == sa.true(), open_work.c.lonely == sa.true()),
)
sa.Index("ix_open_work_tree_id", open_work.c.tree_id)
partial_index("ix_open_work_resting", open_work.c.not_before, where=open_work.c.not_before.is_not(None))

# How many trees of a language are in each state; kept, so that nobody has to count them.
tree_counts = sa.Table(
    "tree_counts",
    metadata,
    sa.Column("lang", sa.String(32), primary_key=True),
    sa.Column("state", sa.String(32), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("type", sa.String(32), nullable=False),
    # What it reserves: a kind of `open_work`, or prompt.
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("api_client_id", Id, sa.ForeignKey("api_clients.id"), nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    # The subject of `open_work`; null for a prompt.
    sa.Column("subject_id", Id),
    sa.Column("tree_id", Id, sa.ForeignKey("trees.id")),
    # The parts of the task that its answer is checked against: the served order, the labels, the mode.
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("collective", sa.Boolean, nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False),
    sa.Column("expiry_date", UtcDateTime, nullable=False),
    # Until then its place is kept; null when it holds none.
    sa.Column("reserved_until", UtcDateTime),
    sa.Column("frontend_message_id", sa.String(200), info=PERSONAL),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("done_date", UtcDateTime),
    sa.Column("skip_reason", sa.String(512), info=PERSONAL),
    # By what the frontend asked for it, so that it finds it again.
    sa.Column("request_key", sa.String(64), info=PERSONAL),
    sa.UniqueConstraint("api_client_id", "frontend_message_id"),
)
partial_index(
    "ix_tasks_open_person",
    tasks.c.person_id,
    tasks.c.created_date,
    where=tasks.c.is_open == sa.true(),
)
partial_index(
    "ix_tasks_request_key",
    tasks.c.api_client_id,
    tasks.c.request_key,
    where=tasks.c.request_key.is_not(None),
    unique=True,
)
partial_index("ix_tasks_reserved", tasks.c.reserved_until, where=tasks.c.reserved_until.is_not(None))
partial_index(
    "ix_tasks_reserved_subject",
    tasks.c.subject_id,
    tasks.c.kind,
    where=sa.and_(tasks.c.reserved_until.is_not(None), tasks.c.subject_id.is_not(None)),
)
partial_index(
    "ix_tasks_prompts_under_way",
    tasks.c.lang,
    where=sa.and_(tasks.c.reserved_until.is_not(None), tasks.c.subject_id.is_(None)),
)
# A group of prompts, a story or a summary is handed to the same person once; a message has its skip marks.
partial_index(
    "ix_tasks_outside_trees",
    tasks.c.person_id,
    tasks.c.subject_id,
    where=sa.and_(tasks.c.subject_id.is_not(None), tasks.c.tree_id.is_(None)),
)
