"""Put first messages in order."""

from collections.abc import Sequence

from bot.forms.ranking import RankingForm
from bot.rendering.conversation import Block
from bot.texts import Texts
from oasst_client.models import ConversationMessage
from oasst_client.tasks import RankInitialPromptsTask


class RankInitialPromptsForm(RankingForm[RankInitialPromptsTask]):
    """Rank first messages, which have nothing before them."""

    task_type = "rank_initial_prompts"
    heading_key = "heading.prompt"

    def candidates(self, task: RankInitialPromptsTask) -> Sequence[ConversationMessage]:
        """Return the first messages."""
        return task.prompt_messages

    def context(self, task: RankInitialPromptsTask, texts: Texts) -> list[Block]:  # noqa: ARG002  # as described
        """Return nothing."""
        return []
