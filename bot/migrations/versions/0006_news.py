"""Threads in which people were told of work, until a task is shown there or they are closed."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE news_threads (
            thread_id INTEGER PRIMARY KEY,
            parent_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            task_type TEXT NOT NULL,
            lang TEXT NOT NULL,
            close_at REAL NOT NULL
        ) STRICT
    """)


def downgrade() -> None:
    op.execute("DROP TABLE news_threads")
