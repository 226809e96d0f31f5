"""The backend's tables; the columns that selection reads are kept up to date by `service.growth`."""

import sqlalchemy as sa

from oasst_backend.storage.columns import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

Id = sa.String(36)
PERSONAL = {"personal": True}
"""Marks a column that says something about one person; export and deletion of a person's data go by it."""

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

api_clients = sa.Table(
    "api_clients",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False, unique=True),
    sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("trusted", sa.Boolean, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("from_settings", sa.Boolean, nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("auth_method", sa.String(16), nullable=False, info=PERSONAL),
    sa.Column("username", sa.String(128), nullable=False, info=PERSONAL),
    sa.Column("display_name", sa.String(255), nullable=False, info=PERSONAL),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("show_on_leaderboard", sa.Boolean, nullable=False, info=PERSONAL),
    sa.Column("notes", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
    sa.Column("last_activity_date", UtcDateTime, info=PERSONAL),
    sa.Column("tos_acceptance_date", UtcDateTime, info=PERSONAL),
    sa.Column("streak_days", sa.Integer, nullable=False, info=PERSONAL),
    sa.Column("streak_last_day_date", UtcDateTime, info=PERSONAL),
    sa.UniqueConstraint("auth_method", "username"),
)

trees = sa.Table(
    "trees",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("goal_tree_size", sa.Integer, nullable=False),
    sa.Column("max_depth", sa.Integer, nullable=False),
    sa.Column("max_children_count", sa.Integer, nullable=False),
    sa.Column("origin", sa.Text),
    sa.Column("created_date", UtcDateTime, nullable=False),
    sa.Column("won_prompt_lottery_date", UtcDateTime),
    # The author of the root again, so that the lottery finds authors without a join.
    sa.Column("author_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    # How many more replies the tree takes before it has its goal size.
    sa.Column("reply_places", sa.Integer, nullable=False),
)
sa.Index("ix_trees_lang_state", trees.c.lang, trees.c.state)
sa.Index("ix_trees_state", trees.c.state)
sa.Index("ix_trees_author_id", trees.c.author_id)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tree_id", Id, sa.ForeignKey("trees.id"), nullable=False),
    sa.Column("parent_id", Id, sa.ForeignKey("messages.id")),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    sa.Column("api_client_id", Id, sa.ForeignKey("api_clients.id")),
    sa.Column("frontend_message_id", sa.String(200), info=PERSONAL),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("text_hash", sa.String(64), nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("synthetic", sa.Boolean, nullable=False),
    sa.Column("model_name", sa.String(255)),
    # What an imported file said of a message and cannot be told from rows of ours: labels, emojis, events.
    sa.Column("imported", sa.JSON(none_as_null=True)),
    # A reply that came when its place was taken: kept, but neither reviewed nor counted.
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("review_count", sa.Integer, nullable=False),
    sa.Column("review_result", sa.Boolean),
    sa.Column("rank", sa.Integer),
    sa.Column("ranking_count", sa.Integer, nullable=False),
    sa.Column("children_count", sa.Integer, nullable=False),
    # Work that is wanted at this message now, before reservations are taken off.
    sa.Column("reply_slots", sa.Integer, nullable=False),
    sa.Column("review_slots", sa.Integer, nullable=False),
    sa.Column("ranking_slots", sa.Integer, nullable=False),
    # A random place in 0..1, so that a draw can start anywhere in an index.
    sa.Column("shuffle", sa.Float, nullable=False),
    sa.UniqueConstraint("api_client_id", "frontend_message_id"),
)
sa.Index("ix_messages_tree_id", messages.c.tree_id)
sa.Index("ix_messages_parent_id", messages.c.parent_id)
sa.Index("ix_messages_person_text", messages.c.person_id, messages.c.text_hash)
sa.Index("ix_messages_person_date", messages.c.person_id, messages.c.created_date)
sa.Index(
    "ix_messages_replies_wanted",
    messages.c.lang,
    messages.c.shuffle,
    messages.c.role,
    messages.c.depth,
    sqlite_where=messages.c.reply_slots > 0,
    postgresql_where=messages.c.reply_slots > 0,
)
sa.Index(
    "ix_messages_reviews_wanted",
    messages.c.lang,
    messages.c.shuffle,
    messages.c.role,
    messages.c.depth,
    sqlite_where=messages.c.review_slots > 0,
    postgresql_where=messages.c.review_slots > 0,
)
sa.Index(
    "ix_messages_rankings_wanted",
    messages.c.lang,
    messages.c.shuffle,
    messages.c.role,
    messages.c.depth,
    sqlite_where=messages.c.ranking_slots > 0,
    postgresql_where=messages.c.ranking_slots > 0,
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("type", sa.String(32), nullable=False),
    # reply, review, ranking or prompt: what the task reserves.
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("api_client_id", Id, sa.ForeignKey("api_clients.id"), nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id")),
    sa.Column("tree_id", Id, sa.ForeignKey("trees.id")),
    # The parts of the task that its answer is checked against: the served order, the labels, the mode.
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("collective", sa.Boolean, nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False),
    sa.Column("expiry_date", UtcDateTime, nullable=False),
    sa.Column("frontend_message_id", sa.String(200), info=PERSONAL),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("done_date", UtcDateTime),
    sa.Column("skip_reason", sa.String(512), info=PERSONAL),
    sa.UniqueConstraint("api_client_id", "frontend_message_id"),
)
sa.Index(
    "ix_tasks_open_message",
    tasks.c.message_id,
    tasks.c.kind,
    tasks.c.created_date,
    sqlite_where=tasks.c.is_open == sa.true(),
    postgresql_where=tasks.c.is_open == sa.true(),
)
sa.Index(
    "ix_tasks_open_tree",
    tasks.c.tree_id,
    tasks.c.kind,
    tasks.c.created_date,
    sqlite_where=tasks.c.is_open == sa.true(),
    postgresql_where=tasks.c.is_open == sa.true(),
)
sa.Index(
    "ix_tasks_open_person",
    tasks.c.person_id,
    tasks.c.created_date,
    sqlite_where=tasks.c.is_open == sa.true(),
    postgresql_where=tasks.c.is_open == sa.true(),
)
sa.Index(
    "ix_tasks_open_prompts",
    tasks.c.lang,
    tasks.c.kind,
    tasks.c.created_date,
    sqlite_where=tasks.c.is_open == sa.true(),
    postgresql_where=tasks.c.is_open == sa.true(),
)

labellings = sa.Table(
    "labellings",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id")),
    sa.Column("mode", sa.String(16)),
    sa.Column("labels", sa.JSON, nullable=False, info=PERSONAL),
    sa.Column("text", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("is_report", sa.Boolean, nullable=False),
    # Whether it is one of the reviews that decide; one that came too late is kept and not counted.
    sa.Column("counted", sa.Boolean, nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_labellings_message_person", labellings.c.message_id, labellings.c.person_id)
sa.Index("ix_labellings_person_date", labellings.c.person_id, labellings.c.created_date)

rankings = sa.Table(
    "rankings",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("parent_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("tree_id", Id, sa.ForeignKey("trees.id"), nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id")),
    sa.Column("ranked_ids", sa.JSON, nullable=False),
    sa.Column("not_rankable", sa.Boolean, nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),
    sa.Column("good", sa.Boolean),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_rankings_parent_person", rankings.c.parent_id, rankings.c.person_id)
sa.Index("ix_rankings_tree_id", rankings.c.tree_id)
sa.Index("ix_rankings_person_date", rankings.c.person_id, rankings.c.created_date)

ranking_places = sa.Table(
    "ranking_places",
    metadata,
    sa.Column("ranking_id", Id, sa.ForeignKey("rankings.id"), primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    # 1 for the best of a ballot; only the first three places earn anything, so only they are kept here.
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("author_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("created_date", UtcDateTime, nullable=False),
)
sa.Index("ix_ranking_places_author_date", ranking_places.c.author_id, ranking_places.c.created_date)
sa.Index("ix_ranking_places_message", ranking_places.c.message_id)

reactions = sa.Table(
    "reactions",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, info=PERSONAL),
    sa.Column("emoji", sa.String(32), primary_key=True),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_reactions_person", reactions.c.person_id)
