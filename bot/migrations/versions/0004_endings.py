"""How far a task is posted in direct messages, and quick ways to what is over or gone."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sessions ADD COLUMN posted_parts INTEGER NOT NULL DEFAULT 0")
    op.execute("CREATE INDEX sessions_to_close ON sessions (created_at) WHERE closing = 1")
    op.execute("CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL")
    op.execute("CREATE INDEX outbox_by_end ON outbox (done_at) WHERE session_code IS NULL")
    op.execute("CREATE INDEX shown_by_channel ON shown (channel_id)")


def downgrade() -> None:
    for index in ("shown_by_channel", "outbox_by_end", "sessions_by_end", "sessions_to_close"):
        op.execute(f"DROP INDEX {index}")
    op.execute("ALTER TABLE sessions DROP COLUMN posted_parts")
