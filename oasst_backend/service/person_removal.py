"""Takes people out: their names alone (anonymise), or them and all they wrote (purge)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.service.agreement import forget_agreements
from oasst_backend.service.bans import ban
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.growth import refresh_waiting_prompts
from oasst_backend.service.journal import Act, Action, Subject, note
from oasst_backend.service.mending import Mending
from oasst_backend.service.people import Person, person_by_id
from oasst_backend.service.person_changes import release_work_in_hand
from oasst_backend.service.personal_data import is_personal, names_people, without_users
from oasst_backend.service.text_removal import remove_messages, remove_summaries
from oasst_backend.storage.tables import (
    journal,
    labellings,
    messages,
    metadata,
    people,
    rankings,
    ratings,
    summaries,
    tasks,
    trees,
)
from oasst_client import AuthMethod

_PERSON: sa.BindParameter[str] = sa.bindparam("person_id")
_REVIEWS = (
    sa.select(labellings, messages.c.tree_id)
    .select_from(labellings.join(messages, messages.c.id == labellings.c.message_id))
    .where(labellings.c.person_id == _PERSON)
)
_BALLOTS = sa.select(rankings).where(rankings.c.person_id == _PERSON)
_RATED = sa.select(ratings.c.summary_id).where(ratings.c.person_id == _PERSON)


@dataclass(frozen=True)
class Texts:
    """Which texts of a person are removed.

    Attributes:
        prompts: whether first messages are, with their trees.
        min_date: nothing older.
        max_date: nothing newer.
    """

    prompts: bool = True
    min_date: datetime | None = None
    max_date: datetime | None = None


def anonymise(connection: sa.Connection, context: Context, user_id: UUID, act: Act) -> None:
    """Take a person's name away and keep what they wrote, without any link to how a frontend knows them.

    Whoever was disabled stays out; anybody else may come back, as somebody new. Once more changes nothing.

    Raises:
        Refusal: nobody has this id (4002).
    """
    person = person_by_id(connection, str(user_id))
    if person.deleted:
        return
    if not person.enabled:
        ban(connection, context, person.auth_method, person.username)
    release_work_in_hand(connection, person.id)
    connection.execute(tasks.update().where(tasks.c.person_id == person.id).values(is_open=False))
    _silence_journal(connection, person.id)
    _forget_pseudonym(connection, person)
    for table in metadata.sorted_tables:
        values = _nothing(table)
        if values and table is not people:
            for column in filter(names_people, table.c):
                connection.execute(table.update().where(column == person.id).values(values))
    pseudonym = new_id()
    unnamed = {
        "username": pseudonym,
        "display_name": pseudonym,
        "notes": "",
        "deleted": True,
        "show_on_leaderboard": False,
        "streak_days": 0,
    }
    connection.execute(
        people.update().where(people.c.id == person.id).values({**_nothing(people), **unnamed})
    )
    refresh_waiting_prompts(connection, context, person.id)
    note(connection, context, act, Action.anonymise, Subject.person, person.id)


def purge_person(
    connection: sa.Connection, context: Context, user_id: UUID, act: Act, *, keep_out: bool
) -> None:
    """Remove a person with all they wrote, reviewed, ranked and marked.

    What rested on their reviews and ballots is set right: an accepted message stays accepted, work that now
    lacks a review or a ballot is wanted again, and the scores of the others follow.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        user_id: the person.
        act: who decided it.
        keep_out: whether the person must not come back.

    Raises:
        Refusal: nobody has this id (4002).
    """
    person = person_by_id(connection, str(user_id))
    mending = Mending()
    release_work_in_hand(connection, person.id)
    connection.execute(
        tasks.update().where(tasks.c.person_id == person.id).values(is_open=False, expiry_date=context.now)
    )
    _silence_journal(connection, person.id)
    _forget_pseudonym(connection, person)
    _remove_opinions(connection, person, mending)
    _remove_texts(connection, context, person, Texts(), act, mending)
    forget_agreements(connection, person.id)
    _forget(connection, person.id)
    mending.people.discard(person.id)
    mending.finish(connection, context)
    if keep_out:
        ban(connection, context, person.auth_method, person.username)
    note(connection, context, act, Action.purge, Subject.person, person.id)


def erase(connection: sa.Connection, context: Context, person: Person, act: Act, *, keep_texts: bool) -> None:
    """Take a person out at their own wish; whoever was disabled stays out.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        person: who leaves.
        act: who asked for it; where that is the person, they are not named.
        keep_texts: take the name away alone (`anonymise`); else all that they gave goes (`purge_person`).
    """
    if act.actor_id == person.id:
        act = replace(act, actor_id=None)
    if keep_texts:
        anonymise(connection, context, UUID(person.id), act)
    else:
        purge_person(connection, context, UUID(person.id), act, keep_out=not person.enabled)


def purge_texts(connection: sa.Connection, context: Context, user_id: UUID, texts: Texts, act: Act) -> None:
    """Remove what a person wrote, and keep the person with their reviews, ballots and marks.

    Raises:
        Refusal: nobody has this id (4002).
    """
    person = person_by_id(connection, str(user_id))
    mending = Mending(people={person.id})
    _remove_texts(connection, context, person, texts, act, mending)
    mending.finish(connection, context)
    note(connection, context, act, Action.purge_messages, Subject.person, person.id)


def rehearse(connection: sa.Connection, change: Callable[[], None], look: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever `look` gives
    """Make a change, look at what came of it, and undo it."""
    with connection.begin_nested() as savepoint:
        change()
        seen = look()
        savepoint.rollback()
    return seen


def _remove_opinions(connection: sa.Connection, person: Person, mending: Mending) -> None:
    """Remove the reviews, ballots and ratings of a person, and take them out of the count."""
    key = {"person_id": person.id}
    mending.uncount_reviews(connection, connection.execute(_REVIEWS, key).all())
    mending.uncount_ballots(connection, connection.execute(_BALLOTS, key).all())
    mending.summaries.update(connection.execute(_RATED, key).scalars())
    for table in (labellings, rankings, ratings):
        connection.execute(table.delete().where(table.c.person_id == person.id))


def _remove_texts(
    connection: sa.Connection, context: Context, person: Person, texts: Texts, act: Act, mending: Mending
) -> None:
    wanted = sa.select(messages.c.id).where(messages.c.person_id == person.id, *_within(messages, texts))
    if not texts.prompts:
        wanted = wanted.where(messages.c.parent_id.is_not(None))
    remove_messages(connection, context, connection.execute(wanted).scalars().all(), act, mending)
    written = sa.select(summaries.c.id).where(summaries.c.person_id == person.id, *_within(summaries, texts))
    summary_ids = connection.execute(written).scalars().all()
    remove_summaries(connection, context, summary_ids, mending)
    mending.summaries.difference_update(summary_ids)


def _within(table: sa.Table, texts: Texts) -> list[sa.ColumnElement[bool]]:
    conditions = []
    if texts.min_date is not None:
        conditions.append(table.c.created_date >= texts.min_date)
    if texts.max_date is not None:
        conditions.append(table.c.created_date <= texts.max_date)
    return conditions


def _silence_journal(connection: sa.Connection, person_id: str) -> None:
    """Take out of the journal the reasons that may name a person: of acts about them and their texts."""
    written = sa.union_all(
        *(
            sa.select(key).where(author == person_id)
            for key, author in (
                (messages.c.id, messages.c.person_id),
                (trees.c.id, trees.c.author_id),
                (summaries.c.id, summaries.c.person_id),
            )
        )
    )
    about = sa.or_(journal.c.subject_id == person_id, journal.c.subject_id.in_(written))
    connection.execute(journal.update().where(about).values(reason=None))


def _forget_pseudonym(connection: sa.Connection, person: Person) -> None:
    """Take the name of an imported person out of what a file said of the messages of others."""
    if person.auth_method != AuthMethod.system:
        return
    said = sa.cast(messages.c.imported, sa.String).contains(person.username, autoescape=True)
    for row in connection.execute(sa.select(messages.c.id, messages.c.imported).where(said)).all():
        left = without_users(row.imported, person.username)
        connection.execute(messages.update().where(messages.c.id == row.id).values(imported=left))


def _nothing(table: sa.Table) -> dict[str, None]:
    """Name the personal columns of a table that can be empty, but for those that hold ids of people.

    Why somebody acted is said of others; what it says of the person is emptied by `_silence_journal`.
    """
    return {
        column.name: None
        for column in table.c
        if is_personal(column)
        and column.nullable
        and not names_people(column)
        and column is not journal.c.reason
    }


def _forget(connection: sa.Connection, person_id: str) -> None:
    """Remove what is left of a person in every table that names people, and then the person.

    A row that can be without a person stays, without what it says of one; any other is removed.
    """
    for table in reversed(metadata.sorted_tables):
        for column in filter(names_people, table.c):
            found = column == person_id
            if column.nullable:
                connection.execute(table.update().where(found).values({**_nothing(table), column.name: None}))
            else:
                connection.execute(table.delete().where(found))
    connection.execute(people.delete().where(people.c.id == person_id))
