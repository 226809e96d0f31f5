"""Write the assistant's next reply."""

from bot.forms.writing import WritingForm
from bot.rendering.conversation import Block, conversation_blocks
from bot.texts import Texts
from oasst_client.tasks import AssistantReplyTask


class AssistantReplyForm(WritingForm[AssistantReplyTask]):
    """Go on with a conversation as the assistant."""

    task_type = "assistant_reply"

    def blocks(self, task: AssistantReplyTask, texts: Texts) -> list[Block]:
        """Return the conversation so far."""
        return conversation_blocks(task.conversation.messages, texts)
