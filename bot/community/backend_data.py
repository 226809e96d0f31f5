"""What the backend keeps of a person: all of it where it hands that out, else what its usual calls show."""

from dataclasses import dataclass
from typing import Any, Final

from loguru import logger

from bot.backend_health import BackendHealth, brief, is_own_trouble
from bot.community.data_files import Rows
from oasst_client import (
    InvalidResponseError,
    NotAuthorizedError,
    NotFoundError,
    NotSupportedError,
    OasstApiClient,
    OasstError,
    OasstErrorCode,
    User,
)

PAGE: Final = 100
"""Texts that are read at a time."""

MOST_PAGES: Final = 200
"""A backend whose pages do not end is not read for ever."""


@dataclass(frozen=True)
class BackendData:
    """What the backend gave.

    Attributes:
        rows: by table, or by what the call is for; None where it gave nothing.
        note: the catalogue key of what the person reads about it; it may name their `id` there.
    """

    rows: Rows | None
    note: str


async def read_backend_data(client: OasstApiClient, health: BackendHealth, user: User) -> BackendData:
    """Read what the backend keeps of a person; whatever goes wrong is said in the note."""
    if health.is_away:
        return BackendData(None, "data.export.away")
    try:
        rows = await client.fetch_personal_data(user)
    except (NotSupportedError, NotAuthorizedError) as error:
        if not error.by_backend:
            return BackendData(None, "data.export.away")
        logger.info("The backend does not hand out a person's data ({})", brief(error))
        return await _by_protocol(client, user)
    except OasstError as error:
        return _failed(error, health)
    return BackendData(rows, "data.export.whole")


async def _by_protocol(client: OasstApiClient, user: User) -> BackendData:
    """Read what every backend of the protocol shows: who the person is, and what they wrote."""
    rows: dict[str, list[dict[str, Any]]] = {}
    try:
        known = await client.fetch_user(user)
        rows["people"] = [known.model_dump(mode="json", exclude_none=True)]
        rows["messages"] = await _messages(client, user)
    except NotFoundError as error:
        if error.code == OasstErrorCode.user_not_found:
            return BackendData(None, "data.export.unknown")
        return BackendData(rows or None, "data.export.part")
    except OasstError as error:
        logger.info("What a person wrote could not be read: {}", brief(error))
    return BackendData(rows or None, "data.export.part")


async def _messages(client: OasstApiClient, user: User) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    after = None
    for _ in range(MOST_PAGES):
        page = await client.fetch_user_message_page(user, after=after, max_count=PAGE, include_deleted=True)
        messages += [message.model_dump(mode="json", exclude_none=True) for message in page.items]
        after = page.next
        if after is None or not page.items:
            break
    return messages


def _failed(error: OasstError, health: BackendHealth) -> BackendData:
    if error.code == OasstErrorCode.user_not_found:
        return BackendData(None, "data.export.unknown")
    if is_own_trouble(error):
        health.failed(error)
    logger.warning("A person's data could not be read: {}", brief(error))
    too_large = isinstance(error, InvalidResponseError)
    return BackendData(None, "data.export.too_much" if too_large else "data.export.away")
