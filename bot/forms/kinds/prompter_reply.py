"""Write what the user says next."""

from bot.forms.named_texts import NamedText, conversation_texts
from bot.forms.writing import WritingForm
from bot.texts import Texts
from oasst_client.tasks import PrompterReplyTask


class PrompterReplyForm(WritingForm[PrompterReplyTask]):
    """Go on with a conversation as the user."""

    task_type = "prompter_reply"

    def read_before(self, task: PrompterReplyTask, texts: Texts) -> list[NamedText]:
        """Return the conversation so far."""
        return conversation_texts(task.conversation.messages, texts)
