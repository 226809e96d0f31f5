"""Keeps by what a frontend asked for a task, so that it finds the task again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the schema; tasks that are there already were asked for without a key."""
    op.add_column("tasks", sa.Column("request_key", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_tasks_request_key",
        "tasks",
        ["api_client_id", "request_key"],
        unique=True,
        sqlite_where=sa.text("request_key IS NOT NULL"),
        postgresql_where=sa.text("request_key IS NOT NULL"),
    )
