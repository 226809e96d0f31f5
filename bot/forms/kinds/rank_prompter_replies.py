"""Put the user's replies to one message in order."""

from collections.abc import Sequence

from bot.forms.ranking import RankingForm
from bot.rendering.conversation import Block, conversation_blocks
from bot.texts import Texts
from oasst_client.models import ConversationMessage
from oasst_client.tasks import RankPrompterRepliesTask


class RankPrompterRepliesForm(RankingForm[RankPrompterRepliesTask]):
    """Rank replies of the user."""

    task_type = "rank_prompter_replies"

    def candidates(self, task: RankPrompterRepliesTask) -> Sequence[ConversationMessage]:
        """Return the replies."""
        return task.reply_messages

    def context(self, task: RankPrompterRepliesTask, texts: Texts) -> list[Block]:
        """Return the conversation up to the message that they reply to."""
        return conversation_blocks(task.conversation.messages, texts)
