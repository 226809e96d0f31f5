"""Pauses, reminders, requests, who wants to hear of work, direct messages; quick ways to what waits."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sessions ADD COLUMN paused INTEGER NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE sessions ADD COLUMN reminded_at REAL")
    op.execute("CREATE INDEX sessions_by_user ON sessions (user_id)")
    # Nearly all of the outbox is over; what is read time and again must not depend on how much that is.
    op.execute("CREATE INDEX outbox_in_order ON outbox (id) WHERE state = 'waiting'")
    op.execute("CREATE INDEX outbox_of_person ON outbox (user_id, id) WHERE state = 'waiting'")
    op.execute("CREATE INDEX outbox_untold ON outbox (user_id, id) WHERE announced <> 1")
    # A channel that goes takes its threads along, and what stood in them.
    op.execute("ALTER TABLE shown ADD COLUMN parent_id INTEGER")
    op.execute("""
        UPDATE shown SET parent_id = (
            SELECT parent_id FROM sessions WHERE sessions.thread_id = shown.channel_id LIMIT 1
        )
    """)
    op.execute("CREATE INDEX shown_by_parent ON shown (parent_id)")
    # A task that the backend may have handed out, before the bot has a session for it.
    op.execute("""
        CREATE TABLE task_requests (
            request_key TEXT PRIMARY KEY,
            user_id INTEGER NOT NULL,
            display_name TEXT NOT NULL,
            wanted TEXT NOT NULL,
            lang TEXT NOT NULL,
            created_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("""
        CREATE TABLE work_alerts (
            user_id INTEGER NOT NULL,
            display_name TEXT NOT NULL,
            locale TEXT NOT NULL,
            wanted TEXT NOT NULL,
            lang TEXT NOT NULL,
            guild_id INTEGER,
            place TEXT NOT NULL,
            parent_id INTEGER NOT NULL,
            thread_id INTEGER,
            created_at REAL NOT NULL,
            PRIMARY KEY (user_id, wanted, lang)
        ) STRICT
    """)
    # A person may choose direct messages without having chosen a language.
    op.execute("""
        CREATE TABLE chosen (
            user_id INTEGER PRIMARY KEY,
            lang TEXT,
            direct_messages INTEGER NOT NULL DEFAULT 0,
            changed_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("INSERT INTO chosen (user_id, lang, changed_at) SELECT user_id, lang, changed_at FROM people")
    op.execute("DROP TABLE people")
    op.execute("ALTER TABLE chosen RENAME TO people")


def downgrade() -> None:
    op.execute("""
        CREATE TABLE chosen (
            user_id INTEGER PRIMARY KEY,
            lang TEXT NOT NULL,
            changed_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("INSERT INTO chosen SELECT user_id, lang, changed_at FROM people WHERE lang IS NOT NULL")
    op.execute("DROP TABLE people")
    op.execute("ALTER TABLE chosen RENAME TO people")
    for table in ("work_alerts", "task_requests"):
        op.execute(f"DROP TABLE {table}")
    for index in (
        "shown_by_parent",
        "outbox_untold",
        "outbox_of_person",
        "outbox_in_order",
        "sessions_by_user",
    ):
        op.execute(f"DROP INDEX {index}")
    op.execute("ALTER TABLE shown DROP COLUMN parent_id")
    for column in ("paused", "reminded_at"):
        op.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
