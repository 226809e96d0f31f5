"""What the bot keeps of people and servers: languages, terms, settings with their history, label panels."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE people (
            user_id INTEGER PRIMARY KEY,
            lang TEXT NOT NULL,
            changed_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("""
        CREATE TABLE terms_ledger (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL,
            version INTEGER NOT NULL,
            locale TEXT NOT NULL,
            interaction_id INTEGER NOT NULL UNIQUE,
            accepted_at REAL NOT NULL,
            UNIQUE (user_id, version)
        ) STRICT
    """)
    op.execute("""
        CREATE TABLE guild_settings (
            guild_id INTEGER PRIMARY KEY,
            task_channel_id INTEGER,
            log_channel_id INTEGER,
            moderator_role_id INTEGER
        ) STRICT
    """)
    op.execute("""
        CREATE TABLE guild_settings_audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            setting TEXT NOT NULL,
            old_value INTEGER,
            new_value INTEGER,
            changed_by INTEGER NOT NULL,
            interaction_id INTEGER NOT NULL,
            changed_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("CREATE INDEX settings_audit_by_guild ON guild_settings_audit (guild_id, id)")
    op.execute("""
        CREATE TABLE label_panels (
            panel_message_id INTEGER PRIMARY KEY,
            user_id INTEGER NOT NULL,
            form_state TEXT NOT NULL,
            created_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("CREATE INDEX label_panels_by_age ON label_panels (created_at)")


def downgrade() -> None:
    for table in ("label_panels", "guild_settings_audit", "guild_settings", "terms_ledger", "people"):
        op.execute(f"DROP TABLE {table}")
