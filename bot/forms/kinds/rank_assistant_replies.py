"""Put the assistant's replies to one message in order."""

from collections.abc import Sequence

from bot.forms.named_texts import NamedText, conversation_texts
from bot.forms.ranking import RankingForm
from bot.texts import Texts
from oasst_client.models import ConversationMessage
from oasst_client.tasks import RankAssistantRepliesTask


class RankAssistantRepliesForm(RankingForm[RankAssistantRepliesTask]):
    """Rank replies of the assistant."""

    task_type = "rank_assistant_replies"

    def candidates(self, task: RankAssistantRepliesTask) -> Sequence[ConversationMessage]:
        """Return the replies."""
        return task.reply_messages

    def read_before(self, task: RankAssistantRepliesTask, texts: Texts) -> list[NamedText]:
        """Return the conversation up to the message that they reply to."""
        return conversation_texts(task.conversation.messages, texts)
