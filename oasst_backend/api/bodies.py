"""Bodies of calls that the client's models do not describe."""

from typing import Annotated

from fastapi.exceptions import RequestValidationError
from pydantic import Field

from oasst_backend.rules.labels import LABELS
from oasst_client import TextLabels, User
from oasst_client.models import ProtocolModel, StringId


class AckBody(ProtocolModel):
    """Under which id the frontend shows a task."""

    message_id: Annotated[StringId, Field(min_length=1, max_length=200)]


class NackBody(ProtocolModel):
    """Why a task was given back."""

    reason: Annotated[str, Field(max_length=512)] | None = None


class CloseBody(ProtocolModel):
    """The id under which the frontend shows a collective task."""

    message_id: Annotated[StringId, Field(min_length=1, max_length=200)]


class FrontEndUserBody(User):
    """A person, with those values that are to be changed."""

    show_on_leaderboard: bool | None = None
    enabled: bool | None = None
    tos_acceptance: bool | None = None
    notes: Annotated[str, Field(max_length=1000)] | None = None


def check_label_names(given: TextLabels) -> None:
    """See that every label is one of the protocol's.

    Raises:
        RequestValidationError: one is not.
    """
    if unknown := sorted(given.labels.keys() - LABELS.keys()):
        raise RequestValidationError(
            [
                {"loc": ("body", "labels", name), "msg": "There is no such label.", "type": "enum"}
                for name in unknown
            ]
        )
