"""The terms: who accepted or turned down which version and when, and who has yet to accept."""

from datetime import timedelta

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import people, terms_acceptances
from oasst_client import OasstErrorCode

_NEXT_MOMENT = timedelta(microseconds=1)
_NEWEST = (
    sa.select(terms_acceptances)
    .where(terms_acceptances.c.person_id == sa.bindparam("person_id"))
    .order_by(terms_acceptances.c.created_date.desc())
    .limit(1)
)


def check_terms(context: Context, person: AnyRow) -> None:
    """Turn away a person who has yet to accept the terms in force, where the operator asks for that.

    Args:
        context: settings, moment and chance.
        person: a row of `people`.

    Raises:
        Refusal: the person has not accepted them (4003).
    """
    settings = context.settings
    if settings.backend_require_terms and person.tos_version != settings.backend_terms_version:
        raise Refusal(
            OasstErrorCode.user_has_not_accepted_tos,
            f"This person has to accept version {settings.backend_terms_version} of the terms first.",
        )


def check_relayed(context: Context, client: ApiClient, version: str, *, accepted: bool) -> None:
    """See that a key may pass on an answer to the terms: any, or only that those in force are accepted.

    Args:
        context: settings, moment and chance.
        client: the key.
        version: the version that the person was shown.
        accepted: whether they accept it.

    Raises:
        Refusal: the key is not trusted, and the person does not accept (2) or accepts another version (0).
    """
    if client.trusted:
        return
    if not accepted:
        raise Refusal(
            OasstErrorCode.api_client_not_authorized,
            "Only a trusted key may pass on that somebody does not accept the terms.",
        )
    in_force = context.settings.backend_terms_version
    if version != in_force:
        raise Refusal(
            OasstErrorCode.generic_error,
            f"Version {in_force} of the terms is in force; ask the person to accept that one.",
            status=400,
        )


def record_terms(
    connection: sa.Connection, context: Context, person: AnyRow, version: str, *, accepted: bool
) -> None:
    """Write down that a person accepted a version of the terms, or no longer does.

    The ledger only grows. The same answer once more adds nothing, so that a repeated call does no harm; what
    counts is the newest answer.

    Args:
        connection: the writer's connection.
        context: settings, moment and chance.
        person: a row of `people`.
        version: the version that the person was shown.
        accepted: whether they accept it.
    """
    newest = connection.execute(_NEWEST, {"person_id": person.id}).one_or_none()
    if newest is not None and (newest.version, newest.accepted) == (version, accepted):
        return
    # Later than the answer before, by whatever clock, as this is their order.
    moment = context.now if newest is None else max(context.now, newest.created_date + _NEXT_MOMENT)
    connection.execute(
        terms_acceptances.insert(),
        {
            "id": new_id(),
            "person_id": person.id,
            "version": version,
            "accepted": accepted,
            "created_date": moment,
        },
    )
    connection.execute(
        people.update()
        .where(people.c.id == person.id)
        .values(
            tos_version=version if accepted else None,
            tos_acceptance_date=moment if accepted else None,
        )
    )
