"""Label a reply of the assistant."""

from bot.forms.labels import LabelForm
from oasst_client.tasks import LabelAssistantReplyTask


class LabelAssistantReplyForm(LabelForm[LabelAssistantReplyTask]):
    """Review a reply of the assistant."""

    task_type = "label_assistant_reply"
