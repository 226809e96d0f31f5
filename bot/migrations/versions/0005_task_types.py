"""What people ask for has the protocol's name everywhere."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COLUMNS = (("sessions", "requested_type"), ("task_requests", "task_type"), ("work_alerts", "task_type"))


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN wanted TO {column}")


def downgrade() -> None:
    for table, column in _COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO wanted")
