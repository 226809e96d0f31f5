"""Reads what a person wrote and what became of it, also from a backend that tells less than ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bot.community.me_ids import FIRST_PAGE, PageRef
from oasst_client import (
    Contribution,
    Message,
    NotFoundError,
    NotSupportedError,
    OasstApiClient,
    OasstErrorCode,
    Outcome,
    User,
)

PAGE_SIZE: Final = 5


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of somebody's texts, newest first.

    Attributes:
        items: the texts.
        here: where the page is.
        newer: where the page before it is; None at the beginning.
        older: where the page after it is; None at the end, or where no button can carry the way there.
        told_all: whether the backend tells all that it knows of them; else only what the protocol's own
            messages say.
        is_away: the backend could not be reached, so that nothing is known but what the bot has kept.
    """

    items: Sequence[Contribution]
    here: PageRef
    newer: PageRef | None
    older: PageRef | None
    told_all: bool
    is_away: bool = False

    @classmethod
    def unread(cls) -> "HistoryPage":
        """Give the first page of a backend that cannot be reached."""
        return cls((), FIRST_PAGE, None, None, told_all=True, is_away=True)


class NotOwnError(Exception):
    """The person wrote no such text, as far as the backend tells."""


class History:
    """What people wrote, each for themselves."""

    def __init__(self, client: OasstApiClient) -> None:
        self._client = client

    async def page(self, user: User, here: PageRef) -> HistoryPage:
        """Read a page.

        Raises:
            OasstError: it cannot be read; a `NotFoundError` where the backend has never heard of the person.
        """
        try:
            found = await self._client.fetch_contributions(
                user, before=here.before, after=here.after, max_count=PAGE_SIZE
            )
        except NotSupportedError:
            return await self._page_of_messages(user, here)
        return HistoryPage(found.items, here, _newer(found.prev), _older(found.next), told_all=True)

    async def one(self, user: User, message_id: UUID) -> tuple[Contribution, bool]:
        """Read one text of a person, and whether the backend tells all of it.

        Raises:
            NotOwnError: this person wrote no such text.
            OasstError: it cannot be read.
        """
        try:
            return await self._client.fetch_contribution(user, message_id), True
        except NotFoundError as error:
            raise NotOwnError from error
        except NotSupportedError:
            return await self._own_message(user, message_id), False

    async def _page_of_messages(self, user: User, here: PageRef) -> HistoryPage:
        found = await self._client.fetch_user_message_page(
            user,
            before=here.before,
            after=here.after,
            max_count=PAGE_SIZE,
            desc=True,
            include_deleted=True,
        )
        items = [item for message in found.items if (item := _told_less(message)) is not None]
        return HistoryPage(items, here, _newer(found.prev), _older(found.next), told_all=False)

    async def _own_message(self, user: User, message_id: UUID) -> Contribution:
        try:
            message = await self._client.fetch_message(message_id, user)
            # An older backend does not say who the author is in the reader's own words.
            is_own = message.user_is_author
            if is_own is None:
                is_own = message.user_id == (await self._client.fetch_user(user)).user_id
        except NotFoundError as error:
            if error.code not in {OasstErrorCode.message_not_found, OasstErrorCode.user_not_found}:
                raise
            raise NotOwnError from error
        item = _told_less(message)
        if not is_own or item is None:
            raise NotOwnError
        return item


def _newer(cursor: str | None) -> PageRef | None:
    ref = None if cursor is None else PageRef(before=cursor)
    return FIRST_PAGE if ref is not None and not ref.fits else ref


def _older(cursor: str | None) -> PageRef | None:
    ref = None if cursor is None else PageRef(after=cursor)
    return ref if ref is not None and ref.fits else None


def _told_less(message: Message) -> Contribution | None:
    """Make what the protocol says of a message into what became of it."""
    if message.id is None:
        return None
    kind = "assistant_reply" if message.is_assistant else "prompter_reply"
    if message.parent_id is None:
        kind = "initial_prompt"
    if message.deleted:
        outcome = Outcome.deleted
    elif message.review_result is None:
        outcome = Outcome.waiting
    elif not message.review_result:
        outcome = Outcome.rejected
    else:
        outcome = Outcome.accepted if message.rank is None else Outcome.ranked
    return Contribution(
        id=message.id,
        type=kind,
        text=message.text,
        lang=message.lang or "",
        created_date=message.created_date,
        frontend_message_id=message.frontend_message_id,
        outcome=outcome,
        reviews=message.review_count or 0,
        rank=None if message.rank is None else message.rank + 1,
    )
