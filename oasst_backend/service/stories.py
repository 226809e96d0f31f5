"""Stories that are summarised, and summaries that are rated."""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa

from oasst_backend.service.context import Context, new_id
from oasst_backend.service.work import Released, Reserves, Wanted, set_work, work_at
from oasst_backend.storage.tables import ratings, stories, summaries
from oasst_client import TaskRequestType

_STORY = sa.select(stories.c.lang).where(stories.c.id == sa.bindparam("story_id"))
_SUMMARIES = (
    sa.select(sa.func.count())
    .select_from(summaries)
    .where(summaries.c.story_id == sa.bindparam("story_id"), ~summaries.c.deleted, ~summaries.c.surplus)
)
_SUMMARY = sa.select(summaries).where(summaries.c.id == sa.bindparam("summary_id"))
_RATINGS = (
    sa.select(sa.func.count())
    .select_from(ratings)
    .where(ratings.c.summary_id == sa.bindparam("summary_id"), ratings.c.counted)
)
_KNOWN = sa.select(stories.c.id).where(stories.c.text_hash == sa.bindparam("text_hash"))


def plant_story(
    connection: sa.Connection,
    context: Context,
    *,
    text: str,
    lang: str,
    origin: str | None,
    texts_of_summaries: Sequence[str] = (),
) -> bool:
    """Add a story with the summaries that it brings along.

    Returns:
        Whether it was added; False if the same text is there already.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    if connection.execute(_KNOWN, {"text_hash": digest}).first() is not None:
        return False
    story_id = new_id()
    connection.execute(
        stories.insert(),
        {
            "id": story_id,
            "lang": lang,
            "text": text,
            "text_hash": digest,
            "origin": origin,
            "created_date": context.now,
        },
    )
    for summary in texts_of_summaries:
        add_summary(connection, context, story_id=story_id, lang=lang, text=summary)
    refresh_story(connection, context, story_id)
    return True


def add_summary(  # noqa: PLR0913  # each is one column of the summary
    connection: sa.Connection,
    context: Context,
    *,
    story_id: str,
    lang: str,
    text: str,
    person_id: str | None = None,
    api_client_id: str | None = None,
    frontend_message_id: str | None = None,
    surplus: bool = False,
) -> str:
    """Add a summary; unless it came too late, ratings of it are wanted.

    Returns:
        Its id.
    """
    summary_id = new_id()
    connection.execute(
        summaries.insert(),
        {
            "id": summary_id,
            "story_id": story_id,
            "person_id": person_id,
            "api_client_id": api_client_id,
            "frontend_message_id": frontend_message_id,
            "lang": lang,
            "text": text,
            "text_hash": hashlib.sha256(text.encode()).hexdigest(),
            "created_date": context.now,
            "deleted": False,
            "surplus": surplus,
        },
    )
    if not surplus:
        refresh_summary(connection, context, summary_id)
    return summary_id


def refresh_story(
    connection: sa.Connection, context: Context, story_id: str, released: Released | None = None
) -> None:
    """Set how many summaries of a story are wanted."""
    _set(
        connection,
        context,
        Reserves.summary,
        story_id,
        wanted_of_story(connection, context, story_id),
        released,
    )


def refresh_summary(
    connection: sa.Connection, context: Context, summary_id: str, released: Released | None = None
) -> None:
    """Set how many ratings of a summary are wanted."""
    wanted = wanted_of_summary(connection, context, summary_id)
    _set(connection, context, Reserves.rating, summary_id, wanted, released)


def wanted_of_story(connection: sa.Connection, context: Context, story_id: str) -> list[Wanted]:
    """Tell how many summaries of a story are still wanted."""
    lang = connection.execute(_STORY, {"story_id": story_id}).scalar_one()
    there = connection.execute(_SUMMARIES, {"story_id": story_id}).scalar_one()
    missing = context.trees.num_summaries_story - there
    return [Wanted(TaskRequestType.summarize_story, story_id, lang, missing)] if missing > 0 else []


def wanted_of_summary(connection: sa.Connection, context: Context, summary_id: str) -> list[Wanted]:
    """Tell how many ratings of a summary are still wanted; of a deleted or surplus one none are."""
    row = connection.execute(_SUMMARY, {"summary_id": summary_id}).one()
    if row.deleted or row.surplus:
        return []
    there = connection.execute(_RATINGS, {"summary_id": summary_id}).scalar_one()
    missing = context.trees.num_ratings_summary - there
    return [Wanted(TaskRequestType.rate_summary, summary_id, row.lang, missing)] if missing > 0 else []


def _set(
    connection: sa.Connection,
    context: Context,
    kind: Reserves,
    subject_id: str,
    wanted: list[Wanted],
    released: Released | None,
) -> None:
    row = work_at(connection, kind.value, subject_id)
    set_work(connection, context, wanted, [] if row is None else [row], released=released)
