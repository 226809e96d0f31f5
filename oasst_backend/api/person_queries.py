"""What the calls around people take in their query, and the lists of messages that two of them share."""

from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import BaseModel, Field

from oasst_backend.api.bodies import PlainText, check_lang
from oasst_backend.api.queries import MOST_ITEMS, PageQuery, UtcMoment
from oasst_backend.service import message_lists
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.message_lists import MessageFilter, visible_client
from oasst_backend.service.people import Person
from oasst_backend.service.user_lists import Filters
from oasst_client import Message
from oasst_client.models import Page

MOST_PEOPLE = 10_000
"""People that one call gives at most."""


class _WrittenQuery(BaseModel):
    only_roots: bool = Field(default=False, description="Only first messages.")
    include_deleted: bool = False
    lang: str | None = None

    def filter_for(self, client: ApiClient, person: Person, **more: Any) -> MessageFilter:  # noqa: ANN401  # see `MessageFilter`
        """Give the filter, within what the key may see.

        Raises:
            RequestValidationError: the language is not written as one.
        """
        check_lang(self.lang, "query")
        return MessageFilter(
            user_id=person.id,
            api_client_id=visible_client(client, None),
            only_roots=self.only_roots,
            include_deleted=self.include_deleted,
            lang=self.lang,
            **more,
        )


class WrittenListQuery(_WrittenQuery):
    """Which messages of a person are listed."""

    max_count: int = Field(10, gt=0, le=MOST_ITEMS)
    start_date: UtcMoment | None = Field(None, description="None older.")
    end_date: UtcMoment | None = Field(None, description="None newer.")
    desc: bool = Field(default=True, description="Newest first.")

    def read(
        self, connection: sa.Connection, client: ApiClient, person: Person, viewer_id: str | None
    ) -> list[Message]:
        """List what a person wrote, as somebody sees it."""
        choice = self.filter_for(client, person, start_date=self.start_date, end_date=self.end_date)
        return message_lists.list_messages(
            connection, choice, viewer_id, max_count=self.max_count, desc=self.desc
        )


class WrittenPageQuery(_WrittenQuery, PageQuery):
    """Which messages of a person are listed, and which part of the list is read."""

    def read(
        self,
        connection: sa.Connection,
        context: Context,
        client: ApiClient,
        person: Person,
        viewer_id: str | None,
    ) -> Page[Message]:
        """List a part of what a person wrote, as somebody sees it.

        Raises:
            Refusal: the sort key is unknown (100), or a cursor is none (101).
        """
        choice = self.filter_for(client, person)
        return message_lists.message_page(
            connection, context, choice, viewer_id, self.span(), authors_for=None
        )


class PeopleListQuery(BaseModel):
    """Which people are listed."""

    search_text: PlainText | None = Field(None, description="How the name begins, as it is written.")
    auth_method: PlainText | None = None
    max_count: int = Field(100, gt=0, le=MOST_PEOPLE)

    def filters(self) -> Filters:
        """Give the filters."""
        return Filters(self.search_text, self.auth_method)


class PeoplePageQuery(PageQuery):
    """Which people are listed, and which part of the list is read."""

    max_count: int = Field(100, gt=0, le=MOST_PEOPLE)
    desc: bool = Field(default=False, description="From the end of the list.")
    sort_key: str | None = Field(None, description="username or display_name.")
    search_text: PlainText | None = Field(None, description="How the name begins, as it is written.")
    auth_method: PlainText | None = None

    def filters(self) -> Filters:
        """Give the filters."""
        return Filters(self.search_text, self.auth_method)


class ContributionsQuery(PageQuery):
    """Which part of what a person wrote is read."""

    desc: bool = Field(default=True, description="Newest first.")


class ChangesQuery(BaseModel):
    """What is to be changed of a person; what is left out stays."""

    enabled: bool | None = None
    notes: Annotated[PlainText, Field(max_length=1000)] | None = None
    show_on_leaderboard: bool | None = None
    tos_acceptance: bool | None = None
