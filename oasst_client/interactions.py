"""What a frontend hands in for a task, as one union told apart by `type`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter

from oasst_client.models import ProtocolModel, StringId, User

UnitInterval = Annotated[float, Field(ge=0, le=1)]
FrontendMessageId = Annotated[StringId, Field(min_length=1, max_length=200)]


def _permutation(ranking: list[int]) -> list[int]:
    """Check that a ranking names each of 0..n-1 once."""
    if sorted(ranking) != list(range(len(ranking))):
        raise ValueError("a ranking names each of 0..n-1 exactly once")
    return ranking


class _Interaction(ProtocolModel):
    user: User


class TextReplyToMessage(_Interaction):
    """A text for a writing task.

    `message_id` is the id the task was acked with; `user_message_id` is the frontend's id of the message that
    holds the text, unique per API client.
    """

    type: Literal["text_reply_to_message"] = "text_reply_to_message"
    message_id: FrontendMessageId
    user_message_id: FrontendMessageId
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    lang: Annotated[str, Field(max_length=32)] | None = None


class MessageRating(_Interaction):
    """A rating within the task's scale."""

    type: Literal["message_rating"] = "message_rating"
    message_id: FrontendMessageId
    rating: Annotated[int, Field(gt=0)]


class MessageRanking(_Interaction):
    """An order of the replies as they were served: a permutation of 0..n-1, best first."""

    type: Literal["message_ranking"] = "message_ranking"
    message_id: FrontendMessageId
    ranking: Annotated[list[int], AfterValidator(_permutation), Field(min_length=1)]
    not_rankable: bool | None = None


class TextLabels(_Interaction):
    """Labels for a message, each value in 0..1; with `task_id` they answer a task."""

    type: Literal["text_labels"] = "text_labels"
    text: str
    labels: dict[str, UnitInterval]
    message_id: UUID
    task_id: UUID | None = None
    is_report: bool | None = None


Interaction = Annotated[
    TextReplyToMessage | MessageRating | MessageRanking | TextLabels,
    Field(discriminator="type"),
]

interaction_adapter: TypeAdapter[Interaction] = TypeAdapter(
    Interaction, config=ConfigDict(hide_input_in_errors=True)
)
"""Reads one interaction of any type."""
