"""Write the assistant's next reply."""

from bot.forms.named_texts import NamedText, conversation_texts
from bot.forms.writing import WritingForm
from bot.texts import Texts
from oasst_client.tasks import AssistantReplyTask


class AssistantReplyForm(WritingForm[AssistantReplyTask]):
    """Go on with a conversation as the assistant."""

    task_type = "assistant_reply"

    def read_before(self, task: AssistantReplyTask, texts: Texts) -> list[NamedText]:
        """Return the conversation so far."""
        return conversation_texts(task.conversation.messages, texts)
