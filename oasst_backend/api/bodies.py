"""Bodies of calls that the client's models do not describe."""

import re
from typing import Annotated
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field

from oasst_backend.rules.labels import LABELS
from oasst_client import Emoji, EmojiOp, Interaction, TextLabels, TextReplyToMessage, User
from oasst_client.models import PersonKey, ProtocolModel, StringId


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("A text has no null characters.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("A text has no halves of characters.") from None
    return text


PlainText = Annotated[str, AfterValidator(_plain)]
"""What every database can keep."""


class AckBody(ProtocolModel):
    """Under which id the frontend shows a task."""

    message_id: Annotated[StringId, Field(min_length=1, max_length=200)]


class NackBody(ProtocolModel):
    """Why a task was given back."""

    reason: Annotated[str, Field(max_length=512)] | None = None


class CloseBody(ProtocolModel):
    """The id under which the frontend shows a collective task."""

    message_id: Annotated[StringId, Field(min_length=1, max_length=200)]


class EmojiBody(ProtocolModel):
    """Who marks a message with what."""

    user: User
    emoji: Emoji
    op: EmojiOp = EmojiOp.toggle


class EditBody(ProtocolModel):
    """The text that a message is to have, and who gives it."""

    user: User
    new_content: PlainText


class OwnTextBody(ProtocolModel):
    """The wording that an author gives a text of their own."""

    text: PlainText


class FrontEndUserBody(User):
    """A person, with those values that are to be changed."""

    show_on_leaderboard: bool | None = None
    enabled: bool | None = None
    tos_acceptance: bool | None = None
    notes: Annotated[PlainText, Field(max_length=1000)] | None = None


class TermsBody(ProtocolModel):
    """Which version of the terms a person accepts, or does not."""

    user: User
    version: Annotated[PlainText, Field(min_length=1, max_length=64)]
    accepted: bool


class AmongBody(ProtocolModel):
    """Whose board is wanted."""

    people: Annotated[list[PersonKey], Field(min_length=1, max_length=10_000)]


class ApiClientBody(ProtocolModel):
    """A frontend that is to have a key; the description becomes the key's name."""

    description: Annotated[PlainText, Field(min_length=1, max_length=255)]
    frontend_type: Annotated[PlainText, Field(max_length=64)]
    trusted: bool = False
    admin_email: Annotated[PlainText, Field(max_length=320)] | None = None


class MergeBody(ProtocolModel):
    """Who remains, and whose everything goes over to them."""

    destination_user_id: UUID
    source_user_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]


LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,32}")
"""What a BCP 47 tag is made of."""


def check_lang(lang: str | None, *place: str) -> None:
    """See that a language is written as a BCP 47 tag; an empty one counts as absent.

    Args:
        lang: the language.
        place: where it stands in the call.

    Raises:
        RequestValidationError: it is not.
    """
    if lang and not LANGUAGE.fullmatch(lang):
        raise RequestValidationError(
            [{"loc": (*place, "lang"), "msg": "A language is a tag like en or pt-BR.", "type": "value_error"}]
        )


def check_answer(given: Interaction) -> None:
    """See that an answer can be kept and given out again in the dataset's format.

    Raises:
        RequestValidationError: it holds a null character, a malformed language, or an unknown label.
    """
    if isinstance(given, TextLabels):
        check_label_names(given)
    elif isinstance(given, TextReplyToMessage):
        check_lang(given.lang, "body")
        if "\0" in given.text:
            raise RequestValidationError(
                [{"loc": ("body", "text"), "msg": "A text has no null characters.", "type": "value_error"}]
            )


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
