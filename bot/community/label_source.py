"""Reads a message of the dataset, and what may be asked about it, for who labels or reports it."""

from typing import Final
from uuid import UUID

from loguru import logger

from bot.community.label_choice import LabelKind
from bot.forms.label_words import asked_labels
from bot.forms.labels import FreeLabelForm, FreeLabelState
from bot.services import Services
from bot.texts import Texts
from oasst_client import (
    REPORT_LABELS,
    LabelDescription,
    Message,
    NotFoundError,
    OasstError,
    OasstErrorCode,
    User,
    UserDisabledError,
)

SECONDS_FOR_REASONS: Final = 2.0
"""How long a person waits for the backend's own reasons; after that they choose from the protocol's."""


class NotLabelledError(Exception):
    """A message can be neither labelled nor reported; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class LabelSource:
    """Makes the first state of a panel; what the person said of the message before is chosen on it."""

    def __init__(self, services: Services) -> None:
        self._client = services.client
        self._given = services.store.given_labels

    async def first_state(
        self, message_id: UUID, user: User, kind: LabelKind, texts: Texts
    ) -> FreeLabelState:
        """Read the message from the backend.

        Raises:
            NotLabelledError: it cannot be labelled or reported by this person now.
        """
        try:
            message = await self._message(message_id, user)
            labels = [] if kind is LabelKind.report else await self._labels(message_id)
        except NotFoundError as error:
            raise NotLabelledError(f"{kind.value}.gone") from error
        except UserDisabledError as error:
            raise NotLabelledError(f"{kind.value}.disabled") from error
        except OasstError as error:
            logger.warning("A message to label could not be read: {}", type(error).__name__)
            raise NotLabelledError(f"{kind.value}.backend_away") from error
        if message.deleted:
            raise NotLabelledError(f"{kind.value}.gone")
        if message.user_is_author:
            raise NotLabelledError(f"{kind.value}.own")
        if kind is LabelKind.report:
            return await self.report(message_id, message.text, texts("heading.labelled"), int(user.id))
        if not labels:
            raise NotLabelledError("label_menu.nothing")
        given = await self._given.get(int(user.id), message_id, is_report=False)
        return FreeLabelForm().first_state(message_id, message.text, labels, given=given)

    async def report(self, message_id: UUID, text: str, heading: str, user_id: int) -> FreeLabelState:
        """Make the panel that asks what is wrong with a text which is known already."""
        given = await self._given.get(user_id, message_id, is_report=True)
        reasons = await self._reasons()
        return FreeLabelForm().first_state(message_id, text, reasons, report_of=heading, given=given)

    async def _labels(self, message_id: UUID) -> list[LabelDescription]:
        return (await self._client.fetch_valid_labels(message_id)).valid_labels

    async def _reasons(self) -> list[LabelDescription]:
        try:
            listed = await self._client.within(SECONDS_FOR_REASONS).fetch_report_labels()
        except OasstError as error:
            logger.info("The backend lists no reasons for a report: {}", type(error).__name__)
            return asked_labels((), REPORT_LABELS, ())
        return listed.valid_labels or asked_labels((), REPORT_LABELS, ())

    async def _message(self, message_id: UUID, user: User) -> Message:
        try:
            return await self._client.fetch_message(message_id, user)
        except NotFoundError as error:
            if error.code != OasstErrorCode.user_not_found:
                raise
            # The backend first hears of a person with what they hand in.
            return await self._client.fetch_message(message_id)
