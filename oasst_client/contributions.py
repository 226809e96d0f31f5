"""The shapes of what a person wrote and of what became of each text."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from oasst_client.models import Page, ProtocolModel


class Outcome(StrEnum):
    """What became of a text."""

    waiting = "waiting"
    accepted = "accepted"
    rejected = "rejected"
    ranked = "ranked"
    surplus = "surplus"
    """It came when there were enough; it is kept and not reviewed."""
    deleted = "deleted"


class DeletedBy(StrEnum):
    """Who deleted a message, or one above it."""

    author = "author"
    moderator = "moderator"
    flags = "flags"


class Contribution(ProtocolModel):
    """A text and what became of it.

    Attributes:
        type: initial_prompt, assistant_reply, prompter_reply or summary.
        outcome: an `Outcome`, or something that this client does not know.
        reviews: how many reviews (of a summary: ratings) count so far, of `reviews_needed`.
        labels: the means (0 to 1) of the reviews that turned a message down.
        rank: 1 for the best of `ranked_of` replies.
        rating: of a summary, the mean of its ratings.
        deleted_by: a `DeletedBy`, or something that this client does not know; None where nobody knows.
        may_edit: whether its author may give it another wording now.
        may_withdraw: whether its author may withdraw it now.
    """

    id: UUID
    type: str
    text: str
    lang: str = ""
    created_date: datetime | None = None
    frontend_message_id: str | None = None
    parent_id: UUID | None = None
    message_tree_id: UUID | None = None
    tree_state: str | None = None
    story_id: UUID | None = None
    outcome: str
    reviews: int = 0
    reviews_needed: int = 0
    labels: dict[str, float] | None = None
    rank: int | None = None
    ranked_of: int | None = None
    rating: float | None = None
    deleted_by: str | None = None
    may_edit: bool = False
    may_withdraw: bool = False


class Contributions(Page[Contribution]):
    """A part of what a person wrote, with how many reviews and rankings they gave altogether."""

    labels_given: int
    rankings_given: int
