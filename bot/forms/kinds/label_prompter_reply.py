"""Label a reply of the user."""

from bot.forms.labels import LabelForm
from oasst_client.tasks import LabelPrompterReplyTask


class LabelPrompterReplyForm(LabelForm[LabelPrompterReplyTask]):
    """Review a reply of the user."""

    task_type = "label_prompter_reply"
