"""Which message is a task's reminder, so that it goes when the task is over."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sessions ADD COLUMN reminder_channel_id INTEGER")
    op.execute("ALTER TABLE sessions ADD COLUMN reminder_message_id INTEGER")
    op.execute("CREATE INDEX sessions_reminded ON sessions (code) WHERE reminder_message_id IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX sessions_reminded")
    for column in ("reminder_message_id", "reminder_channel_id"):
        op.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
