"""Write what the user says next."""

from bot.forms.writing import WritingForm
from bot.rendering.conversation import Block, conversation_blocks
from bot.texts import Texts
from oasst_client.tasks import PrompterReplyTask


class PrompterReplyForm(WritingForm[PrompterReplyTask]):
    """Go on with a conversation as the user."""

    task_type = "prompter_reply"

    def blocks(self, task: PrompterReplyTask, texts: Texts) -> list[Block]:
        """Return the conversation so far."""
        return conversation_blocks(task.conversation.messages, texts)
