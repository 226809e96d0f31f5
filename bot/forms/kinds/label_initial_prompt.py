"""Label a first message."""

from bot.forms.labels import LabelForm
from oasst_client.tasks import LabelInitialPromptTask


class LabelInitialPromptForm(LabelForm[LabelInitialPromptTask]):
    """Review a first message."""

    task_type = "label_initial_prompt"
