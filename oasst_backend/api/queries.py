"""What calls take in their query: filters, pages, and the reason of an act of moderation."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import AfterValidator, BaseModel, Field

from oasst_backend.api.bodies import PlainText, check_lang
from oasst_backend.api.dependencies import PersonHeader, TrustedDep
from oasst_backend.service.context import ApiClient
from oasst_backend.service.journal import Act
from oasst_backend.service.message_lists import MessageFilter, visible_client
from oasst_backend.service.paging import Span, utc
from oasst_backend.service.people import id_in_header

MOST_ITEMS = 1000
"""Items of a list that one call gives at most."""

MOST_WORDS = 5
"""Words of a search; each of them is looked for in every text."""

UtcMoment = Annotated[datetime, AfterValidator(utc)]
"""A moment; one without a time zone is taken for UTC."""

MaxCount = Annotated[int, Query(gt=0, le=MOST_ITEMS)]

Reason = Annotated[PlainText | None, Query(max_length=512, description="Why; it is kept in the journal.")]

WhoActs = Callable[[sa.Connection], Act]


async def who_acts(client: TrustedDep, person: PersonHeader = None, reason: Reason = None) -> WhoActs:
    """Find out who acts, with which trusted key, and why."""

    def find(connection: sa.Connection) -> Act:
        return Act(client, id_in_header(connection, person), reason)

    return find


WhoActsDep = Annotated[WhoActs, Depends(who_acts)]


class PageQuery(BaseModel):
    """Which part of a list is read."""

    before: str | None = Field(None, description="The `prev` of a page, for the page in front of it.")
    after: str | None = Field(None, description="The `next` of a page, for the page behind it.")
    max_count: int = Field(10, gt=0, le=MOST_ITEMS)
    desc: bool = Field(default=False, description="Newest first.")
    sort_key: str | None = Field(None, description="created_date is the only one.")

    def span(self) -> Span:
        """Give the part that is read."""
        return Span(self.max_count, self.before, self.after, self.desc, self.sort_key)


class _MessageQuery(BaseModel):
    auth_method: str | None = None
    username: PlainText | None = None
    api_client_id: UUID | None = None
    only_roots: bool = False
    lang: str | None = None

    def filter_for(self, client: ApiClient) -> MessageFilter:
        """Give the filter, within what the key may see.

        Raises:
            Refusal: it may not see that (2).
            RequestValidationError: the language is not written as one.
        """
        check_lang(self.lang, "query")
        wanted = str(self.api_client_id) if self.api_client_id else None
        return MessageFilter(
            auth_method=self.auth_method,
            username=self.username,
            api_client_id=visible_client(client, wanted),
            only_roots=self.only_roots,
            lang=self.lang,
        )


class MessageListQuery(_MessageQuery):
    """Which messages are listed."""

    max_count: int = Field(10, gt=0, le=MOST_ITEMS)
    start_date: UtcMoment | None = Field(None, description="None older.")
    end_date: UtcMoment | None = Field(None, description="None newer.")
    desc: bool = Field(default=True, description="Newest first.")
    allow_deleted: bool = False


def _few_words(text: str) -> str:
    """See that a search is for no more words than a text is searched for in good time.

    Raises:
        ValueError: it is for more.
    """
    if len(text.split()) > MOST_WORDS:
        raise ValueError(f"A search is for {MOST_WORDS} words at most.")
    return text


class MessagePageQuery(_MessageQuery, PageQuery):
    """Which messages are listed, and which part of the list is read."""

    user_id: UUID | None = None
    include_deleted: bool = False
    include_user: bool = Field(default=False, description="With who wrote them.")
    search_query: Annotated[PlainText, AfterValidator(_few_words)] | None = Field(
        None, max_length=200, description="Words that the text holds, in whatever case; 5 at most."
    )
