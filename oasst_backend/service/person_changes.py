"""What is changed of a person: by their frontend, by moderators; and what follows when they are disabled."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.bans import lift_ban
from oasst_backend.service.context import Context
from oasst_backend.service.growth import refresh_tree, refresh_waiting_prompts
from oasst_backend.service.journal import HALTED_BY_DECISION, Act, Action, Subject, note
from oasst_backend.service.people import Person, known_person, person_by_id
from oasst_backend.service.terms import record_terms
from oasst_backend.service.work import release_task
from oasst_backend.storage.tables import messages, people, tasks, trees
from oasst_client import OasstErrorCode, User

_CHANGEABLE = ("show_on_leaderboard", "notes")
_IN_HAND = sa.select(tasks.c.id, tasks.c.kind, tasks.c.subject_id).where(
    tasks.c.person_id == sa.bindparam("person_id"),
    tasks.c.is_open == sa.true(),
    tasks.c.reserved_until.is_not(None),
)
# A prompt that was accepted and never drawn waits for the lottery. It is halted because its author is out,
# unless it is deleted, or the journal tells that somebody decided to halt it: before it was accepted, or
# since its author is out.
_HALTED_WITH_AUTHOR = (
    sa.select(trees.c.id)
    .select_from(trees.join(messages, messages.c.id == trees.c.id))
    .where(
        trees.c.author_id == sa.bindparam("person_id"),
        trees.c.state == TreeState.halted_by_moderator,
        trees.c.won_prompt_lottery_date.is_(None),
        messages.c.review_result == sa.true(),
        messages.c.deleted == sa.false(),
        ~HALTED_BY_DECISION,
    )
)


def put_person(
    connection: sa.Connection, context: Context, user: User, given: dict[str, Any], act: Act
) -> Person:
    """Make a person known, and change what the call gives; what it leaves out stays as it is.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        user: the person; a changed display name is stored.
        given: those of `show_on_leaderboard`, `enabled`, `tos_acceptance`, `notes` that the body names.
        act: who asks. A key that is not trusted is shown empty notes, and may give them back.

    Raises:
        Refusal: a value would change, and the key is not trusted (2); or the person was removed and must not
            come back (4001).
    """
    person = known_person(connection, context, user)
    trusted = act.client is not None and act.client.trusted
    if not trusted:
        _check_unchanged(person, given)
        return person
    _change(connection, context, person, given, act)
    return person_by_id(connection, person.id)


def update_person(
    connection: sa.Connection, context: Context, user_id: UUID, given: dict[str, Any], act: Act
) -> None:
    """Change what is known of a person; see `put_person`.

    Raises:
        Refusal: nobody has this id (4002).
    """
    _change(connection, context, person_by_id(connection, str(user_id)), given, act)


def release_work_in_hand(connection: sa.Connection, person_id: str) -> None:
    """Give back the places that a person's tasks hold, so that others can have the work."""
    for task in connection.execute(_IN_HAND, {"person_id": person_id}).all():
        release_task(connection, kind=task.kind, subject_id=task.subject_id)
        connection.execute(tasks.update().where(tasks.c.id == task.id).values(reserved_until=None))


def let_prompts_wait(connection: sa.Connection, context: Context, person_id: str) -> None:
    """Let those prompts of a person wait for the lottery again that their disabling took out of it."""
    for tree_id in connection.execute(_HALTED_WITH_AUTHOR, {"person_id": person_id}).scalars().all():
        refresh_tree(connection, context, tree_id, unhalt=True)


def let_come_back(
    connection: sa.Connection, context: Context, auth_method: str, username: str, act: Act
) -> None:
    """Lift the ban of a person who was removed.

    Raises:
        Refusal: nobody who goes by this id is banned (4002).
    """
    lifted = lift_ban(connection, auth_method, username)
    if lifted is None:
        raise Refusal(OasstErrorCode.user_not_found, "Nobody who goes by this id is banned.")
    note(connection, context, act, Action.lift_ban, Subject.person, lifted)


def _change(
    connection: sa.Connection, context: Context, person: Person, given: dict[str, Any], act: Act
) -> None:
    changes = _changes(person, given)
    if changes:
        connection.execute(people.update().where(people.c.id == person.id).values(**changes))
    if given.get("tos_acceptance") is not None:
        version = context.settings.backend_terms_version
        record_terms(connection, context, person, version, accepted=given["tos_acceptance"])
    if changes.keys() & set(_CHANGEABLE):
        note(connection, context, act, Action.change, Subject.person, person.id)
    if changes.get("enabled") is False:
        release_work_in_hand(connection, person.id)
        refresh_waiting_prompts(connection, context, person.id)
        note(connection, context, act, Action.disable, Subject.person, person.id)
    elif changes.get("enabled") is True:
        let_prompts_wait(connection, context, person.id)
        note(connection, context, act, Action.enable, Subject.person, person.id)


def _check_unchanged(person: Person, given: dict[str, Any]) -> None:
    # Whether notes are refused must not tell what they are.
    told = {name: value for name, value in given.items() if name != "notes"}
    if _changes(person, told) or given.get("notes") or given.get("tos_acceptance") is not None:
        raise Refusal(
            OasstErrorCode.api_client_not_authorized,
            "Only a trusted key may change what is known of a person.",
        )


def _changes(person: Person, given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: given[name]
        for name in (*_CHANGEABLE, "enabled")
        if given.get(name) is not None and given[name] != getattr(person, name)
    }
