"""People as the backend knows them: found, made on first sight, renamed, and their streaks."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.bans import is_banned
from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.service.terms import check_terms
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import people
from oasst_client import AuthMethod, FrontEndUser, OasstErrorCode, User

Person = AnyRow
"""A row of `people`."""

_AUTH_METHODS = frozenset(method.value for method in AuthMethod)
_BY_NAME = Prepared(
    sa.select(people).where(
        people.c.auth_method == sa.bindparam("auth_method"), people.c.username == sa.bindparam("username")
    )
)
_BY_ID = Prepared(sa.select(people).where(people.c.id == sa.bindparam("person_id")))


def find_person(connection: sa.Connection, auth_method: str, username: str) -> Person:
    """Find a person by what a frontend calls them.

    Raises:
        Refusal: nobody goes by that name (4002).
    """
    row = look_for_person(connection, auth_method, username)
    if row is None:
        raise Refusal(OasstErrorCode.user_not_found, "No person goes by this id.")
    return row


def look_for_person(connection: sa.Connection, auth_method: str, username: str) -> Person | None:
    """Find a person by what a frontend calls them; None where nobody goes by that name."""
    return _BY_NAME.first(connection, {"auth_method": auth_method, "username": username})


def person_by_id(connection: sa.Connection, person_id: str) -> Person:
    """Find a person by the backend's own id.

    Raises:
        Refusal: nobody has it (4002).
    """
    row = _BY_ID.first(connection, {"person_id": person_id})
    if row is None:
        raise Refusal(OasstErrorCode.user_not_found, "No person has this id.")
    return row


def person_in_header(connection: sa.Connection, header: str | None) -> Person | None:
    """Find the person that `x-oasst-user` names; a malformed value counts as absent.

    Raises:
        Refusal: it is well-formed, but nobody goes by that name (4002).
    """
    auth_method, colon, username = (header or "").partition(":")
    if not colon or not username or auth_method not in _AUTH_METHODS:
        return None
    return find_person(connection, auth_method, username)


def id_in_header(connection: sa.Connection, header: str | None) -> str | None:
    """Give the id of the person that `x-oasst-user` names; None if it names nobody.

    Raises:
        Refusal: see `person_in_header`.
    """
    person = person_in_header(connection, header)
    return None if person is None else str(person.id)


def acting_person(connection: sa.Connection, context: Context, user: User | None) -> Person:
    """Find the person who acts, or make them known; a changed name is stored.

    Raises:
        Refusal: no person is named (4000), the person is disabled (4001), or has yet to accept the terms
            (4003).
    """
    if user is None:
        raise Refusal(OasstErrorCode.user_not_specified, "This call needs a person.")
    person = known_person(connection, context, user)
    check_enabled(person)
    check_terms(context, person)
    return person


def check_enabled(person: Person) -> None:
    """Turn away a person who was disabled.

    Raises:
        Refusal: the person is disabled (4001).
    """
    if not person.enabled or person.deleted:
        raise Refusal(OasstErrorCode.user_disabled, "This person has been disabled.")


def known_person(connection: sa.Connection, context: Context, user: User) -> Person:
    """Find a person or make them known, whether they are enabled or not; a changed name is stored.

    Raises:
        Refusal: the person was removed and must not come back (4001).
    """
    key = {"auth_method": user.auth_method.value, "username": user.id}
    person = _BY_NAME.first(connection, key)
    if person is None:
        if is_banned(connection, **key):
            raise Refusal(OasstErrorCode.user_disabled, "This person must not come back.")
        connection.execute(
            people.insert(),
            {
                **key,
                "id": new_id(),
                "display_name": user.display_name,
                "enabled": True,
                "deleted": False,
                "show_on_leaderboard": True,
                "notes": "",
                "created_date": context.now,
                "streak_days": 0,
            },
        )
        return _BY_NAME.one(connection, key)
    if person.display_name != user.display_name and not person.deleted:
        connection.execute(
            people.update().where(people.c.id == person.id).values(display_name=user.display_name)
        )
        return _BY_NAME.one(connection, key)
    return person


def record_activity(connection: sa.Connection, person: Person, now: datetime, *, finished: bool) -> None:
    """Note that a person did something; a finished task also counts for the streak.

    A streak is the run of days (UTC) with at least one finished task. Writes at most once a minute, unless
    the streak changes.
    """
    values: dict[str, Any] = {}
    if person.last_activity_date is None or now - person.last_activity_date >= timedelta(minutes=1):
        values["last_activity_date"] = now
    today = _start_of_day(now)
    last = person.streak_last_day_date
    if finished and (last is None or last < today):
        values["streak_days"] = person.streak_days + 1 if last == today - timedelta(days=1) else 1
        values["streak_last_day_date"] = today
        values["last_activity_date"] = now
    if values:
        connection.execute(people.update().where(people.c.id == person.id).values(**values))


def streak(days: int, last_day: datetime | None, now: datetime) -> int:
    """Give the streak as it stands now: today's task is not needed yet, yesterday's is."""
    if last_day is None or last_day < _start_of_day(now) - timedelta(days=1):
        return 0
    return days


def front_end_user(person: Person, now: datetime, client: ApiClient) -> FrontEndUser:
    """Give a person as the protocol shows them; what moderators noted is for trusted keys alone."""
    return FrontEndUser(
        id=person.username,
        display_name=person.display_name,
        auth_method=AuthMethod(person.auth_method),
        user_id=UUID(person.id),
        enabled=person.enabled,
        deleted=person.deleted,
        notes=person.notes if client.trusted else "",
        created_date=person.created_date,
        show_on_leaderboard=person.show_on_leaderboard,
        streak_days=streak(person.streak_days, person.streak_last_day_date, now),
        streak_last_day_date=person.streak_last_day_date,
        last_activity_date=person.last_activity_date,
        tos_acceptance_date=person.tos_acceptance_date,
    )


def _start_of_day(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time.min, tzinfo=UTC)
