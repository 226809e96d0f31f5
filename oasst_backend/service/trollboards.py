"""Shows moderators whose messages were found bad, counted when they ask.

People are found by indexes of just what speaks against somebody; only for those that are listed everything is
read that was said of their messages.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules.scoring import frame_start, troll_score
from oasst_backend.service.context import Context
from oasst_backend.service.people import id_in_header
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import (
    BAD_LABELS,
    HAS_BAD_LABEL,
    IS_BAD_REACTION,
    labellings,
    messages,
    people,
    reactions,
)
from oasst_client import LeaderboardTimeFrame, TrollboardStats, TrollScore

MEANS = ("quality", "humor", "toxicity", "violence", "helpfulness")
"""Labels whose mean is shown."""

COUNTS: Mapping[str, str] = {
    **{name: name for name in (*BAD_LABELS, "political_content")},
    "lang_mismatch": "lang_mismach",
}
"""Labels of which it is shown how often they were given, with the protocol's names of the numbers."""

_EMOJIS = {"red_flag": "red_flags", "+1": "upvotes", "-1": "downvotes"}
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_WRITTEN_HERE = sa.and_(messages.c.person_id.is_not(None), messages.c.source != "import")
_SINCE = sa.bindparam("since", type_=messages.c.created_date.type)
_LISTED = messages.c.person_id.in_(sa.bindparam("person_ids", expanding=True))


def _times_given(name: str) -> sa.ColumnElement[int]:
    # From the middle of the scale on a label counts as given, as in HAS_BAD_LABEL.
    return sa.func.sum(
        sa.case((labellings.c.labels[name].as_float() >= sa.literal_column("0.5"), 1), else_=0)
    )


_BAD_REACTIONS = (
    sa.select(messages.c.person_id, reactions.c.emoji, sa.func.count().label("count"))
    .join_from(reactions, messages, messages.c.id == reactions.c.message_id)
    .where(IS_BAD_REACTION, reactions.c.created_date >= _SINCE, _WRITTEN_HERE)
    .group_by(messages.c.person_id, reactions.c.emoji)
)
_BAD_LABELLINGS = (
    sa.select(messages.c.person_id, *(_times_given(name).label(name) for name in BAD_LABELS))
    .join_from(labellings, messages, messages.c.id == labellings.c.message_id)
    .where(HAS_BAD_LABEL, labellings.c.created_date >= _SINCE, _WRITTEN_HERE)
    .group_by(messages.c.person_id)
)
_REJECTED_PROMPTS = sa.select(messages.c.person_id).where(
    messages.c.review_result == sa.false(),
    # The database takes the index only where the number stands in the query itself.
    messages.c.depth == sa.literal_column("0"),
    messages.c.created_date >= _SINCE,
    _WRITTEN_HERE,
)
_UPVOTES = (
    sa.select(messages.c.person_id, sa.func.count().label("upvotes"))
    .join_from(messages, reactions, messages.c.id == reactions.c.message_id)
    .where(_LISTED, reactions.c.emoji == "+1", reactions.c.created_date >= _SINCE, _WRITTEN_HERE)
    .group_by(messages.c.person_id)
)
_ALL_LABELLINGS = (
    sa.select(
        messages.c.person_id,
        *(_times_given(label).label(name) for label, name in COUNTS.items()),
        *(sa.func.avg(labellings.c.labels[name].as_float()).label(name) for name in MEANS),
    )
    .join_from(messages, labellings, messages.c.id == labellings.c.message_id)
    .where(_LISTED, labellings.c.created_date >= _SINCE, _WRITTEN_HERE)
    .group_by(messages.c.person_id)
)


def trollboard(
    connection: sa.Connection,
    context: Context,
    frame: LeaderboardTimeFrame,
    *,
    max_count: int,
    header: str | None,
) -> TrollboardStats:
    """Put the people against whose messages something was said in order, the worst first.

    A frame holds what was said within it, and the rejected prompts that were written within it. People who
    were disabled or deleted, or who hide themselves from the other boards, are listed, too.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        frame: the span.
        max_count: how many rows at most.
        header: `x-oasst-user`; that person's row is highlighted.

    Raises:
        Refusal: the header names a person who is not known (4002).
    """
    viewer_id = id_in_header(connection, header)
    base_date = frame_start(frame, context.now)
    since = base_date or _BEGINNING
    against = _said_against(connection, since)
    scores = {person_id: troll_score(counts) for person_id, counts in against.items()}
    worst = sorted((id_ for id_ in scores if scores[id_] > 0), key=lambda id_: (-scores[id_], id_))[
        :max_count
    ]
    known = {row.id: row for row in connection.execute(sa.select(people).where(people.c.id.in_(worst)))}
    details = _details(connection, worst, since)
    return TrollboardStats(
        time_frame=frame.value,
        last_updated=context.now,
        trollboard=[
            _row(known[person_id], against[person_id], details[person_id]).model_copy(
                update={
                    "rank": rank,
                    "troll_score": scores[person_id],
                    "highlighted": viewer_id == person_id,
                    "base_date": base_date,
                    "modified_date": context.now,
                }
            )
            for rank, person_id in enumerate(worst, start=1)
        ],
    )


def _said_against(connection: sa.Connection, since: datetime) -> dict[str, Counter[str]]:
    """Count what speaks against each person's messages."""
    against: dict[str, Counter[str]] = defaultdict(Counter)
    for person_id, emoji, count in connection.execute(_BAD_REACTIONS, {"since": since}):
        against[person_id][_EMOJIS[emoji]] += count
    for row in connection.execute(_BAD_LABELLINGS, {"since": since}):
        against[row.person_id].update({name: getattr(row, name) for name in BAD_LABELS})
    for person_id in connection.scalars(_REJECTED_PROMPTS, {"since": since}):
        against[person_id]["spam_prompts"] += 1
    return against


def _details(
    connection: sa.Connection, person_ids: Sequence[str], since: datetime
) -> dict[str, dict[str, Any]]:
    """Read all that was said of the messages of the people who are listed."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for statement in (_UPVOTES, _ALL_LABELLINGS):
        for row in connection.execute(statement, {"person_ids": person_ids, "since": since}).mappings():
            found[row["person_id"]].update({name: row[name] for name in row if name != "person_id"})
    return found


def _row(person: AnyRow, against: Mapping[str, int], details: Mapping[str, Any]) -> TrollScore:
    return TrollScore(
        user_id=UUID(person.id),
        username=person.username,
        auth_method=person.auth_method,
        display_name=person.display_name,
        last_activity_date=person.last_activity_date,
        enabled=person.enabled,
        deleted=person.deleted,
        show_on_leaderboard=person.show_on_leaderboard,
        **{**against, **details},
    )
