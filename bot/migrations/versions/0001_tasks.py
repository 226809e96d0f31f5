"""Task sessions, the outbox of what goes to the backend, and which message shows what."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE sessions (
            code TEXT PRIMARY KEY,
            user_id INTEGER NOT NULL,
            display_name TEXT NOT NULL,
            locale TEXT NOT NULL,
            guild_id INTEGER,
            place TEXT NOT NULL,
            parent_id INTEGER NOT NULL,
            thread_id INTEGER,
            posted_after INTEGER NOT NULL,
            ack_message_id INTEGER UNIQUE,
            control_message_id INTEGER UNIQUE,
            task_id TEXT NOT NULL UNIQUE,
            task TEXT NOT NULL,
            lang TEXT NOT NULL,
            wanted TEXT NOT NULL,
            state TEXT NOT NULL,
            form_state TEXT NOT NULL,
            problem INTEGER,
            created_at REAL NOT NULL,
            expires_at REAL NOT NULL,
            ended_at REAL,
            closing INTEGER NOT NULL DEFAULT 0
        ) STRICT
    """)
    # One open task per person, over all guilds, whatever the code above believes.
    op.execute("""
        CREATE UNIQUE INDEX one_open_task ON sessions (user_id)
        WHERE state IN ('offered', 'open', 'drafted', 'held')
    """)
    op.execute("CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX sessions_by_thread ON sessions (thread_id)")
    op.execute("""
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            session_code TEXT REFERENCES sessions (code),
            user_id INTEGER NOT NULL,
            display_name TEXT NOT NULL,
            task_id TEXT,
            payload TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_at REAL NOT NULL,
            error_code INTEGER,
            error_message TEXT,
            announced INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            done_at REAL
        ) STRICT
    """)
    op.execute("CREATE INDEX outbox_waiting ON outbox (next_at) WHERE state = 'waiting'")
    op.execute("CREATE INDEX outbox_by_session ON outbox (session_code)")
    op.execute("CREATE INDEX outbox_unannounced ON outbox (id) WHERE announced = 0")
    op.execute("""
        CREATE TABLE shown (
            discord_message_id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            guild_id INTEGER,
            backend_message_id TEXT NOT NULL,
            PRIMARY KEY (discord_message_id, position)
        ) STRICT
    """)


def downgrade() -> None:
    for table in ("shown", "outbox", "sessions"):
        op.execute(f"DROP TABLE {table}")
