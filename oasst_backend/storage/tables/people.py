"""Frontends, people, the terms they accepted, and what they scored."""

import sqlalchemy as sa

from oasst_backend.rules.scoring import POINTS
from oasst_backend.storage.columns import UtcDateTime
from oasst_backend.storage.tables.base import PERSONAL, Id, metadata, partial_index

api_clients = sa.Table(
    "api_clients",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False, unique=True),
    sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("trusted", sa.Boolean, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("from_settings", sa.Boolean, nullable=False),
    # What the operator noted when the key was made: bot, website, ..., and whom to write to.
    sa.Column("frontend_type", sa.String(64)),
    sa.Column("admin_email", sa.String(320)),
    sa.Column("created_date", UtcDateTime, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("auth_method", sa.String(16), nullable=False, info=PERSONAL),
    sa.Column("username", sa.String(128), nullable=False, info=PERSONAL),
    sa.Column("display_name", sa.String(255), nullable=False, info=PERSONAL),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("show_on_leaderboard", sa.Boolean, nullable=False, info=PERSONAL),
    sa.Column("notes", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
    sa.Column("last_activity_date", UtcDateTime, info=PERSONAL),
    # The newest row of `terms_acceptances`; null when they were never accepted, or no longer are.
    sa.Column("tos_acceptance_date", UtcDateTime, info=PERSONAL),
    sa.Column("tos_version", sa.String(64), info=PERSONAL),
    sa.Column("streak_days", sa.Integer, nullable=False, info=PERSONAL),
    sa.Column("streak_last_day_date", UtcDateTime, info=PERSONAL),
    sa.UniqueConstraint("auth_method", "username"),
)
sa.Index("ix_people_username", people.c.username, people.c.id)
sa.Index("ix_people_display_name", people.c.display_name, people.c.id)

ON_NO_BOARD = sa.or_(
    people.c.enabled == sa.false(),
    people.c.deleted == sa.true(),
    people.c.show_on_leaderboard == sa.false(),
)
"""Who is left out of the boards."""

partial_index("ix_people_on_no_board", people.c.id, where=ON_NO_BOARD)

# People who were removed and must not come back: a digest of what frontends call them.
bans = sa.Table(
    "bans",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("created_date", UtcDateTime, nullable=False),
)

terms_acceptances = sa.Table(
    "terms_acceptances",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("version", sa.String(64), nullable=False, info=PERSONAL),
    sa.Column("accepted", sa.Boolean, nullable=False, info=PERSONAL),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_terms_acceptances_person_id", terms_acceptances.c.person_id)

COUNTERS = tuple(POINTS)
"""What is counted of a person, as a leaderboard's row names it."""

LEADER_SCORE = " + ".join(f"{points} * ({name} / {per})" for name, (points, per) in POINTS.items())
"""The points of a row; a division of whole numbers rounds down."""

# Kept as things happen: what a person did in each time frame of the boards.
scores = sa.Table(
    "scores",
    metadata,
    sa.Column("time_frame", sa.String(8), primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, info=PERSONAL),
    *(sa.Column(name, sa.Integer, nullable=False, server_default="0", info=PERSONAL) for name in COUNTERS),
    sa.Column(
        "leader_score", sa.Integer, sa.Computed(LEADER_SCORE, persisted=True), nullable=False, info=PERSONAL
    ),
    sa.Column("modified_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_scores_board", scores.c.time_frame, scores.c.leader_score.desc(), scores.c.person_id)

# What the frames that move on still have to forget; rows older than the longest of them are gone.
score_events = sa.Table(
    "score_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("moment", UtcDateTime, nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("counter", sa.String(32), nullable=False, info=PERSONAL),
    sa.Column("amount", sa.Integer, nullable=False, info=PERSONAL),
)
sa.Index("ix_score_events_moment", score_events.c.moment)
sa.Index("ix_score_events_person_id", score_events.c.person_id)

# How often a person's rankings and labels agreed with those of the others.
agreements = sa.Table(
    "agreements",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, info=PERSONAL),
    # rankings or labels
    sa.Column("subject", sa.String(16), primary_key=True),
    sa.Column("compared", sa.Integer, nullable=False, info=PERSONAL),
    sa.Column("agreed", sa.Integer, nullable=False, info=PERSONAL),
    # Since when moderators are asked to have a look; nothing else follows from it.
    sa.Column("marked_date", UtcDateTime, info=PERSONAL),
)
partial_index(
    "ix_agreements_marked",
    agreements.c.marked_date,
    agreements.c.person_id,
    where=agreements.c.marked_date.is_not(None),
)
