"""The calls around labels outside of tasks."""

from uuid import UUID

from pydantic import TypeAdapter

from oasst_client.calls.base import Call, Calls
from oasst_client.interactions import TextLabels
from oasst_client.models import ValidLabels
from oasst_client.retrying import Repeat

_valid_labels = TypeAdapter(ValidLabels)


class LabelCalls(Calls):
    """What can be said about any message at any time."""

    async def post_text_labels(self, labels: TextLabels) -> None:
        """Label a message outside a task: `POST /text_labels/`.

        Tried again freely, as a repeat by the same person replaces the earlier labels; a report
        (`is_report`), which also raises a red flag, only if the backend did nothing.

        Args:
            labels: the person, the message and the labels, each value 0 to 1.

        Raises:
            NotFoundError: the backend does not know the message.
            RefusedError: a label is not accepted.
            UserDisabledError: the person may not take part.
        """
        body = labels.model_dump(mode="json", exclude_none=True)
        repeat = Repeat.unsent if labels.is_report else Repeat.safe
        await self._do(Call("POST", "text_labels/", body=body, repeat=repeat))

    async def fetch_valid_labels(self, message_id: UUID | None = None) -> ValidLabels:
        """List the labels: `GET /text_labels/valid_labels`. Tried again freely.

        Args:
            message_id: a message, for the labels that fit its kind; None: all that fit any message.

        Raises:
            NotFoundError: the backend does not know the message.
        """
        return await self._get(_valid_labels, "text_labels/valid_labels", message_id=message_id)

    async def fetch_report_labels(self) -> ValidLabels:
        """List the labels that give the reason of a report: `GET /text_labels/report_labels`.

        Tried again freely.
        """
        return await self._get(_valid_labels, "text_labels/report_labels")
