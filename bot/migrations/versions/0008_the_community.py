"""Settings of any type, who contributed where, reports for moderators, several languages, privacy."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WERE_COLUMNS = ("task_channel", "log_channel", "moderator_role")


def upgrade() -> None:
    op.execute("ALTER TABLE guild_settings RENAME TO guild_columns")
    op.execute("""
        CREATE TABLE guild_settings (
            guild_id INTEGER NOT NULL,
            setting TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (guild_id, setting)
        ) STRICT
    """)
    for setting in _WERE_COLUMNS:
        op.execute(f"""
            INSERT INTO guild_settings SELECT guild_id, '{setting}', CAST({setting}_id AS TEXT)
            FROM guild_columns WHERE {setting}_id IS NOT NULL
        """)  # noqa: S608  # the names are those above
    op.execute("DROP TABLE guild_columns")
    op.execute("""
        CREATE TABLE settings_audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            setting TEXT NOT NULL,
            old_value TEXT NOT NULL,
            new_value TEXT NOT NULL,
            changed_by INTEGER NOT NULL,
            interaction_id INTEGER NOT NULL,
            changed_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("""
        INSERT INTO settings_audit SELECT id, guild_id, setting, COALESCE(CAST(old_value AS TEXT), 'null'),
            COALESCE(CAST(new_value AS TEXT), 'null'), changed_by, interaction_id, changed_at
        FROM guild_settings_audit
    """)
    op.execute("DROP TABLE guild_settings_audit")
    op.execute("ALTER TABLE settings_audit RENAME TO guild_settings_audit")
    op.execute("CREATE INDEX settings_audit_by_guild ON guild_settings_audit (guild_id, id)")
    op.execute("CREATE INDEX settings_audit_by_person ON guild_settings_audit (changed_by)")
    op.execute("CREATE INDEX settings_audit_by_age ON guild_settings_audit (changed_at)")

    op.execute("ALTER TABLE people ADD COLUMN anonymous INTEGER NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE people ADD COLUMN welcomed_at REAL")
    op.execute("""
        CREATE TABLE person_languages (
            user_id INTEGER NOT NULL,
            lang TEXT NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (user_id, lang)
        ) STRICT
    """)
    op.execute("""
        CREATE TABLE contributors (
            guild_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            tasks INTEGER NOT NULL,
            first_at REAL NOT NULL,
            last_at REAL NOT NULL,
            PRIMARY KEY (guild_id, user_id)
        ) STRICT
    """)
    op.execute("CREATE INDEX contributors_by_person ON contributors (user_id)")
    op.execute("CREATE INDEX contributors_by_time ON contributors (guild_id, last_at)")
    op.execute("""
        INSERT INTO contributors
        SELECT guild_id, user_id, COUNT(*),
            MIN(COALESCE(ended_at, created_at)), MAX(COALESCE(ended_at, created_at))
        FROM sessions WHERE state = 'delivered' AND guild_id IS NOT NULL GROUP BY guild_id, user_id
    """)
    op.execute("""
        CREATE TABLE guild_reports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            author_id INTEGER NOT NULL,
            reporter_id INTEGER NOT NULL,
            note TEXT NOT NULL,
            created_at REAL NOT NULL,
            settled_by INTEGER,
            settled_at REAL,
            UNIQUE (message_id, reporter_id)
        ) STRICT
    """)
    op.execute("CREATE INDEX guild_reports_open ON guild_reports (guild_id, id) WHERE settled_at IS NULL")
    op.execute("CREATE INDEX guild_reports_by_reporter ON guild_reports (reporter_id)")
    op.execute("CREATE INDEX guild_reports_by_author ON guild_reports (author_id)")
    op.execute("CREATE TABLE left_guilds (guild_id INTEGER PRIMARY KEY, left_at REAL NOT NULL) STRICT")
    # The board of a week is posted once, whatever happens in between: a row is written before it is posted,
    # with the newest message that stood in the channel then.
    op.execute("""
        CREATE TABLE weekly_boards (
            guild_id INTEGER NOT NULL,
            week TEXT NOT NULL,
            channel_id INTEGER NOT NULL,
            posted_after INTEGER NOT NULL,
            begun_at REAL NOT NULL,
            message_id INTEGER,
            settled_at REAL,
            PRIMARY KEY (guild_id, week)
        ) STRICT
    """)
    # All that somebody sent is found when they ask for their data, or leave.
    op.execute("CREATE INDEX outbox_by_person ON outbox (user_id, id)")
    _create_labels_and_texts()
    op.execute("ALTER TABLE sessions ADD COLUMN member_checked_at REAL")
    op.execute("CREATE INDEX sessions_by_guild_day ON sessions (guild_id, user_id, created_at)")
    # Whose membership was looked at longest ago comes first; who has just asked for a task is there.
    op.execute("""
        CREATE INDEX sessions_to_look_at ON sessions (guild_id, COALESCE(member_checked_at, created_at))
        WHERE ended_at IS NULL
    """)
    # A thread that is to be deleted is archived first, as long as there is something to be read in it.
    op.execute("ALTER TABLE sessions ADD COLUMN thread_kept_until REAL")
    op.execute("CREATE INDEX sessions_to_delete ON sessions (thread_kept_until) WHERE closing = 3")
    op.execute("""
        CREATE INDEX sessions_left_behind ON sessions (guild_id, expires_at)
        WHERE closing = 0 AND place = 'thread' AND ended_at IS NOT NULL
    """)
    op.execute("ALTER TABLE news_threads ADD COLUMN guild_id INTEGER")
    # The server whose log tells of labels that are given outside a task.
    op.execute("ALTER TABLE outbox ADD COLUMN guild_id INTEGER")

    # What somebody looks at to change it, and another wording of it that is not saved yet.
    op.execute("""
        CREATE TABLE own_texts (
            user_id INTEGER NOT NULL,
            message_id TEXT NOT NULL,
            text TEXT NOT NULL,
            draft TEXT,
            stored_at REAL NOT NULL,
            PRIMARY KEY (user_id, message_id)
        ) STRICT
    """)
    op.execute("CREATE INDEX own_texts_by_time ON own_texts (stored_at)")


def _create_labels_and_texts() -> None:
    """What people said of messages, the forms of their reports, texts on their way to be first messages."""
    op.execute("CREATE INDEX guild_reports_settled ON guild_reports (guild_id, settled_at)")
    op.execute("CREATE INDEX guild_reports_by_end ON guild_reports (settled_at) WHERE settled_at IS NOT NULL")
    op.execute("CREATE INDEX guild_reports_by_moderator ON guild_reports (settled_by)")
    op.execute("""
        CREATE TABLE report_forms (
            interaction_id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            author_id INTEGER NOT NULL,
            reporter_id INTEGER NOT NULL,
            opened_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("CREATE INDEX report_forms_by_age ON report_forms (opened_at)")
    op.execute("""
        CREATE TABLE given_labels (
            user_id INTEGER NOT NULL,
            backend_message_id TEXT NOT NULL,
            is_report INTEGER NOT NULL,
            labels TEXT NOT NULL,
            outbox_id INTEGER NOT NULL,
            given_at REAL NOT NULL,
            PRIMARY KEY (user_id, backend_message_id, is_report)
        ) STRICT
    """)
    op.execute("""
        CREATE TABLE contributions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL,
            display_name TEXT NOT NULL,
            locale TEXT NOT NULL,
            guild_id INTEGER,
            channel_id INTEGER NOT NULL,
            text TEXT NOT NULL,
            lang TEXT,
            submitted_by INTEGER NOT NULL UNIQUE,
            confirmed_by INTEGER UNIQUE,
            asked INTEGER NOT NULL DEFAULT 0,
            returned TEXT,
            created_at REAL NOT NULL
        ) STRICT
    """)
    op.execute("CREATE INDEX contributions_by_person ON contributions (user_id)")


def downgrade() -> None:
    for table in ("own_texts", "contributions", "given_labels", "report_forms"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX outbox_by_person")
    for table in ("outbox", "news_threads"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN guild_id")
    for index in ("left_behind", "to_delete", "to_look_at", "by_guild_day"):
        op.execute(f"DROP INDEX sessions_{index}")
    op.execute("UPDATE sessions SET closing = 1 WHERE closing = 3")
    op.execute("UPDATE sessions SET state = 'skipped' WHERE state = 'left'")
    for column in ("thread_kept_until", "member_checked_at"):
        op.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
    for table in ("weekly_boards", "left_guilds", "guild_reports", "contributors", "person_languages"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE people DROP COLUMN welcomed_at")
    op.execute("ALTER TABLE people DROP COLUMN anonymous")
    op.execute("""
        CREATE TABLE settings_audit (
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
    were = ", ".join(f"'{setting}'" for setting in _WERE_COLUMNS)
    op.execute(f"""
        INSERT INTO settings_audit SELECT id, guild_id, setting,
            CASE old_value WHEN 'null' THEN NULL ELSE CAST(old_value AS INTEGER) END,
            CASE new_value WHEN 'null' THEN NULL ELSE CAST(new_value AS INTEGER) END,
            changed_by, interaction_id, changed_at
        FROM guild_settings_audit WHERE setting IN ({were})
    """)  # noqa: S608  # the names are those above
    op.execute("DROP TABLE guild_settings_audit")
    op.execute("ALTER TABLE settings_audit RENAME TO guild_settings_audit")
    op.execute("CREATE INDEX settings_audit_by_guild ON guild_settings_audit (guild_id, id)")
    op.execute("ALTER TABLE guild_settings RENAME TO guild_rows")
    op.execute("""
        CREATE TABLE guild_settings (
            guild_id INTEGER PRIMARY KEY,
            task_channel_id INTEGER,
            log_channel_id INTEGER,
            moderator_role_id INTEGER
        ) STRICT
    """)
    columns = ", ".join(
        f"MAX(CASE setting WHEN '{setting}' THEN CAST(value AS INTEGER) END)" for setting in _WERE_COLUMNS
    )
    op.execute(
        f"INSERT INTO guild_settings SELECT guild_id, {columns}"  # noqa: S608  # the names are those above
        " FROM guild_rows GROUP BY guild_id"
    )
    op.execute("DROP TABLE guild_rows")
