"""Write the first message of a conversation."""

from bot.forms.writing import WritingForm
from oasst_client.tasks import InitialPromptTask


class InitialPromptForm(WritingForm[InitialPromptTask]):
    """Begin a conversation; a hint may say what about."""

    task_type = "initial_prompt"
