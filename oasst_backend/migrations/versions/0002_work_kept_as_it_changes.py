"""Keeps open work, scores and states as they change; adds stories, the journal, reports and terms."""

import sqlalchemy as sa
from alembic import op

from oasst_backend.storage.columns import UtcDateTime

revision = "0002"
down_revision = "0001"

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}

LEADER_SCORE = (
    "prompts / 10 + 4 * replies_assistant + replies_prompter + labels_simple + 2 * labels_full"
    " + rankings_total + rankings_good + accepted_prompts / 10 + 4 * accepted_replies_assistant"
    " + accepted_replies_prompter + 9 * reply_ranked_1 + 3 * reply_ranked_2 + reply_ranked_3"
)


def upgrade() -> None:
    """Change the schema; what is kept as it changes is worked out by the backend when it starts."""
    _drop_what_is_kept_elsewhere()
    _create_tables()
    _change_trees_and_messages()
    _change_tasks_and_rankings()
    _create_indexes()
    _prepare_boards()
    op.execute("INSERT INTO tree_counts SELECT lang, state, count(*) FROM trees GROUP BY lang, state")


def _drop_what_is_kept_elsewhere() -> None:
    op.drop_table("ranking_places")
    for name in (
        "ix_messages_person_text",
        "ix_messages_rankings_wanted",
        "ix_messages_replies_wanted",
        "ix_messages_reviews_wanted",
    ):
        op.drop_index(name, table_name="messages")
    for name in (
        "ix_tasks_open_message",
        "ix_tasks_open_prompts",
        "ix_tasks_open_tree",
        "ix_tasks_open_person",
    ):
        op.drop_index(name, table_name="tasks")
    op.drop_index("ix_trees_state", table_name="trees")
    op.drop_index("ix_trees_lang_state", table_name="trees")


def _change_trees_and_messages() -> None:
    op.add_column("people", sa.Column("tos_version", sa.String(length=64), nullable=True))
    op.add_column("api_clients", sa.Column("frontend_type", sa.String(length=64), nullable=True))
    op.add_column("api_clients", sa.Column("admin_email", sa.String(length=320), nullable=True))
    with op.batch_alter_table("trees", naming_convention=NAMES) as trees:
        trees.add_column(sa.Column("replies_under_way", sa.Integer(), nullable=False, server_default="0"))
        trees.add_column(sa.Column("prompt_group_id", sa.String(length=36), nullable=True))
        trees.add_column(sa.Column("prompt_rank", sa.Integer(), nullable=True))
        trees.add_column(sa.Column("deletion_id", sa.String(length=36), nullable=True))
        trees.add_column(sa.Column("rules_version", sa.Integer(), nullable=False, server_default="0"))
        trees.create_foreign_key("fk_trees_prompt_group_id", "prompt_groups", ["prompt_group_id"], ["id"])
    with op.batch_alter_table("messages", naming_convention=NAMES) as messages:
        messages.alter_column("late", new_column_name="surplus", existing_type=sa.Boolean())
        messages.add_column(sa.Column("deletion_id", sa.String(length=36), nullable=True))
        messages.add_column(sa.Column("edited", sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in ("children_count", "reply_slots", "review_slots", "ranking_slots", "shuffle"):
            messages.drop_column(name)


def _change_tasks_and_rankings() -> None:
    with op.batch_alter_table("tasks", naming_convention=NAMES) as tasks:
        tasks.drop_constraint("fk_tasks_message_id", type_="foreignkey")
        tasks.alter_column("message_id", new_column_name="subject_id", existing_type=sa.String(length=36))
        tasks.add_column(sa.Column("reserved_until", UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("rankings", naming_convention=NAMES) as rankings:
        rankings.alter_column("parent_id", existing_type=sa.String(length=36), nullable=True)
        rankings.alter_column("tree_id", existing_type=sa.String(length=36), nullable=True)
        rankings.add_column(sa.Column("prompt_group_id", sa.String(length=36), nullable=True))
        rankings.add_column(sa.Column("compared", sa.Boolean(), nullable=False, server_default=sa.false()))
        rankings.create_foreign_key(
            "fk_rankings_prompt_group_id", "prompt_groups", ["prompt_group_id"], ["id"]
        )


def _prepare_boards() -> None:
    with op.batch_alter_table("labellings", naming_convention=NAMES) as labellings:
        labellings.add_column(sa.Column("compared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_labellings_bad",
        "labellings",
        ["created_date", "message_id"],
        unique=False,
        sqlite_where=sa.text(
            "(json_extract(labels, '$.spam') >= 0.5 OR json_extract(labels, '$.not_appropriate') >= 0.5"
            " OR json_extract(labels, '$.pii') >= 0.5 OR json_extract(labels, '$.hate_speech') >= 0.5"
            " OR json_extract(labels, '$.sexual_content') >= 0.5)"
        ),
    )
    op.create_index(
        "ix_reactions_bad",
        "reactions",
        ["created_date", "message_id"],
        unique=False,
        sqlite_where=sa.text("emoji IN ('red_flag', '-1')"),
    )
    op.create_index(
        "ix_messages_rejected_prompts",
        "messages",
        ["created_date", "person_id"],
        unique=False,
        sqlite_where=sa.text("review_result = 0 AND depth = 0"),
        postgresql_where=sa.text("NOT review_result AND depth = 0"),
    )
    op.create_index(
        "ix_people_on_no_board",
        "people",
        ["id"],
        unique=False,
        sqlite_where=sa.text("enabled = 0 OR deleted = 1 OR show_on_leaderboard = 0"),
        postgresql_where=sa.text("NOT enabled OR deleted OR NOT show_on_leaderboard"),
    )
    op.create_index(
        "ix_agreements_marked",
        "agreements",
        ["marked_date", "person_id"],
        unique=False,
        sqlite_where=sa.text("marked_date IS NOT NULL"),
        postgresql_where=sa.text("marked_date IS NOT NULL"),
    )


def _create_tables() -> None:
    op.create_table(
        "bans",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bans")),
    )
    op.create_table(
        "cached_stats",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("stats", sa.JSON(), nullable=False),
        sa.Column("modified_date", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cached_stats")),
    )
    op.create_table(
        "prompt_groups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ranking_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_groups")),
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("text_hash", name=op.f("uq_stories_text_hash")),
    )
    op.create_index("ix_stories_date", "stories", ["created_date", "id"], unique=False)
    op.create_table(
        "tree_counts",
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lang", "state", name=op.f("pk_tree_counts")),
    )
    op.create_table(
        "agreements",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("marked_date", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_agreements_person_id")),
        sa.PrimaryKeyConstraint("person_id", "subject", name=op.f("pk_agreements")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("api_client_id", sa.String(length=36), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=512), nullable=True),
        sa.ForeignKeyConstraint(["api_client_id"], ["api_clients.id"], name=op.f("fk_journal_api_client_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_journal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_date", "journal", ["created_date", "id"], unique=False)
    op.create_index("ix_journal_person_id", "journal", ["person_id", "created_date", "id"], unique=False)
    op.create_index("ix_journal_subject", "journal", ["subject_id", "created_date", "id"], unique=False)
    op.create_table(
        "score_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moment", UtcDateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("counter", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_score_events_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_events")),
    )
    op.create_index("ix_score_events_moment", "score_events", ["moment"], unique=False)
    op.create_index("ix_score_events_person_id", "score_events", ["person_id"], unique=False)
    op.create_table(
        "scores",
        sa.Column("time_frame", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("prompts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("replies_assistant", sa.Integer(), server_default="0", nullable=False),
        sa.Column("replies_prompter", sa.Integer(), server_default="0", nullable=False),
        sa.Column("labels_simple", sa.Integer(), server_default="0", nullable=False),
        sa.Column("labels_full", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rankings_total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rankings_good", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted_prompts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted_replies_assistant", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted_replies_prompter", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reply_ranked_1", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reply_ranked_2", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reply_ranked_3", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leader_score", sa.Integer(), sa.Computed(LEADER_SCORE, persisted=True), nullable=False),
        sa.Column("modified_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_scores_person_id")),
        sa.PrimaryKeyConstraint("time_frame", "person_id", name=op.f("pk_scores")),
    )
    op.create_index(
        "ix_scores_board",
        "scores",
        ["time_frame", sa.literal_column("leader_score DESC"), "person_id"],
        unique=False,
    )
    op.create_table(
        "summaries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("story_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("api_client_id", sa.String(length=36), nullable=True),
        sa.Column("frontend_message_id", sa.String(length=200), nullable=True),
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("surplus", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_client_id"], ["api_clients.id"], name=op.f("fk_summaries_api_client_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_summaries_person_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_summaries_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summaries")),
        sa.UniqueConstraint(
            "api_client_id",
            "frontend_message_id",
            name=op.f("uq_summaries_api_client_id_frontend_message_id"),
        ),
    )
    op.create_index("ix_summaries_person_date", "summaries", ["person_id", "created_date"], unique=False)
    op.create_index("ix_summaries_story_id", "summaries", ["story_id"], unique=False)
    op.create_table(
        "terms_acceptances",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_terms_acceptances_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptances")),
    )
    op.create_index("ix_terms_acceptances_person_id", "terms_acceptances", ["person_id"], unique=False)
    op.create_table(
        "open_work",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("draw_kind", sa.String(length=16), nullable=False),
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("tree_id", sa.String(length=36), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("lonely", sa.Boolean(), nullable=False),
        sa.Column("not_before", UtcDateTime(timezone=True), nullable=True),
        sa.Column("shuffle", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_open_work_tree_id")),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_open_work")),
    )
    op.create_index(
        "ix_open_work_kind",
        "open_work",
        ["lang", "draw_kind", "shuffle"],
        unique=False,
        sqlite_where=sa.text("free = 1"),
        postgresql_where=sa.text("free"),
    )
    op.create_index(
        "ix_open_work_lonely",
        "open_work",
        ["lang", "shuffle"],
        unique=False,
        sqlite_where=sa.text("free = 1 AND lonely = 1"),
        postgresql_where=sa.text("free AND lonely"),
    )
    op.create_index("ix_open_work_tree_id", "open_work", ["tree_id"], unique=False)
    op.create_index(
        "ix_open_work_type",
        "open_work",
        ["lang", "type", "shuffle"],
        unique=False,
        sqlite_where=sa.text("free = 1"),
        postgresql_where=sa.text("free"),
    )
    op.create_table(
        "flagged_messages",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("processed", sa.Boolean(), nullable=False),
        sa.Column("processed_date", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_flagged_messages_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_flagged_messages")),
    )
    op.create_index(
        "ix_flagged_messages_date", "flagged_messages", ["created_date", "message_id"], unique=False
    )
    op.create_index(
        "ix_flagged_messages_queue",
        "flagged_messages",
        ["created_date", "message_id"],
        unique=False,
        sqlite_where=sa.text("processed = 0"),
        postgresql_where=sa.text("NOT processed"),
    )
    op.create_table(
        "message_revisions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_revisions_message_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_message_revisions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_revisions")),
    )
    op.create_index("ix_message_revisions_message_id", "message_revisions", ["message_id"], unique=False)
    op.create_index("ix_message_revisions_person_id", "message_revisions", ["person_id"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("summary_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_ratings_person_id")),
        sa.ForeignKeyConstraint(["summary_id"], ["summaries.id"], name=op.f("fk_ratings_summary_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_ratings_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
    )
    op.create_index("ix_ratings_person_date", "ratings", ["person_id", "created_date"], unique=False)
    op.create_index("ix_ratings_summary_person", "ratings", ["summary_id", "person_id"], unique=False)


def _create_indexes() -> None:
    op.create_index(
        "ix_messages_lang_date",
        "messages",
        ["lang", "created_date", "role", "deleted", "synthetic"],
        unique=False,
    )
    op.create_index(
        "ix_messages_client_date", "messages", ["api_client_id", "created_date", "id"], unique=False
    )
    op.create_index("ix_messages_date", "messages", ["created_date", "id"], unique=False)
    op.create_index(
        "ix_messages_person_text", "messages", ["person_id", "text_hash", "created_date"], unique=False
    )
    op.create_index(
        "ix_messages_imported_prompts",
        "messages",
        ["text_hash"],
        unique=False,
        sqlite_where=sa.text("source = 'import' AND parent_id IS NULL"),
        postgresql_where=sa.text("source = 'import' AND parent_id IS NULL"),
    )
    op.create_index("ix_people_display_name", "people", ["display_name", "id"], unique=False)
    op.create_index("ix_people_username", "people", ["username", "id"], unique=False)
    op.create_index(
        "ix_rankings_prompt_group",
        "rankings",
        ["prompt_group_id", "person_id"],
        unique=False,
        sqlite_where=sa.text("prompt_group_id IS NOT NULL"),
        postgresql_where=sa.text("prompt_group_id IS NOT NULL"),
    )
    op.create_index(
        "ix_tasks_prompts_under_way",
        "tasks",
        ["lang"],
        unique=False,
        sqlite_where=sa.text("reserved_until IS NOT NULL AND subject_id IS NULL"),
        postgresql_where=sa.text("reserved_until IS NOT NULL AND subject_id IS NULL"),
    )
    op.create_index(
        "ix_tasks_reserved",
        "tasks",
        ["reserved_until"],
        unique=False,
        sqlite_where=sa.text("reserved_until IS NOT NULL"),
        postgresql_where=sa.text("reserved_until IS NOT NULL"),
    )
    op.create_index(
        "ix_tasks_reserved_subject",
        "tasks",
        ["subject_id", "kind"],
        unique=False,
        sqlite_where=sa.text("reserved_until IS NOT NULL AND subject_id IS NOT NULL"),
        postgresql_where=sa.text("reserved_until IS NOT NULL AND subject_id IS NOT NULL"),
    )
    op.create_index(
        "ix_trees_prompt_group_id",
        "trees",
        ["prompt_group_id"],
        unique=False,
        sqlite_where=sa.text("prompt_group_id IS NOT NULL"),
        postgresql_where=sa.text("prompt_group_id IS NOT NULL"),
    )
    op.create_index("ix_trees_lang_state", "trees", ["lang", "state", "id"], unique=False)
    op.create_index("ix_trees_state_rules", "trees", ["state", "rules_version"], unique=False)
    op.create_index(
        "ix_tasks_open_person",
        "tasks",
        ["person_id", "created_date"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_tasks_outside_trees",
        "tasks",
        ["person_id", "subject_id"],
        unique=False,
        sqlite_where=sa.text("subject_id IS NOT NULL AND tree_id IS NULL"),
        postgresql_where=sa.text("subject_id IS NOT NULL AND tree_id IS NULL"),
    )
    op.create_index(
        "ix_open_work_resting",
        "open_work",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("not_before IS NOT NULL"),
        postgresql_where=sa.text("not_before IS NOT NULL"),
    )
