"""Put the user's replies to one message in order."""

from collections.abc import Sequence

from bot.forms.named_texts import NamedText, conversation_texts
from bot.forms.ranking import RankingForm
from bot.texts import Texts
from oasst_client.models import ConversationMessage
from oasst_client.tasks import RankPrompterRepliesTask


class RankPrompterRepliesForm(RankingForm[RankPrompterRepliesTask]):
    """Rank replies of the user."""

    task_type = "rank_prompter_replies"

    def candidates(self, task: RankPrompterRepliesTask) -> Sequence[ConversationMessage]:
        """Return the replies."""
        return task.reply_messages

    def read_before(self, task: RankPrompterRepliesTask, texts: Texts) -> list[NamedText]:
        """Return the conversation up to the message that they reply to."""
        return conversation_texts(task.conversation.messages, texts)
