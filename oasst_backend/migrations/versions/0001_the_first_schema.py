"""The first schema."""

import sqlalchemy as sa
from alembic import op

from oasst_backend.storage.columns import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "api_clients",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("from_settings", sa.Boolean(), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_clients_key_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_api_clients_name")),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("auth_method", sa.String(length=16), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("display_name", sa.String(length=255), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("show_on_leaderboard", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_activity_date", UtcDateTime(timezone=True), nullable=True),
        sa.Column("tos_acceptance_date", UtcDateTime(timezone=True), nullable=True),
        sa.Column("streak_days", sa.Integer(), nullable=False),
        sa.Column("streak_last_day_date", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("auth_method", "username", name=op.f("uq_people_auth_method_username")),
    )
    op.create_table(
        "trees",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("goal_tree_size", sa.Integer(), nullable=False),
        sa.Column("max_depth", sa.Integer(), nullable=False),
        sa.Column("max_children_count", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("won_prompt_lottery_date", UtcDateTime(timezone=True), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("reply_places", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_trees_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trees")),
    )
    op.create_index("ix_trees_author_id", "trees", ["author_id"], unique=False)
    op.create_index("ix_trees_lang_state", "trees", ["lang", "state"], unique=False)
    op.create_index("ix_trees_state", "trees", ["state"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tree_id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("api_client_id", sa.String(length=36), nullable=True),
        sa.Column("frontend_message_id", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("model_name", sa.String(length=255), nullable=True),
        sa.Column("imported", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("review_count", sa.Integer(), nullable=False),
        sa.Column("review_result", sa.Boolean(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("ranking_count", sa.Integer(), nullable=False),
        sa.Column("children_count", sa.Integer(), nullable=False),
        sa.Column("reply_slots", sa.Integer(), nullable=False),
        sa.Column("review_slots", sa.Integer(), nullable=False),
        sa.Column("ranking_slots", sa.Integer(), nullable=False),
        sa.Column("shuffle", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_client_id"], ["api_clients.id"], name=op.f("fk_messages_api_client_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["messages.id"], name=op.f("fk_messages_parent_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_messages_person_id")),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_messages_tree_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "api_client_id", "frontend_message_id", name=op.f("uq_messages_api_client_id_frontend_message_id")
        ),
    )
    op.create_index("ix_messages_parent_id", "messages", ["parent_id"], unique=False)
    op.create_index("ix_messages_person_date", "messages", ["person_id", "created_date"], unique=False)
    op.create_index("ix_messages_person_text", "messages", ["person_id", "text_hash"], unique=False)
    op.create_index(
        "ix_messages_rankings_wanted",
        "messages",
        ["lang", "shuffle", "role", "depth"],
        unique=False,
        sqlite_where=sa.text("ranking_slots > 0"),
        postgresql_where=sa.text("ranking_slots > 0"),
    )
    op.create_index(
        "ix_messages_replies_wanted",
        "messages",
        ["lang", "shuffle", "role", "depth"],
        unique=False,
        sqlite_where=sa.text("reply_slots > 0"),
        postgresql_where=sa.text("reply_slots > 0"),
    )
    op.create_index(
        "ix_messages_reviews_wanted",
        "messages",
        ["lang", "shuffle", "role", "depth"],
        unique=False,
        sqlite_where=sa.text("review_slots > 0"),
        postgresql_where=sa.text("review_slots > 0"),
    )
    op.create_index("ix_messages_tree_id", "messages", ["tree_id"], unique=False)
    op.create_table(
        "reactions",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("emoji", sa.String(length=32), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_reactions_message_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reactions_person_id")),
        sa.PrimaryKeyConstraint("message_id", "person_id", "emoji", name=op.f("pk_reactions")),
    )
    op.create_index("ix_reactions_person", "reactions", ["person_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lang", sa.String(length=32), nullable=False),
        sa.Column("api_client_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("tree_id", sa.String(length=36), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("collective", sa.Boolean(), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expiry_date", UtcDateTime(timezone=True), nullable=False),
        sa.Column("frontend_message_id", sa.String(length=200), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("done_date", UtcDateTime(timezone=True), nullable=True),
        sa.Column("skip_reason", sa.String(length=512), nullable=True),
        sa.ForeignKeyConstraint(["api_client_id"], ["api_clients.id"], name=op.f("fk_tasks_api_client_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_tasks_message_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tasks_person_id")),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_tasks_tree_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint(
            "api_client_id", "frontend_message_id", name=op.f("uq_tasks_api_client_id_frontend_message_id")
        ),
    )
    op.create_index(
        "ix_tasks_open_message",
        "tasks",
        ["message_id", "kind", "created_date"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_tasks_open_person",
        "tasks",
        ["person_id", "created_date"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_tasks_open_prompts",
        "tasks",
        ["lang", "kind", "created_date"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_tasks_open_tree",
        "tasks",
        ["tree_id", "kind", "created_date"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "labellings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("mode", sa.String(length=16), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_report", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_labellings_message_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_labellings_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_labellings_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labellings")),
    )
    op.create_index("ix_labellings_message_person", "labellings", ["message_id", "person_id"], unique=False)
    op.create_index("ix_labellings_person_date", "labellings", ["person_id", "created_date"], unique=False)
    op.create_table(
        "rankings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=False),
        sa.Column("tree_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=True),
        sa.Column("ranked_ids", sa.JSON(), nullable=False),
        sa.Column("not_rankable", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=True),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["messages.id"], name=op.f("fk_rankings_parent_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_rankings_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_rankings_task_id")),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_rankings_tree_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rankings")),
    )
    op.create_index("ix_rankings_parent_person", "rankings", ["parent_id", "person_id"], unique=False)
    op.create_index("ix_rankings_person_date", "rankings", ["person_id", "created_date"], unique=False)
    op.create_index("ix_rankings_tree_id", "rankings", ["tree_id"], unique=False)
    op.create_table(
        "ranking_places",
        sa.Column("ranking_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("created_date", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_ranking_places_author_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_ranking_places_message_id")),
        sa.ForeignKeyConstraint(["ranking_id"], ["rankings.id"], name=op.f("fk_ranking_places_ranking_id")),
        sa.PrimaryKeyConstraint("ranking_id", "message_id", name=op.f("pk_ranking_places")),
    )
    op.create_index(
        "ix_ranking_places_author_date", "ranking_places", ["author_id", "created_date"], unique=False
    )
    op.create_index("ix_ranking_places_message", "ranking_places", ["message_id"], unique=False)
